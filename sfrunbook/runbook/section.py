"""What a section of the page is, and how one is shown: its parts, its checks, and a way to check again."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Protocol

from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Finding, Skip, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card, card, checks_card, diagnosis_card
from sfrunbook.report.letter import RECIPIENTS, message
from sfrunbook.runbook.state import State, StepState
from sfrunbook.store.progress import Step

__all__ = ["OPENED", "Section", "SectionView", "finding", "is_logged_in", "missing", "waiting"]


#: what every section but the first waits for
OPENED = "a connection that can be opened"
#: what opens a store that cannot be read yet, by the code of its error
_LOCKED = {"passphrase-needed": "the passphrase", "no-wrapping-key": "the Consumer Secret"}


class Section(Protocol):
    """A step of the page. With someone there `parts` makes its forms; unattended `run` does its work."""

    step: Step

    def situation(self) -> Hashable:
        """Whatever decides which parts are shown: they are made again when it changes, and only then."""

    def parts(self) -> Sequence[object]:
        """The widgets for the present situation. Raises RunbookError where none can be made."""

    def can_check(self) -> bool:
        """Whether there is something to check yet. Raises RunbookError."""

    def check(self) -> None:
        """Check everything of this step again, with someone there. Raises RunbookError."""

    def run(self) -> Card:
        """Do the work unattended and return what was found. Raises RunbookError."""


class SectionView:
    """A section as someone sees it, updated with the state."""

    def __init__(self, state: State, section: Section) -> None:
        from sfrunbook.runbook import widgets

        self._state, self._section = state, section
        self._shown: Hashable = None
        #: an error is shown in place of the parts, which are made again at the next change from outside
        self._lacks_parts = False
        self._round = 0
        self._parts = widgets.stack()
        self._checks = widgets.Outcome()
        self._again = widgets.button("Check again", self._check)
        self._messages = widgets.CopyTable(caption="Messages to send", heading="To", place="your mail")
        self.widget = widgets.section(section.step.name, self._parts, self._checks, self._messages, self._again)
        state.on_change(self._update)

    def _update(self) -> None:
        """Make the parts again if the situation has changed, and show the checks as they are now."""
        situation = self._situation()
        if situation != self._shown or (self._lacks_parts and self._round != self._state.round):
            self._shown = situation
            self._make_parts()
        findings = self._state.current(self._section.step.name)
        state = self._state.state_of(self._section.step)
        if state is StepState.CHECK_AGAIN:
            self._checks.show(card("Something changed since the last check.", "Check again.", Status.WARNING))
        else:
            self._checks.show(checks_card(findings, self._state.pages) if findings else "")
        self._messages.rows = [
            {"label": to, "value": text, "why": "", "copyable": True}
            for to, text in dict.fromkeys(self._letters(findings))
        ]
        self._messages.layout.display = "" if self._messages.rows else "none"
        can_check = findings or self._lacks_parts or self._can_check()
        self._again.layout.display = "" if can_check else "none"

    def _letters(self, findings: Iterable[Finding]) -> Iterator[tuple[str, str]]:
        """Who else has something to do about what failed, and the message to them."""
        for found in findings if self._state.is_open else ():
            if found.diagnosis and not found.status.is_good:
                for to in RECIPIENTS:
                    if text := message(found.diagnosis, to=to, connection=self._state.opened.connection):
                        yield to, text

    def _situation(self) -> Hashable:
        try:
            return self._section.situation()
        except RunbookError as error:
            return self._state.name, error.code

    def _make_parts(self) -> None:
        from sfrunbook.runbook import widgets

        self._round = self._state.round
        try:
            parts, self._lacks_parts = tuple(self._section.parts()), False
        except RunbookError as error:
            explained = diagnosis_card(diagnosis_of(error), self._state.pages)
            if not self._state.is_open:
                explained = waiting(f"Waiting for: {OPENED}.", "Choose a connection above.")
            parts, self._lacks_parts = (widgets.Outcome(explained),), True
        self._parts.children = parts

    def _can_check(self) -> bool:
        try:
            return self._section.can_check()
        except RunbookError:
            return False

    def _check(self) -> None:
        self._again.description = "Checking…"  # not disabled, which would lose the keys
        try:
            self._state.attempt(self._section.step.name, self._section.check)
            self._state.changed()
        finally:
            self._again.description = "Check again"


def is_logged_in(opened: OpenConnection) -> bool:
    """Whether nothing is missing and a login is stored."""
    return not missing(opened) and opened.grants.stored() is not None


def missing(opened: OpenConnection) -> str:
    """What has to be entered before anyone can log in, for a sentence; empty when nothing is missing."""
    if not opened.connection.client_id:
        return "the Consumer Key"
    try:
        if opened.lacks_client_secret():
            return "the Consumer Secret"
        opened.grants.stored()
    except RunbookError as error:
        if error.code in _LOCKED:
            return _LOCKED[error.code]
        raise
    return ""


def waiting(what: str, how: str = "") -> Card:
    """What comes first, and how."""
    return card(what, how, skip=Skip.TO_DO)


def finding(
    check: str, claim: str, detail: str, status: Status = Status.PASSED, *, skip: Skip | None = None
) -> Finding:
    """A finding of a section itself; with `skip`, of something that was not done."""
    return Finding(check=check, claim=claim, status=Status.SKIPPED if skip else status, detail=detail, skip=skip)
