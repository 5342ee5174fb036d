"""A partner engineer at a real browser: Console, Salesforce's login and consent, and back with rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from support.console_support import Engineer
from support.pictures import photograph, story_folder

pytestmark = pytest.mark.browser


@pytest.fixture
def engineer(browser: Browser, fresh_world: Any, request: pytest.FixtureRequest) -> Iterator[Engineer]:
    folder = story_folder(request.node.name)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    someone = Engineer(fresh_world, context.new_page())
    yield someone
    photograph(someone.page, folder / "end.png", full_page=True)
    context.close()


def test_a_connector_is_set_up_in_one_window_and_returns_rows(engineer: Engineer) -> None:
    engineer.log_in()
    engineer.paste()
    engineer.open_install()
    engineer.page.get_by_role("button", name="Install", exact=True).click()
    engineer.consent(engineer.page)
    expect(engineer.page.locator("#authenticated")).to_have_text("Yes")
    assert engineer.page.url.startswith(engineer.cyclr["console_url"] + "/installed/")
    assert len(engineer.rows()) == 120


def test_a_connector_is_set_up_in_a_window_of_its_own(engineer: Engineer) -> None:
    engineer.log_in()
    engineer.paste()
    engineer.open_install()
    with engineer.page.context.expect_page() as opened:
        engineer.page.get_by_role("button", name="Install in a new window").click()
    engineer.consent(opened.value)
    expect(opened.value.get_by_text("You can close this window.")).to_be_visible()
    engineer.page.get_by_role("link", name="Back to the connectors").click()
    expect(engineer.page.get_by_role("row").filter(has_text="Salesforce")).to_contain_text("Yes")


def test_a_link_with_a_message_tells_the_window_that_opened_it(engineer: Engineer) -> None:
    """The page with the link stands on the control API's host, as a customer's application would."""
    engineer.log_in()
    engineer.paste()
    engineer.open_install()
    engineer.page.get_by_role("button", name="Install without Setup").click()
    engineer.page.get_by_role("button", name="Generate Setup Token").click()
    link = engineer.page.locator("#told").inner_text()
    origin = engineer.world.ready["control_url"]
    engineer.page.goto(origin)
    listen = "window.addEventListener('message', told => done([told.data, told.origin]))"
    engineer.page.evaluate(f"() => {{ window.heard = new Promise(done => {listen}); }}")
    with engineer.page.context.expect_page() as opened:
        engineer.page.evaluate(
            "address => window.open(address)", f"{link}&targetOrigin={origin}&callbackMessage=it%20is%20done"
        )
    engineer.consent(opened.value)
    assert engineer.page.evaluate("window.heard") == ["it is done", engineer.cyclr["service_url"]]
