"""The form by which someone breaks one thing in the practice org on purpose, and repairs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sfrunbook.connection.planned_failures import PLANNED_FAILURES, PlannedFailures
from sfrunbook.connection.practice_org import PracticeOrg
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Status
from sfrunbook.report.cards import card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.state import State

__all__ = ["planned_failures_form"]


def planned_failures_form(state: State, check_everything: Callable[..., None]) -> object:
    """One of the planned failures to choose, and a button that undoes it; everything is to be checked again then."""
    return widgets.Fold("Let's break something (practice only)", _PlannedFailuresForm(state, check_everything).widget)


class _PlannedFailuresForm:
    def __init__(self, state: State, check_everything: Callable[..., None]) -> None:
        self._state, self._check_everything = state, check_everything
        self._needs_login = False
        self._outcome = widgets.Outcome()
        field = widgets.Field(
            name="name",
            label="What to break",
            kind="choice",
            options=tuple((each.invitation, each.name) for each in PLANNED_FAILURES),
        )
        values = {"name": PLANNED_FAILURES[0].name}
        form = widgets.Form((field,), values, action="Break it", on_submit=self._break)
        self.widget = widgets.stack(form, widgets.button("Undo", self._undo), self._outcome)

    def _break(self, values: Mapping[str, str]) -> None:
        def act(org: PracticeOrg) -> tuple[str, str]:
            planned = PlannedFailures(org).break_it(values["name"])
            self._needs_login = planned.needs_login
            return f"Done: {planned.invitation}.", f"{planned.fails} We checked again: see the steps below."

        self._act(act)

    def _undo(self) -> None:
        def act(org: PracticeOrg) -> tuple[str, str]:
            PlannedFailures(org).undo()
            self._restore_secret(org)
            return "The practice org is restored.", "We checked again: see the steps below."

        self._act(act)

    def _act(self, act: Callable[[PracticeOrg], tuple[str, str]]) -> None:
        if self._state.practice_org is None:
            return
        forgotten = ("log_in",) if self._needs_login else ()
        try:
            title, how = act(self._state.practice_org)
        except RunbookError as error:
            self._outcome.explain(error)
            return
        self._outcome.show(card(title, how, Status.PASSED))
        self._check_everything(*forgotten)
        if self._needs_login:  # the login that is stored still works
            self._state.forget("log_in", *(found.check for found in self._state.current("log_in")))

    def _restore_secret(self, org: PracticeOrg) -> None:
        """Store the secret that the app has again, where another one was entered meanwhile."""
        app, opened = org.values.app, self._state.opened
        self._needs_login = False
        if app and opened.client_secret() not in (None, app.secret):
            opened.keep_client_secret(app.secret)
