"""The key that protects everything in the grant store, from the safe places where it can be."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sfrunbook.core.decoding import decoded
from sfrunbook.core.durable_file import disk, locked, make_missing_folders, write_durably
from sfrunbook.core.errors import problem, reason_of
from sfrunbook.core.secrets.secret import Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

__all__ = ["WrappingKey", "create_key_file", "read_private_file", "real_keyring", "wrapping_key"]

_KEY_BYTES = 32
_SERVICE, _ACCOUNT = "sfrunbook", "wrapping-key"
#: cost of the passphrase: 32 MiB and about a tenth of a second
_SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 2**20, "dklen": _KEY_BYTES}
_LARGEST_FILE = 64 * 1024
_LOCK_FILE, _LOCK_SECONDS = ".key.lock", 30


class WrappingKey:
    """A key that is fetched or derived at its first use and then stays in this object; its repr does not show it."""

    __slots__ = ("__derive", "__key", "protection")

    def __init__(self, derive: Callable[[], bytes], protection: str) -> None:
        self.__derive = derive
        self.__key: bytes | None = None
        #: a sentence for users on how the key is protected
        self.protection = protection

    def reveal(self) -> bytes:
        """The 32 bytes of the key. Raises the problems of the place it comes from."""
        if self.__key is None:
            self.__key = self.__derive()
        return self.__key

    def __repr__(self) -> str:
        return f"WrappingKey({self.protection!r})"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a WrappingKey is not written to disk")


def wrapping_key(folder: Path, environ: Mapping[str, str]) -> WrappingKey:
    """The key for the store in `folder`, from the first of these places that is there.

    1. `SFRUNBOOK_KEY_FILE`: a file with at least 32 random bytes in base64, readable by its owner only;
    2. `SFRUNBOOK_PASSPHRASE`: stretched by scrypt with a salt in `folder`;
    3. the system's keyring, where there is a safe one.

    Raises the problem `no-wrapping-key` when there is none: nothing is ever stored in clear text.
    """
    if path := environ.get("SFRUNBOOK_KEY_FILE"):
        file = Path(path).expanduser()
        return WrappingKey(lambda: _from_file(file), f"Encrypted with the key file {file}.")
    if passphrase := environ.get("SFRUNBOOK_PASSPHRASE"):
        secret = Secret(passphrase)
        return WrappingKey(
            lambda: _stretched(secret, _salt(folder)), "Encrypted with a passphrase from the environment (scrypt)."
        )
    backend = real_keyring()
    if backend is None:
        raise problem("no-wrapping-key", choices="the system's keyring, SFRUNBOOK_KEY_FILE or SFRUNBOOK_PASSPHRASE")
    return WrappingKey(
        lambda: _from_keyring(backend, folder), f"Encrypted with a key from the system's keyring ({backend.name})."
    )


def create_key_file(path: Path) -> None:
    """Write a new random key to `path`, mode 0600, for `SFRUNBOOK_KEY_FILE`; an existing file is never replaced.

    Raises the problem `store-unwritable`.
    """
    content = base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n"
    with disk(path):
        make_missing_folders(path.parent)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            reason = "a file with this name exists and may be a key"
            raise problem("store-unwritable", path=path, reason=reason) from None
        with os.fdopen(handle, "wb") as file:
            if os.name == "posix":
                os.fchmod(handle, 0o600)  # whatever the umask took away
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def read_private_file(path: Path) -> str:
    """The text of a file of this user, or of root, that only its owner may read; looked at on POSIX only.

    Raises OSError, the problems `secret-file-open` and `secret-file-of-another-user`, and ValueError with a reason when
    it is no small text file.
    """
    if not path.is_file():
        path.stat()  # says why when it is not there
        raise ValueError("it is not a file")
    with path.open("rb") as file:
        facts = os.fstat(file.fileno())
        if os.name == "posix" and facts.st_mode & 0o077:
            raise problem("secret-file-open", path=path, mode=f"{facts.st_mode & 0o777:04o}")
        if os.name == "posix" and facts.st_uid not in (os.geteuid(), 0):  # its owner may change it at any time
            raise problem("secret-file-of-another-user", path=path)
        content = file.read(_LARGEST_FILE + 1)
    if len(content) > _LARGEST_FILE:
        raise ValueError(f"it is larger than {_LARGEST_FILE // 1024} KiB")
    try:
        return decoded(content)
    except UnicodeDecodeError:  # its message quotes the content
        raise ValueError("it does not hold text") from None


def real_keyring() -> KeyringBackend | None:
    """The system's keyring, or None where Python only has one that refuses, forgets or writes clear text."""
    import keyring
    from keyring.errors import KeyringError

    try:
        backend = keyring.get_keyring()
    except (KeyringError, RuntimeError, OSError):
        return None
    return backend if _is_real(backend) else None


def _is_real(backend: KeyringBackend) -> bool:
    chained = getattr(backend, "backends", ())
    if type(backend).__module__ == "keyring.backends.chainer":
        # the chainer writes to the first backend that can; a backend that is not safe spoils the chain
        return bool(chained) and all(map(_is_real, chained))
    module, name = type(backend).__module__, type(backend).__name__
    if module in {"keyring.backends.fail", "keyring.backends.null"} or "plaintext" in name.lower():
        return False
    try:
        return float(backend.priority) >= 1
    except (RuntimeError, OSError, ValueError, TypeError):
        return False


def _from_file(path: Path) -> bytes:
    reason = "a key file holds at least 32 random bytes in base64"
    try:
        encoded = read_private_file(path).strip()
    except OSError as error:
        raise problem("store-unreadable", path=path, reason=reason_of(error)) from None
    except ValueError:
        raise problem("store-unreadable", path=path, reason=reason) from None
    return _key_from(encoded, path, reason)


def _from_keyring(backend: KeyringBackend, folder: Path) -> bytes:
    """The key in the keyring, created there at the first use; read again after writing, so that all processes agree."""
    from keyring.errors import KeyringError

    try:
        stored = backend.get_password(_SERVICE, _ACCOUNT)
        if stored is None:
            with locked(folder / _LOCK_FILE, _LOCK_SECONDS):
                stored = backend.get_password(_SERVICE, _ACCOUNT)
                if stored is None:
                    fresh = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
                    backend.set_password(_SERVICE, _ACCOUNT, fresh)
                    stored = backend.get_password(_SERVICE, _ACCOUNT)
    except (KeyringError, RuntimeError, OSError) as error:
        reason = f"the keyring returned an error ({type(error).__name__})"
        raise problem("store-unreadable", path=backend.name, reason=reason) from None
    encoded = Secret(stored or "").reveal()  # redaction knows it from now on
    return _key_from(encoded, backend.name, "the keyring's entry is not a key of this runbook")


def _key_from(encoded: str, place: Path | str, reason: str) -> bytes:
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raw = b""
    if len(raw) < _KEY_BYTES:
        raise problem("store-unreadable", path=place, reason=reason)
    return hmac.new(b"sfrunbook grant store 1", raw, hashlib.sha256).digest()


@lru_cache(maxsize=4)
def _stretched(passphrase: Secret, salt: bytes) -> bytes:
    return hashlib.scrypt(passphrase.reveal().encode("utf-8", "surrogateescape"), salt=salt, **_SCRYPT)


def _salt(folder: Path) -> bytes:
    """The salt of this store, 16 random bytes that never change: they are part of the derived key."""
    path = folder / "salt"
    with disk(path):
        if not path.exists():
            with locked(folder / _LOCK_FILE, _LOCK_SECONDS):
                if not path.exists():
                    write_durably(path, secrets.token_bytes(16))
        salt = path.read_bytes()
    if len(salt) != 16:
        raise problem("store-unreadable", path=path, reason="the salt is damaged")
    return salt
