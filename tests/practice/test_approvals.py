"""The rule of five approvals: what makes a row, what raises its counts, and which one goes."""

from __future__ import annotations

import pytest
from support.inside import ENDED, EXPIRED, Inside


@pytest.fixture
def world():
    return Inside()


def live(world):
    return list(world.practice.ledger.approvals.values())


def works(world, granted):
    return world.refresh(granted["refresh_token"])[0] == 200


@pytest.mark.parametrize(("limit", "kept"), [(5, 5), (4, 4), (1, 1)])
def test_the_oldest_approval_goes_when_one_too_many_is_made(world, limit, kept):
    world.as_app()
    world.settings(approval_limit=limit)
    grants = [world.grant() for _ in range(6)]
    assert [works(world, each) for each in grants] == [False] * (6 - kept) + [True] * kept
    assert world.reached(grants[0]["access_token"]) == ENDED
    assert world.reached(grants[-1]["access_token"])[0] == 200


def test_the_dropped_one_is_refused_as_expired(world):
    first = world.grant()
    for _ in range(5):
        world.grant()
    assert world.refused(world.refresh(first["refresh_token"])) == EXPIRED


def test_using_the_oldest_does_not_save_it_unless_the_setting_says_so(world):
    world.as_app()
    grants = [world.grant() for _ in range(5)]
    world.advance(minutes=1)
    assert works(world, grants[0])
    world.settings(approval_dropped="least_recently_used")
    world.grant()
    assert [works(world, each) for each in grants] == [True, False, True, True, True]
    world.settings(approval_dropped="oldest")
    world.grant()
    assert not works(world, grants[0])


def test_each_user_and_each_app_has_five_of_its_own(world):
    first = world.grant()
    for short, kind in (("integration", "external_client_app"), ("admin", "connected_app")):
        world.user, world.app = world.find_user(short=short), world.find_app(kind=kind)
        for _ in range(5):
            world.grant()
    world.settle()
    assert works(world, first)
    assert len(live(world)) == 11


def test_different_scopes_are_rows_of_their_own_and_count_together(world):
    world.grant(scope="full refresh_token")
    world.grant(scope="api refresh_token")
    assert [each.scopes for each in live(world)] == [("refresh_token", "full"), ("refresh_token", "api")]
    for _ in range(4):
        world.grant(scope="api refresh_token")
    assert ("refresh_token", "full") not in [each.scopes for each in live(world)]


def test_what_gives_no_refresh_token_makes_no_row(world):
    world.grant(scope="api")
    world.as_app(name="Cyclr Unattended")
    assert world.token(grant_type="client_credentials", **world.credentials())[0] == 200
    assert live(world) == []


def test_refreshing_adds_no_row_and_raises_use_count_and_last_used(world):
    token = world.grant()["refresh_token"]
    for _ in range(3):
        world.advance(hours=1)
        token = world.refresh(token)[1]["refresh_token"]
    (only,) = live(world)
    assert only.use_count == 4
    assert round(only.last_used - only.created) == 3 * 3600


def test_access_tokens_outlive_a_dropped_approval_by_setting(world):
    world.settings(access_tokens_die_with_approval=False)
    first = world.grant()
    for _ in range(5):
        world.grant()
    assert world.reached(first["access_token"])[0] == 200
    assert world.refused(world.refresh(first["refresh_token"])) == EXPIRED


@pytest.mark.parametrize(
    ("level", "same_grant", "other_grant"),
    [("refuse", True, True), ("revoke_grant", False, True), ("revoke_user_app", False, False)],
)
def test_a_spent_refresh_token_ends_as_much_as_the_setting_says(world, level, same_grant, other_grant):
    world.settings(rotation_replay=level)
    first, second = world.grant(), world.grant()
    renewed = world.refresh(first["refresh_token"])[1]
    assert world.refused(world.refresh(first["refresh_token"])) == EXPIRED
    assert (world.reached(renewed["access_token"])[0] == 200) is same_grant
    assert works(world, renewed) is same_grant
    assert (world.reached(second["access_token"])[0] == 200) is other_grant
    assert works(world, second) is other_grant


def test_a_spent_token_of_long_ago_is_still_known(world):
    first = world.grant()
    token = first["refresh_token"]
    for _ in range(50):
        token = world.refresh(token)[1]["refresh_token"]
    world.refresh(first["refresh_token"])
    assert world.refused(world.refresh(token)) == EXPIRED
