"""Log in to Salesforce: log in, allow access, and check what was granted."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sfrunbook.checks import grant as grant_checks
from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Finding, Grant, Status
from sfrunbook.report.cards import Card, findings_card
from sfrunbook.runbook.section import finding, is_logged_in, missing, waiting
from sfrunbook.runbook.state import State
from sfrunbook.store.progress import STEPS

if TYPE_CHECKING:
    from sfrunbook.runbook.forms.login_desk import LoginDesk

__all__ = ["LogInSection"]

_ALLOWED = ("access-is-allowed", "Access is allowed.")
_USER = ("user-is-expected", "The user who logged in is the one you expect.")
_ADMINISTRATOR = "System Administrator"
_LAST_USER = "last_user"


class LogInSection:
    step = STEPS[3]

    def __init__(self, state: State) -> None:
        self._state = state
        self._desk: LoginDesk | None = None

    def situation(self) -> Hashable:
        opened = self._state.opened
        first = missing(opened)
        grant = None if first else opened.grants.stored()
        return self._state.name, opened.connection.client_id, first, grant and (grant.user_id, grant.approved_at)

    def parts(self) -> Sequence[object]:
        from sfrunbook.runbook import widgets
        from sfrunbook.runbook.forms.login_desk import LoginDesk

        opened = self._state.opened
        if first := missing(opened):
            return [widgets.Outcome(waiting(f"Waiting for: {first}."))]
        if self._desk is None or not self._desk.is_of(opened):
            if self._desk:
                self._desk.close()
            self._desk = LoginDesk(opened, partial(self._allowed, opened), who=self._who())
        if opened.grants.stored() is not None and not self._state.current(self.step.name):
            self.check()  # a login that was stored before
        return [self._desk.show()]

    def can_check(self) -> bool:
        return is_logged_in(self._state.opened)

    def check(self) -> None:
        self._state.check(self.step.name, grant_checks.STAGE)

    def run(self) -> Card:
        """The stored grant, or where there is none, one that needs no one to log in."""
        opened = self._state.opened
        grant = opened.grants.stored() or opened.login.log_in_unattended()
        allowed = self._state.record(self.step.name, [_finding(grant)])
        return findings_card((*allowed, *self._state.check(self.step.name, grant_checks.STAGE)))

    def _who(self) -> str:
        """Who should log in, and who did last time."""
        last = self._state.opened.progress.answers().get(_LAST_USER, "")
        before = f" Last time: {last}." if last else ""
        who = "Log in as the user whose data the partner may use."
        if self._state.practice_org:
            who = "The practice login page lists its users."
        return f"{who} If you can, use an integration user, not an administrator.{before}"

    def _allowed(self, opened: OpenConnection, grant: Grant) -> None:
        """After a login: who logged in, and what was granted. The page may work with another connection by then."""
        about = self._state.subject(self.step.name)
        if self._state.record(self.step.name, [_finding(grant), *_judge_user(opened)], about, of=opened):
            self.check()


def _judge_user(opened: OpenConnection) -> Sequence[Finding]:
    """A warning where an administrator has logged in, someone else than last time, or both."""
    try:
        salesforce = opened.org.api_or_raise()
        user = salesforce.identity()
        profile = salesforce.profile_of(user.user_id)
    except RunbookError:  # who it is stays unknown; the checks tell what is wrong
        return ()
    last = opened.progress.answers().get(_LAST_USER, "")
    opened.progress.answer(_LAST_USER, user.username)
    warnings = []
    if last and last != user.username:
        warnings.append(f"{user.username} logged in. Last time it was {last}.")
    if profile == _ADMINISTRATOR:
        warnings.append(
            f"{user.username} is a {_ADMINISTRATOR}: the partner can do everything. Use an integration user."
        )
    if warnings:
        return [finding(*_USER, " ".join(warnings), Status.WARNING)]
    return [finding(*_USER, f"{user.username} logged in.")]


def _finding(grant: Grant) -> Finding:
    return finding(*_ALLOWED, f"Access to org {grant.org_id} is allowed and stored, encrypted.")
