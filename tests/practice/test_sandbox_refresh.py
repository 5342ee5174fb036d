"""A sandbox refresh: another org under the same name, as an operator meets it on the next run."""

from __future__ import annotations

import json

import pytest
from support.inside import ENDED, Inside


@pytest.fixture
def world():
    made = Inside()
    made.host, made.app, made.user = made.org("second").my_domain_url, made.find_app("second"), made.find_user("second")
    return made


def refreshed(world):
    status, ready = world.control("POST", "/orgs/second/refresh")
    assert status == 200
    return next(org for org in ready["orgs"] if org["name"] == "second")


def discovery(world):
    return json.loads(world.send("GET", "/.well-known/auth-configuration").body)["OrganizationId"]


def test_the_org_id_is_new_under_the_same_host_and_people_stay(world):
    before = world.org("second")
    after = refreshed(world)
    assert after["org_id"] != before.org_id
    assert after["my_domain_url"] == before.my_domain_url
    assert discovery(world) == after["org_id"]
    assert [user["username"] for user in after["users"]] == [
        "admin@second.practice.example",
        "integration@second.practice.example",
    ]


def test_its_apps_and_tokens_are_gone(world):
    granted = world.grant()
    assert refreshed(world)["apps"] == []
    assert world.reached(granted["access_token"]) == ENDED
    assert world.refused(world.refresh(granted["refresh_token"]))[1] == "invalid_client_id"
    assert world.authorize().status == 400
    assert world.practice.ledger.approvals == {}


def test_a_new_app_in_the_fresh_org_works_and_tells_the_new_org(world):
    world.data("/sobjects/Account", world.grant()["access_token"], "POST", {"Name": "Lost"})
    org_id = refreshed(world)["org_id"]
    callbacks = list(world.app.callback_urls)
    made = world.control("POST", "/apps", {"org": "second", "name": "Again", "callback_urls": callbacks})[1]
    world.app = world.world.apps[made["client_id"]]
    granted = world.grant()
    assert f"/id/{org_id}/" in granted["id"]
    assert granted["access_token"].startswith(f"{org_id[:15]}!")
    assert world.rows("SELECT Id FROM Organization", granted["access_token"]) == [{"Id": org_id}]
    assert world.rows("SELECT Id FROM Account WHERE Name = 'Lost'", granted["access_token"]) == []


def test_the_other_org_does_not_notice(world):
    world.settle()
    granted = world.grant()
    refreshed(world)
    assert world.reached(granted["access_token"])[0] == 200


def test_a_reset_brings_the_first_org_id_back(world):
    first = world.org("second").org_id
    refreshed(world)
    world.control("POST", "/reset")
    assert (world.org("second").org_id, discovery(world)) == (first, first)
