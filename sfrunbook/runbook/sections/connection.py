"""Choose a connection: a login address and a name, nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence

from sfrunbook.checks import registration
from sfrunbook.report.cards import Card, findings_card
from sfrunbook.runbook.state import State
from sfrunbook.store.progress import STEPS

__all__ = ["ConnectionSection"]

_HOST = ("login-host-is-salesforce",)


class ConnectionSection:
    step = STEPS[0]

    def __init__(self, state: State, check_everything: Callable[[], None]) -> None:
        self._state, self._check_everything = state, check_everything

    def situation(self) -> Hashable:
        return self._state.practice_org is not None  # the form and the list update themselves

    def parts(self) -> Sequence[object]:
        from sfrunbook.runbook.forms.connection import ConnectionForm
        from sfrunbook.runbook.forms.planned_failures import planned_failures_form

        if self._state.finding(self.step.name, _HOST[0]) is None and self._state.is_open:
            self.check()
        parts = [ConnectionForm(os.environ, self._use).widget]
        if self._state.practice_org:
            parts.append(planned_failures_form(self._state, self._check_everything))
        return parts

    def can_check(self) -> bool:
        return self._state.is_open

    def check(self) -> None:
        self._state.check(self.step.name, registration.STAGE, only=_HOST)

    def run(self) -> Card:
        return findings_card(self._state.check(self.step.name, registration.STAGE, only=_HOST))

    def _use(self, name: str) -> None:
        """Work with another connection from now on."""
        self._state.open(name)
        if self._state.is_open:
            self.check()
