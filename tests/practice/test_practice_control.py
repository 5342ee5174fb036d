"""The control API."""

from __future__ import annotations

import json

import pytest
import requests


def refused(world, method, path, body=None):
    with requests.Session() as session:
        session.trust_env = False
        reply = session.request(method, world.ready["control_url"] + path, data=body, timeout=10)
    return reply.status_code, reply.json()["error"]


def test_the_control_api_lists_its_routes_and_the_ready_line(fresh_world):
    assert "/settings" in fresh_world.control("GET", "/")["routes"]
    assert fresh_world.control("GET", "/world") == fresh_world.ready


def test_every_host_of_salesforce_says_where_the_control_api_is(practice_world):
    """So that a client that knows only where it logs in finds out that this is practice, and the practice Cyclr."""
    hosts = (
        practice_world.login_url,
        practice_world.test_url,
        practice_world.my_domain(),
        practice_world.my_domain("second"),
    )
    for host in hosts:
        about = requests.get(host + "/practice-org", timeout=10)
        assert about.json() == {"control_url": practice_world.ready["control_url"]}


def test_every_setting_has_a_reason_with_a_mark(practice_world):
    marks = ("Confirmed", "Likely", "Guess", "Conflict", "Name of the error confirmed", "Own", "confirmed", "likely")
    for name, row in practice_world.control("GET", "/settings").items():
        assert any(mark in row["why"] for mark in marks) or "off by default" in row["why"], name
        assert row["value"] == row["default"], name


def test_settings_change_together_or_not_at_all(fresh):
    world = fresh.world
    world.control("PUT", "/settings", {"approval_limit": 4})
    body = json.dumps({"approval_limit": 3, "pkce_missing_delivery": "pigeon"})
    expected = (400, "pkce_missing_delivery is one of body, callback")
    assert refused(world, "PUT", "/settings", body) == expected
    assert world.control("GET", "/settings")["approval_limit"]["value"] == 4


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("PUT", "/settings", '{"nothing": 1}', 400, "no such setting: nothing"),
        (
            "PUT",
            "/settings",
            '{"session_timeout_seconds": "long"}',
            400,
            "session_timeout_seconds does not take this value",
        ),
        ("PUT", "/settings", '{"www_authenticate": "a\\r\\nb: c"}', 400, "www_authenticate does not take this value"),
        ("PUT", "/settings", "[1]", 400, "send a JSON object"),
        (
            "POST",
            "/clock",
            '{"set": "2026-12-24T08:00:00"}',
            400,
            "the time needs a time zone, such as 2026-11-23T12:00:00Z",
        ),
        ("POST", "/clock", '{"advance_seconds": 1e12}', 400, "the time must be between the years 1971 and 9000"),
        ("POST", "/apps/nobody", "{}", 404, "no app has this consumer key"),
        ("POST", "/apps", '{"org": "third", "name": "x"}', 404, "no org named 'third'"),
        ("POST", "/apps", '{"org": "first"}', 400, "an app needs a name"),
        ("POST", "/users/nobody", "{}", 404, "no user named 'nobody'"),
        ("DELETE", "/approvals", '{"approval_id": "x"}', 404, "no approval has this approval_id"),
        ("POST", "/tokens/expire", '{"username": "nobody"}', 404, "no user named 'nobody'"),
        ("PATCH", "/clock", "", 405, "PATCH is not possible on /clock"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(practice_world, method, path, body, status, error):
    assert refused(practice_world, method, path, body) == (status, error)


def test_policies_are_checked_for_their_kind(practice_world):
    path = f"/apps/{practice_world.app()['client_id']}"
    for body in (
        '{"client_id": "x"}',
        '{"callback_urls": "x"}',
        '{"kind": "app"}',
        '{"enabled": 1}',
        '{"jwt_keys": ["x"]}',
    ):
        assert refused(practice_world, "POST", path, body)[0] == 400


def test_the_clock_can_be_set_and_moved(fresh):
    world = fresh.world
    world.control("POST", "/clock", {"set": "2030-01-01T00:00:00Z"})
    world.control("POST", "/clock", {"advance_seconds": 86400})
    assert world.control("GET", "/clock")["now"].startswith("2030-01-02T00:00:0")
    assert fresh.grant()["issued_at"].startswith("18935424")


def test_the_journal_tells_what_was_asked_and_holds_no_secret(fresh):
    granted = fresh.grant()
    journal = fresh.world.control("GET", "/journal")
    row = journal["requests"][-1]
    assert (row["method"], row["host"], row["path"]) == ("POST", fresh.host, "/services/oauth2/token")
    assert (row["status"], row["note"]) == (200, "authorization_code")
    text = json.dumps(journal)
    for secret in (granted["access_token"], granted["refresh_token"], fresh.app["client_secret"], "aPrx"):
        assert secret not in text


def test_a_reset_brings_back_the_first_day_at_the_same_addresses(fresh):
    granted = fresh.grant()
    fresh.policies(callback_urls=[])
    fresh.settings(approval_limit=4)
    fresh.advance(86_400)
    assert fresh.world.control("POST", "/reset") == fresh.world.ready
    assert not fresh.is_alive(granted["access_token"])
    assert fresh.world.control("GET", "/settings")["approval_limit"]["value"] == 5
    assert fresh.world.control("GET", "/approvals") == []
    assert "access_token" in fresh.grant()


def test_an_app_made_by_the_control_api_works(fresh):
    made = fresh.world.control(
        "POST", "/apps", {"org": "first", "name": "Made", "callback_urls": ["https://my.cyclr.com/connector/callback"]}
    )
    fresh.app = made
    assert fresh.grant()["scope"] == "refresh_token full"


def test_a_changed_secret_and_a_changed_password_take_effect(fresh):
    fresh.policies(client_secret="N" * 64)
    fresh.world.control("POST", f"/users/{fresh.user['username']}", {"password": "another"})
    fresh.app = {**fresh.app, "client_secret": "N" * 64}
    fresh.user = {**fresh.user, "password": "another"}
    assert "access_token" in fresh.grant()


def test_an_approval_can_be_revoked_by_its_id(fresh):
    granted = fresh.grant()
    (approval,) = fresh.world.control("GET", "/approvals")
    assert fresh.world.control("DELETE", "/approvals", {"approval_id": approval["approval_id"]}) == []
    assert fresh.refresh(granted["refresh_token"]).status_code == 400
