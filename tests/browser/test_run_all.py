"""Run All on every notebook: it never blocks, never shows a traceback, and its outputs are judged in both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import running_lab
from playwright.sync_api import expect
from support.accessibility import too_wide, violations
from support.browser_support import Lab, Person
from support.road_support import choose_theme

from sfrunbook.connection import practice_connection
from sfrunbook.headless.notebooks import notebooks_folder

pytestmark = pytest.mark.browser

#: regression comes last: it makes a grant, which the others are to be seen without
NOTEBOOKS = sorted(path.name for path in notebooks_folder().glob("*.ipynb"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[practice_connection.PracticeConnection]:
    practice = practice_connection.start(tmp_path_factory.mktemp("world") / "session")
    yield practice
    practice.stop()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, world: practice_connection.PracticeConnection) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab"), world) as running:
        yield running


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_run_all_never_blocks_and_never_shows_a_traceback(person: Person, notebook: str) -> None:
    person.open(notebook)
    for again in ("the first time", "again"):
        run_to_the_end(person, notebook)
        expect(person.complaints, again).to_have_count(0)
    faults: dict[object, object] = {}
    for theme in ("Light", "Dark"):
        choose_theme(person, theme)
        for width in (800, 1280):
            person.page.set_viewport_size({"width": width, "height": 1600})
            person.page.wait_for_timeout(400)
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
