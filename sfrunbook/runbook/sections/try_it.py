"""Run a test query: the first records, and the org they come from."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from sfrunbook.checks import data
from sfrunbook.report.cards import Card, findings_card, table
from sfrunbook.report.org import org_card
from sfrunbook.runbook.section import is_logged_in, missing, waiting
from sfrunbook.runbook.state import State
from sfrunbook.store.progress import STEPS

__all__ = ["TryItSection"]


class TryItSection:
    step = STEPS[4]
    #: SOQL; empty for the test query of the connection
    query = ""

    def __init__(self, state: State) -> None:
        self._state = state

    def situation(self) -> Hashable:
        first = missing(self._state.opened)
        grant = None if first else self._state.opened.grants.stored()
        return self._state.name, first, grant and (grant.user_id, grant.approved_at)

    def parts(self) -> Sequence[object]:
        from sfrunbook.runbook import widgets
        from sfrunbook.runbook.forms.query_desk import QueryDesk

        first = missing(self._state.opened)
        if first or self._state.opened.grants.stored() is None:
            return [widgets.Outcome(waiting(f"Waiting for: {first or 'your login'}."))]
        desk = QueryDesk(self._state.opened).show(self._soql())
        self._state.attempt(self.step.name, self.check)
        return [desk, widgets.Fold("About this org", widgets.Outcome(self._org()))]

    def can_check(self) -> bool:
        return is_logged_in(self._state.opened)

    def check(self) -> None:
        self._state.check(self.step.name, data.STAGE)

    def run(self) -> Card:
        opened = self._state.opened
        if opened.grants.stored() is None:
            opened.login.log_in_unattended()
        checked = findings_card(self._state.check(self.step.name, data.STAGE))
        rows = opened.org.api_or_raise().query(self._soql(), max_rows=5)
        return table(rows.records, rows.columns, caption="The first records") + self._org() + checked

    def _soql(self) -> str:
        return self.query or self._state.opened.connection.test_query

    def _org(self) -> Card:
        """Name, id, edition, kind, instance, API versions, user and daily limit, as the org itself answers."""
        salesforce = self._state.opened.org.api_or_raise()
        return org_card(
            salesforce.org(),
            salesforce.identity(),
            salesforce.versions(),
            salesforce.limits(),
            rehearsed=self._state.in_practice,
        )
