"""How many approvals a user has given an app: counted in the org where a grant sees it, else by our own records."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from sfrunbook.core.durable_file import make_private_folder, write_durably
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http_budget import Budget, BudgetSpentError, MeteredSession
from sfrunbook.core.model import Grant
from sfrunbook.core.moments import moment
from sfrunbook.core.words import APPROVAL
from sfrunbook.salesforce.api import DATA, ask
from sfrunbook.salesforce.soql import quoted

__all__ = [
    "LIMIT",
    "WARN_FROM",
    "ApprovalRow",
    "Approvals",
    "MadeHere",
    "OwnApprovals",
    "app_name_of",
    "approval_rows",
    "approvals_queries",
    "count_approvals",
    "refuse_when_full",
]

#: approvals that Salesforce keeps for each user and app; the oldest goes when there are more. That it is five is
#: confirmed; whether the fifth or the sixth one drops the oldest is in conflict between copies of the same help page,
#: so the warning comes before the fifth. Source:
#: https://help.salesforce.com/s/articleView?id=platform.remoteaccess_request_approve.htm
LIMIT = 5
WARN_FROM = 4

#: `CreatedDate` is in no published list of columns (likely); it is left out where an org does not know it
_KNOWN_COLUMNS = "AppName, AppMenuItemId, UserId, UseCount, LastUsedDate"
_COLUMNS = (f"{_KNOWN_COLUMNS}, CreatedDate", _KNOWN_COLUMNS)
_REQUESTS, _SECONDS = 6, 5.0
#: an approval is listed with a moment between these two, beside the one that is kept for it
_EARLIEST, _LATEST = timedelta(seconds=-60), timedelta(seconds=2)
_FORMAT = 1
_KEPT_AT_MOST = 2000
_LOCK_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class ApprovalRow:
    """One approval as the org lists it (OauthToken, on screen OAuth Connected Apps)."""

    app_name: str
    user_id: str
    use_count: int | None = None
    #: whether the app is installed in the org
    is_installed: bool = False
    last_used_at: datetime | None = None
    created_at: datetime | None = None

    def is_of(self, grant: Grant) -> bool:
        """Whether it was made when the grant was; the org notes a moment between these two beside ours."""
        return self.created_at is not None and _EARLIEST <= self.created_at - grant.approved_at <= _LATEST

    def is_newer_than(self, grant: Grant) -> bool:
        """Whether it was made after the grant's own."""
        return self.is_after(grant.approved_at + _LATEST)

    def is_after(self, at: datetime) -> bool:
        """Whether it was made later; false when that is not known."""
        return self.created_at is not None and self.created_at > at


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


@dataclass(frozen=True, kw_only=True)
class MadeHere:
    """One approval that this runbook made; it stays in the records when it is revoked."""

    org_id: str
    user_id: str
    client_id: str
    connection: str
    #: machine on which it was made, see `machine`
    machine: str
    made_at: datetime
    #: `person`, or `script` for the scripted one of a practice world
    made_by: str = "person"
    revoked_at: datetime | None = None
    #: when Salesforce last refused to revoke it; the approval counts until it is revoked
    revocation_refused_at: datetime | None = None


class OwnApprovals:
    """The approvals made from this home, in `<folder>/approvals.json`; no secret is in it.

    JSON: `{"format": 1, "approvals": [{fields of MadeHere, times as ISO 8601}]}`, oldest first. A file that cannot be
    read is never taken for an empty one: `all` is None then, and the next approval moves it aside.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "approvals.json"

    def all(self) -> tuple[MadeHere, ...] | None:
        """Every record, oldest first; None when they cannot be read."""
        try:
            document = json.loads(self._path.read_text("utf-8"))
            if document["format"] != _FORMAT:
                return None
            return tuple(_made_from(one) for one in document["approvals"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def note_made(self, grant: Grant, *, machine: str, made_by: str = "person") -> None:
        """Remember a new approval; what cannot be written costs the memory only, the grant is kept elsewhere."""
        made = MadeHere(
            org_id=grant.org_id,
            user_id=grant.user_id,
            client_id=grant.client_id,
            connection=grant.connection,
            machine=machine,
            made_at=grant.approved_at,
            made_by=made_by,
        )
        self._change(lambda known: [*known, made])

    def note_revoked(self, grant: Grant, at: datetime) -> None:
        """Remember that an approval was taken back."""
        self._note(grant, revoked_at=at)

    def note_refused(self, grant: Grant, at: datetime) -> None:
        """Remember that an approval could not be taken back, so that it is not forgotten."""
        self._note(grant, revocation_refused_at=at)

    def of(self, *, org_id: str, user_id: str, client_id: str) -> tuple[MadeHere, ...] | None:
        """Those of one user and app that were not revoked; None when the records cannot be read."""
        known = self.all()
        if known is None:
            return None
        wanted = (org_id[:15], user_id[:15], client_id)
        return tuple(
            one
            for one in known
            if (one.org_id[:15], one.user_id[:15], one.client_id) == wanted and one.revoked_at is None
        )

    def newest_of_connection(self, connection: str) -> MadeHere | None:
        """The last approval made for a connection, revoked or not."""
        return next((one for one in reversed(self.all() or ()) if one.connection == connection), None)

    def _note(self, grant: Grant, **changes: Any) -> None:  # noqa: ANN401 - times, by field
        def noted(one: MadeHere) -> MadeHere:
            is_it = (one.connection, one.made_at) == (grant.connection, grant.approved_at)
            return replace(one, **changes) if is_it else one

        self._change(lambda known: [noted(one) for one in known])

    def _change(self, change: Callable[[tuple[MadeHere, ...]], list[MadeHere]]) -> None:
        """Write the records anew, under a lock; faults of the disk are let go."""
        from filelock import FileLock, Timeout

        with contextlib.suppress(OSError, Timeout):
            make_private_folder(self._path.parent)
            with FileLock(self._path.with_name(".approvals.lock"), timeout=_LOCK_SECONDS, is_singleton=True):
                known = self.all()
                if known is None:
                    self._path.replace(self._path.with_name(f"approvals.damaged-{time.time_ns()}.json"))
                kept = change(known or ())[-_KEPT_AT_MOST:]
                document = {"format": _FORMAT, "approvals": [_made_to(one) for one in kept]}
                write_durably(self._path, json.dumps(document, indent=1).encode())


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
    if own and (name := _only_name(row for row in rows if row.is_of(own))):
        return name
    return next((name for name in names[1:] if name in listed), "")


def app_name_of(http: requests.Session, grant: Grant) -> str:
    """The name under which the org lists the app of a working grant; empty when it is not certain. Never raises."""
    return _only_name(row for row in _rows_seen_by(http, grant, grant.user_id) or () if row.is_of(grant))


def _only_name(rows: Iterable[ApprovalRow]) -> str:
    names = {row.app_name for row in rows}
    return names.pop() if len(names) == 1 else ""


def _rows_seen_by(http: requests.Session, witness: Grant, user_id: str) -> tuple[ApprovalRow, ...] | None:
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
    """What the records of the query say, oldest first."""
    rows = [_row_from(record) for record in records if isinstance(record, dict)]
    return tuple(sorted(rows, key=lambda row: row.created_at or datetime.max.replace(tzinfo=UTC)))


def _row_from(record: Mapping[str, Any]) -> ApprovalRow:
    uses = record.get("UseCount")
    return ApprovalRow(
        app_name=str(record.get("AppName") or ""),
        user_id=str(record.get("UserId") or ""),
        use_count=int(uses) if isinstance(uses, int | float) else None,
        is_installed=bool(record.get("AppMenuItemId")),
        last_used_at=moment(record.get("LastUsedDate")),
        created_at=moment(record.get("CreatedDate")),
    )


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


def _made_to(made: MadeHere) -> dict[str, object]:
    return {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(made).items()
    }


def _made_from(said: Mapping[str, Any]) -> MadeHere:
    def moment(name: str) -> datetime | None:
        return datetime.fromisoformat(said[name]) if said.get(name) else None

    return MadeHere(
        org_id=str(said["org_id"]),
        user_id=str(said["user_id"]),
        client_id=str(said["client_id"]),
        connection=str(said["connection"]),
        machine=str(said["machine"]),
        made_at=datetime.fromisoformat(said["made_at"]),
        made_by=str(said.get("made_by", "person")),
        revoked_at=moment("revoked_at"),
        revocation_refused_at=moment("revocation_refused_at"),
    )
