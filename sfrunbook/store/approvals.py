"""The approvals of the logins from this home, on disk; the records contain no secret."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Grant
from sfrunbook.store.json_file import JsonFile, from_json, to_json

__all__ = ["OwnApproval", "OwnApprovals"]

_FORMAT = 1
_RECORDS_AT_MOST = 2000


@dataclass(frozen=True, kw_only=True)
class OwnApproval:
    """The approval of a login from this home; it stays in the records when it is revoked."""

    org_id: str
    user_id: str
    client_id: str
    connection: str
    #: id of the machine of the login, see `machine_id`
    machine: str
    made_at: datetime
    #: `person`, or `script` for the scripted user of the practice org
    made_by: str = "person"
    revoked_at: datetime | None = None
    #: when Salesforce last refused to revoke it; the approval counts until it is revoked
    revocation_refused_at: datetime | None = None


class OwnApprovals:
    """The approvals of the logins from this home, in `<folder>/approvals.json`.

    JSON: `{"format": 1, "approvals": [{fields of OwnApproval, times as ISO 8601}]}`, oldest first. A file that cannot
    be read never counts as an empty one: `all` is None then, and the next approval moves it aside. A fault of the disk
    while writing costs the record only; the grant itself is in the grant store.
    """

    def __init__(self, folder: Path) -> None:
        self._file = JsonFile[tuple[OwnApproval, ...]](
            folder / "approvals.json",
            parse=lambda document: from_json(tuple[OwnApproval, ...], document["approvals"]),
            dump=lambda approvals: {"approvals": to_json(approvals)},
            version=_FORMAT,
        )

    def all(self) -> tuple[OwnApproval, ...] | None:
        """Every record, oldest first; None when they cannot be read."""
        try:
            return self._file.read() or ()
        except RunbookError:
            return None

    def note_made(self, grant: Grant, *, machine: str, made_by: str = "person") -> None:
        new = OwnApproval(
            org_id=grant.org_id,
            user_id=grant.user_id,
            client_id=grant.client_id,
            connection=grant.connection,
            machine=machine,
            made_at=grant.approved_at,
            made_by=made_by,
        )
        self._change(lambda known: (*known, new))

    def note_revoked(self, grant: Grant, at: datetime) -> None:
        self._note(grant, revoked_at=at)

    def note_refused(self, grant: Grant, at: datetime) -> None:
        """Write down that an approval could not be revoked, so that it is not forgotten."""
        self._note(grant, revocation_refused_at=at)

    def of(self, *, org_id: str, user_id: str, client_id: str) -> tuple[OwnApproval, ...] | None:
        """The approvals of one user and app that were not revoked; None when the records cannot be read."""
        known = self.all()
        if known is None:
            return None
        wanted = (org_id[:15], user_id[:15], client_id)
        return tuple(
            approval
            for approval in known
            if (approval.org_id[:15], approval.user_id[:15], approval.client_id) == wanted
            and approval.revoked_at is None
        )

    def newest_of_connection(self, connection: str) -> OwnApproval | None:
        """The last approval of a connection, revoked or not."""
        return next((known for known in reversed(self.all() or ()) if known.connection == connection), None)

    def _note(self, grant: Grant, **changes: Any) -> None:  # noqa: ANN401 - times, by field
        def noted(known: OwnApproval) -> OwnApproval:
            is_of_grant = (known.connection, known.made_at) == (grant.connection, grant.approved_at)
            return replace(known, **changes) if is_of_grant else known

        self._change(lambda all_known: tuple(map(noted, all_known)))

    def _change(self, change: Callable[[tuple[OwnApproval, ...]], tuple[OwnApproval, ...]]) -> None:
        with contextlib.suppress(RunbookError), self._file.locked():
            known = self.all()
            if known is None:
                path = self._file.path
                path.replace(path.with_name(f"approvals.damaged-{time.time_ns()}.json"))
            self._file.write(change(known or ())[-_RECORDS_AT_MOST:])
