"""The entities of a practice world: hosts, orgs, users, apps, and what the OAuth flows leave behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "AccessToken",
    "App",
    "Approval",
    "AuditEntry",
    "AuthorizeRequest",
    "BrowserSession",
    "Code",
    "Host",
    "Login",
    "Mail",
    "Org",
    "OrgSwitches",
    "PermissionSet",
    "StagedCredentials",
    "User",
]

HostKind = Literal["login", "test", "my_domain", "control", "cyclr_console", "cyclr_service", "cyclr_api"]
THIRTY_DAYS = 30 * 86_400.0


@dataclass(frozen=True, kw_only=True)
class Host:
    """One simulated host: `origin` has no trailing slash; only a My Domain has an `org_id` (18 characters).

    Only the partner's hosts have a `region`.
    """

    kind: HostKind
    origin: str
    org_id: str = ""
    region: str = ""

    @property
    def port(self) -> int:
        return int(self.origin.rsplit(":", 1)[1])


@dataclass(frozen=True, kw_only=True)
class OrgSwitches:
    """What an administrator turns for the whole org in Setup; `None` means as the practice world's settings say.

    `connected_app_creation` is off since Spring '26 and only Support can unlock it (confirmed). `key_rotation` is
    "Allow consumer key and secret rotation". `api_access_control` is "limit API access to only allowed connected apps"
    (confirmed to exist).
    """

    connected_app_creation_unlocked: bool = False
    connected_app_creation: bool = False
    secrets_by_rest: bool = False
    key_rotation: bool = True
    pkce_required: bool | None = None
    username_password_flow: bool | None = None
    user_agent_flow: bool = False
    code_credentials_flow: bool = False
    api_access_control: bool = False


@dataclass(frozen=True, kw_only=True)
class Org:
    """One org; `name` is the short name in the ready line, `company` the name on its pages.

    `installed_apps` and `blocked_apps` hold consumer keys of apps that were made in another org.
    """

    org_id: str
    name: str
    company: str
    kind: Literal["production", "sandbox"]
    edition: str
    instance_name: str
    my_domain_url: str
    switches: OrgSwitches = OrgSwitches()
    installed_apps: tuple[str, ...] = ()
    blocked_apps: tuple[str, ...] = ()
    api_enabled: bool = True
    instance_url: str = ""

    @property
    def served_from(self) -> str:
        """The address that token replies give as `instance_url`: the My Domain, unless the org has been moved."""
        return self.instance_url or self.my_domain_url


@dataclass(frozen=True, kw_only=True)
class PermissionSet:
    """A permission set of one org; `permissions` are names such as ManageUsers, as in `PermissionsManageUsers`."""

    permission_set_id: str
    org_id: str
    name: str
    label: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class User:
    """One user. `permission_sets` are their names; without `login_ip_ranges` (the profile's) any address will do.

    `unreadable_objects` are those without Read, `unreadable_fields` (as "Account.Phone") those that are not visible,
    and of `unshared_objects` no record is shared with this user. Profiles and sharing rules go no further here.
    """

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
    password_expired: bool = False
    permission_sets: tuple[str, ...] = ()
    login_ip_ranges: tuple[str, ...] = ()
    unreadable_objects: tuple[str, ...] = ()
    unreadable_fields: tuple[str, ...] = ()
    unshared_objects: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, kw_only=True)
class StagedCredentials:
    """A second Consumer Key and Consumer Secret that wait beside the app's own; times are seconds since the epoch.

    A staged pair is good for 30 days. After a rotation the old pair sits in the staged place as Rotated and works until
    it is deleted (likely). Source: https://help.salesforce.com/s/articleView?id=xcloud.eca_stage_oauth_credentials.htm
    """

    staged_id: str
    client_id: str
    client_secret: str = field(repr=False)
    state: Literal["Active", "Expired", "Rotated"] = "Active"
    created_at: float
    expires_at: float
    created_by: str


@dataclass(frozen=True, kw_only=True)
class App:
    """One registered OAuth app with its policies.

    `permitted_users` is `self` (all users may self-authorize) or `admin` (admin-approved users are pre-authorized, by
    user name or profile name in `pre_authorized`). `refresh_idle_seconds` and `refresh_lifetime_seconds` of `None` mean
    "valid until revoked"; a lifetime of 0 means "immediately expire"; `limits_idle_refresh` is the box "Limit Idle
    Refresh Token TTL to 30 Days". IP ranges are texts as `ip_ranges.in_ranges` reads them. `jwt_keys` are PEM
    certificates or public keys.
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
    app_id: str = ""
    api_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    description: str = ""
    info_url: str = ""
    start_url: str = ""
    oauth_enabled: bool = True
    ip_relaxation: Literal["enforce", "enforce_relax_refresh", "bypass_2factor", "bypass"] = "enforce"
    other_flags: tuple[str, ...] = ()
    created_at: float = 0.0
    created_by: str = ""
    staged: tuple[StagedCredentials, ...] = ()
    refresh_validity_unit: Literal["hours", "days", "months"] = "days"
    limits_idle_refresh: bool = False
    trusted_ip_ranges: tuple[str, ...] = ()
    enforces_refresh_ip_allowlist: bool = False
    refresh_ip_ranges: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Approval:
    """One row of OAuth Connected Apps: a refresh token (rotated or not) and the access tokens it gave."""

    approval_id: str
    user_id: str
    client_id: str
    scopes: tuple[str, ...]
    created: float
    last_used: float
    last_refreshed: float = 0.0
    token_since: float = 0.0
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
    client_ip: str = ""


@dataclass(frozen=True, kw_only=True)
class AuthorizeRequest:
    """An authorize call that passed the checks before login and waits for a user to log in."""

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
    """A person logged in on one host; `serial` grows with every login, so prompt=login can ask for a newer one.

    The rest is Setup's: the identity challenge under way, Classic or Lightning, and a word for the next page.
    """

    user_id: str
    serial: int
    expires: float
    csrf: str = field(repr=False)
    identity_code: str = field(default="", repr=False)
    identity_code_expires: float = 0.0
    identity_code_tries: int = 0
    identity_confirmed_until: float = 0.0
    classic: bool = False
    notice: str = ""


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
    number: int = 0
    login_url: str = ""


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One row of the Setup Audit Trail: `action` is a short code, `display` the sentence that people read."""

    at: float
    user_id: str
    org_id: str
    action: str
    section: str
    display: str


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One letter in a user's practice mailbox."""

    at: float
    user_id: str
    subject: str
    body: str = field(repr=False)
