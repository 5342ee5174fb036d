"""Requests to Cyclr's API: the client-credentials token, its renewal, the account header, and bounded patience."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import Reply, origin_of, send
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Stage
from sfrunbook.core.secrets.secret import Secret

__all__ = ["VERSION", "Api", "refusal"]

VERSION = "/v1.0"
_ACCOUNT_HEADER = "X-Cyclr-Account"
#: a token that ends within this time is not used any more
_NEAR_EXPIRY = timedelta(minutes=5)
#: what the documentation says a token lives, for a reply that does not say it (confirmed: 14 days)
_LIFE = timedelta(days=14)
_LONGEST_WAIT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class _Token:
    value: Secret
    expires_at: datetime


class Api:
    """One instance of Cyclr, asked with one set of OAuth Client Credentials; for one thread.

    The token is kept in memory until it is near its end, one for each scope. A call that is refused with 401 is made
    once more with a new token, since a refused call has done nothing; one that is refused with 429 is made once more
    after the time that Retry-After names, if that is short. GET has the retries of the transport beside these.
    Source: https://docs.cyclr.com/cyclr-api-authentication (confirmed); a rate limit of this API is not documented.
    """

    def __init__(
        self,
        http: requests.Session,
        api_url: str,
        client_id: str,
        client_secret: Secret,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = origin_of(api_url)
        self._http = http
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._sleep = sleep
        self._tokens: dict[str, _Token] = {}

    def token(self, account: str = "") -> Secret:
        """A bearer token for the whole partner, or restricted to one account; asked for when none is good any more.

        A restricted token must not be used for LAUNCH (confirmed). Raises `cyclr-credentials-refused` and its kin.
        """
        held = self._tokens.get(account)
        if held and held.expires_at - self._clock() > _NEAR_EXPIRY:
            return held.value
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.reveal(),
        }
        if account:
            form["scope"] = f"account:{account}"
        reply = self._patiently(lambda: send(self._http, Stage.PARTNER, "POST", f"{self.url}/oauth/token", data=form))
        said = reply.json()
        if not reply.ok or not isinstance(said, dict) or not isinstance(said.get("access_token"), str):
            raise refusal(reply, asked="token")
        lives = said.get("expires_in")
        lives = timedelta(seconds=lives) if isinstance(lives, int) and lives > 0 else _LIFE
        made = _Token(value=Secret(said["access_token"]), expires_at=self._clock() + lives)
        self._tokens[account] = made
        return made.value

    def ask(
        self,
        method: str,
        path: str,
        *,
        account: str = "",
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        restricted: bool = False,
    ) -> Any:  # noqa: ANN401 -- JSON has no narrower type
        """The JSON that a call answers; `account` names the account in the header, as its level asks.

        With `restricted` the token is one for that account only. Raises RunbookError: the row of a refusal.
        """
        reply = self._sent(method, path, account=account, query=query, body=body, restricted=restricted)
        if reply.status == 401:
            self._tokens.pop(account if restricted else "", None)
            reply = self._sent(method, path, account=account, query=query, body=body, restricted=restricted)
        answer = reply.json()
        if not reply.ok or answer is None:
            raise refusal(reply, asked=path)
        return answer

    def _sent(
        self,
        method: str,
        path: str,
        *,
        account: str,
        query: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        restricted: bool,
    ) -> Reply:
        token = self.token(account if restricted else "")
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        if account:
            headers[_ACCOUNT_HEADER] = account
        url = f"{self.url}{VERSION}{path}"
        return self._patiently(
            lambda: send(self._http, Stage.PARTNER, method, url, params=query, json_body=body, headers=headers)
        )

    def _patiently(self, call: Callable[[], Reply]) -> Reply:
        reply = call()
        wait = _wait_seconds(reply)
        if reply.status != 429 or reply.method == "GET" or wait > _LONGEST_WAIT_SECONDS:
            return reply
        self._sleep(wait)
        return call()


def _wait_seconds(reply: Reply) -> float:
    said = reply.headers.get("Retry-After", "").strip()
    return float(said) if said.isascii() and said.isdigit() else 1.0


def refusal(reply: Reply, *, asked: str) -> RunbookError:
    """The error that a reply of the API is; `asked` is kept as evidence of what was asked for."""
    failure = failure_of(reply, Stage.PARTNER)
    more = {"asked": asked}
    if wait := reply.headers.get("Retry-After", "").strip()[:40]:
        more["retry_after"] = wait
    body = reply.json()
    if isinstance(body, dict) and isinstance(body.get("Detail"), str):
        more["detail"] = body["Detail"][:1000]
    return RunbookError(replace(failure, evidence={**failure.evidence, **more}))
