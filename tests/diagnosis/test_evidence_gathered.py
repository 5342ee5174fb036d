"""What is gathered of a failure: by the org's own lists, by what was noted before, and never by introspection alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from support.evidence_support import Bench, confirmed, refused, told
from typer.testing import CliRunner

from sfrunbook.cli import app
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Failure, Stage, Verdict
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of
from sfrunbook.diagnosis.evidence import gather
from sfrunbook.runbook import explain

EXPIRED_REFRESH = Failure(stage=Stage.REFRESH, error="invalid_grant", description="expired access/refresh token")


@pytest.fixture
def bench(fresh_world, tmp_path):
    return Bench(fresh_world, tmp_path)


def learnt(bench, acme, failure, logins=()):
    """The facts that are gathered for a failure, by name."""
    known = gather(
        diagnose(failure),
        connection=acme.connection,
        grant=acme.grants.stored(),
        client_secret=acme.client_secret(),
        history=acme.history,
        logins=tuple(logins),
        app_names=acme.records.app_names,
        clock=acme.now,
    )
    return {name: fact.value for name, fact in known.items()}


def test_a_token_that_introspection_may_not_tell_of_is_not_taken_for_a_dead_one(bench):
    acme = bench.used()
    host = bench.world.my_domain().partition("://")[2]
    bench.scenario("introspection-denied")
    facts = learnt(bench, acme, replace(EXPIRED_REFRESH, host=host), acme.records.witnesses())
    assert facts["access_token_active"] is True
    assert "refresh_token_active" not in facts


def test_a_no_of_introspection_is_believed_where_it_has_told_the_truth_before(bench):
    acme = bench.used()
    host = bench.world.my_domain().partition("://")[2]
    bench.scenario("revoked-elsewhere", app="Cyclr")
    assert learnt(bench, acme, replace(EXPIRED_REFRESH, host=host))["refresh_token_active"] is False


def test_a_no_of_introspection_is_not_believed_of_an_app_that_was_never_told_anything(bench):
    acme = bench.logged_in("acme")
    host = bench.world.my_domain().partition("://")[2]
    bench.scenario("revoked-elsewhere", app="Cyclr")
    facts = learnt(bench, acme, replace(EXPIRED_REFRESH, host=host))
    assert facts["access_token_active"] is False
    assert "refresh_token_active" not in facts


def test_the_check_of_the_token_tells_denied_introspection_from_an_ended_session(bench):
    acme = bench.used()
    bench.scenario("introspection-denied")
    found = {one.check: one for one in acme.checks.run("grant")}["access-token-is-active"]
    assert (found.status.value, found.detail) == (
        "warning",
        "Salesforce reports the access token as not active but still accepts it: the app isn't allowed to ask.",
    )
    bench.scenario("sessions-ended", app="Cyclr")
    found = {one.check: one for one in acme.checks.run("grant")}["access-token-is-active"]
    assert (found.status.value, found.detail) == (
        "warning",
        "Salesforce reports the access token as not active and rejects it. The next call refreshes it.",
    )


def test_a_refused_revocation_leaves_the_grant_where_it_is(bench):
    acme = bench.used()
    bench.scenario("revoke-refused")
    with pytest.raises(RunbookError) as refusal:
        acme.grants.revoke()
    assert diagnosis_of(refusal.value).code == "revocation-refused"
    assert acme.grants.stored() is not None
    assert acme.org.api_or_raise().identity().user_id == acme.grants.stored().user_id


def test_a_grant_that_is_gone_already_is_forgotten_when_it_is_revoked(bench):
    acme = bench.used()
    bench.scenario("revoked-elsewhere", app="Cyclr")
    acme.grants.revoke()
    assert acme.grants.stored() is None


def test_the_grant_of_a_deleted_app_is_forgotten_when_it_is_revoked(bench):
    acme = bench.used()
    bench.scenario("app-deleted", app="Cyclr")
    acme.grants.revoke()
    assert acme.grants.stored() is None


def test_the_refresh_policy_is_noted_while_an_administrator_can_be_asked_and_no_more_than_once_a_day(bench):
    acme = bench.used()
    assert acme.history.policy is None  # a standard user may not read it
    bench.administrator()
    acme.checks.run("data")
    policy, at = acme.history.policy
    assert (policy.kind, policy.hours) == ("inactivity", 30 * 24.0)
    bench.advance(timedelta(minutes=5))
    acme.checks.run("data")
    assert acme.history.policy[1] == at


def test_a_new_connection_finds_its_witness_by_the_address_of_the_org(bench):
    bench.administrator()
    new = bench.add("new")
    assert [one.connection for one in new.records.witnesses()] == ["administrator"]
    entrance = bench.add("entrance", login_url=bench.world.login_url)
    assert entrance.records.witnesses() == ()


def test_an_address_that_the_profile_leaves_out_is_told_from_the_apps_own_list(bench):
    acme = bench.used()
    bench.administrator()
    user = bench.world.user(profile="Standard User")["username"]
    bench.scenario("ip-restricted", user=user)
    diagnosis = refused(acme)
    assert confirmed(diagnosis) == ["ip-restricted"]
    assert diagnosis.ranked[0].because == (
        "The Login IP Ranges of the user's profile don't include the rejected address (source: Login IP Ranges of "
        "the profile)."
    )


def test_a_callback_that_differs_by_its_last_slash_is_found(bench):
    acme = bench.used()
    bench.scenario("callback-not-registered", app="Cyclr")
    first = told(acme.checks.run("registration")).ranked[0]
    assert (first.cause.code, first.verdict) == ("callback-missing-on-app", Verdict.CONFIRMED)
    assert "accepts the same address with a slash added or removed at the end" in first.because


def test_a_code_that_was_sent_once_and_worked_for_somebody_else_was_sent_twice_on_the_way(bench):
    acme = bench.used()
    bench.scenario("code-replayed")
    with pytest.raises(RunbookError) as refusal:
        bench.log_in(acme, profile="Standard User")
    first = diagnosis_of(refusal.value).ranked[0]
    assert (first.cause.code, first.verdict) == ("sent-twice", Verdict.CONFIRMED)
    assert first.because == (
        "The org lists an approval made since this login started, but none reached this machine (source: OAuth "
        "Connected Apps). The code was sent once."
    )


def test_explain_with_ask_tells_the_causes_apart_by_the_connections_org(bench, monkeypatch):
    bench.used()
    bench.administrator()
    user = bench.world.user(profile="Standard User")["username"]
    bench.world.control("POST", f"/users/{user}", {"is_frozen": True})
    monkeypatch.setenv("SFRUNBOOK_HOME", str(bench.folder))
    monkeypatch.setenv("SFRUNBOOK_KEY_FILE", str(bench.folder / "key"))
    said = "invalid_grant: inactive user"
    assert "confirmed" not in explain(said, connection="acme").text.lower()
    asked = explain(said, connection="acme", ask=True).text
    assert "The user is frozen (source: the user's page in Setup)." in " ".join(asked.split())
    told_by_command = CliRunner().invoke(app, ["explain", said, "--connection", "acme", "--ask"])
    assert told_by_command.exit_code == 0
    assert "The user is frozen" in " ".join(told_by_command.stdout.split())
