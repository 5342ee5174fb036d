"""Facts from the org's lists and settings: approvals, policies, the app, and the user."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address

from sfrunbook.core.model import AppKind
from sfrunbook.core.moments import moment
from sfrunbook.diagnosis.evidence.case import Case
from sfrunbook.diagnosis.evidence.org_logs import OrgLogs
from sfrunbook.diagnosis.evidence.org_reader import OrgReader, Row, permission_query
from sfrunbook.salesforce.approvals import approval_rows, approvals_queries
from sfrunbook.salesforce.policies import admin_approved_only, policy_query, refresh_token_policy
from sfrunbook.salesforce.soql import quoted

__all__ = ["OrgSettings"]

#: what Salesforce lists is cut to whole seconds
_SECOND = timedelta(seconds=1)


class OrgSettings:
    def __init__(self, case: Case, reader: OrgReader, logs: OrgLogs) -> None:
        self._case = case
        self._reader = reader
        self._logs = logs

    def learn_approvals(self) -> None:
        """OauthToken: is our approval still there, how many newer ones, is the app installed.

        Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_oauthtoken.htm
        """
        case, grant = self._case, self._case.grant
        user_id = self._logs.user_of_failure()
        if not user_id:
            return
        records = self._reader.rows(approvals_queries(user_id)[0], ours_only=grant is not None)
        if records is None:
            return
        rows = approval_rows(records)
        name = case.name_app({row.app_name for row in rows})
        how = "source: OAuth Connected Apps"
        named = [row for row in rows if row.app_name == name]
        if grant is not None:
            near = [row for row in rows if row.is_of(grant)]
            if name or not near:
                case.learn("own_row_present", any(row in named for row in near), how)
        if not name:
            return
        case.learn("app_rows", float(len(named)), how)
        if grant is not None:
            case.learn("newer_app_rows", float(sum(row.is_newer_than(grant) for row in named)), how)
        if (begun := case.login_begun) is not None:
            case.learn("approval_since_login", any(row.is_after(begun - _SECOND) for row in named), how)
        if named:
            case.learn("app_installed", all(row.is_installed for row in named), how)

    def learn_policy(self) -> None:
        """Permitted Users and Refresh Token Policy of the app, and whether the org lists it at all."""
        case = self._case
        if not case.likely_names:
            return
        kind = case.connection.app_kind
        rows = self._reader.rows(policy_query(kind, case.likely_names))
        if rows is None:
            return
        how = f"source: the policies of {' or '.join(case.likely_names)}"
        if case.history.app_name:
            case.learn("app_listed", bool(rows), how)
        case.learn("admin_approved_only", admin_approved_only(kind, rows), how)
        policy = refresh_token_policy(kind, rows)
        if case.grant is not None and policy is not None:
            now = case.clock()
            case.learn("idle_over", policy.idle_over(since=case.grant.issued_at, now=now), how)
            case.learn("lifetime_over", policy.lifetime_over(since=case.grant.approved_at, now=now), how)

    def learn_app(self) -> None:
        """Whether the org lists the app under the name that is known of it, since when, and when it was last saved."""
        case, name = self._case, self._case.history.app_name
        if not name:
            return
        external = case.connection.app_kind is AppKind.EXTERNAL_CLIENT_APP
        thing, column = ("ExternalClientApplication", "MasterLabel") if external else ("ConnectedApplication", "Name")
        rows = self._reader.rows(
            f"SELECT CreatedDate, LastModifiedDate FROM {thing} WHERE {column} = '{quoted(name)}'"  # noqa: S608 -- SOQL; the name is quoted
        )
        if rows is None:
            return
        how = f"source: the list of apps, searched for {name}"
        case.learn("app_listed", bool(rows), how)
        if len(rows) != 1:
            return
        created, saved = moment(rows[0].get("CreatedDate")), moment(rows[0].get("LastModifiedDate"))
        if created is not None and case.grant is not None:
            case.learn("app_recreated", created > case.grant.approved_at, how)
        if saved is not None:
            minutes = max((case.clock() - saved).total_seconds(), 0.0) / 60
            case.learn("app_saved_minutes", float(round(minutes)), how)

    def learn_user(self) -> None:
        rows = self._of_user("SELECT IsActive FROM User WHERE Id = '{}'")
        if rows and isinstance(rows[0].get("IsActive"), bool):
            self._case.learn("user_active", rows[0]["IsActive"], "source: the user's page in Setup")

    def learn_freeze(self) -> None:
        """Whether the user of the failure is frozen, or locked after wrong passwords.

        Source: https://developer.salesforce.com/docs/platform/object-reference/references/standard-objects/object-userlogin.html
        (confirmed; who asks needs Manage Users).
        """
        rows = self._of_user("SELECT IsFrozen, IsPasswordLocked FROM UserLogin WHERE UserId = '{}'")
        for name, column in (("user_frozen", "IsFrozen"), ("user_locked", "IsPasswordLocked")):
            if rows and isinstance(rows[0].get(column), bool):
                self._case.learn(name, rows[0][column], "source: the user's page in Setup")

    def learn_ranges(self) -> None:
        """Whether the Login IP Ranges of the user's profile let the refused address in.

        Source: https://developer.salesforce.com/docs/atlas.en-us.264.0.api_tooling.meta/api_tooling/tooling_api_objects_profile.htm
        (confirmed; the form of its Metadata is likely).
        """
        rows = self._of_user("SELECT ProfileId FROM User WHERE Id = '{}'")
        profile = str(rows[0].get("ProfileId")) if rows else ""
        if not re.fullmatch(r"\w{15,18}", profile):
            return
        found = self._reader.record(f"tooling/sobjects/Profile/{profile}")
        metadata = found.get("Metadata") if found else None
        if not isinstance(metadata, dict):
            return
        ranges = metadata.get("loginIpRanges") or []
        if ranges:
            lets_in = _within(self._logs.refused_address(), ranges)
        else:
            lets_in = None if metadata.get("loginHours") else True
        self._case.learn("profile_lets_address_in", lets_in, "source: Login IP Ranges of the profile")

    def learn_permission(self) -> None:
        rows = self._of_user(permission_query("{}", "ApproveUninstalledConnectedApps"))
        if rows is not None:
            self._case.learn("may_approve_uninstalled", bool(rows), "source: permission sets")

    def _of_user(self, soql: str) -> list[Row] | None:
        user_id = self._logs.user_of_failure()
        return self._reader.rows(soql.format(user_id)) if user_id else None


def _within(address: str, ranges: object) -> bool | None:
    """Whether an address lies in one of the ranges; None when either cannot be read."""
    try:
        ours = ip_address(address)
        bounds = [(ip_address(pair["startAddress"]), ip_address(pair["endAddress"])) for pair in ranges]  # type: ignore[attr-defined]  # checked by doing it
    except (ValueError, TypeError, KeyError):
        return None
    return any(
        low.version == high.version == ours.version and int(low) <= int(ours) <= int(high) for low, high in bounds
    )
