"""A field for a secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from sfrunbook.core.secrets.secret import Secret
from sfrunbook.runbook.widgets.scripts import STYLE, script

__all__ = ["SecretField"]


class SecretField(anywidget.AnyWidget):
    """A password field with a button; what is typed reaches `on_secret` and is nowhere else.

    `on_secret` gets the Secret and returns the sentence to show under the field. With `shape` (`client_secret`) the
    browser says what it thinks of the text while it is typed; nothing of it is sent before the button.
    """

    _esm = script("shape.js", "secret_field.js")
    _css = STYLE
    label = traitlets.Unicode().tag(sync=True)
    placeholder = traitlets.Unicode().tag(sync=True)
    action = traitlets.Unicode("Save").tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(default_value=False).tag(sync=True)
    shape = traitlets.Unicode().tag(sync=True)
    #: label of a second field for the same value; empty where it is typed once
    repeat = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, on_secret: Callable[[Secret], str], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self._on_secret = on_secret
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        self.busy = True
        value = Secret(str(content.get("value", "")))
        try:
            if self.repeat and value != Secret(str(content.get("again", ""))):
                self.message = "Not used: the two are not the same. Type it again in both fields."
            else:
                self.message = self._on_secret(value)
        finally:
            self.busy = False
