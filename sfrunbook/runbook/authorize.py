"""The step of 03_authorize: log in and allow access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfrunbook.checks import grant as grant_checks
from sfrunbook.core.model import Finding, Grant
from sfrunbook.report.cards import Card
from sfrunbook.runbook.needs import credentials_needed
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.runbook.verbs import OF_EVERY_STEP, finding, verb

if TYPE_CHECKING:
    from sfrunbook.runbook.forms.login_desk import LoginDesk

__all__ = ["AuthorizeStep"]

_ALLOWED = ("access-is-allowed", "A person has allowed access.")


class AuthorizeStep:
    """Log in and allow access, and check what access was granted."""

    __repr__, _repr_mimebundle_, _ipython_display_, summary = OF_EVERY_STEP

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._desk: LoginDesk | None = None
        #: the checks that followed the login of this notebook
        self._checked: Card | None = None

    @verb(*_ALLOWED)
    def log_in(self, *, again: bool = False) -> object:
        """The link to log in with; where a grant is stored already, that it is, and how to log in again."""
        if not self._notebook.attended:
            return self.use_grant()
        if missing := credentials_needed(self._notebook.opened):
            return missing
        if self._desk is None:
            from sfrunbook.runbook.forms.login_desk import LoginDesk

            self._desk = LoginDesk(self._notebook.opened, self._allowed)
        return self._desk.show(again=again)

    @verb(*_ALLOWED)
    def use_grant(self) -> Card:
        """The stored grant, or where there is none, one that needs no one to log in."""
        opened = self._notebook.opened
        return self._notebook.found([_allowed_finding(opened.grants.stored() or opened.login.log_in_unattended())])

    @verb("grant-is-held", "Access is kept for this connection.")
    def check_grant(self) -> Card | None:
        """Whether the grant is active, of the right org, and as requested; the card changes after a login."""
        self._checked = None
        return self._notebook.show("grant", self._grant_card)

    def _grant_card(self) -> Card:
        return self._checked or self._notebook.missing_login() or self._notebook.check(grant_checks.STAGE)

    def _allowed(self, grant: Grant) -> Card:
        self._notebook.record([_allowed_finding(grant)])
        self._checked = self._notebook.check(grant_checks.STAGE)
        self._notebook.live.refresh("grant")
        return self._notebook.in_short("grant", self._checked)


def _allowed_finding(grant: Grant) -> Finding:
    detail = f"Access to org {grant.org_id} is allowed, and what Salesforce gave for it is kept, encrypted."
    return finding(*_ALLOWED, detail)
