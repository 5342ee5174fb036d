"""Counts the approvals of a user for an app: in the org where a grant may read them, else in our own records."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http_budget import BudgetSpentError, MeteredSession
from sfrunbook.core.model import Grant
from sfrunbook.core.moments import moment
from sfrunbook.core.words import APPROVAL
from sfrunbook.salesforce.api import DATA, ask
from sfrunbook.salesforce.soql import quoted
from sfrunbook.store.approvals import OwnApprovals

__all__ = [
    "LIMIT",
    "ApprovalRow",
    "Approvals",
    "app_name_of",
    "approval_rows",
    "approvals_queries",
    "count_approvals",
    "refuse_when_full",
]

#: approvals that Salesforce stores for each user and app; it deletes the oldest when there are more. That it is five
#: is confirmed; whether the fifth or the sixth drops the oldest is in conflict between copies of the same help page,
#: so the warning comes before the fifth. Source:
#: https://help.salesforce.com/s/articleView?id=platform.remoteaccess_request_approve.htm
LIMIT = 5
_WARN_FROM = 4

#: `CreatedDate` is in no published list of columns (likely); it is left out where an org does not know it
_KNOWN_COLUMNS = "AppName, AppMenuItemId, UserId"
_COLUMNS = (f"{_KNOWN_COLUMNS}, CreatedDate", _KNOWN_COLUMNS)
_REQUESTS, _SECONDS = 6, 5.0
#: the org lists an approval with a time that differs from the grant's by an amount between these two
_EARLIEST, _LATEST = timedelta(seconds=-60), timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class ApprovalRow:
    """An approval as the org lists it (OauthToken, on screen OAuth Connected Apps)."""

    app_name: str
    user_id: str
    #: whether the app is installed in the org
    is_installed: bool = False
    created_at: datetime | None = None

    def is_of(self, grant: Grant) -> bool:
        """Whether it was added when the grant was issued."""
        return self.created_at is not None and _EARLIEST <= self.created_at - grant.approved_at <= _LATEST

    def is_newer_than(self, grant: Grant) -> bool:
        """Whether it was added after the grant's own."""
        return self.is_after(grant.approved_at + _LATEST)

    def is_after(self, at: datetime) -> bool:
        """Whether it was added later; false when that is not known."""
        return self.created_at is not None and self.created_at > at


@dataclass(frozen=True, kw_only=True)
class Approvals:
    """How many approvals a user has for an app; `count` is None when they can't be counted."""

    count: int | None
    limit: int = LIMIT
    #: who counted, as the end of a sentence: "the org, read with the login of acme"
    counted_by: str
    #: whether there may be more than `count`
    at_least: bool = False
    #: what the org lists, oldest first; empty where our own records were counted
    rows: tuple[ApprovalRow, ...] = ()
    app_name: str = ""
    user_id: str = ""

    @property
    def is_full(self) -> bool:
        """Whether a new approval would end the oldest."""
        return self.count is not None and self.count >= self.limit

    @property
    def is_near(self) -> bool:
        """Whether a new approval would be the last that fits; by one reading of the rule it ends the oldest."""
        return self.count is not None and _WARN_FROM <= self.count < self.limit

    @property
    def summary(self) -> str:
        if self.count is None:
            return f"We don't know how many of the {self.limit} approvals are used ({APPROVAL}): {self.counted_by}."
        more, are = "At least " if self.at_least else "", "is" if self.count == 1 else "are"
        return f"{more}{self.count} of {self.limit} approvals {are} used ({APPROVAL}), counted by {self.counted_by}."


def count_approvals(
    *,
    user_id: str,
    org_id: str,
    client_id: str,
    app_name: str,
    likely_names: Iterable[str],
    witnesses: Iterable[Grant],
    own: OwnApprovals,
    ca_file: str | None = None,
) -> Approvals:
    """The approvals of a user and app: the org's own list where a witness sees it, else our records. Never raises.

    `app_name` is the name under which the org lists the app, if that is known; `likely_names` are what it may be called
    otherwise. No token is refreshed or spent.
    """
    if not user_id:
        return Approvals(count=None, counted_by="the user isn't known before the login")
    names = (app_name, *likely_names)
    listed = _ask_org(user_id, client_id, names, witnesses, ca_file)
    if listed is not None:
        return listed
    recorded = own.of(org_id=org_id, user_id=user_id, client_id=client_id)
    if recorded is None:
        return Approvals(count=None, counted_by="neither the org nor this runbook's records can be read")
    return Approvals(
        count=len(recorded),
        counted_by="this runbook's records, without logins made elsewhere",
        at_least=True,
        user_id=user_id,
        app_name=app_name,
    )


def _ask_org(
    user_id: str, client_id: str, names: tuple[str, ...], witnesses: Iterable[Grant], ca_file: str | None
) -> Approvals | None:
    """The org's own list of this user's approvals of the app, from the first witness that sees it; else None.

    A witness of the same user sees that user's rows. One of another user sees them only with a permission on which
    Salesforce's pages disagree, so an empty list from it proves nothing.
    Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_oauthtoken.htm
    """
    budget = MeteredSession(requests_at_most=_REQUESTS, seconds=_SECONDS, ca_file=ca_file)
    with contextlib.suppress(BudgetSpentError), budget as http:
        for witness in witnesses:
            rows = _rows_visible_to(http, witness, user_id)
            if rows is None or (not rows and witness.user_id[:15] != user_id[:15]):
                continue
            is_own = witness.user_id[:15] == user_id[:15] and witness.client_id == client_id
            name = _name_of_app(rows, names, witness if is_own else None)
            if not name:
                continue
            of_app = tuple(row for row in rows if row.app_name == name)
            by = f"the org, read with the login of {witness.connection}"
            return Approvals(count=len(of_app), counted_by=by, rows=of_app, app_name=name, user_id=user_id)
    return None


def _name_of_app(rows: tuple[ApprovalRow, ...], names: tuple[str, ...], own: Grant | None) -> str:
    """The name the org lists the app under: the known name, that of the witness's own row, or a likely name."""
    listed = {row.app_name for row in rows}
    if names[0] in listed:
        return names[0]
    if own and (name := _only_name(row for row in rows if row.is_of(own))):
        return name
    return next((name for name in names[1:] if name in listed), "")


def app_name_of(http: requests.Session, grant: Grant) -> str:
    """The name under which the org lists the app of a working grant; empty when it is not certain. Never raises."""
    return _only_name(row for row in _rows_visible_to(http, grant, grant.user_id) or () if row.is_of(grant))


def _only_name(rows: Iterable[ApprovalRow]) -> str:
    names = {row.app_name for row in rows}
    return names.pop() if len(names) == 1 else ""


def _rows_visible_to(http: requests.Session, witness: Grant, user_id: str) -> tuple[ApprovalRow, ...] | None:
    for soql in approvals_queries(user_id):
        try:
            reply = ask(http, witness, f"{DATA}/query/", {"q": soql})
        except RunbookError:
            return None
        body = reply.json()
        records = body.get("records") if reply.ok and isinstance(body, dict) else None
        if isinstance(records, list):
            return approval_rows(records)
        if reply.status != 400:
            return None
    return None


def approvals_queries(user_id: str) -> tuple[str, str]:
    """The query for a user's approvals, and the one for an org that does not know the columns of the first."""
    return tuple(  # type: ignore[return-value]  # as many as there are _COLUMNS
        f"SELECT {columns} FROM OauthToken WHERE UserId = '{quoted(user_id)}'"  # noqa: S608 -- SOQL, and the id is quoted
        for columns in _COLUMNS
    )


def approval_rows(records: Iterable[object]) -> tuple[ApprovalRow, ...]:
    """The rows of the query's records, oldest first."""
    rows = [_row_from(record) for record in records if isinstance(record, dict)]
    return tuple(sorted(rows, key=lambda row: row.created_at or datetime.max.replace(tzinfo=UTC)))


def _row_from(record: Mapping[str, Any]) -> ApprovalRow:
    return ApprovalRow(
        app_name=str(record.get("AppName") or ""),
        user_id=str(record.get("UserId") or ""),
        is_installed=bool(record.get("AppMenuItemId")),
        created_at=moment(record.get("CreatedDate")),
    )


def refuse_when_full(approvals: Approvals, *, connection: str) -> None:
    """Raise the problem `approvals-full` when another approval would end the oldest."""
    if approvals.is_full:
        raise problem(
            "approvals-full",
            connection=connection,
            count=approvals.count,
            limit=approvals.limit,
            app=approvals.app_name or "this app",
            counted_by=approvals.counted_by,
        )
