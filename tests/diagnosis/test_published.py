"""Every published code has an answer, by its code before its text; an answer for a family says no more than that."""

import re
from pathlib import Path

import pytest
from support.each import for_each

from sfrunbook.core.model import Failure, Mark, Stage
from sfrunbook.diagnosis import published as module
from sfrunbook.diagnosis.catalogue import UNRECOGNISED, find, rows
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.diagnosis.pasted.read_text import explain_text
from sfrunbook.diagnosis.published import Published, codes, entries, listed, published, source_of

KINDS = {
    "oauth": Stage.USERINFO,
    "page": Stage.AUTHORIZE,
    "login-history": Stage.AUTHORIZE,
    "identity-check": Stage.AUTHORIZE,
    "exception": Stage.DATA,
    "record": Stage.DATA,
    "rest": Stage.DATA,
    "http": Stage.DATA,
    "query": Stage.DATA,
    "bulk": Stage.DATA,
    "deploy": Stage.DATA,
    "cyclr-cycle": Stage.PARTNER,
    "cyclr-message": Stage.PARTNER,
    "cyclr-api": Stage.PARTNER,
    "japanese": Stage.AUTHORIZE,
}
#: rows of families.toml, each for a group of codes
FAMILIES = {
    "published-auth",
    "published-availability",
    "published-cyclr",
    "published-data",
    "published-identity-check",
    "published-license",
    "published-limit",
    "published-lock",
    "published-network",
    "published-permission",
    "published-query",
    "published-setup",
    "published-state",
    "published-version",
}
#: who a remedy is for, by the cause
ACTORS = {
    "administrator": "Salesforce administrator",
    "app-owner": "Salesforce administrator",
    "client": "You",
    "cyclr": "Cyclr partner",
    "nothing": "You",
    "support": "Salesforce administrator",
    "user": "You",
    "wait": "You",
}
#: statuses that stop a login, each with a row of its own
STATUSES = {
    "Failed: API-only user": "user-api-only",
    "Failed: OAuth API access disabled": "oauth-api-access-disabled",
    "Failed: Consumer Deleted": "consumer-deleted",
    "Package for this consumer is not installed in your organization": "app-package-missing-or-old",
    "Installed package for this consumer is out of date": "app-package-missing-or-old",
    "Failed: IP Address Not Allowed": "ip-or-hours-restricted",
    "Failed: Get Access Token Limit Exceeded": "login-rate-exceeded",
    "Failed: Invalid Code Challenge": "code-challenge-rejected",
    "Failed: Invalid Code Verifier": "code-verifier-refused",
    "Failed: Invalid Token": "login-token-invalid",
    "Failed: Invalid HTTP method": "login-request-malformed",
    "Failed: Client update required": "client-or-tls-too-old",
    "Mutual authentication failed": "mutual-authentication-failed",
    "Multi-factor required": "second-factor-asked",
    "Failed: Email verification required": "identity-check-failed",
    "No Experience Cloud site access": "user-not-in-site",
    "Organization locked": "org-inactive",
    "Trial Expired": "org-inactive",
    "Restricted country": "network-blocked-by-salesforce",
    "Invalid login": "user-name-not-known",
    "Login invalid": "login-failed-without-reason",
    "Failed: Audience Invalid": "single-sign-on-rejected",
    "Failed: InResponseTo Invalid": "single-sign-on-response-reused",
    "Your company's authentication service is down": "company-login-service-failed",
}
#: a text that two codes share, and what each of them alone says
SHARED = {
    "Restricted domain": "login-only-at-my-domain",
    "Failed: Signature Invalid": "login-signature-invalid",
    "Invalid password": "history-password-refused",
    "LOGIN_ERROR_GLOBAL_BLOCK_DOMAIN": "network-blocked-by-salesforce",
    "LOGIN_ERROR_ORG_DOMAIN_ONLY": "login-only-at-my-domain",
    "LOGIN_OAUTH_INVALID_DSIG": "assertion-invalid",
    "LOGIN_SAML_INVALID_SIGNATURE": "single-sign-on-rejected",
    "LOGIN_ERROR_SSO_PWD_INVALID": "company-login-service-failed",
    "LOGIN_ERROR_PASSWORD_LOCKOUT": "user-locked-out",
}


def failures(one: Published) -> list[Failure]:
    """The forms in which the code can arrive."""
    stage = KINDS[one.kind]
    if status := re.fullmatch(r"(?:Cyclr )?HTTP (\d+)", one.code):
        return [Failure(stage=stage, http_status=int(status[1]))]
    forms = [Failure(stage=stage, error=one.code, description=one.text)]
    if one.code:
        forms += [Failure(stage=stage, error=one.code)]
        lower = one.code.lower()
        forms += [Failure(stage=stage, error=lower)] if "_" in lower and lower not in codes() - {one.code} else []
    return forms


def is_decided_by_its_text(one: Published) -> bool:
    """One code of several rows: without the text it says less, or something else."""
    return len({other.answer for other in entries() if other.code == one.code}) > 1 or one.code == "invalid_request"


def texts(diagnosis) -> list[str]:
    causes = [
        (cause.summary, cause.tell, *((r.who, r.where, r.what) for r in cause.remedies)) for cause in diagnosis.causes
    ]
    return [diagnosis.what, diagnosis.why, *map(repr, causes)]


def test_the_table_is_whole_and_says_where_each_line_is_from():
    assert len(entries()) == 1299
    assert {one.kind for one in entries()} == KINDS.keys()
    assert {one.mark for one in entries()} == set(Mark)
    assert all(listed(one).endswith(".") and source_of(one).startswith("https://") for one in entries())
    assert {one.answer for one in entries()} <= rows().keys()
    assert len({(one.kind, one.code, one.text) for one in entries()}) == len(entries())


def test_no_published_code_is_unknown_and_each_leads_to_its_row():
    wrong = [
        (failure, found, one.answer)
        for one in entries()
        for failure in failures(one)[: 1 if is_decided_by_its_text(one) else None]
        if (found := find(failure).code) != one.answer
    ]
    assert wrong == []


def test_a_code_that_is_pasted_leads_to_its_row_unless_it_is_a_word_of_any_sentence():
    pasted = {one.code: one for one in entries() if one.code and not one.code.startswith("Cyclr HTTP")}
    wrong = {
        code: found
        for code, one in pasted.items()
        if not is_decided_by_its_text(one) and (found := find(explain_text(code)).code) != one.answer
    }
    # in a pasted text it may as well be the OAuth code
    assert wrong.pop("INVALID_CLIENT", "client-secret-refused") == "client-secret-refused"
    assert wrong == dict.fromkeys(wrong, UNRECOGNISED)
    assert wrong.keys() <= {"Denied", "Gone", "Inactive", "Initiated", "Succeeded", "Timeout", "Unknown"}


def test_a_code_of_several_texts_is_known_without_them_where_salesforce_uses_it_bare():
    bare = {one.code for one in entries() if one.code and is_decided_by_its_text(one)}
    unknown = {code for code in bare if find(Failure(stage=Stage.DATA, error=code)).code == UNRECOGNISED}
    # OAuth's own words for many faults: a row for each needs the description, as RFC 6749 has it
    assert unknown <= {"invalid_request", "invalid_grant", "invalid_client"}


def test_what_a_family_says_is_its_row_with_the_meaning_and_the_causes_of_who_acts():
    seen = set()
    for one in entries():
        if not one.answer.startswith("published-"):
            continue
        failure = failures(one)[0]
        family, diagnosis = rows()[one.answer], diagnose(failure)
        first = published(failure.error, failure.description) or one
        assert (first.answer, first.meaning, first.who) == (one.answer, one.meaning, one.who)
        reported = failure.error or failure.description or f"HTTP {failure.http_status}"
        assert diagnosis.what == family.what.replace("{reported}", reported).replace("..", "."), one
        assert " ".join(diagnosis.why.split()) == " ".join(
            family.why.replace("{meaning}", one.meaning).replace("{listed}", listed(first)).split()
        ), one
        assert [cause.code for cause in diagnosis.causes] == [
            cause.code for cause in family.causes if cause.code in one.who.split()
        ], one
        assert {cause.code for cause in diagnosis.causes} == set(one.who.split()), one
        assert (diagnosis.mark, diagnosis.source) == (first.mark, source_of(first)), one
        seen.update((one.answer, who) for who in one.who.split())
    assert seen == {(code, cause.code) for code in FAMILIES for cause in rows()[code].causes}


@for_each("code", sorted(FAMILIES))
def test_a_family_names_who_acts_and_one_step_for_each_and_nothing_of_a_single_code(code):
    family = rows()[code]
    assert set(re.findall(r"\{(\w+)\}", repr(family))) <= {"reported", "meaning", "listed", "connection"}
    for cause in family.causes:
        assert [remedy.who for remedy in cause.remedies] == [ACTORS[cause.code]]
    named = [one.code for one in entries() if "_" in one.code and one.code in repr(family)]
    assert named == []


def test_a_meaning_is_there_for_all_but_names_of_other_features_and_is_short():
    for one in entries():
        for sentence in re.split(r"(?<=[.!?])\s+", one.meaning):
            assert len(sentence.split()) <= 20, one
        assert one.meaning == "" or (one.meaning[0].isupper() and one.meaning[-1] == "."), one
        assert "{" not in one.meaning
    silent = [one for one in entries() if not one.meaning]
    assert {one.kind for one in silent} <= {"exception", "record", "login-history"}
    assert {one.mark for one in silent} == {"guess"}
    assert all(listed(one).endswith("read from its name.") for one in silent)


@for_each(("status", "row"), [*STATUSES.items(), *((k, v) for k, v in SHARED.items() if "_" not in k)])
@for_each("form", ["{}", "Failed: {}", "{}.", " {} "], ids=["plain", "failed", "full stop", "blanks"])
def test_a_status_of_login_history_is_answered_by_its_text(form, status, row):
    text = form.format(status.removeprefix("Failed: "))
    failure = Failure(stage=Stage.AUTHORIZE, error="login history", description=text)
    assert diagnose(failure).code == row
    assert "{" not in " ".join(texts(diagnose(failure)))


@for_each(("code", "row"), [(k, v) for k, v in SHARED.items() if "_" in k])
def test_the_codes_behind_a_shared_text_say_different_things(code, row):
    assert diagnose(Failure(stage=Stage.AUTHORIZE, error=code)).code == row


def test_where_a_code_says_which_cause_it_is_the_others_are_left_out():
    precise = [one for one in entries() if one.cause]
    assert len({one.answer for one in precise}) >= 10
    for one in precise:
        shown = find(failures(one)[-1]).causes if one.kind != "japanese" else find(failures(one)[0]).causes
        if len({other.cause for other in entries() if other.code == one.code}) == 1:
            assert [cause.code for cause in shown] == [one.cause], one
        assert one.cause in {cause.code for cause in rows()[one.answer].causes}


@for_each(
    ("text", "row"),
    [
        ("失敗: コンピューターの有効化が必要です。", "history-security-token-needed"),
        ("制限された国", "network-blocked-by-salesforce"),
        ("相互認証に失敗しました。", "mutual-authentication-failed"),
    ],
)
def test_a_japanese_status_leads_where_its_code_leads(text, row):
    assert diagnose(Failure(stage=Stage.AUTHORIZE, error="login history", description=text)).code == row


def test_with_a_code_the_language_of_the_text_does_not_matter():
    german = "Der Wert ist bereits vorhanden. Failed to authenticate the connector"
    assert diagnose(Failure(stage=Stage.DATA, error="DUPLICATE_VALUE", description=german)).code == "published-data"
    # a text that a row knows, beside a code that the list knows: the code counts
    misleading = Failure(stage=Stage.DATA, error="STORAGE_LIMIT_EXCEEDED", description="session expired or invalid")
    assert diagnose(misleading).code == "published-limit"
    unpublished = Failure(stage=Stage.DATA, error="NOT_PUBLISHED", description="session expired or invalid")
    assert diagnose(unpublished).code == "session-expired"


@pytest.mark.parametrize("word", ["timeout", "unknown", "denied", "gone", "inactive", "succeeded"])
def test_a_plain_word_is_a_code_only_as_salesforce_writes_it(word):
    assert published(word) is None
    assert published(word.capitalize()) is not None


def test_a_code_is_found_in_any_case_and_what_is_no_code_is_not():
    assert published("duplicate_value") == published(" DUPLICATE_VALUE ") == published("DUPLICATE_VALUE", "any text")
    assert published("INVALID_CLIENT").kind == "exception" and published("invalid_client") is None
    assert (
        published("NEVER_SEEN_BEFORE") is None
        and published("") is None
        and published("", "Hello") is None
        and published("", "Unknown") is None
    )
    assert {"DUPLICATE_VALUE", "Timeout", "HTTP 404", "LOGIN_ERROR_USER_FROZEN", "ReasonCode 20"} <= codes()
    assert "" not in codes()


def test_a_bare_http_status_is_answered_but_a_status_beside_another_text_of_oauth_is_not():
    assert diagnose(Failure(stage=Stage.DATA, http_status=405)).code == "published-query"
    assert diagnose(Failure(stage=Stage.TOKEN, http_status=405, description="HTTP/1.1 405")).code == "published-query"
    assert diagnose(Failure(stage=Stage.TOKEN, http_status=405, description="no such luck")).code == UNRECOGNISED


@for_each(
    ("failure", "row"),
    [
        (Failure(stage=Stage.DATA, description="The consumer key is already taken."), "consumer-key-taken"),
        (Failure(stage=Stage.PARTNER, error="ReasonCode 0"), "cyclr-cycle-cannot-start"),
        (Failure(stage=Stage.PARTNER, error="ReasonCode 20"), "cyclr-not-authenticated"),
        (Failure(stage=Stage.PARTNER, description="Webhook failed"), "published-cyclr"),
        (Failure(stage=Stage.PARTNER, description="ftp:/x is not a valid URL"), "cyclr-request-refused"),
        (Failure(stage=Stage.AUTHORIZE, error="FailedTooManyAttempts"), "identity-check-failed"),
        (
            Failure(stage=Stage.DATA, error="API_ERROR", description="Implementation restriction: x"),
            "published-permission",
        ),
    ],
)
def test_a_text_with_a_gap_and_a_reason_of_cyclr_lead_to_their_rows(failure, row):
    assert diagnose(failure).code == row


def test_the_table_is_read_once_and_stays_small():
    assert entries() is entries()
    assert Path(module.__file__).with_name("published_codes.tsv").stat().st_size < 200_000
