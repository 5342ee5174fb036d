"""The journal of one notebook's headless run: a JSON line for each thing that was found, so that its end is proof.

A notebook that was killed, or that stopped in the middle, has no end mark; nothing is concluded from silence.
Lines of the kernel: `{"kind": "bound", "host"}`, `{"kind": "finding", "finding"}`, `{"kind": "end"}`; of the engine:
`{"kind": "cell", "number", "how", "seconds"}` for each code cell, `{"kind": "ran"}` when there is none left.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfrunbook.core.model import Finding

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["JOURNAL_VARIABLE", "REASONS", "Chapter", "Journal", "read"]

#: environment variable that names the file a kernel writes to
JOURNAL_VARIABLE = "SFRUNBOOK_JOURNAL"
#: how a cell ended a notebook, in words; "raised NAME" is reported with its name
REASONS = {
    "timed-out": "the cell exceeded its time limit",
    "run-timed-out": "the run exceeded its time limit",
    "died": "its kernel stopped",
    "left": "it called sys.exit",
    "interrupted": "it was interrupted",
    "unfinished": "it ended before its summary",
}


@cache
def _findings() -> TypeAdapter[Finding]:
    from pydantic import TypeAdapter

    return TypeAdapter(Finding)


class Journal:
    """Appends to a file; without a file it does nothing."""

    def __init__(self, path: str | None) -> None:
        self._path = Path(path) if path else None

    def bound(self, host: str) -> None:
        self._write(kind="bound", host=host)

    def finding(self, finding: Finding) -> None:
        self._write(kind="finding", finding=_findings().dump_python(finding, mode="json"))

    def end(self) -> None:
        self._write(kind="end")

    def cell(self, number: int, how: str, seconds: float) -> None:
        """A code cell, counted from 1, has ended: `ran`, or one of REASONS."""
        self._write(kind="cell", number=number, how=how, seconds=round(seconds, 3))

    def ran(self) -> None:
        self._write(kind="ran")

    def _write(self, **record: Any) -> None:  # noqa: ANN401 - a JSON object
        if self._path:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")


@dataclass(kw_only=True)
class Chapter:
    host: str = ""
    findings: list[Finding] = field(default_factory=list)
    ended: bool = False
    #: the engine saw every cell run
    ran: bool = False
    #: the code cell that ended the notebook, and how; None while none has
    stopped: tuple[int, str] | None = None
    cells: int = 0


def read(path: Path) -> Chapter:
    """What the journal says, up to the first damaged line, such as one that was cut off by a kill."""
    chapter = Chapter()
    for record in _records(path):
        kind = record.get("kind")
        if kind == "bound":
            chapter.host = str(record.get("host", ""))
        elif kind == "finding":
            try:
                chapter.findings.append(_findings().validate_python(record.get("finding")))
            except ValueError:  # not written by this class: nothing after it is believed
                break
        elif kind == "end":
            chapter.ended = True
        elif kind == "ran":
            chapter.ran = True
        elif kind == "cell":
            chapter.cells += 1
            if record.get("how") != "ran":
                chapter.stopped = (int(record.get("number", 0)), str(record.get("how")))
    return chapter


def _records(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    for line in path.read_text("utf-8", errors="replace").split("\n"):
        try:
            record = json.loads(line)
        except ValueError:
            return
        if not isinstance(record, dict):
            return
        yield record
