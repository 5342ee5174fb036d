"""The endpoints that revoke a token, introspect it, or name its user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import requests

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import origin_of, send
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Grant, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.reading import json_object, text_of, time_of

__all__ = ["Introspection", "UserInfo", "introspect", "is_accepted", "revoke", "userinfo"]


@dataclass(frozen=True, kw_only=True)
class Introspection:
    """Whether a token is active by its issuer, and for an active one when it was issued and expires."""

    active: bool
    expires_at: datetime | None = None
    issued_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class UserInfo:
    """The user and org of a token."""

    user_id: str
    org_id: str


def revoke(session: requests.Session, grant: Grant) -> bool:
    """Revoke the refresh token and with it its access tokens, or the access token where there is no other.

    True when it was valid, False when Salesforce does not know it, which `is_accepted` may contradict.
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

    A token that is unknown, expired or another app's is `active=False` with HTTP status 200; raises RunbookError for an
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
    answer = json_object(reply, Stage.INTROSPECT)
    if answer.get("active") is not True:
        return Introspection(active=False)
    return Introspection(active=True, expires_at=time_of(answer.get("exp")), issued_at=time_of(answer.get("iat")))


def is_accepted(session: requests.Session, grant: Grant) -> bool | None:
    """Whether the identity service accepts the access token; None when its answer shows neither.

    Introspection calls a token inactive as well when the app may not ask about it, so it can't decide this.
    Raises RunbookError for a transport fault. An invalid token gets 403 and the plain text `Bad_OAuth_Token`.
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
    """The user of the access token; raises RunbookError, for an invalid token with `Bad_OAuth_Token` (403)."""
    headers = {"Authorization": f"Bearer {grant.access_token.reveal()}"}
    reply = send(session, Stage.USERINFO, "GET", f"{grant.issuer}/services/oauth2/userinfo", headers=headers)
    body = json_object(reply, Stage.USERINFO)
    return UserInfo(user_id=text_of(body, "user_id"), org_id=text_of(body, "organization_id"))
