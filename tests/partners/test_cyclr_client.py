"""The client of Cyclr's API against documented replies, and against hosts that misbehave."""

from __future__ import annotations

import json

import pytest
from support.cyclr_support import CLIENT_ID, answer, create_account, script, side
from support.scripted_host import DROP, HANG, Answer

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.partners.cyclr.client import sign_in_link
from sfrunbook.partners.cyclr.regions import places_of, region_of
from sfrunbook.partners.cyclr.response import judge_response

LIST = "d9a7ec8f-9853-50f7-885f-501493e87387"
CYCLE = "c1c1c1c1-0000-0000-0000-000000000001"


def refused(call, *args, **more):
    with pytest.raises(RunbookError) as caught:
        call(*args, **more)
    return diagnosis_of(caught.value)


# --- tokens ---------------------------------------------------------------------------------------------------------


def test_a_token_is_asked_for_once_with_a_form_and_used_until_it_is_near_its_end():
    with side(script("accounts")) as it:
        it.cyclr.accounts()
        it.cyclr.accounts()
        it.clock.advance(days=13, hours=23, minutes=54)
        it.cyclr.accounts()
        assert it.paths().count("POST /oauth/token") == 1
        it.clock.advance(minutes=2)
        it.cyclr.accounts()
        assert it.paths().count("POST /oauth/token") == 2
        form = it.host.asked[0].form
        assert form == {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": "made-up-secret-of-the-api",
        }
        assert it.host.asked[1].headers["Authorization"] == "Bearer made-up-token-of-the-api"


def test_a_call_that_is_refused_with_401_is_made_once_more_with_a_new_token():
    answers = script("token-ended")
    answers["/v1.0/accounts"].append(answer("accounts"))
    with side(answers) as it:
        assert [one.id for one in it.cyclr.accounts()] == [
            "contoso-tea",
            "09551b32-af43-48bd-a54c-7a253d50ea06",
        ]
        assert it.paths() == ["POST /oauth/token", "GET /v1.0/accounts"] * 2


def test_a_token_that_stays_refused_is_told_after_one_more_try():
    with side(script("token-ended")) as it:
        assert refused(it.cyclr.accounts).code == "cyclr-token-refused"
        assert it.paths().count("GET /v1.0/accounts") == 2


def test_refused_credentials_are_told_and_sent_once():
    with side({"/oauth/token": [answer("token-refused")]}) as it:
        assert refused(it.cyclr.accounts).code == "cyclr-credentials-refused"
        assert it.paths() == ["POST /oauth/token"]


def test_a_token_without_a_life_is_taken_to_live_for_fourteen_days():
    bare = Answer(200, json.dumps({"access_token": "t"}), {"Content-Type": "application/json"})
    with side({**script("accounts"), "/oauth/token": [bare]}) as it:
        it.api.token()
        it.clock.advance(days=13)
        it.api.token()
        assert it.paths() == ["POST /oauth/token"]


def test_no_text_of_the_client_shows_a_secret():
    with side(script("sign-in")) as it:
        signed = it.cyclr.sign_in("contoso-tea", "sfrunbook")
        link = sign_in_link("https://app-h.cyclr.com", "3301", signed, "https://my.cyclr.com")
        shown = f"{it.api!r} {vars(it.api)!r} {it.cyclr!r} {signed!r} {link!r}"
        assert "made-up-token-of-the-api" not in shown
        assert "made-up-sign-in-token" not in shown
        assert "made-up-secret-of-the-api" not in shown


# --- documented replies ---------------------------------------------------------------------------------------------


def test_accounts_and_one_account():
    with side(script("account")) as it:
        assert it.cyclr.account("contoso-tea").name == "Contoso Tea"


def test_an_account_that_is_not_there():
    with side(script("account-unknown")) as it:
        assert refused(it.cyclr.account, "nobody").code == "cyclr-account-not-found"


def test_an_account_whose_id_is_taken():
    with side(script("account-taken")) as it:
        assert refused(create_account, it.cyclr, "contoso-tea", "Contoso Tea").code == "cyclr-name-taken"


def test_the_library_with_its_properties_asks_for_the_account_in_the_header():
    with side(script("library")) as it:
        (found,) = it.cyclr.search("contoso-tea", "Salesforce")
        assert (found.connector_id, found.name, found.status) == ("412", "Salesforce", "Approved")
        assert found.requires("isSandbox")
        assert not found.requires("ClientId")
        asked = it.host.asked[-1]
        assert asked.headers["X-Cyclr-Account"] == "contoso-tea"
        assert asked.query == {"query": "Salesforce", "includeCustomConnectors": "true", "page": "1", "pageSize": "100"}


def test_methods_that_only_read_are_told_from_those_that_write():
    with side(script("methods")) as it:
        found = it.cyclr.methods("contoso-tea", "412")
        assert [(one.name, one.only_reads) for one in found] == [("Create Account", False), ("List Accounts", True)]


def test_installing_sends_a_body_with_the_properties():
    with side(script("install")) as it:
        made = it.cyclr.install(
            "contoso-tea", "412", name="Salesforce", properties={"isSandbox": "false", "ClientSecret": Secret("s3")}
        )
        assert (made.number, made.authenticated, made.connector) == ("3301", False, "Salesforce")
        assert json.loads(it.host.asked[-1].body)["Properties"] == [
            {"Name": "isSandbox", "Value": "false"},
            {"Name": "ClientSecret", "Value": "s3"},
        ]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("install-property", "cyclr-connector-property-refused"),
        ("install-property-level", "cyclr-connector-property-refused"),
        ("install-draft", "cyclr-connector-is-draft"),
        ("server-error", "cyclr-unavailable"),
    ],
)
def test_a_refused_installation_has_its_row(name, row):
    with side(script(name)) as it:
        assert refused(it.cyclr.install, "contoso-tea", "412", name="Salesforce").code == row
        assert it.paths().count("POST /v1.0/connectors/412/install") == 1


def test_an_installed_connector_and_what_may_be_known_of_its_properties():
    with side(script("installed", "properties")) as it:
        (one,) = it.cyclr.installed("contoso-tea")
        assert one.authenticated
        assert one.property("isSandbox").value == "false"
        secret = one.property("ClientSecret")
        assert (secret.value, secret.is_set) == ("", True)
        assert it.cyclr.properties("contoso-tea", "3301") == one.properties


def test_a_property_is_added_or_changed():
    answers = script("properties", "property-changed")
    answers["/v1.0/account/connectors/3301/properties"].append(answer("property-added"))
    with side(answers) as it:
        it.cyclr.set_property("contoso-tea", "3301", "isSandbox", "true")
        assert it.paths()[-1] == "PUT /v1.0/account/connectors/3301/properties/1"


def test_a_method_returns_rows():
    with side(script("execute")) as it:
        seen = judge_response(it.cyclr.execute("contoso-tea", "3301", LIST))
        assert (seen.rows, seen.total_size, seen.ids, seen.is_proof) == (2, 2, 2, True)


@pytest.mark.parametrize(
    ("name", "row"),
    [("execute-blocked", "cyclr-address-not-allowed"), ("execute-failed", "cyclr-connector-not-authenticated")],
)
def test_a_method_that_is_refused_has_its_row_and_is_not_repeated(name, row):
    with side(script(name)) as it:
        told = refused(it.cyclr.execute, "contoso-tea", "3301", LIST)
        assert told.code == row
        assert len(it.paths()) == 2


def test_a_refused_method_keeps_what_salesforce_said():
    with side(script("execute-failed")) as it:
        told = refused(it.cyclr.execute, "contoso-tea", "3301", LIST)
        assert "expired access/refresh token" in told.failure.evidence["detail"]


def test_a_sign_in_link_names_the_connector_and_the_way_back():
    with side(script("sign-in")) as it:
        signed = it.cyclr.sign_in("contoso-tea", "sfrunbook")
        assert sign_in_link("https://app-h.cyclr.com", "3301", signed, "https://my.cyclr.com").reveal() == (
            "https://app-h.cyclr.com/connectorauth/updateaccountconnectoroauth"
            "?id=3301&token=made-up-sign-in-token&targetOrigin=https%3A%2F%2Fmy.cyclr.com"
        )


def test_the_service_domain_is_the_host_of_a_launch_link_of_an_account_that_is_there():
    with side(script("account", "launch")) as it:
        assert it.cyclr.service_domain("contoso-tea") == "acme-h.eu.cyclr.com"


def test_no_launch_link_is_asked_for_an_account_that_is_not_there():
    with side(script("account-unknown")) as it:
        assert refused(it.cyclr.service_domain, "nobody").code == "cyclr-account-not-found"
        assert not any("launch" in path for path in it.paths())


def test_cycles_from_template_to_incident():
    names = ("templates", "template-install", "cycles", "activate", "transactions", "incidents")
    with side(script(*names)) as it:
        (template,) = it.cyclr.templates()
        cycle = it.cyclr.install_template("contoso-tea", template.id)
        it.cyclr.run_once("contoso-tea", cycle.id)
        assert json.loads(it.host.asked[-1].body) == {"StartTime": None, "Interval": 60, "RunOnce": True}
        (run,) = it.cyclr.transactions("contoso-tea", cycle.id)
        assert (run.is_over, run.is_good) == (True, True)
        (fault,) = it.cyclr.incidents("contoso-tea", cycle.id)
        assert fault.message == "Failed to authenticate the connector"
        assert "expired access/refresh token" in fault.detail
        assert it.cyclr.cycles("contoso-tea") == (cycle,)


def test_a_cycle_that_runs_is_not_started_again():
    with side(script("activate-running")) as it:
        assert refused(it.cyclr.run_once, "contoso-tea", CYCLE).code == "cyclr-cycle-is-running"


@pytest.mark.parametrize(
    ("name", "row"), [("restricted", "cyclr-not-permitted"), ("no-account", "cyclr-request-refused")]
)
def test_a_token_or_a_header_that_does_not_fit_the_call(name, row):
    calls = {
        "restricted": lambda it: it.cyclr.service_domain("contoso-tea"),
        "no-account": lambda it: it.cyclr.search("", "Salesforce"),
    }
    with side(script("account", name)) as it:
        assert refused(calls[name], it).code == row


def test_a_list_goes_on_until_a_page_is_not_full():
    rows = [{"Id": f"a{number}", "Name": "x"} for number in range(100)]
    pages = [Answer(200, json.dumps(rows)), Answer(200, json.dumps([{"Id": "last", "Name": "x"}]))]
    with side({**script(), "/v1.0/accounts": pages}) as it:
        assert len(it.cyclr.accounts()) == 101
        assert [one.query["page"] for one in it.host.asked[1:]] == ["1", "2"]


def test_a_host_that_gives_the_same_page_for_ever_is_asked_twice():
    rows = [{"Id": f"a{number}", "Name": "x"} for number in range(100)]
    with side({**script(), "/v1.0/accounts": [Answer(200, json.dumps(rows))]}) as it:
        assert len(it.cyclr.accounts()) == 100
        assert len(it.host.asked) == 3


def test_what_goes_into_a_path_cannot_leave_it():
    with side(script()) as it:
        refused(it.cyclr.account, "../connectors?x=1")
        assert it.host.asked[-1].path == "/v1.0/accounts/..%2Fconnectors%3Fx%3D1"


# --- hosts that misbehave -------------------------------------------------------------------------------------------


def test_429_with_retry_after_is_waited_for_once():
    answers = script("too-many")
    answers["/v1.0/accounts/contoso-tea/signintoken"].append(answer("sign-in"))
    with side(answers) as it:
        assert it.cyclr.sign_in("contoso-tea", "sfrunbook")
        assert it.slept == [3.0]


def test_429_for_too_long_is_told_with_the_time():
    slow = Answer(429, "{}", {"Content-Type": "application/json", "Retry-After": "600"})
    with side({**script(), "/v1.0/accounts/contoso-tea/signintoken": [slow]}) as it:
        told = refused(it.cyclr.sign_in, "contoso-tea", "sfrunbook")
        assert (told.code, told.infrastructure) == ("cyclr-too-many-requests", True)
        assert "how long to wait (Retry-After): 600." in told.why
        assert it.slept == []


def test_429_on_a_list_is_repeated_by_the_transport_and_then_told():
    busy = Answer(429, "{}", {"Content-Type": "application/json"})
    with side({**script(), "/v1.0/accounts": [busy]}) as it:
        assert refused(it.cyclr.accounts).code == "cyclr-too-many-requests"
        assert it.paths().count("GET /v1.0/accounts") == 3


@pytest.mark.parametrize(
    ("reply", "row"),
    [
        (Answer(200, "<html><title>Sign in</title></html>", {"Content-Type": "text/html"}), "cyclr-answer-not-json"),
        (Answer(502, "<html>Bad gateway</html>", {"Content-Type": "text/html"}), "cyclr-answer-not-json"),
        (Answer(200, '[{"Id": "a", "Na', {"Content-Type": "application/json"}), "cyclr-answer-not-json"),
        (Answer(302, "", {"Location": "https://my.cyclr.com/"}), "cyclr-answer-not-json"),
        (Answer(200, "[", {"Content-Length": "500"}), "connection-lost"),
        (Answer(200, "7", {"Content-Type": "application/json"}), "cyclr-answer-unreadable"),
        (Answer(503, '{"Message": "Unavailable"}', {"Content-Type": "application/json"}), "cyclr-unavailable"),
    ],
)
def test_a_reply_that_is_none_is_an_outage_and_never_a_verdict(reply, row):
    with side({**script(), "/v1.0/accounts": [reply]}) as it:
        told = refused(it.cyclr.accounts)
        assert (told.code, told.infrastructure) == (row, True)


@pytest.mark.parametrize(("reply", "row"), [(HANG, "timeout"), (DROP, "connection-lost")])
def test_a_slow_or_broken_host_is_told_and_a_post_is_sent_once(reply, row):
    with side({**script(), "/v1.0/accounts/contoso-tea/signintoken": [reply]}, seconds=0.3) as it:
        assert refused(it.cyclr.sign_in, "contoso-tea", "sfrunbook").code == row
        assert it.paths().count("POST /v1.0/accounts/contoso-tea/signintoken") == 1


# --- regions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("my.cyclr.com", "us"),
        ("api.us2.cyclr.com", "us2"),
        ("my.cyclr.uk", "uk"),
        ("acme-h.cyclr.uk", "uk"),
        ("acme-h.eu.cyclr.com", "eu"),
        ("app-h.cyclr.com", "us"),
        ("EU.CYCLR.COM", "eu"),
        ("apac.cyclr.com", "apac"),
        ("integration.acme.example", None),
    ],
)
def test_a_host_tells_its_region(host, region):
    found = region_of(host)
    assert (found.name if found else None) == region


def test_the_api_host_follows_from_the_console_host():
    places = places_of({"console_host": "eu.cyclr.com", "service_domain": "acme-h.eu.cyclr.com"})
    assert (places.console_url, places.service_url, places.api_url) == (
        "https://eu.cyclr.com",
        "https://acme-h.eu.cyclr.com",
        "https://api.eu.cyclr.com",
    )


def test_a_private_instance_names_its_api_host():
    given = {"console_host": "cyclr.acme.example", "service_domain": "x.acme.example", "api_host": "api.acme.example"}
    assert places_of(given).api_url == "https://api.acme.example"
    assert refused(places_of, {**given, "api_host": ""}).code == "cyclr-region-unknown"
