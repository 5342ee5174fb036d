"""Two orgs side by side: what is made Local in one is refused in the other, and nothing crosses over."""

from __future__ import annotations

import pytest
from support.inside import ENDED, EXPIRED, ORIGINS, Inside

LOGIN = ORIGINS[0]
CROSS_ORG = (
    "OAUTH_AUTHORIZATION_BLOCKED",
    "Cross-org OAuth flows are not supported for this external client app",
)
NOT_FOUND = ("OAUTH_EC_APP_NOT_FOUND", "External client app is not installed in this org")
UNKNOWN = (400, "invalid_client_id", "client identifier invalid")


@pytest.fixture
def world():
    return Inside()


def in_second(world):
    """The first org's app, used by the second org's administrator on that org's My Domain."""
    world.user = world.find_user("second")
    world.host = world.org("second").my_domain_url
    return world


def test_the_key_of_a_local_app_is_unknown_in_the_other_org(world):
    answer = in_second(world).authorize()
    assert (answer.status, answer.body) == (
        400,
        b"error=invalid_client_id&error_description=client%20identifier%20invalid",
    )
    assert world.refused(world.exchange("aPrxbogus==")) == UNKNOWN
    assert world.refused(world.token(grant_type="client_credentials", **world.credentials())) == UNKNOWN


def test_or_it_is_found_and_refused_after_login_as_cross_org(world):
    world.settings(local_app_on_foreign_my_domain="blocked_after_login")
    landing = in_second(world).landed()
    assert (landing["error"], landing["error_description"]) == CROSS_ORG
    assert landing["state"] == "state-1"


@pytest.mark.parametrize(
    ("setting", "error"), [("not_found_after_login", NOT_FOUND), ("cross_org_after_login", CROSS_ORG)]
)
def test_on_the_login_host_a_local_app_may_not_be_found(world, setting, error):
    assert "code" in world.landed(host=LOGIN)
    world.settings(local_app_on_login_host=setting)
    assert world.error(host=LOGIN) == error


def test_a_packaged_app_of_production_is_not_served_to_a_sandbox(world):
    world.policies(distribution="packaged")
    assert in_second(world).authorize().status == 400


def test_tokens_and_codes_do_not_cross_over(world):
    granted, code, home = world.grant(), world.landed()["code"], world.host
    in_second(world)
    assert world.reached(granted["access_token"]) == ENDED
    world.settings(local_app_on_foreign_my_domain="blocked_after_login")
    assert world.refused(world.refresh(granted["refresh_token"])) == EXPIRED
    assert world.post("/services/oauth2/revoke", token=granted["refresh_token"]).status == 400
    world.host = home
    assert world.refresh(granted["refresh_token"])[0] == 200
    assert world.exchange(code)[0] == 200


def test_users_of_one_org_cannot_log_in_at_the_other(world):
    world.user = world.find_user("second")
    assert "code=" not in world.land()


def test_blocking_and_switches_of_one_org_leave_the_other_alone(world):
    world.switches("second", pkce_required=True, api_access_control=True)
    world.control("POST", "/orgs/second", {"api_enabled": False})
    assert world.reached(world.grant()["access_token"])[0] == 200
