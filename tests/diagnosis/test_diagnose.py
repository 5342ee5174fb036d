"""A failure lands on its row, whatever is in it, and no secret comes out with the explanation."""

import json
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from support.each import for_each
from support.evidence_support import Bench

from sfrunbook.connection.subject import subject_of
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import Reply
from sfrunbook.core.http_failure import failure_of
from sfrunbook.core.model import Failure, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.catalogue import UNRECOGNISED, rows
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of, explained
from sfrunbook.report.data import diagnosis_data
from sfrunbook.report.text import diagnosis_text
from sfrunbook.store.progress import STEPS

SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*/reply.json"))

rows()  # read from disk here, outside the time that each example has

LOCAL_PROBLEMS = re.findall(
    r"\S+",
    """
    insecure-address not-a-login-address not-a-salesforce-host state-mismatch nothing-pasted
    callback-without-code callback-for-another-address issuer-mismatch wrong-org port-in-use login-timed-out
    no-refresh-token pending-login-lost refresh-outcome-unknown secret-missing connection-not-found
    connection-exists connection-name-invalid connection-name-reserved connection-unreadable
    connection-invalid no-wrapping-key wrapping-key-wrong store-unreadable store-unwritable grant-busy
    grant-stale secret-not-found secret-reference-invalid secret-file-open profile-not-found profile-invalid
    profile-variable-missing profile-variable-invalid no-grant-yet new-approval-refused-headless
    practice-world-did-not-start practice-world-gone practice-person-refused step-not-done notebook-not-passed
    notebook-not-found notebook-failed output-unwritable secret-in-output parameter-looks-like-secret
    parameter-unknown callback-not-registered client-id-shape client-secret-shape private-key-unreadable
    interrupted no-refresh-token-came scope-missing zero-rows token-not-active address-holds-a-code
    """,
)


@for_each("path", SAMPLES, ids=lambda path: path.parent.name)
def test_a_documented_answer_lands_on_its_row(path):
    sample = json.loads(path.read_text(encoding="utf-8"))
    url = "https://acme.my.salesforce.com/services/oauth2/token"
    reply = Reply(method="POST", url=url, status=sample["http_status"], headers={}, text=sample["body"])
    assert diagnose(failure_of(reply, Stage(sample["stage"]))).code == sample["row"]


@for_each("path", SAMPLES, ids=lambda path: path.parent.name)
def test_a_sample_says_whether_it_is_synthetic_and_where_its_text_is_from(path):
    sample = json.loads(path.read_text(encoding="utf-8"))
    assert sample["synthetic"] is True
    assert sample["source"].startswith(("https://", "reported by", "made up"))


@for_each("code", LOCAL_PROBLEMS)
def test_a_local_problem_has_a_row_of_its_own(code):
    assert diagnosis_of(problem(code)).code == code


@for_each("code", rows())
def test_a_row_reads_well_without_a_single_fact(code):
    diagnosis = diagnosis_of(problem(code))
    assert not re.search(r"\{[a-z]", diagnosis_text(diagnosis))


def test_a_problem_is_filled_with_its_facts():
    error = problem("connection-not-found", name="acme", known=("beta", "gamma"))
    assert isinstance(error, RunbookError)
    assert str(error) == "connection-not-found (name: acme; known: beta, gamma)"
    assert str(explained(error)) == "connection-not-found: There is no connection called acme."
    assert (explained(error).failure, explained(error).code) == (error.failure, error.code)
    assert diagnosis_of(error).why.endswith("known connections: beta, gamma.")
    assert error.failure.evidence == {"name": "acme", "known": "beta, gamma"}
    assert error.failure.stage is Stage.LOCAL


def test_a_fact_that_holds_braces_is_not_filled_again():
    assert diagnosis_of(problem("connection-not-found", name="{known}", known="beta")).what == (
        "There is no connection called {known}."
    )


def test_a_host_among_the_facts_becomes_the_host_of_the_failure():
    diagnosis = diagnosis_of(problem("not-a-salesforce-host", host="acme.lightning.force.com", reason="it shows pages"))
    assert diagnosis.failure.host == "acme.lightning.force.com"
    assert diagnosis.what == "acme.lightning.force.com isn't a Salesforce login host: it shows pages."


def test_a_problem_that_no_row_knows_says_so_and_keeps_its_facts():
    diagnosis = diagnosis_of(problem("never-heard-of", colour="blue"))
    assert diagnosis.code == UNRECOGNISED
    assert diagnosis.failure.error == "never-heard-of"
    assert diagnosis.failure.evidence == {"colour": "blue"}


def test_the_unknown_is_explained_as_unknown_and_points_to_login_history():
    failure = Failure(
        stage=Stage.TOKEN, host="acme.my.salesforce.com", http_status=400, error="odd", description="Very odd."
    )
    diagnosis = diagnose(failure)
    assert diagnosis.code == UNRECOGNISED
    assert diagnosis.failure == failure
    assert [remedy.where for cause in diagnosis.causes for remedy in cause.remedies] == [
        "Setup > Identity > Login History"
    ]


def test_the_same_error_at_authorize_and_at_the_exchange_has_different_remedies():
    at_authorize = diagnose(Failure(stage=Stage.AUTHORIZE, error="redirect_uri_mismatch"))
    at_exchange = diagnose(Failure(stage=Stage.TOKEN, error="redirect_uri_mismatch"))
    assert at_authorize.code == "callback-not-registered"
    assert at_exchange.code == "callback-differs-at-exchange"


def test_an_app_that_its_agent_does_not_list_is_known_by_its_sentence():
    failure = Failure(stage=Stage.DATA, http_status=401, description="Connected app is not attached to Agent")
    assert diagnose(failure).code == "app-not-attached-to-agent"


def test_errors_that_are_suppressed_load_no_catalogue(practice_world, tmp_path):
    opened = Bench(practice_world, tmp_path).add("acme")
    opened.change(profile="n8n", variables={})
    rows.cache_clear()
    assert (opened.records.app_names, opened.records.partner_callbacks) == ((), ())
    assert opened.login.resume() is None
    assert opened.org.approvals().count is None
    assert {step.name for step in STEPS if subject_of(opened, step.name)} == {step.name for step in STEPS}
    opened.grants.give_up()
    assert rows.cache_info().currsize == 0, "the catalogue was loaded for an error that nobody saw"


def test_an_outage_is_marked_as_infrastructure_and_a_refusal_is_not():
    assert diagnose(Failure(stage=Stage.TRANSPORT, error="timeout")).infrastructure
    assert diagnose(Failure(stage=Stage.DATA, http_status=503)).infrastructure
    assert not diagnose(Failure(stage=Stage.TOKEN, error="invalid_client")).infrastructure


TEXTS = st.text(max_size=80)
ERRORS = st.one_of(
    TEXTS, st.sampled_from([error for row in rows().values() for m in row.matches for error in m.errors])
)
FAILURES = st.builds(
    Failure,
    stage=st.sampled_from(Stage),
    host=TEXTS,
    http_status=st.one_of(st.none(), st.integers(0, 999)),
    error=ERRORS,
    description=TEXTS,
    evidence=st.dictionaries(TEXTS, TEXTS, max_size=4),
)


@given(FAILURES)
def test_every_failure_gets_a_complete_diagnosis(failure):
    diagnosis = diagnose(failure)
    assert diagnosis.code in rows()
    assert diagnosis.what and diagnosis.why and diagnosis.causes
    assert all(cause.remedies for cause in diagnosis.causes)
    assert "Code: " in diagnosis_text(diagnosis)


PLANTED = Secret("5Aep861PlantedRefreshTokenOfTheTest.0123456789abcdefABCDEF")


@given(
    FAILURES,
    st.sampled_from(["host", "error", "description", "evidence"]),
    TEXTS,
    st.sampled_from(["", " ", '"', "=", "/"]),
)
def test_a_planted_token_never_comes_out(failure, field, before, mark):
    token = PLANTED.reveal()
    planted = before + mark + token + mark
    fields = {name: getattr(failure, name) for name in ("stage", "http_status", "host", "error", "description")}
    fields["evidence"] = {"body": planted} if field == "evidence" else failure.evidence
    if field != "evidence":
        fields[field] = planted
    diagnosis = diagnose(Failure(**fields))
    assert token not in json.dumps(diagnosis_data(diagnosis))
    assert token not in diagnosis_text(diagnosis)
