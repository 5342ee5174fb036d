"""Calls through requests-oauthlib: authorize address, code exchange, refresh, and requests with a bearer token.

The only importer of that library. Its replies are captured before oauthlib reads them, because the classes it raises
mislead: `invalid_request` comes out as a client id error and an outage as a missing token.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import requests
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

from sfrunbook.core.errors import problem
from sfrunbook.core.http import Reply, is_loopback, origin_of, reply_of, require_safe, transport_error
from sfrunbook.core.http_session import equip
from sfrunbook.core.model import Grant, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.pending import PendingLogin, challenge_of

__all__ = ["AuthorizedSession", "authorize_url", "exchange_code", "refresh_tokens"]

_SWITCH = "OAUTHLIB_INSECURE_TRANSPORT"
_switch_lock = threading.Lock()
_switch_users = 0
_switch_before: str | None = None


@contextmanager
def _http_on_loopback(url: str) -> Iterator[None]:
    """Open oauthlib's switch for http while a call to this machine runs; calls to other addresses leave it alone.

    The switch is the process's environment, so it is counted under a lock and put back by the last call.
    """
    global _switch_users, _switch_before  # noqa: PLW0603 -- the environment is one per process, and so is its count
    require_safe(url)
    parts = urlsplit(url)
    if not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        yield
        return
    with _switch_lock:
        if _switch_users == 0:
            _switch_before = os.environ.get(_SWITCH)
            os.environ[_SWITCH] = "1"
        _switch_users += 1
    try:
        yield
    finally:
        with _switch_lock:
            _switch_users -= 1
            if _switch_users == 0:
                os.environ.pop(_SWITCH, None)
                if _switch_before is not None:
                    os.environ[_SWITCH] = _switch_before


class _CarriedSession(OAuth2Session):
    """The library's session with our guards on it; scope stays None, so that it neither sends nor compares scopes."""

    def __init__(self, *, ca_file: str | None, client_id: str, redirect_uri: str | None = None) -> None:
        super().__init__(client_id, redirect_uri=redirect_uri)
        equip(self, ca_file=ca_file)

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401 -- passed on as they are; the library calls it by keyword
        kwargs["allow_redirects"] = False
        kwargs["stream"] = True
        return super().request(method, url, **kwargs)

    def __repr__(self) -> str:
        return "_CarriedSession(hidden)"


def authorize_url(pending: PendingLogin) -> str:
    """The address to open in a browser, the same each time; without scopes it asks for all that the app has."""
    endpoint, scopes = f"{pending.issuer}/services/oauth2/authorize", list(pending.scopes) or None
    with (
        _http_on_loopback(endpoint),
        OAuth2Session(pending.client_id, redirect_uri=pending.redirect_uri, scope=scopes) as session,
    ):
        url, _ = session.authorization_url(
            endpoint,
            state=pending.state,
            code_challenge=challenge_of(pending.verifier),
            code_challenge_method="S256",
            **({"prompt": pending.prompt} if pending.prompt else {}),
        )
    return str(url)


def exchange_code(pending: PendingLogin, code: Secret, client_secret: Secret | None, ca_file: str | None) -> Reply:
    """Spend an authorization code, once; the client proves itself in the body, and a public one sends no secret."""
    endpoint = f"{pending.issuer}/services/oauth2/token"
    with _CarriedSession(ca_file=ca_file, client_id=pending.client_id, redirect_uri=pending.redirect_uri) as session:
        return _carry(
            session,
            endpoint,
            Stage.TOKEN,
            lambda: session.fetch_token(
                endpoint,
                code=code.reveal(),
                code_verifier=pending.verifier.reveal(),
                include_client_id=True,
                client_secret=client_secret.reveal() if client_secret else None,
            ),
        )


def refresh_tokens(grant: Grant, refresh_token: Secret, client_secret: Secret | None, ca_file: str | None) -> Reply:
    """Spend a refresh token, once, without `scope`, which Salesforce refuses.

    Source: https://github.com/danny-avila/LibreChat/issues/13412 (likely): "scope parameter not supported".
    """
    endpoint = f"{grant.issuer}/services/oauth2/token"
    body: dict[str, Any] = {"client_id": grant.client_id}
    if client_secret:
        body["client_secret"] = client_secret.reveal()
    with _CarriedSession(ca_file=ca_file, client_id=grant.client_id) as session:
        return _carry(
            session,
            endpoint,
            Stage.REFRESH,
            lambda: session.refresh_token(endpoint, refresh_token=refresh_token.reveal(), **body),
        )


def _carry(session: _CarriedSession, endpoint: str, stage: Stage, call: Callable[[], object]) -> Reply:
    """Run a token call of the library and return the raw reply, even where the library rejects it."""
    captured: list[Reply] = []

    def capture(response: requests.Response) -> requests.Response:
        captured.append(reply_of(response))
        return response

    session.register_compliance_hook("access_token_response", capture)
    session.register_compliance_hook("refresh_token_response", capture)
    try:
        with _http_on_loopback(endpoint):
            call()
    except requests.RequestException as error:
        raise transport_error(error, endpoint, stage) from None
    except (OAuth2Error, Warning, ValueError, TypeError, KeyError, AttributeError):
        if not captured:
            raise
    return captured[0]


class AuthorizedSession:
    """Asks an org with the grant's bearer token; implements `core.http.Answers`. One per thread.

    `refresh` gets the grant that was refused and returns a fresh one, saved already; it is called at most once for
    each request, and not at all where a new token would be refused as well.
    """

    def __init__(
        self, grant: Grant, refresh: Callable[[Grant], Grant] | None = None, *, ca_file: str | None = None
    ) -> None:
        self._grant = grant
        self._refresh = refresh
        self._session = _CarriedSession(ca_file=ca_file, client_id=grant.client_id)

    @property
    def grant(self) -> Grant:
        return self._grant

    def get(self, path_or_url: str, params: Mapping[str, str] | None = None) -> Reply:
        """GET a path of the org, or a full address on one of the grant's own hosts; any status is returned.

        Raises RunbookError: a transport fault, what `refresh` raises, or `issuer-mismatch` for a foreign address,
        since the bearer token must not go there.
        """
        reply = self._get(path_or_url, params)
        if self._refresh is not None and _is_expired(reply):
            self._grant = self._refresh(self._grant)
            reply = self._get(path_or_url, params)
        return reply

    def _get(self, path_or_url: str, params: Mapping[str, str] | None) -> Reply:
        url = urljoin(f"{self._grant.instance_url}/", path_or_url)
        require_safe(url)
        own = {origin_of(own) for own in (self._grant.instance_url, self._grant.issuer, self._grant.identity_url)}
        if origin_of(url) not in own:
            raise problem("issuer-mismatch", expected=origin_of(self._grant.instance_url), seen=origin_of(url))
        self._session.token = {"access_token": self._grant.access_token.reveal(), "token_type": "Bearer"}
        try:
            with _http_on_loopback(url):
                return reply_of(self._session.get(url, params=dict(params or {})))
        except requests.RequestException as error:
            raise transport_error(error, url, Stage.DATA) from None
        finally:
            self._session.token = {}

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"AuthorizedSession({self._grant.connection!r})"


def _is_expired(reply: Reply) -> bool:
    """Whether a new access token may help: 401 "Session expired or invalid", or 403 `Bad_OAuth_Token` as plain text.

    "This session is not valid for use with the REST API" has the same code, and no refresh helps there.
    Source: https://developer.salesforce.com/docs/atlas.en-us.264.0.api_rest.meta/api_rest/errorcodes.htm
    """
    if reply.status == 403:
        return reply.text.strip() == "Bad_OAuth_Token"
    body = reply.json()
    if reply.status != 401 or not isinstance(body, list) or not body or not isinstance(body[0], dict):
        return False
    return body[0].get("errorCode") == "INVALID_SESSION_ID" and "expired or invalid" in str(body[0].get("message"))
