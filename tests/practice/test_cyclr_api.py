"""The API of the practice Cyclr: documented shapes, documented refusals, and what nobody may send it to get a 500."""

from __future__ import annotations

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

BLOCKED = {"Message": "Unknown client IP Address: contact support to request access for this IP address"}
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def refusal(reply):
    return reply.status_code, reply.json()["Message"]


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


# the library


def test_the_library_is_searched_and_read_by_name_version_and_number(partner):
    found = partner.done("GET", "/connectors?query=salesforce")
    assert [each["Name"] for each in found] == ["Salesforce", "Salesforce Chatter", "Salesforce Service Cloud"]
    by_name = partner.done("GET", "/connectors/Salesforce")
    assert by_name == partner.done("GET", "/connectors/Salesforce/1.0") == [partner.done("GET", "/connectors/412")]
    assert (by_name[0]["Status"], by_name[0]["AuthType"]) == ("Approved", "OAuth2")
    for missing in ("/connectors/Nothing", "/connectors/Salesforce/9.9", "/connectors/1"):
        assert partner.call("GET", missing).status_code == 404
    names = [each["Name"] for each in partner.done("GET", "/connectors?includeCustomConnectors=true&category=ERP")]
    assert names == ["Northwind ERP"]


def test_is_sandbox_has_the_documented_form(partner):
    (connector,) = partner.done("GET", "/connectors/Salesforce")
    shown = next(each for each in connector["Parameters"] if each["TargetName"] == "isSandbox")
    assert shown == {
        "IsAccountConnectorProperty": True,
        "TargetType": "Script",
        "TargetName": "isSandbox",
        "IsSensitive": False,
        "Id": 412_001,
        "Name": "Is Sandbox?",
        "IsOptional": False,
        "DataType": "Text",
        "TriggerName": None,
        "Values": ["true", "false"],
    }


def test_blank_console_credentials_are_listed_as_properties_until_they_are_pasted(partner):
    def names():
        (connector,) = partner.done("GET", "/connectors/Salesforce")
        return [each["TargetName"] for each in connector["Parameters"] if each["TargetName"].startswith("Client")]

    assert names() == ["ClientId", "ClientSecret"]
    partner.paste("key", "")
    assert names() == ["ClientSecret"]
    partner.settings(cyclr_blank_credentials_listed=False)
    assert names() == []


def test_methods_have_a_stable_identifier_and_a_number(partner):
    by_name = partner.done("GET", "/connectors/Salesforce/methods")
    assert by_name == partner.done("GET", "/connectors/412/methods")
    assert by_name == partner.done("GET", "/connectors/Salesforce/1.0/methods")
    assert list(by_name[0]) == [
        "Id",
        "Name",
        "Description",
        "Category",
        "MethodType",
        "EndPoint",
        "MethodUniqueIdentifier",
        "Parameters",
        "Fields",
    ]
    assert partner.done("GET", f"/methods/{by_name[0]['Id']}") == by_name[0]
    assert [each["Name"] for each in partner.done("GET", "/connectors/412/methods?category=Accounts&query=list")] == [
        "List Accounts"
    ]


# installing


def test_an_install_answers_as_documented(partner):
    made = partner.done("POST", "/connectors/412/install", {"Name": "Ours", "Description": "x"})
    assert list(made) == ["Id", "Name", "Description", "AuthValue", "Authenticated", "Connector"]
    assert (made["Name"], made["Authenticated"], made["Connector"]["Name"]) == ("Ours", False, "Salesforce")
    listed = partner.done("GET", "/account/connectors")
    assert [each["Id"] for each in listed] == [made["Id"]]
    assert listed == [partner.done("GET", f"/account/connectors/{made['Id']}")]
    assert {"Authenticated", "IsPartnerIntegrationConnector", "Properties", "CustomFields"} <= set(listed[0])
    assert partner.done("GET", "/account/connectors", account="contoso-tea") == []
    assert partner.call("GET", f"/account/connectors/{made['Id']}", account="contoso-tea").status_code == 404


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nope", "There is not a connector property that matches name 'nope'."),
        ("apiVersion", "Connector property name 'apiVersion' is not an account connector property."),
    ],
)
def test_a_property_that_cannot_be_set_is_refused_and_nothing_is_installed(partner, name, message):
    sent = {"Properties": [{"Name": name, "Value": "x"}]}
    assert refusal(partner.call("POST", "/connectors/Salesforce/install", sent)) == (400, message)
    assert partner.done("GET", "/account/connectors") == []


def test_a_draft_is_not_installed_and_an_empty_body_is_the_known_500(partner):
    assert refusal(partner.call("POST", "/connectors/412/install")) == (500, "An error has occurred.")
    partner.settings(cyclr_empty_install_status=400)
    assert partner.call("POST", "/connectors/412/install").status_code == 400
    partner.world.control("POST", "/cyclr/library/412", {"release": "Draft"})
    draft = partner.call("POST", "/connectors/412/install", {})
    assert refusal(draft) == (400, "Connector 412 is a draft and cannot be installed.")


def test_an_authentication_id_must_be_one_of_the_connector_s(partner):
    (connector,) = partner.done("GET", "/connectors/Salesforce")
    own = connector["Authentication"][0]["Id"]
    assert partner.call("POST", "/connectors/412/install", {"AuthenticationId": own}).ok
    for wrong in ("x", "00000000-0000-4000-8000-000000000000"):
        assert partner.call("POST", "/connectors/412/install", {"AuthenticationId": wrong}).status_code == 400


def test_properties_are_read_set_changed_and_dropped(partner):
    number = partner.install()
    where = f"/account/connectors/{number}/properties"
    (held,) = partner.done("GET", where)
    assert held == {"Id": held["Id"], "AccountConnectorId": number, "Name": "isSandbox", "Value": "false"}
    changed = partner.done("PUT", f"{where}/{held['Id']}", {"Name": "isSandbox", "Value": "true", "Id": 0})
    assert changed == {**held, "Value": "true"} == partner.done("GET", f"{where}/{held['Id']}")
    made = partner.done("POST", where, {"Name": "ClientSecret", "Value": "s3cret", "Id": 0})
    assert made["Value"] == "********"
    partner.done("DELETE", f"{where}/{held['Id']}")
    assert [each["Name"] for each in partner.done("GET", where)] == ["ClientSecret"]
    assert partner.call("GET", f"{where}/1").status_code == 404


@pytest.mark.parametrize(("precedence", "wins"), [("account", "own"), ("console", "console")])
def test_the_account_s_client_id_wins_over_the_console_s_or_not(partner, precedence, wins):
    partner.settings(cyclr_credentials_precedence=precedence)
    partner.paste("console", "x")
    number = partner.install()
    partner.done("POST", f"/account/connectors/{number}/properties", {"Name": "ClientId", "Value": "own"})
    assert partner.asked(number)["client_id"] == wins


def test_a_change_in_the_console_counts_at_the_next_login_or_for_new_installs(partner):
    partner.paste("old", "x")
    number = partner.install()
    partner.paste("new", "x")
    assert partner.asked(number)["client_id"] == "new"
    partner.settings(cyclr_console_change_counts="new_installs")
    assert partner.asked(number)["client_id"] == "old"


def test_what_cyclr_asks_salesforce_for_is_what_the_settings_say(partner):
    partner.paste("key", "x")
    number = partner.install()
    asked = partner.asked(number)
    assert set(asked) == {"response_type", "client_id", "redirect_uri", "state"}
    assert asked["redirect_uri"] == partner.cyclr["callback_urls"][1]
    partner.settings(cyclr_sends_pkce=True, cyclr_scope_asked="api refresh_token")
    asked = partner.asked(number)
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "api refresh_token")


def test_deauthenticating_and_deleting_a_connector(partner):
    number = partner.connected()
    reply = partner.done("PUT", f"/account/connectors/{number}/deauthenticate", {})
    assert reply == {"Message": "Connector 'Salesforce' successfully de-authenticated."}
    assert not partner.is_authenticated(number)
    failed = partner.execute(number).json()
    assert failed["Message"] == "Failed to authenticate the connector"
    partner.done("DELETE", f"/account/connectors/{number}")
    assert partner.call("GET", f"/account/connectors/{number}").status_code == 404


# methods


def test_an_address_that_is_not_let_in_gets_the_documented_403_for_execute_and_test_only(partner):
    number = partner.connected()
    partner.settings(cyclr_allowed_ips=[])
    method = f"/account/connectors/{number}/methods/{partner.method()}"
    for verb, path in (("POST", method), ("GET", method), ("POST", method.replace("methods", "test"))):
        reply = partner.call(verb, path, {} if verb == "POST" else None)
        assert (reply.status_code, reply.json()) == (403, BLOCKED)
    claimed = {"X-Practice-Client-Ip": "203.0.113.9"}
    partner.settings(cyclr_allowed_ips=["203.0.113.0/24"])
    assert partner.call("POST", method, {}, headers=claimed).status_code == 200
    assert partner.execute(number).status_code == 403
    trigger = partner.done("GET", f"/account/connectors/{number}")["Connector"]["Triggers"][0]["Id"]
    names = partner.done("POST", f"/account/connectors/{number}/triggers/{trigger}", {})
    assert {"Value": "Account"} in names
    partner.settings(cyclr_ip_block_covers_triggers=True)
    reply = partner.call("POST", f"/account/connectors/{number}/triggers/{trigger}", {})
    assert (reply.status_code, reply.json()) == (403, BLOCKED)


@pytest.mark.parametrize("ranges", [["x"], ["10.0.0.0/99"], [""], "127.0.0.1"])
def test_ranges_that_cannot_be_read_are_not_set(partner, ranges):
    url = partner.world.ready["control_url"] + "/settings"
    assert partner.session.put(url, json={"cyclr_allowed_ips": ranges}, timeout=10).status_code == 400


def test_a_number_of_any_length_is_only_not_found(partner):
    for path in (f"/account/connectors/{'9' * 5_000}", f"/connectors/{'9' * 5_000}", f"/methods/{'9' * 5_000}"):
        assert partner.call("GET", path).status_code == 404


def test_a_test_shows_request_and_response_or_the_response_alone(partner):
    number = partner.connected()
    path = f"/account/connectors/{number}/test/{partner.method()}"
    shown = partner.done("POST", path, {})
    assert list(shown) == ["Request", "MethodResponse", "StatusCode", "Error"]
    assert shown["Request"]["Headers"] == {"Authorization": "Bearer [redacted]"}
    assert shown["MethodResponse"] == partner.execute(number).json()
    partner.settings(cyclr_test_shape="response")
    assert partner.done("POST", path, {}) == shown["MethodResponse"]


def test_parameters_go_by_their_ids_and_wrong_ones_are_refused(partner):
    number = partner.connected()
    methods = {each["Name"]: each for each in partner.done("GET", "/connectors/412/methods")}
    limit = str(methods["List Accounts"]["Parameters"][0]["Id"])
    assert len(partner.execute(number, body={"Parameters": {limit: "2"}}).json()["records"]) == 2
    assert len(partner.execute(number, body={"Parameters": {limit: 3}}).json()["records"]) == 3
    one = f"/account/connectors/{number}/methods/{methods['List Accounts']['Id']}"
    assert len(partner.done("GET", f"{one}?{limit}=4")["records"]) == 4
    for wrong in ({limit: "many"}, {limit: "0"}, {"1": "2"}, {limit: None}, {limit: []}, "x"):
        assert partner.execute(number, body={"Parameters": wrong}).status_code == 400
    assert partner.execute(number, "Run Query").status_code == 400
    soql = str(methods["Run Query"]["Parameters"][0]["Id"])
    counted = partner.execute(number, "Run Query", {"Parameters": {soql: "SELECT COUNT() FROM Account"}})
    assert counted.json()["totalSize"] == 120
    bad = partner.execute(number, "Run Query", {"Parameters": {soql: "SELECT Nope FROM Account"}})
    assert bad.status_code == 400
    assert bad.json()["Message"] == "Failed to call the method"
    assert "INVALID_FIELD" in bad.json()["Detail"]
    partner.settings(cyclr_method_error_detail=False, cyclr_method_error_status=502)
    bad = partner.execute(number, "Run Query", {"Parameters": {soql: "SELECT Nope FROM Account"}})
    assert (bad.status_code, bad.json()) == (502, {"Message": "Failed to call the method"})


def test_a_record_is_created_by_fields_and_by_a_body(partner):
    number = partner.connected()
    methods = {each["Name"]: each for each in partner.done("GET", "/connectors/412/methods")}
    name = str(methods["Create Account"]["Fields"][0]["Id"])
    assert partner.execute(number, "Create Account", {"Fields": {name: "By fields"}}).json()["success"] is True
    path = f"/account/connectors/{number}/methods/{partner.method('Create Account')}/body"
    assert partner.done("POST", path, {"Name": "By body"})["success"] is True
    assert partner.call("POST", path, [1]).status_code == 400


def test_an_unknown_method_is_404_and_a_malformed_identifier_400(partner):
    number = partner.install()
    for method, status in (
        ("00000000-0000-4000-8000-000000000000", 404),
        ("99", 404),
        ("d9a7ec8f-9853", 400),
        ("List%20Accounts", 400),
    ):
        assert partner.call("POST", f"/account/connectors/{number}/methods/{method}", {}).status_code == status
    assert partner.call("POST", f"/account/connectors/{number}/triggers/1", {}).status_code == 404


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


# cycles


def test_a_cycle_from_the_template_runs_once_and_shows_its_transaction(partner):
    number = partner.connected()
    (template,) = partner.done("GET", "/templates", account="")
    assert partner.done("GET", f"/templates/{template['Id']}", account="") == template
    cycle = partner.done("POST", f"/templates/{template['Id']}/install")
    (step,) = partner.done("GET", f"/cycles/{cycle['Id']}/steps")
    assert step["AccountConnector"] == {"Id": number, "Name": "Salesforce"}
    partner.settings(cyclr_allowed_ips=[])
    ran = partner.done("PUT", f"/cycles/{cycle['Id']}/activate", {"StartTime": None, "Interval": 5, "RunOnce": True})
    assert ran["Status"] == "Stopped"
    (transaction,) = partner.done("GET", f"/cycles/{cycle['Id']}/transactions")
    assert (transaction["Status"], transaction["RecordCount"]) == ("Completed", 120)
    assert partner.done("GET", "/cycles/transactions?status=completed") == [transaction]
    assert partner.done("GET", "/cycles/transactions?status=error") == []
    assert partner.done("GET", f"/cycles/{cycle['Id']}/transactions/{transaction['Id']}") == transaction
    assert partner.done("GET", f"/cycles/{cycle['Id']}/incidents") == []
    assert [each["Id"] for each in partner.done("GET", "/cycles?connectorName=salesforce")] == [cycle["Id"]]
    assert partner.done("GET", "/cycles?connectorName=hubspot") == []


def test_a_running_cycle_cannot_be_edited(partner):
    partner.connected()
    template = partner.cyclr["templates"][0]["id"]
    where = f"/cycles/{partner.done('POST', f'/templates/{template}/install')['Id']}"
    assert partner.done("PUT", f"{where}/activate", {"Interval": 60})["Status"] == "Running"
    assert partner.call("PUT", where, {"Name": "x"}).status_code == 409
    assert partner.call("PUT", f"{where}/activate", {}).status_code == 409
    assert partner.done("PUT", f"{where}/deactivate", {})["Status"] == "Stopped"
    assert partner.done("PUT", where, {"Name": "Renamed"})["Name"] == "Renamed"
    partner.done("DELETE", where)
    assert partner.call("GET", where).status_code == 404


def test_a_cycle_can_be_made_empty_and_does_not_run(partner):
    made = partner.call("POST", "/cycles", {"Name": "Mine"})
    assert made.status_code == 201
    assert partner.call("PUT", f"/cycles/{made.json()['Id']}/activate", {"RunOnce": True}).status_code == 400
    assert partner.call("POST", "/cycles", {}).status_code == 400


def test_a_step_without_a_connector_ends_in_an_incident(partner):
    template = partner.cyclr["templates"][0]["id"]
    cycle = partner.done("POST", f"/templates/{template}/install")["Id"]
    partner.done("PUT", f"/cycles/{cycle}/activate", {"RunOnce": True})
    (incident,) = partner.done("GET", f"/cycles/{cycle}/incidents")
    assert list(incident) == [
        "CycleId",
        "CycleName",
        "IncidentLevel",
        "ShortMessage",
        "FullMessage",
        "StepId",
        "StepName",
        "TransactionId",
        "Timestamp",
    ]
    assert incident["ShortMessage"] == "Failed to authenticate the connector"


# anything at all

_KNOWN = (
    "Id Name Value Properties Parameters Fields Description Username AccountId Timezone TransactionErrorWebhook "
    "RunOnce Interval AuthenticationId AuthValue 412010 412030 412050"
)
NAMES = st.sampled_from(_KNOWN.split()) | st.text(max_size=10)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
PATHS = [
    ("POST", "/accounts"),
    ("PUT", "/accounts/contoso-tea"),
    ("POST", "/accounts/{account}/signintoken"),
    ("POST", "/accounts/x/launch"),
    ("POST", "/users/orbit"),
    ("POST", "/connectors/412/install"),
    ("PUT", "/account/connectors/{number}"),
    ("POST", "/account/connectors/{number}/properties"),
    ("PUT", "/account/connectors/{number}/properties/{property}"),
    ("PUT", "/account/connectors/{number}/deauthenticate"),
    ("POST", "/account/connectors/{number}/methods/41201"),
    ("POST", "/account/connectors/{number}/methods/41203"),
    ("POST", "/account/connectors/{number}/methods/41205"),
    ("POST", "/account/connectors/{number}/methods/41205/body"),
    ("POST", "/account/connectors/{number}/test/41201"),
    ("POST", "/account/connectors/{number}/triggers/41291"),
    ("POST", "/templates/{template}/install"),
    ("POST", "/cycles"),
    ("PUT", "/cycles/{cycle}"),
    ("PUT", "/cycles/{cycle}/activate"),
]


@pytest.mark.parametrize(("verb", "path"), PATHS)
def test_no_body_gives_a_500(partner, verb, path):
    number = partner.install()
    names = {
        "account": partner.account,
        "number": number,
        "property": partner.done("GET", f"/account/connectors/{number}/properties")[0]["Id"],
        "template": partner.cyclr["templates"][0]["id"],
        "cycle": partner.done("POST", f"/templates/{partner.cyclr['templates'][0]['id']}/install")["Id"],
    }
    partner.settings(cyclr_empty_install_status=400)
    checks = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)

    @settings(max_examples=25, deadline=None, suppress_health_check=checks, derandomize=True)
    @given(body=JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=30))
    def send(body):
        reply = partner.call(verb, path.format(**names), data=body, headers={"Content-Type": "application/json"})
        assert reply.status_code < 500, reply.text
        assert reply.status_code < 400 or reply.json()["Message"]

    send()
