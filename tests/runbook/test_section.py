"""How a section is shown: an error takes the place of its parts only while there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.widget_support import press, shown, the

from sfrunbook.core.errors import problem
from sfrunbook.core.model import Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.section import SectionView, finding
from sfrunbook.runbook.state import State
from sfrunbook.store.progress import STEPS


class Section:
    """A section in a situation that never changes, whose parts need an org that may be gone."""

    step = STEPS[4]

    def __init__(self, state: State) -> None:
        self._state, self.is_gone, self.made = state, True, 0

    def situation(self) -> str:
        return "always the same"

    def parts(self) -> Sequence[object]:
        self.made += 1
        self._state.record("try_it", [finding("a-look", "It was looked at.", "It was.", Status.WARNING)])
        if self.is_gone:
            raise problem("practice-world-gone", host="http://127.0.0.1:9")
        return [widgets.Outcome("The parts are here.")]

    def can_check(self) -> bool:
        return False

    def check(self) -> None:
        if self.is_gone:
            raise problem("practice-world-gone", host="http://127.0.0.1:9")

    def run(self) -> Card:
        raise NotImplementedError


@pytest.fixture
def state(session: Path) -> State:
    return State("practice", attended=True)


def test_parts_that_could_not_be_made_come_back_when_someone_checks_again(state: State) -> None:
    section = Section(state)
    view = SectionView(state, section).widget
    assert "The practice org" in shown(view)
    press(view, "Check again")
    assert "The parts are here." not in shown(view)
    assert state.finding("try_it", "try-it-can-be-done") is not None
    section.is_gone = False
    press(view, "Check again")
    assert "The parts are here." in shown(view)
    assert state.finding("try_it", "try-it-can-be-done") is None


def test_two_checks_that_fail_alike_ask_for_one_message(state: State) -> None:
    section = Section(state)
    section.is_gone = False
    view = SectionView(state, section).widget
    alike = diagnosis_of(problem("cyclr-refresh-needs-secret"))
    found = [finding(name, "It is so.", alike.what, Status.FAILED) for name in ("one", "another")]
    state.record("try_it", [replace(each, diagnosis=alike) for each in found])
    assert [row["label"] for row in the(view, widgets.CopyTable).rows] == ["Salesforce administrator"]


def test_parts_that_could_not_be_made_come_back_with_any_change_and_are_then_left_alone(state: State) -> None:
    section = Section(state)
    view = SectionView(state, section).widget
    section.is_gone = False
    state.changed()
    assert "The parts are here." in shown(view)
    made = section.made
    state.changed()
    assert section.made == made
