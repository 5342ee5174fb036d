"""Notebook 7, which doesn't run the page by itself: after Run All Cells it works as in JupyterLab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.accessibility import violations
from support.browser_support import PAGE, Lab, Person
from support.hands import Mouse, walk
from support.lab import running_lab

from sfrunbook.connection.practice_connection import PracticeConnection

pytestmark = pytest.mark.browser


@pytest.fixture
def lab(tmp_path: Path, world: PracticeConnection) -> Iterator[Lab]:
    """`jupyter notebook` on working copies of the notebooks."""
    with running_lab(tmp_path, world, front_end="notebook") as running:
        yield running


@pytest.mark.long
def test_the_page_connects_the_partner_in_notebook_7(person: Person, world: PracticeConnection) -> None:
    person.page.goto(f"{person.lab.url}/notebooks/{PAGE}?token={person.lab.token}")
    person.rest()
    person.run_all()
    person.settle()
    person.picture("open")
    walk(Mouse(person), world, lambda name, page: person.picture(name, page))
    expect(person.complaints).to_have_count(0)
    assert violations(person.page) == []
