"""Values to carry into another program's screen."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from sfrunbook.runbook.widgets.scripts import STYLE, script

__all__ = ["CopyTable"]


class CopyTable(anywidget.AnyWidget):
    """Rows of `{"label", "value", "why", "copyable"}` to be pasted in `place`."""

    _esm = script("copy_table.js")
    _css = STYLE
    caption = traitlets.Unicode().tag(sync=True)
    #: of the first column
    heading = traitlets.Unicode().tag(sync=True)
    place = traitlets.Unicode().tag(sync=True)
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
