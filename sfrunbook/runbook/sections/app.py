"""Register the app: what to enter in Salesforce, the Consumer Key, and the checks that need no login."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from sfrunbook.checks import checks_of, registration
from sfrunbook.core.model import AppKind
from sfrunbook.report.cards import Card, card, findings_card
from sfrunbook.runbook.state import State
from sfrunbook.store.progress import STEPS

if TYPE_CHECKING:
    from sfrunbook.runbook.forms.registration_watch import RegistrationWatch

__all__ = ["AppSection"]

#: the check of the step before
_HOST = "login-host-is-salesforce"


class AppSection:
    step = STEPS[1]

    def __init__(self, state: State) -> None:
        self._state = state
        self._watch: RegistrationWatch | None = None

    def situation(self) -> Hashable:
        from sfrunbook.runbook.forms.app import is_existing

        connection = self._state.opened.connection
        variables = tuple(sorted(connection.variables.items()))
        return (
            self._state.name,
            connection.login_url,
            connection.app_kind,
            connection.profile,
            connection.redirect_uri,
            variables,
            is_existing(self._state),
        )

    def parts(self) -> Sequence[object]:
        from sfrunbook.runbook import widgets
        from sfrunbook.runbook.forms.app import app_form, client_id_form, registration_sheet
        from sfrunbook.runbook.forms.registration_watch import RegistrationWatch

        self._watch = RegistrationWatch(self._state, self.step.name)
        self._watch.start()
        sheet = [self._pkce_note(), registration_sheet(self._state), client_id_form(self._state, self.check)]
        if self._state.opened.practice:
            address = self._state.opened.connection.login_url
            lead = widgets.link("The practice app is registered already. You can look at it in Setup: {}", address)
            rest = widgets.fold("See what you would enter", app_form(self._state), *sheet[1:])
            return [lead, rest, self._watch.board]
        return [app_form(self._state), *sheet, self._watch.board]

    def _pkce_note(self) -> object:
        """What is not known about a new External Client App and the partner, before anyone registers one."""
        from sfrunbook.runbook import widgets
        from sfrunbook.runbook.forms.app import is_existing

        opened = self._state.opened
        if (
            self._state.practice_org
            or is_existing(self._state)
            or opened.connection.app_kind is not AppKind.EXTERNAL_CLIENT_APP
        ):
            return widgets.Outcome()
        partner = opened.profile.label
        return widgets.Outcome(
            card(
                "New External Client Apps require PKCE, an extra check at login.",
                f"You can't turn it off, and we don't know whether {partner} supports it.\n"
                f"Set up {partner} below checks this before you log in. If it doesn't, ask {partner} Support,  "
                "or ask Salesforce Support to enable new Connected Apps.",
            )
        )

    def can_check(self) -> bool:
        return bool(self._state.opened.connection.client_id)

    def check(self) -> None:
        if self._watch:
            self._watch.start()

    def run(self) -> Card:
        names = [entry.name for entry in checks_of(registration.STAGE)]
        if self._state.finding("connection", _HOST):
            names.remove(_HOST)
        return findings_card(self._state.check(self.step.name, registration.STAGE, only=names))
