"""Grants and named secrets at rest: encrypted, locked across processes, written atomically, counted by generation.

Files, and not SQLite: a record is replaced as a whole by one rename, which needs no recovery after a crash; each grant
has a lock of its own, so a hanging run holds up nobody else; and a damaged file costs one connection and not all.
The methods of GrantStore are all that callers know, so that a database can serve a fleet later.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sfrunbook.diagnose import problem
from sfrunbook.durable_file import make_private_folder, write_durably
from sfrunbook.model import Grant, GrantKind, RunbookError
from sfrunbook.secret import Secret
from sfrunbook.wrapping_key import WrappingKey, create_key_file, wrapping_key

__all__ = ["GrantStore", "WrappingKey", "create_key_file", "open_store"]

_MAGIC = b"SFRB"
_VERSION = 1
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_HEADER_BYTES = len(_MAGIC) + 1 + _KEY_ID_BYTES
LOCK_SECONDS = 60.0


def open_store(folder: Path, environ: Mapping[str, str]) -> GrantStore:
    """The store of `folder`, which is a `home`, with the wrapping key that `environ` and this machine offer.

    Raises the problem `no-wrapping-key`.
    """
    return GrantStore(folder, wrapping_key(folder / "grants", environ))


@dataclass(frozen=True, kw_only=True)
class _Record:
    """A grant and the generation before it, which is kept until the new one was used."""

    current: Grant
    previous: Grant | None = None


class GrantStore:
    """The encrypted records in `folder/grants`, mode 0700: `CONNECTION.grant` and `NAME.secret`, mode 0600.

    A record is `SFRB`, one version byte, eight bytes that tell the key, a nonce of twelve bytes, and AES-256-GCM over
    JSON with the header, the record's kind and its name as associated data, so that no record can stand for another.
    Every method may raise the problems `store-unreadable`, `store-unwritable`, `wrapping-key-wrong` and `grant-busy`.
    """

    def __init__(self, folder: Path, key: WrappingKey) -> None:
        self._folder = folder / "grants"
        self._key = key

    @property
    def protection(self) -> str:
        """A sentence on how the key is kept."""
        return self._key.protection

    def load(self, connection: str) -> Grant | None:
        """The grant of a connection, or None when there is none."""
        record = self._record(connection)
        return record.current if record else None

    def previous(self, connection: str) -> Grant | None:
        """The generation before the current one, as long as the current one was not confirmed."""
        record = self._record(connection)
        return record.previous if record else None

    def save(self, grant: Grant) -> None:
        """Keep a grant; the one it replaces stays as the previous one until `confirm`.

        Raises the problem `grant-stale` for a lower generation of the stored approval, or a refreshed copy of an older
        approval. A code exchange (generation 1) of another approval is always kept.
        """
        with self.lock(grant.connection):
            held = self._record(grant.connection)
            previous = None
            if held:
                if _is_stale(grant, held.current):
                    raise problem("grant-stale", connection=grant.connection)
                same = _tokens(grant) == _tokens(held.current)
                previous = held.previous if same else held.current
            self._write_record(_Record(current=grant, previous=previous))

    def confirm(self, connection: str) -> None:
        """Drop the previous generation, since the current one has been used; nothing happens without one."""
        with self.lock(connection):
            record = self._record(connection)
            if record and record.previous:
                self._write_record(_Record(current=record.current))

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
        with _disk(path):
            make_private_folder(self._folder)
            lock = FileLock(path, is_singleton=True)
            try:
                lock.acquire(timeout=timeout_seconds)
            except Timeout:
                raise problem("grant-busy", connection=connection, seconds=f"{timeout_seconds:g}") from None
        try:
            yield
        finally:
            lock.release()

    def put_secret(self, name: str, secret: Secret) -> None:
        """Keep a named secret, in place of an earlier one of the same name."""
        self._seal(name, "secret", {"value": secret.reveal()})

    def get_secret(self, name: str) -> Secret | None:
        """A named secret, or None when there is none."""
        content = self._open(name, "secret")
        return None if content is None else Secret(str(content.get("value", "")))

    def delete_secret(self, name: str) -> None:
        """Forget a named secret; nothing happens without one."""
        self._delete(self._path(name, "secret"))

    # --- records -----------------------------------------------------------------------------------------------------

    def _record(self, connection: str) -> _Record | None:
        content = self._open(connection, "grant")
        if content is None:
            return None
        try:
            previous = content.get("previous")
            return _Record(
                current=_grant_from_json(content["current"]),
                previous=_grant_from_json(previous) if previous else None,
            )
        except (KeyError, TypeError, ValueError):
            raise _unreadable(self._path(connection, "grant"), "it lacks a field") from None

    def _write_record(self, record: _Record) -> None:
        previous = _grant_to_json(record.previous) if record.previous else None
        self._seal(
            record.current.connection, "grant", {"current": _grant_to_json(record.current), "previous": previous}
        )

    def _path(self, name: str, kind: str) -> Path:
        """The record's file: other characters than letters, digits and `_.-~` are percent-encoded in its name."""
        encoded = quote(name, safe="")
        if not encoded or encoded.startswith((".", "~")) or len(encoded) > 200:
            raise ValueError("not a name for a record")  # a fault of the caller: names are checked before
        return self._folder / f"{encoded}.{kind}"

    def _header(self) -> bytes:
        key_id = hmac.new(self._key.reveal(), b"key id", hashlib.sha256).digest()[:_KEY_ID_BYTES]
        return _MAGIC + bytes([_VERSION]) + key_id

    def _seal(self, name: str, kind: str, content: Mapping[str, object]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        path, header, nonce = self._path(name, kind), self._header(), secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._key.reveal()).encrypt(nonce, json.dumps(content).encode(), _identity(header, name, kind))
        with _disk(path):
            make_private_folder(self._folder)
            write_durably(path, header + nonce + sealed)

    def _open(self, name: str, kind: str) -> dict[str, Any] | None:
        path = self._path(name, kind)
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(path, _reason(error)) from None
        if len(sealed) <= _HEADER_BYTES + _NONCE_BYTES or not sealed.startswith(_MAGIC):
            raise _unreadable(path, "it is damaged or no record of this runbook")
        if sealed[len(_MAGIC)] != _VERSION:
            raise _unreadable(path, f"another version of sfrunbook wrote it (format {sealed[len(_MAGIC)]})")
        header, body = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        if not hmac.compare_digest(header, self._header()):
            raise problem("wrapping-key-wrong", path=path)
        return self._decrypted(path, body, _identity(header, name, kind))

    def _decrypted(self, path: Path, body: bytes, identity: bytes) -> dict[str, Any]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            text = AESGCM(self._key.reveal()).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], identity)
            content = json.loads(text)
        except (InvalidTag, ValueError):
            raise _unreadable(path, "it is damaged, or was copied from another name") from None
        if not isinstance(content, dict):
            raise _unreadable(path, "it is damaged")
        return content

    def _delete(self, path: Path) -> None:
        with _disk(path):
            path.unlink(missing_ok=True)


def _is_stale(grant: Grant, held: Grant) -> bool:
    if grant.approved_at == held.approved_at:
        return grant.generation < held.generation
    return grant.generation > 1 and grant.approved_at < held.approved_at


def _tokens(grant: Grant) -> tuple[Secret, Secret | None]:
    return grant.access_token, grant.refresh_token


def _identity(header: bytes, name: str, kind: str) -> bytes:
    """The associated data of a record: it is authentic under this header, kind and name only."""
    return header + json.dumps([kind, name]).encode()


def _grant_to_json(grant: Grant) -> dict[str, object]:
    return {
        "connection": grant.connection,
        "kind": grant.kind.value,
        "issuer": grant.issuer,
        "client_id": grant.client_id,
        "access_token": grant.access_token.reveal(),
        "refresh_token": grant.refresh_token.reveal() if grant.refresh_token else None,
        "instance_url": grant.instance_url,
        "identity_url": grant.identity_url,
        "scopes": list(grant.scopes),
        "org_id": grant.org_id,
        "user_id": grant.user_id,
        "issued_at": grant.issued_at.astimezone(UTC).isoformat(),
        "approved_at": grant.approved_at.astimezone(UTC).isoformat(),
        "generation": grant.generation,
        "rotates": grant.rotates,
        "signature_valid": grant.signature_valid,
        "missing_scopes": list(grant.missing_scopes),
    }


def _grant_from_json(content: Mapping[str, Any]) -> Grant:
    refresh_token = content["refresh_token"]
    return Grant(
        connection=content["connection"],
        kind=GrantKind(content["kind"]),
        issuer=content["issuer"],
        client_id=content["client_id"],
        access_token=Secret(content["access_token"]),
        refresh_token=Secret(refresh_token) if refresh_token else None,
        instance_url=content["instance_url"],
        identity_url=content["identity_url"],
        scopes=tuple(content["scopes"]),
        org_id=content["org_id"],
        user_id=content["user_id"],
        issued_at=datetime.fromisoformat(content["issued_at"]),
        approved_at=datetime.fromisoformat(content["approved_at"]),
        generation=int(content["generation"]),
        rotates=content["rotates"],
        signature_valid=content["signature_valid"],
        missing_scopes=tuple(content["missing_scopes"]),
    )


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
