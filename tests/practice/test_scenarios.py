"""Every scenario: that it changes the wire as it says, and that undoing it brings back exactly what was there."""

from __future__ import annotations

import copy
import json
import subprocess
import sys

import pytest
from support.inside import Inside
from support.scenario_probes import EXPECTED, OK, OVER_SOCKETS, VARIANTS, connected, landing, refresh, session

from sfrunbook.practice.scenarios import SCENARIOS, UnknownScenario, parse

ORG_SCENARIOS = [name for name in SCENARIOS if not name.startswith("cyclr-")]


@pytest.fixture(scope="module")
def shared():
    return Inside()


@pytest.fixture
def world(shared):
    shared.practice.reset()
    shared.settle()
    shared.second_app, shared.first_id = shared.find_app("second"), shared.org("second").org_id
    shared.reader = shared.grant(scope="api")["access_token"]
    shared.kept = shared.grant()
    return shared


def test_every_scenario_is_proved_here_or_over_sockets():
    """Those of the partner's side are proved in test_cyclr_scenarios.py."""
    assert sorted([*EXPECTED, *OVER_SOCKETS]) == sorted(ORG_SCENARIOS)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_scenario_shows_its_symptom_and_goes_again(world, name):
    parameters, probe, expected = EXPECTED[name]
    before = probe(world)
    assert before != expected
    world.start(name, **parameters)
    assert probe(world) == expected
    world.stop(name)
    assert probe(world) == before


@pytest.mark.parametrize(("name", "parameters", "probe", "word"), VARIANTS)
def test_a_scenario_with_parameters_shows_theirs(world, name, parameters, probe, word):
    world.start(name, **parameters)
    assert word in str(probe(world))


def state(world):
    """All that a scenario may touch, in a form that can be compared."""
    inner, ledger = world.world, world.practice.ledger
    return copy.deepcopy(
        {
            "settings": inner.settings,
            "orgs": inner.orgs,
            "users": inner.users,
            "apps": dict(sorted(inner.apps.items())),
            "hosts": inner.hosts,
            "permission_sets": inner.permission_sets,
            "approvals": {key: (each.refresh_token, list(each.access)) for key, each in ledger.approvals.items()},
            "sessions": sorted(ledger._access),
            "codes": sorted(ledger._codes),
            "faults": world.practice.faults.active,
            "sites": [site.host for site in world.sites.values()],
        }
    )


@pytest.mark.parametrize("name", ORG_SCENARIOS)
def test_undoing_leaves_the_state_as_it_was(world, name):
    world.landed()
    before = state(world)
    world.start(name)
    assert state(world) != before or name == "login-history-says-success"
    world.stop(name)
    assert state(world) == before


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
def test_scenarios_that_touch_the_same_thing_are_undone_in_any_order(world, order):
    before = state(world)
    names = {"first": "refresh-fixed-lifetime", "second": "refresh-expires-immediately"}
    world.start(names["first"])
    world.start(names["second"])
    world.stop(names[order[0]])
    wanted = 0.0 if order[0] == "first" else 3600.0
    assert world.find_app().refresh_lifetime_seconds == wanted
    world.stop(names[order[1]])
    assert state(world) == before


def test_undoing_leaves_what_was_changed_by_hand_in_the_meantime(world):
    world.start("session-timeout", minutes=20.0)
    world.policies(session_timeout_seconds=600.0)
    world.stop("session-timeout")
    assert world.find_app().session_timeout_seconds == 600.0
    assert world.find_app(kind="connected_app").session_timeout_seconds is None


def test_starting_again_takes_the_new_parameters_and_one_undo_is_enough(world):
    before = state(world)
    world.start("session-timeout", minutes=20.0)
    world.start("session-timeout", minutes=40.0)
    assert world.find_app().session_timeout_seconds == 2400.0
    world.stop("session-timeout")
    assert state(world) == before


def test_one_app_one_user_or_one_org_can_be_meant(world):
    world.start("app-blocked", app="Cyclr (Connected App)")
    assert session(world) == OK
    assert connected(landing)(world) == "OAUTH_APP_BLOCKED"
    world.start("user-frozen", user="integration@first.practice.example")
    assert refresh(world) == OK
    world.start("api-disabled", by="edition", org="second")
    assert session(world) == OK


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("app-blokked", "There is no scenario named 'app-blokked'; the closest is 'app-blocked'."),
        ("session-timeout:minute=5", "session-timeout has no parameter 'minute'; it takes: minutes, app."),
        ("session-timeout:minutes=soon", "minutes of session-timeout is a number."),
        ("my-domain-login-only:api=perhaps", "api of my-domain-login-only is yes or no."),
        ("scope-with-extras:x=1", "scope-with-extras has no parameter 'x'; it takes: none."),
    ],
)
def test_a_wrong_name_or_parameter_is_told_in_one_sentence(text, sentence):
    with pytest.raises(UnknownScenario) as told:
        parse(text)
    assert str(told.value) == sentence


def test_parameters_are_read_as_their_defaults_are(world):
    assert parse("session-timeout:minutes=5,app=Cyclr") == ("session-timeout", {"minutes": 5.0, "app": "Cyclr"})
    assert parse("my-domain-login-only:api=no") == ("my-domain-login-only", {"api": False})
    for wrong in ({"app": "Nobody"}, {"minutes": -1}):
        with pytest.raises(UnknownScenario):
            world.start("session-timeout", **wrong)
    assert world.practice.scenarios.on == {}


def test_every_scenario_says_what_it_breaks_and_what_is_seen():
    for each in SCENARIOS.values():
        assert each.turns.endswith(".")
        assert each.symptom.endswith(".")


def test_the_control_api_lists_starts_and_undoes(world):
    listed = world.control("GET", "/scenarios")[1]
    assert [row["name"] for row in listed] == list(SCENARIOS)
    status, row = world.control("POST", "/scenarios/session-timeout", {"minutes": 30})
    assert (status, row["on"], row["with"]) == (200, True, {"minutes": 30.0, "app": ""})
    assert world.find_app().session_timeout_seconds == 1800.0
    status, row = world.control("DELETE", "/scenarios/session-timeout")
    assert (status, row["on"]) == (200, False)
    assert world.control("DELETE", "/scenarios/session-timeout")[0] == 404
    assert world.control("POST", "/scenarios/session-timeout", {"minute": 3})[0] == 400
    status, told = world.control("POST", "/scenarios/sesion-timeout")
    expected = "There is no scenario named 'sesion-timeout'; the closest is 'session-timeout'."
    assert (status, told["error"]) == (404, expected)
    world.control("POST", "/scenarios/app-blocked")
    assert not any(row["on"] for row in world.control("DELETE", "/scenarios")[1])


def test_a_reset_ends_all_scenarios(world):
    world.start("app-blocked")
    world.start("html-503")
    world.control("POST", "/reset")
    assert world.practice.scenarios.on == {}
    assert world.practice.faults.active == []


def run(*options):
    command = [sys.executable, "-m", "sfrunbook.practice", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_the_command_line_lists_scenarios_for_people_and_programs():
    listed = run("--list-scenarios")
    assert listed.returncode == 0
    assert "app-blocked\n  An administrator pressed Block in Connected Apps OAuth Usage.\n  Symptom: " in listed.stdout
    rows = json.loads(run("--list-scenarios", "--json").stdout)
    assert [row["name"] for row in rows] == list(SCENARIOS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("app-blokked", "There is no scenario named 'app-blokked'; the closest is 'app-blocked'."),
        ("app-blocked:app=Nobody", "There is no app named 'Nobody'."),
    ],
)
def test_the_command_line_refuses_an_unknown_name_with_exit_code_two(text, sentence):
    refused = run("--scenario", text)
    assert (refused.returncode, refused.stdout, refused.stderr.strip()) == (2, "", sentence)
