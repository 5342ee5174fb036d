"""Temporary folders that their process holds, so that a later process can remove what a killed one left."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["held_folder", "sweep"]


@contextlib.contextmanager
def held_folder(prefix: str, place: Path) -> Iterator[Path]:
    """A new folder in `place` that only this user can read, removed at the end; those of killed processes go first.

    It is locked until then, and the system releases the lock however this process ends. Raises OSError.
    """
    sweep(prefix, place)
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        while not stack.enter_context(_lock(folder, wait=True)):  # another process swept it before it was locked
            folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(prefix: str, place: Path) -> None:
    """Remove this user's folders of killed processes: nobody holds them. On Windows none can be told to be one."""
    for folder in place.glob(f"{prefix}*"):
        with contextlib.suppress(OSError), _lock(folder, wait=False) as is_ours:
            if is_ours:
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _lock(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Lock a folder of this user; whether it is still there, and with `wait` also where no folder can be locked."""
    if os.name != "posix":
        yield wait
        return
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        is_ours = wait or os.fstat(handle).st_uid == os.geteuid()
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError:  # in use; or on a network drive that locks no folders, where none is swept either
            is_ours = wait
        yield is_ours and folder.exists()
    finally:
        os.close(handle)
