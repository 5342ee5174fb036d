"""Cards that stay true while a notebook is open: shown anew in the same place when something has changed."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Hashable
from typing import Any

from sfrunbook.report.cards import Card

__all__ = ["Live"]

_LOOK_SECONDS = 1.5


class Live:
    """The cards of one notebook that are shown anew; `show` puts one below the cell that runs.

    Where there is no front end, `show` only gives the card back.
    """

    def __init__(self) -> None:
        self._made: dict[str, Callable[[], Card]] = {}
        self._handles: dict[str, Any] = {}
        self._watching: set[str] = set()

    def show(self, name: str, make: Callable[[], Card]) -> Card | None:
        """Show the card; None where a front end has it already."""
        self._made[name] = make
        card = make()
        if not _front_end():
            return card
        from IPython.display import display

        self._handles[name] = display(card, display_id=True)  # type: ignore[no-untyped-call]
        return None

    def shows(self, name: str) -> bool:
        """Whether a front end shows the card, so that it need not be shown elsewhere too."""
        return name in self._handles

    def refresh(self, name: str) -> None:
        """Show the card as it is now; nothing happens when it was never shown. May be called from any thread."""
        if handle := self._handles.get(name):
            handle.update(self._made[name]())

    def watch(self, name: str, look: Callable[[], Hashable], then: Callable[[], None]) -> None:
        """Refresh a card, and do what goes with it, whenever `look` gives another answer; ends with the kernel.

        `look` is called again and again, so it must be cheap; all of it runs in a thread.
        """
        if name in self._watching or name not in self._handles:
            return
        self._watching.add(name)

        def run() -> None:
            seen = look()
            pause = threading.Event()
            while not pause.wait(_LOOK_SECONDS):
                now = look()
                if now != seen:
                    seen = now
                    self.refresh(name)
                    then()

        threading.Thread(target=run, daemon=True, name=f"watch {name}").start()


def _front_end() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None
