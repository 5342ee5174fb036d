"""Policies of an app as the org lists them, in one form for both kinds of app."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sfrunbook.core.model import AppKind
from sfrunbook.salesforce.soql import quoted
from sfrunbook.store.what_worked import Policy

__all__ = ["Listed", "policy_query", "read_policy"]

_HOURS = {"Hours": 1.0, "Days": 24.0, "Months": 24.0 * 30}
_KINDS = {"SpecificInactivity": "inactivity", "SpecificLifetime": "lifetime", "Zero": "lifetime", "Infinite": "none"}
#: a record as JSON gives it, by the names of its fields
Row = Mapping[str, Any]
#: whether only admin-approved users are let in (None: not told), and the Refresh Token Policy (None: not told)
Listed = tuple[bool | None, Policy | None]


def policy_query(kind: AppKind, names: Iterable[str]) -> tuple[str, Callable[[Row], Listed]]:
    """The query for the policies of apps of these names, and how to read a row of it.

    The names of the refresh columns of External Client Apps are a guess; where they are not there, the query is
    refused. That the period of a Connected App is in hours is a guess too.
    """
    listed = ", ".join(f"'{quoted(one)}'" for one in names)
    if kind is AppKind.EXTERNAL_CLIENT_APP:
        return (
            "SELECT PermittedUsersPolicyType, RefreshTokenPolicyType, RefreshTokenValidityPeriod, "  # noqa: S608 -- SOQL; names are quoted
            "RefreshTokenValidityUnit FROM ExtlClntAppOauthPlcyCnfg WHERE "
            f"ExternalClientApplication.MasterLabel IN ({listed})"
        ), _external
    return (
        "SELECT OptionsAllowAdminApprovedUsersOnly, RefreshTokenValidityPeriod, "  # noqa: S608 -- SOQL; names are quoted
        f"OptionsRefreshTokenValidityMetric FROM ConnectedApplication WHERE Name IN ({listed})"
    ), _connected


def read_policy(rows: Iterable[Row], read: Callable[[Row], Listed]) -> Listed:
    """What the rows say; nothing where they are of several apps, since it is not known then which is meant."""
    found = [read(row) for row in rows]
    return found[0] if len(found) == 1 else (None, None)


def _external(row: Row) -> Listed:
    said = row.get("PermittedUsersPolicyType")
    admin_only = "admin" in said.lower() if isinstance(said, str) else None
    kind = _KINDS.get(str(row.get("RefreshTokenPolicyType")), "")
    unit = _HOURS.get(str(row.get("RefreshTokenValidityUnit")), 24.0)
    return admin_only, Policy(kind=kind, hours=_number(row) * unit) if kind else None


def _connected(row: Row) -> Listed:
    said = row.get("OptionsAllowAdminApprovedUsersOnly")
    admin_only = said if isinstance(said, bool) else None
    if row.get("RefreshTokenValidityPeriod") is None:
        return admin_only, Policy(kind="none", hours=0.0)
    kind = "inactivity" if row.get("OptionsRefreshTokenValidityMetric") is True else "lifetime"
    return admin_only, Policy(kind=kind, hours=_number(row))


def _number(row: Row) -> float:
    period = row.get("RefreshTokenValidityPeriod")
    return float(period) if isinstance(period, int | float) else 0.0
