"""Small files that survive a crash or a power cut, and locks between the processes that share them."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from sfrunbook.core.errors import problem, reason_of

__all__ = ["disk", "locked", "make_missing_folders", "make_private_folder", "write_durably"]


@contextlib.contextmanager
def disk(path: Path) -> Iterator[None]:
    """Raise faults of the disk as the problem `store-unwritable`."""
    try:
        yield
    except OSError as error:
        raise problem("store-unwritable", path=path, reason=reason_of(error)) from None


def make_missing_folders(folder: Path) -> None:
    """Make `folder` and its parents where they are missing, each for its owner only under any umask. Raises OSError."""
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
        if os.name == "posix":
            missing.chmod(0o700)


def make_private_folder(folder: Path) -> None:
    """Make `folder` and its parents; itself for its owner only, even if it existed. Raises OSError."""
    make_missing_folders(folder)
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def write_durably(path: Path, content: bytes, *, alone: bool = False, survives_power_cut: bool = True) -> None:
    """Replace `path` by `content`, mode 0600: temporary file, fsync, rename, fsync of the folder. Raises OSError.

    A writer killed half way leaves a hidden temporary file beside the untouched old one; nothing reads it. With `alone`
    the caller has locked `path`, and the temporary file of a killed writer is removed first. What may be lost with
    the power need not wait for the disk (`survives_power_cut` false); no reader sees it half written.
    """
    mark = "" if alone else f".{os.getpid()}.{secrets.token_hex(4)}"
    temporary = path.with_name(f".{path.name}{mark}.tmp")
    if alone:
        temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            if os.name == "posix":
                os.fchmod(handle, 0o600)  # whatever the umask took away
            file.write(content)
            file.flush()
            if survives_power_cut:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if survives_power_cut:
        _sync_folder(path.parent)


@contextlib.contextmanager
def locked(path: Path, seconds: float, *, poll_seconds: float = 0.05, reentrant: bool = True) -> Iterator[None]:
    """Lock `path` against every other process and thread; its folder is created if need be.

    The same thread may enter it again, if it is `reentrant`. The system releases the lock when the process ends,
    however it ends. Raises TimeoutError when it isn't free within `seconds`, and other kinds of OSError where no lock
    can be written.
    """
    from filelock import FileLock, Timeout

    make_private_folder(path.parent)
    lock = FileLock(path, mode=0o600, is_singleton=reentrant)
    try:
        lock.acquire(timeout=seconds, poll_interval=poll_seconds)
    except Timeout:
        raise TimeoutError(f"another process has been writing there for {seconds:g} seconds") from None
    try:
        yield
    finally:
        lock.release()


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # other systems cannot open a folder; their rename is as durable as they make it
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
