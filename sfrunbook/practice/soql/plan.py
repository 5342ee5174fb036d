"""Compiles a query against the schema once, then runs it as often as asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sfrunbook.practice.records.record_store import Record, Value
from sfrunbook.practice.records.schema import ChildRelationship, Field, Schema, SObject
from sfrunbook.practice.soql.aggregate import Aggregation, is_aggregate
from sfrunbook.practice.soql.ast import (
    Expression,
    FieldsFunction,
    From,
    Function,
    Order,
    Path,
    Query,
    SelectItem,
    TypeOf,
)
from sfrunbook.practice.soql.candidates import Candidates, find_candidates
from sfrunbook.practice.soql.errors import SoqlError
from sfrunbook.practice.soql.filters import FilterCompiler, Predicate
from sfrunbook.practice.soql.functions import PLAIN_FUNCTIONS, innermost, typed_value
from sfrunbook.practice.soql.project import Node, Render, add_typeof, computed, fields_of
from sfrunbook.practice.soql.resolve import Resolver, Run, Typed, no_such_type

__all__ = ["Plan", "Result", "compile_query"]

_MAX_OFFSET = 2000
_FIELDS_LIMIT = 200
_ENFORCED = (
    "rule soqlWithIdentifierClause failed predicate: {this.helper.allowApexSyntax() && this.helper.hasApexContext()}?"
)


@dataclass(frozen=True, slots=True)
class Result:
    """`rows` are already cut by LIMIT and OFFSET; each is rendered only when its page is asked for."""

    total: int
    rows: Sequence[Any]
    render: Callable[[Any, Run], str]


def compile_query(query: Query, schema: Schema, version: str) -> Plan:
    """A plan for a root query; raises `SoqlError` for whatever names or rules it breaks.

    WITH SECURITY_ENFORCED and the user modes are let through (guess: release notes of Summer '24 give an error for them
    outside Apex, whether REST gives it is not known).
    """
    sobject = schema.get(query.source.name)
    if sobject is None:
        raise no_such_type(query.source.name, query.source.offset)
    if not sobject.queryable:
        text = f"entity type {sobject.name} does not support query"
        raise SoqlError("INVALID_TYPE_FOR_OPERATION", text, query.source.offset)
    if query.with_clause == "DATA CATEGORY":
        raise SoqlError("MALFORMED_QUERY", _ENFORCED, query.with_offset)
    return Plan(query, sobject, schema, version)


class Plan:
    """One query, root or child, ready to run."""

    def __init__(self, query: Query, sobject: SObject, schema: Schema, version: str) -> None:
        self.query = query
        self.sobject = sobject
        self._version = version
        self._resolver = Resolver(schema, sobject, query.source)
        self._aggregation: Aggregation | None = None
        self._render: Render | None = None
        self._check_window()
        self._counting = _is_count(query)
        if not self._counting and is_aggregate(query):
            self._aggregation = Aggregation(query, self._resolver)
        elif not self._counting:
            self._render = self._projection().compile(version)
        filters = FilterCompiler(self._row_value, self._semi_join)
        self._where = filters.compile(query.where) if query.where else None
        self._candidates: Candidates | None = find_candidates(query.where, self._resolver) if query.where else None
        self._having = self._compile_having()
        self._order = [self._sort_key(order) for order in query.order_by]

    def run(self, run: Run) -> Result:
        run.all_rows = run.all_rows or self.query.all_rows
        if self._aggregation is not None:
            return self._run_groups(run, self._aggregation)
        rows = self.rows(run)
        if self._counting or self._render is None:
            return Result(len(rows), (), _nothing)
        return Result(len(rows), rows, self._render)

    def rows(self, run: Run, source: Iterable[Record] | None = None) -> Sequence[Record]:
        """The matching rows in order; `source` gives the children of one parent."""
        found = self._matching(run, source)
        if self._order:
            found = self._sorted(found, run)
        return _cut(found, self.query)

    def render_children(self, rows: Sequence[Record], run: Run) -> str:
        """A child list as it stands within its parent."""
        if self._render is None or not rows:
            return "null"
        render = self._render
        return f'{{"totalSize":{len(rows)},"done":true,"records":[{",".join([render(row, run) for row in rows])}]}}'

    # running

    def _matching(self, run: Run, source: Iterable[Record] | None) -> Iterable[Record]:
        name = self.sobject.name
        if source is None and self._candidates is not None:
            source = self._candidates(run)
        if source is None:
            source = run.store.all_rows(name) if run.all_rows else run.store.rows(name)
        if self.query.scope == "MINE":
            source = [row for row in source if row.values.get("OwnerId") == run.user_id]
        where = self._where
        return source if where is None else (row for row in source if where(row, run))

    def _sorted(self, rows: Iterable[Any], run: Run) -> list[Any]:
        ordered = list(rows)
        for typed, order in reversed(self._order):
            get, last = typed.get, bool(order.nulls_last)
            keyed = [(_sortable(get(row, run)), row) for row in ordered]
            full = [pair for pair in keyed if pair[0] is not None]
            full.sort(key=_first, reverse=order.descending)
            empty = [row for key, row in keyed if key is None]
            rest = [row for _, row in full]
            ordered = rest + empty if last else empty + rest
        return ordered

    def _run_groups(self, run: Run, aggregation: Aggregation) -> Result:
        groups = aggregation.groups(self._matching(run, None), run)
        if self._having is not None:
            having = self._having
            groups = [group for group in groups if having(group, run)]
        if self._order:
            groups = self._sorted(groups, run)
        kept = _cut(groups, self.query)
        return Result(len(kept), kept, aggregation.render)

    # compiling

    def _row_value(self, expression: Expression) -> Typed:
        if isinstance(expression, Function) and innermost(expression) is None and expression.name != "DISTANCE":
            raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{expression.text}'", expression.offset)
        return typed_value(expression, self._resolver)

    def _check_window(self) -> None:
        query = self.query
        if query.skip is not None and query.skip > _MAX_OFFSET:
            raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {_MAX_OFFSET}")
        unbounded = any(isinstance(item, FieldsFunction) and item.group != "STANDARD" for item in query.select)
        if unbounded and (query.limit is None or query.limit > _FIELDS_LIMIT):
            text = f"The SOQL FIELDS function must have a LIMIT of at most {_FIELDS_LIMIT}"
            raise SoqlError("MALFORMED_QUERY", text)

    def _projection(self) -> Node:
        node = Node(self.sobject)
        for item in self.query.select:
            if isinstance(item, FieldsFunction):
                for found in fields_of(self.sobject, item.group):
                    node.add_field(self._resolver.reach(Path((found.name,), item.offset)))
            elif isinstance(item, TypeOf):
                add_typeof(node, item, self._resolver, self._version)
            elif isinstance(item, Query):
                self._add_children(node, item)
            else:
                self._add_item(node, item)
        return node

    def _add_item(self, node: Node, item: SelectItem) -> None:
        expression = item.expression
        if isinstance(expression, Path):
            if item.alias is not None:
                raise SoqlError("MALFORMED_QUERY", "only aggregate expressions use field aliasing", expression.offset)
            node.add_field(self._resolver.reach(expression))
            return
        typed = typed_value(expression, self._resolver)
        if expression.name not in PLAIN_FUNCTIONS and expression.name != "DISTANCE":
            path = innermost(expression)
            name = ".".join(path.names) if path else expression.text
            raise SoqlError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {name}", expression.offset)
        name = typed.name if expression.name in PLAIN_FUNCTIONS else "expr0"
        node.add(item.alias or name, computed(typed.get))

    def _add_children(self, node: Node, query: Query) -> None:
        relationship = self._relationship(query.source)
        child = self._resolver.schema.get(relationship.child)
        if child is None:
            raise no_such_type(query.source.name, query.source.offset)
        if is_aggregate(query) or _is_count(query):
            raise SoqlError("MALFORMED_QUERY", "Only root queries support aggregate expressions", query.offset)
        plan = Plan(query, child, self._resolver.schema, self._version)

        def render(row: Record, run: Run) -> str:
            found = run.store.children(relationship.child, relationship.field, row.id, deleted=run.all_rows)
            return plan.render_children(plan.rows(run, found), run)

        node.add(str(relationship.name), render)

    def _relationship(self, source: From) -> ChildRelationship:
        name = source.name.rpartition(".")[2]
        found = self.sobject.child(name)
        if found is None:
            text = (
                f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a "
                "custom relationship, be sure to append the '__r' after the custom relationship name. Please "
                "reference your WSDL or the describe call for the appropriate names."
            )
            raise SoqlError("INVALID_TYPE", text, source.offset)
        return found

    def _compile_having(self) -> Predicate | None:
        if self.query.having is None:
            return None
        if self._aggregation is None:
            return None
        return FilterCompiler(self._aggregation.typed, self._semi_join).compile(self.query.having)

    def _sort_key(self, order: Order) -> tuple[Typed, Order]:
        reader = self._aggregation.typed if self._aggregation is not None else self._row_value
        typed = reader(order.expression)
        if typed.field is not None and not typed.field.sortable:
            text = f"field '{typed.name}' can not be sorted in a query call"
            raise SoqlError("MALFORMED_QUERY", text, typed.offset)
        return typed, order

    def _semi_join(self, outer: Typed, query: Query) -> Callable[[Run], frozenset[Value]]:
        schema = self._resolver.schema
        sobject = schema.get(query.source.name)
        if sobject is None:
            raise no_such_type(query.source.name, query.source.offset)
        plan = Plan(query, sobject, schema, self._version)
        item = query.select[0]
        if len(query.select) != 1 or not isinstance(item, SelectItem) or not isinstance(item.expression, Path):
            text = "Only one column can be selected in a semi join sub-select"
            raise SoqlError("MALFORMED_QUERY", text, query.offset)
        if sobject is self.sobject:
            text = "The inner and outer selects should not be on the same object type"
            raise SoqlError("MALFORMED_QUERY", text, query.offset)
        inner = plan._resolver.typed(item.expression)
        _check_same_target(outer, inner, self.sobject)

        def values(run: Run) -> frozenset[Value]:
            found = run.memo.get(plan)
            if found is None:
                found = run.memo[plan] = frozenset(inner.get(row, run) for row in plan.rows(run)) - {None}
            return found

        return values


def _check_same_target(outer: Typed, inner: Typed, sobject: SObject) -> None:
    if not _targets(outer.field, outer.owner or sobject) & _targets(inner.field, inner.owner or sobject):
        text = (
            f"The selected field '{inner.name}' in the subquery and the left operand field in the where expression "
            f"in the outer query '{outer.name}' should point to the same object type"
        )
        raise SoqlError("MALFORMED_QUERY", text, outer.offset)


def _targets(field: Field | None, owner: SObject) -> frozenset[str]:
    if field is None or field.type not in ("id", "reference"):
        return frozenset()
    return frozenset(field.reference_to) if field.type == "reference" else frozenset({owner.name})


def _is_count(query: Query) -> bool:
    item = query.select[0]
    return (
        len(query.select) == 1
        and isinstance(item, SelectItem)
        and isinstance(item.expression, Function)
        and item.expression.name == "COUNT"
        and not item.expression.arguments
        and query.group_by is None
    )


def _cut(rows: Iterable[Any], query: Query) -> Sequence[Any]:
    start = query.skip or 0
    stop = None if query.limit is None else start + query.limit
    if isinstance(rows, list):
        return rows[start:stop]
    return list(islice(rows, start, stop))


def _sortable(value: Value) -> Any:  # noqa: ANN401 - any value that can be compared with its like
    if isinstance(value, dict):
        return str(value)
    return value.lower() if isinstance(value, str) else value


def _first(pair: tuple[Any, Any]) -> Any:  # noqa: ANN401 - the key made by _sortable
    return pair[0]


def _nothing(row: object, run: Run) -> str:
    return ""
