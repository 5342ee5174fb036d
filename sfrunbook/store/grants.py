"""The grant store in a folder: one encrypted file for each grant and each named secret, and a lock beside it.

Files, and not SQLite: a record is replaced as a whole by one rename, which needs no recovery after a crash; each grant
has a lock of its own, so a hanging run blocks no other connection; a damaged file costs one connection and not all; and
a write needs two waits for the disk where SQLite in WAL mode with full synchronisation needs as many. What SQLite would
give beyond that, queries over all grants, is not needed on one machine.

A record belongs to one connection, which is pinned to one org, one user's approval and one app, and to this machine.
`sfrunbook.store.secret_place.open_store` opens the store of a connection.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sfrunbook.core.durable_file import disk, locked
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Grant
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store.encrypted_files import BINDING_BYTES, GRANT, SECRET, EncryptedFiles, unreadable
from sfrunbook.store.grant_record import (
    Quarantined,
    SentMark,
    StoredGrant,
    stored_grant_from_json,
    stored_grant_to_json,
)
from sfrunbook.store.wrapping_key import WrappingKey

__all__ = ["GrantStore"]

_LOCK_SECONDS = 60.0
_POLL_SECONDS = 0.005
#: the header of a grant holds the machine's id and a digest of org, user, app and machine
_MACHINE_BYTES = 8
_IDENTITY_BYTES = BINDING_BYTES - _MACHINE_BYTES
#: a use is noted when the last noted use was longer ago
_USE_NOTED_AFTER = timedelta(hours=1)


class GrantStore:
    """The encrypted records in `folder/grants`: `CONNECTION.grant` and `NAME.secret`.

    Every method may raise the problems `store-unreadable`, `store-unwritable`, `wrapping-key-wrong`,
    `grant-of-another-machine` and `grant-busy`.
    """

    def __init__(self, folder: Path, key: WrappingKey, *, machine: str) -> None:
        self._files = EncryptedFiles(folder / "grants", key)
        self._machine = machine
        #: a sentence on how the key is protected
        self.protection = key.protection

    @property
    def place(self) -> str:
        """The folder of the records, which identifies the store."""
        return str(self._files.folder)

    def names(self) -> tuple[str, ...]:
        """Connections that have a record of a grant, readable or not, in alphabetical order."""
        return self._files.names(GRANT)

    def load(self, connection: str) -> Grant | None:
        record = self.record(connection)
        return record.grant if record else None

    def save(self, grant: Grant) -> None:
        """Store a grant; other tokens than before end the mark that they were sent, and a quarantine.

        Raises the problem `grant-stale` for a lower generation of the stored approval, or a refreshed copy of an older
        approval. A code exchange (generation 1) of another approval is always stored, whatever was there before.
        """
        with self.lock(grant.connection):
            try:
                stored = self.record(grant.connection)
            except RunbookError as error:
                if grant.generation > 1 or error.code != "grant-of-another-machine":
                    raise
                stored = None
            if stored is None:
                self._write(StoredGrant(grant=grant))
                return
            if _is_stale(grant, stored.grant):
                raise problem("grant-stale", connection=grant.connection)
            if _tokens(grant) == _tokens(stored.grant):
                self._write(replace(stored, grant=grant))
            else:
                self._write(StoredGrant(grant=grant, used_at=stored.used_at))

    def quarantine(self, quarantined: Quarantined) -> None:
        """Store tokens that no run may use, beside the grant they follow; this also clears the mark of `mark_sent`.

        The next `save` of other tokens ends the quarantine. Raises the problem `grant-stale` when the grant they
        follow is gone.
        """
        connection = quarantined.grant.connection
        with self.lock(connection):
            record = self.record(connection)
            if record is None or _is_stale(quarantined.grant, record.grant):
                raise problem("grant-stale", connection=connection)
            self._write(replace(record, sent=None, quarantined=quarantined))

    def mark_sent(self, connection: str, at: datetime) -> None:
        """Write down, durably, that the refresh token is about to be sent; nothing happens without a grant."""
        with self.lock(connection):
            if record := self.record(connection):
                self._write(replace(record, sent=SentMark(at=at, generation=record.grant.generation)))

    def clear_sent(self, connection: str) -> None:
        """Write down that the request was answered, or that someone has decided; nothing happens without a mark."""
        with self.lock(connection):
            record = self.record(connection)
            if record and record.sent:
                self._write(replace(record, sent=None))

    def note_used(self, connection: str, at: datetime) -> None:
        """Write down that the access token worked at `at`, at most once an hour; nothing happens without a grant."""
        if not _use_is_due(self.record(connection), at):
            return
        with self.lock(connection):
            record = self.record(connection)
            if record and _use_is_due(record, at):
                self._write(replace(record, used_at=at))

    def adopt(self, connection: str) -> None:
        """Bind a grant of another machine to this one; the other machine must no longer use it."""
        with self.lock(connection):
            if record := self.record(connection, of_any_machine=True):
                self._write(record)

    def holds(self, connection: str) -> bool:
        return self._files.path(connection, GRANT).exists()

    def delete(self, connection: str) -> None:
        """Delete the grant of a connection; nothing happens without one."""
        with self.lock(connection):
            self._files.delete(connection, GRANT)

    @contextlib.contextmanager
    def lock(self, connection: str, timeout_seconds: float = _LOCK_SECONDS) -> Iterator[None]:
        """Lock the grant of a connection against every other process and thread; the same thread may enter it again.

        The system releases the lock when the process ends, however it ends. Raises the problem `grant-busy`.
        """
        path = self._files.path(connection, "lock")
        with contextlib.ExitStack() as stack:
            with disk(path):
                try:
                    stack.enter_context(locked(path, timeout_seconds, poll_seconds=_POLL_SECONDS))
                except TimeoutError:
                    raise problem("grant-busy", connection=connection, seconds=f"{timeout_seconds:g}") from None
            yield

    def put_secret(self, name: str, secret: Secret) -> None:
        """Store a secret, in place of an earlier secret of the same name."""
        self._files.write(name, SECRET, {"value": secret.reveal()})

    def get_secret(self, name: str) -> Secret | None:
        file = self._files.read(name, SECRET)
        return Secret(str(self._files.decrypt(file).get("value", ""))) if file else None

    def holds_secret(self, name: str) -> bool:
        return self._files.path(name, SECRET).exists()

    def delete_secret(self, name: str) -> None:
        """Delete a named secret; nothing happens without one."""
        self._files.delete(name, SECRET)

    def record(self, connection: str, *, of_any_machine: bool = False) -> StoredGrant | None:
        """The whole record of a connection, or None when there is none."""
        file = self._files.read(connection, GRANT)
        if file is None:
            return None
        machine, identity = file.binding[:_MACHINE_BYTES].hex(), file.binding[_MACHINE_BYTES:]
        is_foreign = machine != self._machine
        if is_foreign and not self._files.is_of_this_key(file):
            raise problem("grant-of-another-machine", connection=connection)
        content = self._files.decrypt(file)
        try:
            record = stored_grant_from_json(content)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise unreadable(file.path, "it lacks a field") from None
        if identity != self._identity(record):
            raise unreadable(file.path, "it names a different org, user, app or machine than the login in it")
        if is_foreign and record.grant.refresh_token is not None and not of_any_machine:
            raise problem("grant-of-another-machine", connection=connection)
        return record

    def _write(self, record: StoredGrant) -> None:
        record = replace(record, machine=self._machine)
        binding = bytes.fromhex(self._machine) + self._identity(record)
        self._files.write(record.grant.connection, GRANT, stored_grant_to_json(record), binding=binding)

    def _identity(self, record: StoredGrant) -> bytes:
        """Org, user, app and machine as a digest under the key."""
        return self._files.digest(json.dumps(["identity", *record.identity]).encode())[:_IDENTITY_BYTES]


def _tokens(grant: Grant) -> tuple[Secret, Secret | None]:
    return grant.access_token, grant.refresh_token


def _use_is_due(record: StoredGrant | None, at: datetime) -> bool:
    return record is not None and (record.used_at is None or at - record.used_at >= _USE_NOTED_AFTER)


def _is_stale(grant: Grant, stored: Grant) -> bool:
    if grant.approved_at == stored.approved_at:
        return grant.generation < stored.generation
    return grant.generation > 1 and grant.approved_at < stored.approved_at
