"""A store as one caller sees it: the org's records, and rows that are computed when a query asks for them."""

from __future__ import annotations

from sfrunbook.practice.records.org_facts import Caller
from sfrunbook.practice.records.record_store import Record, Store
from sfrunbook.practice.records.setup_rows import SetupRows

__all__ = ["CallerStore"]


class _ById(dict[str, Record]):
    """The rows of the store and, where it has none, those that the caller's own objects have."""

    def __init__(self, view: CallerStore, real: dict[str, Record]) -> None:
        super().__init__()
        self._view = view
        self._real = real

    def get(self, key: str, default: object = None) -> Record | None:  # type: ignore[override]  # of two arguments
        found = self._real.get(key)
        if found is None:
            return self._view.found(key)
        return found if self._view.shares(found.type) else None


class CallerStore(Store):
    """One query's view: rows of `virtual` objects (name to key prefix) come from `setup_rows`, others from the store.

    Records that are not shared with the caller are left out; that fields of such a parent read as null is a guess.
    """

    def __init__(self, store: Store, setup_rows: SetupRows, caller: Caller, virtual: dict[str, str]) -> None:
        self._store = store
        self._setup_rows = setup_rows
        self._caller = caller
        self.shares = caller.visibility.shares
        self._virtual = virtual
        self._computed: dict[str, dict[str, Record]] = {}
        self.by_id = _ById(self, store.by_id)

    def _of(self, name: str) -> dict[str, Record]:
        rows_by_id = self._computed.get(name)
        if rows_by_id is None:
            visible = self._setup_rows.may_see(name, self._caller)
            rows = self._setup_rows.rows(name, self._caller, self._store) if visible else ()
            rows_by_id = self._computed[name] = {str(row["Id"]): Record(name, row) for row in rows}
        return rows_by_id

    def found(self, record_id: str) -> Record | None:
        for name, prefix in self._virtual.items() if record_id else ():
            if record_id.startswith(prefix):
                return self._of(name).get(record_id)
        return None

    def rows(self, type_name: str) -> list[Record]:
        if type_name in self._virtual:
            return list(self._of(type_name).values())
        return self._store.rows(type_name) if self.shares(type_name) else []

    def all_rows(self, type_name: str) -> list[Record]:
        if type_name in self._virtual:
            return self.rows(type_name)
        return self._store.all_rows(type_name) if self.shares(type_name) else []

    def find(self, record_id: str, type_name: str) -> Record | None:
        if type_name in self._virtual:
            if len(record_id) not in (15, 18):
                return None
            return next((row for key, row in self._of(type_name).items() if key[:15] == record_id[:15]), None)
        return self._store.find(record_id, type_name) if self.shares(type_name) else None

    def children(self, type_name: str, lookup: str, parent_id: str, *, deleted: bool = False) -> list[Record]:
        if type_name in self._virtual:
            return [row for row in self.rows(type_name) if row.values.get(lookup) == parent_id]
        return self._store.children(type_name, lookup, parent_id, deleted=deleted) if self.shares(type_name) else []
