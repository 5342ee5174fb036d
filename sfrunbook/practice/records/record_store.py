"""Keeps the rows of a practice org: by id, by object, and by lookup for child queries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sfrunbook.practice.org.ids import make_id

__all__ = ["Encoded", "Record", "Rows", "Store", "Value", "encode"]

Value = str | int | float | bool | date | datetime | dict[str, str | float | None] | None


def encode(value: Value) -> str:
    """The JSON text of a value; a datetime is `"2026-11-23T10:00:00.000+0000"`."""
    if isinstance(value, datetime):
        return f'"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}+0000"'
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Encoded(dict[str, str]):
    """The JSON text of each field, made when it is first asked for."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Value]) -> None:
        super().__init__()
        self._values = values

    def __missing__(self, name: str) -> str:
        text = self[name] = encode(self._values.get(name))
        return text


class Record:
    """One row; `values` also holds its object's name under `$type`. Replaced as a whole, never changed in place."""

    __slots__ = ("encoded", "id", "type", "values")

    def __init__(self, type_name: str, values: dict[str, Value]) -> None:
        self.type = type_name
        self.id = str(values["Id"])
        values["$type"] = type_name
        self.values = values
        self.encoded = Encoded(values)

    @property
    def deleted(self) -> bool:
        return bool(self.values.get("IsDeleted"))


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of a store at one moment."""

    tables: dict[str, dict[str, Record]]
    late: dict[str, Callable[[], Iterable[Record]]]
    numbers: dict[str, int]


class Store:
    """All rows of one org. Objects with many rows may be filled on first use."""

    def __init__(self, pod: str) -> None:
        self.by_id: dict[str, Record] = {}
        self._by_prefix15: dict[str, str] = {}
        self._pod = pod
        self._tables: dict[str, dict[str, Record]] = {}
        self._live: dict[str, list[Record]] = {}
        self._children: dict[tuple[str, str], dict[str, list[Record]]] = {}
        self._late: dict[str, Callable[[], Iterable[Record]]] = {}
        self._next: dict[str, int] = {}

    def fill_later(self, type_name: str, make: Callable[[], Iterable[Record]]) -> None:
        self._late[type_name] = make

    def start_ids_at(self, type_name: str, number: int) -> None:
        self._next[type_name] = number

    def new_id(self, type_name: str, key_prefix: str) -> str:
        number = self._next.get(type_name, 1)
        self._next[type_name] = number + 1
        return make_id(key_prefix, number, self._pod)

    def put(self, record: Record) -> None:
        """Adds a row or puts another in its place."""
        self._table(record.type)[record.id] = record
        self.by_id[record.id] = record
        self._by_prefix15[record.id[:15]] = record.id
        self._live.pop(record.type, None)
        for key in [key for key in self._children if key[0] == record.type]:
            del self._children[key]

    def find(self, record_id: str, type_name: str) -> Record | None:
        """The row with this id of 15 or 18 characters, where it is of this object; deleted ones too."""
        self._table(type_name)
        record = self.by_id.get(self._by_prefix15.get(record_id[:15], "")) if len(record_id) in (15, 18) else None
        return record if record is not None and record.type == type_name else None

    def rows(self, type_name: str) -> list[Record]:
        """The rows that are not deleted, oldest id first; not to be changed by the caller."""
        live = self._live.get(type_name)
        if live is None:
            live = self._live[type_name] = [row for row in self._table(type_name).values() if not row.deleted]
        return live

    def all_rows(self, type_name: str) -> list[Record]:
        """The rows with those in the recycle bin."""
        return list(self._table(type_name).values())

    def children(self, type_name: str, lookup: str, parent_id: str, *, deleted: bool = False) -> list[Record]:
        """The rows of this object whose lookup field points to the parent."""
        index = self._children.get((type_name, lookup))
        if index is None:
            index = self._children[(type_name, lookup)] = {}
            for row in self._table(type_name).values():
                index.setdefault(str(row.values.get(lookup)), []).append(row)
        found = index.get(parent_id, [])
        return found if deleted else [row for row in found if not row.deleted]

    def copy_of_rows(self) -> Rows:
        """Every row as it is now; records are never changed in place, so the tables alone are copied."""
        tables = {name: dict(table) for name, table in self._tables.items()}
        return Rows(tables=tables, late=dict(self._late), numbers=dict(self._next))

    def take_rows(self, rows: Rows) -> None:
        """The rows of an earlier copy in place of those of now."""
        self._tables = {name: dict(table) for name, table in rows.tables.items()}
        self._late, self._next = dict(rows.late), dict(rows.numbers)
        self.by_id = {key: row for table in self._tables.values() for key, row in table.items()}
        self._by_prefix15 = {key[:15]: key for key in self.by_id}
        self._live.clear()
        self._children.clear()

    def _table(self, type_name: str) -> dict[str, Record]:
        late = self._late.pop(type_name, None)
        table = self._tables.setdefault(type_name, {})
        if late is not None:
            for record in late():
                table[record.id] = record
                self.by_id[record.id] = record
                self._by_prefix15[record.id[:15]] = record.id
        return table
