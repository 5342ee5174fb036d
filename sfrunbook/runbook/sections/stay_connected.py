"""Stay connected: refresh access once, show until when it is valid, and offer access without a login."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from sfrunbook.checks.registry import finding_of_error
from sfrunbook.connection.health import grant_health
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Finding, GrantKind, Skip, Status
from sfrunbook.core.moments import local_and_utc
from sfrunbook.report.cards import Card, card, findings_card, table
from sfrunbook.runbook.section import finding, is_logged_in, missing, waiting
from sfrunbook.runbook.state import State
from sfrunbook.store.progress import STEPS

__all__ = ["StayConnectedSection"]

_DECIDED = ("refresh-is-decided", "Every refresh got a reply.")
_RENEWED = ("grant-can-be-renewed", "Access can be refreshed.")
_ROOM = ("approvals-have-room", "There is room for another approval.")
_MOVED = ("org-address-stays", "The org's address is the same as before.")


class StayConnectedSection:
    step = STEPS[6]

    def __init__(self, state: State) -> None:
        self._state = state

    def situation(self) -> Hashable:
        if first := missing(self._state.opened):
            return self._state.name, first
        grants = self._state.opened.grants
        grant = grants.stored()
        state = grants.undecided(), bool(grants.quarantined())
        return self._state.name, grant and (grant.user_id, grant.approved_at, grant.generation), state, self._is_to_do()

    def parts(self) -> Sequence[object]:
        from sfrunbook.runbook import widgets
        from sfrunbook.runbook.forms.stay_connected import decision, unattended_form

        first = missing(self._state.opened)
        if first or self._state.opened.grants.stored() is None:
            return [widgets.Outcome(waiting(f"Waiting for: {first or 'your login'}."))]
        health = widgets.Outcome(self._health())
        refresh = widgets.button(
            "Refresh access now", lambda: self._state.attempt(self.step.name, self.check), primary=self._is_to_do()
        )
        return [*decision(self._state), refresh, health, unattended_form(self._state)]

    def _is_to_do(self) -> bool:
        return self._state.next_step() is self.step

    def can_check(self) -> bool:
        return is_logged_in(self._state.opened)

    def check(self) -> None:
        """Refresh, unless the answer to an earlier refresh is missing: that is for someone to decide."""
        about = self._state.subject(self.step.name)
        decided = self._decided()
        refreshed = self._refreshed() if decided.status is Status.PASSED else ()
        self._state.record(self.step.name, [decided, *refreshed, self._room()], about)

    def run(self) -> Card:
        opened = self._state.opened
        if opened.grants.stored() is None:
            opened.login.log_in_unattended()
        self.check()
        found = self._state.current(self.step.name)
        steps = grant_health(opened).next_steps()
        next_card = card("Do this next", "\n".join(steps), Status.WARNING) if steps else Card(text="", html="")
        return findings_card(found) + self._health() + next_card

    def _decided(self) -> Finding:
        grants = self._state.opened.grants
        if quarantined := grants.quarantined():
            detail = f"New tokens need your decision: {quarantined.reason}"
            return finding(*_DECIDED, detail, Status.INCONCLUSIVE)
        if sent := grants.undecided():
            detail = f"A refresh was sent on {local_and_utc(sent.at)}, and its answer was lost."
            return finding(*_DECIDED, detail, Status.INCONCLUSIVE)
        return finding(*_DECIDED, "No refresh is waiting for a reply.")

    def _refreshed(self) -> tuple[Finding, ...]:
        """One refresh, stored before it is used; an unattended grant is requested again."""
        grants = self._state.opened.grants
        before = grants.stored()
        try:
            after = grants.refresh()
        except RunbookError as error:
            return (finding_of_error(*_RENEWED, error),)
        detail = "Salesforce returned a new access token."
        if after.kind is GrantKind.AUTHORIZATION_CODE:
            detail += " It replaced the refresh token." if after.rotates else " The refresh token stays the same."
        changed = before is not None and before.access_token != after.access_token
        found = [finding(*_RENEWED, detail, Status.PASSED if changed else Status.WARNING)]
        if after.moved_from:
            moved = f"The org moved from {after.moved_from} to {after.instance_url}. We use the new address."
            found.append(finding(*_MOVED, moved, Status.WARNING))
        return tuple(found)

    def _room(self) -> Finding:
        opened = self._state.opened
        if opened.connection.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            return finding(*_ROOM, "This kind of access uses no approvals.", skip=Skip.DOES_NOT_APPLY)
        approvals = opened.org.approvals()
        status = Status.WARNING if approvals.is_full or approvals.is_near else Status.PASSED
        return finding(*_ROOM, approvals.summary, Status.INCONCLUSIVE if approvals.count is None else status)

    def _health(self) -> Card:
        opened = self._state.opened
        if opened.grants.stored() is None:
            return Card(text="", html="")
        facts = grant_health(opened).facts()
        if opened.practice:
            facts.pop("Stored", None)  # only a temporary folder
        return table([{"": name, "Value": value} for name, value in facts.items()], caption="Your access")
