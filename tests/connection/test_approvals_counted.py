"""The five approvals are counted before another is made, by whoever can count them, and none is forgotten."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from support.evidence_support import Bench
from support.oauth_support import grant_at
from support.oauth_support import log_in as log_in_elsewhere
from support.runbook_support import address_in, end, make_shell, own_callback, visit_as
from support.scripted_host import ScriptedHost, as_json

from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.salesforce.approvals import Approvals, count_approvals
from sfrunbook.store.approvals import OwnApprovals

ALLOWED = "(Salesforce creates one each time a user presses Allow for the app)"
OWN = "this runbook's records, without logins made elsewhere"
STANDARD = "Standard User"


@pytest.fixture
def user(fresh_world, tmp_path) -> Bench:
    return Bench(fresh_world, tmp_path)


def codes(call, *args, **kwargs) -> str:
    with pytest.raises(RunbookError) as caught:
        call(*args, **kwargs)
    return diagnosis_of(caught.value).code


def counted(opened: OpenConnection) -> tuple[int | None, str]:
    found = opened.org.approvals()
    return found.count, found.counted_by


def again(user: Bench, opened: OpenConnection, times: int = 1) -> None:
    for _ in range(times):
        user.log_in(opened, profile=STANDARD)
        user.advance(timedelta(minutes=1))


# --- who counts ------------------------------------------------------------------------------------------------------


def test_before_the_first_login_nobody_knows_whose_approvals_to_count(user):
    opened = user.add("acme")
    assert opened.org.approvals() == Approvals(count=None, counted_by="the user isn't known before the login")
    assert opened.org.approvals().summary == (
        f"We don't know how many of the 5 approvals are used {ALLOWED}: the user isn't known before the login."
    )
    assert not (opened.org.approvals().is_full or opened.org.approvals().is_near)


def test_the_org_counts_with_the_grant_itself(user):
    opened = user.logged_in("acme")
    again(user, opened, 2)
    found = opened.org.approvals()
    assert (found.count, found.counted_by) == (3, "the org, read with the login of acme")
    assert found.summary == f"3 of 5 approvals are used {ALLOWED}, counted by the org, read with the login of acme."
    assert [row.app_name for row in found.rows] == [user.world.app()["name"]] * 3
    assert [row.created_at for row in found.rows] == sorted(row.created_at for row in found.rows)


def test_approvals_made_elsewhere_count_as_well(user):
    opened = user.logged_in("acme", profile="System Administrator")
    for _ in range(3):
        log_in_elsewhere(user.world)
    assert counted(opened)[0] == 4
    assert opened.org.approvals().is_near


def test_another_grant_of_the_org_counts_when_the_own_one_is_dead(user):
    opened = user.logged_in("acme")
    opened.checks.run("data")
    user.advance(timedelta(hours=5))
    user.administrator()
    assert counted(opened) == (1, "the org, read with the login of administrator")


def test_our_own_records_count_when_no_grant_can_and_say_that_there_may_be_more(user):
    opened = user.logged_in("acme")
    again(user, opened)
    user.advance(timedelta(hours=5))
    found = opened.org.approvals()
    assert (found.count, found.counted_by, found.at_least) == (2, OWN, True)
    assert found.summary == f"At least 2 of 5 approvals are used {ALLOWED}, counted by {OWN}."


def test_nobody_counts_when_the_org_is_silent_and_the_records_are_damaged(user):
    opened = user.logged_in("acme")
    user.advance(timedelta(hours=5))
    (user.folder / "approvals.json").write_text("{")
    assert counted(opened) == (None, "neither the org nor this runbook's records can be read")


def test_counting_renews_and_spends_nothing(user):
    opened = user.logged_in("acme")
    user.advance(timedelta(hours=5))
    user.clear_journal()
    opened.org.approvals()
    assert {(method, path.split("?")[0]) for method, path, _ in user.asked()} == {
        ("GET", "/services/data/v60.0/query/")
    }


def test_an_org_that_lacks_a_column_still_counts(tmp_path):
    lacks = as_json([{"errorCode": "INVALID_FIELD", "message": "No such column 'CreatedDate'"}], 400)
    row = {"AppName": "Cyclr", "UserId": "005000000000001AAA"}
    rows = as_json({"totalSize": 1, "done": True, "records": [row]})
    with ScriptedHost({"/services/data/v60.0/query/": [lacks, rows]}) as host:
        found = count_approvals(
            user_id="005000000000001AAA",
            org_id="00D000000000001AAA",
            client_id="3MVG9canary",
            app_name="",
            likely_names=("Cyclr",),
            witnesses=[grant_at(host.origin)],
            own=OwnApprovals(tmp_path),
        )
    assert (found.count, found.rows[0].created_at) == (1, None)


# --- the guard -------------------------------------------------------------------------------------------------------


def test_a_sixth_login_is_refused_before_anything_is_asked_of_the_login_page(user):
    opened = user.logged_in("acme")
    again(user, opened, 4)
    user.clear_journal()
    with pytest.raises(RunbookError) as caught:
        opened.login.begin()
    assert diagnosis_of(caught.value).code == "approvals-full"
    explained, name = diagnosis_of(caught.value), user.world.app()["name"]
    assert explained.what == f"A new login would remove the oldest approval of {name}."
    assert explained.why.startswith("5 of 5 approvals by the user of acme are in use (counted by ")
    assert not any("authorize" in path for _, path, _ in user.asked())
    assert codes(opened.login.log_in, print, str, receive=False, timeout_seconds=1) == "approvals-full"


def test_an_explicit_yes_makes_the_sixth(user):
    opened = user.logged_in("acme")
    again(user, opened, 4)
    pending, url = opened.login.begin(accept_eviction=True)
    assert pending.state in url


def test_the_guard_holds_by_our_own_records_when_the_org_does_not_tell(user):
    opened = user.logged_in("acme")
    again(user, opened, 4)
    user.advance(timedelta(hours=5))
    assert counted(opened) == (5, OWN)
    assert codes(opened.login.begin) == "approvals-full"


def test_another_app_or_user_has_approvals_of_its_own(user):
    opened = user.logged_in("acme")
    again(user, opened, 4)
    other = user.logged_in("other", profile="System Administrator")
    third = user.logged_in("third", kind="connected_app")
    assert counted(other)[0] == counted(third)[0] == 1


# --- our own records -------------------------------------------------------------------------------------------------


def test_a_record_says_who_made_which_approval_where_and_survives_its_revocation(user):
    opened = user.logged_in("acme")
    grant = opened.grants.stored()
    (made,) = OwnApprovals(user.folder).all()
    assert (made.org_id, made.user_id, made.client_id) == (grant.org_id, grant.user_id, grant.client_id)
    assert (made.connection, made.made_at, made.made_by) == ("acme", grant.approved_at, "person")
    assert (made.machine, made.revoked_at) == (opened.records.machine, None)
    opened.grants.revoke()
    (kept,) = OwnApprovals(user.folder).all()
    assert kept.made_at == made.made_at
    assert kept.revoked_at > made.made_at
    assert counted(opened) == (0, OWN)


def test_an_approval_that_could_not_be_taken_back_is_not_forgotten(user):
    opened = user.logged_in("acme")
    user.scenario("maintenance")
    with pytest.raises(RunbookError):
        opened.grants.revoke()
    assert opened.grants.stored() is not None
    (made,) = OwnApprovals(user.folder).all()
    assert made.revoked_at is None
    assert made.revocation_refused_at > made.made_at
    assert counted(opened) == (1, OWN)


def test_damaged_records_are_moved_aside_by_the_next_login_and_not_written_over(user):
    opened = user.add("acme")
    (user.folder / "approvals.json").write_text("not ours")
    user.log_in(opened, profile=STANDARD)
    assert len(OwnApprovals(user.folder).all()) == 1
    (aside,) = user.folder.glob("approvals.damaged-*.json")
    assert aside.read_text() == "not ours"


def test_records_hold_no_secret(user):
    opened = user.logged_in("acme")
    grant = opened.grants.stored()
    text = (user.folder / "approvals.json").read_text()
    assert json.loads(text)["format"] == 1
    for secret in (grant.access_token, grant.refresh_token, opened.client_secret()):
        assert secret.reveal() not in text


# --- the command -----------------------------------------------------------------------------------------------------


def test_login_says_that_one_place_is_left_and_refuses_when_none_is(fresh_world, tmp_path):
    shell = make_shell(tmp_path / "user")
    shell.add(fresh_world, redirect_uri=own_callback(fresh_world))
    for _ in range(3):
        log_in_elsewhere(fresh_world)
    said = [_log_in(shell, fresh_world) for _ in range(2)]
    assert [("adds 1" in one[2], one[0]) for one in said] == [(False, 0), (True, 0)]
    refused = shell.run("login", "acme", "--no-browser", "--json")
    assert json.loads(refused.stdout)["problem"]["code"] == "approvals-full"
    assert refused.returncode == 2
    process = shell.start("login", "acme", "--no-browser", "--another-approval")
    assert "authorize" in address_in(process.stderr)
    end(process)


def test_a_run_without_a_person_makes_no_approval_on_an_org_and_does_not_even_ask_for_one(fresh_world, tmp_path):
    shell = make_shell(tmp_path / "user")
    shell.add(fresh_world)
    fresh_world.control("DELETE", "/journal")
    for words in (("run", "--connection", "acme"), ("check", "acme")):
        assert shell.run(*words).returncode != 0
    asked = [row["path"] for row in fresh_world.control("GET", "/journal")["requests"]]
    assert fresh_world.control("GET", "/approvals") == []
    assert not [path for path in asked if path.startswith(("/login", "/setup/secur/RemoteAccessAuthorizationPage"))]


def _log_in(shell, world) -> tuple[int, str, str]:
    process = shell.start("login", "acme", "--no-browser", "--timeout", "30")
    lines = []

    def read():
        for line in process.stderr:
            lines.append(line)
            yield line

    visit_as(world, address_in(read()))
    stdout, stderr = process.communicate(timeout=60)
    return process.returncode, stdout, "".join(lines) + stderr
