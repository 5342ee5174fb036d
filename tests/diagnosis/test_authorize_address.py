"""An address that starts a login is read, compared with the connection, and shows no secret."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from support.each import for_each

from sfrunbook import partners
from sfrunbook.core.model import Connection, Verdict
from sfrunbook.diagnosis.pasted.diagnose_text import diagnose_text, judge_as_written
from sfrunbook.report.data import diagnosis_data
from sfrunbook.report.text import diagnosis_text

KEY, OTHER = "3MVG9" + "k" * 76 + "abcd", "3MVG9" + "k" * 76 + "efgh"
FIELDS = {
    "response_type": "code",
    "client_id": KEY,
    "redirect_uri": "https://app-h.cyclr.com/connector/callback",
    "scope": "full refresh_token",
    "state": "PlantedState0123456789",
    "code_challenge": "PlantedChallenge0123456789abcdefghijklmnopqr",
}
ACME = Connection(
    name="acme",
    login_url="https://acme.my.salesforce.com",
    client_id=KEY,
    variables={"service_domain": "app-h.cyclr.com"},
)
CYCLR = partners.load("cyclr")


def address(host: str = "acme.my.salesforce.com", **changes: str) -> str:
    fields = {name: value for name, value in {**FIELDS, **changes}.items() if value}
    return f"https://{host}/services/oauth2/authorize?{urlencode(fields)}"


def explained(text, connection=None):
    profile = CYCLR if connection else None
    return judge_as_written(diagnose_text(text, connection), text, connection, profile)


@pytest.mark.parametrize("around", ["{}", "our customer opens {} and it doesn't work", "“{}”", "curl -v '{}'"])
def test_the_parts_of_an_address_are_named_and_its_secrets_are_not(around):
    found = explained(around.format(address(client_secret="PlantedSecret0123456789")))
    assert found.code == "authorize-address"
    assert found.what == "This address starts a login at acme.my.salesforce.com."
    assert found.why == (
        "It sends Consumer Key 3MVG9kkkk…abcd, Callback URL https://app-h.cyclr.com/connector/callback, the scopes"
        " full, refresh_token, and a code challenge. Each must fit the app in Salesforce."
    )
    assert found.causes[0].code == "nothing-differs"
    assert "Compare its host with Current My Domain URL" in found.causes[0].tell
    shown = diagnosis_text(found) + str(diagnosis_data(found))
    assert "Planted" not in shown and KEY not in shown


def test_what_an_address_leaves_out_is_named():
    found = explained(address(client_id="", redirect_uri="", scope="", code_challenge=""))
    assert found.why.startswith(
        "It sends no Consumer Key, no Callback URL, no scope, so it gets all of the app's, and no code challenge."
    )


@for_each(
    ("changes", "cause", "because"),
    [
        (
            {"host": "b.my.salesforce.com"},
            "host-differs",
            "The address has a different host (b.my.salesforce.com, and the connection's is acme.my.salesforce.com).",
        ),
        (
            {"host": "test.salesforce.com"},
            "host-differs",
            "The address has a different host (test.salesforce.com, and the connection's is acme.my.salesforce.com).",
        ),
        (
            {"client_id": OTHER},
            "key-differs",
            "The address has a different Consumer Key (3MVG9kkkk…efgh, and the connection's is 3MVG9kkkk…abcd).",
        ),
        (
            {"redirect_uri": "https://app-h.cyclr.com/connector/callback/"},
            "callback-differs",
            (
                "The address has a different Callback URL (https://app-h.cyclr.com/connector/callback/, and the"
                " connection has https://my.cyclr.com/connector/callback, https://app-h.cyclr.com/connector/callback,"
                " http://localhost:17171/callback)."
            ),
        ),
        (
            {"scope": "full"},
            "scope-lacks",
            "The address doesn't ask for a scope that the partner needs (refresh_token).",
        ),
    ],
)
def test_with_a_connection_the_part_that_differs_comes_first_with_both_values(changes, cause, because):
    first, *others = explained(f"it fails: {address(**changes)}", ACME).ranked
    assert (first.cause.code, first.verdict, first.because) == (cause, Verdict.CONFIRMED, because)
    assert [one.cause.code for one in others if one.verdict is Verdict.CONFIRMED] == []


@for_each(
    ("host", "login_url"),
    [
        ("login.salesforce.com", "https://acme.my.salesforce.com"),
        ("acme.my.salesforce.com", "https://login.salesforce.com"),
        ("test.salesforce.com", "https://acme--uat.sandbox.my.salesforce.com"),
    ],
)
def test_an_address_in_which_nothing_differs_says_so_and_a_shared_host_serves_the_orgs_of_its_kind(host, login_url):
    found = explained(address(host), replace(ACME, login_url=login_url))
    assert (found.ranked[0].cause.code, found.ranked[0].verdict) == ("nothing-differs", Verdict.CONFIRMED)


def test_an_error_beside_the_address_is_explained_and_not_the_address():
    assert explained(f"{address()} shows redirect_uri_mismatch", ACME).code == "callback-not-registered"


def test_of_a_connection_whose_profile_is_lost_host_and_key_are_compared():
    found = judge_as_written(diagnose_text(address(client_id=OTHER), ACME), address(client_id=OTHER), ACME)
    assert found.ranked[0].cause.code == "key-differs"
    assert found.ranked[0].verdict is Verdict.CONFIRMED
