"""The sequence diagram of a login, and the link that begins it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import anywidget
import traitlets

from sfrunbook.runbook.widgets.scripts import FLOW_STYLE, script

__all__ = ["FlowDiagram", "LoginLink"]


class FlowDiagram(anywidget.AnyWidget):
    """Three lanes and the legs between them, each with its request and reply one click away.

    A leg is `{name, source, target, label, state, note, request, reply}`, redacted already.
    """

    _esm = script("flow_diagram.js")
    _css = FLOW_STYLE
    legs: traitlets.List[Any] = traitlets.List().tag(sync=True)
    #: announced to screen readers when it changes
    announcement = traitlets.Unicode().tag(sync=True)

    def update(self, legs: Sequence[Mapping[str, str]], announcement: str) -> None:
        """Show the legs as they are now, and announce what has changed."""
        self.legs = [dict(leg) for leg in legs]
        if announcement:
            self.announcement = announcement


class LoginLink(anywidget.AnyWidget):
    """The one button of a login. Its address travels as a message and is in no state that could be saved."""

    _esm = script("login_link.js")
    _css = FLOW_STYLE
    label = traitlets.Unicode("Log in at Salesforce").tag(sync=True)

    def __init__(self, *, address: str, on_open: Callable[[], None], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self.address = address
        self._on_open = on_open
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        if content.get("ask") == "address":
            self.send({"address": self.address})
        elif content.get("ask") == "opened":
            self._on_open()
