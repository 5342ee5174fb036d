"""`/services/oauth2/token`: client authentication, the choice of the grant, and the shape of what it answers."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfrunbook.practice.tokens import signature_of
from sfrunbook.practice.wire import BadBasic, basic_of, json_answer, oauth_error

if TYPE_CHECKING:
    from sfrunbook.practice.entities import App, Host, User
    from sfrunbook.practice.ledger import Issued, Ledger
    from sfrunbook.practice.wire import Answer, Call
    from sfrunbook.practice.world import World

__all__ = ["Credentials", "Grants", "Refused", "credentials_of", "known_app", "proven_app"]


class Refused(Exception):  # noqa: N818 - reads as the fact
    """The token endpoint says no; carries the error code and the description of the reply."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the client said of itself, in the body or by Basic."""

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


def proven_app(app: App, credentials: Credentials, *, secret_required: bool) -> App:
    """The same app once its secret is right, or absent where it may be; raises `Refused`."""
    if not credentials.client_secret and (not secret_required or not app.client_secret):
        return app
    if not hmac.compare_digest(credentials.client_secret.encode(), app.client_secret.encode()):
        raise Refused("invalid_client", "invalid client credentials")
    return app


class Grants:
    """What every grant shares: the world, the ledger, the common checks and the reply."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world = world
        self.ledger = ledger

    def refuse_scope(self, call: Call, grant: str) -> None:
        """Confirmed for client_credentials, likely for the others; which ones is a setting."""
        if "scope" in call.parameters and grant in self.world.settings.scope_refused_for:
            raise Refused("invalid_request", "scope parameter not supported")

    def require_usable(self, app: App, user: User) -> None:
        """The app is on and not blocked, and the user may still log in; raises `Refused`."""
        if not app.enabled:
            raise Refused("oauth_flow_disabled", "The external client app or the OAuth plugin is disabled.")
        if app.blocked:
            raise Refused("app_blocked", "this app is blocked by admin")
        if not user.is_active or user.is_frozen:
            self.world.note_login(user, app.name, "Remote Access 2.0", "User is Inactive")
            raise Refused("invalid_grant", "inactive user")

    def reply(
        self,
        call: Call,
        app: App,
        issued: Issued,
        *,
        note: str,
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
        identity, issued_at = world.identity_url(user), str(int(access.issued * 1000))
        fields: dict[str, Any] = {"access_token": access.token}
        if issued.refresh_token:
            fields["refresh_token"] = issued.refresh_token
        if signed and not old_shape:
            fields["signature"] = signature_of(identity, issued_at, app.client_secret)
        if not old_shape:
            fields["scope"] = " ".join(scopes_in_order(access.scopes))
        if id_token:
            fields["id_token"] = id_token
        fields["instance_url"] = world.orgs[user.org_id].my_domain_url
        fields["id"] = identity
        fields["token_type"] = "Bearer"  # noqa: S105 - the type, not a token
        if signed:
            fields["issued_at"] = issued_at
        if old_shape:
            fields["signature"] = signature_of(identity, issued_at, app.client_secret)
        if world.settings.include_api_instance_url:
            fields["api_instance_url"] = world.settings.api_instance_url
        return json_answer(call, fields, note=note)


_ORDERED: dict[frozenset[str], tuple[str, ...]] = {}


def scopes_in_order(scopes: frozenset[str]) -> tuple[str, ...]:
    """`order_scopes`, remembered: a world has a handful of scope sets."""
    found = _ORDERED.get(scopes)
    if found is None:
        from sfrunbook.practice.tokens import order_scopes

        found = order_scopes(scopes)
        if len(_ORDERED) < 1_000:
            _ORDERED[scopes] = found
    return found


def refusal_answer(call: Call, world: World, refused: Refused) -> Answer:
    return oauth_error(call, refused.error, refused.description, error_first=world.settings.error_first)
