"""The main job by hand: a person, a mouse, JupyterLab, and the login pages of the practice org."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser_support import Person
from playwright.sync_api import expect

from sfrunbook.rehearsal import Rehearsal

pytestmark = pytest.mark.browser


def test_a_person_goes_from_start_to_a_green_query(person: Person, world: Rehearsal) -> None:
    person.open("00_start.ipynb")
    person.run_all()
    expect(person.notebook.get_by_text("names itself as issuer").first).to_be_visible()
    person.picture("start")

    person.open("01_register_app.ipynb")
    person.run_all()
    expect(person.notebook.get_by_role("button", name="Copy Callback URL")).to_be_visible()
    expect(person.notebook.get_by_text("All 6 checks passed").first).to_be_visible()
    person.picture("register")

    person.open("02_enter_credentials.ipynb")
    person.run_all()
    expect(person.notebook.get_by_text("is not entered yet").first).to_be_visible()
    person.picture("credentials-asked")
    field = person.notebook.get_by_label("Consumer Secret")
    field.fill("short")
    field.press("Enter")
    expect(person.notebook.get_by_text("Not kept").first).to_be_visible()
    person.picture("credentials-refused")
    field.fill(world.client_secret.reveal())
    field.press("Enter")
    expect(person.notebook.get_by_text("Kept, encrypted").first).to_be_visible()
    expect(person.notebook.get_by_text("refused only the made-up code").first).to_be_visible()
    person.picture("credentials-accepted")

    person.open("03_authorize.ipynb")
    person.run_all()
    link = person.notebook.get_by_role("link", name=re.compile("Log in at Salesforce"))
    expect(link).to_be_visible()
    person.picture("authorize-link")
    with person.context.expect_page() as opened:
        link.click()
    log_in_and_allow(person, world, opened.value)
    expect(person.notebook.get_by_text("Access is allowed and kept").first).to_be_visible()
    expect(person.notebook.get_by_text("Introspection says active").first).to_be_visible()
    person.picture("authorized")

    person.open("04_test_query.ipynb")
    person.run_all()
    expect(person.notebook.get_by_text("Northwind Outfitters").first).to_be_visible()
    expect(person.notebook.get_by_text("All 6 checks passed").first).to_be_visible()
    person.picture("green-query")
    assert_nothing_secret_was_saved(person, world)


def test_a_denied_login_is_explained_pasted_or_received_and_a_second_login_works(
    person: Person, world: Rehearsal
) -> None:
    person.open("02_enter_credentials.ipynb")
    person.run_all()
    person.notebook.get_by_role("button", name="Use the practice app's secret").click()
    expect(person.notebook.get_by_text("Kept, encrypted").first).to_be_visible()
    person.open("03_authorize.ipynb")
    person.run_all()
    paste = person.notebook.get_by_label("Address after login")
    paste.fill("http://localhost:17171/callback?error=access_denied&error_description=end-user+denied+authorization")
    paste.press("Enter")
    expect(person.notebook.get_by_text("That address did not bring access; the card says why").first).to_be_visible()
    person.picture("denied")
    link = person.notebook.get_by_role("link", name=re.compile("Log in at Salesforce"))
    with person.context.expect_page() as opened:
        link.click()
    log_in(world, opened.value)
    opened.value.get_by_role("button", name="Deny").click()
    expect(opened.value.get_by_text("Salesforce did not give access")).to_be_visible()
    opened.value.close()
    expect(person.notebook.get_by_text("the person pressed Deny").first).to_be_visible()
    with person.context.expect_page() as opened:
        link.click()
    opened.value.get_by_role("button", name="Allow").click()
    expect(opened.value.get_by_text("Salesforce has answered")).to_be_visible()
    expect(person.notebook.get_by_text("Access is allowed and kept").first).to_be_visible()
    person.picture("allowed-after-all")


def log_in_and_allow(person: Person, world: Rehearsal, page) -> None:
    page.get_by_label("Username").wait_for()
    person.picture("login-page", page)
    log_in(world, page)
    allow = page.get_by_role("button", name="Allow")
    allow.wait_for()
    person.picture("consent-page", page)
    allow.click()
    expect(page.get_by_text("Salesforce has answered")).to_be_visible()
    person.picture("answered", page)
    page.close()


def log_in(world: Rehearsal, page) -> None:
    user = world.ready["orgs"][0]["users"][0]
    page.get_by_label("Username").fill(user["username"])
    page.get_by_label("Password").fill(user["password"])
    page.get_by_label("Password").press("Enter")


def assert_nothing_secret_was_saved(person: Person, world: Rehearsal) -> None:
    person.page.keyboard.press("Control+s")
    person.page.wait_for_timeout(1000)
    canaries = [world.client_secret.reveal(), world.ready["orgs"][0]["users"][0]["password"]]
    grant = world.store.load("practice")
    assert grant is not None
    assert grant.refresh_token is not None
    canaries += [grant.access_token.reveal(), grant.refresh_token.reveal()]
    for path in person.lab.folder.parent.rglob("*"):
        if path.is_file() and path.name != "ready.json":
            content = path.read_bytes()
            assert not [canary for canary in canaries if canary.encode() in content], Path(path).name
