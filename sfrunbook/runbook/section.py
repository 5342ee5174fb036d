"""What a section of the page is, and how one is shown: its parts, its checks, and a way to check again."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from typing import Protocol

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Finding, Skip, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card, card, checks_card, diagnosis_card
from sfrunbook.runbook.state import State, StepState
from sfrunbook.store.progress import Step

__all__ = ["Section", "SectionView", "finding", "waiting"]


class Section(Protocol):
    """A step of the page. With someone there `parts` makes its forms; unattended `run` does its work."""

    step: Step

    def situation(self) -> Hashable:
        """Whatever decides which parts are shown: they are made again when it changes, and only then."""

    def parts(self) -> Sequence[object]:
        """The widgets for the present situation. Raises RunbookError where none can be made."""

    def check(self) -> None:
        """Check everything of this step again, with someone there."""

    def run(self) -> Card:
        """Do the work unattended and return what was found. Raises RunbookError."""


class SectionView:
    """A section as someone sees it; `update` may be called from any thread."""

    def __init__(self, state: State, section: Section) -> None:
        from sfrunbook.runbook import widgets

        self._state, self._section = state, section
        self._lock = threading.RLock()
        self._shown: Hashable = None
        self._parts = widgets.stack()
        self._checks = widgets.Outcome()
        self._again = widgets.button("Check again", self._check)
        self.widget = widgets.section(section.step.name, self._parts, self._checks, self._again)
        self.update()

    def update(self) -> None:
        """Make the parts again if the situation has changed, and show the checks as they are now."""
        with self._lock:
            situation = self._situation()
            if situation != self._shown:
                self._shown = situation
                self._parts.children = self._new_parts()
        findings = self._state.current(self._section.step.name)
        state = self._state.state_of(self._section.step)
        if state is StepState.CHECK_AGAIN:
            self._checks.show(card("Something changed since the last check.", "Check again.", Status.WARNING))
        else:
            self._checks.show(checks_card(findings) if findings else "")
        self._again.layout.display = "" if findings or state is StepState.CHECK_AGAIN else "none"

    def _situation(self) -> Hashable:
        try:
            return (self._state.name, self._state.is_open and self._section.situation())
        except RunbookError as error:
            return (self._state.name, error.code)

    def _new_parts(self) -> tuple[object, ...]:
        from sfrunbook.runbook import widgets

        try:
            return tuple(self._section.parts())
        except RunbookError as error:
            return (widgets.Outcome(diagnosis_card(diagnosis_of(error))),)

    def _check(self) -> None:
        from sfrunbook.runbook import widgets

        self._again.description = "Checking…"  # not disabled, which would lose the keys
        try:
            self._section.check()
        except RunbookError as error:
            self._parts.children = (*self._parts.children, widgets.Outcome(diagnosis_card(diagnosis_of(error))))
        finally:
            self._again.description = "Check again"


def waiting(what: str, how: str = "") -> Card:
    """What comes first, and how."""
    return card(what, how, skip=Skip.TO_DO)


def finding(
    check: str, claim: str, detail: str, status: Status = Status.PASSED, *, skip: Skip | None = None
) -> Finding:
    """A finding of a section itself; with `skip`, of something that was not done."""
    return Finding(check=check, claim=claim, status=Status.SKIPPED if skip else status, detail=detail, skip=skip)
