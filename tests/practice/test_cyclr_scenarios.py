"""Every scenario of the partner's side: its symptom over sockets, and that undoing it leaves nothing."""

from __future__ import annotations

import copy
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from support.inside import Inside
from support.partner_support import EXPIRED

from sfrunbook.practice.cyclr.api_connectors import install, take_property
from sfrunbook.practice.cyclr.desk import CyclrDesk
from sfrunbook.practice.cyclr.entities import ApiToken, Tokens
from sfrunbook.practice.cyclr.outbound import Outbound
from sfrunbook.practice.scenarios import SCENARIOS, UnknownScenario

PARTNER_SCENARIOS = [name for name in SCENARIOS if name.startswith("cyclr-")]
MISMATCH = "redirect_uri_mismatch"


def where_it_leads(partner, number):
    """What Salesforce's authorize address says to Cyclr's redirect: its error, or login."""
    reply = partner.get(partner.redirect(number))
    return parse_qs(reply.text).get("error", ["login"])[0] if reply.status_code == 400 else "login"


def new_login(partner):
    """What comes of a new connector's login, in a word."""
    number = partner.install()
    reply = partner.get(partner.link(number))
    if reply.status_code != 302:
        return "Setup Required" if "Setup Required" in reply.text else str(reply.status_code)
    address = reply.headers["location"]
    if address.startswith("/account/login"):
        return "login page of Cyclr"
    refused = partner.get(address)
    if refused.status_code == 400:
        return parse_qs(refused.text)["error"][0]
    landed = partner.land(address)
    return "authenticated" if partner.is_authenticated(number) else landed.text


def executed(partner):
    reply = partner.execute(partner.number)
    return "rows" if reply.ok else reply.json().get("Detail", reply.json()["Message"])


def later(partner):
    """A call after the access token has expired."""
    partner.expire()
    return executed(partner)


def token(partner):
    reply = partner.ask_token()
    return "token" if reply.ok else reply.json()["error"]


def accounts(partner):
    reply = partner.call("GET", "/accounts", account="")
    return f"{len(reply.json())} accounts" if reply.ok else reply.status_code


def installing(partner):
    reply = partner.call("POST", "/connectors/412/install", {})
    return "installed" if reply.ok else (reply.status_code, reply.json()["Message"])


def account_connectors(partner):
    reply = partner.call("GET", "/account/connectors")
    return len(reply.json()) if reply.ok else reply.status_code


def broken(partner):
    with pytest.raises(requests.RequestException) as told:
        partner.call("GET", "/accounts", account="")
    return type(told.value).__name__


BLOCKED = "Unknown client IP Address: contact support to request access for this IP address"
REFUSED_SECRET = '400 {"error":"invalid_client","error_description":"invalid client credentials"}'
SYMPTOMS = {
    "cyclr-callback-mismatch": [
        ({}, new_login, MISMATCH),
        ({"how": "other_region"}, new_login, MISMATCH),
        ({"how": "console_only"}, new_login, MISMATCH),
        ({"how": "service_only"}, new_login, "authenticated"),
    ],
    "cyclr-credentials-wrong": [
        ({}, new_login, "invalid client credentials"),
        ({"how": "blank"}, new_login, "invalid client credentials"),
        ({"how": "key_blank"}, new_login, "invalid_client_id"),
        ({"how": "swapped"}, new_login, "invalid_client_id"),
    ],
    "cyclr-other-connector": [({}, new_login, "Setup Required")],
    "cyclr-save-forgotten": [
        ({}, new_login, "Setup Required"),
        ({"still": "Cyclr (Connected App)"}, new_login, MISMATCH),
    ],
    "cyclr-account-override": [({}, lambda partner: where_it_leads(partner, partner.number), MISMATCH)],
    "cyclr-wrong-login-host": [({}, lambda partner: where_it_leads(partner, partner.number), "invalid_client_id")],
    "cyclr-pkce-not-sent": [({}, new_login, "invalid_request")],
    "cyclr-secret-not-sent-on-refresh": [({}, executed, "rows"), ({}, later, REFUSED_SECRET)],
    "cyclr-rotated-token-dropped": [
        ({}, later, "rows"),
        ({}, lambda partner: (later(partner), later(partner))[1], f"400 {EXPIRED}"),
    ],
    "cyclr-addresses-not-listed": [({}, later, "ip restricted"), ({}, new_login, "ip restricted")],
    "cyclr-template-only": [({}, account_connectors, 0)],
    "cyclr-deauthenticated": [({}, executed, "The connector is not authenticated.")],
    "cyclr-state-expired": [({}, new_login, "We could not match this request.")],
    "cyclr-ip-blocked": [({}, executed, BLOCKED)],
    "cyclr-ip-allowed": [({}, executed, "rows"), ({"ranges": "10.0.0.0/8; 192.0.2.0/24"}, executed, BLOCKED)],
    "cyclr-signin-expired": [({}, new_login, "login page of Cyclr")],
    "cyclr-signin-eaten": [({}, new_login, "login page of Cyclr")],
    "cyclr-api-client-revoked": [({}, token, "invalid_client"), ({}, accounts, 401)],
    "cyclr-other-region": [
        ({}, token, "invalid_client"),
        ({}, lambda partner: partner.ask_token(region=1).status_code, 200),
    ],
    "cyclr-token-ended": [({}, accounts, 401), ({}, token, "token")],
    "cyclr-tokens-restricted": [
        ({}, lambda partner: (setattr(partner, "token_text", ""), accounts(partner))[1], "1 accounts"),
        (
            {"account": "contoso-tea"},
            lambda partner: (setattr(partner, "token_text", ""), installing(partner)[0])[1],
            403,
        ),
    ],
    "cyclr-account-gone": [({}, account_connectors, 404)],
    "cyclr-connector-draft": [({}, installing, (400, "Connector 412 is a draft and cannot be installed."))],
    "cyclr-too-many-requests": [
        ({}, accounts, 429),
        ({}, lambda partner: partner.call("GET", "/accounts").headers["retry-after"], "7"),
    ],
    "cyclr-maintenance": [
        ({}, accounts, 503),
        ({}, lambda partner: partner.get(partner.cyclr["console_url"] + "/login").status_code, 503),
    ],
    "cyclr-html": [({}, lambda partner: partner.call("GET", "/accounts").headers["content-type"][:9], "text/html")],
    "cyclr-slow": [
        (
            {"seconds": 1.2},
            lambda partner: partner.call("GET", "/accounts", account="").elapsed.total_seconds() > 1.1,
            True,
        )
    ],
    "cyclr-truncated": [({}, broken, "ChunkedEncodingError")],
    "cyclr-connection-reset": [({}, broken, "ConnectionError")],
}
CASES = [(name, *case) for name, cases in SYMPTOMS.items() for case in cases]


def test_every_scenario_of_the_partner_s_side_is_proved_here():
    assert list(SYMPTOMS) == PARTNER_SCENARIOS


@pytest.mark.parametrize(("name", "parameters", "probe", "expected"), CASES)
def test_a_scenario_shows_its_symptom(partner, name, parameters, probe, expected):
    partner.number = partner.connected()
    partner.start(name, **parameters)
    shown = probe(partner)
    if isinstance(expected, str):
        assert expected in shown
    else:
        assert shown == expected


def test_salesforce_s_side_of_the_twenty_causes_has_scenarios_of_its_own():
    """Those that are not Cyclr's: not installed, propagation, no refresh scope, approvals, policies, users, sight."""
    theirs = {
        "app-uninstalled",
        "propagation-delay",
        "no-refresh-scope",
        "sixth-approval",
        "refresh-idle-limit",
        "refresh-expires-immediately",
        "ip-restricted",
        "api-disabled",
        "admin-approved-only",
        "api-access-control",
        "sandbox-refresh",
        "daily-limit-reached",
        "user-frozen",
        "password-expired",
        "records-hidden",
        "object-hidden",
        "field-hidden",
    }
    assert theirs <= set(SCENARIOS)
    told = {cause for each in SCENARIOS.values() for cause in each.causes}
    assert told == {1, 3, 6, 7, 9, 11, 12, 14, 16, 17, 18}


@pytest.fixture
def world():
    """A world without sockets that has an authenticated connector in an account."""
    made = Inside(partner=True)
    inner = made.world
    cyclr = made.practice.cyclr
    desk = CyclrDesk(inner, cyclr, None, Outbound(None))
    home = cyclr.home
    library = home.library[0]
    app = next(app for app in inner.apps.values() if app.name == "Cyclr Practice")
    library.client_id, library.client_secret = app.client_id, app.client_secret
    connector = install(desk, home, library, account_id=next(iter(home.accounts)))
    take_property(cyclr, library, connector, "isSandbox", "false", inner.settings)
    connector.authenticated = True
    connector.tokens = Tokens(
        access_token="a",
        refresh_token="r",
        instance_url="i",
        identity_url="u",
        login_url="l",
        client_id="c",
        client_secret="s",
    )
    home.tokens["token"] = ApiToken(client_id=home.api_clients[0].client_id, account_id="", expires=1e12)
    return made


def state(world):
    inner = world.world
    return copy.deepcopy(
        (
            inner.settings,
            inner.apps,
            world.practice.cyclr.instances,
            world.practice.faults.active,
            inner.orgs,
            inner.users,
        )
    )


@pytest.mark.parametrize("name", PARTNER_SCENARIOS)
def test_undoing_leaves_the_state_as_it_was(world, name):
    if name == "cyclr-ip-allowed":  # which is how the practice Cyclr begins
        world.start("cyclr-ip-blocked")
    before = state(world)
    world.start(name)
    assert state(world) != before
    world.stop(name)
    assert state(world) == before


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        (
            "cyclr-callback-mismatch",
            {"how": "x"},
            "how is one of trailing_slash, other_region, console_only, service_only.",
        ),
        ("cyclr-credentials-wrong", {"how": "x"}, "how is one of secret, blank, key_blank, swapped."),
        ("cyclr-connector-draft", {"connector": "x"}, "There is no connector named 'x'."),
        ("cyclr-account-gone", {"account": "x"}, "There is no account with the API ID 'x'."),
        ("cyclr-tokens-restricted", {"account": "x"}, "There is no account with the API ID 'x'."),
        ("cyclr-ip-allowed", {"ranges": "10.0.0.0/99"}, "ranges of cyclr-ip-allowed: not an IP range: 10.0.0.0/99."),
        ("cyclr-html", {"status": 7}, "status of cyclr-html is from 200 to 599."),
    ],
)
def test_a_wrong_parameter_is_told_in_one_sentence_and_changes_nothing(world, name, parameters, sentence):
    before = state(world)
    with pytest.raises(UnknownScenario) as told:
        world.start(name, **parameters)
    assert str(told.value) == sentence
    assert state(world) == before


@pytest.mark.parametrize("name", PARTNER_SCENARIOS)
def test_a_world_without_cyclr_says_so(name):
    with pytest.raises(UnknownScenario) as told:
        Inside().start(name)
    assert str(told.value) == "No practice Cyclr was started."


def test_salesforce_s_own_outages_do_not_strike_cyclr(partner):
    partner.start("html-503")
    assert partner.call("GET", "/accounts").status_code == 200
    assert partner.get(partner.world.login_url).status_code == 503


def test_cyclr_says_what_it_met_when_salesforce_is_down(partner):
    number = partner.connected()
    partner.start("maintenance")
    failed = partner.execute(number).json()
    assert failed["Message"] == "Failed to call the method"
    assert failed["Detail"].startswith("503 [")
    partner.world.control("DELETE", "/scenarios/maintenance")
    partner.start("connection-reset")
    host = urlsplit(partner.world.my_domain()).netloc
    assert partner.execute(number).json()["Detail"] == f"No answer from {host}: ConnectionError"
