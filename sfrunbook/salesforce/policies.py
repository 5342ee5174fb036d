"""The OAuth policies of an app as the org lists them: Permitted Users and the Refresh Token Policy."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import AppKind, Grant
from sfrunbook.salesforce.api import DATA_VERSION, Salesforce
from sfrunbook.salesforce.oauth.session import AuthorizedSession
from sfrunbook.salesforce.soql import quoted
from sfrunbook.store.what_worked import Policy

__all__ = ["admin_approved_only", "ask_policy", "policy_query", "refresh_token_policy"]

_HOURS = {"Hours": 1.0, "Days": 24.0, "Months": 24.0 * 30}
_EXTERNAL = (
    "SELECT PermittedUsersPolicyType, RefreshTokenPolicyType, RefreshTokenValidityPeriod, RefreshTokenValidityUnit "
    "FROM ExtlClntAppOauthPlcyCnfg WHERE ExternalClientApplication.MasterLabel IN ({})"
)
_CONNECTED = (
    "SELECT OptionsAllowAdminApprovedUsersOnly, RefreshTokenValidityPeriod, OptionsRefreshTokenValidityMetric "
    "FROM ConnectedApplication WHERE Name IN ({})"
)


def ask_policy(
    *, app_kind: AppKind, names: tuple[str, ...], witnesses: Iterable[Grant], ca_file: str | None = None
) -> Policy | None:
    """The Refresh Token Policy of the app, from the first witness that may read it; None when none may.

    Never raises, and refreshes nothing.
    """
    soql = policy_query(app_kind, names)
    for witness in witnesses if names else ():
        with contextlib.suppress(RunbookError), AuthorizedSession(witness, ca_file=ca_file) as session:
            rows = Salesforce(session, version=DATA_VERSION).query(soql, max_rows=2).records
            if policy := refresh_token_policy(app_kind, rows):
                return policy
    return None


def policy_query(kind: AppKind, names: Iterable[str]) -> str:
    """The query for the policies of apps of these names.

    The names of the refresh columns of External Client Apps are a guess; where they are not there, the query is
    refused. That the period of a Connected App is in hours is a guess too.
    """
    listed = ", ".join(f"'{quoted(name)}'" for name in names)
    return (_EXTERNAL if kind is AppKind.EXTERNAL_CLIENT_APP else _CONNECTED).format(listed)


def admin_approved_only(kind: AppKind, rows: Iterable[Mapping[str, Any]]) -> bool | None:
    """Whether only users approved by an administrator may log in; None when the rows do not show it."""
    row = _only(rows)
    if kind is AppKind.CONNECTED_APP:
        admin_only = row.get("OptionsAllowAdminApprovedUsersOnly")
        return admin_only if isinstance(admin_only, bool) else None
    permitted = row.get("PermittedUsersPolicyType")
    return "admin" in permitted.lower() if isinstance(permitted, str) else None


def refresh_token_policy(kind: AppKind, rows: Iterable[Mapping[str, Any]]) -> Policy | None:
    """The Refresh Token Policy; None when the rows do not show it, or only with an unknown unit or name."""
    row = _only(rows)
    if not row:
        return None
    period = row.get("RefreshTokenValidityPeriod")
    hours = float(period) if isinstance(period, int | float) and not isinstance(period, bool) else None
    if kind is AppKind.CONNECTED_APP:
        if period is None:
            return Policy(kind="none", hours=0.0)
        limit = "inactivity" if row.get("OptionsRefreshTokenValidityMetric") is True else "lifetime"
        return None if hours is None else Policy(kind=limit, hours=hours)
    named = {"Infinite": Policy(kind="none", hours=0.0), "Zero": Policy(kind="lifetime", hours=0.0)}
    kinds = {"SpecificInactivity": "inactivity", "SpecificLifetime": "lifetime"}
    listed, unit = str(row.get("RefreshTokenPolicyType")), _HOURS.get(str(row.get("RefreshTokenValidityUnit")))
    if listed in named:
        return named[listed]
    if listed not in kinds or hours is None or unit is None:
        return None
    return Policy(kind=kinds[listed], hours=hours * unit)


def _only(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The only row; empty where there are several, since it is not known then which app is meant."""
    found = list(rows)
    return found[0] if len(found) == 1 else {}
