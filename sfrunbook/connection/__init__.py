"""One connection opened for work; what notebooks and command line share."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from sfrunbook.connection import practice_connection
from sfrunbook.connection.check_runs import CheckRuns
from sfrunbook.connection.grants import Grants
from sfrunbook.connection.login import Login
from sfrunbook.connection.org import Org
from sfrunbook.connection.partner import Partner
from sfrunbook.connection.practice_org import PracticeOrg
from sfrunbook.connection.records import Records
from sfrunbook.connection.unattended import Unattended
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Connection, Diagnosis, GrantKind, Known
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.investigate import investigate
from sfrunbook.partners import PartnerProfile
from sfrunbook.store import secret_place
from sfrunbook.store.connections import ConnectionBook, home
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.what_worked import CREDENTIALS

__all__ = ["OpenConnection", "open_connection"]


def open_connection(name: str, environ: Mapping[str, str]) -> OpenConnection:
    """Open a connection by name; the practice connection starts or joins a practice org.

    Raises RunbookError: `connection-not-found` and its kin, `practice-world-did-not-start`.
    """
    if name == practice_connection.NAME:
        practice = practice_connection.join_or_start(environ)
        return OpenConnection(
            Records(practice.connection, folder=practice.folder, open_store=lambda: practice.store, practice=practice)
        )
    folder = home(environ)
    book = ConnectionBook(folder)
    open_store = partial(secret_place.open_store, folder, name, environ)
    return OpenConnection(Records(book.get(name), folder=folder, open_store=open_store, book=book))


class OpenConnection:
    """Everything that can be done with one connection: what is on this machine, and a collaborator for each task."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.practice, self.now = records.practice, records.now
        self.progress, self.history, self.http = records.progress, records.history, records.http
        self.change, self.client_secret = records.change, records.client_secret
        self.grants = Grants(records)
        self.org = Org(records, self.grants)
        self.login = Login(records, self.grants, self.org)
        self.unattended = Unattended(records, self.grants)
        self.partner = Partner(records, self.org)
        self.checks = CheckRuns(records, self.grants, self.org, self.partner)

    @property
    def connection(self) -> Connection:
        return self.records.connection

    @property
    def practice_org(self) -> PracticeOrg | None:
        return self.records.practice_org

    @property
    def profile(self) -> PartnerProfile:
        return self.records.profile

    @property
    def store(self) -> GrantStore:
        return self.records.store

    def explain_failure(self, diagnosis: Diagnosis, written: Mapping[str, Known] = MappingProxyType({})) -> Diagnosis:
        """The diagnosis with its causes judged by what the user wrote, and by a few harmless questions to the org."""
        return investigate(self.records, diagnosis, written)

    def lacks_client_secret(self) -> bool:
        """Whether the app needs a Consumer Secret and none is stored; a login without it would be refused."""
        needs_none = self.connection.public or self.connection.grant_kind is GrantKind.JWT_BEARER
        return not needs_none and self.client_secret() is None

    def keep_client_id(self, client_id: str, *, just_saved: bool) -> None:
        """Store the Consumer Key, and when its app was saved in Salesforce if that was just now."""
        self.change(client_id=client_id, registered_at=self.now() if just_saved else None)

    def keep_client_secret(self, secret: Secret) -> None:
        """Store the Consumer Secret encrypted and let the connection refer to it."""
        name = self.connection.name
        if self.store.get_secret(name) != secret:
            self.history.forget_stage(CREDENTIALS)
            self.history.note_secret_kept(self.now())
        self.store.put_secret(name, secret)
        if self.connection.client_secret != f"store:{name}":
            self.change(client_secret=f"store:{name}")

    def known_secrets(self) -> tuple[str, ...]:
        """Every secret value this connection can read now, for the search through what a run leaves."""
        quarantined, secrets = self.grants.quarantined(), [self.client_secret()]
        for grant in (self.grants.stored(), quarantined.grant if quarantined else None):
            secrets += [grant.access_token, grant.refresh_token] if grant else []
        with contextlib.suppress(RunbookError):
            secrets.append(self.records.secret(self.connection.private_key))
        secrets.append(self.partner.client_secret())
        return tuple(secret.reveal() for secret in secrets if secret)

    def prepare_practice(self, *, grant: bool) -> None:
        """In a practice org that this process started, do what its user would have done: enter the secret, log in."""
        if self.practice is None or self.practice.process is None:
            return
        if self.client_secret() is None:
            self.keep_client_secret(self.practice.client_secret)
        if grant and self.grants.stored() is None:
            self.login.log_in_unattended()
