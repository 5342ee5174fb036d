"""Two runs of one connection do not overlap."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping

from sfrunbook.connection import practice_connection
from sfrunbook.core.durable_file import locked
from sfrunbook.core.errors import problem, reason_of
from sfrunbook.store.connections import home

__all__ = ["only_run"]


@contextlib.contextmanager
def only_run(connection: str, environ: Mapping[str, str], *, wait_seconds: float = 0) -> Iterator[None]:
    """Lock the connection during a run; the system releases the lock when the process ends, however it ends.

    The practice connection has no lock: each run of it has a practice org of its own. Raises RunbookError
    `run-already-going` when it is not free within `wait_seconds`, and `output-unwritable` where no lock can be written.
    """
    if connection == practice_connection.NAME:
        yield
        return
    folder = home(environ) / "locks"
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(folder / f"run-{connection}.lock", wait_seconds, reentrant=False))
        except TimeoutError:
            raise problem("run-already-going", connection=connection) from None
        except OSError as error:
            raise problem("output-unwritable", path=str(folder), reason=reason_of(error)) from None
        yield
