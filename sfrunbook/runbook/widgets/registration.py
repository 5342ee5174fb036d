"""Connections to choose from, values to enter on another program's screen, and the board of Callback URLs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from sfrunbook.runbook.widgets.scripts import STYLE, script

__all__ = ["Board", "Connections", "CopyTable", "Sheet"]


class Sheet(anywidget.AnyWidget):
    """Salesforce's forms with every value to enter, and a switch among the screens.

    `forms` holds `{"name", "label", "when", "path", "finish", "reveal", "delay", "sections": [{"title", "fields":
    [{"label", "value", "why", "mark", "kind": "copy"|"text"|"tick", "wanted": "on"|"off"|"leave"}]}]}`.
    """

    _esm = script("sheet.js")
    _css = STYLE
    forms: traitlets.List[Any] = traitlets.List().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)


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


class Connections(anywidget.AnyWidget):
    """Connections `{"name", "host", "kind", "chosen", "removable", "stuck", "warning"}` to use or remove.

    `stuck` is true where the grant could not be revoked, so that the connection can be forgotten all the same.
    """

    _esm = script("connections.js")
    _css = STYLE
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(
        self,
        *,
        on_use: Callable[[str], None],
        on_remove: Callable[[str, bool], None],
        **state: Any,  # noqa: ANN401 - trait values
    ) -> None:
        super().__init__(**state)
        self._on_use, self._on_remove = on_use, on_remove
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        name = str(content.get("name", ""))
        if content.get("do") == "use":
            self._on_use(name)
        elif content.get("do") == "remove":
            self._on_remove(name, bool(content.get("force")))
