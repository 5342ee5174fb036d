"""One function per OAuth grant, and the table from which the token endpoint chooses. Each may raise `Refused`."""

from __future__ import annotations

from collections.abc import Callable

from sfrunbook.practice.oauth.jwt_bearer import JWT_BEARER, jwt_bearer
from sfrunbook.practice.oauth.token_endpoint import (
    Credentials,
    Grants,
    Refused,
    client_of,
    credentials_of,
    known_app,
    proven_app,
    refusal_answer,
)
from sfrunbook.practice.org.entities import App, Code
from sfrunbook.practice.org.ledger import Issued
from sfrunbook.practice.org.settings import Settings
from sfrunbook.practice.org.token_policies import refresh_expired
from sfrunbook.practice.org.tokens import challenge_of, order_scopes
from sfrunbook.practice.web.wire import Answer, Call

__all__ = ["TokenEndpoint"]

_NEVER_FOR_MACHINES = frozenset({"full", "web", "refresh_token", "offline_access"})


def _authorization_code(grants: Grants, call: Call) -> Answer:
    """Client, code, callback and verifier are checked in the order of `Settings.code_checks`."""
    world, ledger = grants.world, grants.ledger
    credentials = credentials_of(call)
    if credentials.by_basic and not world.settings.basic_on_code_exchange:
        raise Refused("invalid_client_id", "client identifier invalid")
    code = ledger.code(call.parameters.get("code", ""))
    for check in world.settings.code_checks:
        _check(check, grants, call, credentials, code)
    app = known_app(world, call.host, credentials)
    if code is None:  # a code that is not asked for by `code_checks` must still exist
        raise Refused("invalid_grant", "invalid authorization code")
    user = world.users[code.user_id]
    grants.require_usable(call, app, user)
    code.spent = True
    approval = ledger.approve(user, app, code.scopes) if "refresh_token" in code.scopes else None
    access = ledger.issue_access(user, app, code.scopes, approval, address=world.client_ip(call.headers))
    code.access, code.approval = access.token, approval
    grants.note(call, app, user)
    id_token = ""
    if "openid" in code.scopes:
        from sfrunbook.practice.oauth.identity import id_token_claims

        id_token = world.signing_key.sign(id_token_claims(world, user, app, access, code.nonce))
    refresh_token = approval.refresh_token if approval is not None else ""
    return grants.reply(call, app, Issued(access=access, refresh_token=refresh_token), id_token=id_token)


def _check(check: str, grants: Grants, call: Call, credentials: Credentials, code: Code | None) -> None:
    world, sent = grants.world, call.parameters
    if check == "scope":
        grants.refuse_scope(call)
    elif check == "client_id":
        known_app(world, call.host, credentials)
    elif check == "client_secret":
        app = known_app(world, call.host, credentials)
        public = world.settings.public_secret_refused
        proven_app(app, credentials, secret_required=app.secret_required_for_code, public_secret_refused=public)
    elif check == "code":
        _check_code(grants, call, known_app(world, call.host, credentials), code)
    elif check in ("redirect_uri", "code_verifier") and code is not None:
        try:
            if check == "redirect_uri" and sent.get("redirect_uri") != code.redirect_uri:
                raise Refused("redirect_uri_mismatch", "redirect_uri must match configuration")
            if check == "code_verifier":
                _check_verifier(world.settings, sent.get("code_verifier", ""), code.challenge)
        except Refused:
            code.spent = code.spent or world.settings.failed_exchange_spends_code
            raise


def _check_code(grants: Grants, call: Call, app: App, code: Code | None) -> None:
    world, ledger = grants.world, grants.ledger
    if code is None or code.client_id != app.client_id:
        raise Refused("invalid_grant", "invalid authorization code")
    if code.spent and world.settings.code_replay_revokes:
        if code.approval is not None:
            ledger.revoke(code.approval)
        ledger.end_access(code.access)
    if code.spent or code.expires < world.clock.time():
        grants.note(call, app, world.users[code.user_id], "Failed: Invalid Nonce")
        raise Refused("invalid_grant", "expired authorization code")


def _check_verifier(settings: Settings, verifier: str, challenge: str) -> None:
    if not challenge:
        if verifier:
            raise Refused(settings.unexpected_verifier_error, "unexpected code verifier")
        return
    if not verifier:
        raise Refused("invalid_grant", settings.missing_verifier_description)
    tilde = settings.verifier_tilde_refused and "~" in verifier
    if tilde or len(verifier) > settings.verifier_max_length or challenge_of(verifier) != challenge.rstrip("="):
        raise Refused("invalid_grant", "invalid code verifier")


def _refresh_token(grants: Grants, call: Call) -> Answer:
    """A new access token, and with rotation a new refresh token that ends the old one at once."""
    world, ledger, expired = grants.world, grants.ledger, Refused("invalid_grant", "expired access/refresh token")
    grants.refuse_scope(call)
    credentials = credentials_of(call)
    app = known_app(world, call.host, credentials)
    public = world.settings.public_secret_refused
    proven_app(app, credentials, secret_required=app.secret_required_for_refresh, public_secret_refused=public)
    token = call.parameters.get("refresh_token", "")
    approval = ledger.approval_of(token)
    if approval is None:
        ledger.replayed(token)
        raise expired
    user = world.users[approval.user_id]
    if approval.client_id != app.client_id or not world.serves(call.host, user.org_id):
        raise expired
    settings, now = world.settings, world.clock.time()
    if settings.my_domain_login_only == "browser_and_api" and call.host.kind != "my_domain":
        raise expired
    approval.use_count += 1  # also when what follows refuses (confirmed)
    approval.last_used = now
    grants.require_usable(call, app, user)
    if settings.permitted_users_checked_on_refresh:
        grants.require_permitted(call, app, user)
    if refresh_expired(app, approval, now, from_rotation=settings.lifetime_counts_from == "rotation"):
        ledger.revoke(approval, keep_access=not settings.access_tokens_die_with_expiry)
        raise expired
    approval.last_refreshed = now
    rotated = ledger.rotate(approval) if app.rotates_refresh_token else ""
    access = ledger.issue_access(user, app, approval.scopes, approval, address=world.client_ip(call.headers))
    grants.note(call, app, user)
    return grants.reply(call, app, Issued(access=access, refresh_token=rotated))


def _client_credentials(grants: Grants, call: Call) -> Answer:
    """Only on a My Domain (confirmed), as the Run As user, never with a refresh token."""
    world = grants.world
    grants.refuse_scope(call)
    app = client_of(world, call)
    if call.host.kind != "my_domain":
        raise Refused("invalid_grant", "request not supported on this domain")
    if not app.client_credentials:
        how = world.settings.client_credentials_off_error
        error = ("unsupported_grant_type", "grant type not supported")
        raise Refused(*error) if how == "unsupported_grant_type" else Refused("invalid_grant", how)
    user = world.user_named(app.run_as) if app.run_as else None
    if user is None or user.org_id != call.host.org_id or not user.is_active or user.is_frozen:
        raise Refused("invalid_grant", "no client credentials user enabled")
    grants.require_usable(call, app, user)
    grants.require_permitted(call, app, user)
    scopes = order_scopes(frozenset(app.scopes) - _NEVER_FOR_MACHINES)
    if not scopes:
        raise Refused("invalid_grant", "no valid scopes defined")
    return grants.issue(call, app, user, scopes)


def _password(grants: Grants, call: Call) -> Answer:
    """Blocked by default since Summer '23, and never for External Client Apps (confirmed).

    The order client id, secret, user is confirmed; a blocked flow answers like a wrong password (confirmed).
    """
    world, sent = grants.world, call.parameters
    app = client_of(world, call)
    if app.kind == "external_client_app":
        raise Refused("unsupported_grant_type", "grant type not supported")
    user = world.user_named(sent.get("username", ""))
    if user is None or not world.serves(call.host, user.org_id):
        raise Refused("invalid_grant", "authentication failure")
    blocked = not world.switches_at(user.org_id).username_password_flow
    if blocked or sent.get("password") != user.password:
        status = "Username-Password Flow Disabled" if blocked else "Invalid Password"
        grants.note(call, app, user, status)
        raise Refused("invalid_grant", "authentication failure")
    grants.require_usable(call, app, user)
    scopes = order_scopes(frozenset(app.scopes) - {"refresh_token", "offline_access"})
    return grants.issue(call, app, user, scopes, old_shape=True)


_GRANTS: dict[str, Callable[[Grants, Call], Answer]] = {
    "authorization_code": _authorization_code,
    "refresh_token": _refresh_token,
    "client_credentials": _client_credentials,
    JWT_BEARER: jwt_bearer,
    "password": _password,
}


class TokenEndpoint:
    """Chooses the grant. A grant_type that is absent, unknown or could not be read is not supported (confirmed)."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    def __call__(self, call: Call) -> Answer:
        try:
            grant = _GRANTS.get(call.parameters.get("grant_type", "")) if call.method == "POST" else None
            if grant is None:
                raise Refused("unsupported_grant_type", "grant type not supported")
            return grant(self._grants, call)
        except Refused as refused:
            return refusal_answer(call, self._grants.world, refused)
