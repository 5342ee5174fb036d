"""Failures of a practice org, told apart over the wire by a few questions that do no harm."""

import re
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.evidence_support import Bench, confirmed, refused, told, verdicts

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http_budget import BudgetSpentError, MeteredSession
from sfrunbook.core.model import Failure, Stage, Verdict
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of
from sfrunbook.diagnosis.evidence import REQUESTS_AT_MOST, gather
from sfrunbook.salesforce.oauth.grants import RefreshToken
from sfrunbook.store.what_worked import History, Policy

BLOCKED = Failure(stage=Stage.AUTHORIZE, error="OAUTH_APP_BLOCKED", description="this app is blocked by admin")
UNINSTALLED = Failure(stage=Stage.AUTHORIZE, error="invalid_client", description="app must be installed into org")
EXPIRED_REFRESH = Failure(stage=Stage.REFRESH, error="invalid_grant", description="expired access/refresh token")
EXPIRED_SESSION = Failure(
    stage=Stage.DATA, http_status=401, error="INVALID_SESSION_ID", description="Session expired or invalid"
)
TOKEN, QUERY = "/services/oauth2/token", "/services/data/v60.0/query/"
DAMAGED = (
    '{"login": 1, "secret_kept": "x", "introspects": [], "policy": {"kind": 1, "at": "2026-11-23T12:00:00+00:00"}}'
)
PROFILE = r"/services/data/v60\.0/tooling/sobjects/Profile/\w{18}"


@pytest.fixture
def bench(fresh_world, tmp_path):
    return Bench(fresh_world, tmp_path)


def test_a_refresh_at_a_host_that_serves_the_org_no_more_is_the_wrong_host(bench):
    acme = bench.used(login_url=bench.world.login_url)
    bench.scenario("my-domain-login-only")
    assert confirmed(refused(acme)) == ["wrong-host"]


def test_a_sixth_approval_elsewhere_is_named_as_what_ended_the_first(bench):
    acme = bench.used()
    bench.scenario("sixth-approval", app="Cyclr")
    bench.administrator()
    diagnosis = refused(acme)
    assert confirmed(diagnosis) == ["evicted-by-newer-approval"]
    assert diagnosis.ranked[0].because == (
        "The org no longer lists this approval (source: OAuth Connected Apps). The user has 5 newer approvals of the "
        "app (source: OAuth Connected Apps)."
    )


def test_a_grant_that_was_used_too_long_ago_is_idle(bench):
    acme = bench.used()
    bench.advance(timedelta(days=31))
    bench.administrator()
    diagnosis = refused(acme)
    assert confirmed(diagnosis) == ["idle-limit"]
    assert verdicts(diagnosis)["fixed-lifetime"] == "ruled_out"


def test_a_fixed_lifetime_is_told_from_an_idle_limit(bench):
    acme = bench.used()
    bench.scenario("refresh-fixed-lifetime", minutes=60.0, app="Cyclr")
    bench.administrator()
    diagnosis = refused(acme)
    assert confirmed(diagnosis) == ["fixed-lifetime"]
    assert verdicts(diagnosis)["idle-limit"] == "ruled_out"


def test_an_approval_that_somebody_revoked_is_revoked(bench):
    acme = bench.used()
    bench.scenario("revoked-elsewhere", app="Cyclr")
    bench.administrator()
    diagnosis = refused(acme)
    assert confirmed(diagnosis) == ["revoked"]
    assert {name for name, verdict in verdicts(diagnosis).items() if verdict == "ruled_out"} >= {
        "rotated-token-replayed",
        "idle-limit",
        "evicted-by-newer-approval",
        "fixed-lifetime",
        "wrong-host",
    }


def test_a_copy_that_refreshed_elsewhere_is_told_from_a_revocation(bench):
    acme = bench.used()
    bench.advance(timedelta(minutes=30))
    copied = acme.grants.stored()
    RefreshToken(client_secret=acme.client_secret(), clock=bench.now).request(copied, save=lambda _: None)
    bench.administrator()
    first, *others = refused(acme).ranked
    assert (first.cause.code, first.verdict) == ("rotated-token-replayed", Verdict.POSSIBLE)
    assert "Login History shows 1 login of the app and user since this connection's last refresh" in first.because
    # the last request that may be sent is spent before the user is asked about
    assert [one.cause.code for one in others if one.verdict is Verdict.POSSIBLE] == ["revoked", "user-state-changed"]


def test_a_refresh_whose_answer_was_lost_is_remembered_and_told(bench):
    acme = bench.used()
    bench.scenario("rotated-reply-lost")
    assert refused(acme).code == "refresh-outcome-unknown"
    assert refused(acme).code == "refresh-undecided"
    acme.store.clear_sent("acme")  # as an earlier version of this program would have gone on
    assert confirmed(refused(acme)) == ["rotated-token-replayed"]


def test_a_store_that_was_put_back_from_a_copy_is_told(bench):
    acme = bench.used()
    older = acme.grants.stored()
    bench.advance(timedelta(minutes=30))
    acme.grants.refresh()
    acme.store.delete("acme")
    acme.store.save(older)
    diagnosis = refused(acme)
    assert confirmed(diagnosis) == ["rotated-token-replayed"]
    assert diagnosis.ranked[0].because == (
        "The stored tokens come from reply number 2 of this login. "
        "This connection already received reply number 3 of this login."
    )


@pytest.mark.parametrize(("change", "cause"), [("is_frozen", "user-frozen"), ("is_active", "user-deactivated")])
def test_a_frozen_user_is_told_from_a_deactivated_one(bench, change, cause):
    acme = bench.used()
    bench.administrator()
    user = bench.world.user(profile="Standard User")
    bench.world.control("POST", f"/users/{user['username']}", {change: change == "is_frozen"})
    assert confirmed(refused(acme)) == [cause]


def test_a_blocked_app_is_told_from_api_access_control(bench):
    acme = bench.used()
    bench.administrator()
    bench.scenario("app-blocked", app="Cyclr")
    diagnosis = refused(acme)
    assert [(one.cause.code, one.verdict) for one in diagnosis.ranked] == [
        ("blocked-by-administrator", Verdict.POSSIBLE),
        ("api-access-control", Verdict.POSSIBLE),
    ]


def test_api_access_control_is_told_by_a_session_that_the_api_refuses(bench):
    acme = bench.used()
    bench.scenario("api-access-control")
    blocked = diagnose(BLOCKED)
    assert confirmed(acme.explain_failure(blocked)) == ["api-access-control"]
    uninstalled = diagnose(UNINSTALLED)
    assert confirmed(acme.explain_failure(uninstalled)) == ["not-installed-api-access-control-on"]


def test_a_secret_that_is_demanded_and_not_kept_is_told(bench):
    acme = bench.used()
    bench.world.control("POST", f"/apps/{acme.connection.client_id}", {"secret_required_for_refresh": True})
    acme.change(client_secret=None)
    assert confirmed(refused(acme)) == ["secret-not-sent"]


def test_a_secret_that_worked_before_was_replaced(bench):
    acme = bench.used()
    bench.scenario("secret-rotated")
    assert confirmed(refused(acme)) == ["secret-rotated"]


def test_a_secret_that_was_entered_anew_is_not_taken_for_one_that_worked(bench):
    acme = bench.used()
    acme.keep_client_secret(Secret("0" * 64))
    assert "secret-rotated" not in confirmed(refused(acme))


def test_an_app_that_is_gone_is_told_from_a_wrong_key(bench):
    acme = bench.used()
    bench.administrator()
    bench.scenario("app-deleted", app="Cyclr")
    assert confirmed(refused(acme)) == ["app-deleted"]


def test_a_key_that_is_unknown_after_it_worked_is_likely_gone_and_not_called_confirmed(bench):
    acme = bench.used()
    bench.scenario("app-deleted", app="Cyclr")
    first = refused(acme).ranked[0]
    assert (first.cause.code, first.verdict.value) == ("app-deleted", "possible")


def test_a_key_of_another_org_is_told_by_the_host_that_knows_it(bench):
    acme = bench.used()
    acme.change(login_url=bench.world.my_domain("second"))
    assert confirmed(told(acme.checks.run("registration"))) == ["wrong-host"]


def test_a_new_app_gets_a_countdown_and_is_confirmed_once_it_is_known(bench):
    acme = bench.add("acme", registered_at=bench.now() - timedelta(minutes=3))
    bench.scenario("propagation-delay", minutes=10.0)
    diagnosis = told(acme.checks.run("registration"))
    left = [one for one in diagnosis.ranked if one.verdict is Verdict.POSSIBLE]
    assert [one.cause.code for one in left] == ["wrong-client-id", "wrong-host", "not-propagated"]
    assert left[-1].because.startswith("The app was saved 3 minutes ago.")
    bench.advance(timedelta(minutes=11))
    later = acme.explain_failure(diagnose(diagnosis.failure))
    assert confirmed(later) == ["not-propagated"]


def test_a_scope_that_the_app_lacks_comes_before_waiting_although_the_app_was_saved_just_now(bench):
    acme = bench.add("acme", registered_at=bench.now() - timedelta(minutes=3))
    assert {one.status.value for one in acme.checks.run("registration")} == {"passed"}
    bench.scenario("no-refresh-scope")
    with pytest.raises(RunbookError) as refusal:
        bench.log_in(acme, profile="Standard User")
    diagnosis = acme.explain_failure(diagnosis_of(refusal.value))
    assert diagnosis.code == "scope-not-allowed"
    assert [one.cause.code for one in diagnosis.ranked] == ["scope-not-on-app", "not-propagated"]
    assert diagnosis.causes[0].summary == (
        "A scope that was requested isn't selected in the app. Requested: full refresh_token."
    )
    assert diagnosis.ranked[0].because == (
        f"Salesforce recognized this Consumer Key at this host before (last on {bench.now():%Y-%m-%d})."
    )


def test_a_session_that_ended_is_told_from_an_approval_that_did(bench):
    acme = bench.used()
    host = bench.world.my_domain().partition("://")[2]
    failure = replace(EXPIRED_SESSION, host=host)
    bench.scenario("sessions-ended", app="Cyclr")
    assert confirmed(acme.explain_failure(diagnose(failure))) == ["session-ended"]
    bench.scenario("revoked-elsewhere", app="Cyclr")
    assert confirmed(acme.explain_failure(diagnose(failure))) == ["approval-revoked"]


def test_a_session_that_will_die_early_is_told_while_it_lives(bench):
    acme = bench.used()
    bench.scenario("session-timeout", minutes=15.0, app="Cyclr")
    acme.grants.refresh()
    found = {one.check: one for one in acme.checks.run("grant")}["access-token-is-active"]
    assert (found.status.value, found.diagnosis.code) == ("warning", "session-ends-early")
    assert found.detail == "The access token is valid for only 15 minutes."


def test_a_callback_url_with_a_wrong_scheme_is_told_before_anything_is_sent(bench):
    acme = bench.add("acme", redirect_uri="http://acme.example/callback")
    found = {one.check: one for one in acme.checks.run("registration")}["runbook-callback-is-registered"]
    assert found.diagnosis.code == "callback-shape"
    assert found.detail == "It begins with http://, which Salesforce accepts only for localhost."


SITUATIONS = {
    "sixth-approval": {"app": "Cyclr"},
    "revoked-elsewhere": {"app": "Cyclr"},
    "app-deleted": {"app": "Cyclr"},
    "app-blocked": {"app": "Cyclr"},
    "secret-rotated": {},
    "ip-allow-list": {},
    "app-uninstalled": {},
}


@pytest.mark.parametrize("scenario", SITUATIONS)
def test_gathering_asks_little_and_spends_nothing(bench, scenario):
    acme = bench.used()
    bench.administrator()
    bench.scenario(scenario, **SITUATIONS[scenario])
    try:
        acme.grants.refresh()
        failure = UNINSTALLED
    except RunbookError as error:
        failure = error.failure
    before = bench.world.control("GET", "/approvals")
    bench.clear_journal()
    acme.explain_failure(diagnose(failure))
    asked = bench.asked()
    assert len(asked) <= REQUESTS_AT_MOST
    assert {path for _, path, _ in asked if not re.fullmatch(PROFILE, path)} <= {
        QUERY,
        TOKEN,
        "/services/oauth2/introspect",
        "/services/oauth2/authorize",
        "/.well-known/openid-configuration",
    }
    assert "refresh_token" not in {note for _, _, note in asked}
    assert bench.world.control("GET", "/approvals") == before


def test_a_healthy_check_asks_nothing_more(bench):
    acme = bench.used()
    bench.clear_journal()
    acme.checks.run("grant")
    assert [path for _, path, _ in bench.asked()] == ["/services/oauth2/introspect"]


def test_a_host_that_never_answers_costs_no_more_than_the_time_there_is(bench):
    acme = bench.used()
    grant = acme.grants.stored()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        origin = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        known = gather(
            diagnose(replace(EXPIRED_REFRESH, host=origin.removeprefix("http://"))),
            connection=replace(acme.connection, login_url=origin),
            grant=replace(grant, issuer=origin, instance_url=origin),
            client_secret=acme.client_secret(),
            history=History(bench.folder / "none", "none"),
            logins=(replace(grant, instance_url=origin),),
            seconds=1.0,
        )
    assert "refresh_token_active" not in known
    assert known["rotates"].value is True


def test_a_budget_ends_with_its_requests_or_its_time():
    now = [0.0]
    budget = MeteredSession(requests_at_most=2, seconds=10, clock=lambda: now[0])
    budget.charge()
    now[0] = 9.99
    with pytest.raises(BudgetSpentError):
        budget.charge()
    now[0] = 1.0
    budget.charge()
    with pytest.raises(BudgetSpentError):
        budget.charge()


def test_no_secret_is_among_the_facts(bench):
    acme = bench.used()
    bench.scenario("revoked-elsewhere", app="Cyclr")
    secrets = [
        acme.grants.stored().access_token.reveal(),
        acme.grants.stored().refresh_token.reveal(),
        acme.client_secret().reveal(),
    ]
    diagnosis = refused(acme)
    assert not [one for one in secrets if one in repr(diagnosis)]
    kept = (bench.folder / "history" / "acme.json").read_text()
    assert not [one for one in secrets if one in kept]


def test_a_history_remembers_a_login_a_policy_and_since_when_a_secret_is_held(tmp_path):
    history, at = History(tmp_path, "acme"), datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert (history.login_begun, history.codes_sent, history.secret_kept, history.policy) == (None, 0, None, None)
    history.note_code_sent()
    assert history.codes_sent == 0
    history.note_login_begun(at)
    history.note_code_sent()
    history.note_secret_kept(at)
    history.note_policy(Policy(kind="lifetime", hours=24.0), at)
    again = History(tmp_path, "acme")
    assert (again.login_begun, again.codes_sent, again.secret_kept) == (at, 1, at)
    assert again.policy == (Policy(kind="lifetime", hours=24.0), at)
    assert again.policy[0].lifetime_over(since=at, now=at + timedelta(hours=24))
    assert not again.policy[0].idle_over(since=at, now=at + timedelta(hours=25))


def test_a_damaged_history_is_an_empty_one(tmp_path):
    for text in ("", "[]", "{", '{"successes": [1, {"at": "x"}], "approval": 3, "app_name": 4}', DAMAGED):
        (tmp_path / "acme.json").write_text(text)
        history = History(tmp_path, "acme")
        assert history.successes() == ()
        assert history.app_name == ""
        assert (history.login_begun, history.codes_sent, history.secret_kept, history.policy) == (None, 0, None, None)
        assert not history.introspects
