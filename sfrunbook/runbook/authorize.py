"""The verbs of 03_authorize."""

from __future__ import annotations

from sfrunbook.checks import grant
from sfrunbook.core.model import Finding, Grant
from sfrunbook.report import Card
from sfrunbook.runbook.bound import Bound, finding, forms, verb

__all__ = ["Authorize"]


class Authorize(Bound):
    """A person allows access."""

    #: the card of the checks that followed the login of this notebook
    _checked: Card | None = None

    @verb("access-is-allowed", "A person has allowed access.")
    def log_in(self, *, again: bool = False) -> object:
        """The link to log in with; where a grant is held already, what it is, and how to make another."""
        opened = self._open_connection
        if not self._someone:
            return self.use_grant()
        if waiting := self._needs_credentials():
            return waiting
        if self._desk is None:
            self._desk = forms().LoginDesk(opened, self._allowed)
        return self._desk.show(again=again)

    def use_grant(self) -> object:
        """A grant to work with, without a person: the one that is kept, or in rehearsal one by the scripted person."""
        return self._use_grant()

    @verb("access-is-allowed", "A person has allowed access.")
    def _use_grant(self) -> Card:
        opened = self._open_connection
        held = opened.grants.stored() or opened.login.log_in_unattended()
        return self._found([allowed_finding(held)])

    @verb("grant-is-held", "Access is kept for this connection.")
    def check_grant(self) -> Card | None:
        """Is the grant what was asked for, alive, and of the right org; the card changes when somebody logs in."""
        self._checked = None
        return self._shown("grant", self._grant_card)

    def _grant_card(self) -> Card:
        return self._checked or self._needs_grant() or self._check(grant.STAGE)

    def _allowed(self, held: Grant) -> Card:
        self._keep([allowed_finding(held)])
        self._checked = self._check(grant.STAGE)
        self._live.refresh("grant")
        return self._in_short("grant", self._checked)


def allowed_finding(held: Grant) -> Finding:
    told = f"Access to org {held.org_id} is allowed, and what Salesforce gave for it is kept, encrypted."
    return finding("access-is-allowed", "A person has allowed access.", told)
