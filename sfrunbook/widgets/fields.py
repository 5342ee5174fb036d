"""Widgets of our own: a field for a secret, and values to copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from sfrunbook.secret import Secret

__all__ = ["CopyTable", "SecretField"]

_STATIC = Path(__file__).parents[1] / "static"


class SecretField(anywidget.AnyWidget):
    """A password field with a button; what is typed reaches `on_secret` and is nowhere else.

    `on_secret` gets the Secret and returns the sentence to show under the field.
    """

    _esm = _STATIC / "secret_field.js"
    _css = _STATIC / "widgets.css"
    label = traitlets.Unicode().tag(sync=True)
    placeholder = traitlets.Unicode().tag(sync=True)
    action = traitlets.Unicode("Save").tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, *, on_secret: Callable[[Secret], str], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self._on_secret = on_secret
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        self.message = self._on_secret(Secret(str(content.get("value", ""))))


class CopyTable(anywidget.AnyWidget):
    """Values to carry into another screen: rows of `{"label", "value", "why", "copyable"}`."""

    _esm = _STATIC / "copy_table.js"
    _css = _STATIC / "widgets.css"
    caption = traitlets.Unicode().tag(sync=True)
    #: of the first column
    heading = traitlets.Unicode("Field in Salesforce").tag(sync=True)
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
