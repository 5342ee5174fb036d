"""One connection's records and secrets in reach, before anything is asked of anybody."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace as _with
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import requests

from sfrunbook import partners
from sfrunbook.connection.practice_connection import Rehearsal
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import open_session
from sfrunbook.core.model import Connection, GrantKind
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.partners import FilledField, PartnerProfile
from sfrunbook.store.approvals import OwnApprovals
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.machine_id import machine_id
from sfrunbook.store.progress import Progress
from sfrunbook.store.references import resolve
from sfrunbook.store.what_worked import CREDENTIALS, History

__all__ = ["Records", "secret_name"]


class Records:
    """A connection, its profile, its secrets, its progress and its history."""

    def __init__(
        self,
        connection: Connection,
        *,
        folder: Path,
        open_store: Callable[[], GrantStore],
        book: ConnectionBook | None = None,
        practice: Rehearsal | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.connection = connection
        self.practice = practice
        self.folder = folder
        self.progress = Progress(folder / "progress", connection.name)
        self.history = History(folder / "history", connection.name)
        self.own_approvals = OwnApprovals(folder)
        self._open_store = open_store
        self._book = book
        self._clock = clock

    @cached_property
    def store(self) -> GrantStore:
        """The encrypted store; asked for only when a secret is needed, since it may need a passphrase."""
        return self._open_store()

    def reopen_store(self) -> None:
        """Open the store anew at its next use, since the place where secrets are kept was changed."""
        self.__dict__.pop("store", None)

    @cached_property
    def http(self) -> requests.Session:
        """A session without any login."""
        return open_session(self.connection.ca_file)

    @property
    def machine(self) -> str:
        """The id of this machine, to which a grant belongs."""
        return machine_id(os.environ)

    @property
    def profile(self) -> PartnerProfile:
        """The partner's profile."""
        return partners.load(self.connection.profile, self.folder / "profiles")

    def registration(self) -> tuple[str, tuple[FilledField, ...]]:
        """The screen of Salesforce where the app is registered, and every field of it in order, filled in."""
        form = self.profile.forms_for(self.connection.app_kind)[0]
        fields = self.profile.fill(form, self.connection.variables, (self.connection.redirect_uri,))
        return f"{form.path}, then {form.finish}", fields

    @property
    def app_names(self) -> tuple[str, ...]:
        """Names that the partner profile gives the app in Salesforce."""
        with contextlib.suppress(RunbookError):
            return tuple(one.value for one in self.registration()[1] if one.label.endswith("App Name"))
        return ()

    def now(self) -> datetime:
        """The time, by the clock of this workbench."""
        return self._clock()

    def change(self, **changes: object) -> None:
        """Change the connection, on disk too where it has a file."""
        if self._book:
            self._book.update(self.connection.name, **changes)
        self.connection = _with(self.connection, **changes)  # type: ignore[arg-type]  # names are the caller's fields

    def client_secret(self) -> Secret | None:
        """The Consumer Secret, resolved now; None for a public client or when none was kept yet.

        Raises RunbookError `secret-not-found` when a reference outside the store leads nowhere.
        """
        reference = self.connection.client_secret
        if not reference:
            return None
        if reference.startswith("store:"):
            return self.store.get_secret(secret_name(reference))
        return resolve(reference, self.store)

    def lacks_client_secret(self) -> bool:
        """Whether the app asks for a Consumer Secret and none is kept; a login without it would end in a refusal."""
        needs_none = self.connection.public or self.connection.grant_kind is GrantKind.JWT_BEARER
        return not needs_none and self.client_secret() is None

    def keep_client_id(self, client_id: str, *, just_saved: bool) -> None:
        """Keep the Consumer Key, and when its app was saved in Salesforce if that was just now."""
        self.change(client_id=client_id, registered_at=self._clock() if just_saved else None)

    def keep_client_secret(self, secret: Secret) -> None:
        """Keep the Consumer Secret in the encrypted store and let the connection refer to it."""
        reference = f"store:{self.connection.name}"
        if self.store.get_secret(secret_name(reference)) != secret:
            self.history.forget_stage(CREDENTIALS)
            self.history.note_secret_kept(self._clock())
        self.store.put_secret(secret_name(reference), secret)
        if self.connection.client_secret != reference:
            self.change(client_secret=reference)


def secret_name(reference: str) -> str:
    return reference.removeprefix("store:")
