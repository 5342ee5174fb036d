"""A person makes the app by hand in Setup, in a real browser, and then it is used on the wire."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from sfrunbook.practice.visitor import visit

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
CYCLR = ("https://my.cyclr.com/connector/callback", "https://app-h.cyclr.com/connector/callback")
RUNBOOK = "http://localhost:17171/callback"
SCOPES = ("Full access (full)", "Perform requests at any time (refresh_token, offline_access)")
VERIFIER = "practice-verifier_0123456789-practice-verifier_0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Administrator:
    """A System Administrator at a browser; each step is kept as a picture."""

    world: Any
    page: Page
    folder: Path
    shots: int = 0

    def log_in(self) -> None:
        user = self.world.user()
        self.page.goto(self.world.my_domain())
        self.page.get_by_label("Username").fill(user["username"])
        self.page.get_by_label("Password").fill(user["password"])
        self.page.keyboard.press("Enter")
        self.page.get_by_role("link", name="Setup", exact=True).click()
        expect(self.page.get_by_role("heading", name="Setup Home")).to_be_visible()

    def picture(self, name: str) -> None:
        self.shots += 1
        self.page.screenshot(path=self.folder / f"{self.shots:02d}-{name}.png", full_page=True)

    def go(self, *names: str) -> None:
        """Click links of the Setup menu, one after the other."""
        for name in names:
            self.page.get_by_role("navigation", name="Setup").get_by_role("link", name=name, exact=True).click()

    def select_scopes(self) -> None:
        for scope in SCOPES:
            self.page.get_by_label("Available OAuth Scopes").select_option(label=scope)
            self.page.get_by_role("button", name="Add →").click()
        expect(self.page.get_by_label("Selected OAuth Scopes").get_by_role("option")).to_have_text(SCOPES)

    def reveal(self, button: str) -> tuple[str, str]:
        """Key and secret, through a wrong code first and then the right one from the mailbox."""
        self.page.get_by_role("link", name=button, exact=True).click()
        self.page.get_by_label("Verification Code").fill("0")
        self.page.get_by_role("button", name="Verify").click()
        expect(self.page.get_by_role("alert")).to_contain_text("Invalid or expired verification code.")
        self.picture("wrong-code")
        with self.page.context.expect_page() as opened:
            self.page.get_by_role("main").get_by_role("link", name="practice mailbox").click()
        letter = opened.value.get_by_text("Verification Code:").inner_text()
        opened.value.close()
        self.page.get_by_label("Verification Code").fill(letter.rpartition(" ")[2])
        self.page.get_by_label("Verification Code").press("Enter")
        key = self.page.get_by_label("Consumer Key", exact=True).input_value()
        secret = self.page.get_by_label("Consumer Secret", exact=True).input_value()
        self.picture("consumer-details")
        return key, secret

    def rows_by_query(self, key: str, secret: str, callback: str) -> int:
        """Authorize as this administrator, exchange the code, and count the accounts."""
        host, user = self.world.my_domain(), self.world.user()
        asked = {
            "response_type": "code",
            "client_id": key,
            "redirect_uri": callback,
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        landing = visit(f"{host}/services/oauth2/authorize?{urlencode(asked)}", user["username"], user["password"])
        sent = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(landing).query)["code"][0],
            "client_id": key,
            "client_secret": secret,
            "redirect_uri": callback,
            "code_verifier": VERIFIER,
        }
        with requests.Session() as session:
            session.trust_env = False
            token = session.post(f"{host}/services/oauth2/token", data=sent, timeout=10).json()
            assert set(token["scope"].split()) == {"full", "refresh_token"}
            assert token["refresh_token"]
            reply = session.get(
                f"{token['instance_url']}/services/data/v68.0/query",
                params={"q": "SELECT Id FROM Account"},
                headers={"Authorization": f"Bearer {token['access_token']}"},
                timeout=10,
            )
        return reply.json()["totalSize"]


@pytest.fixture
def administrator(browser: Browser, fresh_world: Any, request: pytest.FixtureRequest) -> Iterator[Administrator]:
    folder = SCREENSHOTS / request.node.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    someone = Administrator(fresh_world, context.new_page(), folder)
    yield someone
    someone.picture("end")
    context.close()


def test_the_original_guide_makes_a_connected_app_in_classic_that_works(administrator: Administrator) -> None:
    page = administrator.page
    administrator.log_in()
    administrator.picture("setup-home")
    administrator.go("App Manager")
    expect(page.get_by_role("link", name="New Connected App")).to_have_count(0)
    expect(page.get_by_text("New connected apps can't be created since Spring '26")).to_be_visible()
    administrator.picture("no-new-connected-app")
    administrator.go("Settings")
    expect(page.get_by_label("Allow creation of connected apps")).to_be_disabled()
    administrator.picture("creation-locked")
    page.get_by_role("button", name="Let Salesforce Support make the setting available").click()
    page.get_by_label("Allow creation of connected apps").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your settings are saved.")

    page.get_by_role("link", name="Switch to Salesforce Classic").click()
    administrator.go("Apps")
    administrator.picture("classic-apps")
    page.get_by_role("link", name="New", exact=True).click()
    page.get_by_label("Connected App Name").fill("Cyclr")
    page.get_by_label("API Name").fill("Cyclr")
    page.get_by_label("Contact Email").fill("ops@northwind.example")
    page.get_by_label("Enable OAuth Settings").check()
    page.get_by_label("Callback URL").fill("\n".join(CYCLR))
    administrator.select_scopes()
    administrator.picture("connected-app-filled-in")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Changes can take up to 10 minutes to take effect.")).to_be_visible()
    administrator.picture("saved")
    page.get_by_role("link", name="Continue").click()
    administrator.picture("connected-app")
    key, secret = administrator.reveal("Manage Consumer Details")
    for callback in CYCLR:
        assert administrator.rows_by_query(key, secret, callback) > 0


def test_an_external_client_app_made_by_hand_works_for_the_runbook(administrator: Administrator) -> None:
    page = administrator.page
    administrator.log_in()
    administrator.go("External Client App Manager")
    administrator.picture("external-client-app-manager")
    page.get_by_role("link", name="New External Client App").click()
    page.get_by_label("External Client App Name").fill("Cyclr for the runbook")
    page.get_by_label("Contact Email").fill("ops@northwind.example")
    page.get_by_label("Distribution State").select_option("Local")
    page.get_by_label("Enable OAuth").check()
    page.get_by_label("Callback URL").fill("\n".join((*CYCLR, "http://127.0.0.1:17171/callback")))
    page.get_by_role("button", name="Create").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Callback URL, line 3: Use https, or a custom scheme.")
    expect(alert).to_contain_text("Selected OAuth Scopes: Select at least one scope.")
    administrator.picture("refused")
    page.get_by_label("Callback URL").fill("\n".join((*CYCLR, RUNBOOK)))
    administrator.select_scopes()
    for always_on in ("Require Proof Key", "Enable Refresh Token Rotation", "Limit Idle Refresh Token TTL"):
        expect(page.get_by_label(re.compile(always_on))).to_be_checked()
        expect(page.get_by_label(re.compile(always_on))).to_be_disabled()
    administrator.picture("external-client-app-filled-in")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Cyclr_for_the_runbook")).to_be_visible()
    administrator.picture("external-client-app")
    key, secret = administrator.reveal("Consumer Key and Secret")
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
