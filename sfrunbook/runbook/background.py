"""The background work of an open page: following what others change on disk, and checks that are repeated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import ClassVar

__all__ = ["PAUSES_SECONDS", "Watch", "WatchState", "follow"]

_POLL_SECONDS = 2.0


#: ends the follower of this process, which is one
_followers: list[threading.Event] = []


def follow(look: Callable[[], Hashable], then: Callable[[], None]) -> None:
    """Call `then` whenever what `look` returns has changed; ends with the kernel, or when something else is followed.

    `look` is called in a thread every 2 seconds, so it must be cheap.
    """
    while _followers:
        _followers.pop().set()
    over = threading.Event()
    _followers.append(over)

    def run() -> None:
        before = look()
        while not over.wait(_POLL_SECONDS):
            now = look()
            if now != before:
                before = now
                then()

    threading.Thread(target=run, daemon=True, name="follow the files").start()


#: every 10 seconds at first, since most apps work at once, then every minute; half an hour in all. Salesforce says
#: up to 10 minutes for a Connected App; up to 30 were reported for an External Client App (likely)
PAUSES_SECONDS = (*[10.0] * 6, *[20.0] * 6, *[60.0] * 27)


@dataclass(frozen=True, kw_only=True)
class WatchState:
    """The state of a watch after a look."""

    looking: bool
    seconds_to_next: float = 0.0
    seconds_to_end: float = 0.0
    #: the time limit was reached
    too_long: bool = False


class Watch:
    """Repeats a look, less and less often, in one thread at a time for each key of this process.

    `look` returns whether to go on; `on_look` gets the state after each look. Both run in the thread, a daemon, which
    never delays the end of a kernel. Starting a watch ends an earlier one with the same key.
    """

    _by_key: ClassVar[dict[str, Watch]] = {}
    _guard: ClassVar[threading.Lock] = threading.Lock()

    def __init__(
        self,
        key: str,
        look: Callable[[], bool],
        on_look: Callable[[WatchState], None],
        pauses_seconds: tuple[float, ...] = PAUSES_SECONDS,
    ) -> None:
        self._key, self._look, self._on_look = key, look, on_look
        self._pauses = pauses_seconds
        self._wake = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start with a look at once."""
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
        """Stop; the outcome of a look under way is not reported."""
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
                self._on_look(WatchState(looking=False, too_long=go_on))
                return
            self._on_look(WatchState(looking=True, seconds_to_next=pause, seconds_to_end=left))
            self._wake.wait(pause)
            if over.is_set():
                return
            self._wake.clear()
            left -= pause
