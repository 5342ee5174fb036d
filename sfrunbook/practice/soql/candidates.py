"""Finds the few rows that a condition on an id can match, so that the others are not looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sfrunbook.practice.records.record_store import Record
from sfrunbook.practice.soql.ast import Comparison, Condition, Literal, Logical, Path, Query
from sfrunbook.practice.soql.resolve import Resolver, Run

__all__ = ["Candidates", "find_candidates"]

Candidates = Callable[[Run], "Iterable[Record] | None"]


def find_candidates(condition: Condition, resolver: Resolver) -> Candidates | None:
    """A way to the rows where the condition, or one part of its ANDs, is `Id =` or `Id IN`; None otherwise."""
    if isinstance(condition, Logical):
        if condition.operator != "AND":
            return None
        return next((found for item in condition.items if (found := find_candidates(item, resolver))), None)
    ids = _ids(condition, resolver)
    if ids is None:
        return None
    name = resolver.sobject.name

    def rows(run: Run) -> Iterable[Record] | None:
        found = {row.id: row for text in ids if (row := run.store.find(text, name)) is not None}
        return [row for _, row in sorted(found.items()) if run.all_rows or not row.deleted]

    return rows


def _ids(comparison: Comparison, resolver: Resolver) -> list[str] | None:
    left, value = comparison.left, comparison.value
    if not isinstance(left, Path) or isinstance(value, Query) or comparison.operator not in ("=", "IN"):
        return None
    reached = resolver.reach(left)
    if reached.steps or reached.field.type != "id":
        return None
    literals = value if isinstance(value, tuple) else (value,)
    return [literal.value for literal in literals if isinstance(literal, Literal) and isinstance(literal.value, str)]
