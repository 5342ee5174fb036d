"""The grant store in a folder: one encrypted file for each grant and each named secret, and a lock beside it.

Files, and not SQLite: a record is replaced as a whole by one rename, which needs no recovery after a crash; each grant
has a lock of its own, so a hanging run holds up nobody else; a damaged file costs one connection and not all; and a
write needs two waits for the disk where SQLite in WAL mode with full synchronisation needs as many. What SQLite would
give beyond that, queries over all grants, is asked for by nobody on one machine. A fleet has a database of its own:
`Keeps` is all it must do.

A record stands for one connection, which is pinned to one org, one user's approval and one app, and for this machine.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sfrunbook.core.durable_file import make_private_folder, write_durably
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Grant
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store.grant_record import Kept, Quarantined, Sent, kept_from_json, kept_to_json, tokens_of
from sfrunbook.store.machine_id import machine_id
from sfrunbook.store.wrapping_key import WrappingKey, wrapping_key

__all__ = ["LOCK_SECONDS", "GrantStore", "open_store"]

_MAGIC = b"SFRB"
#: version 1 is bound to kind and name, version 2 to machine, org, user and app as well
_PLAIN, _BOUND = 1, 2
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_MACHINE_BYTES = 8
_IDENTITY_BYTES = 16
_PLAIN_BYTES = len(_MAGIC) + 1 + _KEY_ID_BYTES
_HEADER_BYTES = {_PLAIN: _PLAIN_BYTES, _BOUND: _PLAIN_BYTES + _MACHINE_BYTES + _IDENTITY_BYTES}
LOCK_SECONDS = 60.0
_LOOKS_EVERY_SECONDS = 0.005
#: a use is written down when the one before was longer ago
_USE_NOTED_AFTER = timedelta(hours=1)


def open_store(folder: Path, environ: Mapping[str, str]) -> GrantStore:
    """The store of `folder`, which is a `home`, with the wrapping key that `environ` and this machine offer.

    Raises the problem `no-wrapping-key`.
    """
    return GrantStore(folder, wrapping_key(folder / "grants", environ), machine=machine_id(environ))


@dataclass(frozen=True, kw_only=True)
class _Sealed:
    """A file taken apart, not yet opened."""

    path: Path
    header: bytes
    body: bytes

    @property
    def version(self) -> int:
        return self.header[len(_MAGIC)]

    @property
    def key_id(self) -> bytes:
        return self.header[len(_MAGIC) + 1 : _PLAIN_BYTES]

    @property
    def machine(self) -> str:
        return self.header[_PLAIN_BYTES : _PLAIN_BYTES + _MACHINE_BYTES].hex()


class GrantStore:
    """The encrypted records in `folder/grants`, mode 0700: `CONNECTION.grant` and `NAME.secret`, mode 0600.

    A file is `SFRB`, one version byte, eight bytes that tell the key, for a grant eight bytes that tell the machine and
    sixteen that stand for org, user, app and machine under the key, a nonce of twelve bytes, and AES-256-GCM over JSON
    with all before the nonce, the record's kind and its name as associated data, so that no record can stand for
    another. Every method may raise the problems `store-unreadable`, `store-unwritable`, `wrapping-key-wrong`,
    `grant-of-another-machine` and `grant-busy`.
    """

    def __init__(self, folder: Path, key: WrappingKey, *, machine: str = "") -> None:
        self._folder = folder / "grants"
        self._key = key
        self._machine = machine or machine_id(os.environ)
        self._known_key_id = b""
        self._held = _Held()

    @property
    def protection(self) -> str:
        """A sentence on how the key is kept."""
        return self._key.protection

    @property
    def place(self) -> str:
        """Where the records are, for telling two stores apart."""
        return str(self._folder)

    def names(self) -> tuple[str, ...]:
        """Connections of which there is a record, readable or not, in alphabetical order."""
        try:
            return tuple(sorted(unquote(path.stem) for path in self._folder.glob("*.grant") if path.stem[0] != "."))
        except OSError as error:
            raise _unreadable(self._folder, _reason(error)) from None

    def kept(self, connection: str) -> Kept | None:
        """The whole record of a connection, or None when there is none."""
        return self._record(connection)

    def load(self, connection: str) -> Grant | None:
        """The grant of a connection, or None when there is none."""
        record = self._record(connection)
        return record.grant if record else None

    def previous(self, connection: str) -> Grant | None:
        """The generation before the current one, as long as the current one was not confirmed."""
        record = self._record(connection)
        return record.previous if record else None

    def save(self, grant: Grant) -> None:
        """Keep a grant; the one it replaces stays as the previous one until `confirm`.

        Raises the problem `grant-stale` for a lower generation of the stored approval, or a refreshed copy of an older
        approval. A code exchange (generation 1) of another approval is always kept, whatever stood there.
        """
        with self.lock(grant.connection):
            try:
                held = self._record(grant.connection)
            except RunbookError as error:
                if grant.generation > 1 or error.code != "grant-of-another-machine":
                    raise
                held = None
            if held is None:
                self._write(Kept(grant=grant))
                return
            if _is_stale(grant, held.grant):
                raise problem("grant-stale", connection=grant.connection)
            if tokens_of(grant) == tokens_of(held.grant):
                self._write(replace(held, grant=grant))
            else:
                self._write(Kept(grant=grant, previous=held.grant, used_at=held.used_at))

    def quarantine(self, quarantined: Quarantined) -> None:
        """Store tokens that no run may use, beside the grant they follow; this also clears the mark of `mark_sent`.

        The next `save` of other tokens ends the quarantine. Raises the problem `grant-stale` when the grant they
        follow is gone.
        """
        connection = quarantined.grant.connection
        with self.lock(connection):
            record = self._record(connection)
            if record is None or _is_stale(quarantined.grant, record.grant):
                raise problem("grant-stale", connection=connection)
            self._write(replace(record, sent=None, quarantined=quarantined))

    def mark_sent(self, connection: str, at: datetime) -> None:
        """Write down, durably, that the refresh token is about to be sent; nothing happens without a grant."""
        with self.lock(connection):
            if record := self._record(connection):
                self._write(replace(record, sent=Sent(at=at, generation=record.grant.generation)))

    def clear_sent(self, connection: str) -> None:
        """Write down that what was sent has an answer, or that a person has decided; nothing happens otherwise."""
        with self.lock(connection):
            record = self._record(connection)
            if record and record.sent:
                self._write(replace(record, sent=None))

    def confirm(self, connection: str, at: datetime | None = None) -> None:
        """Drop the previous generation, since the current one has been used, at `at`; nothing happens without one."""
        with self.lock(connection):
            record = self._record(connection)
            if record is None:
                return
            old = record.used_at is None or (at is not None and at - record.used_at >= _USE_NOTED_AFTER)
            if record.previous or (at is not None and old):
                self._write(replace(record, previous=None, used_at=at or record.used_at))

    def needs_confirming(self, connection: str, at: datetime) -> bool:
        """Whether `confirm` would write anything now."""
        record = self._record(connection)
        if record is None:
            return False
        return bool(record.previous) or record.used_at is None or at - record.used_at >= _USE_NOTED_AFTER

    def adopt(self, connection: str) -> None:
        """Take over a grant that was made on another machine, where it must be used no more."""
        with self.lock(connection):
            if record := self._record(connection, of_any_machine=True):
                self._write(record)

    def holds(self, connection: str) -> bool:
        """Whether there is a record of a grant, readable or not."""
        return self._path(connection, "grant").exists()

    def delete(self, connection: str) -> None:
        """Forget the grant of a connection; nothing happens without one."""
        with self.lock(connection):
            self._delete(self._path(connection, "grant"))

    @contextlib.contextmanager
    def lock(self, connection: str, timeout_seconds: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the grant of a connection against every other process and thread; may be entered again while held.

        The system lets go of the lock when the process ends, however it ends. Raises the problem `grant-busy`.
        """
        from filelock import FileLock, Timeout

        path = self._path(connection, "lock")
        if path in self._held.paths:
            yield
            return
        with _disk(path):
            make_private_folder(self._folder)
            lock = FileLock(path, is_singleton=True)
            try:
                lock.acquire(timeout=timeout_seconds, poll_interval=_LOOKS_EVERY_SECONDS)
            except Timeout:
                raise problem("grant-busy", connection=connection, seconds=f"{timeout_seconds:g}") from None
        self._held.paths.add(path)
        try:
            yield
        finally:
            self._held.paths.discard(path)
            lock.release()

    def put_secret(self, name: str, secret: Secret) -> None:
        """Keep a named secret, in place of an earlier one of the same name."""
        self._seal(name, "secret", {"value": secret.reveal()}, self._plain_header(_PLAIN))

    def get_secret(self, name: str) -> Secret | None:
        """A named secret, or None when there is none."""
        sealed = self._sealed(name, "secret")
        if sealed is None:
            return None
        self._check_key(sealed)
        return Secret(str(self._decrypted(sealed, name, "secret").get("value", "")))

    def holds_secret(self, name: str) -> bool:
        """Whether there is a record of a secret, readable or not."""
        return self._path(name, "secret").exists()

    def delete_secret(self, name: str) -> None:
        """Forget a named secret; nothing happens without one."""
        self._delete(self._path(name, "secret"))

    # --- records -----------------------------------------------------------------------------------------------------

    def _record(self, connection: str, *, of_any_machine: bool = False) -> Kept | None:
        sealed = self._sealed(connection, "grant")
        if sealed is None:
            return None
        foreign = sealed.version == _BOUND and sealed.machine != self._machine
        if foreign and not hmac.compare_digest(sealed.key_id, self._key_id()):
            raise problem("grant-of-another-machine", connection=connection)
        self._check_key(sealed)
        content = self._decrypted(sealed, connection, "grant")
        try:
            kept = kept_from_json(content)
        except (KeyError, TypeError, ValueError):
            raise _unreadable(sealed.path, "it lacks a field") from None
        if sealed.version == _BOUND and sealed.header[-_IDENTITY_BYTES:] != self._identity(kept):
            raise _unreadable(sealed.path, "it is bound to another org, user, app or machine than it holds")
        if foreign and kept.grant.refresh_token is not None and not of_any_machine:
            raise problem("grant-of-another-machine", connection=connection)
        return kept

    def _write(self, kept: Kept) -> None:
        kept = replace(kept, machine=self._machine)
        header = self._plain_header(_BOUND) + bytes.fromhex(self._machine) + self._identity(kept)
        self._seal(kept.grant.connection, "grant", kept_to_json(kept), header)

    def _path(self, name: str, kind: str) -> Path:
        return _path_of(self._folder, name, kind)

    def _key_id(self) -> bytes:
        if not self._known_key_id:
            self._known_key_id = hmac.digest(self._key.reveal(), b"key id", "sha256")[:_KEY_ID_BYTES]
        return self._known_key_id

    def _plain_header(self, version: int) -> bytes:
        return _MAGIC + bytes([version]) + self._key_id()

    def _identity(self, kept: Kept) -> bytes:
        """What org, user, app and machine come to under the key; it tells none of them to who has not the key."""
        named = json.dumps(["identity", *kept.identity]).encode()
        return hmac.digest(self._key.reveal(), named, "sha256")[:_IDENTITY_BYTES]

    def _seal(self, name: str, kind: str, content: Mapping[str, object], header: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        path, nonce = self._path(name, kind), secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._key.reveal()).encrypt(nonce, json.dumps(content).encode(), _bound_to(header, name, kind))
        with _disk(path):
            if kind != "grant":  # for a grant the lock has made the folder
                make_private_folder(self._folder)
            write_durably(path, header + nonce + sealed, alone=kind == "grant")

    def _sealed(self, name: str, kind: str) -> _Sealed | None:
        path = self._path(name, kind)
        try:
            whole = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(path, _reason(error)) from None
        if len(whole) <= _PLAIN_BYTES + _NONCE_BYTES or not whole.startswith(_MAGIC):
            raise _unreadable(path, "it is damaged or no record of this runbook")
        size = _HEADER_BYTES.get(whole[len(_MAGIC)])
        if size is None or (kind == "secret" and whole[len(_MAGIC)] != _PLAIN):
            raise _unreadable(path, f"another version of sfrunbook wrote it (format {whole[len(_MAGIC)]})")
        return _Sealed(path=path, header=whole[:size], body=whole[size:])

    def _check_key(self, sealed: _Sealed) -> None:
        if not hmac.compare_digest(sealed.key_id, self._key_id()):
            raise problem("wrapping-key-wrong", path=sealed.path)

    def _decrypted(self, sealed: _Sealed, name: str, kind: str) -> dict[str, Any]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, text = sealed.body[:_NONCE_BYTES], sealed.body[_NONCE_BYTES:]
        try:
            content = json.loads(AESGCM(self._key.reveal()).decrypt(nonce, text, _bound_to(sealed.header, name, kind)))
        except (InvalidTag, ValueError):
            raise _unreadable(sealed.path, "it is damaged, or was copied from another name") from None
        if not isinstance(content, dict):
            raise _unreadable(sealed.path, "it is damaged")
        return content

    def _delete(self, path: Path) -> None:
        with _disk(path):
            path.unlink(missing_ok=True)


class _Held(threading.local):
    """The locks that this thread holds through one store, so that entering one again costs nothing."""

    def __init__(self) -> None:
        self.paths: set[Path] = set()


@lru_cache(maxsize=256)
def _path_of(folder: Path, name: str, kind: str) -> Path:
    """A record's file: other characters than letters, digits and `_.-~` are percent-encoded in its name."""
    encoded = quote(name, safe="")
    if not encoded or encoded.startswith((".", "~")) or len(encoded) > 200:
        raise ValueError("not a name for a record")  # a fault of the caller: names are checked before
    return folder / f"{encoded}.{kind}"


def _is_stale(grant: Grant, held: Grant) -> bool:
    if grant.approved_at == held.approved_at:
        return grant.generation < held.generation
    return grant.generation > 1 and grant.approved_at < held.approved_at


def _bound_to(header: bytes, name: str, kind: str) -> bytes:
    """The associated data of a record: it is authentic under this header, kind and name only."""
    return header + json.dumps([kind, name]).encode()


@contextlib.contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise problem("store-unwritable", path=path, reason=_reason(error)) from None


def _unreadable(path: Path, reason: str) -> RunbookError:
    return problem("store-unreadable", path=path, reason=reason)


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else type(error).__name__
