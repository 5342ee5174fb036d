"""What a System Administrator does on the Setup pages, in their words; each step is kept as a picture."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from playwright.sync_api import Page, expect

from sfrunbook.practice.visitor import visit
from support.pictures import photograph

CYCLR = ("https://my.cyclr.com/connector/callback", "https://app-h.cyclr.com/connector/callback")
RUNBOOK = "http://localhost:17171/callback"
SCOPES = ("Full access (full)", "Perform requests at any time (refresh_token, offline_access)")
VERIFIER = "practice-verifier_0123456789-practice-verifier_0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Host:
    """The first org of a practice world, by its ready line."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self._org = ready["orgs"][0]

    def my_domain(self) -> str:
        return self._org["my_domain_url"]

    def user(self) -> dict[str, str]:
        return self._org["users"][0]


@dataclass
class Administrator:
    """A System Administrator at a browser; each step is kept as a picture."""

    world: Any
    page: Page
    folder: Path
    shots: int = 0
    #: the partner's addresses, which the guide has registered
    callbacks: tuple[str, ...] = CYCLR
    #: the runbook's own address, where it is registered too
    own: tuple[str, ...] = (RUNBOOK,)

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
        photograph(self.page, self.folder / f"{self.shots:02d}-{name}.png", full_page=True)

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

    def make_connected_app(self) -> tuple[str, str]:
        """The original guide word for word, in Classic, once Support has allowed new Connected Apps."""
        self.log_in()
        self.picture("setup-home")
        self.go("App Manager")
        expect(self.page.get_by_role("link", name="New Connected App")).to_have_count(0)
        expect(self.page.get_by_text("New connected apps can't be created since Spring '26")).to_be_visible()
        self.picture("no-new-connected-app")
        self.go("Settings")
        expect(self.page.get_by_label("Allow creation of connected apps")).to_be_disabled()
        self.picture("creation-locked")
        self.page.get_by_role("button", name="Let Salesforce Support make the setting available").click()
        self.page.get_by_label("Allow creation of connected apps").check()
        self.page.get_by_role("button", name="Save").click()
        expect(self.page.get_by_role("status")).to_have_text("Your settings are saved.")

        self.page.get_by_role("link", name="Switch to Salesforce Classic").click()
        self.go("Apps")
        self.picture("classic-apps")
        self.page.get_by_role("link", name="New", exact=True).click()
        self.page.get_by_label("Connected App Name").fill("Cyclr")
        self.page.get_by_label("API Name").fill("Cyclr")
        self.page.get_by_label("Contact Email").fill("ops@northwind.example")
        self.page.get_by_label("Enable OAuth Settings").check()
        self.page.get_by_label("Callback URL").fill("\n".join(self.callbacks))
        self.select_scopes()
        self.picture("connected-app-filled-in")
        self.page.get_by_role("button", name="Save").click()
        expect(self.page.get_by_text("Changes can take up to 10 minutes to take effect.")).to_be_visible()
        self.picture("saved")
        self.page.get_by_role("link", name="Continue").click()
        self.picture("connected-app")
        key, secret = self.reveal("Manage Consumer Details")
        return key, secret

    def make_external_client_app(self) -> tuple[str, str]:
        """An External Client App with the partner's callbacks and the runbook's own, after one refusal."""
        self.log_in()
        self.go("External Client App Manager")
        self.picture("external-client-app-manager")
        self.page.get_by_role("link", name="New External Client App").click()
        self.page.get_by_label("External Client App Name").fill("Cyclr for the runbook")
        self.page.get_by_label("Contact Email").fill("ops@northwind.example")
        self.page.get_by_label("Distribution State").select_option("Local")
        self.page.get_by_label("Enable OAuth").check()
        self.page.get_by_label("Callback URL").fill("\n".join((*self.callbacks, "http://127.0.0.1:17171/callback")))
        self.page.get_by_role("button", name="Create").click()
        alert = self.page.get_by_role("alert")
        line = len(self.callbacks) + 1
        expect(alert).to_contain_text(f"Callback URL, line {line}: Use https, or a custom scheme.")
        expect(alert).to_contain_text("Selected OAuth Scopes: Select at least one scope.")
        self.picture("refused")
        self.page.get_by_label("Callback URL").fill("\n".join((*self.callbacks, *self.own)))
        self.select_scopes()
        for always_on in ("Require Proof Key", "Enable Refresh Token Rotation", "Limit Idle Refresh Token TTL"):
            expect(self.page.get_by_label(re.compile(always_on))).to_be_checked()
            expect(self.page.get_by_label(re.compile(always_on))).to_be_disabled()
        self.picture("external-client-app-filled-in")
        self.page.get_by_role("button", name="Create").click()
        expect(self.page.get_by_text("Cyclr_for_the_runbook")).to_be_visible()
        self.picture("external-client-app")
        key, secret = self.reveal("Consumer Key and Secret")
        return key, secret

    def clear_boxes(self, screen: str, app: str, *labels: str) -> None:
        """Edit an app from its screen in Setup, clear boxes by the beginning of their labels, and save."""
        self.page.bring_to_front()
        self.go(screen)
        self.page.get_by_role("link", name=f"Edit {app}", exact=True).click()
        for label in labels:
            self.page.get_by_label(re.compile(label)).uncheck()
        self.picture("boxes-cleared")
        save = self.page.get_by_role("button", name="Save")
        save.click()
        expect(save).to_have_count(0)

    def add_callbacks(self, app: str, callbacks: tuple[str, ...]) -> None:
        """Edit an External Client App, and enter the Callback URLs that it should have."""
        self.page.bring_to_front()
        self.go("External Client App Manager")
        self.page.get_by_role("link", name=f"Edit {app}", exact=True).click()
        self.page.get_by_label("Callback URL").fill("\n".join(callbacks))
        self.page.get_by_role("button", name="Save").click()
        expect(self.page.get_by_role("heading", name=app, exact=True)).to_be_visible()
