"""The step of 04_test_query: ask the org for data."""

from __future__ import annotations

from sfrunbook.checks import data
from sfrunbook.checks.registry import finding_of_error
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Status
from sfrunbook.report.cards import Card, table
from sfrunbook.report.org import org_card
from sfrunbook.runbook import hand_over as sheet
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.runbook.verbs import OF_EVERY_STEP, finding, verb

__all__ = ["QueryStep"]

_ROWS = ("query-returns-rows", "The query returns rows.")


class QueryStep:
    """Run a query, and show the org that answers."""

    __repr__, _repr_mimebundle_, _ipython_display_, summary = OF_EVERY_STEP
    hand_over = sheet.hand_over

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    @verb("org-says-who-it-is", "The org says its name, edition and kind.")
    def org(self) -> Card:
        """Name, id, edition, kind, instance, API versions, user and daily limit, as the org itself answers."""
        if missing := self._notebook.missing_login():
            return missing
        salesforce = self._notebook.opened.org.api_or_raise()
        return org_card(
            salesforce.org(),
            salesforce.identity(),
            salesforce.versions(),
            salesforce.limits(),
            rehearsed=self._notebook.in_practice,
        )

    @verb(*_ROWS)
    def query(self, soql: str, *, max_rows: int = 200) -> object:
        """Rows of a SOQL query: when attended, to be changed, paged and saved, otherwise as a table.

        An error of the query shows where in it the fault is. `max_rows` is for the table only.
        """
        if missing := self._notebook.missing_login():
            return missing
        opened = self._notebook.opened
        if self._notebook.attended:
            from sfrunbook.runbook.forms.query_desk import QueryDesk

            return QueryDesk(opened, self._record_rows, self._record_fault).show(soql)
        rows = opened.org.api_or_raise().query(soql, max_rows=max_rows)
        more = "" if rows.done else f" (the first {len(rows.records)})"
        self._record_rows(rows.total_size)
        return table(rows.records, rows.columns, caption=f"{rows.total_size} rows{more}")

    @verb("org-can-be-asked", "Access is kept to ask the org with.")
    def check_data(self) -> Card:
        """Versions, org, test query and daily limit."""
        return self._notebook.missing_login() or self._notebook.check(data.STAGE)

    def _record_rows(self, count: int) -> None:
        status = Status.PASSED if count else Status.WARNING
        self._notebook.record([finding(*_ROWS, f"{count} rows came back.", status)])

    def _record_fault(self, error: RunbookError) -> None:
        """A query that cannot be read takes nothing from the success of another."""
        before = self._notebook.findings.get(_ROWS[0])
        if before is None or before.status is not Status.PASSED:
            self._notebook.record([finding_of_error(*_ROWS, error)])
