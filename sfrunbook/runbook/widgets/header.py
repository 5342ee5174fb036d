"""The header that stays in view, and the frame of a section that its links lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import anywidget
import ipywidgets
import traitlets

from sfrunbook.runbook.widgets.parts import button
from sfrunbook.runbook.widgets.scripts import STYLE, script

__all__ = ["Fold", "Header", "section"]

_CLOSED, _OPEN = "▸", "▾"


class Header(anywidget.AnyWidget):
    """Connection, badge, steps `{"name", "label", "state"}`, the next one, and the minutes that are left.

    It puts itself at the top of the notebook, where it stays while the page scrolls; elsewhere it is shown inline. When
    its kernel is gone it says so, with a button that runs the page again.
    """

    _esm = script("header.js")
    _css = STYLE
    connection = traitlets.Unicode().tag(sync=True)
    practice = traitlets.Bool(default_value=True).tag(sync=True)
    steps: traitlets.List[Any] = traitlets.List().tag(sync=True)
    next_step = traitlets.Unicode().tag(sync=True)
    minutes = traitlets.Int(0).tag(sync=True)

    def go_to(self, step: str) -> None:
        """Show the section of a step, with the keys at the first thing to do there."""
        self.send({"go": step})

    def show(self, *, steps: Sequence[Mapping[str, str]], **state: object) -> None:
        """Show a new state in one message."""
        with self.hold_sync():
            self.steps = [dict(step) for step in steps]
            for name, value in state.items():
                self.set_trait(name, value)


def section(name: str, *parts: ipywidgets.Widget) -> ipywidgets.VBox:
    """The frame of a section, which the header finds by its class."""
    box = ipywidgets.VBox(list(parts))
    box.add_class("sfr-section")
    box.add_class(f"sfr-section-{name}")
    return box


class Fold(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Parts that are shown when someone opens them; unlike ipywidgets' Accordion it works with a keyboard."""

    def __init__(self, title: str, *parts: ipywidgets.Widget) -> None:
        self._title = title
        self._inside = ipywidgets.VBox(list(parts), layout=ipywidgets.Layout(display="none"))
        self._inside.add_class("sfr-folded")
        self._opener = button(f"{_CLOSED} {title}", lambda: self.turn(opens=self._inside.layout.display == "none"))
        self._opener.add_class("sfr-fold")
        super().__init__([self._opener, self._inside])

    def turn(self, *, opens: bool) -> None:
        """Show the parts, or hide them."""
        self._inside.layout.display = "" if opens else "none"
        self._opener.description = f"{_OPEN if opens else _CLOSED} {self._title}"
