"""What ends a run early: signals, and its limits of time."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

__all__ = ["CELL_SECONDS", "RUN_SECONDS", "signals_interrupt"]

#: how long a cell, and a whole run, may take unless something else is asked for
CELL_SECONDS = 120
RUN_SECONDS = 1800

_STOP_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextlib.contextmanager
def signals_interrupt() -> Iterator[None]:
    """SIGTERM, and the end of the terminal, count as Ctrl-C: what was started is ended and the report still written."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # only the main thread receives signals
        yield
        return
    before = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
