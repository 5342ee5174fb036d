"""The secrets that a kernel reads, reported to the program that started it: a file that only that program can open.

A token that is fetched, used and replaced inside one notebook is known to no other program; the search through what the
notebook left must look for its value all the same. So the runner makes a key pair for the run, the kernel gets the
public half, and each value is sealed to it (HPKE, RFC 9180) before it is written. The private half never leaves the
runner's memory: when the runner ends, also by a kill, the file can no longer be opened.
"""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sfrunbook.core.secrets.secret import Secret, listen

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.hpke import Suite

__all__ = ["VARIABLE", "SealedValues", "tell_runner"]

#: environment variable for a kernel: the public key in hexadecimal digits, a colon, the file
VARIABLE = "SFRUNBOOK_SEALED_VALUES"
_PURPOSE = b"sfrunbook sealed values 1"

_reporting: set[str] = set()


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
        """Make every value known to this process, for redaction and search; returns how many there are.

        Ignores lines that were cut off, or sealed to another key.
        """
        return sum(1 for value in self._values() if Secret(value))

    def _values(self) -> Iterator[str]:
        from cryptography.exceptions import InvalidTag

        if not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines():
            with contextlib.suppress(ValueError, InvalidTag):
                sealed = base64.b64decode(line, validate=True)
                yield _suite().decrypt(sealed, self._private, _PURPOSE).decode()


def tell_runner(environ: Mapping[str, str]) -> None:
    """Seal every secret that this process knows, now and later, for the program that started it, if it asked for that.

    May be called any number of times.
    """
    asked = environ.get(VARIABLE, "")
    key, _, path = asked.partition(":")
    if not path or asked in _reporting:
        return
    _reporting.add(asked)
    public = bytes.fromhex(key)
    listen(lambda value: _append(Path(path), public, value))


def _append(path: Path, runner: bytes, value: str) -> None:
    """One line in one write; a disk that is full or gone costs the line, and shows in the journal as well."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

    public = X25519PublicKey.from_public_bytes(runner)
    sealed = _suite().encrypt(value.encode("utf-8", "replace"), public, _PURPOSE)
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, base64.b64encode(sealed) + b"\n")
        finally:
            os.close(handle)


@cache
def _suite() -> Suite:
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
