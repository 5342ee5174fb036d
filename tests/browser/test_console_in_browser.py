"""A partner engineer at a real browser: Console, Salesforce's login and consent, and back with rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from setup_support import SCREENSHOTS

pytestmark = pytest.mark.browser


class Engineer:
    """Whoever sits at the Partner Console; `world` is a practice world and `page` their tab."""

    def __init__(self, world: Any, page: Page) -> None:
        self.world = world
        self.page = page
        self.cyclr = world.ready["cyclr"]
        self.app = self.cyclr["apps"][0]

    def log_in(self) -> None:
        user = self.cyclr["console_user"]
        self.page.goto(self.cyclr["console_url"])
        self.page.get_by_label("Username").fill(user["username"])
        self.page.get_by_label("Password").fill(user["password"])
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("heading", name="Application Connector Library")).to_be_visible()

    def paste(self) -> None:
        self.page.get_by_role("link", name="Setup Required: Salesforce", exact=True).click()
        self.page.get_by_label("Client ID").fill(self.app["client_id"])
        self.page.get_by_label("Client Secret").fill(self.app["client_secret"])
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("status")).to_have_text("Your changes have been saved.")

    def open_install(self) -> None:
        self.page.get_by_role("link", name="Account Management").click()
        row = self.page.get_by_role("row").filter(has_text="Northwind Outfitters")
        row.get_by_role("link", name="Connectors").click()
        self.page.get_by_role("link", name="Install Salesforce", exact=True).click()

    def consent(self, page: Page) -> None:
        user = self.world.user()
        page.get_by_label("Username").fill(user["username"])
        page.get_by_label("Password").fill(user["password"])
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Allow").click()

    def rows(self) -> list[dict[str, Any]]:
        self.page.get_by_role("link", name="Test", exact=True).click()
        self.page.get_by_label("Method").select_option("List Accounts")
        self.page.get_by_role("button", name="Choose").press("Enter")
        self.page.get_by_role("button", name="Test").press("Enter")
        return json.loads(self.page.locator("#method-response").inner_text())["records"]


@pytest.fixture
def engineer(browser: Browser, fresh_world: Any, request: pytest.FixtureRequest) -> Iterator[Engineer]:
    folder = SCREENSHOTS / request.node.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    someone = Engineer(fresh_world, context.new_page())
    yield someone
    someone.page.screenshot(path=folder / "end.png", full_page=True)
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
