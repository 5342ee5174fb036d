"""The API of the practice Cyclr: who is let in, accounts, sign-in links, and how it refuses."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from support.partner_support import refusal

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


# tokens


def test_a_token_reply_has_the_documented_shape(partner):
    reply = partner.ask_token()
    body = reply.json()
    assert reply.status_code == 200
    assert list(body) == ["access_token", "token_type", "expires_in", "clientId", ".issued", ".expires"]
    assert (body["token_type"], body["expires_in"]) == ("bearer", 1_209_599)
    assert body["clientId"] == partner.cyclr["api_clients"][0]["client_id"]
    life = parsedate_to_datetime(body[".expires"]) - parsedate_to_datetime(body[".issued"])
    assert life.days == 14
    partner.settings(cyclr_token_expires_date=False)
    assert list(partner.ask_token().json()) == ["access_token", "token_type", "expires_in", "clientId"]


def test_several_tokens_live_at_once_and_end_after_fourteen_days(partner):
    first, second = (partner.ask_token().json()["access_token"] for _ in range(2))
    assert first != second
    for partner.token_text in (first, second):
        assert partner.call("GET", "/accounts").status_code == 200
    partner.world.control("POST", "/clock", {"advance_seconds": 14 * 86_400})
    assert refusal(partner.call("GET", "/accounts")) == (401, "Authorization has been denied for this request.")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"scope": "account:nobody"}, "invalid_scope"),
        ({"scope": "full"}, "invalid_scope"),
    ],
)
def test_a_token_request_that_is_wrong_is_refused(partner, changes, error):
    reply = partner.ask_token(**changes)
    assert (reply.status_code, reply.json()) == (400, {"error": error})
    partner.settings(cyclr_refused_grant_body="message", cyclr_refused_grant_status=401)
    reply = partner.ask_token(**changes)
    assert (reply.status_code, reply.json()) == (401, {"Message": error})


def test_another_region_knows_neither_the_credentials_nor_the_tokens(partner):
    reply = partner.ask_token(region=1)
    assert (reply.status_code, reply.json()) == (400, {"error": "invalid_client"})
    url = partner.cyclr["regions"][1]["api_url"] + "/v1.0/accounts"
    reply = partner.session.get(url, headers={"Authorization": f"Bearer {partner.bearer()}"}, timeout=10)
    assert reply.status_code == 401


def test_a_deleted_set_of_credentials_takes_its_tokens_with_it(partner):
    partner.bearer()
    partner.world.control("DELETE", "/cyclr/api-clients", {"client_id": partner.cyclr["api_clients"][0]["client_id"]})
    assert partner.call("GET", "/accounts").status_code == 401
    assert partner.ask_token().json() == {"error": "invalid_client"}


# accounts


def test_an_account_is_listed_made_changed_and_deleted(partner):
    (first, *_) = partner.done("GET", "/accounts", account="")
    assert list(first) == [
        "Id",
        "Name",
        "Description",
        "CreatedDate",
        "Timezone",
        "NextBillDateUtc",
        "StepDataSuccessRetentionHours",
        "StepDataErroredRetentionHours",
        "TransactionErrorWebhook",
    ]
    assert first["TransactionErrorWebhook"] == {"Enabled": False, "Url": None, "IncludeWarnings": False}
    made = partner.done(
        "POST", "/accounts", {"Id": "my own/id", "Name": "New", "Timezone": "Europe/Berlin"}, account=""
    )
    assert (made["Id"], made["Name"], made["Timezone"]) == ("my own/id", "New", "Europe/Berlin")
    again = partner.call("POST", "/accounts", {"Id": "contoso-tea", "Name": "New"}, account="")
    assert (again.status_code, again.json()) == (400, {"Message": "ID already in use"})
    named = partner.done("POST", "/accounts", {"Name": "Other"}, account="")
    assert GUID.fullmatch(named["Id"])
    webhook = {"Enabled": True, "Url": "https://x.example", "IncludeWarnings": True}
    changed = partner.done("PUT", f"/accounts/{named['Id']}", {"TransactionErrorWebhook": webhook}, account="")
    assert (changed["Name"], changed["TransactionErrorWebhook"]) == ("Other", webhook)
    partner.done("DELETE", f"/accounts/{named['Id']}", account="")
    assert refusal(partner.call("GET", f"/accounts/{named['Id']}", account="")) == (404, "Account not found.")


@pytest.mark.parametrize("sent", [{}, {"Name": ""}, {"Name": 3}, {"Name": "x", "Timezone": "Mars/Base"}, [], "x", 3])
def test_an_account_that_cannot_be_made_is_400_with_a_message(partner, sent):
    reply = partner.call("POST", "/accounts", sent, account="")
    assert reply.status_code == 400
    assert reply.json()["Message"]


def test_lists_come_in_pages(partner):
    for number in range(5):
        partner.done("POST", "/accounts", {"Id": f"a{number}", "Name": f"A{number}"}, account="")
    pages = [
        [each["Id"] for each in partner.done("GET", f"/accounts?pageSize=2&page={page}", account="")]
        for page in (1, 2, 3, 9)
    ]
    assert pages == [["a0", "a1"], ["a2", "a3"], ["a4", "contoso-tea"], []]
    for wrong in ("0", "-1", "x", "9" * 50):
        assert partner.call("GET", f"/accounts?pageSize={wrong}", account="").status_code == 400


# sign-in tokens and the embedded pages


def test_a_sign_in_link_works_once_and_for_five_minutes(partner):
    partner.paste("key", "secret")
    number = partner.install()
    reply = partner.done("POST", f"/accounts/{partner.account}/signintoken", {"Username": "somebody"})
    assert list(reply) == ["Token", "ExpiresAtUtc"]
    now = datetime.fromisoformat(partner.world.control("GET", "/clock")["now"])
    assert 295 < (datetime.fromisoformat(reply["ExpiresAtUtc"]) - now).total_seconds() <= 301
    link = partner.link(number)
    assert partner.get(link).headers["location"].startswith(partner.world.login_url)
    used = partner.get(link)
    assert used.headers["location"].startswith("/account/login?ReturnUrl=")
    assert "Log in" in partner.get(partner.cyclr["service_url"] + used.headers["location"]).text
    old = partner.link(number)
    partner.world.control("POST", "/clock", {"advance_seconds": 301})
    assert partner.get(old).headers["location"].startswith("/account/login?ReturnUrl=")
    partner.settings(cyclr_bad_signin="page")
    assert "Log in" in partner.get(old).text
    assert partner.call("POST", f"/accounts/{partner.account}/signintoken", {}).status_code == 400
    assert partner.call("POST", "/accounts/nobody/signintoken", {"Username": "x"}).status_code == 404


@pytest.mark.parametrize(("spent_by", "left"), [("get", True), ("any", False)])
def test_a_head_request_uses_a_sign_in_link_up_or_not(partner, spent_by, left):
    partner.settings(cyclr_signin_spent_by=spent_by)
    partner.paste("key", "secret")
    link = partner.link(partner.install())
    partner.get(link, "HEAD")
    assert partner.get(link).headers["location"].startswith(partner.world.login_url) == left


def test_a_link_reaches_connectors_of_its_account_only(partner):
    partner.paste("key", "secret")
    other = partner.done("POST", "/connectors/412/install", {}, account="contoso-tea")["Id"]
    for wrong in (other, "x", "9" * 40):
        assert partner.get(partner.link(wrong)).status_code == 404


def test_without_a_client_id_anywhere_the_link_says_setup_required(partner):
    shown = partner.get(partner.link(partner.install()))
    assert shown.status_code == 400
    assert "The connector Salesforce has no Client ID: neither in the Console nor in this account." in shown.text


@pytest.mark.parametrize(
    ("page", "name"), [("launch", "LaunchUrl"), ("marketplace", "MarketplaceUrl"), ("orbit", "OrbitUrl")]
)
def test_an_embedded_page_s_address_tells_the_service_domain_and_makes_the_account(partner, page, name):
    made = partner.done("POST", f"/accounts/brand-new/{page}", {"AccountName": "Brand <New>"}, account="")
    assert list(made) == ["AccountId", "ExpiresAtUtc", name, "Token"]
    assert made[name].startswith(partner.cyclr["service_url"] + "/account/signinwithtoken?token=")
    assert parse_qs(urlsplit(made[name]).query)["returnUrl"] == [f"/{page}"]
    assert partner.done("GET", "/accounts/brand-new", account="")["Name"] == "Brand <New>"
    partner.install()
    partner.done("POST", "/connectors/412/install", {"Name": "<b>Mine</b>"}, account="brand-new")
    first = partner.session.get(made[name], timeout=10)
    assert "Brand &lt;New&gt;" in first.text
    assert "&lt;b&gt;Mine&lt;/b&gt;" in first.text
    partner.session.cookies.clear()
    assert partner.session.get(made[name], timeout=10).url.startswith(partner.cyclr["service_url"] + "/account/login")
    by_user = partner.done("POST", f"/users/{page}", {"Start": True} if page == "launch" else {}, account="")
    assert GUID.fullmatch(by_user["AccountId"])


# who may ask what


def test_a_token_of_one_account_reaches_no_other_and_no_launch(partner):
    partner.token_text = partner.ask_token(scope=f"account:{partner.account}").json()["access_token"]
    assert partner.done("GET", "/account/connectors") == []
    assert [each["Id"] for each in partner.done("GET", "/accounts", account="")] == [partner.account]
    for verb, path, account in (
        ("GET", "/account/connectors", "contoso-tea"),
        ("GET", "/accounts/contoso-tea", ""),
        ("POST", "/accounts", ""),
        ("POST", f"/accounts/{partner.account}/launch", ""),
        ("POST", "/accounts/contoso-tea/signintoken", ""),
    ):
        assert partner.call(verb, path, {} if verb == "POST" else None, account=account).status_code == 403


def test_an_account_level_call_names_its_account(partner):
    assert partner.call("GET", "/account/connectors", account="").status_code == 400
    assert refusal(partner.call("GET", "/account/connectors", account="nobody")) == (404, "Account not found.")
    partner.settings(cyclr_no_account_status=403)
    assert partner.call("GET", "/account/connectors", account="").status_code == 403


def test_what_is_not_there_or_not_possible_is_told_in_the_documented_form(partner):
    assert partner.call("GET", "/nothing").status_code == 404
    reply = partner.call("PATCH", "/accounts")
    assert refusal(reply) == (405, "The requested resource does not support http method 'PATCH'.")
    partner.token_text = "nonsense"
    assert partner.call("GET", "/accounts").status_code == 401
    assert "/v1.0" in partner.get(partner.cyclr["api_url"] + "/docs/index").text
