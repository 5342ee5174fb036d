"""The original guide in a real browser, from Salesforce's Setup to rows in the Partner Console, then and today."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from browser_support import Person, name_the_connection
from console_support import Engineer
from playwright.sync_api import Browser, BrowserContext, expect
from setup_support import RUNBOOK, SCREENSHOTS, Administrator, Host

from sfrunbook.connections import ConnectionBook
from sfrunbook.model import Connection
from sfrunbook.oauth.redirect import parse_address
from sfrunbook.practice.visitor import visit
from sfrunbook.rehearsal import Rehearsal
from sfrunbook.secret import Secret
from sfrunbook.workbench import Workbench, open_workbench

pytestmark = pytest.mark.browser

PKCE, REFRESH = "Require Proof Key", "Require Secret for Refresh Token Flow"


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path:
    folder = SCREENSHOTS / request.node.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    made.set_default_timeout(15_000)
    yield made
    made.close()


def callbacks_of(world: Any) -> tuple[str, ...]:
    """The practice Cyclr's: the console host's, and the service domain's."""
    return tuple(world.ready["cyclr"]["callback_urls"])


def test_the_original_guide_word_for_word_ends_in_rows(
    context: BrowserContext, fresh_world: Any, pictures: Path
) -> None:
    """As it was written: the box for PKCE was not ticked by itself then."""
    fresh_world.control("PUT", "/settings", {"connected_app_pkce_preselected": False})
    administrator = Administrator(fresh_world, context.new_page(), pictures, callbacks=callbacks_of(fresh_world))
    key, secret = administrator.make_connected_app()
    made = fresh_world.control("GET", f"/apps/{key}")
    assert tuple(made["callback_urls"]) == callbacks_of(fresh_world)
    assert set(made["scopes"]) == {"full", "refresh_token"}

    engineer = Engineer(fresh_world, context.new_page())
    engineer.app = {"client_id": key, "client_secret": secret}
    engineer.log_in()
    engineer.paste()
    engineer.open_install()
    engineer.page.get_by_role("button", name="Install", exact=True).click()
    engineer.consent(engineer.page)
    expect(engineer.page.locator("#authenticated")).to_have_text("Yes")
    rows = engineer.rows()
    assert len(rows) == 120
    expect(engineer.page.locator("#method-response")).to_contain_text("Alder Analytics")
    engineer.page.screenshot(path=pictures / "rows.png", full_page=True)


class World:
    """The practice world of a JupyterLab, with the words that the people of these tests use."""

    def __init__(self, world: Rehearsal) -> None:
        self.ready = world.ready
        self.user = Host(world.ready).user
        self.my_domain = Host(world.ready).my_domain

    def control(self, method: str, path: str, body: Any = None) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            reply = session.request(method, self.ready["control_url"] + path, json=body, timeout=10)
        reply.raise_for_status()
        return reply.json()


def own_login(person: Person, world: World, key: str, secret: str) -> Workbench:
    """What 00_start, 02 and 03 do for the connection `made`: it is kept, with its secret and a grant."""
    environ = {"SFRUNBOOK_HOME": str(person.lab.home), "SFRUNBOOK_KEY_FILE": str(person.lab.folder.parent / "key")}
    connection = Connection(name="made", login_url=world.my_domain(), client_id=key, redirect_uri=RUNBOOK)
    ConnectionBook(person.lab.home).add(connection)
    bench = open_workbench("made", environ)
    bench.keep_client_secret(Secret(secret))
    pending, url = bench.begin_login()
    landing = visit(url, world.user()["username"], world.user()["password"])
    bench.finish_login(parse_address(landing, pending))
    return bench


def enter_partner(person: Person, world: World) -> None:
    """Where Cyclr is, and the credentials of its API, typed into the form of 05_cyclr_setup."""
    cyclr, form = world.ready["cyclr"], person.notebook
    typed = {
        "Service Domain": cyclr["service_url"].partition("://")[2],
        "Console host": cyclr["console_url"].partition("://")[2],
        "API host": cyclr["api_url"].partition("://")[2],
        "Account API ID": cyclr["accounts"][0]["id"],
        "API Client ID": cyclr["api_clients"][0]["client_id"],
    }
    for label, value in typed.items():
        form.get_by_label(label, exact=True).fill(value)
    form.get_by_role("button", name="Keep these values").click()
    expect(form.get_by_text("Kept. Now enter the Client Secret of the API")).to_be_visible()
    form.get_by_label("API Client Secret", exact=True).fill(cyclr["api_clients"][0]["client_secret"])
    form.get_by_label("API Client Secret", exact=True).press("Enter")
    expect(form.get_by_text("Kept, encrypted.")).to_be_visible()


def shows(person: Person, source: str, words: str) -> None:
    """Whether the cell comes to show these words."""
    expect(person.cell(source).locator(".jp-OutputArea").first).to_contain_text(words, timeout=60_000)


def test_with_todays_app_what_will_fail_is_told_before_anybody_authorizes_and_then_rows_come(
    person: Person, world: Rehearsal
) -> None:
    there = World(world)
    administrator = Administrator(there, person.context.new_page(), person.folder, callbacks=callbacks_of(there))
    key, secret = administrator.make_external_client_app()
    engineer = Engineer(there, person.context.new_page())
    engineer.app = {"client_id": key, "client_secret": secret}
    engineer.log_in()
    engineer.paste()
    there.control("POST", "/scenarios/cyclr-ip-allowed", {})
    bench = own_login(person, there, key, secret)

    name_the_connection(person.lab.folder / "05_cyclr_setup.ipynb")
    person.open("05_cyclr_setup.ipynb")
    person.run_all()
    enter_partner(person, there)
    person.run_all()
    shows(person, "book.foresee_login()", "The app demands a proof key (PKCE) and Cyclr sends none")
    shows(person, "book.foresee_login()", "The app asks for the Consumer Secret at every refresh")
    shows(
        person,
        "book.authorize_partner()",
        "Not authorized: what was foreseen would make the login, or a later refresh, fail.",
    )
    expect(
        person.notebook.get_by_role("button", name=re.compile("Log in to Salesforce for the partner"))
    ).to_have_count(0)
    person.picture("foreseen")
    assert logins_of_cyclr(there) == 0, "nobody was sent to Salesforce for the partner"

    there.control("PUT", "/settings", {"eca_security_locked": False})  # an org that lets the box be cleared
    administrator.page.bring_to_front()
    administrator.clear_boxes("Cyclr for the runbook", PKCE, REFRESH)
    person.page.bring_to_front()
    person.run_cell("book.foresee_login()")
    shows(person, "book.foresee_login()", "The partner sends no code challenge, and the app demands none.")
    person.run_cell("book.authorize_partner()")
    with person.context.expect_page() as opened:
        person.notebook.get_by_role("button", name=re.compile("Log in to Salesforce for the partner")).click()
    opened.value.get_by_role("button", name="Allow").click()  # logged in since the app was made
    opened.value.wait_for_url(re.compile(re.escape(there.ready["cyclr"]["console_url"])))
    opened.value.close()
    person.notebook.get_by_role("button", name="I have allowed access: look again").click()
    expect(person.cell("book.authorize_partner()").get_by_text("is authenticated.")).to_be_visible()

    person.run_cell("book.prove_method()")
    shows(person, "book.prove_method()", "List Accounts returned 120 rows with Ids of Salesforce.")
    there.control("POST", "/tokens/expire", {"client_id": key})
    person.run_cell("book.prove_method()")
    shows(person, "book.prove_method()", "List Accounts returned 120 rows")  # "renewed without a secret"
    person.run_cell("book.prove_refresh()")
    person.run_cell("book.verdict()")
    shows(person, "book.verdict()", "Salesforce side proved, Cyclr side proved.")
    person.run_cell("book.hand_over()")
    sheet = (person.lab.folder / "hand-over-made.md").read_text("utf-8")
    assert "## What was entered at Cyclr, and where" in sheet
    assert "Salesforce side proved, Cyclr side proved." in sheet
    assert secret not in sheet
    person.picture("proved")
    assert bench.partner_record.retest_after("", bench.now()) > bench.now()


def logins_of_cyclr(world: World) -> int:
    """Installed connectors that hold tokens."""
    regions = json.dumps(world.control("GET", "/cyclr"))
    return len(re.findall(r'"authenticated": true', regions))
