"""Two runs of one connection do not overlap."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping

from sfrunbook.connection import practice_connection
from sfrunbook.core.durable_file import make_private_folder
from sfrunbook.core.errors import problem
from sfrunbook.store.connections import home

__all__ = ["only_run"]


@contextlib.contextmanager
def only_run(connection: str, environ: Mapping[str, str], *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the connection's lock while a run goes; the system frees it when the run ends, however it ends.

    The practice connection has none: each run of it has a world of its own. Raises RunbookError `run-already-going`
    when it is not free within `wait_seconds`, and `output-unwritable` where no lock can be kept.
    """
    if connection == practice_connection.NAME:
        yield
        return
    from filelock import FileLock, Timeout

    folder = home(environ) / "locks"
    lock = FileLock(folder / f"run-{connection}.lock", timeout=wait_seconds)
    try:
        make_private_folder(folder)
        lock.acquire()
    except Timeout:
        raise problem("run-already-going", connection=connection) from None
    except OSError as error:
        raise problem("output-unwritable", path=str(folder), reason=os.strerror(error.errno or 0)) from None
    try:
        yield
    finally:
        lock.release()
