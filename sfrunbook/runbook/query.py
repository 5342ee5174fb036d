"""The verbs of 04_test_query."""

from __future__ import annotations

from sfrunbook import report
from sfrunbook.checks import data
from sfrunbook.checks.registry import finding_of_error
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Finding, Status
from sfrunbook.report import Card
from sfrunbook.runbook.bound import Bound, finding, forms, verb

__all__ = ["Query"]

_CHECK, _CLAIM = "query-returns-rows", "The query returns rows."


class Query(Bound):
    """Data comes back."""

    @verb("org-says-who-it-is", "The org says its name, edition and kind.")
    def org(self) -> Card:
        """Name, id, edition, kind, instance, API versions, user and daily limit, as the org itself answers."""
        if waiting := self._needs_grant():
            return waiting
        salesforce = self._open_connection.org.api_or_raise()
        return report.org_card(
            salesforce.org(),
            salesforce.identity(),
            salesforce.versions(),
            salesforce.limits(),
            rehearsed=self._rehearsed,
        )

    @verb(_CHECK, _CLAIM)
    def query(self, soql: str, *, max_rows: int = 200) -> object:
        """Rows of a SOQL query: with a person there to be changed, paged and saved, without one as a table.

        An error of the query shows where in it the fault lies. `max_rows` is for the table only.
        """
        if waiting := self._needs_grant():
            return waiting
        if self._someone:
            return forms().QueryDesk(self._open_connection, self._rows_came, self._query_failed).show(soql)
        rows = self._open_connection.org.api_or_raise().query(soql, max_rows=max_rows)
        more = "" if rows.done else f" (the first {len(rows.records)})"
        self._rows_came(rows.total_size)
        return report.table(rows.records, rows.columns, caption=f"{rows.total_size} rows{more}")

    @verb("org-can-be-asked", "Access is kept to ask the org with.")
    def check_data(self) -> Card:
        """Versions, org, test query and daily limit."""
        if waiting := self._needs_grant():
            return waiting
        return self._check(data.STAGE)

    def _rows_came(self, rows: int) -> None:
        self._keep([query_finding(rows)])

    def _query_failed(self, error: RunbookError) -> None:
        """A query that cannot be read costs nothing that another one has proved."""
        before = self._findings.get(_CHECK)
        if before is None or before.status is not Status.PASSED:
            self._keep([finding_of_error(_CHECK, _CLAIM, error)])


def query_finding(rows: int) -> Finding:
    status = Status.PASSED if rows else Status.WARNING
    return finding(_CHECK, _CLAIM, f"{rows} rows came back.", status)
