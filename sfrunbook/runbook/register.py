"""The step of 01_register_app: register the app in Salesforce."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfrunbook.checks import registration
from sfrunbook.report.cards import Card, card, table
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.runbook.verbs import OF_EVERY_STEP, verb

if TYPE_CHECKING:
    from sfrunbook.runbook.forms.registration_desk import RegistrationDesk

__all__ = ["RegisterStep"]


class RegisterStep:
    """Register the app, and check what can be checked without a login."""

    __repr__, _repr_mimebundle_, _ipython_display_, summary = OF_EVERY_STEP

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._desk: RegistrationDesk | None = None

    @verb("registration-is-shown", "What to register is shown.")
    def what_to_register(self) -> object:
        """The screen to open in Salesforce and every value to enter there."""
        opened = self._notebook.opened
        if self._notebook.attended:
            from sfrunbook.runbook.forms.register import registration_sheet

            return registration_sheet(opened)
        caption, fields = opened.records.registration()
        rows = [{"Field": field.label, "What to enter": field.value, "Why": field.why} for field in fields]
        return table(rows, caption=caption)

    @verb("registration-is-attested", "What cannot be seen from outside is attested by a person.")
    def attest(self) -> object:
        """The settings that only someone at Salesforce's screen can see, to tick."""
        opened = self._notebook.opened
        if self._notebook.attended:
            from sfrunbook.runbook.forms.register import attestation_list

            return attestation_list(opened)
        attested = opened.progress.attestations()
        if not attested:
            return card("Nothing is attested: nobody is here, and a program cannot see these settings.")
        lines = (f"{point.claim} ({point.by}, {point.at[:10]})" for point in attested)
        return card("Attested by a person", "\n".join(lines))

    @verb("consumer-key-is-well-formed", "The Consumer Key looks like one.")
    def enter_client_id(self) -> object:
        """The field for the Consumer Key."""
        if not self._notebook.attended:
            return card("The Consumer Key of the connection is used.")
        from sfrunbook.runbook.forms.register import client_id_form

        return client_id_form(self._notebook.opened, self._check_again)

    @verb("callback-urls-are-registered", "Every Callback URL of the partner is registered in the app.")
    def check_registration(self) -> object:
        """What can be checked without a login; with someone there, again and again until it is complete."""
        if not self._notebook.attended:
            return self._notebook.check(registration.STAGE)
        from sfrunbook.runbook.forms.registration_desk import RegistrationDesk

        if self._desk:
            self._desk.close()
        self._desk = RegistrationDesk(self._notebook.opened, self._notebook.found)
        return self._desk.show()

    def _check_again(self) -> Card | None:
        if self._desk is None:
            return self._notebook.check(registration.STAGE)
        self._desk.start()
        return None
