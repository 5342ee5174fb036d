"""What a step waits for, said to a person in place of a failure: key, secret, passphrase, login."""

from __future__ import annotations

from collections.abc import Callable

from sfrunbook import report
from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Skip
from sfrunbook.report import Card, Link

__all__ = ["Needs"]


class Needs:
    """A step of a notebook with a connection to work on, or with none."""

    _name: str
    _step: str
    #: whether a person sits in front
    _someone: bool
    _opened: OpenConnection | None

    @property
    def _open_connection(self) -> OpenConnection:
        if self._opened is None:
            raise problem("connection-not-found", name=self._name, known="practice")
        return self._opened

    def _needs_credentials(self) -> Card | None:
        """What to show a person instead when what comes before a login is missing."""
        opened = self._open_connection
        how = "Enter it in 02_enter_credentials, come back here, and choose Run > Run All Cells."
        if not opened.connection.client_id:
            return self._waiting("The Consumer Key is not entered yet.", how, "02_enter_credentials.ipynb")
        if opened.lacks_client_secret():
            return self._waiting("The Consumer Secret is not entered yet.", how, "02_enter_credentials.ipynb")
        return None

    def _needs_key(self, error: RunbookError) -> Card | None:
        """What a person does where secrets are closed or have no place yet: nothing has failed, nothing was asked."""
        if self._someone and error.code == "no-wrapping-key":
            return self._needs_credentials()
        if not self._someone or error.code != "passphrase-needed":
            return None
        what = "The passphrase of this connection is to be entered once in each session."
        if self._step == "credentials":
            return self._waiting(what, "Enter it above, in the field Passphrase; this card then changes.")
        how = "Enter it in 02_enter_credentials, come back here, and choose Run > Run All Cells."
        return self._waiting(what, how, "02_enter_credentials.ipynb")

    def _needs_grant(self) -> Card | None:
        """What to show instead when a grant is missing; without a person one is used or made."""
        if self._open_connection.grants.stored() is not None:
            return None
        if self._someone:
            if waiting := self._needs_credentials():
                return waiting
            if self._step == "authorize":
                return self._waiting("Nobody has logged in yet. Log in above; this card changes then.")
            how = "Log in with 03_authorize, come back here, and choose Run > Run All Cells."
            return self._waiting("Nobody has logged in yet.", how, "03_authorize.ipynb")
        self._open_connection.login.log_in_unattended()
        return None

    def _unless_locked(self, make: Callable[[], Card]) -> Card:
        """The card, or that the passphrase is missing: with it the same place shows the card."""
        try:
            return make()
        except RunbookError as error:
            if waiting := self._needs_key(error):
                return waiting
            raise

    def _waiting(self, what: str, how: str = "", notebook: str = "") -> Card:
        """What is missing, and the notebook that gives it as a link."""
        link = Link(f"Open {notebook}", notebook) if notebook else None
        return report.card(what, how, go=link, skip=Skip.TO_DO)
