"""The API of the practice Cyclr: the library of connectors, and one that is installed in an account."""

from __future__ import annotations

import pytest
from support.partner_support import refusal

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
    sent = {"response_type", "client_id", "redirect_uri", "state"}
    assert set(asked) == sent | {"code_challenge", "code_challenge_method"}
    assert (asked["redirect_uri"], asked["code_challenge_method"]) == (partner.cyclr["callback_urls"][1], "S256")
    partner.settings(cyclr_sends_pkce=False, cyclr_scope_asked="api refresh_token")
    asked = partner.asked(number)
    assert (set(asked), asked["scope"]) == (sent | {"scope"}, "api refresh_token")


def test_deauthenticating_and_deleting_a_connector(partner):
    number = partner.connected()
    reply = partner.done("PUT", f"/account/connectors/{number}/deauthenticate", {})
    assert reply == {"Message": "Connector 'Salesforce' successfully de-authenticated."}
    assert not partner.is_authenticated(number)
    failed = partner.execute(number).json()
    assert failed["Message"] == "Failed to authenticate the connector"
    partner.done("DELETE", f"/account/connectors/{number}")
    assert partner.call("GET", f"/account/connectors/{number}").status_code == 404
