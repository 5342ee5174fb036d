"""`apps/oauth`: usage, consumer key and secret, and the staged pair from its making to its end."""

from __future__ import annotations

import pytest
from support.inside import Inside

WRONG = (400, "invalid_client", "invalid client credentials")
UNKNOWN = (400, "invalid_client_id", "client identifier invalid")


@pytest.fixture
def world():
    made = Inside()
    made.token_used = made.grant(scope="api")["access_token"]
    made.switches(secrets_by_rest=True)
    return made


def call(world, path, method="GET", body=None, **query):
    return world.data(f"/apps/oauth{path}", world.token_used, method, body, **query)


def consumer(world):
    (found,) = call(world, f"/credentials/{world.app.app_id}")[1]["consumers"]
    return found


def staged(world):
    return f"/credentials/{world.app.app_id}/{consumer(world)['id']}/staged"


def test_usage_lists_the_apps_of_the_org_with_their_ids_and_tokens(world):
    world.grant()
    rows = {row["developerName"]: row for row in call(world, "/usage")[1]["apps"]}
    assert set(rows) == {"Cyclr", "Cyclr_Connected_App", "Cyclr_Unattended"}
    assert rows["Cyclr"]["identifier"] == world.app.app_id
    assert (rows["Cyclr"]["userCount"], rows["Cyclr"]["tokenCount"]) == (1, 1)


def test_the_key_comes_by_default_and_the_secret_only_when_asked_for(world):
    path = f"/credentials/{world.app.app_id}/{consumer(world)['id']}"
    key, secret = world.app.client_id, world.app.client_secret
    told = [
        {name: value for name, value in call(world, path, **query)[1].items() if name in ("key", "secret")}
        for query in ({}, {"part": "key"}, {"part": "secret"}, {"part": "keyandsecret"})
    ]
    assert told == [{"key": key}, {"key": key}, {"secret": secret}, {"key": key, "secret": secret}]
    assert call(world, path, part="all")[0] == 400


def test_credentials_need_the_setting_and_both_permissions(world):
    path = f"/credentials/{world.app.app_id}"
    world.settings(withheld_permissions=("ViewClientSecret",))
    assert call(world, path)[1][0]["errorCode"] == "INSUFFICIENT_ACCESS"
    world.settings(withheld_permissions=())
    world.switches(secrets_by_rest=False)
    assert (call(world, path)[0], call(world, path)[1][0]["errorCode"]) == (403, "FUNCTIONALITY_NOT_ENABLED")


def test_a_connected_app_an_unknown_id_and_an_old_version_have_no_credentials(world):
    connected = world.find_app(kind="connected_app").app_id
    assert call(world, f"/credentials/{connected}")[0] == 404
    assert call(world, "/credentials/0xIgK0000000099UAA")[0] == 404
    headers = {"authorization": f"Bearer {world.token_used}"}
    path = f"apps/oauth/credentials/{world.app.app_id}"
    consumer_id = consumer(world)["id"]
    for address, status in (
        (f"v59.0/{path}", 404),
        (f"v60.0/{path}", 200),
        (f"v64.0/{path}/{consumer_id}/staged", 404),
        (f"v65.0/{path}/{consumer_id}/staged", 200),
    ):
        assert world.send("GET", f"/services/data/{address}", headers=headers).status == status


def test_a_staged_pair_does_not_work_until_it_is_rotated_in(world):
    status, pair = call(world, staged(world), "POST")
    assert (status, pair["state"]) == (201, "Active")
    assert set(pair) == {
        "createdBy",
        "createdDate",
        "expirationDate",
        "id",
        "key",
        "secret",
        "stagedCredentialsUrl",
        "state",
        "url",
    }
    granted = world.grant()
    swapped = {"client_id": pair["key"], "client_secret": pair["secret"]}
    assert world.refused(world.refresh(granted["refresh_token"], **swapped)) == UNKNOWN
    assert world.refused(world.refresh(granted["refresh_token"], client_secret=pair["secret"])) == WRONG
    assert call(world, staged(world), "POST")[0] == 400, "there is one place"


def test_after_the_rotation_both_pairs_work_until_the_old_one_is_deleted(world):
    old, granted = world.credentials(), world.grant()
    pair = call(world, staged(world), "POST")[1]
    status, shown = call(world, f"{staged(world)}/{pair['id']}", "PATCH", {"command": "rotate"})
    assert (status, shown["state"], shown["key"]) == (200, "Rotated", old["client_id"])
    world.app = world.find_app()
    assert world.credentials() == {"client_id": pair["key"], "client_secret": pair["secret"]}
    assert consumer(world)["key"] == pair["key"]
    reply = world.refresh(granted["refresh_token"])[1]
    reply = world.refresh(reply["refresh_token"], **old)[1]
    mixed = {"client_id": old["client_id"], "client_secret": pair["secret"]}
    assert world.refused(world.refresh(reply["refresh_token"], **mixed)) == WRONG
    assert call(world, f"{staged(world)}/{pair['id']}", "DELETE") == (204, None)
    assert world.refused(world.refresh(reply["refresh_token"], **old)) == UNKNOWN
    assert world.refresh(reply["refresh_token"])[0] == 200
    assert call(world, staged(world))[1] == {"stagedCredentials": []}


def test_by_setting_the_old_pair_ends_with_the_rotation(world):
    world.settings(rotated_pair_works=False)
    old, granted = world.credentials(), world.grant()
    pair = call(world, staged(world), "POST")[1]
    call(world, f"{staged(world)}/{pair['id']}", "PATCH", {"command": "rotate"})
    assert world.refused(world.refresh(granted["refresh_token"], **old)) == UNKNOWN


def test_a_code_asked_for_with_the_old_key_is_exchanged_with_the_new_one(world):
    code = world.landed()["code"]
    pair = call(world, staged(world), "POST")[1]
    call(world, f"{staged(world)}/{pair['id']}", "PATCH", {"command": "rotate"})
    world.app = world.find_app()
    assert world.exchange(code)[0] == 200


def test_a_staged_pair_expires_after_thirty_days(world):
    pair = call(world, staged(world), "POST")[1]
    path = f"{staged(world)}/{pair['id']}"
    world.advance(days=31)
    world.token_used = world.grant(scope="api")["access_token"]
    assert call(world, path)[1]["state"] == "Expired"
    assert call(world, path, "PATCH", {"command": "rotate"})[0] == 400
    assert call(world, staged(world), "POST")[0] == 201


def test_other_verbs_and_commands_are_refused(world):
    pair = call(world, staged(world), "POST")[1]
    assert call(world, f"{staged(world)}/{pair['id']}", "PATCH", {"command": "swap"})[0] == 400
    assert call(world, f"{staged(world)}/{pair['id']}", "PUT")[0] == 405
    assert call(world, f"{staged(world)}/nothing")[0] == 404
    assert call(world, "/usage", "POST")[0] == 405
