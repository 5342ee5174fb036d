"""What can be done with tokens beside using them: revoke, introspect, ask who the user is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import requests

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import Reply, origin_of, send
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Grant, Stage
from sfrunbook.core.secrets.secret import Secret

__all__ = ["Introspection", "UserInfo", "introspect", "is_taken", "revoke", "userinfo"]


@dataclass(frozen=True, kw_only=True)
class Introspection:
    """What the issuer says of a token; all but `active` empty or None for a token that is not."""

    active: bool
    scopes: tuple[str, ...] = ()
    client_id: str = ""
    username: str = ""
    subject: str = ""
    token_type: str = ""
    expires_at: datetime | None = None
    issued_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class UserInfo:
    """Who the token stands for."""

    user_id: str
    org_id: str


def revoke(session: requests.Session, grant: Grant) -> bool:
    """Revoke the refresh token, which ends its access tokens too, or the access token where there is no other.

    True when it was alive, False when Salesforce says that it does not know it, which `is_taken` may contradict.
    Raises RunbookError for any other answer.
    Source: https://developer.salesforce.com/docs/platform/mobile-sdk/guide/oauth-revoking-tokens.html (confirmed).
    """
    token = grant.refresh_token or grant.access_token
    reply = send(
        session, Stage.REVOKE, "POST", f"{grant.issuer}/services/oauth2/revoke", data={"token": token.reveal()}
    )
    if reply.ok:
        return True
    failure = failure_of(reply, Stage.REVOKE)
    if failure.error in {"invalid_token", "unsupported_token_type"}:
        return False
    raise RunbookError(failure)


def introspect(
    session: requests.Session, grant: Grant, client_secret: Secret | None, *, refresh_token: bool = False
) -> Introspection:
    """Ask the issuer about the access token, or the refresh token, which is not spent by it.

    A token that is unknown, ended or another app's is `active=False` with HTTP status 200; raises RunbookError for an
    error reply. `exp`, `iat` and `nbf` are seconds since the epoch.
    Source: https://help.salesforce.com document xcloud.remoteaccess_oidc_token_introspection_endpoint.htm (confirmed).
    """
    token = grant.refresh_token if refresh_token and grant.refresh_token else grant.access_token
    body = {
        "token": token.reveal(),
        "token_type_hint": "refresh_token" if token is grant.refresh_token else "access_token",
        "client_id": grant.client_id,
    }
    if client_secret:
        body["client_secret"] = client_secret.reveal()
    reply = send(session, Stage.INTROSPECT, "POST", f"{grant.issuer}/services/oauth2/introspect", data=body)
    said = _object(reply, Stage.INTROSPECT)
    if said.get("active") is not True:
        return Introspection(active=False)
    return Introspection(
        active=True,
        scopes=tuple(_text(said, "scope").split()),
        client_id=_text(said, "client_id"),
        username=_text(said, "username"),
        subject=_text(said, "sub"),
        token_type=_text(said, "token_type"),
        expires_at=_moment(said.get("exp")),
        issued_at=_moment(said.get("iat")),
    )


def is_taken(session: requests.Session, grant: Grant) -> bool | None:
    """Whether the identity service takes the access token; None when its answer tells neither.

    Introspection calls a token inactive as well when the app may not ask about it, so it cannot tell by itself.
    Raises RunbookError for a fault on the way. A dead token gets 403 and the plain text `Bad_OAuth_Token`.
    """
    if origin_of(grant.identity_url) not in {origin_of(grant.issuer), origin_of(grant.instance_url)}:
        return None
    headers = {"Authorization": f"Bearer {grant.access_token.reveal()}"}
    reply = send(session, Stage.USERINFO, "GET", grant.identity_url, headers=headers)
    if reply.ok and isinstance(reply.json(), dict):
        return True
    refused = reply.status == 401 or failure_of(reply, Stage.USERINFO).error == "Bad_OAuth_Token"
    return False if refused else None


def userinfo(session: requests.Session, grant: Grant) -> UserInfo:
    """Who the access token stands for; raises RunbookError, for a dead token with `Bad_OAuth_Token` (403)."""
    headers = {"Authorization": f"Bearer {grant.access_token.reveal()}"}
    reply = send(session, Stage.USERINFO, "GET", f"{grant.issuer}/services/oauth2/userinfo", headers=headers)
    body = _object(reply, Stage.USERINFO)
    return UserInfo(user_id=_text(body, "user_id"), org_id=_text(body, "organization_id"))


def _object(reply: Reply, stage: Stage) -> Mapping[str, object]:
    body = reply.json()
    if not reply.ok or not isinstance(body, dict):
        raise RunbookError(failure_of(reply, stage))
    return body


def _text(said: Mapping[str, object], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _moment(seconds: object) -> datetime | None:
    if not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
