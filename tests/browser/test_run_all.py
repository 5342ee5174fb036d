"""Run All on every notebook: it never blocks, never shows a traceback, and its outputs are judged in both themes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from support.accessibility import too_wide, violations
from support.browser_support import Person
from support.road_support import choose_theme
from support.tails import is_long

from sfrunbook.headless.notebooks import notebooks_folder

pytestmark = pytest.mark.browser

#: all of them in a long run, else the first and the last: both themes and both widths
LOOKS = [(theme, width) for theme in ("Light", "Dark") for width in (800, 1280)]
NOTEBOOKS = sorted(path.name for path in notebooks_folder().glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_run_all_never_blocks_and_never_shows_a_traceback(person: Person, notebook: str) -> None:
    person.open(notebook)
    for again in ("the first time", "again"):
        run_to_the_end(person, notebook)
        expect(person.complaints, again).to_have_count(0)
    faults: dict[object, object] = {}
    for theme, width in LOOKS if is_long() else LOOKS[::3]:
        choose_theme(person, theme)
        person.resize(width, 1600)
        person.picture(f"{theme.lower()}-{width}")
        if found := violations(person.page):
            faults[theme, width] = found
        if found := too_wide(person.page):
            faults[theme, width, "too wide"] = found
    assert faults == {}


def run_to_the_end(person: Person, notebook: str) -> None:
    """Every code cell has a new number on disk: a cell that blocked would have none."""
    before = max(person.saved_counts(notebook))
    person.run_all()
    for _ in range(60):
        counts = person.saved_counts(notebook)
        if min(counts) > before:
            break
    assert min(counts) > before, counts
    person.rest()
