"""Grouped queries: COUNT, SUM and their like, GROUP BY with ROLLUP and CUBE, HAVING."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from sfrunbook.practice.records.record_store import Record, Value, encode
from sfrunbook.practice.soql.ast import Expression, FieldsFunction, Function, Path, Query, SelectItem
from sfrunbook.practice.soql.errors import SoqlError
from sfrunbook.practice.soql.functions import AGGREGATES, PLAIN_FUNCTIONS, innermost, plain_function, typed_value
from sfrunbook.practice.soql.project import fields_of
from sfrunbook.practice.soql.resolve import Resolver, Run, Typed

__all__ = ["Aggregation", "Group", "is_aggregate"]

_NUMBERS = frozenset({"currency", "double", "percent", "int"})
_MAX_ROLLED = 3
_NO_EXTREMES = frozenset({"boolean", "multipicklist", "address", "id", "reference", "textarea"})


@dataclass(slots=True)
class Group:
    """Rows that share their key; `rolled` holds the places of the key that a subtotal leaves out."""

    key: tuple[Value, ...]
    rolled: frozenset[int]
    rows: list[Record] = field(default_factory=list)


def is_aggregate(query: Query) -> bool:
    """Whether the answer is made of AggregateResult rows."""
    return query.group_by is not None or any(
        isinstance(item, SelectItem)
        and isinstance(item.expression, Function)
        and (item.expression.name in AGGREGATES or _wraps_aggregate(item.expression))
        for item in query.select
    )


class Aggregation:
    """The grouped half of a plan; `typed` reads from a `Group` what `typed_value` reads from a row."""

    def __init__(self, query: Query, resolver: Resolver) -> None:
        self._resolver = resolver
        grouping = query.group_by
        self._kind = grouping.kind if grouping else "plain"
        expressions = grouping.expressions if grouping else ()
        if self._kind != "plain" and len(expressions) > _MAX_ROLLED:
            text = f"Group by {self._kind.lower()} supports at most {_MAX_ROLLED} fields"
            raise SoqlError("MALFORMED_QUERY", text, expressions[-1].offset)
        self._keys = [self._group_key(expression) for expression in expressions]
        self._places = {self._name(expression): place for place, expression in enumerate(expressions)}
        self.columns = self._columns(query)

    def groups(self, rows: Iterable[Record], run: Run) -> list[Group]:
        """Groups in the order of their keys; without GROUP BY there is one group, of no rows perhaps."""
        if not self._keys:
            return [Group((), frozenset(), list(rows))]
        found: dict[tuple[object, ...], Group] = {}
        for row in rows:
            key = tuple(typed.get(row, run) for typed in self._keys)
            for rolled in self._rollings():
                shown = tuple(None if place in rolled else value for place, value in enumerate(key))
                group = found.setdefault((rolled, shown), Group(shown, rolled))
                group.rows.append(row)
        return sorted(found.values(), key=_group_order)

    def typed(self, expression: Expression) -> Typed:
        """A grouped field, GROUPING() or an aggregate; anything else must be grouped or aggregated."""
        place = self._places.get(self._name(expression))
        if place is not None:
            key = self._keys[place]
            return Typed(lambda group, run: group.key[place], key.kind, key.name, expression.offset, key.field)
        if isinstance(expression, Function) and expression.name == "GROUPING" and len(expression.arguments) == 1:
            return self._grouping(expression)
        if isinstance(expression, Function) and expression.name in AGGREGATES:
            return self._aggregate(expression)
        if isinstance(expression, Function) and _wraps_aggregate(expression):
            return plain_function(expression.name, self.typed(expression.arguments[0]), expression.offset)
        path = innermost(expression)
        if path is None:
            raise SoqlError("MALFORMED_QUERY", "Only aggregate expressions use field aliasing", expression.offset)
        name = ".".join(path.names)
        typed_value(expression, self._resolver)
        raise SoqlError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {name}", expression.offset)

    def render(self, group: Group, run: Run) -> str:
        body = "".join([f',"{name}":{encode(typed.get(group, run))}' for name, typed in self.columns])
        return f'{{"attributes":{{"type":"AggregateResult"}}{body}}}'

    def _rollings(self) -> Sequence[frozenset[int]]:
        count = len(self._keys)
        if self._kind == "ROLLUP":
            return [frozenset(range(kept, count)) for kept in range(count, -1, -1)]
        if self._kind == "CUBE":
            return [frozenset(places) for size in range(count + 1) for places in combinations(range(count), size)]
        return [frozenset()]

    def _name(self, expression: Expression) -> str:
        """One spelling for one expression, however aliases and case vary."""
        if isinstance(expression, Path):
            reached = self._resolver.reach(expression)
            return ".".join([lookup.name for lookup, _ in reached.steps] + [reached.field.name])
        return f"{expression.name}({','.join(self._name(part) for part in expression.arguments)})"

    def _group_key(self, expression: Expression) -> Typed:
        if isinstance(expression, Function) and expression.name in AGGREGATES:
            raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{expression.text}'", expression.offset)
        typed = typed_value(expression, self._resolver)
        if typed.field is not None and not typed.field.groupable:
            text = f"field '{typed.name}' can not be grouped in a query call"
            raise SoqlError("MALFORMED_QUERY", text, expression.offset)
        return typed

    def _columns(self, query: Query) -> list[tuple[str, Typed]]:
        columns: list[tuple[str, Typed]] = []
        unnamed = 0
        for item in query.select:
            if isinstance(item, FieldsFunction):
                first = next(fields_of(self._resolver.sobject, item.group))
                text = f"Field must be grouped or aggregated: {first.name}"
                raise SoqlError("MALFORMED_QUERY", text, item.offset)
            if not isinstance(item, SelectItem):
                text = "Grouped query cannot use child relationships in the SELECT list"
                raise SoqlError("MALFORMED_QUERY", text, item.offset)
            typed, name = self.typed(item.expression), item.alias
            if name is None and isinstance(item.expression, Path):
                name = typed.name
            elif name is None:
                name, unnamed = f"expr{unnamed}", unnamed + 1
            if any(name.lower() == other.lower() for other, _ in columns):
                raise SoqlError("MALFORMED_QUERY", f"duplicate alias: {name}", item.expression.offset)
            columns.append((name, typed))
        return columns

    def _grouping(self, function: Function) -> Typed:
        place = self._places.get(self._name(function.arguments[0]))
        if place is None:
            raise SoqlError("MALFORMED_QUERY", "GROUPING function argument must be a grouped field", function.offset)
        return Typed(lambda group, run: int(place in group.rolled), "int", function.text, function.offset)

    def _aggregate(self, function: Function) -> Typed:
        name, offset = function.name, function.offset
        if not function.arguments:
            raise SoqlError("MALFORMED_QUERY", "COUNT() must be the only element in the SELECT list", offset)
        inner = typed_value(function.arguments[0], self._resolver)
        wrong = (name in ("SUM", "AVG") and inner.kind not in _NUMBERS) or (
            name in ("MIN", "MAX") and inner.kind in _NO_EXTREMES
        )
        if wrong or len(function.arguments) != 1 or (inner.field is not None and inner.field.long_text):
            text = f"field {inner.name} does not support aggregate operator {name}"
            raise SoqlError("MALFORMED_QUERY", text, offset)
        work = _WORK[name]
        kind = "int" if name.startswith("COUNT") else inner.kind
        if name == "AVG" and kind == "int":
            kind = "double"

        def get(group: Group, run: Run) -> Value:
            return work([value for row in group.rows if (value := inner.get(row, run)) is not None])

        return Typed(get, kind, function.text, offset)


def _wraps_aggregate(function: Function) -> bool:
    """`FORMAT(MIN(CloseDate))`."""
    inner = function.arguments[0] if len(function.arguments) == 1 else None
    if function.name not in PLAIN_FUNCTIONS or not isinstance(inner, Function):
        return False
    return inner.name in AGGREGATES or _wraps_aggregate(inner)


def _extreme(choose: Callable[..., Value]) -> Callable[[list[Value]], Value]:
    def work(values: list[Value]) -> Value:
        return choose(values, key=_folded) if values else None

    return work


def _folded(value: Value) -> Value:
    return value.lower() if isinstance(value, str) else value


def _sum(values: list[Value]) -> Value:
    numbers = [value for value in values if isinstance(value, int | float)]
    return sum(numbers) if numbers else None


def _average(values: list[Value]) -> Value:
    numbers = [value for value in values if isinstance(value, int | float)]
    return sum(numbers) / len(numbers) if numbers else None


_WORK: dict[str, Callable[[list[Value]], Value]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len({_folded(value) for value in values if not isinstance(value, dict)}),
    "MIN": _extreme(min),
    "MAX": _extreme(max),
    "SUM": _sum,
    "AVG": _average,
}


def _group_order(group: Group) -> tuple[object, ...]:
    """Nulls first, a subtotal after its details."""
    return tuple(
        (place in group.rolled, value is not None, _folded(value) if value is not None else 0)
        for place, value in enumerate(group.key)
    )
