"""What the app's Refresh Token Policy says, and by when a grant must be used because of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import AppKind, Grant
from sfrunbook.salesforce.api import Cell, Rows, Salesforce
from sfrunbook.salesforce.oauth.session import AuthorizedSession

__all__ = ["TokenPolicy", "read_policy"]

_UNITS = {"Hours": timedelta(hours=1), "Days": timedelta(days=1), "Months": timedelta(days=30)}


@dataclass(frozen=True, kw_only=True)
class TokenPolicy:
    """One app's Refresh Token Policy; `after` is None where a refresh token is valid until it is revoked."""

    #: whether the time starts anew at every refresh
    is_idle_limit: bool
    after: timedelta | None
    #: name of the connection whose grant read it
    read_by: str

    @property
    def told(self) -> str:
        """The policy in the words of the Salesforce screen."""
        if self.after is None:
            return "Refresh token is valid until revoked"
        if not self.after:
            return "Immediately expire refresh token"
        days = self.after / timedelta(days=1)
        span = f"{days:g} days" if days >= 1 else f"{self.after / timedelta(hours=1):g} hours"
        kind = "Expire refresh token if not used for" if self.is_idle_limit else "Expire refresh token after"
        return f"{kind} {span}"

    def ends(self, grant: Grant) -> datetime | None:
        """When the grant ends if it is not renewed before, or in any case; None for never."""
        if self.after is None:
            return None
        return (grant.issued_at if self.is_idle_limit else grant.approved_at) + self.after


def read_policy(
    *, app_kind: AppKind, names: tuple[str, ...], witnesses: Iterable[Grant], ca_file: str | None = None
) -> TokenPolicy | None:
    """The policy of the app, from the first witness that may read it; None when none may. Never raises, renews nothing.

    The refresh columns of External Client Apps are a guess, as is that a Connected App's period is in hours; where they
    are not there nothing is read.
    """
    if not names:
        return None
    listed = ", ".join(f"'{name.translate(_QUOTING)}'" for name in names)
    external = app_kind is AppKind.EXTERNAL_CLIENT_APP
    soql = (_EXTERNAL if external else _CONNECTED).format(listed)
    for witness in witnesses:
        with contextlib.suppress(RunbookError), AuthorizedSession(witness, ca_file=ca_file) as session:
            rows = Salesforce(session).query(soql, max_rows=2)
            if len(rows.records) == 1:
                return (_external if external else _connected)(rows, witness.connection)
    return None


_QUOTING = str.maketrans({"\\": "\\\\", "'": "\\'"})
_EXTERNAL = (
    "SELECT RefreshTokenPolicyType, RefreshTokenValidityPeriod, RefreshTokenValidityUnit "
    "FROM ExtlClntAppOauthPlcyCnfg WHERE ExternalClientApplication.MasterLabel IN ({})"
)
_CONNECTED = (
    "SELECT RefreshTokenValidityPeriod, OptionsRefreshTokenValidityMetric FROM ConnectedApplication WHERE Name IN ({})"
)


def _external(rows: Rows, by: str) -> TokenPolicy | None:
    row = rows.records[0]
    kind, period = row.get("RefreshTokenPolicyType"), _number(row.get("RefreshTokenValidityPeriod"))
    if kind == "Infinite":
        return TokenPolicy(is_idle_limit=False, after=None, read_by=by)
    if kind == "Zero":
        return TokenPolicy(is_idle_limit=False, after=timedelta(0), read_by=by)
    unit = _UNITS.get(str(row.get("RefreshTokenValidityUnit")))
    if kind not in ("SpecificInactivity", "SpecificLifetime") or unit is None or period is None:
        return None
    return TokenPolicy(is_idle_limit=kind == "SpecificInactivity", after=period * unit, read_by=by)


def _connected(rows: Rows, by: str) -> TokenPolicy | None:
    row = rows.records[0]
    period = row.get("RefreshTokenValidityPeriod")
    if period is None:
        return TokenPolicy(is_idle_limit=False, after=None, read_by=by)
    hours = _number(period)
    if hours is None:
        return None
    idle = row.get("OptionsRefreshTokenValidityMetric") is True
    return TokenPolicy(is_idle_limit=idle, after=timedelta(hours=hours), read_by=by)


def _number(cell: Cell) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None
