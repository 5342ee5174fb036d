"""Whatever a person pastes about an error leads to its row, and nothing secret is kept of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import for_each

from sfrunbook.core.model import Connection, Failure, Stage
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.diagnosis.pasted.read_text import explain_text

PAGE = "https://acme.my.salesforce.com/setup/secur/RemoteAccessErrorPage.apexp"


@for_each(
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
        (
            "https://platform.example/end?oauth_error=invalid_client&oauth_error_description=invalid+client+credentials",
            "client-secret-refused",
        ),
        (
            '{\\"error\\":\\"invalid_grant\\",\\"error_description\\":\\"no client credentials user enabled\\"}',
            "no-run-as-user",
        ),
        ("[{'errorCode': 'INVALID_FIELD', 'message': 'it is gone'}]", "field-not-found"),
        ("error=invalid_request&error_description=missing required code challenge", "pkce-required"),
        ("'This session is not valid for use with the REST API' (INVALID_SESSION_ID)", "session-not-valid-for-api"),
        ("HTTP/1.1 503", "salesforce-unavailable"),
        ("status code: 429", "rate-limited"),
        ("<html><head><title>Home</title></head><body>Hello</body></html>", "not-json"),
        ("<html><body><p>We are down for maintenance.</p></body></html>", "salesforce-unavailable"),
        ("<div>error: <b>redirect_uri_mismatch</b></div>", "callback-not-registered"),
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


@for_each(
    ("status", "row"),
    [
        ("Success", "history-success"),
        ("Failed: Invalid Nonce", "history-token-or-code-replayed"),
        ("Failed: Not approved for access", "history-not-approved"),
        ("Username-Password Flow Disabled", "history-password-flow-disabled"),
        ("Failed: Missing Consumer Key Parameter", "history-consumer-key-missing"),
        ("Failed: API security token required", "history-security-token-needed"),
        ("Failed: Computer activation required", "history-security-token-needed"),
        ("Invalid Password", "history-password-refused"),
        ("Password Lockout", "history-password-refused"),
        ("Restricted IP", "ip-or-hours-restricted"),
        ("No Salesforce.com Access During This Time", "ip-or-hours-restricted"),
        ("User is Inactive", "user-inactive"),
        ("User Is Frozen", "user-inactive"),
        ("Login Rate Exceeded", "login-rate-exceeded"),
        ("Failed: Something that nobody has seen", "unrecognised-error"),
    ],
)
@for_each(
    "form",
    [
        "{}",
        "Status: {}",
        "11/23/2026 8:30:00 AM PST\tRemote Access 2.0\t{}\tAcme Sync\t203.0.113.7",
        '"Username","Login Time","Login Type","Status"\n"ann@acme.example","11/23/2026","Remote Access 2.0","{}"',
        '{{"records": [{{"LoginType": "Remote Access 2.0", "Status": "{}"}}]}}',
    ],
    ids=["status", "labelled", "line", "export", "query"],
)
def test_a_status_of_login_history_leads_to_its_row(status, row, form):
    failure = explain_text(form.format(status))
    assert (failure.error, failure.description) == ("login history", status)
    assert diagnose(failure).code == row


@pytest.mark.parametrize("text", ["It was a success.", "Success: 5 rows", "sync ok, then Success, then nothing"])
def test_the_word_success_in_a_sentence_is_no_status_of_login_history(text):
    assert diagnose(explain_text(text)).code == "unrecognised-error"


def test_success_is_said_to_prove_nothing():
    found = diagnose(explain_text("Success"))
    assert found.what == "Login History says Success, but the connection may still fail."


def test_a_connection_gives_host_and_name_where_the_text_has_none():
    connection = Connection(name="acme", login_url="https://acme.my.salesforce.com", client_id="3MVG9")
    assert explain_text("no such thing", connection) == Failure(
        stage=Stage.TOKEN,
        host="acme.my.salesforce.com",
        description="no such thing",
        evidence={"connection": "acme"},
    )
    elsewhere = replace(connection, login_url="https://b.example")
    assert explain_text(f"{PAGE}?error=invalid_client", elsewhere).host == "acme.my.salesforce.com"


def test_a_code_in_the_middle_of_a_text_is_not_kept():
    code = "aPrx" + "SecretCodeOfTheTest0123456789abcdefghijklmnopqrstuvwxyz" + "=="
    for text in (
        f"I came to http://localhost:1717/callback?code={code}&state=x and saw nothing",
        f"http://localhost:1717/callback?code={code}&error=invalid_grant",
        f"<html><body><a href='http://localhost:1717/callback?code={code}'>here</a> code={code}</body></html>",
    ):
        assert code not in repr(explain_text(text)), text


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


def test_the_end_of_a_long_log_is_read():
    text = "all is well\n" * 10_000 + "invalid_grant: expired access/refresh token"
    assert diagnose(explain_text(text)).code == "refresh-token-refused"


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
