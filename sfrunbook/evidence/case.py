"""What is at hand about one failure, and the facts that are learnt of it, one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sfrunbook.clues import CLUES, Known, Value
from sfrunbook.evidence.budget import MeteredSession
from sfrunbook.history import History
from sfrunbook.model import Connection, Failure, Grant
from sfrunbook.oauth.hosts import HostKind, classify
from sfrunbook.secret import Secret
from sfrunbook.transport import origin_of

__all__ = ["Case"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One failure of one connection, with everything that may be asked about it."""

    failure: Failure
    connection: Connection
    grant: Grant | None
    client_secret: Secret | None
    #: grants whose access tokens may be used to ask the org, the connection's own first
    witnesses: tuple[Grant, ...]
    history: History
    http: MeteredSession
    clock: Callable[[], datetime]
    #: names under which the org may list the app
    app_names: tuple[str, ...] = ()
    known: dict[str, Known] = field(default_factory=dict)

    def learn(self, name: str, value: Value | None, how: str = "") -> None:
        """Keep a fact; None means that it could not be learnt. `how` is empty for what is stored here."""
        if value is None:
            return
        if name not in CLUES:
            raise KeyError(name)
        self.known[name] = Known(value=value, how=how)

    @property
    def login_origin(self) -> str:
        """The origin that the connection logs in at."""
        return origin_of(self.connection.login_url)

    @property
    def used_origin(self) -> str:
        """The origin that refused, where it is one of the connection's own; else the login origin.

        A host named in a pasted text is never asked anything.
        """
        wanted = self.failure.host.lower()
        return next((one for one in self.own_origins if urlsplit(one).netloc == wanted), self.login_origin)

    @property
    def own_origins(self) -> tuple[str, ...]:
        """Origins that the connection and its grant name."""
        named = [self.login_origin]
        if self.grant:
            named += [origin_of(self.grant.issuer), origin_of(self.grant.instance_url)]
        return tuple(dict.fromkeys(named))

    def is_shared(self, origin: str) -> bool:
        """Whether all orgs log in there."""
        return classify(origin).kind in (HostKind.LOGIN, HostKind.TEST)
