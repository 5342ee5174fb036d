"""What a partner engineer does at the Partner Console, in their words."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, expect


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
        """Connectors > Application Connector Library > Salesforce > Setup: key and secret of `app`, Save Changes."""
        self.page.get_by_role("link", name="Application Connector Library").click()
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
