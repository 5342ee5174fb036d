"""The connection that a person has chosen to work on, kept on disk for every notebook and kernel."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from sfrunbook.core.durable_file import make_private_folder, write_durably
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.store.connections import RESERVED_NAME, check_name

__all__ = ["choose", "chosen", "forget"]


def chosen(folder: Path) -> str:
    """The name of the connection chosen in `folder`, which is a `home`; the practice connection until one is."""
    try:
        name = _file(folder).read_text("utf-8").strip()
        check_name(name)
    except (OSError, ValueError, RunbookError):
        return RESERVED_NAME
    return name


def choose(folder: Path, name: str) -> None:
    """Keep a choice. Raises the problems `connection-name-invalid` and `store-unwritable`."""
    check_name(name)
    try:
        make_private_folder(folder)
        write_durably(_file(folder), name.encode())
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise problem("store-unwritable", path=_file(folder), reason=reason) from None


def forget(folder: Path, name: str) -> None:
    """Go back to the practice connection if `name` is the chosen one, since it is going away."""
    if chosen(folder) == name:
        with contextlib.suppress(OSError):
            _file(folder).unlink(missing_ok=True)


def _file(folder: Path) -> Path:
    return folder / "current"
