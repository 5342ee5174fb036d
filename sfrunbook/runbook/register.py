"""The verbs of 01_register_app and 02_enter_credentials."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sfrunbook import report
from sfrunbook.checks import credentials, registration
from sfrunbook.core.secrets.shape import shape_of_client_id
from sfrunbook.report import Card
from sfrunbook.runbook.bound import Bound, forms, verb

if TYPE_CHECKING:
    from sfrunbook.runbook.forms import RegistrationDesk

__all__ = ["Register"]

_NO_KEY = "The Consumer Key is not entered yet."


class Register(Bound):
    """The app in Salesforce and its credentials."""

    _registration: RegistrationDesk | None = None

    @verb("registration-is-shown", "What to register is shown.")
    def what_to_register(self) -> object:
        """The screen to open in Salesforce and every value to enter there."""
        if self._someone:
            return forms().registration_sheet(self._open_connection)
        caption, fields = self._open_connection.records.registration()
        rows = [{"Field": one.label, "What to enter": one.value, "Why": one.why} for one in fields]
        return report.table(rows, caption=caption)

    @verb("registration-is-attested", "What cannot be seen from outside is attested by a person.")
    def attest(self) -> object:
        """A list of what only a person at Salesforce's screen can see, to tick."""
        if self._someone:
            return forms().attestation_list(self._open_connection)
        said = self._open_connection.progress.attestations()
        if not said:
            return report.card("Nothing is attested: nobody is here, and a program cannot see these settings.")
        return report.card("Attested by a person", "\n".join(f"{one.claim} ({one.by}, {one.at[:10]})" for one in said))

    @verb("consumer-key-is-well-formed", "The Consumer Key looks like one.")
    def enter_client_id(self) -> object:
        """The field for the Consumer Key."""
        if self._someone:
            return forms().client_id_form(self._open_connection, self._look_anew)
        return report.card("The Consumer Key of the connection is used.")

    @verb("callback-urls-are-registered", "Every Callback URL of the partner is registered in the app.")
    def check_registration(self) -> object:
        """All that can be learnt of the registration without a login; with a person there it goes on until it is."""
        if not self._someone:
            return self._check(registration.STAGE)
        if self._registration:
            self._registration.close()
        self._registration = forms().RegistrationDesk(self._open_connection, self._found)
        return self._registration.show()

    def _look_anew(self) -> Card | None:
        if self._registration is None:
            return self._check(registration.STAGE)
        self._registration.start()
        return None

    @verb("consumer-secret-is-kept", "The Consumer Secret is kept where this runbook can reach it.")
    def enter_credentials(self, *, widgets: bool = True) -> object:
        """The fields for Consumer Key and Consumer Secret; without widgets the front end asks, and the cell waits."""
        if not self._someone:
            return report.card("Consumer Key and Consumer Secret that are kept for this connection are used.")
        if widgets:
            return forms().credentials_form(self._open_connection, self._look_at_credentials, os.environ)
        return forms().ask_for_secret(self._open_connection, self._look_at_credentials)

    @verb("consumer-key-and-secret-are-accepted", "Salesforce accepts Consumer Key and Consumer Secret together.")
    def check_credentials(self) -> Card | None:
        """Shape of the secret, and what Salesforce says to key and secret."""
        return self._shown("credentials", self._credentials)

    def _credentials(self) -> Card:
        """What is known of key and secret; nothing is asked again that was answered a moment ago."""
        told = self._told_of_credentials
        if told is not None:
            return told
        if self._someone and shape_of_client_id(self._open_connection.connection.client_id):
            return self._waiting(_NO_KEY, "Enter it above, or in the notebook before", "01_register_app.ipynb")
        if self._someone and self._open_connection.lacks_client_secret():
            return self._waiting("The Consumer Secret is not entered yet.", "Enter it above; this card then changes.")
        return self._check(credentials.STAGE)

    _told_of_credentials: Card | None = None

    def _look_at_credentials(self) -> Card:
        """Ask Salesforce; the card of the step below is shown anew too."""
        if shape_of_client_id(self._open_connection.connection.client_id):
            return self._waiting(_NO_KEY, "Enter it above, then the Consumer Secret again.")
        self._told_of_credentials = card = self._check(credentials.STAGE)
        self._live.refresh("credentials")
        self._told_of_credentials = None
        return self._in_short("credentials", card)
