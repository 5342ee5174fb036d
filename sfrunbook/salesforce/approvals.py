"""How many approvals a user has given an app: counted in the org where a grant sees it, else by our own records."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import send
from sfrunbook.core.http_budget import Budget, BudgetSpentError, MeteredSession
from sfrunbook.core.model import Grant, Stage
from sfrunbook.core.words import APPROVAL
from sfrunbook.store.approvals import OwnApprovals

__all__ = [
    "LIMIT",
    "WARN_FROM",
    "ApprovalRow",
    "Approvals",
    "count_approvals",
    "refuse_when_full",
]

#: approvals that Salesforce keeps for each user and app; the oldest goes when there are more. That it is five is
#: confirmed; whether the fifth or the sixth one drops the oldest is in conflict between copies of the same help page,
#: so the warning comes before the fifth. Source:
#: https://help.salesforce.com/s/articleView?id=platform.remoteaccess_request_approve.htm
LIMIT = 5
WARN_FROM = 4

_QUERY = "/services/data/v60.0/query/"
#: `CreatedDate` is in no published list of columns (likely); it is left out where an org does not know it
_COLUMNS = ("AppName, UserId, UseCount, LastUsedDate, CreatedDate", "AppName, UserId, UseCount, LastUsedDate")
_REQUESTS, _SECONDS = 6, 5.0
#: an approval is listed with a moment between these two, beside the one that is kept for it
_EARLIEST, _LATEST = timedelta(seconds=-60), timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class ApprovalRow:
    """One approval as the org lists it (OauthToken, on screen OAuth Connected Apps)."""

    app_name: str
    user_id: str
    use_count: int | None = None
    last_used_at: datetime | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Approvals:
    """How many approvals one user has given one app; `count` is None when nobody can count them."""

    count: int | None
    limit: int = LIMIT
    #: who counted, as the end of a sentence: "the org itself, asked with the access of connection acme"
    counted_by: str
    #: whether there may be more than were counted
    at_least: bool = False
    #: what the org lists, oldest first; empty where it was not the org that counted
    rows: tuple[ApprovalRow, ...] = ()
    app_name: str = ""
    user_id: str = ""

    @property
    def is_full(self) -> bool:
        """Whether a new approval would end the oldest one."""
        return self.count is not None and self.count >= self.limit

    @property
    def is_near(self) -> bool:
        """Whether a new approval would be the last that fits; by one reading of the rule it ends the oldest already."""
        return self.count is not None and WARN_FROM <= self.count < self.limit

    @property
    def told(self) -> str:
        """The count in a sentence."""
        if self.count is None:
            return f"How many of the {self.limit} approvals are used ({APPROVAL}) is not known: {self.counted_by}."
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

    `app_name` is the name under which the org lists the app, if that was seen; `likely_names` are what it may be called
    else. No token is renewed or spent.
    """
    if not user_id:
        return Approvals(count=None, counted_by="it is not known yet which user will log in")
    names = (app_name, *likely_names)
    asked = _ask_org(user_id, client_id, names, witnesses, ca_file)
    if asked is not None:
        return asked
    made = own.of(org_id=org_id, user_id=user_id, client_id=client_id)
    if made is None:
        return Approvals(count=None, counted_by="neither the org nor the records of this runbook can be read")
    return Approvals(
        count=len(made),
        counted_by="this runbook's own records, which do not show logins made elsewhere",
        at_least=True,
        user_id=user_id,
        app_name=app_name,
    )


def _ask_org(
    user_id: str, client_id: str, names: tuple[str, ...], witnesses: Iterable[Grant], ca_file: str | None
) -> Approvals | None:
    """The org's own list of this user's approvals of the app, from the first witness that sees it; else None.

    A witness of the same user sees that user's rows. One of another user sees them only with a permission on which
    Salesforce's pages disagree, so no rows at all are no answer from it.
    Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_oauthtoken.htm
    """
    budget = Budget(requests_at_most=_REQUESTS, seconds=_SECONDS)
    with contextlib.suppress(BudgetSpentError), MeteredSession(budget, ca_file=ca_file) as http:
        for witness in witnesses:
            rows = _rows_seen_by(http, witness, user_id)
            if rows is None or (not rows and witness.user_id[:15] != user_id[:15]):
                continue
            is_own = witness.user_id[:15] == user_id[:15] and witness.client_id == client_id
            name = _name_of_app(rows, names, witness if is_own else None)
            if not name:
                continue
            of_app = tuple(row for row in rows if row.app_name == name)
            by = f"the org itself, asked with the access of connection {witness.connection}"
            return Approvals(count=len(of_app), counted_by=by, rows=of_app, app_name=name, user_id=user_id)
    return None


def _name_of_app(rows: tuple[ApprovalRow, ...], names: tuple[str, ...], own: Grant | None) -> str:
    """The name the org lists the app under: the one that was seen, that of the witness's own row, or a likely one."""
    listed = {row.app_name for row in rows}
    if names[0] in listed:
        return names[0]
    near = {
        row.app_name
        for row in rows
        if own and row.created_at and _EARLIEST <= row.created_at - own.approved_at <= _LATEST
    }
    if len(near) == 1:
        return near.pop()
    return next((name for name in names[1:] if name in listed), "")


def _rows_seen_by(http: MeteredSession, witness: Grant, user_id: str) -> tuple[ApprovalRow, ...] | None:
    headers = {"Authorization": f"Bearer {witness.access_token.reveal()}"}
    for columns in _COLUMNS:
        soql = f"SELECT {columns} FROM OauthToken WHERE UserId = '{_plain_id(user_id)}'"  # noqa: S608 -- SOQL; an id
        try:
            reply = send(
                http, Stage.DATA, "GET", f"{witness.instance_url}{_QUERY}", params={"q": soql}, headers=headers
            )
        except RunbookError:
            return None
        body = reply.json()
        records = body.get("records") if reply.ok and isinstance(body, dict) else None
        if isinstance(records, list):
            rows = [_row_from(one) for one in records if isinstance(one, dict)]
            return tuple(sorted(rows, key=lambda row: row.created_at or datetime.max.replace(tzinfo=UTC)))
        if reply.status != 400:
            return None
    return None


def _plain_id(text: str) -> str:
    return "".join(char for char in text if char.isascii() and char.isalnum())


def _row_from(record: Mapping[str, Any]) -> ApprovalRow:
    uses = record.get("UseCount")
    return ApprovalRow(
        app_name=str(record.get("AppName") or ""),
        user_id=str(record.get("UserId") or ""),
        use_count=int(uses) if isinstance(uses, int | float) else None,
        last_used_at=_moment(record.get("LastUsedDate")),
        created_at=_moment(record.get("CreatedDate")),
    )


def _moment(text: object) -> datetime | None:
    """Salesforce writes 2026-11-23T12:00:00.000+0000."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None


def refuse_when_full(approvals: Approvals, *, connection: str) -> None:
    """Raise the problem `approvals-full` when one more would end the oldest."""
    if approvals.is_full:
        raise problem(
            "approvals-full",
            connection=connection,
            count=approvals.count,
            limit=approvals.limit,
            app=approvals.app_name or "this app",
            counted_by=approvals.counted_by,
        )
