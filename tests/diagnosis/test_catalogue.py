"""The catalogue is complete, unambiguous, and tells the most specific row."""

import re
import tomllib
from pathlib import Path

import pytest
from support.each import for_each

from sfrunbook.core.model import Failure, Stage
from sfrunbook.diagnosis import catalogue
from sfrunbook.diagnosis.catalogue import UNRECOGNISED, CatalogueError, find, parse, rows
from sfrunbook.diagnosis.pasted.read_text import explain_text

FOLDER = Path(catalogue.__file__).with_name("catalogue_rows")
EVERY_ROW = for_each("entry", rows().values(), ids=lambda entry: entry.code)

ROW = """
[[row]]
code = "{code}"
what = "What."
why = "Why."
source = "https://example.com/errors"
mark = "confirmed"
{match}
[[row.cause]]
code = "a-cause"
summary = "Summary."
tell = "Tell."
remedy = [{{ who = "You", where = "here", what = "Do it." }}]
"""


def document(*matches: str, **replacements: str) -> dict[str, dict[str, object]]:
    text = "".join(ROW.format(code=f"row-{number}", match=match) for number, match in enumerate(matches))
    text += ROW.format(code=UNRECOGNISED, match="")
    for old, new in replacements.items():
        text = text.replace(f"{old} = ", f"{new} = ", 1)
    return {"token": tomllib.loads(text)}


@EVERY_ROW
def test_every_row_has_a_source_that_is_an_address(entry):
    assert re.fullmatch(r"https://[^\s/]+\.[a-z]+(/\S*)?", entry.source)


@EVERY_ROW
def test_every_remedy_says_who_does_what_where(entry):
    for cause in entry.causes:
        for remedy in cause.remedies:
            assert remedy.who in {"Salesforce administrator", "Cyclr partner", "You"}
            assert len(remedy.where) > 3 and not remedy.where.startswith("@")
            assert remedy.what[-1] not in ";:,"
            if remedy.who == "Salesforce administrator" and remedy.where.startswith("External Client App:"):
                assert "Connected App: Setup > " in remedy.where


@EVERY_ROW
def test_every_text_is_a_sentence(entry):
    texts = [entry.what, entry.why, *(text for cause in entry.causes for text in (cause.summary, cause.tell))]
    assert [text for text in texts if text[-1] not in ".}"] == []


@EVERY_ROW
def test_the_causes_of_a_row_have_codes_of_their_own(entry):
    codes = [cause.code for cause in entry.causes]
    assert len(codes) == len(set(codes))


def test_every_shared_place_cause_and_source_is_used():
    shared = tomllib.loads((FOLDER / "shared.toml").read_text(encoding="utf-8"))
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.toml"))
    unused = [name for name in (*shared["places"], *shared["sources"]) if f'"@{name}"' not in text]
    unused += [name for name in shared["causes"] if f'use = "{name}"' not in text]
    assert unused == []


def test_a_documented_description_is_more_specific_than_the_error_alone():
    entries = parse(document('match = [{ error = "e" }]', 'match = [{ error = "e", description = "text" }]'))
    assert find(Failure(stage=Stage.TOKEN, error="E", description="some TEXT"), entries).code == "row-1"
    assert find(Failure(stage=Stage.TOKEN, error="e", description="other"), entries).code == "row-0"


def test_a_status_alone_counts_less_than_an_error():
    entries = parse(document("match = [{ status = 500 }]", 'match = [{ error = "e" }]'))
    assert find(Failure(stage=Stage.TOKEN, error="e", http_status=500), entries).code == "row-1"
    assert find(Failure(stage=Stage.TOKEN, error="f", http_status=500), entries).code == "row-0"


def test_an_oauth_error_is_recognised_at_another_oauth_endpoint_but_not_in_a_data_call():
    entries = parse(document('match = [{ error = "e" }]'))
    assert find(Failure(stage=Stage.REVOKE, error="e"), entries).code == "row-0"
    assert find(Failure(stage=Stage.DATA, error="e"), entries).code == UNRECOGNISED


def test_evidence_can_decide_between_rows():
    entries = parse(document('match = [{ error = "e" }]', 'match = [{ error = "e", evidence = { pkce = "yes" } }]'))
    assert find(Failure(stage=Stage.TOKEN, error="e", evidence={"pkce": "yes"}), entries).code == "row-1"


@pytest.mark.parametrize(
    "field", ["what", "why", "source", "mark", "summary", "tell", "who", "where", "remedy", "code"]
)
def test_a_row_that_lacks_a_field_is_refused(field):
    with pytest.raises(CatalogueError):
        parse(document("", **{field: f"not-{field}"}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"https://example.com/errors"', '"the manual"'),
        ('who = "You"', 'who = "Somebody"'),
        ('where = "here"', 'where = "@nowhere"'),
        ('code = "row-0"', 'code = "Row_0"'),
        ('code = "row-0"', f'code = "{UNRECOGNISED}"'),
        ('mark = "confirmed"', 'mark = "confirmed"\nmatch = [{ errors = "misspelt" }]'),
    ],
)
def test_a_row_with_a_wrong_value_is_refused(old, new):
    text = ROW.format(code="row-0", match="").replace(old, new) + ROW.format(code=UNRECOGNISED, match="")
    with pytest.raises(CatalogueError):
        parse({"token": tomllib.loads(text)})


def test_a_catalogue_without_the_row_for_the_unknown_is_refused():
    with pytest.raises(CatalogueError, match=UNRECOGNISED):
        parse({"token": tomllib.loads(ROW.format(code="row-0", match=""))})


@for_each("entry", [one for one in rows().values() if len(one.causes) > 1], ids=lambda one: one.code)
def test_each_of_several_causes_has_conditions_or_says_why_it_cannot_be_told_apart(entry):
    for cause in entry.causes:
        tells = entry.cause_rules[cause.code]
        assert bool(tells.rules) != bool(tells.no_rules_because), cause.code
        assert tells.rules or (len(tells.no_rules_because) > 40 and tells.no_rules_because.endswith(".")), cause.code


#: the codes of the OAuth endpoints by the list in Salesforce's Android SDK, with the two that its help names besides,
#: and the row that a person is led to by the bare code
SERVER_CODES = {
    "access_denied": "login-denied",
    "app_attest_failed": "app-attestation-failed",
    "app_attest_failed_retry": "app-attestation-failed",
    "app_blocked": "app-blocked",
    "app_not_found": "external-client-app-not-found",
    "authorization_pending": "device-login-pending",
    "bad_jti_claim": "assertion-invalid",
    "ecapp_policy_not_found": "app-policies-not-found",
    "exceeded_registration_limit": "app-registration-refused",
    "fail_close_app_blocked": "app-blocked",
    "failed_registration": "app-registration-refused",
    "immediate_unsuccessful": "immediate-not-possible",
    "inactive_org": "org-inactive",
    "inactive_user": "user-inactive",
    "installation_error": "app-registration-refused",
    "invalid_app_access": "user-not-admin-approved",
    "invalid_assertion_type": "assertion-invalid",
    "invalid_basic_auth_header": "basic-header-malformed",
    "invalid_client": "client-secret-refused",
    "invalid_client_id": "client-id-not-known",
    "invalid_distribution_state": "app-registration-refused",
    "invalid_dpop_proof": "dpop-required",
    "invalid_expid": "experience-id-refused",
    "invalid_grant": "invalid-grant-unexplained",
    "invalid_otp": "one-time-password-refused",
    "invalid_scope": "scope-not-allowed",
    "invalid_session_level": "session-level-too-low",
    "invalid_token": "token-not-accepted",
    "login_error": "authentication-failure",
    "oauth_flow_disabled": "app-or-oauth-plugin-disabled",
    "oauth_policy_not_found": "app-policies-not-found",
    "otp_error": "one-time-password-refused",
    "rate_limit_exceeded": "login-rate-exceeded",
    "redirect_uri_mismatch": "callback-not-registered",
    "redirect_uri_missing": "callback-not-sent",
    "registration_error": "app-registration-refused",
    "server_error": "salesforce-internal-error",
    "service_unavailable": "salesforce-unavailable",
    "slow_down": "device-login-pending",
    "system_down": "salesforce-unavailable",
    "unknown_error": "salesforce-asks-to-retry",
    "unsupported_expid": "experience-id-refused",
    "unsupported_grant_type": "grant-type-not-supported",
    "unsupported_response_type": "response-type-not-supported",
    "unsupported_token_type": "token-type-cannot-be-revoked",
    "use_dpop_nonce": "dpop-required",
    # one word for many faults of a request: without its description it stays unknown
    "invalid_request": UNRECOGNISED,
}


@for_each(("error", "row"), SERVER_CODES.items())
def test_every_code_of_the_servers_own_list_leads_to_its_row(error, row):
    assert find(explain_text(error)).code == row


#: errors of the data API and of the identity service by Salesforce's documents and by what clients read
DATA_CODES = {
    "INVALID_SESSION_ID": "session-expired",
    "INVALID_AUTH_HEADER": "auth-header-invalid",
    "API_DISABLED_FOR_ORG": "api-disabled-for-org",
    "API_CURRENTLY_DISABLED": "api-disabled-for-user",
    "REQUEST_LIMIT_EXCEEDED": "daily-limit-reached",
    "INSUFFICIENT_ACCESS": "access-insufficient",
    "SERVER_UNAVAILABLE": "salesforce-unavailable",
    "MALFORMED_QUERY": "query-malformed",
    "INVALID_FIELD": "field-not-found",
    "INVALID_TYPE": "object-not-found",
    "NOT_FOUND": "resource-not-found",
    "QUERY_TIMEOUT": "query-took-too-long",
    "UNABLE_TO_LOCK_ROW": "record-locked",
    "Bad_OAuth_Token": "token-not-accepted",
    "Missing_OAuth_Token": "token-not-accepted",
    "Wrong_Org": "token-of-another-org",
    "Bad_Id": "user-of-identity-not-reachable",
    "No_Access": "user-of-identity-not-reachable",
}


@for_each(("error", "row"), DATA_CODES.items())
def test_every_code_of_the_data_api_and_the_identity_service_leads_to_its_row(error, row):
    assert find(explain_text(error)).code == row
