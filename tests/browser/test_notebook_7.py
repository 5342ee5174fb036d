"""One smoke test in Notebook 7, where a link opens the next notebook in the same tab and nothing runs by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import running_lab
from playwright.sync_api import expect
from support.accessibility import violations
from support.browser_support import Lab, Person
from support.road_support import log_in

from sfrunbook.connection.practice_connection import PracticeConnection

pytestmark = pytest.mark.browser


@pytest.fixture
def lab(tmp_path: Path, world: PracticeConnection) -> Iterator[Lab]:
    """`jupyter notebook` on working copies of the notebooks."""
    with running_lab(tmp_path, world, front_end="notebook") as running:
        yield running


@pytest.mark.long
def test_forms_a_login_and_a_query_work_in_notebook_7(person: Person, world: PracticeConnection) -> None:
    world.store.put_secret("practice", world.client_secret)
    open_and_run(person, "00_start.ipynb")
    person.notebook.get_by_role("link", name="Open 01_register_app and run it").click()
    expect(person.page).to_have_url(re.compile("/notebooks/01_register_app.ipynb"))

    open_and_run(person, "03_authorize.ipynb")
    link = person.notebook.get_by_role("link", name="Log in at Salesforce (opens a new tab)")
    expect(link).to_have_attribute("href", re.compile("/services/oauth2/authorize"))
    person.picture("login-link")
    with person.context.expect_page() as opened:
        link.click()
    log_in(world, opened.value)
    opened.value.get_by_role("button", name="Allow").click()
    expect(opened.value.get_by_text("Salesforce has answered")).to_be_visible()
    opened.value.close()
    expect(person.notebook.get_by_text("Access is allowed and kept").first).to_be_visible()
    person.picture("allowed")

    open_and_run(person, "04_test_query.ipynb")
    expect(person.notebook.get_by_role("table", name="Rows of the query").get_by_role("row")).to_have_count(6)
    expect(person.notebook.get_by_text("All 6 checks passed").first).to_be_visible()
    expect(person.complaints).to_have_count(0)
    assert violations(person.page) == []


def open_and_run(person: Person, notebook: str) -> None:
    person.page.goto(f"{person.lab.url}/notebooks/{notebook}?token={person.lab.token}")
    person.notebook.locator(".jp-Cell").first.wait_for(timeout=60_000)
    person.rest()
    person.run_all()
