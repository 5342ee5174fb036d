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
from sfrunbook.runbook.verbs import OF_EVERY_STEP, finding, verb
from sfrunbook.salesforce.oauth.endpoints import introspect

__all__ = ["RegressionStep"]

_TAKEN_BACK = ("what-the-run-made-is-taken-back", "What this run made is taken back.")


class RegressionStep:
    """Every check in one notebook, by the steps that they belong to."""

    __repr__, _repr_mimebundle_, _ipython_display_, summary = OF_EVERY_STEP

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        authorize = AuthorizeStep(notebook)
        self.check_host = StartStep(notebook).check_host
        self.check_registration = RegisterStep(notebook).check_registration
        self.check_credentials = CredentialsStep(notebook).check_credentials
        self.use_grant, self.check_grant = authorize.use_grant, authorize.check_grant
        self.refresh = HealthStep(notebook).refresh
        self.check_data = QueryStep(notebook).check_data

    @verb(*_TAKEN_BACK)
    def take_back(self) -> Card:
        """Revoke a grant of the scripted user; a grant that someone logged in for stays."""
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
