"""The parts of a query's screen: editor, table with pages, chart, and a file that the browser saves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from sfrunbook.runbook.widgets.scripts import QUERY_STYLE, script

__all__ = ["BarChart", "DownloadButton", "PagedTable", "SoqlEditor"]


class SoqlEditor(anywidget.AnyWidget):
    """A field for SOQL that points at the place of an error; `on_run` gets the text."""

    _esm = script("soql_editor.js")
    _css = QUERY_STYLE
    soql = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(default_value=False).tag(sync=True)
    #: the faulty line and a caret under the place; empty when there is no fault
    picture = traitlets.Unicode().tag(sync=True)
    #: what is wrong, in words with row and column
    fault = traitlets.Unicode().tag(sync=True)
    #: place of the fault in the text, counted from 0; -1 when there is none
    offset = traitlets.Int(-1).tag(sync=True)

    def __init__(self, *, on_run: Callable[[str], None], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self._on_run = on_run
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        self.soql = str(content.get("run", ""))
        self._on_run(self.soql)


class PagedTable(anywidget.AnyWidget):
    """One page of rows; `on_page` gets the page that is wanted, from 0, and the size of pages."""

    _esm = script("paged_table.js")
    _css = QUERY_STYLE
    caption = traitlets.Unicode().tag(sync=True)
    #: `{name, kind}` of each column
    columns: traitlets.List[Any] = traitlets.List().tag(sync=True)
    #: texts of the cells of this page only
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)
    #: which rows these are, of how many
    standing = traitlets.Unicode().tag(sync=True)
    #: what was left out of the cells, and why
    note = traitlets.Unicode().tag(sync=True)
    page = traitlets.Int(0).tag(sync=True)
    pages = traitlets.Int(1).tag(sync=True)
    size = traitlets.Int(25).tag(sync=True)

    def __init__(self, *, on_page: Callable[[int, int], None], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self._on_page = on_page
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        page, size = content.get("page"), content.get("size")
        if isinstance(page, int) and isinstance(size, int) and size in (10, 25, 100):
            self._on_page(max(0, page), size)


class BarChart(anywidget.AnyWidget):
    """Bars with their figures, one of several charts at a choice; the same as a table is one click away.

    A chart is `{title, note, bars: [{label, value}]}`.
    """

    _esm = script("bar_chart.js")
    _css = QUERY_STYLE
    charts: traitlets.List[Any] = traitlets.List().tag(sync=True)
    #: which rows the charts show
    basis = traitlets.Unicode().tag(sync=True)


class DownloadButton(anywidget.AnyWidget):
    """A button by which the browser saves a file; its text is created on request and is in no state."""

    _esm = script("download_button.js")
    _css = QUERY_STYLE
    label = traitlets.Unicode().tag(sync=True)
    file_name = traitlets.Unicode().tag(sync=True)
    media_type = traitlets.Unicode("text/csv;charset=utf-8").tag(sync=True)
    announcement = traitlets.Unicode().tag(sync=True)

    def __init__(self, *, make: Callable[[], tuple[str, str]], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self._make = make
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        if content.get("ask") == "text":
            text, self.announcement = self._make()
            self.send({"text": text})
