"""What leads along the road: the known connections, and the link to the next notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from sfrunbook.runbook.widgets.scripts import STYLE, script

__all__ = ["Connections", "GoOn"]


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


class GoOn(anywidget.AnyWidget):
    """A sentence and a link that opens `notebook` beside this one and runs its cells; nothing without a notebook."""

    _esm = script("go_on.js")
    _css = STYLE
    sentence = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    notebook = traitlets.Unicode().tag(sync=True)
    run = traitlets.Bool(default_value=True).tag(sync=True)

    def offer(self, notebook: str, *, done: bool) -> None:
        """The link to a notebook, or that it appears once this step is done; may be called from any thread."""
        stem = notebook.removesuffix(".ipynb")
        with self.hold_trait_notifications():
            self.label = f"Open {stem} and run it"
            self.sentence = "Next:" if done else f"The link to {stem} appears here when this step is done."
            self.notebook = notebook if done else ""
