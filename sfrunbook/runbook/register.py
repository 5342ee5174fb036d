"""The verbs of 01_register_app and 02_enter_credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfrunbook import report
from sfrunbook.checks import credentials, registration
from sfrunbook.report import Card

if TYPE_CHECKING:
    pass

from sfrunbook.runbook.bound import Bound, forms, verb

__all__ = ["Register"]


class Register(Bound):
    """The app in Salesforce and its credentials."""

    @verb("registration-is-shown", "What to register is shown.")
    def what_to_register(self) -> object:
        """The screen to open in Salesforce and every value to enter there."""
        if self._someone:
            return forms().registration_form(self._the_bench)
        caption, fields = self._the_bench.registration()
        rows = [{"Field": one.label, "What to enter": one.value, "Why": one.why} for one in fields]
        return report.table(rows, caption=caption)

    @verb("consumer-key-is-well-formed", "The Consumer Key looks like one.")
    def enter_client_id(self) -> object:
        """The field for the Consumer Key."""
        if self._someone:
            return forms().client_id_form(self._the_bench, self.check_registration)
        return report.card("The Consumer Key of the connection is used.")

    @verb("callback-urls-are-registered", "Every Callback URL of the partner is registered in the app.")
    def check_registration(self) -> Card:
        """All that can be learnt of the registration without a login."""
        return self._check(registration.STAGE)

    @verb("consumer-secret-is-kept", "The Consumer Secret is kept where this runbook can reach it.")
    def enter_credentials(self) -> object:
        """The fields for Consumer Key and Consumer Secret."""
        if self._someone:
            return forms().credentials_form(self._the_bench, self.check_credentials)
        return report.card("Consumer Key and Consumer Secret that are kept for this connection are used.")

    @verb("consumer-key-and-secret-are-accepted", "Salesforce accepts Consumer Key and Consumer Secret together.")
    def check_credentials(self) -> Card:
        """Shape of the secret, and what Salesforce says to key and secret."""
        if self._someone and self._the_bench.lacks_client_secret():
            return self._waiting("The Consumer Secret is not entered yet. Enter it above, then run this cell again.")
        return self._check(credentials.STAGE)
