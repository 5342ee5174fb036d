"""When the partner's side of a connection worked, so that a later run can prove that a refresh works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sfrunbook.core.moments import moment
from sfrunbook.core.words import counted
from sfrunbook.store.json_file import JsonFile, table_of

__all__ = ["Attested", "PartnerRecord"]

#: the longest Timeout Value that an org can have is 24 hours; an unused session has ended after it
_SESSION_AT_MOST = timedelta(hours=25)


@dataclass(frozen=True, kw_only=True)
class Attested:
    """The shape of a method's response that a user pasted, and when; none of its rows."""

    at: datetime
    rows: int
    ids: int

    @property
    def shape(self) -> str:
        return f"{counted(self.rows, 'row')} with {counted(self.ids, 'Id')}"


class PartnerRecord:
    """Times of one connection's installed connectors, in `<folder>/<name>.json`; a damaged file counts as empty.

    JSON: `{"authenticated": {number: time}, "attested": {"at", "rows", "ids"}}`, times as ISO 8601 in UTC.
    """

    def __init__(self, folder: Path, connection: str) -> None:
        self._file = JsonFile[dict[str, Any]](folder / f"{connection}.json", parse=dict, dump=dict, default={})

    def authenticated_at(self, number: str) -> datetime | None:
        """When this connector was first authenticated, as far as a run knows."""
        return moment(table_of(self._file.load(), "authenticated").get(number))

    def note_authenticated(self, number: str, at: datetime) -> None:
        """Note the first time."""
        new = {number: at.isoformat(timespec="seconds")}
        if self.authenticated_at(number) is None:
            self._file.try_change(
                lambda record: {**record, "authenticated": {**table_of(record, "authenticated"), **new}}
            )

    def retest_after(self, number: str, now: datetime) -> datetime:
        """From when on a method that returns data proves a refresh."""
        return (self.authenticated_at(number) or now) + _SESSION_AT_MOST

    @property
    def attested(self) -> Attested | None:
        noted = table_of(self._file.load(), "attested")
        at, rows, ids = moment(noted.get("at")), noted.get("rows"), noted.get("ids")
        if at is None or not isinstance(rows, int) or not isinstance(ids, int):
            return None
        return Attested(at=at, rows=rows, ids=ids)

    def attest(self, at: datetime, *, rows: int, ids: int) -> None:
        attested = {"at": at.isoformat(timespec="seconds"), "rows": rows, "ids": ids}
        self._file.try_change(lambda record: {**record, "attested": attested})

    def take_back(self) -> None:
        """Forget the pasted response, as when a later response proves nothing."""
        self._file.try_change(lambda record: {name: value for name, value in record.items() if name != "attested"})

    def forget(self) -> None:
        self._file.delete()
