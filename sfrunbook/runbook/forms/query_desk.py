"""The query in Run a test query: chosen or typed, run, shown and saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card, card, diagnosis_card
from sfrunbook.report.file_names import safe_name
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.cells import Column, columns_of, csv_of, is_hidden, shown
from sfrunbook.runbook.forms.charts import tallies
from sfrunbook.salesforce.api import Salesforce
from sfrunbook.salesforce.rows import Cursor
from sfrunbook.salesforce.soql import Place, compose, object_of, place_of

__all__ = ["QueryDesk"]

#: fields of these types cannot be part of a plain list of fields
_UNREADABLE = frozenset({"base64"})
#: what comes before the words of Salesforce in a reason
_RETURNED = "Salesforce returned: "
_EXAMPLE = "SELECT Id, Name FROM Account LIMIT 5"


class QueryDesk:
    """The query, its rows and what can be done with them."""

    def __init__(self, opened: OpenConnection) -> None:
        self._opened = opened
        self._salesforce: Salesforce | None = None
        self._cursor: Cursor | None = None
        self._columns: tuple[Column, ...] = ()
        self._editor = widgets.SoqlEditor(on_run=self.run)
        self._table = widgets.PagedTable(on_page=self._turn)
        self._chart = widgets.BarChart()
        name = f"{safe_name(opened.connection.name)}-query.csv"
        self._save = widgets.DownloadButton(make=self._csv, file_name=name)
        self._outcome = widgets.Outcome()
        self._choosing = widgets.again("Choose object and fields", self._picker)
        self._results = widgets.stack()
        self.widget = widgets.stack(self._choosing, self._editor, self._outcome, self._results)

    def show(self, soql: str) -> object:
        """The desk with the first page of a query."""
        self._editor.soql = soql
        self.run(soql)
        return self.widget

    def run(self, soql: str) -> None:
        """Run a query; a fault in it is marked, and the rows of the query before go."""
        if not soql.strip():
            self._results.children = ()
            self._outcome.show()
            how = f"Choose object and fields above, or type one, such as {_EXAMPLE}."
            self._mark_fault(f"The query is empty. {how}")
            return
        self._editor.set_trait("busy", True)
        try:
            cursor = self._org().cursor(soql)
            cursor.ensure(1)
        except RunbookError as error:
            self._point_at(error, soql)
        else:
            self._cursor = cursor
            self._mark_fault("")
            self._found(cursor, soql)
        finally:
            self._editor.busy = False

    def _org(self) -> Salesforce:
        if self._salesforce is None:
            self._salesforce = self._opened.org.api_or_raise()
        return self._salesforce

    def _point_at(self, error: RunbookError, soql: str) -> None:
        failure = error.failure
        place = place_of(failure.error, failure.description, soql)
        self._results.children = ()
        diagnosis = self._opened.explain_failure(diagnosis_of(error))
        where = diagnosis_of(error).what
        if place:  # the query and the mark in it are in the picture
            at = f"Row {place.row}, column {place.column}"
            why, returned, _ = diagnosis.why.partition(_RETURNED)  # the query and the mark are in the picture
            why += f"{returned}{place.words}" if returned else ""
            diagnosis = replace(diagnosis, what=f"{diagnosis.what} {at}.", why=why)
            where = f"{at}: {place.words}"
        self._outcome.show(diagnosis_card(diagnosis))
        self._mark_fault(f"{where.rstrip('.')}. Change the query and run it again.", place)

    def _mark_fault(self, fault: str, place: Place | None = None) -> None:
        """Show what is wrong with the query, and where where that is known; without a fault, nothing."""
        self._editor.picture = place.picture if place else ""
        self._editor.offset = place.offset if place else -1
        self._editor.fault = fault

    def _explained(self, error: RunbookError) -> Card:
        return diagnosis_card(self._opened.explain_failure(diagnosis_of(error)))

    def _found(self, cursor: Cursor, soql: str) -> None:
        if not cursor.read:
            self._results.children = ()
            self._outcome.show(self._without_rows(cursor.total_size, soql))
            return
        self._outcome.show()
        self._save.announcement = ""
        self._results.children = (self._table, self._save, self._chart)
        self._table.caption = "Rows of the query"
        self._turn(0, self._table.size)

    def _without_rows(self, total: int, soql: str) -> Card:
        """The answer of COUNT(), or whether nothing is there or the user may not see it."""
        if total:
            return card(f"COUNT() is {total:,}.", "A COUNT() query returns no rows.", Status.PASSED)
        return self._explained(problem("zero-rows", query=soql))

    def _turn(self, page: int, size: int) -> None:
        """Show a page; rows that have not been read are read now."""
        cursor = self._cursor
        if cursor is None:
            return
        try:
            cursor.ensure((page + 1) * size)
        except RunbookError as error:
            self._outcome.show(self._explained(error))
            return
        every = cursor.rows()
        self._columns = columns_of(every.columns, every.records)
        total = max(cursor.total_size, cursor.read)
        pages = max(1, -(-total // size))
        page = min(page, pages - 1)
        here = every.records[page * size : (page + 1) * size]
        masked = sum(is_hidden(name, value) for record in here for name, value in record.items())
        with self._table.hold_trait_notifications():
            self._table.columns = [{"name": column.name, "kind": column.kind.value} for column in self._columns]
            self._table.rows = [[shown(column, record[column.name]) for column in self._columns] for record in here]
            self._table.page, self._table.pages, self._table.size = page, pages, size
            self._table.standing = f"Rows {page * size + 1:,} to {page * size + len(here):,} of {total:,}"
            self._table.note = _masked_note(masked)
        self._save.label = f"Save the {_rows(cursor.read)} read so far as CSV"
        self._draw(cursor)

    def _draw(self, cursor: Cursor) -> None:
        records = cursor.rows().records
        kinds = {column.name: column.kind.value for column in self._columns}
        hidden = [name for name in kinds if any(is_hidden(name, record[name]) for record in records)]
        self._chart.basis = f"Of the {_rows(cursor.read)} read so far"
        self._chart.charts = [asdict(tally) for tally in tallies(kinds, records, hidden)]

    def _csv(self) -> tuple[str, str]:
        cursor = self._cursor
        if cursor is None:
            return "", "There are no rows to save; run a query first."
        file = csv_of(self._columns, cursor.rows().records)
        notes = [f"{_rows(cursor.read)} saved as {self._save.file_name}.", _masked_note(file.masked)]
        if file.guarded:
            notes.append(
                f"We added an apostrophe before {file.guarded} values that a spreadsheet would run as a formula."
            )
        return file.text, " ".join(filter(None, notes))

    def _picker(self) -> object:
        """The choice of object and fields; read only when someone wants it, since an org has many objects."""
        try:
            objects = self._org().objects()
        except RunbookError as error:
            return widgets.Outcome(self._explained(error))
        picker = widgets.FieldPicker(
            [(known.label, known.name) for known in objects], on_object=self._fields_of, on_choice=self._composed
        )
        picker.choose(object_of(self._editor.soql))
        return picker.widget

    def _fields_of(self, name: str) -> Sequence[tuple[str, str]]:
        try:
            fields = self._org().fields(name)
        except RunbookError as error:
            self._outcome.show(self._explained(error))
            return ()
        return [(field.label, field.name) for field in fields if field.type not in _UNREADABLE]

    def _composed(self, name: str, fields: Sequence[str], limit: int) -> None:
        self._editor.soql = compose(name, fields, limit)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _masked_note(masked: int) -> str:
    if not masked:
        return ""
    values = "1 value was" if masked == 1 else f"{masked} values were"
    return f"{values} replaced by ***: the field's name or value looks like a secret."
