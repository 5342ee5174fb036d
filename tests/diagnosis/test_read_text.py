"""Which of several errors counts, who wrote a text, and what stands beside the error."""

from pathlib import Path

import pytest
import tomli
from support.each import for_each

from sfrunbook.core.model import Verdict
from sfrunbook.diagnosis.catalogue import UNRECOGNISED
from sfrunbook.diagnosis.facts import facts
from sfrunbook.diagnosis.pasted import written_facts as module
from sfrunbook.diagnosis.pasted.diagnose_text import diagnose_text, judge_as_written
from sfrunbook.diagnosis.pasted.speaker import speaker_of
from sfrunbook.diagnosis.pasted.written_facts import written_facts

KEY = '{"error":"invalid_client_id","error_description":"client identifier invalid"}'
ADDRESS = '{"error":"invalid_grant","error_description":"ip restricted"}'
REFUSED = "invalid_grant: expired access/refresh token"


def code_of(text):
    return diagnose_text(text).code


def first_cause(text):
    return judge_as_written(diagnose_text(text), text).causes[0].code


@for_each(
    ("text", "row"),
    [
        (f"2026-05-01 03:30 {KEY}\n2026-05-01 04:10 token ok\n2026-05-02 03:30 {ADDRESS}", "ip-or-hours-restricted"),
        (f"2026-05-01 03:30 {KEY}\n2026-05-02 03:30 {ADDRESS}\n2026-05-02 03:40 token ok", "client-id-not-known"),
        (f"2026-05-01 03:30 {KEY}\n2026-05-01 03:31 token ok", "client-id-not-known"),
        ("Tries:\nip restricted\nip restricted\ninactive user", "ip-or-hours-restricted"),
        (
            'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: AcmeTrigger: odd {"errorCode":"INVALID_SESSION_ID"}',
            "trigger-or-flow-failed",
        ),
        ("expired access/refresh token (invalid_grant)", "refresh-token-refused"),
        ("Acme: expired access/refresh token OR invalid_grant", "refresh-token-refused"),
        (
            "<e:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID</faultstring></e:Fault>",
            "session-expired",
        ),
        (
            "https://acme.my.salesforce.com/identity/sso/ui/AuthorizationError?ErrorCode=No_Oauth_State&ErrorDescription=x",
            "auth-provider-failed",
        ),
        ("Verify Your Identity\nWe have to verify your identity.", "identity-verification-waits"),
        ("AxiosError: Request failed with status code 400, data: [Object]", "reply-not-shown"),
    ],
)
def test_the_error_that_counts_is_explained(text, row):
    assert code_of(text) == row


def test_the_other_errors_of_a_log_are_named():
    found = diagnose_text(f"2026-05-01 03:30 {KEY}\n2026-05-02 03:30 {ADDRESS}")
    assert found.failure.evidence["others"] == "invalid_client_id: client identifier invalid"


@for_each(
    ("text", "name"),
    [
        ("AADSTS7000215: Invalid client secret provided.", "Microsoft Entra ID"),
        ("operation error AppFlow: CreateConnectorProfile, ValidationException: odd", "Amazon Web Services"),
        ("Traceback (most recent call last):\nKeyError: 'x'", "a program in Python"),
        ("<html><center>nginx</center></html>", "a gateway in front of the server"),
    ],
)
def test_a_text_that_is_not_salesforces_says_so_and_who_wrote_it(text, name):
    assert speaker_of(text).name == name
    found = diagnose_text(f"{text} strange")
    if found.code == UNRECOGNISED:
        assert found.what == f"This text doesn't come from Salesforce. It looks like {name}."
        assert "Login History" not in found.causes[0].remedies[0].where


def test_an_unknown_status_of_login_history_does_not_send_to_login_history():
    found = diagnose_text("Failed: Something that no one has seen")
    assert found.what == "Login History shows a status that this runbook doesn't recognize."
    assert "Login History" not in found.causes[0].remedies[0].where


def test_an_oauth_code_of_another_service_is_not_read_as_salesforces():
    text = 'googleapis.com: {"error": "invalid_grant", "error_description": "expired access/refresh token"}'
    found = diagnose_text(text)
    assert (found.code, "Google" in found.what) == (UNRECOGNISED, True)


def test_a_service_that_is_only_named_beside_salesforce_is_not_taken_for_the_author():
    assert code_of(f"Zoho Flow: Salesforce answered {REFUSED}") == "refresh-token-refused"
    assert code_of('{"service": "Zoho", "error": "invalid_grant"}') == UNRECOGNISED


@for_each(
    ("beside", "cause"),
    [
        ("Refresh Token Policy: Immediately expire refresh token", "fixed-lifetime"),
        ("Expire refresh token if not used for 7 days", "idle-limit"),
        ("Yesterday an admin reset the password of the user.", "user-state-changed"),
        ("We connected the same user in 6 environments.", "evicted-by-newer-approval"),
        ("It was issued to another connected app.", "token-of-another-app"),
        ("Enable Refresh Token Rotation is checked", "rotated-token-replayed"),
        ("It last worked 45 days ago.", "idle-limit"),
        ("", "rotated-token-replayed"),
    ],
)
def test_what_stands_beside_the_error_puts_its_cause_first(beside, cause):
    assert first_cause(f"{REFUSED}\n{beside}") == cause


def test_a_cause_that_the_text_favours_quotes_the_text_and_the_others_stay_possible():
    text = f"{REFUSED}. Refresh Token Policy: Expire refresh token after 24 hours"
    found = judge_as_written(diagnose_text(text), text)
    assert "you wrote: “Refresh Token Policy: Expire refresh token after 24 hours”" in found.ranked[0].because
    assert {cause.verdict for cause in found.ranked} == {Verdict.POSSIBLE}
    assert {cause.because for cause in found.ranked[1:]} == {""}


@pytest.mark.parametrize(
    "text", ["", "works", "the password is right", "an admin", "5 times", "rotation is not checked"]
)
def test_nothing_is_concluded_from_words_that_say_nothing_of_it(text):
    assert written_facts(text) == {}


def test_every_written_fact_is_a_fact_and_has_a_value_or_a_group_for_it():
    tables = tomli.loads(Path(module.__file__).with_name("written_facts.toml").read_text("utf-8"))["written"]
    for table in tables:
        assert table["fact"] in facts()
        assert ("value" in table) != ("(?P<value>" in table["pattern"]), table["fact"]
