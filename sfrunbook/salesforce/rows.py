"""Rows of a query as they are shown: parents flattened, pages requested only as far as they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sfrunbook.core.words import counted

__all__ = ["Cell", "Cursor", "Rows", "table_of"]

Cell = str | int | float | bool | None


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Query results for display: parents flattened to `Owner.Name`, children as a count, `attributes` left out."""

    columns: tuple[str, ...]
    #: every record has every column
    records: tuple[Mapping[str, Cell], ...]
    #: what Salesforce counts, which for `COUNT()` is the answer itself
    total_size: int
    #: false when `max_rows` cut the result
    done: bool


class Cursor:
    """The rows of one query; `pages` yields the replies, each requested only when it is needed."""

    def __init__(self, pages: Iterator[Mapping[str, Any]]) -> None:
        self._pages = pages
        self._records: list[dict[str, Cell]] = []
        self.total_size = 0
        #: whether every row has been read
        self.done = False

    @property
    def read(self) -> int:
        """The number of rows that were read."""
        return len(self._records)

    def ensure(self, count: int) -> None:
        """Read on until `count` rows are there or no page is left; raises what requesting a page raises."""
        while not self.done and self.read < count:
            page = next(self._pages, None)
            if page is None:
                self.done = True
                return
            total = page.get("totalSize")
            self.total_size = total if isinstance(total, int) else 0
            records = [record for record in page.get("records") or () if isinstance(record, dict)]
            self._records += [dict(_cells(record)) for record in records]
            self.done = page.get("done") is not False

    def rows(self, first: int = 0, last: int | None = None) -> Rows:
        """The rows that were read, or `first` to `last` of them, with the columns of all rows that were read."""
        columns, records = table_of(self._records)
        return Rows(columns=columns, records=records[first:last], total_size=self.total_size, done=self.done)


def table_of(records: list[dict[str, Cell]]) -> tuple[tuple[str, ...], tuple[Mapping[str, Cell], ...]]:
    """Columns in order of appearance; an empty parent (`Owner`: null) yields to its own columns (`Owner.Name`)."""
    names = list(dict.fromkeys(column for record in records for column in record))
    parents = {name.rsplit(".", depth)[0] for name in names for depth in range(1, name.count(".") + 1)}
    columns = tuple(name for name in names if name not in parents)
    return columns, tuple({column: record.get(column) for column in columns} for record in records)


def _cells(record: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Cell]]:
    for name, value in record.items():
        column = f"{prefix}{name}"
        if name == "attributes":
            continue
        if not isinstance(value, dict):
            yield column, value if isinstance(value, Cell) else str(value)
        elif isinstance(value.get("records"), list):
            total = value.get("totalSize")
            yield column, counted(total if isinstance(total, int) else 0, "row")
        else:
            yield from _cells(value, f"{column}.")
