"""Facts that only the org can tell, asked with an access token that lives; nothing is changed or renewed by it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from sfrunbook.evidence.case import Case
from sfrunbook.model import AppKind, Grant, Stage
from sfrunbook.transport import Reply, failure_of, send

__all__ = ["Witnesses", "app_name_of"]

#: a version of the API that every org of today has
_QUERY = "/services/data/v60.0/query/"
#: an approval is listed with a moment between these two, beside the one that is kept for it
_EARLIEST, _LATEST = timedelta(seconds=-60), timedelta(seconds=2)
#: a line of Login History older than this is not about the failure
_RECENT = timedelta(minutes=10)
_APPROVALS = "SELECT AppName, AppMenuItemId, CreatedDate FROM OauthToken WHERE UserId = '{}'"
_HOURS = {"Hours": 1.0, "Days": 24.0, "Months": 24.0 * 30}


class Witnesses:
    """The org's own lists, asked with the first of some grants that is let in."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._left = list(case.witnesses)
        self._app_name = case.history.app_name
        self._see_all: dict[str, bool] = {}

    def learn_approvals(self) -> None:
        """OauthToken: is our approval still there, how many newer ones, is the app installed.

        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_oauthtoken.htm
        """
        case, grant = self._case, self._case.grant
        user_id = grant.user_id if grant else self._user_of_failure()
        if not user_id:
            return
        rows = self._ask(_APPROVALS.format(user_id), ours_only=grant is not None)
        if rows is None:
            return
        self._app_name = self._app_name or next((name for name in case.app_names if name in _names(rows)), "")
        how = "OAuth Connected Apps, asked in the org"
        named = [row for row in rows if row.get("AppName") == self._app_name]
        if grant is not None:
            near = [row for row in rows if _near(row.get("CreatedDate"), grant.approved_at)]
            if self._app_name or not near:
                case.learn("own_row_present", any(row in named for row in near), how)
        if not self._app_name:
            return
        case.learn("app_rows", float(len(named)), how)
        if grant is not None:
            newer = [row for row in named if _after(row.get("CreatedDate"), grant.approved_at + _LATEST)]
            case.learn("newer_app_rows", float(len(newer)), how)
        if named:
            case.learn("app_installed", all(row.get("AppMenuItemId") for row in named), how)

    def learn_logins(self) -> None:
        """LoginHistory: what it says of the last minutes, and logins of the app that were not ours."""
        case, grant = self._case, self._case.grant
        rows = self._logins()
        if rows is None:
            return
        own = [row for row in rows if not self._app_name or row.get("Application") == self._app_name]
        now = case.clock()
        recent = [row for row in own if _after(row.get("LoginTime"), now - _RECENT)]
        if recent:
            case.learn("login_status", str(recent[0].get("Status", "")), "Login History, asked in the org")
        if grant is not None and self._app_name:
            since = grant.issued_at + timedelta(seconds=5)
            others = [row for row in own if row.get("Status") == "Success" and _after(row.get("LoginTime"), since)]
            case.learn("foreign_logins", float(len(others)), "Login History, asked in the org")

    def learn_policy(self) -> None:
        """Permitted Users and Refresh Token Policy of the app, and whether the org lists it at all.

        The names of the refresh columns of External Client Apps are a guess; where they are not there, nothing is
        learnt. That the period of a Connected App is in hours is a guess too.
        """
        case = self._case
        if not (self._app_name or case.app_names):
            return
        names = (self._app_name,) if self._app_name else case.app_names
        listed = ", ".join(f"'{_quoted(one)}'" for one in names)
        if case.connection.app_kind is AppKind.EXTERNAL_CLIENT_APP:
            rows = self._ask(
                "SELECT PermittedUsersPolicyType, RefreshTokenPolicyType, RefreshTokenValidityPeriod, "  # noqa: S608 -- SOQL; names are quoted
                f"RefreshTokenValidityUnit FROM ExtlClntAppOauthPlcyCnfg WHERE "
                f"ExternalClientApplication.MasterLabel IN ({listed})"
            )
            policies = [_external_policy(row) for row in rows or ()]
        else:
            rows = self._ask(
                "SELECT OptionsAllowAdminApprovedUsersOnly, RefreshTokenValidityPeriod, "  # noqa: S608 -- SOQL; names are quoted
                f"OptionsRefreshTokenValidityMetric FROM ConnectedApplication WHERE Name IN ({listed})"
            )
            policies = [_connected_policy(row) for row in rows or ()]
        if rows is None:
            return
        how = f"policies of {' or '.join(names)}, asked in the org"
        if case.history.app_name:
            case.learn("app_listed", bool(rows), how)
        if len(policies) != 1:
            return
        admin_only, kind, hours = policies[0]
        case.learn("admin_approved_only", admin_only, how)
        if case.grant is not None and kind:
            idle = (case.clock() - case.grant.issued_at).total_seconds() / 3600
            age = (case.clock() - case.grant.approved_at).total_seconds() / 3600
            case.learn("idle_over", kind == "inactivity" and idle > hours, how)
            case.learn("lifetime_over", kind == "lifetime" and age >= hours, how)

    def learn_user(self) -> None:
        """Whether the user of the failure is active."""
        user_id = self._user_of_failure()
        if not user_id:
            return
        rows = self._ask(f"SELECT IsActive FROM User WHERE Id = '{user_id}'")  # noqa: S608 -- SOQL; an id of the org
        if rows and isinstance(rows[0].get("IsActive"), bool):
            self._case.learn("user_active", rows[0]["IsActive"], "the user's page, asked in the org")

    def learn_permission(self) -> None:
        """Whether the user may approve apps that are not installed."""
        user_id = self._user_of_failure()
        if not user_id:
            return
        rows = self._ask(
            f"SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{user_id}' "  # noqa: S608 -- SOQL; an id of the org
            "AND PermissionSet.PermissionsApproveUninstalledConnectedApps = true"
        )
        if rows is not None:
            self._case.learn("may_approve_uninstalled", bool(rows), "permission sets, asked in the org")

    def _logins(self) -> list[Mapping[str, Any]] | None:
        grant = self._case.grant
        where = f"WHERE UserId = '{grant.user_id}' " if grant else ""
        return self._ask(
            f"SELECT UserId, LoginTime, Status, Application FROM LoginHistory {where}"  # noqa: S608 -- SOQL; an id from a token reply
            "ORDER BY LoginTime DESC LIMIT 50",
            ours_only=grant is not None,
        )

    def _user_of_failure(self) -> str:
        """The user of the grant; without one, the user of the newest line of Login History for the app."""
        if self._case.grant:
            return self._case.grant.user_id
        rows = self._logins() or []
        names = {self._app_name, *self._case.app_names}
        found = next((row for row in rows if row.get("Application") in names), None)
        user_id = str(found.get("UserId")) if found else ""
        return user_id if re.fullmatch(r"\w{15,18}", user_id) else ""

    def _ask(self, soql: str, *, ours_only: bool = False) -> list[Mapping[str, Any]] | None:
        """Rows of a query, from the first witness that is let in; None when there is none or it may not know.

        With `ours_only` no rows from a witness of another user count only when it may see other people's rows.
        """
        dead = self._case.known.get("refresh_token_active")
        if dead is not None and dead.value is False:
            self._left.sort(key=self._is_own)  # its access token has most likely gone as well
        for witness in tuple(self._left):
            reply = _query(self._case.http, witness, soql)
            self._note(witness, reply)
            if reply.status in (401, 403):
                self._left.remove(witness)
                continue
            if reply.status == 400:  # this user may not see the object or a column of it; another one may
                continue
            body = reply.json()
            rows = body.get("records") if reply.ok and isinstance(body, dict) else None
            if not isinstance(rows, list) or (not rows and ours_only and not self._sees_others(witness)):
                return None
            return [row for row in rows if isinstance(row, dict)]
        return None

    def _sees_others(self, witness: Grant) -> bool:
        """Whether an empty answer means that there is nothing: the same user, or both permissions that may be needed.

        Salesforce's pages name Manage Users and Customize Application as what shows everybody's rows.
        """
        if self._is_same_user(witness):
            return True
        if witness.connection not in self._see_all:
            soql = (
                f"SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{witness.user_id}' "  # noqa: S608 -- SOQL; an id from a token reply
                "AND PermissionSet.PermissionsManageUsers = true "
                "AND PermissionSet.PermissionsCustomizeApplication = true"
            )
            body = _query(self._case.http, witness, soql).json()
            self._see_all[witness.connection] = isinstance(body, dict) and bool(body.get("records"))
        return self._see_all[witness.connection]

    def _is_own(self, witness: Grant) -> bool:
        return witness.connection == self._case.connection.name

    def _is_same_user(self, witness: Grant) -> bool:
        return self._case.grant is not None and witness.user_id[:15] == self._case.grant.user_id[:15]

    def _note(self, witness: Grant, reply: Reply) -> None:
        """What the fate of the question itself tells."""
        host = f"asked {urlsplit(witness.instance_url).netloc}"
        said = "" if reply.ok else failure_of(reply, Stage.DATA).description.lower()
        if reply.ok or "not valid for use" in said:
            self._case.learn("api_open", reply.ok, host)
        if self._is_own(witness) and (reply.ok or "expired or invalid" in said):
            self._case.learn("access_token_active", reply.ok, host)
        if reply.ok and self._is_same_user(witness):
            self._case.learn("user_let_in", True, host)


def app_name_of(http: requests.Session, grant: Grant) -> str:
    """The name under which the org lists the app of a living grant; empty when it does not come out for certain.

    One request. Raises RunbookError for a fault on the way.
    """
    reply = _query(http, grant, _APPROVALS.format(grant.user_id))
    body = reply.json()
    rows = body.get("records") if reply.ok and isinstance(body, dict) else None
    near = [row for row in rows or () if isinstance(row, dict) and _near(row.get("CreatedDate"), grant.approved_at)]
    names = _names(near)
    return names.pop() if len(names) == 1 else ""


def _query(http: requests.Session, grant: Grant, soql: str) -> Reply:
    headers = {"Authorization": f"Bearer {grant.access_token.reveal()}"}
    return send(http, Stage.DATA, "GET", f"{grant.instance_url}{_QUERY}", params={"q": soql}, headers=headers)


def _names(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    return {str(row.get("AppName")) for row in rows}


def _external_policy(row: Mapping[str, Any]) -> tuple[bool | None, str, float]:
    said, kind = row.get("PermittedUsersPolicyType"), row.get("RefreshTokenPolicyType")
    admin_only = "admin" in said.lower() if isinstance(said, str) else None
    period, unit = row.get("RefreshTokenValidityPeriod"), _HOURS.get(str(row.get("RefreshTokenValidityUnit")), 24.0)
    hours = float(period) * unit if isinstance(period, int | float) else 0.0
    kinds = {"SpecificInactivity": "inactivity", "SpecificLifetime": "lifetime", "Zero": "lifetime", "Infinite": "none"}
    return admin_only, kinds.get(str(kind), ""), hours


def _connected_policy(row: Mapping[str, Any]) -> tuple[bool | None, str, float]:
    said, period = row.get("OptionsAllowAdminApprovedUsersOnly"), row.get("RefreshTokenValidityPeriod")
    admin_only = said if isinstance(said, bool) else None
    if period is None:
        return admin_only, "none", 0.0
    kind = "inactivity" if row.get("OptionsRefreshTokenValidityMetric") is True else "lifetime"
    return admin_only, kind, float(period) if isinstance(period, int | float) else 0.0


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _moment(text: object) -> datetime | None:
    """Salesforce writes 2026-11-23T12:00:00.000+0000."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None


def _near(text: object, moment: datetime) -> bool:
    found = _moment(text)
    return found is not None and _EARLIEST <= found - moment <= _LATEST


def _after(text: object, moment: datetime) -> bool:
    found = _moment(text)
    return found is not None and found > moment
