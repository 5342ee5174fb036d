"""A field for a secret, and a button for a link that is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from sfrunbook.core.secrets.secret import Secret
from sfrunbook.runbook.widgets.scripts import STYLE, script

__all__ = ["NotDone", "OneTimeLink", "SecretField"]


class NotDone(str):
    """A sentence on why a text was not used; it is shown as a failure."""

    __slots__ = ()


class SecretField(anywidget.AnyWidget):
    """A password field with a button; its text reaches `on_secret` and nothing else.

    `on_secret` gets the Secret and returns the sentence to show under the field, a NotDone where it failed. With
    `shape` (`client_secret`) the browser checks the shape of the text while it is typed; nothing of it is sent before
    the button is pressed.
    """

    _esm = script("shape.js", "secret_field.js")
    _css = STYLE
    label = traitlets.Unicode().tag(sync=True)
    placeholder = traitlets.Unicode().tag(sync=True)
    action = traitlets.Unicode("Save").tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    #: whether the message says why the text was not used
    failed = traitlets.Bool(default_value=False).tag(sync=True)
    busy = traitlets.Bool(default_value=False).tag(sync=True)
    shape = traitlets.Unicode().tag(sync=True)
    #: label of a second field for the same value; empty where it is typed once
    repeat = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, on_secret: Callable[[Secret], str], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self._on_secret = on_secret
        self.on_msg(self._receive)

    def enter(self, secret: Secret) -> None:
        """Use a secret as if it had been typed."""
        self.say(self._on_secret(secret))

    def say(self, message: str) -> None:
        """Show a sentence under the field, a NotDone as a failure."""
        with self.hold_sync():
            self.message, self.failed = message, isinstance(message, NotDone)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        self.busy = True
        value = Secret(str(content.get("value", "")))
        try:
            if self.repeat and value != Secret(str(content.get("again", ""))):
                self.say(NotDone("Not used: they don't match. Type it again in both fields."))
            else:
                self.enter(value)
        finally:
            self.busy = False


class OneTimeLink(anywidget.AnyWidget):
    """A button that opens a link which works once; the link is created when it is wanted and stored nowhere.

    `on_wanted` returns the link and the sentence to show below; without a link only the sentence.
    """

    _esm = script("one_time_link.js")
    _css = STYLE
    label = traitlets.Unicode().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, on_wanted: Callable[[], tuple[Secret | None, str]], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self._on_wanted = on_wanted
        self.on_msg(self._receive)

    def _receive(self, _widget: object, _content: object, _buffers: object) -> None:
        link, self.message = self._on_wanted()
        self.send({"url": link.reveal() if link else ""})
