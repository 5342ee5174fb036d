"""The original guide in a real browser, from Salesforce's Setup to rows in the Partner Console, then and today."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from support.browser_support import Person, name_the_connection
from support.console_support import Engineer
from support.partner_browser import World, enter_partner, own_login, shows
from support.pictures import photograph, story_folder
from support.setup_support import Administrator

from sfrunbook.checks import partner
from sfrunbook.connection import open_connection
from sfrunbook.connection.practice_connection import PracticeConnection
from sfrunbook.core.model import AppKind, Connection, Finding, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.wrapping_key import create_key_file

pytestmark = pytest.mark.browser

PKCE, REFRESH = "Require Proof Key", "Require Secret for Refresh Token Flow"


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path:
    return story_folder(request.node.name)


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
    photograph(engineer.page, pictures / "rows.png", full_page=True)


def test_the_same_guide_in_an_org_with_its_defaults_stops_at_the_login_until_one_box_is_cleared(
    context: BrowserContext, fresh_world: Any, pictures: Path, tmp_path: Path
) -> None:
    """The box for PKCE is ticked by itself: the guide does not mention it, and Cyclr sends no code challenge."""
    administrator = Administrator(fresh_world, context.new_page(), pictures, callbacks=callbacks_of(fresh_world))
    key, secret = administrator.make_connected_app()
    assert fresh_world.control("GET", f"/apps/{key}")["pkce_required"] is True
    engineer = Engineer(fresh_world, context.new_page())
    engineer.app = {"client_id": key, "client_secret": secret}
    engineer.log_in()
    engineer.paste()
    engineer.open_install()
    engineer.page.get_by_role("button", name="Install", exact=True).click()
    expect(engineer.page.locator("body")).to_contain_text(
        "error=invalid_request&error_description=missing%20required%20code%20challenge"
    )
    photograph(engineer.page, pictures / "refused.png", full_page=True)
    told = foreseen(fresh_world, key, tmp_path)
    assert (told.status, told.diagnosis and told.diagnosis.code) == (Status.FAILED, "cyclr-sends-no-challenge")

    administrator.page.bring_to_front()
    administrator.go("Apps")
    administrator.page.get_by_role("link", name="Edit Cyclr", exact=True).click()
    administrator.page.get_by_label(re.compile(PKCE)).uncheck()
    administrator.picture("box-cleared")
    administrator.page.get_by_role("button", name="Save").click()
    assert foreseen(fresh_world, key, tmp_path).status is Status.PASSED

    engineer.page.bring_to_front()
    engineer.page.goto(engineer.cyclr["console_url"])
    engineer.open_install()
    engineer.page.get_by_role("button", name="Install", exact=True).click()
    engineer.consent(engineer.page)
    expect(engineer.page.locator("#authenticated")).to_have_text("Yes")
    assert len(engineer.rows()) == 120
    photograph(engineer.page, pictures / "rows.png", full_page=True)


def foreseen(world: Any, key: str, folder: Path) -> Finding:
    """What the runbook says of the proof key before anybody logs in, asked of the partner's API on the wire."""
    cyclr = world.ready["cyclr"]
    hosts = {"service_domain": "service_url", "console_host": "console_url", "api_host": "api_url"}
    variables = {name: cyclr[url].partition("://")[2] for name, url in hosts.items()}
    connection = Connection(
        name="guide",
        login_url=world.my_domain(),
        client_id=key,
        app_kind=AppKind.CONNECTED_APP,
        redirect_uri=callbacks_of(world)[1],
        variables={**variables, "account_id": cyclr["accounts"][0]["id"]},
    )
    home = folder / "home"
    environ = {"SFRUNBOOK_HOME": str(home), "SFRUNBOOK_KEY_FILE": str(folder / "key")}
    if not home.exists():
        create_key_file(folder / "key")
        ConnectionBook(home).add(connection)
    opened = open_connection("guide", environ, at_partner=True)
    api = cyclr["api_clients"][0]
    opened.partner.keep_api(api["client_id"], Secret(api["client_secret"]))
    found = opened.checks.run("partner", only=(*partner.ACCESS, *partner.CONNECTOR, *partner.LOGIN))
    return next(one for one in found if one.check == "pkce-box-fits-what-the-partner-sends")


@pytest.mark.long
def test_with_todays_app_what_will_fail_is_told_before_anybody_authorizes_and_then_rows_come(
    person: Person, world: PracticeConnection
) -> None:
    there = World(world)
    administrator = Administrator(there, person.context.new_page(), person.folder, callbacks=callbacks_of(there))
    key, secret = administrator.make_external_client_app()
    engineer = Engineer(there, person.context.new_page())
    engineer.app = {"client_id": key, "client_secret": secret}
    engineer.log_in()
    engineer.paste()
    there.control("POST", "/scenarios/cyclr-ip-allowed", {})
    own = own_login(person, there, key, secret)

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
    with person.context.expect_page() as link:
        person.notebook.get_by_role("button", name=re.compile("Log in to Salesforce for the partner")).click()
    link.value.get_by_role("button", name="Allow").click()  # logged in since the app was made
    link.value.wait_for_url(re.compile(re.escape(there.ready["cyclr"]["console_url"])))
    link.value.close()
    person.notebook.get_by_role("button", name="I have allowed access: look again").click()
    shows(person, "book.authorize_partner()", "is authenticated.")

    person.run_cell("book.prove_method()")
    shows(person, "book.prove_method()", "List Accounts returned 120 rows with Ids of Salesforce.")
    there.control("POST", "/tokens/expire", {"client_id": key})
    person.run_cell("book.prove_method()")
    shows(person, "book.prove_method()", "List Accounts returned 120 rows")  # "renewed without a secret"
    person.run_cell("book.prove_refresh()")
    person.run_cell("book.verdict()")
    shows(person, "book.verdict()", "Salesforce side proved, Cyclr side proved.")
    person.run_cell("book.hand_over()")
    shows(person, "book.hand_over()", "Salesforce side proved, Cyclr side proved.")  # shown once it is written
    sheet = (person.lab.folder / "hand-over-made.md").read_text("utf-8")
    assert "## What was entered at Cyclr, and where" in sheet
    assert "Salesforce side proved, Cyclr side proved." in sheet
    assert secret not in sheet
    person.picture("proved")
    assert own.partner.record.retest_after("", own.now()) > own.now()


def logins_of_cyclr(world: World) -> int:
    """Installed connectors that hold tokens."""
    regions = json.dumps(world.control("GET", "/cyclr"))
    return len(re.findall(r'"authenticated": true', regions))
