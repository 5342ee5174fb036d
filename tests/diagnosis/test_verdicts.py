"""Facts decide between the causes of one error: confirmed, possible, ruled out, in that order, none lost."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.each import for_each

from sfrunbook.core.model import Failure, Known, Stage, Verdict
from sfrunbook.diagnosis.catalogue import CatalogueError, parse, rows
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.diagnosis.facts import facts
from sfrunbook.diagnosis.rules import parse_rule
from sfrunbook.diagnosis.verdicts import facts_wanted, rank_causes
from sfrunbook.report.cards import diagnosis_card
from sfrunbook.report.data import diagnosis_data
from sfrunbook.report.text import diagnosis_text

REFRESH = Failure(
    stage=Stage.REFRESH,
    host="acme.my.salesforce.com",
    http_status=400,
    error="invalid_grant",
    description="expired access/refresh token",
)
#: a grant in use at its own host, refused, dead for Salesforce
DEAD = {
    "used_host": "acme.my.salesforce.com",
    "issuer_host": "acme.my.salesforce.com",
    "instance_host": "acme.my.salesforce.com",
    "refresh_token_active": False,
    "generation": 7.0,
    "newest_generation": 7.0,
    "refresh_cut_off": False,
    "idle_days": 3.0,
    "age_days": 90.0,
}
#: what an administrator's grant adds
LOOKED_AT = DEAD | {
    "own_row_present": False,
    "newer_app_rows": 0.0,
    "foreign_logins": 0.0,
    "idle_over": False,
    "lifetime_over": False,
    "user_active": True,
}


def known(facts):
    return {name: Known(value=value, how="") for name, value in facts.items()}


def ranked(failure, facts):
    return rank_causes(diagnose(failure), known(facts))


def verdicts_of(diagnosis, verdict):
    return [one.cause.code for one in diagnosis.ranked if one.verdict is verdict]


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        (DEAD | {"used_host": "login.salesforce.com", "refresh_token_active": True}, "wrong-host"),
        (DEAD | {"generation": 6.0}, "rotated-token-replayed"),
        (DEAD | {"refresh_cut_off": True}, "rotated-token-replayed"),
        (LOOKED_AT | {"newer_app_rows": 5.0, "foreign_logins": 5.0}, "evicted-by-newer-approval"),
        (LOOKED_AT | {"idle_over": True}, "idle-limit"),
        (LOOKED_AT | {"lifetime_over": True}, "fixed-lifetime"),
        (LOOKED_AT, "revoked"),
        (LOOKED_AT | {"rotates": False}, "revoked"),
        (DEAD | {"user_active": False}, "user-state-changed"),
        (DEAD | {"client_known": False}, "app-gone-or-blocked"),
        (DEAD | {"refresh_token_active": True, "login_status": "Restricted IP"}, "ip-restricted"),
    ],
)
def test_a_refused_refresh_has_the_cause_that_the_facts_speak_for(facts, cause):
    diagnosis = ranked(REFRESH, facts)
    assert verdicts_of(diagnosis, Verdict.CONFIRMED) == [cause]
    assert diagnosis.causes[0].code == cause


def test_logins_of_others_speak_for_a_copy_and_do_not_prove_one():
    first = ranked(REFRESH, LOOKED_AT | {"rotates": True, "foreign_logins": 2.0, "app_rows": 0.0}).ranked[0]
    assert (first.cause.code, first.verdict) == ("rotated-token-replayed", Verdict.POSSIBLE)
    assert "Login History shows 2 logins of the app and user since this connection's last refresh." in first.because


def test_a_refresh_token_that_is_alive_rules_out_all_that_would_have_ended_it():
    diagnosis = ranked(REFRESH, DEAD | {"used_host": "login.salesforce.com", "refresh_token_active": True})
    assert verdicts_of(diagnosis, Verdict.RULED_OUT) == [
        "rotated-token-replayed",
        "idle-limit",
        "evicted-by-newer-approval",
        "revoked",
        "fixed-lifetime",
        "token-of-another-app",
        "app-gone-or-blocked",
    ]


def test_without_an_administrator_a_long_idle_grant_is_likely_idle_and_not_called_confirmed():
    diagnosis = ranked(REFRESH, DEAD | {"idle_days": 45.0, "rotates": False})
    assert diagnosis.ranked[0].cause.code == "idle-limit"
    assert diagnosis.ranked[0].verdict is Verdict.POSSIBLE
    assert diagnosis.ranked[0].because == "The tokens were last refreshed 45 days ago."


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ({"client_known": False, "client_worked_here": True, "app_listed": False}, "app-deleted"),
        ({"client_known": False, "client_worked_here": False, "client_known_elsewhere": True}, "wrong-host"),
        ({"client_known": False, "client_worked_here": False, "client_id_shape_ok": False}, "wrong-client-id"),
        ({"client_known": True, "client_worked_here": False}, "not-propagated"),
    ],
)
def test_an_unknown_consumer_key_has_the_cause_that_the_facts_speak_for(facts, cause):
    failure = Failure(stage=Stage.AUTHORIZE, error="invalid_client_id", description="client identifier invalid")
    assert verdicts_of(ranked(failure, facts), Verdict.CONFIRMED) == [cause]


def test_waiting_comes_last_while_the_key_and_the_host_can_be_compared_and_it_still_counts_down():
    failure = Failure(stage=Stage.AUTHORIZE, error="invalid_client_id")
    facts = {"registered_minutes": 4.0, "minutes_to_wait": 6.0, "longest_wait_minutes": 26.0, "client_known": False}
    causes = ranked(failure, facts | {"client_worked_here": False, "client_id_shape_ok": True}).ranked
    left = [one for one in causes if one.verdict is Verdict.POSSIBLE]
    assert [one.cause.code for one in left] == ["wrong-client-id", "wrong-host", "not-propagated"]
    assert left[-1].because == (
        "The app was saved 4 minutes ago. A new app usually works after 10 minutes: wait 6 minutes more. It can take "
        "30 minutes: 26 minutes more."
    )


def test_a_missing_scope_is_not_blamed_on_waiting():
    failure = Failure(stage=Stage.AUTHORIZE, error="invalid_scope", evidence={"scopes": "full refresh_token"})
    for known_facts in ({"registered_minutes": 4.0, "minutes_to_wait": 6.0, "longest_wait_minutes": 26.0}, {}):
        for code in ("scope-not-allowed", "scope-missing"):
            causes = ranked(replace(failure, stage=Stage.LOCAL, error=code), known_facts).ranked
            assert [one.cause.code for one in causes] == ["scope-not-on-app", "not-propagated"], code


def test_after_half_an_hour_a_new_app_is_not_the_cause_any_more():
    failure = Failure(stage=Stage.AUTHORIZE, error="invalid_client_id")
    diagnosis = ranked(failure, {"registered_minutes": 31.0, "client_known": False, "client_worked_here": False})
    assert diagnosis.ranked[0].cause.code == "wrong-client-id"
    assert verdicts_of(diagnosis, Verdict.RULED_OUT) == ["not-propagated"]


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ({"has_secret": False}, "secret-not-sent"),
        (
            {
                "has_secret": True,
                "secret_worked_before": True,
                "secret_accepted": False,
                "works_without_secret": False,
            },
            "secret-rotated",
        ),
        ({"has_secret": True, "secret_accepted": False, "works_without_secret": True}, "secret-not-wanted"),
        ({"has_secret": True, "secret_worked_before": False, "secret_shape_ok": False}, "secret-wrong"),
    ],
)
def test_a_refused_secret_is_missing_replaced_or_wrong(facts, cause):
    failure = Failure(stage=Stage.REFRESH, error="invalid_client", description="invalid client credentials")
    assert verdicts_of(ranked(failure, facts), Verdict.CONFIRMED) == [cause]


@pytest.mark.parametrize(
    ("facts", "first", "verdict"),
    [
        ({"may_approve_uninstalled": True}, "not-installed-api-access-control-on", Verdict.CONFIRMED),
        ({"api_open": False}, "not-installed-api-access-control-on", Verdict.CONFIRMED),
        ({"may_approve_uninstalled": False}, "not-installed-api-access-control-off", Verdict.POSSIBLE),
    ],
)
def test_the_remedy_of_an_uninstalled_app_follows_api_access_control(facts, first, verdict):
    failure = Failure(stage=Stage.AUTHORIZE, error="invalid_client", description="app must be installed into org")
    one = ranked(failure, facts).ranked[0]
    assert (one.cause.code, one.verdict) == (first, verdict)


def test_facts_that_disagree_confirm_nothing_and_say_so():
    diagnosis = ranked(REFRESH, DEAD | {"generation": 6.0, "rotates": False})
    one = next(each for each in diagnosis.ranked if each.cause.code == "rotated-token-replayed")
    assert one.verdict is Verdict.POSSIBLE
    assert one.because.startswith("The facts disagree. ")


def test_the_only_cause_that_is_left_says_that_it_is():
    failure = Failure(stage=Stage.REFRESH, error="inactive_user", description="inactive user")
    diagnosis = rank_causes(diagnose(failure), known({}))
    assert verdicts_of(diagnosis, Verdict.RULED_OUT) == []
    failure = Failure(stage=Stage.TOKEN, error="invalid_client")
    one = ranked(failure, {"has_secret": True, "secret_worked_before": True, "works_without_secret": False}).ranked[0]
    assert one.cause.code == "secret-rotated"
    assert one.because == (
        "All other known causes are ruled out. We couldn't check whether Salesforce accepts the Consumer Secret; "
        "whether the Setup Audit Trail shows a new Consumer Secret; whether the Consumer Secret is complete."
    )


def test_a_diagnosis_that_has_one_cause_asks_for_no_fact():
    assert facts_wanted(diagnose(Failure(stage=Stage.TOKEN, error="oauth_flow_disabled"))) == frozenset()
    assert "refresh_token_active" in facts_wanted(diagnose(REFRESH))


VALUES = {
    "yes/no": st.booleans(),
    "number": st.floats(min_value=0, max_value=1000, allow_nan=False),
    "text": st.sampled_from(["acme.my.salesforce.com", "login.salesforce.com", "jwt bearer", "Restricted IP", ""]),
}
SOME_FACTS = st.fixed_dictionaries({}, optional={name: VALUES[fact.kind] for name, fact in facts().items()})


@given(st.sampled_from(sorted(rows())), SOME_FACTS)
def test_every_cause_is_weighed_exactly_once_whatever_is_known(code, facts):
    diagnosis = diagnose(Failure(stage=rows()[code].stage, error=code))
    done = rank_causes(diagnosis, known(facts))
    assert sorted(one.cause.code for one in done.ranked) == sorted(cause.code for cause in diagnosis.causes)
    assert done.causes == tuple(one.cause for one in done.ranked)
    order = [list(Verdict).index(one.verdict) for one in done.ranked]
    assert order == sorted(order)
    assert all(one.because.endswith(".") for one in done.ranked)
    assert diagnosis_text(done) and diagnosis_card(done).html
    assert [each["verdict"] for each in diagnosis_data(done)["causes"]] == [one.verdict.value for one in done.ranked]


def test_every_fact_decides_something():
    wanted = {
        name
        for row in rows().values()
        for rules in row.cause_rules.values()
        for rule in rules.rules
        for name in rule.names
    }
    assert sorted(set(facts()) - wanted) == []


@for_each("fact", facts().values(), ids=lambda fact: fact.name)
def test_every_fact_reads_as_a_sentence(fact):
    values = {"yes/no": (True, False), "number": (12.0,), "text": ("x",)}[fact.kind]
    for value in values:
        assert fact.sentence(value).endswith(".")
        assert "{" not in fact.sentence(value)


@pytest.mark.parametrize(
    "text",
    [
        "colour = 'blue'",
        "idle_days",
        "idle_days > many",
        "idle_days = true",
        "rotates > 1",
        "rotates = 'yes'",
        "used_host = true",
        "used_host != idle_days",
        "idle_days > 3 or rotates = true",
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        parse_rule(text)


def test_a_row_with_a_condition_on_an_unknown_fact_is_refused():
    cause = {
        "code": "a-cause",
        "summary": "S.",
        "tell": "T.",
        "confirmed_by": ["colour = 'blue'"],
        "remedy": [{"who": "You", "where": "here", "what": "Do it."}],
    }
    row = {
        "code": "a-row",
        "what": "W.",
        "why": "W.",
        "source": "https://a.example/",
        "mark": "likely",
        "cause": [cause],
    }
    with pytest.raises(CatalogueError, match="a-row, cause a-cause: there is no fact named colour"):
        parse({"token": {"row": [row]}})


def test_the_verdicts_are_shown_in_text():
    text = diagnosis_text(ranked(REFRESH, LOOKED_AT | {"newer_app_rows": 5.0, "foreign_logins": 5.0}))
    lines = [line.split(":")[0] for line in text.splitlines() if not line.startswith(" ")]
    assert lines[:7] == [
        "What",
        "Why",
        "Confirmed cause",
        "Because",
        "1. Salesforce administrator",
        "2. Salesforce administrator",
        "3. You",
    ]
    assert "Ruled out: The refresh token wasn't used for longer than the app's policy allows" in text
    assert "Because: No idle limit of the app has passed." in " ".join(text.split())


def test_what_is_ruled_out_is_folded_away_in_a_card():
    html = diagnosis_card(ranked(REFRESH, LOOKED_AT)).html
    assert "<strong>Confirmed cause:</strong> The user or an administrator revoked the approval." in html
    folded = html[html.index("<summary>Evidence</summary>") :]
    assert "<em>Ruled out:</em> The policy expires refresh tokens a fixed time after the login" in folded
    assert "<ol>" not in folded


def test_when_every_known_cause_is_ruled_out_the_reader_is_sent_to_login_history():
    failure = Failure(stage=Stage.TOKEN, error="invalid_grant", description="expired authorization code")
    diagnosis = ranked(failure, {"grant_kind": "jwt bearer", "clock_skew_minutes": 0.0})
    assert verdicts_of(diagnosis, Verdict.RULED_OUT) == ["code-used-or-old", "sent-twice", "assertion-time"]
    shown = " ".join(diagnosis_text(diagnosis).split())
    told = "All known causes are ruled out. Read this minute's entry in Setup > Identity > Login History."
    assert told in shown
    assert told in diagnosis_card(diagnosis).html.replace("&gt;", ">").replace("&#39;", "'")


def test_what_stayed_open_is_not_told_as_a_reason():
    denied = rank_causes(diagnose(Failure(stage=Stage.AUTHORIZE, error="access_denied")), known({}))
    text = " ".join(diagnosis_text(denied).split())
    assert "Not verified: We couldn't check the policy Permitted Users." in text
    assert "Because:" not in text and "Because:" not in diagnosis_card(denied).html
    assert "<em>Not verified:</em> We couldn&#39;t check" in diagnosis_card(denied).html
