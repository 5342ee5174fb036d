"""Every unattended run, in a SQLite file: when a connection last passed, and what changed since."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sfrunbook.core.durable_file import make_private_folder
from sfrunbook.core.errors import problem
from sfrunbook.core.model import Run, Status

__all__ = ["Change", "RunHistory", "RunRecord", "changes", "last_passed", "record_of"]

_VERSION = 1
_BUSY_SECONDS = 10
_RUNS_AT_MOST = 2000
_TABLES = """
CREATE TABLE IF NOT EXISTS runs (
  id INTEGER PRIMARY KEY, connection TEXT NOT NULL, notebooks TEXT NOT NULL, started_at TEXT NOT NULL,
  duration_seconds REAL NOT NULL, status TEXT NOT NULL, exit_code INTEGER NOT NULL, headline TEXT NOT NULL,
  folder TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS runs_by_connection ON runs (connection, started_at);
CREATE TABLE IF NOT EXISTS findings (
  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE, place INTEGER NOT NULL, name TEXT NOT NULL,
  status TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (run, place));
"""


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A run without its details: which check had which outcome."""

    connection: str
    notebooks: tuple[str, ...]
    started_at: datetime
    duration_seconds: float
    status: Status
    exit_code: int
    headline: str
    folder: str = ""
    #: by check: status and code of the diagnosis, which is empty without one
    findings: Mapping[str, tuple[Status, str]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether a scheduler would call it passed."""
        return self.exit_code == 0


@dataclass(frozen=True, kw_only=True)
class Change:
    """A check with another outcome than before; None where a run did not make it."""

    check: str
    before: Status | None
    after: Status | None
    #: code of the diagnosis now
    code: str = ""


def record_of(run: Run, *, notebooks: Sequence[str], exit_code: int, headline: str, folder: Path) -> RunRecord:
    return RunRecord(
        connection=run.connection,
        notebooks=tuple(notebooks),
        started_at=run.started_at,
        duration_seconds=run.duration_seconds,
        status=run.status,
        exit_code=exit_code,
        headline=headline,
        folder=str(folder.absolute()),
        findings={
            found.check: (found.status, found.diagnosis.code if found.diagnosis else "") for found in run.findings
        },
    )


def last_passed(records: Sequence[RunRecord]) -> RunRecord | None:
    """The newest run that passed; `records` are oldest first."""
    return next((record for record in reversed(records) if record.passed), None)


def changes(before: RunRecord, after: RunRecord) -> tuple[Change, ...]:
    """Every check whose outcome differs, in the order of the later run; of the same notebooks only."""
    common = set(before.notebooks) & set(after.notebooks)
    names = [name for name in dict.fromkeys((*after.findings, *before.findings)) if _notebook(name) in common | {""}]
    nothing = (None, "")
    found = [(name, before.findings.get(name, nothing), after.findings.get(name, nothing)) for name in names]
    return tuple(
        Change(check=name, before=old[0], after=new[0], code=new[1]) for name, old, new in found if old[0] != new[0]
    )


def _notebook(check: str) -> str:
    return check.rpartition("/")[0]


class RunHistory:
    """The runs in `<home>/runs.sqlite`. Raises RunbookError `run-history-unreadable`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "runs.sqlite"

    def add(self, record: RunRecord) -> None:
        """Add a run; the oldest of its connection are deleted when there are very many."""
        with self._open(create=True) as db:
            row = (
                record.connection, "\n".join(record.notebooks), record.started_at.isoformat(), record.duration_seconds,
                record.status.value, record.exit_code, record.headline, record.folder,
            )  # fmt: skip
            columns = "connection, notebooks, started_at, duration_seconds, status, exit_code, headline, folder"
            number = db.execute(f"INSERT INTO runs ({columns}) VALUES (?,?,?,?,?,?,?,?)", row).lastrowid  # noqa: S608
            db.executemany(
                "INSERT INTO findings VALUES (?,?,?,?,?)",
                [
                    (number, place, name, status.value, code)
                    for place, (name, (status, code)) in enumerate(record.findings.items())
                ],
            )
            db.execute(
                "DELETE FROM runs WHERE connection = ? AND id NOT IN "
                "(SELECT id FROM runs WHERE connection = ? ORDER BY started_at DESC, id DESC LIMIT ?)",
                (record.connection, record.connection, _RUNS_AT_MOST),
            )

    def runs(self, connection: str, *, newest: int = 30) -> tuple[RunRecord, ...]:
        return self._newest("connection = ?", connection, newest)

    def last_passed(self, connection: str) -> RunRecord | None:
        """The newest run that passed, however long ago."""
        return next(iter(self._newest("connection = ? AND exit_code = 0", connection, 1)), None)

    def connections(self) -> tuple[str, ...]:
        if not self._path.exists():
            return ()
        with self._open() as db:
            return tuple(row["connection"] for row in db.execute("SELECT DISTINCT connection FROM runs ORDER BY 1"))

    def _newest(self, condition: str, connection: str, number: int) -> tuple[RunRecord, ...]:
        if not self._path.exists():
            return ()
        query = f"SELECT * FROM runs WHERE {condition} ORDER BY started_at DESC, id DESC LIMIT ?"  # noqa: S608 - our own
        with self._open() as db:
            rows = db.execute(query, (connection, number)).fetchall()
            return tuple(_record(db, row) for row in reversed(rows))

    @contextlib.contextmanager
    def _open(self, *, create: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            if create:
                make_private_folder(self._path.parent)
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            with contextlib.closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as db, db:
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA foreign_keys = ON")
                self._check_version(db)
                yield db
        except (sqlite3.Error, OSError, ValueError, KeyError) as error:
            raise problem("run-history-unreadable", path=str(self._path), reason=str(error)) from None

    def _check_version(self, db: sqlite3.Connection) -> None:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise ValueError("a newer version of sfrunbook wrote it")
        if version < _VERSION:
            db.executescript(_TABLES)
            db.execute(f"PRAGMA user_version = {_VERSION}")


def _record(db: sqlite3.Connection, row: sqlite3.Row) -> RunRecord:
    found = db.execute("SELECT name, status, code FROM findings WHERE run = ? ORDER BY place", (row["id"],))
    return RunRecord(
        connection=row["connection"],
        notebooks=tuple(row["notebooks"].split("\n")),
        started_at=datetime.fromisoformat(row["started_at"]),
        duration_seconds=row["duration_seconds"],
        status=Status(row["status"]),
        exit_code=row["exit_code"],
        headline=row["headline"],
        folder=row["folder"],
        findings={finding["name"]: (Status(finding["status"]), finding["code"]) for finding in found},
    )
