"""The step of 02_enter_credentials: enter the Consumer Key and the Consumer Secret."""

from __future__ import annotations

import os

from sfrunbook.checks import credentials
from sfrunbook.core.secrets.shape import shape_of_client_id
from sfrunbook.report.cards import Card
from sfrunbook.report.cards import card as plain_card
from sfrunbook.runbook.needs import NO_KEY, waiting
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.runbook.verbs import OF_EVERY_STEP, verb

__all__ = ["CredentialsStep"]


class CredentialsStep:
    """Enter the Consumer Key and Consumer Secret, and check that Salesforce accepts them."""

    __repr__, _repr_mimebundle_, _ipython_display_, summary = OF_EVERY_STEP

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        #: the outcome of the check that the form above has just run
        self._just_checked: Card | None = None

    @verb("consumer-secret-is-kept", "The Consumer Secret is kept where this runbook can reach it.")
    def enter_credentials(self, *, widgets: bool = True) -> object:
        """The fields for Consumer Key and Consumer Secret; without widgets the front end asks, and the cell waits."""
        if not self._notebook.attended:
            return plain_card("Consumer Key and Consumer Secret that are kept for this connection are used.")
        from sfrunbook.runbook.forms.credentials import ask_for_secret, credentials_form

        if widgets:
            return credentials_form(self._notebook.opened, self._check_now, os.environ)
        return ask_for_secret(self._notebook.opened, self._check_now)

    @verb("consumer-key-and-secret-are-accepted", "Salesforce accepts Consumer Key and Consumer Secret together.")
    def check_credentials(self) -> Card | None:
        """Shape of the secret, and whether Salesforce accepts key and secret."""
        return self._notebook.show("credentials", self._card)

    def _card(self) -> Card:
        """The state of key and secret; Salesforce is not asked twice for one entry."""
        if self._just_checked is not None:
            return self._just_checked
        opened = self._notebook.opened
        if self._notebook.attended and shape_of_client_id(opened.connection.client_id):
            return waiting(NO_KEY, "Enter it above, or in the notebook before", "01_register_app.ipynb")
        if self._notebook.attended and opened.lacks_client_secret():
            return waiting("The Consumer Secret is not entered yet.", "Enter it above; this card then changes.")
        return self._notebook.check(credentials.STAGE)

    def _check_now(self) -> Card:
        """Ask Salesforce, and update the card of the step below."""
        if shape_of_client_id(self._notebook.opened.connection.client_id):
            return waiting(NO_KEY, "Enter it above, then the Consumer Secret again.")
        self._just_checked = card = self._notebook.check(credentials.STAGE)
        self._notebook.live.refresh("credentials")
        self._just_checked = None
        return self._notebook.in_short("credentials", card)
