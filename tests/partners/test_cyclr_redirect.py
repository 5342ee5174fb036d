"""What Cyclr sends to Salesforce, read from its redirect: the cases it can be answered with, and where it may lead."""

from __future__ import annotations

import pytest
from support.errors import raises_problem
from support.scripted_host import Answer, ScriptedHost

from sfrunbook.core.http_session import open_session
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.partners.cyclr.redirect import Destination, read_redirect

PATH = "/connectorauth/updateaccountconnectoroauth"
AUTHORIZE = (
    "https://acme.my.salesforce.com/services/oauth2/authorize?response_type=code&client_id=3MVG9key"
    "&redirect_uri=https%3A%2F%2Fapp-h.cyclr.com%2Fconnector%2Fcallback&state=s"
)


def read(answer: Answer):
    with ScriptedHost({PATH: [answer]}) as host, open_session() as http:
        found = read_redirect(http, Secret(f"{host.origin}{PATH}?id=1&token=made-up"), host.origin)
        assert len(host.asked) == 1
        return found


def to(location: str, status: int = 302) -> Answer:
    return Answer(status, "", {"Location": location})


def test_the_request_to_salesforce_is_read_and_not_followed():
    found = read(to(AUTHORIZE + "&scope=full+refresh_token&code_challenge=abc"))
    assert (found.destination, found.login_url, found.client_id, found.redirect_uri) == (
        Destination.SALESFORCE,
        "https://acme.my.salesforce.com",
        "3MVG9key",
        "https://app-h.cyclr.com/connector/callback",
    )
    assert (found.scopes, found.sends_challenge) == (("full", "refresh_token"), True)


def test_a_request_without_scope_and_challenge_says_so():
    found = read(to(AUTHORIZE))
    assert (found.scopes, found.sends_challenge) == ((), False)


@pytest.mark.parametrize(
    "answer",
    [
        to("/account/login?returnUrl=x"),
        Answer(200, '<form><input type="password"></form>', {"Content-Type": "text/html"}),
    ],
)
def test_a_used_or_old_link_leads_to_cyclrs_own_login(answer):
    assert read(answer).destination is Destination.CYCLR_LOGIN


@pytest.mark.parametrize(
    "answer",
    [
        to("https://my.cyclr.com/somewhere"),
        to("/launch"),
        Answer(200, "<script>location='x'</script>", {"Content-Type": "text/html"}),
        Answer(500, "oops"),
    ],
)
def test_whatever_else_comes_is_unreadable_and_no_verdict(answer):
    assert read(answer).destination is Destination.UNREADABLE


def test_a_request_to_a_host_that_is_not_salesforces_is_refused():
    with raises_problem("cyclr-link-leads-elsewhere"):
        read(to("https://salesforce.evil.example/services/oauth2/authorize?client_id=x"))


def test_a_link_of_another_host_than_the_service_domain_is_not_opened():
    with open_session() as http, raises_problem("cyclr-link-leads-elsewhere"):
        read_redirect(http, Secret("https://evil.example/x?token=t"), "https://app-h.cyclr.com")
