"""The original guide, followed by the labels on the screen: Salesforce's Setup first, then the Partner Console."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests
from support.flow_steps import Steps
from support.partner_support import Partner, partner_of
from support.setup_forms import FULL, OFFLINE, Browser, Page

from sfrunbook.practice.visitor import Person
from sfrunbook.practice.web import paths

#: a Cyclr that sends neither a code challenge nor the secret at refreshes, as its guides would have it
NEITHER = {"cyclr_sends_pkce": False, "cyclr_refresh_sends_secret": False}


@pytest.fixture
def console(fresh: Steps, browser_at: Callable[[str], Browser]) -> Browser:
    browser = browser_at(fresh.world.ready["cyclr"]["console_url"])
    user = fresh.world.ready["cyclr"]["console_user"]
    login = browser.open("/")
    login.press("Log in", {"Username": user["username"], "Password": user["password"]})
    return browser


def connected_app(admin: Browser, callbacks: list[str], boxes: dict[str, bool] | None = None) -> tuple[str, str]:
    """Setup > Create > Apps > New, as the guide says; gives Consumer Key and Consumer Secret."""
    form = admin.open(paths.CLASSIC_HOME).link("Apps").link("New")
    form = form.press("Add \u2192", {"Available OAuth Scopes": [FULL]})
    form = form.press("Add \u2192", {"Available OAuth Scopes": [OFFLINE]})
    typed = {
        "Connected App Name": "Our Cyclr",
        "API Name": "Our_Cyclr",
        "Contact Email": "ops@northwind.example",
        "Enable OAuth Settings": True,
        "Callback URL": "\n".join(callbacks),
        **(boxes or {}),
    }
    return admin.credentials(form.press("Save", typed).link("Continue"))


def install(console: Browser, key: str, secret: str) -> str:
    """Paste the pair in the library, then install the connector in an account; gives where Cyclr sends the browser."""
    library = console.open("/").link("Application Connector Library").press("Search", {"Search": "Salesforce"})
    first_time = library.has("Setup Required: Salesforce")
    settings = library.link("Setup Required: Salesforce" if first_time else "Setup: Salesforce")
    saved = settings.press("Save Changes", {"Client ID": key, "Client Secret": secret})
    assert saved.notice == "Your changes have been saved."
    accounts = saved.link("Account Management")
    place = accounts.soup.find("td", string="Northwind Outfitters").find_parent("tr").find("a", string="Connectors")
    form = console.open(place["href"]).link("Install Salesforce")
    sent = {each["name"]: each.get("value", "") for each in form.soup.find("form").find_all("input")}
    reply = console.session.post(form.reply.url, data={**sent, "isSandbox": "false"}, allow_redirects=False, timeout=10)
    return reply.headers["location"]


def consent(fresh: Steps, address: str) -> str:
    """Log in and press Allow; gives the callback's address."""
    with requests.Session() as browser:
        browser.trust_env = False
        return Person(browser, fresh.user["username"], fresh.user["password"], allow=True).walk(address)


def rows_of(console: Browser, connector: Page) -> list[dict[str, str]]:
    """Test List Accounts; gives the records of the Method Response."""
    chosen = connector.link("Test").press("Choose", {"Method": "List Accounts"})
    return json.loads(chosen.press("Test").soup.find(id="method-response").get_text())["records"]


def test_the_original_guide_word_for_word_ends_in_rows_where_pkce_is_not_preselected(fresh, admin, console):
    fresh.settings(connected_app_pkce_preselected=False, **NEITHER)
    admin.allow_connected_apps()
    key, secret = connected_app(admin, fresh.world.ready["cyclr"]["callback_urls"])
    landed = consent(fresh, install(console, key, secret))
    connector = console.open(landed)
    assert connector.soup.find(id="authenticated").get_text() == "Yes"
    assert len(rows_of(console, connector)) == 120
    fresh.world.control("POST", "/tokens/expire", {})
    later = connector.link("Test").press("Choose", {"Method": "List Accounts"}).press("Test")
    assert later.soup.find(id="failure").get_text() == "Failed to authenticate the connector"
    assert "invalid client credentials" in later.soup.find(id="detail").get_text(), "the guide leaves the box ticked"


def test_with_today_s_preselected_box_the_same_guide_stops_before_the_login_page(fresh, admin, console):
    fresh.settings(**NEITHER)
    admin.allow_connected_apps()
    key, secret = connected_app(admin, fresh.world.ready["cyclr"]["callback_urls"])
    refused = requests.get(install(console, key, secret), timeout=10)
    assert refused.text == "error=invalid_request&error_description=missing%20required%20code%20challenge"


def test_the_newest_guide_clears_the_box_for_refreshes_and_goes_on_working(fresh, admin, console):
    fresh.settings(connected_app_pkce_preselected=False, **NEITHER)
    admin.allow_connected_apps()
    box = {"Require Secret for Refresh Token Flow": False}
    key, secret = connected_app(admin, fresh.world.ready["cyclr"]["callback_urls"][1:], box)
    connector = console.open(consent(fresh, install(console, key, secret)))
    assert len(rows_of(console, connector)) == 120
    fresh.world.control("POST", "/tokens/expire", {})
    assert len(rows_of(console, connector)) == 120


def test_an_external_client_app_with_today_s_defaults_works_only_if_cyclr_sends_all_three(fresh, admin, console):
    fresh.settings(**NEITHER)
    page = admin.new_eca("Our Cyclr", callbacks=tuple(fresh.world.ready["cyclr"]["callback_urls"]))
    key, secret = admin.credentials(page)
    assert "missing%20required%20code%20challenge" in requests.get(install(console, key, secret), timeout=10).text
    fresh.settings(cyclr_sends_pkce=True, cyclr_refresh_sends_secret=True)
    connector = console.open(consent(fresh, install(console, key, secret)))
    assert urlsplit(connector.reply.url).path.startswith("/installed/")
    for _ in range(3):
        assert len(rows_of(console, connector)) == 120
        fresh.world.control("POST", "/tokens/expire", {})


def test_the_api_meets_the_block_while_the_console_s_test_does_not(fresh, admin, console):
    with partner_of(fresh.world) as partner:
        assert isinstance(partner, Partner)
        number = partner.connected()
        partner.settings(cyclr_allowed_ips=[])
        assert partner.execute(number).status_code == 403
        assert len(rows_of(console, console.open(f"/installed/{number}"))) == 120
