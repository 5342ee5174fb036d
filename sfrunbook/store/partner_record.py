"""What was seen of the partner's side of each connection, on disk, so that a later run can prove what needs time."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sfrunbook.core.durable_file import write_durably
from sfrunbook.core.words import counted

__all__ = ["Attested", "PartnerRecord"]

#: the longest Timeout Value that an org can have is 24 hours; an unused session has ended after it
_SESSION_AT_MOST = timedelta(hours=25)


@dataclass(frozen=True, kw_only=True)
class Attested:
    """A method's response that a person pasted: its shape, and when; none of its rows."""

    at: datetime
    rows: int
    ids: int

    @property
    def told(self) -> str:
        return f"{counted(self.rows, 'row')} with {counted(self.ids, 'Id')}"


class PartnerRecord:
    """Times of one connection's installed connectors, in `<folder>/<name>.json`; a damaged file counts as none.

    JSON: `{"authenticated": {number: time}, "attested": {"at", "rows", "ids"}}`, times as ISO 8601 in UTC.
    """

    def __init__(self, folder: Path, connection: str) -> None:
        self._path = folder / f"{connection}.json"

    def authenticated_at(self, number: str) -> datetime | None:
        """When this connector was first seen authenticated."""
        return _moment(_table(self._read(), "authenticated").get(number))

    def note_authenticated(self, number: str, at: datetime, *, anew: bool = False) -> None:
        """Remember the first time; with `anew` a new login begins it again."""
        if anew or self.authenticated_at(number) is None:
            known = {**_table(self._read(), "authenticated"), number: at.isoformat(timespec="seconds")}
            self._write({**self._read(), "authenticated": known})

    def retest_after(self, number: str, now: datetime) -> datetime:
        """From when on a method that returns data proves a refresh."""
        return (self.authenticated_at(number) or now) + _SESSION_AT_MOST

    @property
    def attested(self) -> Attested | None:
        """The response that was pasted last."""
        said = _table(self._read(), "attested")
        at, rows, ids = _moment(said.get("at")), said.get("rows"), said.get("ids")
        if at is None or not isinstance(rows, int) or not isinstance(ids, int):
            return None
        return Attested(at=at, rows=rows, ids=ids)

    def attest(self, at: datetime, *, rows: int, ids: int) -> None:
        """Remember a pasted response by its shape."""
        attested = {"at": at.isoformat(timespec="seconds"), "rows": rows, "ids": ids}
        self._write({**self._read(), "attested": attested})

    def take_back(self) -> None:
        """What was attested counts no more, as when a later response proves nothing."""
        self._write({name: value for name, value in self._read().items() if name != "attested"})

    def forget(self) -> None:
        """Forget everything."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> Mapping[str, Any]:
        try:
            said = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    def _write(self, content: Mapping[str, Any]) -> None:
        """A folder that cannot be written only costs the memory of it."""
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_durably(self._path, json.dumps(content, indent=1).encode())


def _table(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def _moment(said: object) -> datetime | None:
    try:
        read = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return read.astimezone(UTC) if read is not None and read.tzinfo is not None else None
