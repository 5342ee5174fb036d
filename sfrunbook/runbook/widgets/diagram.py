"""The sequence diagram of a login, and the link that begins it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from sfrunbook.runbook.widgets.scripts import script

__all__ = ["FlowDiagram", "LoginLink"]

_STATIC = Path(__file__).with_name("js")


class FlowDiagram(anywidget.AnyWidget):
    """Three lanes and the legs between them, each with its request and reply one click away.

    A leg is `{name, source, target, label, state, note, request, reply}`; all of it is redacted before it comes here.
    """

    _esm = script("flow_diagram.js")
    _css = _STATIC / "flow_diagram.css"
    legs: traitlets.List[Any] = traitlets.List().tag(sync=True)
    #: announced to screen readers when it changes
    said = traitlets.Unicode().tag(sync=True)

    def tell(self, legs: Sequence[Mapping[str, str]], said: str) -> None:
        """Show the legs as they stand now."""
        self.legs = [dict(leg) for leg in legs]
        if said:
            self.said = said


class LoginLink(anywidget.AnyWidget):
    """The one button of a login. Its address travels as a message and is in no state that could be saved."""

    _esm = script("login_link.js")
    _css = _STATIC / "flow_diagram.css"
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
