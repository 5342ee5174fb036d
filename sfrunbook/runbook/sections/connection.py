"""Choose a connection: a login address and a name, nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from sfrunbook.checks import registration
from sfrunbook.connection.practice_org import PracticeOrg
from sfrunbook.report.cards import Card, findings_card
from sfrunbook.runbook.state import State
from sfrunbook.store.connections import open_book
from sfrunbook.store.progress import STEPS

if TYPE_CHECKING:
    from sfrunbook.runbook.forms.connection import ConnectionForm

__all__ = ["ConnectionSection"]

_PRACTICE_NAME = "my-practice-org"
_HOST = ("login-host-is-salesforce",)


class ConnectionSection:
    step = STEPS[0]

    def __init__(self, state: State, check_everything: Callable[..., None]) -> None:
        self._state, self._check_everything = state, check_everything
        self._form: ConnectionForm | None = None

    def situation(self) -> Hashable:
        return self._state.name, self._state.practice_org is not None, open_book(os.environ).names()

    def parts(self) -> Sequence[object]:
        from sfrunbook.runbook.forms.connection import ConnectionForm
        from sfrunbook.runbook.forms.planned_failures import planned_failures_form
        from sfrunbook.runbook.forms.practice_button import practice_button

        if self._state.finding(self.step.name, _HOST[0]) is None and self._state.is_open:
            self._state.attempt(self.step.name, self.check)
        form = self._form = self._form or ConnectionForm(os.environ, self._use)  # with what was typed in it
        form.refresh(self._state.name)
        # not the main button: whoever adds an org has one in mind
        form.lead.children = practice_button(self._state, self.step.name, self._use_practice, entered=True)
        parts = [form.widget]
        if self._state.practice_org:
            parts.append(planned_failures_form(self._state, self._check_everything))
        return parts

    def can_check(self) -> bool:
        return self._state.is_open

    def check(self) -> None:
        if not self._state.is_open:
            self._state.open(self._state.name)  # which records why it can't be
        if self._state.is_open:
            self._state.check(self.step.name, registration.STAGE, only=_HOST)

    def run(self) -> Card:
        return findings_card(self._state.check(self.step.name, registration.STAGE, only=_HOST))

    def open_form(self) -> None:
        """Open the form that adds an org."""
        if self._form:
            self._form.own_org.turn(opens=True)

    def _use_practice(self, org: PracticeOrg) -> None:
        """Enter the practice org as if it were an org of one's own."""
        if self._form:
            self._form.enter(login_url=org.login_url, name=_PRACTICE_NAME)

    def _use(self, name: str) -> None:
        """Work with another connection from now on."""
        self._state.open(name)
        if self._state.is_open:
            self._state.attempt(self.step.name, self.check)
