"""The original guide in a real browser, from Salesforce's Setup to rows in the Partner Console, then and today."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from support.browser_support import DONE, Person
from support.console_support import Engineer
from support.hands import allow
from support.own_app import World, add_org, authorize_partner, callbacks_of, enter_key, enter_secret
from support.pictures import photograph, story_folder
from support.setup_support import Administrator

from sfrunbook.connection.practice_connection import PracticeConnection

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


def test_the_original_guide_word_for_word_ends_in_rows(
    context: BrowserContext, fresh_world: Any, pictures: Path
) -> None:
    """As it was written: the box for PKCE was not checked by default then."""
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
    context: BrowserContext, fresh_world: Any, pictures: Path
) -> None:
    """The box for PKCE is checked by default (the guide does not say so), and Cyclr may send no code challenge."""
    fresh_world.control("PUT", "/settings", {"cyclr_sends_pkce": False})
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

    administrator.clear_boxes("Apps", "Cyclr", PKCE)

    engineer.page.bring_to_front()
    engineer.page.goto(engineer.cyclr["console_url"])
    engineer.open_install()
    engineer.page.get_by_role("button", name="Install", exact=True).click()
    engineer.consent(engineer.page)
    expect(engineer.page.locator("#authenticated")).to_have_text("Yes")
    assert len(engineer.rows()) == 120
    photograph(engineer.page, pictures / "rows.png", full_page=True)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["Connected App", "External Client App"])
def test_an_app_with_the_partners_callback_urls_alone_reaches_rows_here_and_at_the_partner(
    person: Person, world: PracticeConnection, kind: str
) -> None:
    """The runbook's own address isn't registered, so the address after login is pasted.

    The boxes that are checked by default in a new app stop the partner; the page says so before anyone logs in.
    """
    there = World(world)
    there.control("PUT", "/settings", {"connected_app_pkce_preselected": False, "cyclr_sends_pkce": False})
    callbacks = callbacks_of(there)
    administrator = Administrator(there, person.context.new_page(), person.folder, callbacks=callbacks, own=())
    if kind == "Connected App":
        key, secret = administrator.make_connected_app()
        app, boxes = ("Apps", "Cyclr"), (REFRESH,)
    else:
        key, secret = administrator.make_external_client_app()
        app, boxes = ("External Client App Manager", "Cyclr for the runbook"), (PKCE, REFRESH)
    person.page.bring_to_front()
    person.open()
    add_org(person, there, app="Use an existing app", kind=kind)
    enter_key(person, key)
    expect(person.section("app")).to_contain_text("All 2 callback URLs of the partner are registered.")
    enter_secret(person, secret)
    person.expect_step("key", DONE)
    paste_login(person, there.ready, callbacks[0])
    person.expect_step("log_in", DONE)
    person.expect_step("try_it", DONE)
    expect(person.section("try_it").get_by_role("table", name="Rows of the query").get_by_role("row")).to_have_count(6)
    person.picture("rows")

    person.section("partner").get_by_label("Yes: set it up from here").check()
    person.button("Use practice values", "partner").click()
    person.expect_step("partner", "failed")
    for box in boxes:
        expect(person.section("partner")).to_contain_text(f"Clear “{box}")
    person.picture("boxes")
    there.control("PUT", "/settings", {"eca_security_locked": False})  # an org that lets the box be cleared
    administrator.clear_boxes(*app, *boxes)
    person.page.bring_to_front()
    person.button("Check again", "partner").click()
    authorize_partner(person, there)
    person.expect_step("partner", DONE)
    expect(person.section("partner")).to_contain_text("Cyclr is logged in to Salesforce.")
    expect(person.complaints).to_have_count(0)
    person.picture("partner")


def paste_login(person: Person, ready: Mapping[str, Any], callback: str) -> None:
    """Log in with the partner's Callback URL, and paste the address where the browser ended."""
    section = person.section("log_in")
    section.get_by_label("Callback URL of this login").select_option(label=f"{callback} (Cyclr: paste the address)")
    link = section.get_by_role("link", name=re.compile("Log in at Salesforce"))
    expect(link).to_have_attribute("href", re.compile(quote(callback, safe="")))
    with person.context.expect_page() as opened:
        link.click()
    login, arrived = opened.value, list[str]()
    login.on("request", lambda request: arrived.append(request.url) if "code=" in request.url else None)
    allow(ready, login)
    login.wait_for_url(lambda url: url.startswith(callback))
    login.close()
    address = section.get_by_label("Address after login")
    address.fill(next(url for url in arrived if url.startswith(callback)))
    address.press("Enter")
