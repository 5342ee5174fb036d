"""JupyterLab's own Run All Cells on a page that has run already, and on the regression: nothing blocks or raises."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from support.accessibility import too_wide, violations
from support.browser_support import DONE, Person

from sfrunbook.core.model import Connection
from sfrunbook.store.connections import ConnectionBook

pytestmark = pytest.mark.browser


def run_to_the_end(person: Person) -> None:
    """Run All Cells, until the last code cell has a new number."""
    prompt = person.notebook.locator(".jp-CodeCell").last.locator(".jp-OutputPrompt")
    before = "".join(prompt.all_inner_texts())
    person.run_all()
    expect(prompt.last).to_have_text(re.compile(r"\[\d+\]"), timeout=90_000)
    if before:
        expect(prompt.last).not_to_have_text(before, timeout=90_000)
    person.rest()


def test_run_all_cells_shows_the_page_again_as_it_was(person: Person) -> None:
    """And the header names the connection, a practice or a live one, and the minutes that are left."""
    person.open()
    expect(person.header).to_contain_text("PRACTICEpracticeNext: Key and secret. About 11 minutes left.")
    person.button("Use practice values", "key").click()
    person.expect_step("key", DONE)
    run_to_the_end(person)
    person.settle()
    person.expect_step("key", DONE)
    person.expect_next("log_in")
    expect(person.header).to_have_count(1)
    expect(person.complaints).to_have_count(0)
    live = Connection(name="acme", login_url="https://acme.my.salesforce.com", client_id="", profile="cyclr")
    ConnectionBook(person.lab.home).add(live)
    person.button("Use acme", "connection").click()
    expect(person.header).to_contain_text("LIVEacmeNext: ", timeout=60_000)


def test_the_regression_runs_to_its_end(person: Person) -> None:
    person.open("regression.ipynb")
    run_to_the_end(person)
    expect(person.complaints).to_have_count(0)
    assert [*violations(person.page), *too_wide(person.page)] == []
