"""A person makes the app by hand in Setup, in a real browser, and then it is used on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from support.pictures import story_folder
from support.setup_support import CYCLR, RUNBOOK, Administrator

pytestmark = pytest.mark.browser


@pytest.fixture
def administrator(browser: Browser, fresh_world: Any, request: pytest.FixtureRequest) -> Iterator[Administrator]:
    folder = story_folder(request.node.name)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    someone = Administrator(fresh_world, context.new_page(), folder)
    yield someone
    someone.picture("end")
    context.close()


def test_the_original_guide_makes_a_connected_app_in_classic_that_works(administrator: Administrator) -> None:
    key, secret = administrator.make_connected_app()
    for callback in CYCLR:
        assert administrator.rows_by_query(key, secret, callback) > 0


def test_an_external_client_app_made_by_hand_works_for_the_runbook(administrator: Administrator) -> None:
    page = administrator.page
    key, secret = administrator.make_external_client_app()
    assert administrator.rows_by_query(key, secret, RUNBOOK) > 0

    administrator.go("Connected Apps OAuth Usage")
    administrator.picture("oauth-usage")
    page.get_by_role("link", name="1 users of Cyclr for the runbook").click()
    administrator.picture("users-of-the-app")
    page.get_by_role("button", name="Revoke", exact=True).click()
    expect(page.get_by_text("There are no approvals.")).to_be_visible()
    administrator.go("App Manager")
    administrator.picture("app-manager")
    page.get_by_role("link", name="Manage Cyclr for the runbook").click()
    administrator.picture("policies")
    administrator.go("Login History")
    administrator.picture("login-history")
    administrator.go("OAuth and OpenID Connect Settings")
    administrator.picture("oauth-settings")


def test_a_keyboard_is_enough_and_the_page_fits_a_narrow_window(administrator: Administrator) -> None:
    page = administrator.page
    administrator.log_in()
    page.set_viewport_size({"width": 420, "height": 900})
    administrator.go("External Client App Manager")
    page.get_by_role("link", name="New External Client App").focus()
    page.keyboard.press("Enter")
    page.get_by_label("External Client App Name").focus()
    page.keyboard.type("Keyboard")
    page.get_by_label("Contact Email").focus()
    page.keyboard.type("ops@northwind.example")
    page.get_by_label("Available OAuth Scopes").focus()
    page.keyboard.press("End")
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "add_scope":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_label("Selected OAuth Scopes").get_by_role("option")).to_have_count(1)
    expect(page.get_by_label("External Client App Name")).to_have_value("Keyboard")
    page.get_by_label("External Client App Name").press("Enter")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
