"""Look again and again in the background, less and less often, until it is done, is stopped, or has lasted too long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

__all__ = ["PAUSES_SECONDS", "Beat", "Watch"]

_LONGEST_SECONDS = 1800.0


def _pauses() -> Iterator[float]:
    """Every 10 seconds at first, since most apps work at once, then every minute; half an hour in all.

    Salesforce says up to 10 minutes for a Connected App; up to 30 were seen for an External Client App (likely).
    """
    total = 0.0
    for pause in (*[10.0] * 6, *[20.0] * 6, *[60.0] * 30):
        if total + pause > _LONGEST_SECONDS:
            return
        total += pause
        yield pause


PAUSES_SECONDS: tuple[float, ...] = tuple(_pauses())


@dataclass(frozen=True, kw_only=True)
class Beat:
    """Where a watch stands after a look."""

    looking: bool
    seconds_to_next: float = 0.0
    seconds_to_end: float = 0.0
    #: it was ended by its time limit and not by what was seen
    too_long: bool = False


class Watch:
    """One background thread at a time for each key of this process; starting another ends the one before.

    `look` returns whether to go on; `told` hears where the watch stands after each look. Both run in the thread, which
    is a daemon and so never holds up the end of a kernel.
    """

    _by_key: ClassVar[dict[str, Watch]] = {}
    _guard: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self,
        key: str,
        look: Callable[[], bool],
        told: Callable[[Beat], None],
        pauses_seconds: tuple[float, ...] = PAUSES_SECONDS,
    ) -> None:
        self._key, self._look, self._told = key, look, told
        self._pauses = pauses_seconds
        self._wake = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look, at once."""
        with self._guard:
            before = self._by_key.get(self._key)
            if before:
                before.stop()
            self._by_key[self._key] = self
        self._over.clear()
        self._wake.clear()
        self._thread = threading.Thread(target=self._run, args=(self._over,), daemon=True, name=f"watch {self._key}")
        self._thread.start()

    def now(self) -> None:
        """Look again without waiting for the countdown."""
        self._wake.set()

    def stop(self) -> None:
        """End it; a look that is being made is not told any more."""
        over, self._over = self._over, threading.Event()
        over.set()
        self._wake.set()

    def _run(self, over: threading.Event) -> None:
        left = sum(self._pauses)
        for pause in (*self._pauses, None):
            go_on = self._look()
            if over.is_set():
                return
            if not go_on or pause is None:
                self._told(Beat(looking=False, too_long=go_on))
                return
            self._told(Beat(looking=True, seconds_to_next=pause, seconds_to_end=left))
            self._wake.wait(pause)
            if over.is_set():
                return
            self._wake.clear()
            left -= pause
