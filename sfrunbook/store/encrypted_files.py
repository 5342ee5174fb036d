"""Encrypted records on disk, a file for each: the layout of a file, the cipher, and the problems with damaged files."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sfrunbook.core.durable_file import disk, make_private_folder, write_durably
from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.store.wrapping_key import WrappingKey

__all__ = ["BINDING_BYTES", "GRANT", "SECRET", "EncryptedFile", "EncryptedFiles", "unreadable"]

#: the kinds of records, which are the endings of their files
GRANT, SECRET = "grant", "secret"
#: size of what the header of a grant says it is bound to
BINDING_BYTES = 24

_MAGIC = b"SFRB"
#: format of each kind, and the size of its header: magic, format, key id, and what the record is bound to
_FORMATS = {SECRET: 1, GRANT: 2}
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_KEY_ID_END = len(_MAGIC) + 1 + _KEY_ID_BYTES
_HEADER_BYTES = {SECRET: _KEY_ID_END, GRANT: _KEY_ID_END + BINDING_BYTES}


@dataclass(frozen=True, kw_only=True)
class EncryptedFile:
    """A file in its parts, not decrypted."""

    path: Path
    header: bytes
    #: nonce and ciphertext
    body: bytes
    associated_data: bytes

    @property
    def key_id(self) -> bytes:
        return self.header[len(_MAGIC) + 1 : _KEY_ID_END]

    @property
    def binding(self) -> bytes:
        """What the writer of a grant has bound it to."""
        return self.header[_KEY_ID_END:]


class EncryptedFiles:
    """The records in `folder`, mode 0700: `NAME.KIND`, mode 0600.

    A file is `SFRB`, one byte for the format, eight bytes that identify the key, for a grant what it is bound to, a
    nonce of twelve bytes, and AES-256-GCM over JSON with all before the nonce, the record's kind and its name as
    associated data, so that no record can be put in the place of another.
    """

    def __init__(self, folder: Path, key: WrappingKey) -> None:
        self.folder = folder
        self._key = key
        self._known_key_id = b""

    def path(self, name: str, kind: str) -> Path:
        return _path_of(self.folder, name, kind)

    def names(self, kind: str) -> tuple[str, ...]:
        """The names of all records of a kind, readable or not, in alphabetical order."""
        try:
            paths = [path for path in self.folder.glob(f"*.{kind}") if not path.name.startswith(".")]
        except OSError as error:
            raise unreadable(self.folder, reason_of(error)) from None
        return tuple(sorted(unquote(path.stem) for path in paths))

    def write(self, name: str, kind: str, content: Mapping[str, object], *, binding: bytes = b"") -> None:
        """Replace a record; of a grant the caller holds the lock, for which the folder was created."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        path, nonce = self.path(name, kind), secrets.token_bytes(_NONCE_BYTES)
        header = _MAGIC + bytes([_FORMATS[kind]]) + self.key_id() + binding
        text = json.dumps(content).encode()
        ciphertext = AESGCM(self._key.reveal()).encrypt(nonce, text, _associated_data(header, name, kind))
        with disk(path):
            if kind != GRANT:
                make_private_folder(self.folder)
            write_durably(path, header + nonce + ciphertext, alone=kind == GRANT)

    def read(self, name: str, kind: str) -> EncryptedFile | None:
        """A record's file, or None when there is none. Raises the problem `store-unreadable`."""
        path = self.path(name, kind)
        try:
            whole = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreadable(path, reason_of(error)) from None
        if len(whole) <= _KEY_ID_END + _NONCE_BYTES or not whole.startswith(_MAGIC):
            raise unreadable(path, "it is damaged, or isn't a file of this runbook")
        if whole[len(_MAGIC)] != _FORMATS[kind]:
            raise unreadable(path, f"another version of sfrunbook wrote it (format {whole[len(_MAGIC)]})")
        header, body = whole[: _HEADER_BYTES[kind]], whole[_HEADER_BYTES[kind] :]
        return EncryptedFile(path=path, header=header, body=body, associated_data=_associated_data(header, name, kind))

    def decrypt(self, file: EncryptedFile) -> dict[str, Any]:
        """The content of a record. Raises the problems `wrapping-key-wrong` and `store-unreadable`."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not self.is_of_this_key(file):
            raise problem("wrapping-key-wrong", path=file.path)
        nonce, ciphertext = file.body[:_NONCE_BYTES], file.body[_NONCE_BYTES:]
        try:
            content = json.loads(AESGCM(self._key.reveal()).decrypt(nonce, ciphertext, file.associated_data))
        except (InvalidTag, ValueError):
            raise unreadable(file.path, "it is damaged, or was copied from another name") from None
        if not isinstance(content, dict):
            raise unreadable(file.path, "it is damaged")
        return content

    def is_of_this_key(self, file: EncryptedFile) -> bool:
        return hmac.compare_digest(file.key_id, self.key_id())

    def key_id(self) -> bytes:
        """Eight bytes that identify the key without revealing anything of it."""
        if not self._known_key_id:
            self._known_key_id = self.digest(b"key id")[:_KEY_ID_BYTES]
        return self._known_key_id

    def digest(self, text: bytes) -> bytes:
        """A digest of `text` under the key, which reveals nothing to anyone without the key."""
        return hmac.digest(self._key.reveal(), text, "sha256")

    def delete(self, name: str, kind: str) -> None:
        """Delete a record; nothing happens without one. Raises the problem `store-unwritable`."""
        path = self.path(name, kind)
        with disk(path):
            path.unlink(missing_ok=True)


@lru_cache(maxsize=256)
def _path_of(folder: Path, name: str, kind: str) -> Path:
    """A record's file: other characters than letters, digits and `_.-~` are percent-encoded in its name."""
    encoded = quote(name, safe="")
    if not encoded or encoded.startswith((".", "~")) or len(encoded) > 200:
        raise ValueError("not a name for a record")  # a fault of the caller: names are checked before
    return folder / f"{encoded}.{kind}"


def _associated_data(header: bytes, name: str, kind: str) -> bytes:
    return header + json.dumps([kind, name]).encode()


def unreadable(path: Path, reason: str) -> RunbookError:
    return problem("store-unreadable", path=path, reason=reason)
