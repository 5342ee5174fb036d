"""The state of one practice world: orgs, users, apps, logins, and the questions that every endpoint asks."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sfrunbook.practice.org.clock import Clock
from sfrunbook.practice.org.entities import (
    App,
    AuditEntry,
    AuthorizeRequest,
    BrowserSession,
    Host,
    Login,
    Mail,
    Org,
    OrgSwitches,
    PermissionSet,
    User,
)
from sfrunbook.practice.org.ids import make_id
from sfrunbook.practice.org.ip_ranges import in_ranges
from sfrunbook.practice.org.permissions import permissions_of
from sfrunbook.practice.org.propagation import Propagation
from sfrunbook.practice.org.settings import Settings
from sfrunbook.practice.org.tokens import Mint, SigningKey

__all__ = ["World", "api_name_from", "keep_newest"]

_PENDING_AUTHORIZE_KEPT = 5_000
_LOGINS_KEPT = 5_000
_SESSIONS_KEPT = 2_000
_AUDIT_KEPT = 5_000
_MAIL_KEPT = 500
_APP_PREFIXES = {"external_client_app": "0xI", "connected_app": "0H4"}


class World:
    """Orgs, users and apps, the pending logins and the login history. What grants leave behind is in `Ledger`."""

    def __init__(self, *, seed: int, clock: Clock, hosts: tuple[Host, ...], settings: Settings) -> None:
        self.seed = seed
        self.clock = clock
        self.settings = settings
        self.hosts = hosts
        self.mint = Mint(seed)
        self.signing_key = SigningKey()
        self.orgs: dict[str, Org] = {}
        self.users: dict[str, User] = {}
        self.apps: dict[str, App] = {}
        self.former_keys: dict[str, str] = {}
        self.permission_sets: dict[str, PermissionSet] = {}
        self.people_version = 0
        self.on_new_key: list[Callable[[str, str], None]] = []
        self.logins: deque[Login] = deque(maxlen=_LOGINS_KEPT)
        self.pending: OrderedDict[str, AuthorizeRequest] = OrderedDict()
        self.sessions: OrderedDict[str, BrowserSession] = OrderedDict()
        self.audit_trail: deque[AuditEntry] = deque(maxlen=_AUDIT_KEPT)
        self.mail: deque[Mail] = deque(maxlen=_MAIL_KEPT)
        self.propagation = Propagation()
        self._one_time_logins: dict[str, str] = {}
        self._app_numbers = 0
        self._serial = 0
        self._login_numbers = 0

    def next_serial(self) -> int:
        """A number that only grows; tells whether a login came after an authorize call."""
        self._serial += 1
        return self._serial

    # who and where

    def host_of(self, kind: str) -> Host:
        """The login host or the test host."""
        return next(host for host in self.hosts if host.kind == kind)

    def login_host_of(self, org: Org) -> Host:
        """The host where users of this org log in when they do not use its My Domain."""
        return self.host_of("test" if org.kind == "sandbox" else "login")

    def serves(self, host: Host, org_id: str) -> bool:
        """Whether users of this org can log in on this host."""
        if host.kind == "my_domain":
            return host.org_id == org_id
        return (self.orgs[org_id].kind == "sandbox") == (host.kind == "test")

    def users_at(self, host: Host) -> tuple[User, ...]:
        """The users who can log in on this host."""
        return tuple(user for user in self.users.values() if self.serves(host, user.org_id))

    def may(self, user: User, permission: str) -> bool:
        """Whether this user has a permission, named as in `permissions.PERMISSIONS`."""
        granted = [each for each in self.permission_sets.values() if each.org_id == user.org_id]
        return permission in permissions_of(user, granted, self.settings.withheld_permissions)

    def client_ip(self, headers: Mapping[str, str]) -> str:
        """The address a call claims to come from: header `X-Practice-Client-Ip`, else the setting."""
        return headers.get("x-practice-client-ip") or self.settings.client_ip

    def identity_url(self, user: User) -> str:
        """`https://<host>/id/<org18>/<user18>`; which host is the setting `id_host`."""
        org = self.orgs[user.org_id]
        my_domain = self.settings.id_host == "my_domain"
        origin = org.my_domain_url if my_domain else self.login_host_of(org).origin
        return f"{origin}/id/{org.org_id}/{user.user_id}"

    def find_app(self, host: Host, client_id: str) -> App | None:
        """The app this host knows by that consumer key.

        A key is known on its org's My Domain and on the login or test host of that kind of org; a Connected App also in
        other orgs of the same kind (confirmed: it works across orgs), a Local External Client App only by setting.
        One that Salesforce brings along is known on every host.
        """
        app = self.apps.get(client_id)
        if app is None and client_id in self.former_keys and self.settings.rotated_pair_works:
            app = self.apps.get(self.former_keys[client_id])
        if app is None:
            return None
        now, delay = self.clock.time(), self.settings.propagation_delay_seconds
        app = self.propagation.known_app(app, client_id, now=now, delay_seconds=delay)
        if app is None or app.visible_from + delay > now or not app.oauth_enabled:
            return None
        if app.everywhere:
            return app
        if host.kind != "my_domain" or host.org_id == app.org_id:
            return app if self.serves(host, app.org_id) else None
        if app.kind == "external_client_app" and app.distribution == "local":
            return app if self.settings.local_app_on_foreign_my_domain == "blocked_after_login" else None
        return app if self.orgs[host.org_id].kind == self.orgs[app.org_id].kind else None

    def user_named(self, username: str) -> User | None:
        """User names are unique over all orgs and compared without case."""
        wanted = username.strip().casefold()
        return next((user for user in self.users.values() if user.username.casefold() == wanted), None)

    def change_app(self, client_id: str, /, **changes: Any) -> App:  # noqa: ANN401 - the fields of App
        """Changes take effect at once; with a new `client_id` the app's approvals and tokens move to that key."""
        app = replace(self.apps[client_id], **changes)
        if app.client_id != client_id:
            self.apps = {app.client_id if key == client_id else key: each for key, each in self.apps.items()}
            self._rename_in_orgs(client_id, app.client_id)
            for tell in self.on_new_key:
                tell(client_id, app.client_id)
        self.apps[app.client_id] = app
        return app

    def add_app(self, app: App) -> App:
        """Register this app; one that comes without an id or an API name gets them."""
        self._app_numbers += 1
        app = replace(
            app,
            app_id=app.app_id or make_id(_APP_PREFIXES[app.kind], self._app_numbers),
            api_name=app.api_name or api_name_from(app.name),
            created_at=app.created_at or self.clock.time(),
        )
        self.apps[app.client_id] = app
        return app

    def edit_app(self, client_id: str, /, **changes: Any) -> App:  # noqa: ANN401 - the fields of App
        """As `change_app`, but as an edit in Setup: the old values hold on until the propagation delay is over."""
        before = self.apps[client_id]
        after = self.change_app(client_id, **changes)
        delay = self.settings.propagation_delay_seconds
        self.propagation.note(before, after, now=self.clock.time(), delay_seconds=delay)
        return after

    def remove_app(self, client_id: str) -> None:
        self.apps.pop(client_id, None)
        self.propagation.forget(client_id)

    def _rename_in_orgs(self, old: str, new: str) -> None:
        """A new consumer key of an app on the lists of orgs."""
        for org in list(self.orgs.values()):
            for name in ("installed_apps", "blocked_apps"):
                if old in getattr(org, name):
                    keys = tuple(new if key == old else key for key in getattr(org, name))
                    self.change_org(org.org_id, **{name: keys})

    def change_org(self, org_id: str, **changes: Any) -> Org:  # noqa: ANN401 - the fields of Org
        org = replace(self.orgs[org_id], **changes)
        self.orgs[org_id] = org
        return org

    def switches_at(self, org_id: str) -> OrgSwitches:
        """The switches of this org with the world's settings where the org has none; of no org, the settings alone."""
        own = self.orgs[org_id].switches if org_id in self.orgs else OrgSwitches()
        settings = self.settings
        pkce, password = own.pkce_required, own.username_password_flow
        return replace(
            own,
            pkce_required=settings.pkce_required_org_wide if pkce is None else pkce,
            username_password_flow=settings.username_password_flow if password is None else password,
        )

    def is_blocked(self, app: App, org_id: str) -> bool:
        """Whether an administrator of this org has blocked the app, wherever it was made."""
        itself = app.blocked and (app.everywhere or app.org_id == org_id)
        return itself or app.client_id in self.orgs[org_id].blocked_apps

    def is_installed(self, app: App, org_id: str) -> bool:
        """Whether the app is installed in this org; one that Salesforce brings along is on the list of each org."""
        if app.org_id == org_id:
            return app.installed
        return (app.installed or not app.everywhere) and app.client_id in self.orgs[org_id].installed_apps

    # what Setup writes down

    def audit(self, user_id: str, action: str, section: str, display: str) -> None:
        """Write a row of the Setup Audit Trail."""
        org_id = self.users[user_id].org_id
        entry = AuditEntry(
            at=self.clock.time(), user_id=user_id, org_id=org_id, action=action, section=section, display=display
        )
        self.audit_trail.append(entry)

    def send_mail(self, user: User, subject: str, body: str) -> None:
        """Put a letter in this user's practice mailbox."""
        self.mail.append(Mail(at=self.clock.time(), user_id=user.user_id, subject=subject, body=body))

    def change_user(self, user_id: str, **changes: Any) -> User:  # noqa: ANN401 - the fields of User
        user = replace(self.users[user_id], **changes)
        self.users[user_id] = user
        self.people_version += 1
        return user

    # logins

    def log_in(
        self, host: Host, username: str, password: str, *, address: str = "", relaxed: bool = False
    ) -> User | None:
        """The user when name and password are right, this host serves the org and the user may log in; else `None`.

        A user whose password has expired is given: the page has to ask for a new one. `relaxed` lifts the login IP
        ranges, for an app with that policy. The words in Login History are likely.
        """
        user = self.user_named(username)
        if user is None or not self.serves(host, user.org_id):
            return None
        status = self.login_status(host, user, password, address=address, relaxed=relaxed)
        self.note_login(user, "Browser", "Application", status, address=address, host=host)
        return user if status in ("Success", "Password Expired") else None

    def login_status(self, host: Host, user: User, password: str, *, address: str, relaxed: bool = False) -> str:
        """What Login History says of this user's login with a password."""
        status = "Success"
        if password != user.password:
            status = "Invalid Password"
        elif not user.is_active:
            status = "User is Inactive"
        elif user.is_frozen:
            status = "User is Frozen"
        elif self.settings.my_domain_login_only != "off" and host.kind != "my_domain":
            status = f"Login from {host.kind} host is disabled"
        elif user.login_ip_ranges and not relaxed and not in_ranges(address, user.login_ip_ranges):
            status = "Restricted IP"
        elif user.password_expired:
            status = "Password Expired"
        return status

    def note_login(
        self,
        user: User,
        application: str,
        login_type: str,
        status: str,
        *,
        address: str = "",
        host: Host | None = None,
    ) -> None:
        """Write a row of Login History."""
        self._login_numbers += 1
        self.logins.append(
            Login(
                at=self.clock.time(),
                username=user.username,
                user_id=user.user_id,
                org_id=user.org_id,
                application=application,
                login_type=login_type,
                status=status,
                source_ip=address or self.settings.client_ip,
                number=self._login_numbers,
                login_url=host.origin if host is not None else self.orgs[user.org_id].my_domain_url,
            )
        )

    def open_session(self, user: User) -> str:
        """Log this user in on a browser; gives the value of the session cookie."""
        value = self.mint.opaque(60)
        expires = self.clock.time() + self.settings.browser_session_seconds
        self.sessions[value] = BrowserSession(
            user_id=user.user_id, serial=self.next_serial(), expires=expires, csrf=self.mint.opaque(32)
        )
        keep_newest(self.sessions, _SESSIONS_KEPT)
        return value

    def session(self, host: Host, cookie: str) -> BrowserSession | None:
        """The live browser session of this cookie, if its user may still use this host."""
        found = self.sessions.get(cookie)
        if found is None or found.expires < self.clock.time():
            return None
        user = self.users[found.user_id]
        if not user.is_active or user.is_frozen or not self.serves(host, user.org_id):
            return None
        return found

    def close_session(self, cookie: str) -> None:
        self.sessions.pop(cookie, None)

    def one_time_login(self, user: User) -> str:
        """A value that logs this user in once, as `frontdoor.jsp?otp=`."""
        value = self.mint.opaque(80)
        self._one_time_logins[value] = user.user_id
        return value

    def use_one_time_login(self, value: str) -> User | None:
        user_id = self._one_time_logins.pop(value, None)
        return self.users[user_id] if user_id else None

    # authorize calls that wait for a login

    def park(self, request: AuthorizeRequest) -> str:
        """Store this call until its user has logged in; gives the opaque `source`."""
        source = self.mint.source()
        self.pending[source] = request
        keep_newest(self.pending, _PENDING_AUTHORIZE_KEPT)
        return source


def api_name_from(name: str) -> str:
    """The API Name that an app gets when none is typed: letters, digits and single underscores, a letter first."""
    words = "".join(each if each.isascii() and each.isalnum() else "_" for each in name)
    joined = "_".join(part for part in words.split("_") if part)
    return joined if joined[:1].isalpha() else f"X{joined}" if joined else ""


def keep_newest(items: OrderedDict[str, Any], most: int) -> None:
    """Forget the oldest above this number."""
    while len(items) > most:
        items.popitem(last=False)
