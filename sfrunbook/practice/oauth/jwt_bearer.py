"""The JWT bearer grant: an assertion signed with the app's certificate takes the place of the user's login."""

from __future__ import annotations

import binascii
import json
from typing import Any

from sfrunbook.practice.oauth.token_endpoint import Credentials, Grants, Refused, known_app
from sfrunbook.practice.org.entities import App, User
from sfrunbook.practice.org.tokens import from_base64url, order_scopes, public_key_of
from sfrunbook.practice.org.world import World
from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["JWT_BEARER", "jwt_bearer"]

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_MILLISECONDS_FROM = 100_000_000_000
_REAL_AUDIENCES = {"production": "https://login.salesforce.com", "sandbox": "https://test.salesforce.com"}


def jwt_bearer(grants: Grants, call: Call) -> Answer:
    """Checks iss, signature, aud, exp, sub in this order (guess)."""
    world = grants.world
    grants.refuse_scope(call)
    assertion = call.parameters.get("assertion", "")
    header, claims = _parts(assertion)
    app = known_app(world, call.host, Credentials(_text(claims.get("iss")), "", by_basic=False))
    if not app.enabled:
        raise Refused("oauth_flow_disabled", "The external client app or the OAuth plugin is disabled.")
    if header.get("alg") != "RS256" or not app.jwt_bearer or not _signed_by(app, assertion):
        raise Refused("invalid_grant", "invalid assertion")
    user = world.user_named(_text(claims.get("sub") or claims.get("prn")))
    _check_audience(world, claims.get("aud"), app)
    _check_expiry(world, claims.get("exp"))
    user = _approved(grants, call, app, user)
    scopes = order_scopes(frozenset(app.scopes) - {"refresh_token", "offline_access"})
    return grants.issue(call, app, user, scopes, note="jwt-bearer", signed=False)


def _check_audience(world: World, audience: object, app: App) -> None:
    org = world.orgs.get(app.org_id)
    allowed = {_REAL_AUDIENCES[org.kind]} if org is not None else set(_REAL_AUDIENCES.values())
    allowed |= {host.origin for host in world.hosts if host.kind in ("login", "test")}
    if world.settings.jwt_my_domain_audience:
        allowed |= {each.my_domain_url for each in world.orgs.values()}
    named = audience if isinstance(audience, list) else [audience]
    if not any(_text(each).rstrip("/").removesuffix("/services/oauth2/token") in allowed for each in named):
        raise Refused("invalid_grant", "audience is invalid")


def _check_expiry(world: World, expiry: object) -> None:
    """Seconds as a number or a text; past or too far ahead gives the text of a spent code (confirmed, odd)."""
    settings, now = world.settings, world.clock.time()
    try:
        moment = float(expiry) if isinstance(expiry, str | int | float) else 0.0
    except (ValueError, OverflowError):
        moment = 0.0
    if moment > _MILLISECONDS_FROM and settings.jwt_milliseconds_accepted:
        return
    latest = now + settings.jwt_longest_ahead_seconds + settings.jwt_clock_skew_seconds
    if not now - settings.jwt_clock_skew_seconds <= moment <= latest:
        raise Refused("invalid_grant", "expired authorization code")


def _approved(grants: Grants, call: Call, app: App, user: User | None) -> User:
    """Pre-authorized by an administrator, or approved once with refresh_token (confirmed texts)."""
    world, not_approved = grants.world, Refused("invalid_grant", "user hasn't approved this consumer")
    if user is None:
        raise not_approved
    if not world.serves(call.host, user.org_id) or not (app.everywhere or app.org_id == user.org_id):
        raise Refused("app_not_found", "External client app is not installed in this org")
    grants.require_usable(call, app, user)
    grants.require_permitted(call, app, user)
    if app.permitted_users == "self" and not grants.ledger.live_approvals(user.user_id, app.client_id):
        raise not_approved
    return user


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _parts(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, unproven; raises `Refused`.

    Not by PyJWT, which skips characters outside the alphabet and refuses a `kid` that is no text.
    """
    pieces = assertion.split(".")
    try:
        if len(pieces) != 3:
            raise ValueError
        header, claims = (json.loads(from_base64url(piece)) for piece in pieces[:2])
    except (ValueError, binascii.Error, RecursionError):
        raise Refused("invalid_grant", "invalid assertion") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise Refused("invalid_grant", "invalid assertion")
    return header, claims


def _signed_by(app: App, assertion: str) -> bool:
    from jwt.algorithms import RSAAlgorithm

    signed, _, signature = assertion.rpartition(".")
    try:
        raw = from_base64url(signature)
    except ValueError:
        return False
    rs256 = RSAAlgorithm(RSAAlgorithm.SHA256)
    return any(rs256.verify(signed.encode(), public_key_of(pem), raw) for pem in app.jwt_keys)
