"""Enter the key and secret: the Consumer Secret, where it is stored, and whether Salesforce accepts both."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from sfrunbook.checks import credentials
from sfrunbook.core.secrets.redaction import shortened
from sfrunbook.core.secrets.shape import shape_of_client_id
from sfrunbook.report.cards import Card, card, findings_card
from sfrunbook.runbook.section import missing, waiting
from sfrunbook.runbook.state import State
from sfrunbook.store.progress import STEPS

__all__ = ["KeySection"]


class KeySection:
    step = STEPS[2]

    def __init__(self, state: State) -> None:
        self._state = state

    def situation(self) -> Hashable:
        return self._state.name, self._state.opened.connection.client_id

    def parts(self) -> Sequence[object]:
        from sfrunbook.runbook import widgets
        from sfrunbook.runbook.forms.credentials import secret_form

        if shape_of_client_id(self._state.opened.connection.client_id):
            return [widgets.Outcome(waiting("Waiting for: the Consumer Key.", "Save it in Register the app."))]
        if not missing(self._state.opened) and not self._state.current(self.step.name):
            self._check_again()  # a secret that was stored before
        key = shortened(self._state.opened.connection.client_id)
        return [
            widgets.Outcome(card(f"Consumer Key: {key}", "Change it in Register the app.")),
            secret_form(self._state, self._check_again),
        ]

    def can_check(self) -> bool:
        return not missing(self._state.opened)

    def check(self) -> None:
        self._state.check(self.step.name, credentials.STAGE)

    def _check_again(self) -> None:
        self._state.attempt(self.step.name, self.check)

    def run(self) -> Card:
        return findings_card(self._state.check(self.step.name, credentials.STAGE))
