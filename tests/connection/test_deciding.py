"""What only a person decides about a grant, by the command line and on the page, against a practice world."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from support.evidence_support import Bench
from support.runbook_support import log_in, make_shell, own_callback
from support.widget_support import press, shown
from support.zones import in_zone, needs_zones

from sfrunbook.connection.health import grant_health
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Status
from sfrunbook.core.moments import local_and_utc
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.stay_connected import decision
from sfrunbook.runbook.sections.stay_connected import StayConnectedSection
from sfrunbook.runbook.state import State
from sfrunbook.salesforce.approvals import OwnApprovals
from sfrunbook.store.secret_place import open_store

ADMINISTRATOR = "System Administrator"


@pytest.fixture
def user(fresh_world, tmp_path) -> Bench:
    return Bench(fresh_world, tmp_path)


@pytest.fixture
def page(user, monkeypatch) -> State:
    """The page on the connection acme, which has logged in."""
    user.logged_in("acme", profile=ADMINISTRATOR)
    monkeypatch.setenv("SFRUNBOOK_HOME", str(user.folder))
    monkeypatch.setenv("SFRUNBOOK_KEY_FILE", str(user.folder / "key"))
    return State("acme", attended=True)


def code(call, *args, **kwargs) -> str:
    with pytest.raises(RunbookError) as caught:
        call(*args, **kwargs)
    return diagnosis_of(caught.value).code


def spend_unseen(user, opened) -> None:
    """A refresh that the org carries out, and whose answer nobody gets."""
    opened.store.mark_sent("acme", user.now())
    held = opened.grants.stored()
    body = {
        "grant_type": "refresh_token",
        "refresh_token": held.refresh_token.reveal(),
        "client_id": held.client_id,
        "client_secret": opened.client_secret().reveal(),
    }
    assert opened.http.post(f"{held.issuer}/services/oauth2/token", data=body, timeout=10).ok


# --- by the workbench ------------------------------------------------------------------------------------------------


def test_there_is_nothing_to_decide_about_a_grant_in_order(user):
    opened = user.logged_in("acme")
    assert opened.grants.undecided() is None
    assert code(opened.grants.try_refresh_once) == "nothing-to-decide"


def test_a_refresh_that_never_left_is_made_up_for(user):
    opened = user.logged_in("acme")
    opened.store.mark_sent("acme", user.now())
    assert code(opened.grants.refresh) == "refresh-undecided"
    assert opened.grants.try_refresh_once().generation == 2
    assert opened.grants.undecided() is None


@needs_zones
def test_the_time_of_a_lost_refresh_is_that_of_this_place(user):
    opened = user.logged_in("acme")
    opened.store.mark_sent("acme", datetime(2026, 11, 28, 13, 5, tzinfo=UTC))
    with in_zone("CET-1"), pytest.raises(RunbookError) as caught:
        opened.grants.refresh()
    assert "sent at 2026-11-28 14:05 CET (13:05 UTC)." in diagnosis_of(caught.value).why


def test_a_spent_token_is_not_sent_again_even_when_a_person_asks_for_it(user):
    opened = user.logged_in("acme")
    spend_unseen(user, opened)
    user.clear_journal()
    assert code(opened.grants.try_refresh_once) == "refresh-token-spent"
    assert [path for _, path, _ in user.asked()] == ["/services/oauth2/introspect"]
    assert opened.org.api_or_raise().versions(), "the access token that is held goes on working"
    assert len(user.world.control("GET", "/approvals")) == 1


def test_giving_up_forgets_the_grant_and_remembers_an_approval_that_could_not_be_taken_back(user):
    opened = user.logged_in("acme")
    spend_unseen(user, opened)
    assert opened.grants.give_up() is False
    assert opened.grants.stored() is None
    (made,) = OwnApprovals(user.folder).all()
    assert made.revoked_at is None
    assert made.revocation_refused_at is not None
    user.log_in(opened, profile=ADMINISTRATOR)
    assert opened.grants.undecided() is None


def test_giving_up_a_living_grant_takes_its_approval_back(user):
    opened = user.logged_in("acme")
    opened.store.mark_sent("acme", user.now())
    assert opened.grants.give_up() is True
    assert user.world.control("GET", "/approvals") == []
    assert OwnApprovals(user.folder).all()[0].revoked_at is not None


def test_a_data_call_with_an_expired_token_does_not_decide_either(user):
    opened = user.logged_in("acme")
    spend_unseen(user, opened)
    user.advance(timedelta(hours=5))
    assert code(opened.org.api_or_raise().org) == "refresh-undecided"


# --- on the page -----------------------------------------------------------------------------------------------------


@needs_zones
def test_the_page_says_what_is_missing_and_what_salesforce_says_of_the_token(page, user):
    page.opened.store.mark_sent("acme", user.now())
    at = page.opened.grants.undecided().at
    section = StayConnectedSection(page)
    with in_zone("CET-1"):
        section.check()
        form = widgets.stack(*decision(page))
        lost = f"A refresh was sent on {local_and_utc(at)}, and its answer was lost."
    assert " CET (" in lost
    assert lost in shown(form)
    found = page.finding("stay_connected", "refresh-is-decided")
    assert (found.status, found.detail) == (Status.INCONCLUSIVE, lost)
    assert page.finding("stay_connected", "grant-can-be-renewed") is None
    assert "The refresh token is still active. Sending it again may revoke the access." in shown(form)
    press(form, "Send it once more")
    section.check()
    assert page.finding("stay_connected", "refresh-is-decided").status is Status.PASSED
    assert decision(page) == []


def test_a_spent_token_is_explained_and_access_can_be_given_up(page, user):
    spend_unseen(user, page.opened)
    form = widgets.stack(*decision(page))
    assert "The refresh token isn't active." in shown(form)
    press(form, "Send it once more")
    assert page.opened.grants.undecided() is not None
    assert page.finding("stay_connected", "stay-connected-can-be-done").diagnosis.code == "refresh-token-spent"
    press(form, "Log in again instead")
    assert page.opened.grants.stored() is None


def test_a_refresh_that_is_refused_takes_the_place_of_the_one_that_worked(page, user):
    section = StayConnectedSection(page)
    section.check()
    assert page.finding("stay_connected", "grant-can-be-renewed").status is Status.PASSED
    user.scenario("revoked-elsewhere")
    section.check()
    assert page.finding("stay_connected", "grant-can-be-renewed").status is Status.FAILED


def test_another_connection_that_cannot_be_opened_leaves_the_page_working(page):
    section = StayConnectedSection(page)
    section.parts()
    page.open("nobody")
    assert not page.is_open
    page.open("acme")
    assert page.is_open


# --- the date by which a grant must be used ---------------------------------------------------------------------------


def policy(user, kind: str, seconds: float) -> None:
    client_id = user.world.app()["client_id"]
    user.world.control("POST", f"/apps/{client_id}", {"refresh_policy": kind, "refresh_policy_seconds": seconds})


def test_an_idle_limit_gives_the_date_by_which_the_grant_must_be_renewed(user):
    opened = user.logged_in("acme", profile=ADMINISTRATOR)
    health = grant_health(opened)
    assert health.policy.description == "Expire refresh token if not used for 30 days"
    assert health.ends == opened.grants.stored().issued_at + timedelta(days=30)
    assert health.next_steps() == ()
    assert f"refresh by {health.ends:%Y-%m-%d %H:%M} UTC" in health.facts()["Refresh Token Policy"]


def test_shortly_before_that_date_the_next_step_says_so(user):
    opened = user.logged_in("acme", profile=ADMINISTRATOR)
    user.advance(timedelta(days=25))
    user.administrator()
    health = grant_health(opened)
    assert health.next_steps() == (
        f"Refresh before {health.ends:%Y-%m-%d %H:%M} UTC: check again, or sfrunbook run regression.",
    )


def test_where_no_grant_may_read_the_policy_it_is_not_known(user):
    opened = user.logged_in("acme", profile="Standard User")
    health = grant_health(opened)
    assert (health.policy, health.ends) == (None, None)
    assert health.facts()["Refresh Token Policy"] == (
        "unknown: your logins can't read it. An administrator sees it in the app's OAuth policies."
    )


# --- by the command line ---------------------------------------------------------------------------------------------


@pytest.fixture
def shell(fresh_world, tmp_path):
    made = make_shell(tmp_path / "user")
    made.add(fresh_world, redirect_uri=own_callback(fresh_world))
    assert log_in(made, fresh_world).returncode == 0
    return made


def test_the_commands_list_show_and_revoke_a_grant_without_a_token(shell):
    store = open_store(shell.home, "acme", shell.environ)
    grant = store.load("acme")
    (line,) = json.loads(shell.run("grants", "list", "--json").stdout)
    assert (line["connection"], line["kind"], line["generation"]) == ("acme", "authorization_code", 1)
    shown = shell.run("grants", "show", "acme")
    told = json.loads(shell.run("grants", "show", "acme", "--json").stdout)
    assert (told["held"], told["of_this_machine"], told["undecided_since"]) == (True, True, None)
    assert told["approvals"]["count"] == 1
    for text in (shown.stdout, json.dumps(told)):
        assert grant.access_token.reveal() not in text
        assert grant.refresh_token.reveal() not in text
    assert shell.run("grants", "revoke", "acme", "--yes").stdout == "The login of acme is revoked and deleted.\n"
    assert shell.run("grants", "list").stdout == "No login is stored. Log in with: sfrunbook login NAME\n"


def test_the_command_resolves_a_lost_answer_either_way(shell):
    store = open_store(shell.home, "acme", shell.environ)
    store.mark_sent("acme", store.load("acme").issued_at)
    assert "a refresh has no reply" in shell.run("grants", "list").stdout
    assert "still valid" in shell.run("grants", "show", "acme").stdout
    assert shell.run("grants", "resolve", "acme").returncode == 2
    tried = shell.run("grants", "resolve", "acme", "--try-once")
    assert tried.stdout == "The login of acme is valid and stored: refreshed once since the login.\n"
    again = shell.run("grants", "resolve", "acme", "--try-once")
    assert again.returncode == 2
    assert "nothing to decide" in again.stderr
    given_up = shell.run("grants", "resolve", "acme", "--log-in-again")
    assert given_up.stdout == "The login of acme is deleted. Next: sfrunbook login acme\n"


def test_a_copied_store_is_refused_on_another_machine_until_it_is_adopted(shell):
    shell.environ["SFRUNBOOK_MACHINE_ID"] = "another"
    refused = shell.run("check", "acme", "--stage", "grant")
    assert refused.returncode == 2
    assert "The stored login of acme was made on another machine" in refused.stdout + refused.stderr
    assert shell.run("grants", "adopt", "acme", "--yes").stdout == "The login of acme now belongs to this machine.\n"
    assert shell.run("check", "acme", "--stage", "grant").returncode == 0
