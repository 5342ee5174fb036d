"""A button that opens a link which may be used once: it is made when it is wanted, and never kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from sfrunbook.core.secrets.secret import Secret

__all__ = ["OneTimeLink"]

_STATIC = Path(__file__).with_name("js")


class OneTimeLink(anywidget.AnyWidget):
    """`on_wanted` gives the link and the sentence to show below; without a link only the sentence."""

    _esm = _STATIC / "one_time_link.js"
    _css = _STATIC / "widgets.css"
    label = traitlets.Unicode().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, on_wanted: Callable[[], tuple[Secret | None, str]], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self._on_wanted = on_wanted
        self.on_msg(self._receive)

    def _receive(self, _widget: object, _content: object, _buffers: object) -> None:
        link, self.message = self._on_wanted()
        self.send({"url": link.reveal() if link else ""})
