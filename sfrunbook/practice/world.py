"""One practice world's state and the questions that every endpoint asks of it."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sfrunbook.practice.entities import App, AuthorizeRequest, BrowserSession, Host, Login, Org, User
from sfrunbook.practice.settings import Settings
from sfrunbook.practice.tokens import Mint, SigningKey

if TYPE_CHECKING:
    from sfrunbook.practice.clock import Clock

__all__ = ["World"]

_PENDING_AUTHORIZE_KEPT = 5_000
_LOGINS_KEPT = 5_000
_SESSIONS_KEPT = 2_000


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
        self.logins: deque[Login] = deque(maxlen=_LOGINS_KEPT)
        self.pending: OrderedDict[str, AuthorizeRequest] = OrderedDict()
        self.sessions: OrderedDict[str, BrowserSession] = OrderedDict()
        self._one_time_logins: dict[str, str] = {}
        self._serial = 0

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

    def org_of(self, user: User) -> Org:
        return self.orgs[user.org_id]

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
        """
        app = self.apps.get(client_id)
        if app is None or app.everywhere:
            return app
        if app.visible_from + self.settings.propagation_delay_seconds > self.clock.time():
            return None
        if host.kind != "my_domain" or host.org_id == app.org_id:
            return app if self.serves(host, app.org_id) else None
        if app.kind == "external_client_app" and app.distribution == "local":
            return app if self.settings.local_app_on_foreign_my_domain == "blocked_after_login" else None
        return app if self.orgs[host.org_id].kind == self.orgs[app.org_id].kind else None

    def user_named(self, username: str) -> User | None:
        """User names are unique over all orgs and compared without case."""
        wanted = username.strip().casefold()
        return next((user for user in self.users.values() if user.username.casefold() == wanted), None)

    def change_app(self, client_id: str, **changes: Any) -> App:  # noqa: ANN401 - the fields of App
        app = replace(self.apps[client_id], **changes)
        self.apps[client_id] = app
        return app

    def change_user(self, user_id: str, **changes: Any) -> User:  # noqa: ANN401 - the fields of User
        user = replace(self.users[user_id], **changes)
        self.users[user_id] = user
        return user

    # logins

    def log_in(self, host: Host, username: str, password: str) -> User | None:
        """The user when name and password are right, this host serves the org and the user may log in; else `None`."""
        user = self.user_named(username)
        if user is None or not self.serves(host, user.org_id):
            return None
        status = "Success"
        if password != user.password:
            status = "Invalid Password"
        elif not user.is_active:
            status = "User is Inactive"
        elif user.is_frozen:
            status = "User is Frozen"
        self.note_login(user, "Browser", "Application", status)
        return user if status == "Success" else None

    def note_login(self, user: User, application: str, login_type: str, status: str) -> None:
        """Write a row of Login History."""
        self.logins.append(
            Login(
                at=self.clock.time(),
                username=user.username,
                user_id=user.user_id,
                org_id=user.org_id,
                application=application,
                login_type=login_type,
                status=status,
            )
        )

    def open_session(self, user: User) -> str:
        """Log this user in on a browser; gives the value of the session cookie."""
        value = self.mint.opaque(60)
        expires = self.clock.time() + self.settings.browser_session_seconds
        self.sessions[value] = BrowserSession(
            user_id=user.user_id, serial=self.next_serial(), expires=expires, csrf=self.mint.opaque(32)
        )
        _keep(self.sessions, _SESSIONS_KEPT)
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

    # authorize calls that wait for a person

    def park(self, request: AuthorizeRequest) -> str:
        """Keep this call until its person has logged in; gives the opaque `source`."""
        source = self.mint.source()
        self.pending[source] = request
        _keep(self.pending, _PENDING_AUTHORIZE_KEPT)
        return source


def _keep(items: OrderedDict[str, Any], most: int) -> None:
    while len(items) > most:
        items.popitem(last=False)
