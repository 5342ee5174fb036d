"""The things a practice world holds: hosts, orgs, users, apps, and what the OAuth flows leave behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = [
    "AccessToken",
    "App",
    "Approval",
    "AuthorizeRequest",
    "BrowserSession",
    "Code",
    "Host",
    "Login",
    "Org",
    "User",
]

HostKind = Literal["login", "test", "my_domain", "control"]
THIRTY_DAYS = 30 * 86_400.0


@dataclass(frozen=True, kw_only=True)
class Host:
    """One simulated host: `origin` has no trailing slash; only a My Domain has an `org_id` (18 characters)."""

    kind: HostKind
    origin: str
    org_id: str = ""

    @property
    def port(self) -> int:
        return int(self.origin.rsplit(":", 1)[1])


@dataclass(frozen=True, kw_only=True)
class Org:
    """One org; `name` is the short name in the ready line, `company` the name on its pages."""

    org_id: str
    name: str
    company: str
    kind: Literal["production", "sandbox"]
    edition: str
    instance_name: str
    my_domain_url: str


@dataclass(frozen=True, kw_only=True)
class User:
    """One user; a System Administrator may approve uninstalled connected apps and read everybody's approvals."""

    user_id: str
    org_id: str
    username: str
    password: str = field(repr=False)
    first_name: str
    last_name: str
    email: str
    profile: str
    is_active: bool = True
    is_frozen: bool = False
    api_enabled: bool = True

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def may_approve_uninstalled(self) -> bool:
        """The permission "Approve Uninstalled Connected Apps", which standard administrators have (confirmed)."""
        return self.profile == "System Administrator"


@dataclass(frozen=True, kw_only=True)
class App:
    """One registered OAuth app with its policies.

    `permitted_users` is `self` (all users may self-authorize) or `admin` (admin-approved users are pre-authorized, by
    user name or profile name in `pre_authorized`). `refresh_idle_seconds` and `refresh_lifetime_seconds` of `None` mean
    "valid until revoked"; a lifetime of 0 means "immediately expire". `jwt_keys` are PEM certificates or public keys.
    """

    client_id: str
    client_secret: str = field(repr=False)
    name: str
    kind: Literal["external_client_app", "connected_app"]
    org_id: str
    callback_urls: tuple[str, ...]
    scopes: tuple[str, ...]
    everywhere: bool = False
    enabled: bool = True
    blocked: bool = False
    installed: bool = True
    distribution: Literal["local", "packaged"] = "local"
    pkce_required: bool = True
    secret_required_for_code: bool = True
    secret_required_for_refresh: bool = True
    rotates_refresh_token: bool = True
    refresh_idle_seconds: float | None = THIRTY_DAYS
    refresh_lifetime_seconds: float | None = None
    session_timeout_seconds: float | None = None
    permitted_users: Literal["self", "admin"] = "self"
    pre_authorized: tuple[str, ...] = ()
    client_credentials: bool = False
    run_as: str = ""
    jwt_bearer: bool = False
    jwt_keys: tuple[str, ...] = ()
    introspects_all: bool = False
    visible_from: float = 0.0


@dataclass(slots=True, kw_only=True)
class Approval:
    """One row of OAuth Connected Apps: a refresh token (rotated or not) and the access tokens it gave."""

    approval_id: str
    user_id: str
    client_id: str
    scopes: tuple[str, ...]
    created: float
    last_used: float
    refresh_token: str
    delete_token: str
    use_count: int = 1
    revoked: bool = False
    spent: list[str] = field(default_factory=list)
    access: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class AccessToken:
    """One live session: `last_activity` is what the org has noted, not the last use."""

    token: str
    user_id: str
    client_id: str
    scopes: frozenset[str]
    issued: float
    last_activity: float
    timeout_seconds: float
    approval: Approval | None = None


@dataclass(frozen=True, kw_only=True)
class AuthorizeRequest:
    """An authorize call that passed the checks before login and waits for a person."""

    client_id: str
    redirect_uri: str
    state: str | None
    scope: tuple[str, ...]
    challenge: str
    nonce: str
    display: str
    login_hint: str
    asks_consent: bool
    serial_wanted: int


@dataclass(slots=True, kw_only=True)
class Code:
    """An authorization code; `result` is set once it has been exchanged."""

    code: str
    user_id: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str
    expires: float
    spent: bool = False
    access: str = ""
    approval: Approval | None = None


@dataclass(slots=True, kw_only=True)
class BrowserSession:
    """A person logged in on one host; `serial` grows with every login, so prompt=login can ask for a newer one."""

    user_id: str
    serial: int
    expires: float
    csrf: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Login:
    """One row of Login History."""

    at: float
    username: str
    user_id: str
    org_id: str
    application: str
    login_type: str
    status: str
    source_ip: str = "127.0.0.1"

    def facts(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
