"""One failure with what is stored about its connection, and the facts that are learnt about it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sfrunbook.core.http import origin_of
from sfrunbook.core.http_budget import MeteredSession
from sfrunbook.core.model import Connection, Failure, Grant, Known, Value
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.facts import facts
from sfrunbook.store.what_worked import History

__all__ = ["Case"]

#: a login that was begun longer ago than this has nothing to do with what fails now
_LONGEST_LOGIN = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A failure of a connection, with everything that may be asked about it."""

    failure: Failure
    connection: Connection
    grant: Grant | None
    client_secret: Secret | None
    #: grants whose access tokens may be used to ask the org, the connection's own first
    logins: tuple[Grant, ...]
    history: History
    http: MeteredSession
    clock: Callable[[], datetime]
    #: names under which the org may list the app
    app_names: tuple[str, ...] = ()
    known: dict[str, Known] = field(default_factory=dict)
    #: what was found on the way and decides nothing by itself
    found: dict[str, str] = field(default_factory=dict)

    def learn(self, name: str, value: Value | None, how: str = "") -> None:
        """Note a fact; None means that it could not be learnt. `how` is empty for what is stored here."""
        if value is None:
            return
        if name not in facts():
            raise KeyError(name)
        self.known[name] = Known(value=value, how=how)

    def knows(self, name: str, value: Value) -> bool:
        return name in self.known and self.known[name].value == value

    @property
    def app_name(self) -> str:
        """Name under which the org lists the app; empty while that is not known for certain."""
        return self.history.app_name or self.found.get("app_name", "")

    def name_app(self, listed: Collection[str]) -> str:
        """The app's name, which may be one of the partner profile's where the user has approved an app of that name."""
        if not self.app_name and (name := next((name for name in self.app_names if name in listed), "")):
            self.found["app_name"] = name
        return self.app_name

    @property
    def likely_names(self) -> tuple[str, ...]:
        """The app's name, else those that the partner profile gives it."""
        return (self.app_name,) if self.app_name else self.app_names

    @property
    def login_begun(self) -> datetime | None:
        """When the login that this failure may belong to was started."""
        begun = self.history.login_begun
        return begun if begun is not None and timedelta() <= self.clock() - begun <= _LONGEST_LOGIN else None

    @property
    def credentials_since(self) -> datetime | None:
        """Since when the stored Consumer Key and Consumer Secret are unchanged; None when that was not noted."""
        successes = self.history.successes()
        used = [success.at for success in successes if success.client_id == self.connection.client_id]
        return max(filter(None, (*used, self.history.secret_kept, self.connection.registered_at)), default=None)

    def is_same_user(self, login: Grant) -> bool:
        return self.grant is not None and login.user_id[:15] == self.grant.user_id[:15]

    @property
    def used_origin(self) -> str:
        """The origin that refused, where it is one of the connection's own; else the login origin.

        A host named in a pasted text is never asked anything.
        """
        wanted = self.failure.host.lower()
        return next((origin for origin in self.own_origins if urlsplit(origin).netloc == wanted), self.own_origins[0])

    @property
    def own_origins(self) -> tuple[str, ...]:
        """Origins that the connection and its grant name, the login origin first."""
        named = [origin_of(self.connection.login_url)]
        if self.grant:
            named += [origin_of(self.grant.issuer), origin_of(self.grant.instance_url)]
        return tuple(dict.fromkeys(named))
