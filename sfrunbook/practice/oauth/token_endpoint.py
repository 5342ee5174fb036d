"""`/services/oauth2/token`: client authentication, the checks that grants share, and the shape of the reply."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any, Literal

from sfrunbook.practice.org.access import ip_refused, may_use
from sfrunbook.practice.org.entities import App, Host, Org, User
from sfrunbook.practice.org.ledger import Issued, Ledger
from sfrunbook.practice.org.tokens import order_scopes, signature_of
from sfrunbook.practice.org.world import World
from sfrunbook.practice.web.wire import Answer, BadBasic, Call, basic_of, json_answer, oauth_error

__all__ = [
    "Credentials",
    "Grants",
    "Refused",
    "client_of",
    "credentials_of",
    "known_app",
    "proven_app",
    "refusal_answer",
]


class Refused(Exception):  # noqa: N818 - reads as the fact
    """The token endpoint says no; carries the error code and the description of the reply."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class Credentials:
    """The client's id and secret, from the body or from Basic."""

    client_id: str
    client_secret: str
    by_basic: bool


def credentials_of(call: Call) -> Credentials:
    """The client's own credentials; the body wins over Basic. Raises `Refused`."""
    sent = call.parameters
    try:
        basic = basic_of(call)
    except BadBasic:
        raise Refused("invalid_basic_auth_header", "invalid basic authorization header") from None
    if "client_id" in sent or basic is None:
        secret = sent.get("client_secret", "")
        if not secret and basic is not None and basic[0] == sent.get("client_id"):
            secret = basic[1]
        return Credentials(sent.get("client_id", ""), secret, by_basic=False)
    return Credentials(basic[0], basic[1], by_basic=True)


def known_app(world: World, host: Host, credentials: Credentials) -> App:
    """The app of this consumer key on this host; raises `Refused`."""
    app = world.find_app(host, credentials.client_id)
    if app is None:
        raise Refused("invalid_client_id", "client identifier invalid")
    return app


def proven_app(
    app: App, credentials: Credentials, *, secret_required: bool, public_secret_refused: bool = False
) -> App:
    """The same app once its secret is right, or absent where it may be; raises `Refused`."""
    if public_secret_refused and not secret_required and credentials.client_secret:
        raise Refused("invalid_client", "invalid client credentials")
    if not credentials.client_secret and (not secret_required or not app.client_secret):
        return app
    if not hmac.compare_digest(credentials.client_secret.encode(), app.client_secret.encode()) or (
        credentials.client_id != app.client_id
    ):
        _require_former_pair(app, credentials)
    return app


def client_of(world: World, call: Call) -> App:
    """The app that the call proves to come from by its secret; raises `Refused`."""
    credentials = credentials_of(call)
    return proven_app(known_app(world, call.host, credentials), credentials, secret_required=True)


def _require_former_pair(app: App, credentials: Credentials) -> None:
    """A pair that a rotation has put aside still proves the app until it is deleted; a setting says whether."""
    for pair in app.staged:
        if (
            pair.state == "Rotated"
            and pair.client_id == credentials.client_id
            and hmac.compare_digest(credentials.client_secret.encode(), pair.client_secret.encode())
        ):
            return
    raise Refused("invalid_client", "invalid client credentials")


class Grants:
    """What every grant shares: the world, the ledger, the common checks and the reply."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world = world
        self.ledger = ledger

    def refuse_scope(self, call: Call) -> None:
        """Confirmed for client_credentials, likely for the others; which ones is a setting."""
        if "scope" in call.parameters and call.parameters["grant_type"] in self.world.settings.scope_refused_for:
            raise Refused("invalid_request", "scope parameter not supported")

    def require_usable(self, call: Call, app: App, user: User) -> None:
        """The app is on and not blocked, the user may still log in, and from there; raises `Refused`."""
        if not app.enabled:
            raise Refused("oauth_flow_disabled", "The external client app or the OAuth plugin is disabled.")
        if self.world.is_blocked(app, user.org_id):
            raise Refused("app_blocked", "this app is blocked by admin")
        if not user.is_active or user.is_frozen:
            self.note(call, app, user, "User is Inactive")
            raise Refused("invalid_grant", "inactive user")
        if user.password_expired and self.world.settings.expired_password_blocks_tokens:
            self.note(call, app, user, "Password Expired")
            raise Refused("invalid_grant", "inactive user")
        if user.login_ip_ranges or app.enforces_refresh_ip_allowlist:
            self._require_address(call, app, user)

    def _require_address(self, call: Call, app: App, user: User) -> None:
        grant = call.parameters.get("grant_type", "")
        use: Literal["code", "refresh", "login"] = "login"
        if grant in ("authorization_code", "refresh_token"):
            use = "code" if grant == "authorization_code" else "refresh"
        refused = ip_refused(app, user, self.world.client_ip(call.headers), use)
        if refused:
            self.note(call, app, user, "Restricted IP")
            settings = self.world.settings
            text = settings.ip_allowlist_description if refused == "allow_list" else settings.ip_refused_description
            raise Refused("invalid_grant", text)

    def require_permitted(self, call: Call, app: App, user: User) -> None:
        """The policy Permitted Users, for grants without a login page; the text is confirmed for machine grants."""
        if not may_use(app, user):
            self.note(call, app, user, "Failed: Not approved for access")
            raise Refused("invalid_app_access", "user is not admin approved to access this app")

    def note(self, call: Call, app: App, user: User, status: str = "Success") -> None:
        """Write the row of Login History that this token request leaves."""
        world = self.world
        world.note_login(
            user, app.name, "Remote Access 2.0", status, address=world.client_ip(call.headers), host=call.host
        )

    def issue(
        self,
        call: Call,
        app: App,
        user: User,
        scopes: tuple[str, ...],
        *,
        note: str = "",
        signed: bool = True,
        old_shape: bool = False,
    ) -> Answer:
        """The reply with a new access token alone."""
        access = self.ledger.issue_access(user, app, scopes, address=self.world.client_ip(call.headers))
        self.note(call, app, user)
        return self.reply(call, app, Issued(access=access), note=note, signed=signed, old_shape=old_shape)

    def reply(
        self,
        call: Call,
        app: App,
        issued: Issued,
        *,
        note: str = "",
        id_token: str = "",
        signed: bool = True,
        old_shape: bool = False,
    ) -> Answer:
        """200 with the fields in the order of Salesforce's own examples (confirmed); never an `expires_in`.

        `issued_at` is a text of milliseconds since the epoch (confirmed). `old_shape` is the password flow's: no
        scope, and the signature last (confirmed by captures).
        """
        world, access = self.world, issued.access
        user = world.users[access.user_id]
        org, identity = world.orgs[user.org_id], world.identity_url(user)
        if world.settings.reply_names_org:
            org, identity = _mixed_up(world, org, identity)
        issued_at = str(int(access.issued * 1000))
        fields: dict[str, Any] = {"access_token": access.token}
        if issued.refresh_token:
            fields["refresh_token"] = issued.refresh_token
        if signed and not old_shape:
            fields["signature"] = signature_of(identity, issued_at, app.client_secret)
        if not old_shape:
            fields["scope"] = " ".join(_scopes_named(world, access.scopes))
        if id_token:
            fields["id_token"] = id_token
        fields["instance_url"] = org.served_from
        fields["id"] = identity
        fields["token_type"] = "Bearer"  # noqa: S105 - the type, not a token
        if signed:
            fields["issued_at"] = issued_at
        if old_shape:
            fields["signature"] = signature_of(identity, issued_at, app.client_secret)
        if world.settings.include_api_instance_url:
            fields["api_instance_url"] = world.settings.api_instance_url
        return json_answer(call, fields, note=note or call.parameters["grant_type"])


def _mixed_up(world: World, org: Org, identity: str) -> tuple[Org, str]:
    """The org and identity URL of the setting `reply_names_org`."""
    other = next((each for each in world.orgs.values() if each.name == world.settings.reply_names_org), org)
    return other, identity.replace(org.my_domain_url, other.my_domain_url).replace(org.org_id, other.org_id)


def _scopes_named(world: World, scopes: frozenset[str]) -> tuple[str, ...]:
    settings = world.settings
    named = order_scopes(scopes) + settings.scope_extras
    return named[::-1] if settings.scope_reversed else named


def refusal_answer(call: Call, world: World, refused: Refused) -> Answer:
    return oauth_error(call, refused.error, refused.description, error_first=world.settings.error_first)
