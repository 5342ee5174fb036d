"""Values to enter on another program's screen, points that someone attests, and the board of Callback URLs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from sfrunbook.runbook.widgets.scripts import STYLE, script

__all__ = ["Board", "Checklist", "CopyTable", "Sheet"]


class Sheet(anywidget.AnyWidget):
    """Salesforce's forms with every value to enter, and a switch among the screens.

    `forms` holds `{"name", "label", "when", "path", "finish", "reveal", "delay", "sections": [{"title", "fields":
    [{"label", "value", "why", "mark", "kind": "copy"|"text"|"tick", "wanted": "on"|"off"|"leave"}]}]}`; `legend` says
    what the marks mean.
    """

    _esm = script("sheet.js")
    _css = STYLE
    forms: traitlets.List[Any] = traitlets.List().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    legend = traitlets.Unicode().tag(sync=True)


class Checklist(anywidget.AnyWidget):
    """Points `{"point", "claim", "why", "attested"}`; `attested` is empty until someone attests the point."""

    _esm = script("checklist.js")
    _css = STYLE
    caption = traitlets.Unicode().tag(sync=True)
    intro = traitlets.Unicode().tag(sync=True)
    points: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, *, on_tick: Callable[[str, bool], None], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self._on_tick = on_tick
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        self._on_tick(str(content.get("point", "")), content.get("do") == "attest")


class Board(anywidget.AnyWidget):
    """Callback URLs with the host's answer to each, a status, and a countdown to the next look.

    `rows` holds `{"callback", "answer", "status", "word", "why"}`. May be changed from another thread.
    """

    _esm = script("board.js")
    _css = STYLE
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
    status = traitlets.Unicode("waiting").tag(sync=True)
    sentence = traitlets.Unicode().tag(sync=True)
    looking = traitlets.Bool(default_value=False).tag(sync=True)
    seconds_to_next = traitlets.Float(0.0).tag(sync=True)
    seconds_to_end = traitlets.Float(0.0).tag(sync=True)
    #: since the app was saved in Salesforce; below zero when that is not known
    seconds_since_saved = traitlets.Float(-1.0).tag(sync=True)
    #: grows with every look, so that the countdown restarts even when nothing else has changed
    beat = traitlets.Int(0).tag(sync=True)

    def __init__(self, *, on_press: Callable[[str], None], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self._on_press = on_press
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        if (pressed := content.get("do")) in ("now", "stop", "start"):
            self._on_press(str(pressed))


class CopyTable(anywidget.AnyWidget):
    """Rows of `{"label", "value", "why", "copyable"}` to be pasted in `place`."""

    _esm = script("copy_table.js")
    _css = STYLE
    caption = traitlets.Unicode().tag(sync=True)
    #: of the first column
    heading = traitlets.Unicode().tag(sync=True)
    place = traitlets.Unicode().tag(sync=True)
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
