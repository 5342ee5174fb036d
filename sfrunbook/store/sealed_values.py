"""The secrets that a kernel meets, told to the program that started it: a file that only that program can open.

A token that is fetched, used and replaced inside one notebook is known to nobody else; the search through what the
notebook left must look for its value all the same. So the runner makes a key pair for the run, the kernel gets the
public half, and each value is sealed to it (X25519, HKDF-SHA256, AES-256-GCM) before it is written. The private half
never leaves the runner's memory: with the runner's end, also by a kill, nobody can open the file any more.
"""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from sfrunbook.core.secrets.secret import Secret, listen

__all__ = ["VARIABLE", "SealedValues", "tell_runner"]

#: environment variable for a kernel: the public key in hexadecimal digits, a colon, the file
VARIABLE = "SFRUNBOOK_SEALED_VALUES"
_KEY_BYTES, _NONCE_BYTES = 32, 12
_PURPOSE = b"sfrunbook sealed values 1"

_telling: set[str] = set()


class SealedValues:
    """The runner's side: makes the key pair, and reads what its kernels wrote."""

    def __init__(self, path: Path) -> None:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        self._path = path
        self._private = X25519PrivateKey.generate()

    @property
    def environment(self) -> dict[str, str]:
        """What a kernel needs in its environment."""
        return {VARIABLE: f"{self._private.public_key().public_bytes_raw().hex()}:{self._path}"}

    def learn(self) -> int:
        """Make every value known to this process, so that redaction and search know it; gives how many there are.

        Lines that were cut off, or sealed to another key, are passed over.
        """
        return sum(1 for value in self._values() if Secret(value))

    def _values(self) -> Iterator[str]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines():
            with contextlib.suppress(ValueError, InvalidTag):
                raw = base64.b64decode(line, validate=True)
                public, nonce = raw[:_KEY_BYTES], raw[_KEY_BYTES : _KEY_BYTES + _NONCE_BYTES]
                shared = self._private.exchange(X25519PublicKey.from_public_bytes(public))
                yield AESGCM(_key(shared)).decrypt(nonce, raw[_KEY_BYTES + _NONCE_BYTES :], public).decode()


def tell_runner(environ: Mapping[str, str]) -> None:
    """Seal every secret that this process knows, now and later, for the program that started it, if it asked for that.

    May be called any number of times.
    """
    asked = environ.get(VARIABLE, "")
    key, _, path = asked.partition(":")
    if not path or asked in _telling:
        return
    _telling.add(asked)
    public = bytes.fromhex(key)
    listen(lambda value: _append(Path(path), public, value))


def _append(path: Path, runner: bytes, value: str) -> None:
    """One line in one write; a disk that is full or gone costs the line, and shows in the journal as well."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    once = X25519PrivateKey.generate()
    public, nonce = once.public_key().public_bytes_raw(), os.urandom(_NONCE_BYTES)
    shared = once.exchange(X25519PublicKey.from_public_bytes(runner))
    sealed = public + nonce + AESGCM(_key(shared)).encrypt(nonce, value.encode("utf-8", "replace"), public)
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, base64.b64encode(sealed) + b"\n")
        finally:
            os.close(handle)


def _key(shared: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive(shared)
