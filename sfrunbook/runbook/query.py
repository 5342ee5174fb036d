"""The verbs of 04_test_query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfrunbook import report
from sfrunbook.checks import data
from sfrunbook.model import Finding, Status
from sfrunbook.report import Card

if TYPE_CHECKING:
    pass

from sfrunbook.runbook.bound import Bound, finding, verb

__all__ = ["Query"]


class Query(Bound):
    """Data comes back."""

    @verb("org-says-who-it-is", "The org says its name, edition and kind.")
    def org(self) -> Card:
        """Name, id, edition, kind and instance, as the org itself answers."""
        if waiting := self._needs_grant():
            return waiting
        salesforce = self._the_bench.salesforce_or_raise()
        org, who = salesforce.org(), salesforce.identity()
        facts = {
            "Name": org.name,
            "Org id": org.org_id,
            "Edition": org.edition,
            "Kind": org.kind.value,
            "Instance": org.instance_name,
            "Address": org.instance_url,
            "User": who.username,
        }
        return report.table([{"": name, "The org says": value} for name, value in facts.items()], caption="Org")

    @verb("query-returns-rows", "The query returns rows.")
    def query(self, soql: str, *, max_rows: int = 200) -> Card:
        """Rows of a SOQL query as a table; an error of the query shows where in it the fault lies."""
        if waiting := self._needs_grant():
            return waiting
        rows = self._the_bench.salesforce_or_raise().query(soql, max_rows=max_rows)
        more = "" if rows.done else f" (the first {len(rows.records)})"
        self._keep([query_finding(rows.total_size)])
        return report.table(rows.records, rows.columns, caption=f"{rows.total_size} rows{more}")

    @verb("org-can-be-asked", "A grant is held to ask the org with.")
    def check_data(self) -> Card:
        """Versions, org, test query and daily limit."""
        if waiting := self._needs_grant():
            return waiting
        return self._check(data.STAGE)


def query_finding(rows: int) -> Finding:
    status = Status.PASSED if rows else Status.WARNING
    return finding("query-returns-rows", "The query returns rows.", f"{rows} rows came back.", status)
