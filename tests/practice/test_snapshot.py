"""Snapshots: the whole state at one moment, to come back to as often as wanted."""

from __future__ import annotations

import pytest
from support.inside import EXPIRED, Inside


@pytest.fixture
def world():
    return Inside()


def keep(world, name="start"):
    assert world.control("POST", "/snapshots", {"name": name})[0] == 200


def back(world, name="start"):
    assert world.control("POST", f"/snapshots/{name}")[0] == 200
    world.settle()


def test_tokens_policies_settings_and_clock_come_back(world):
    granted = world.grant()
    keep(world)
    renewed = world.refresh(granted["refresh_token"])[1]
    world.policies(blocked=True)
    world.settings(approval_limit=1)
    world.advance(days=400)
    back(world)
    assert world.refused(world.refresh(renewed["refresh_token"])) == EXPIRED
    assert world.reached(granted["access_token"])[0] == 200
    assert world.world.settings.approval_limit == 5
    assert world.refresh(granted["refresh_token"])[0] == 200


def test_it_can_be_done_again_and_what_comes_back_is_a_copy(world):
    granted = world.grant()
    keep(world)
    for _ in range(3):
        assert world.refresh(granted["refresh_token"])[0] == 200
        assert len(world.practice.ledger.approvals) == 1
        back(world)


def test_the_same_steps_after_a_return_give_the_same_tokens(world):
    keep(world)
    first = world.grant()["refresh_token"]
    back(world)
    assert world.grant()["refresh_token"] == first


def test_written_and_deleted_records_come_back_as_they_were(world):
    token = world.grant()["access_token"]
    kept = world.data("/sobjects/Account", token, "POST", {"Name": "Kept"})[1]["id"]
    keep(world)
    late = world.data("/sobjects/Account", token, "POST", {"Name": "Late"})[1]["id"]
    world.data(f"/sobjects/Account/{kept}", token, "DELETE")
    back(world)
    assert world.data(f"/sobjects/Account/{kept}", token)[1]["Name"] == "Kept"
    assert world.data(f"/sobjects/Account/{late}", token)[0] == 404
    again = world.data("/sobjects/Account", token, "POST", {"Name": "Again"})[1]["id"]
    assert again == late


def test_scenarios_come_back_and_can_still_be_undone(world):
    world.start("session-timeout", minutes=30.0)
    world.start("html-503")
    keep(world)
    world.stop("session-timeout")
    world.stop("html-503")
    world.start("app-deleted")
    back(world)
    assert set(world.practice.scenarios.on) == {"session-timeout", "html-503"}
    assert world.app.session_timeout_seconds == 1800.0
    world.stop("session-timeout")
    world.stop("html-503")
    assert (world.find_app().session_timeout_seconds, world.practice.faults.active) == (None, [])


def test_a_sandbox_refresh_and_a_user_change_come_back(world):
    first = world.org("second").org_id
    token = world.grant()["access_token"]
    world.rows("SELECT Id FROM User", token)
    keep(world)
    world.control("POST", "/orgs/second/refresh")
    world.control("POST", "/users/integration@first.practice.example", {"is_active": False})
    back(world)
    assert world.org("second").org_id == first
    world.host, world.app, world.user = (
        world.org("second").my_domain_url,
        world.find_app("second"),
        world.find_user("second"),
    )
    assert f"/id/{first}/" in world.grant()["id"]
    world.settle()
    soql = "SELECT Username FROM User WHERE IsActive = false"
    assert world.rows(soql, token) == []


def test_a_snapshot_outlives_a_reset(world):
    granted = world.grant()
    made = world.data("/sobjects/Account", granted["access_token"], "POST", {"Name": "Kept"})[1]["id"]
    keep(world)
    world.control("POST", "/reset")
    assert world.refused(world.refresh(granted["refresh_token"])) == EXPIRED
    back(world)
    assert world.data(f"/sobjects/Account/{made}", granted["access_token"])[1]["Name"] == "Kept"
    assert world.refresh(granted["refresh_token"])[0] == 200


def test_a_scenario_of_a_snapshot_outlives_a_reset_and_can_still_be_undone(world):
    world.start("session-timeout", minutes=30.0)
    keep(world)
    world.control("POST", "/reset")
    back(world)
    assert world.find_app().session_timeout_seconds == 1800.0
    world.start("secret-optional")
    assert not world.find_app().secret_required_for_code
    for name in ("secret-optional", "session-timeout"):
        world.stop(name)
    app = world.find_app()
    assert (app.session_timeout_seconds, app.secret_required_for_code) == (None, True)


def test_names_are_listed_forgotten_and_limited(world):
    keep(world, "one")
    keep(world, "two")
    assert world.control("GET", "/snapshots")[1] == {"snapshots": ["one", "two"]}
    assert world.control("DELETE", "/snapshots/one")[1] == {"snapshots": ["two"]}
    assert world.control("POST", "/snapshots/one")[0] == 404
    for wrong in ("", "x" * 101, 7):
        assert world.control("POST", "/snapshots", {"name": wrong})[0] == 400
    for number in range(19):
        keep(world, str(number))
    assert world.control("POST", "/snapshots", {"name": "one too many"})[0] == 400
