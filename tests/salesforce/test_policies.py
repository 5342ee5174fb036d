"""The one reader of an app's OAuth policies, and the queries that names and ids are quoted in."""

from __future__ import annotations

from typing import Any

import pytest

from sfrunbook.core.model import AppKind
from sfrunbook.salesforce.approvals import approvals_queries
from sfrunbook.salesforce.policies import admin_approved_only, policy_query, refresh_token_policy
from sfrunbook.store.what_worked import Policy

EXTERNAL, CONNECTED = AppKind.EXTERNAL_CLIENT_APP, AppKind.CONNECTED_APP


def external(kind: object, period: object = None, unit: object = None) -> dict[str, Any]:
    return {
        "RefreshTokenPolicyType": kind,
        "RefreshTokenValidityPeriod": period,
        "RefreshTokenValidityUnit": unit,
    }


def connected(period: object, *, idle: object = False) -> dict[str, Any]:
    return {"RefreshTokenValidityPeriod": period, "OptionsRefreshTokenValidityMetric": idle}


@pytest.mark.parametrize(
    ("kind", "row", "policy"),
    [
        (EXTERNAL, external("Infinite"), Policy(kind="none", hours=0)),
        (EXTERNAL, external("Zero"), Policy(kind="lifetime", hours=0)),
        (EXTERNAL, external("SpecificInactivity", 30, "Days"), Policy(kind="inactivity", hours=720)),
        (EXTERNAL, external("SpecificLifetime", 2, "Months"), Policy(kind="lifetime", hours=1440)),
        (EXTERNAL, external("SpecificLifetime", 8, "Hours"), Policy(kind="lifetime", hours=8)),
        (CONNECTED, connected(None), Policy(kind="none", hours=0)),
        (CONNECTED, connected(24), Policy(kind="lifetime", hours=24)),
        (CONNECTED, connected(24, idle=True), Policy(kind="inactivity", hours=24)),
    ],
)
def test_a_policy_is_read_as_the_org_lists_it(kind: AppKind, row: dict[str, Any], policy: Policy) -> None:
    assert refresh_token_policy(kind, [row]) == policy


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        (EXTERNAL, external("SpecificInactivity", 30, "Fortnights")),
        (EXTERNAL, external("SpecificInactivity", 30)),
        (EXTERNAL, external("SpecificLifetime", None, "Days")),
        (EXTERNAL, external("SpecificLifetime", True, "Days")),
        (EXTERNAL, external("SomethingNew", 30, "Days")),
        (EXTERNAL, external(None)),
        (CONNECTED, connected("24")),
    ],
)
def test_a_policy_in_a_unit_or_by_a_name_that_is_not_known_is_unknown(kind: AppKind, row: dict[str, Any]) -> None:
    assert refresh_token_policy(kind, [row]) is None


def test_rows_of_no_app_or_of_several_say_nothing() -> None:
    row = external("Infinite") | {"PermittedUsersPolicyType": "AdminApprovedPreAuthorized"}
    assert admin_approved_only(EXTERNAL, [row]) is True
    for rows in ([], [row, row]):
        assert (refresh_token_policy(EXTERNAL, rows), admin_approved_only(EXTERNAL, rows)) == (None, None)
        assert refresh_token_policy(CONNECTED, rows) is None


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (Policy(kind="none", hours=0), "Refresh token is valid until revoked"),
        (Policy(kind="lifetime", hours=0), "Immediately expire refresh token"),
        (Policy(kind="lifetime", hours=8), "Expire refresh token after 8 hours"),
        (Policy(kind="inactivity", hours=720), "Expire refresh token if not used for 30 days"),
    ],
)
def test_a_policy_is_shown_in_the_words_of_the_screen(policy: Policy, words: str) -> None:
    assert policy.description == words


def test_what_is_put_into_a_query_is_quoted() -> None:
    assert policy_query(CONNECTED, ["O'Brien", "a\\b"]).endswith(r"WHERE Name IN ('O\'Brien', 'a\\b')")
    assert approvals_queries("005' OR Id != '")[0].endswith(r"WHERE UserId = '005\' OR Id != \''")
