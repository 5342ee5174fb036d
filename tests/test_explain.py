"""Whatever a person pastes about an error leads to its row, and nothing secret is kept of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfrunbook.diagnose import diagnose
from sfrunbook.explain import explain_text
from sfrunbook.model import Failure, Stage

PAGE = "https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("invalid_client_id", "client-id-not-known"),
        (" INVALID_CLIENT_ID ", "client-id-not-known"),
        ("redirect_uri_mismatch", "callback-not-registered"),
        ("invalid_grant", "invalid-grant-unexplained"),
        ("invalid_grant: expired access/refresh token", "refresh-token-refused"),
        ("invalid_grant - expired authorization code", "authorization-code-expired"),
        ("expired access/refresh token", "refresh-token-refused"),
        ("ip restricted", "ip-or-hours-restricted"),
        ("OAUTH_APPROVAL_ERROR_GENERIC", "approval-error-page"),
        (
            "OAUTH_AUTHORIZATION_BLOCKED : Cross-org OAuth flows are not supported for this external client app",
            "cross-org-not-supported",
        ),
        ('{"error":"invalid_client","error_description":"invalid client credentials"}', "client-secret-refused"),
        ('HTTP 400 {"error_description":"invalid code verifier","error":"invalid_grant"}', "code-verifier-refused"),
        ('[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]', "session-expired"),
        ('{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}', "daily-limit-reached"),
        ("error=invalid_request&error_description=missing%20required%20code%20challenge", "pkce-required"),
        (f"{PAGE}?error=invalid_client&error_description=app+must+be+installed+into+org", "app-not-installed"),
        ("http://localhost:1717/callback?error=access_denied&error_description=end-user+denied", "login-denied"),
        ("http://localhost:1717/callback#error=access_denied", "login-denied"),
        ("myapp:/callback?error=access_denied&state=x", "login-denied"),
        ("http://localhost:1717/callback", "callback-without-code"),
        ("http://localhost:1717/callback?code=aPrxAbc&state=x", "address-holds-a-code"),
        ("zero-rows", "zero-rows"),
        ("Failed to resolve 'acme.my.salesforce.com'", "dns-failure"),
        ("SSL: CERTIFICATE_VERIFY_FAILED", "tls-failure"),
        ("", "nothing-pasted"),
        ("it does not work", "unrecognised-error"),
        ("NEVER_SEEN_BEFORE: nobody knows", "unrecognised-error"),
        ("invalid_grant: a reason that nobody has written down", "unrecognised-error"),
    ],
)
def test_a_pasted_text_leads_to_its_row(text, row):
    assert diagnose(explain_text(text)).code == row


def test_of_a_pasted_address_only_host_path_and_error_are_kept():
    text = f"{PAGE}?error=invalid_client&error_description=app+must+be+installed+into+org&code=aPrxSecretCode&state=x"
    assert explain_text(text) == Failure(
        stage=Stage.AUTHORIZE,
        host="acme.my.salesforce.com",
        error="invalid_client",
        description="app must be installed into org",
        evidence={"address": PAGE},
    )


def test_a_code_in_a_pasted_address_is_not_kept():
    failure = explain_text("http://user:pass@localhost:1717/callback?code=aPrxSecretCode%3D%3D&state=abc")
    assert failure == Failure(
        stage=Stage.AUTHORIZE, error="address-holds-a-code", evidence={"address": "http://localhost:1717/callback"}
    )


def test_an_unknown_text_is_kept_as_the_description():
    assert explain_text("it does not work") == Failure(stage=Stage.TOKEN, description="it does not work")


def test_a_long_text_is_cut():
    assert len(explain_text("word " * 100_000).description) <= 20_000


@given(st.text(max_size=200))
def test_any_text_gives_a_failure_that_can_be_diagnosed(text):
    assert diagnose(explain_text(text)).causes


@given(
    st.sampled_from(
        ["{}", "x {}", '{{"error":"e","access_token":"{}"}}', "https://a.b/c?code={}&error=e", "a:/{}?x", "e: {}"]
    )
)
def test_a_token_in_a_pasted_text_is_not_kept(form):
    token = "00D000000000001!AQEAQ" + "PlantedAccessTokenOfTheTest0123456789abcdefABCDEF." * 2
    failure = explain_text(form.format(token))
    assert token not in repr(failure)
