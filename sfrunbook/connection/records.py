"""What is on this machine for one connection: settings, profile, secrets, stored grants, progress and history."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import requests

from sfrunbook import partners
from sfrunbook.connection.practice_connection import PracticeConnection
from sfrunbook.connection.practice_org import PracticeOrg, find_practice_org
from sfrunbook.connection.refreshing import current_grant
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import origin_of
from sfrunbook.core.http_session import open_session
from sfrunbook.core.model import Connection, Grant
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.partners import FilledField, PartnerProfile
from sfrunbook.salesforce.oauth.pending import Clock, utc_now
from sfrunbook.store.approvals import OwnApprovals
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.machine_id import machine_id
from sfrunbook.store.progress import Progress
from sfrunbook.store.references import resolve
from sfrunbook.store.what_worked import History

__all__ = ["Records"]

_WITNESSES_AT_MOST = 3


class Records:
    """Everything of a connection that can be read without asking Salesforce or the partner."""

    def __init__(
        self,
        connection: Connection,
        *,
        folder: Path,
        open_store: Callable[[], GrantStore],
        book: ConnectionBook | None = None,
        practice: PracticeConnection | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self.connection = connection
        self.folder = folder
        self.practice = practice
        self.progress = Progress(folder / "progress", connection.name)
        self.history = History(folder / "history", connection.name)
        self.own_approvals = OwnApprovals(folder)
        self._open_store = open_store
        self._book = book
        self.now = clock

    @cached_property
    def store(self) -> GrantStore:
        """The encrypted store; opened only when a secret is needed, since it may need a passphrase."""
        return self._open_store()

    def reopen_store(self) -> None:
        """Open the store again at its next use, since the place where secrets are stored was changed."""
        self.__dict__.pop("store", None)

    @cached_property
    def http(self) -> requests.Session:
        return open_session(self.connection.ca_file)

    @property
    def machine(self) -> str:
        return machine_id(os.environ)

    @property
    def profile(self) -> PartnerProfile:
        return partners.load(self.connection.profile, self.folder / "profiles")

    def registration(self) -> tuple[str, tuple[FilledField, ...]]:
        """The screen of Salesforce where the app is registered, and every field of it in order, filled in."""
        form = self.profile.forms_for(self.connection.app_kind)[0]
        fields = self.profile.fill(form, self.connection.variables, (self.connection.redirect_uri,))
        return f"{form.path}, then {form.finish}", fields

    @property
    def practice_org(self) -> PracticeOrg | None:
        """The practice org that this connection logs in to, whatever the connection is called; None for a real org.

        Raises RunbookError `practice-world-gone` when its address is on this machine and nothing answers there.
        """
        return self.practice.org if self.practice else find_practice_org(self.connection)

    @property
    def partner_callbacks(self) -> tuple[str, ...]:
        """The partner's Callback URLs; none while the connection lacks a value that they need."""
        with contextlib.suppress(RunbookError):
            return self.profile.callback_urls(self.connection.variables)
        return ()

    @property
    def app_names(self) -> tuple[str, ...]:
        """The app's names in Salesforce by the partner profile."""
        with contextlib.suppress(RunbookError):
            return tuple(field.value for field in self.registration()[1] if field.label.endswith("App Name"))
        return ()

    def change(self, **changes: object) -> None:
        """Change the connection, on disk too where it has a file."""
        if self._book:
            self._book.update(self.connection.name, **changes)
        self.connection = replace(self.connection, **changes)  # type: ignore[arg-type]  # names are the caller's fields

    def secret(self, reference: str | None) -> Secret | None:
        """The secret that a reference names, read now; None without a reference, or when none was stored yet.

        Raises RunbookError `secret-not-found` when a reference outside the store leads nowhere.
        """
        if not reference:
            return None
        if reference.startswith("store:"):
            return self.store.get_secret(reference.removeprefix("store:"))
        return resolve(reference, self.store)

    def client_secret(self) -> Secret | None:
        """The Consumer Secret; None for a public client. Raises as `secret` does."""
        return self.secret(self.connection.client_secret)

    def grant(self) -> Grant | None:
        return current_grant(self.store, self.connection.name)

    def readable_grant(self) -> Grant | None:
        """The stored grant; None also where the store cannot be read."""
        with contextlib.suppress(RunbookError):
            return self.grant()
        return None

    def witnesses(self) -> tuple[Grant, ...]:
        """Grants whose access tokens may ask this connection's org: its own, then those of other connections.

        Before the first login the org is known by its own address, where that is the connection's login address.
        """
        own = self.grant()
        org_id = (own.org_id if own else self.connection.org_id) or ""
        address = origin_of(self.connection.login_url)
        found = [own] if own else []
        for name in self._book.names() if self._book else ():
            with contextlib.suppress(RunbookError):
                other = self.store.load(name) if name != self.connection.name else None
                if other is None:
                    continue
                same = other.org_id[:15] == org_id[:15] if org_id else origin_of(other.instance_url) == address
                found += [other] if same else []
        return tuple(found[:_WITNESSES_AT_MOST])
