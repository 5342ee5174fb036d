"""The step of the regression notebook: what an unattended run checks in every other step."""

from __future__ import annotations

from sfrunbook.core.model import Skip, Status
from sfrunbook.report.cards import Card
from sfrunbook.runbook.authorize import AuthorizeStep
from sfrunbook.runbook.credentials import CredentialsStep
from sfrunbook.runbook.health import HealthStep
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.runbook.query import QueryStep
from sfrunbook.runbook.register import RegisterStep
from sfrunbook.runbook.start import StartStep
from sfrunbook.runbook.verbs import SHOWN_AS_CONNECTION, finding, verb
from sfrunbook.salesforce.oauth.endpoints import introspect

__all__ = ["RegressionStep"]

_TAKEN_BACK = ("what-the-run-made-is-taken-back", "What this run made is taken back.")


class RegressionStep:
    """Every check in one notebook, by the steps that they belong to."""

    __repr__, _repr_mimebundle_, _ipython_display_ = SHOWN_AS_CONNECTION

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._register, self._authorize = RegisterStep(notebook), AuthorizeStep(notebook)
        self._credentials = CredentialsStep(notebook)

    def check_host(self) -> Card | None:
        """Whether this is a login host of Salesforce."""
        return StartStep(self._notebook).check_host()

    def check_registration(self) -> object:
        """What can be checked of the registration without a login."""
        return self._register.check_registration()

    def check_credentials(self) -> Card | None:
        """Shape of the secret, and whether Salesforce accepts key and secret."""
        return self._credentials.check_credentials()

    def use_grant(self) -> Card:
        """The stored grant, or where there is none, one that needs no one to log in."""
        return self._authorize.use_grant()

    def refresh(self) -> Card:
        """One refresh of the grant."""
        return HealthStep(self._notebook).refresh()

    def check_grant(self) -> Card | None:
        """Whether the grant is active, of the right org, and as requested."""
        return self._authorize.check_grant()

    def check_data(self) -> Card:
        """Versions, org, test query and daily limit."""
        return QueryStep(self._notebook).check_data()

    @verb(*_TAKEN_BACK)
    def take_back(self) -> Card:
        """Revoke a grant that the scripted person made; one that someone logged in for is left alone."""
        opened = self._notebook.opened
        grant = opened.grants.stored()
        if grant is None or not opened.login.is_scripted(grant):
            detail = "This run made no grant; nothing is revoked."
            return self._notebook.found([finding(*_TAKEN_BACK, detail, skip=Skip.DOES_NOT_APPLY)])
        opened.grants.revoke()
        if introspect(opened.http, grant, opened.client_secret()).active:
            detail = "The revoked grant still answers as active."
            return self._notebook.found([finding(*_TAKEN_BACK, detail, Status.FAILED)])
        detail = "The grant was revoked, and Salesforce says that it is not active."
        return self._notebook.found([finding(*_TAKEN_BACK, detail)])

    def summary(self) -> Card | None:
        """The verdict over everything this notebook found."""
        return self._notebook.summary()
