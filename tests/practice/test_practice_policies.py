"""Policies of apps, users and orgs: each refusal with its words, and that it ends when the policy does."""

from __future__ import annotations

import pytest
from support.inside import ENDED, EXPIRED, Inside

from sfrunbook.practice.org.ip_ranges import check_ranges, in_ranges
from sfrunbook.practice.org.token_policies import policy_text, refresh_policy

NOT_FOR_REST = (401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
RESTRICTED = (400, "invalid_grant", "ip restricted or invalid login hours")
NOT_APPROVED = (400, "invalid_app_access", "user is not admin approved to access this app")
INACTIVE = (400, "invalid_grant", "inactive user")
BLOCKED = ("OAUTH_APP_BLOCKED", "this app is blocked by admin")
UNINSTALLED = ("invalid_client", "app must be installed into org")
OFFICE = ("10.1.0.0/16",)


@pytest.fixture
def world():
    return Inside()


def as_standard_user(world):
    world.user = world.find_user(short="integration")


# refresh token policies


@pytest.mark.parametrize("kind", ["infinite", "zero", "specific_lifetime", "specific_inactivity"])
@pytest.mark.parametrize("unit", ["hours", "days", "months"])
def test_a_policy_is_told_as_it_was_set(world, kind, unit):
    amount = 7 if kind.startswith("specific") else 0
    world.policies(**refresh_policy(kind, amount, unit), limits_idle_refresh=False)
    assert policy_text(world.app) == (kind, amount, unit)


@pytest.mark.parametrize("wrong", [("daily",), ("specific_lifetime", 0), ("specific_lifetime", 3, "weeks")])
def test_a_policy_that_does_not_exist_is_refused(wrong):
    with pytest.raises(ValueError, match=r"policy is one of|at least one hour|unit is"):
        refresh_policy(*wrong)


def test_valid_until_revoked_survives_years(world):
    world.policies(**refresh_policy("infinite"), limits_idle_refresh=False)
    granted = world.grant()
    world.advance(days=2000)
    assert world.refresh(granted["refresh_token"])[0] == 200


def test_immediately_expire_gives_a_refresh_token_that_never_works(world):
    world.policies(**refresh_policy("zero"))
    granted = world.grant()
    assert world.reached(granted["access_token"])[0] == 200
    assert world.refused(world.refresh(granted["refresh_token"])) == EXPIRED


def test_a_specific_lifetime_counts_from_the_approval_through_every_rotation(world):
    world.policies(**refresh_policy("specific_lifetime", 10, "hours"))
    token = world.grant()["refresh_token"]
    for _ in range(3):
        world.advance(hours=3)
        status, reply = world.refresh(token)
        assert status == 200
        token = reply["refresh_token"]
    world.advance(minutes=61)
    assert world.refused(world.refresh(token)) == EXPIRED


def test_by_setting_a_lifetime_starts_again_with_each_rotation(world):
    world.settings(lifetime_counts_from="rotation")
    world.policies(**refresh_policy("specific_lifetime", 10, "hours"))
    token = world.grant()["refresh_token"]
    for _ in range(4):
        world.advance(hours=9)
        status, reply = world.refresh(token)
        assert status == 200
        token = reply["refresh_token"]


def test_specific_inactivity_slides_with_every_refresh(world):
    world.as_app()
    world.policies(**refresh_policy("specific_inactivity", 2, "days"))
    token = world.grant()["refresh_token"]
    for _ in range(4):
        world.advance(hours=47)
        assert world.refresh(token)[0] == 200
    world.advance(hours=49)
    assert world.refused(world.refresh(token)) == EXPIRED


def test_the_idle_box_shortens_a_longer_policy_and_not_a_shorter_one(world):
    world.policies(**refresh_policy("infinite"), limits_idle_refresh=True)
    granted = world.grant()
    world.advance(days=29)
    token = world.refresh(granted["refresh_token"])[1]["refresh_token"]
    world.advance(days=31)
    assert world.refused(world.refresh(token)) == EXPIRED
    world.policies(**refresh_policy("specific_inactivity", 3, "hours"))
    assert policy_text(world.app) == ("specific_inactivity", 3, "hours")


def test_a_failed_refresh_counts_as_use_but_does_not_keep_the_token_alive(world):
    world.as_app()
    world.policies(**refresh_policy("specific_inactivity", 2, "hours"))
    token = world.grant()["refresh_token"]
    world.advance(minutes=90)
    world.user_is(is_frozen=True)
    assert world.refused(world.refresh(token)) == INACTIVE
    (approval,) = world.practice.ledger.approvals.values()
    assert (approval.use_count, approval.last_used > approval.created) == (2, True)
    world.user_is(is_frozen=False)
    world.advance(minutes=40)
    assert world.refused(world.refresh(token)) == EXPIRED


def test_by_setting_a_policy_that_ends_an_approval_leaves_its_sessions(world):
    world.settings(access_tokens_die_with_expiry=False)
    world.policies(**refresh_policy("zero"))
    granted = world.grant()
    assert world.refused(world.refresh(granted["refresh_token"])) == EXPIRED
    assert world.reached(granted["access_token"])[0] == 200


# sessions


def test_a_half_hour_session_used_after_ten_minutes_ends_after_thirty(world):
    world.policies(session_timeout_seconds=1800)
    token = world.grant()["access_token"]
    world.advance(minutes=10)
    assert world.reached(token)[0] == 200
    world.advance(minutes=19)
    world.advance(minutes=1, seconds=5)
    assert world.reached(token) == ENDED


def test_a_half_hour_session_used_after_twenty_minutes_ends_after_fifty(world):
    world.policies(session_timeout_seconds=1800)
    token = world.grant()["access_token"]
    world.advance(minutes=20)
    assert world.reached(token)[0] == 200
    world.advance(minutes=29)
    assert world.practice.ledger.access(token) is not None
    world.advance(minutes=1, seconds=5)
    assert world.reached(token) == ENDED


# Permitted Users


def test_admin_approved_only_refuses_those_not_on_the_list_everywhere(world):
    token = world.grant()["refresh_token"]
    world.policies(permitted_users="admin")
    assert world.error() == ("OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app")
    assert world.refused(world.refresh(token)) == NOT_APPROVED
    world.settings(permitted_users_checked_on_refresh=False)
    assert world.refresh(token)[0] == 200


@pytest.mark.parametrize("listed", ["admin@first.practice.example", "System Administrator", "Cyclr_Integration"])
def test_a_user_is_pre_authorized_by_name_profile_or_permission_set(world, listed):
    world.policies(permitted_users="admin", pre_authorized=(listed,))
    world.user_is(permission_sets=("Cyclr_Integration",))
    assert "code" in world.landed()
    world.user_is(permission_sets=(), profile="Standard User")
    assert ("code" in world.landed()) is (listed == "admin@first.practice.example")


# API Access Control and uninstalled apps


def test_api_access_control_stops_new_grants_and_live_sessions(world):
    token = world.grant()["access_token"]
    world.switches(api_access_control=True)
    assert world.error() == BLOCKED
    assert world.reached(token) == NOT_FOR_REST
    world.policies(permitted_users="admin", pre_authorized=(world.user.profile,))
    assert world.reached(token)[0] == 200


def test_use_any_api_client_passes_api_access_control(world):
    world.control(
        "POST", "/permission-sets", {"org": "first", "name": "Any_Client", "permissions": ["UseAnyApiClient"]}
    )
    world.switches(api_access_control=True)
    world.user_is(permission_sets=("Any_Client",))
    assert "code" in world.landed()


def test_an_uninstalled_app_is_for_those_who_may_approve_it(world):
    world.as_app()
    world.policies(installed=False)
    assert "code" in world.landed(code_challenge=None)
    as_standard_user(world)
    landing = world.landed(code_challenge=None)
    assert (landing["error"], landing["error_description"]) == UNINSTALLED
    assert "state" not in landing
    world.user_is(permission_sets=("Approve_Uninstalled_Apps",))
    assert "code" in world.landed(code_challenge=None)


def test_users_who_approved_an_app_before_it_was_uninstalled_go_on(world):
    world.as_app()
    as_standard_user(world)
    token = world.grant(code_challenge=None)["refresh_token"]
    world.policies(installed=False)
    assert world.refresh(token)[0] == 200
    assert "code" in world.landed(code_challenge=None)
    world.settings(uninstalled_known_users_continue=False)
    assert world.error(code_challenge=None) == UNINSTALLED


def test_under_api_access_control_approving_uninstalled_apps_does_not_help(world):
    world.as_app()
    world.policies(installed=False, permitted_users="admin", pre_authorized=(world.user.profile,))
    world.switches(api_access_control=True)
    assert world.error(code_challenge=None) == BLOCKED


def test_a_blocked_app_ends_its_sessions_and_an_unblocked_one_goes_on(world):
    granted = world.grant()
    world.policies(blocked=True)
    assert world.reached(granted["access_token"]) == ENDED
    assert world.refused(world.refresh(granted["refresh_token"])) == (400, "app_blocked", BLOCKED[1])
    assert world.error() == BLOCKED
    world.policies(blocked=False)
    assert world.reached(granted["access_token"])[0] == 200


# addresses


def test_profile_ranges_refuse_login_code_and_refresh_from_elsewhere(world):
    granted, code = world.grant(), world.landed()["code"]
    world.user_is(login_ip_ranges=OFFICE)
    assert world.refused(world.refresh(granted["refresh_token"])) == RESTRICTED
    assert world.refused(world.exchange(code)) == RESTRICTED
    assert "error" not in world.land()
    assert world.world.logins[-1].status == "Restricted IP"
    world.address = "10.1.2.3"
    assert world.refresh(granted["refresh_token"])[0] == 200
    assert "code" in world.landed()
    assert world.world.logins[-1].source_ip == "10.1.2.3"


@pytest.mark.parametrize(
    ("relaxation", "ranges", "refreshed", "exchanged"),
    [
        ("enforce", (), False, False),
        ("enforce_relax_refresh", (), True, False),
        ("bypass", (), True, True),
        ("bypass_2factor", (), True, True),
        ("bypass_2factor", ("192.0.2.0/24",), False, False),
        ("bypass_2factor", ("127.0.0.1",), True, True),
    ],
)
def test_ip_relaxation_says_where_the_ranges_hold(world, relaxation, ranges, refreshed, exchanged):
    granted, code = world.grant(), world.landed()["code"]
    world.policies(ip_relaxation=relaxation, trusted_ip_ranges=ranges)
    world.user_is(login_ip_ranges=OFFICE)
    assert (world.refresh(granted["refresh_token"])[0] == 200) is refreshed
    assert (world.exchange(code)[0] == 200) is exchanged


def test_the_refresh_token_allow_list_blocks_code_and_refresh_whatever_the_relaxation(world):
    granted, code = world.grant(), world.landed()["code"]
    world.policies(ip_relaxation="bypass", enforces_refresh_ip_allowlist=True, refresh_ip_ranges=("2001:db8::/120",))
    assert world.refused(world.refresh(granted["refresh_token"])) == RESTRICTED
    assert world.refused(world.exchange(code)) == RESTRICTED
    assert world.reached(granted["access_token"])[0] == 200
    world.address = "2001:db8::7"
    assert world.refresh(granted["refresh_token"])[0] == 200


def test_login_ranges_hold_for_data_only_when_the_org_says_so(world):
    token = world.grant()["access_token"]
    world.user_is(login_ip_ranges=OFFICE)
    assert world.reached(token)[0] == 200
    world.settings(login_ip_on_every_request=True)
    assert world.reached(token) == NOT_FOR_REST


def test_ranges_are_addresses_networks_or_two_ends():
    ranges = ("192.0.2.7", "198.51.100.0/24", "203.0.113.5 - 203.0.113.9", "2001:db8::1-2001:db8::ff")
    inside = ("192.0.2.7", "198.51.100.200", "203.0.113.9", "2001:db8::aa")
    outside = ("192.0.2.8", "203.0.113.10", "2001:db8::1:0", "nonsense", "")
    assert [in_ranges(each, ranges) for each in (*inside, *outside)] == [True] * 4 + [False] * 5


@pytest.mark.parametrize(
    "ranges", [("10.0.0.0/23",), ("10.0.0.1",) * 129, ("ten",), ("10.0.0.1-2001:db8::1",), ("10.0.0.9-10.0.0.1",)]
)
def test_an_allow_list_that_salesforce_would_not_save_is_refused(ranges):
    with pytest.raises(ValueError, match="range"):
        check_ranges(ranges, allow_list=True)


# users, PKCE and the API switch


@pytest.mark.parametrize("state", [{"is_active": False}, {"is_frozen": True}])
def test_a_user_who_is_off_has_no_login_no_refresh_and_no_session(world, state):
    granted = world.grant()
    world.user_is(**state)
    assert world.reached(granted["access_token"]) == ENDED
    assert world.refused(world.refresh(granted["refresh_token"])) == INACTIVE
    assert "code=" not in world.land()


def test_an_expired_password_stops_the_login_and_by_setting_the_tokens(world):
    granted = world.grant()
    world.user_is(password_expired=True)
    assert world.land() == "Change Your Password"
    token = world.refresh(granted["refresh_token"])[1]["refresh_token"]
    world.settings(expired_password_blocks_tokens=True)
    assert world.refused(world.refresh(token)) == INACTIVE


def test_pkce_of_the_org_outranks_an_app_without_it(world):
    world.as_app()
    assert world.authorize(code_challenge=None).status == 200
    world.switches(pkce_required=True)
    answer = world.authorize(code_challenge=None)
    assert answer.body == b"error=invalid_request&error_description=missing%20required%20code%20challenge"


def test_the_api_is_off_by_profile_or_by_edition(world):
    token = world.grant()["access_token"]
    world.user_is(api_enabled=False)
    assert world.reached(token) == (403, "API_CURRENTLY_DISABLED", "API is disabled for this User")
    world.control("POST", "/orgs/first", {"api_enabled": False})
    text = "The REST API is not enabled for this Organization."
    assert world.reached(token) == (403, "API_DISABLED_FOR_ORG", text)


def test_a_moved_org_serves_data_at_its_new_address_only(world):
    granted = world.grant()
    new = world.host.replace("127.0.0.1", "localhost")
    world.control("POST", "/orgs/first", {"instance_url": new})
    assert world.reached(granted["access_token"]) == ENDED
    reply = world.refresh(granted["refresh_token"])[1]
    assert reply["instance_url"] == new
    headers = {"authorization": f"Bearer {reply['access_token']}", "host": new.partition("://")[2]}
    assert world.send("GET", "/services/data/v68.0/limits", headers=headers).status == 200
