"""The answer to `query?columns=true`, which the Salesforce CLI asks for beside each query."""

from __future__ import annotations

from typing import Any

from sfrunbook.practice.records.schema import Field, Schema, SObject
from sfrunbook.practice.rest.reply import compact
from sfrunbook.practice.soql.aggregate import is_aggregate
from sfrunbook.practice.soql.ast import FieldsFunction, Function, Path, Query, SelectItem, TypeOf
from sfrunbook.practice.soql.functions import AGGREGATES, innermost
from sfrunbook.practice.soql.project import fields_of
from sfrunbook.practice.soql.resolve import Resolver

__all__ = ["columns_of"]

_APEX_TYPES = {"id": "Id", "reference": "Id", "boolean": "Boolean", "int": "Integer", "date": "Date"}
_APEX_TYPES |= {"datetime": "Datetime", "currency": "Decimal", "double": "Decimal", "percent": "Decimal"}


def columns_of(query: Query, sobject: SObject, schema: Schema) -> str:
    """`{columnMetadata: [...], entityName, groupBy, idSelected, keyPrefix}`.

    Undocumented; the names are those the CLI reads (confirmed that it calls, likely for the shape).
    """
    resolver = Resolver(schema, sobject, query.source)
    columns = _columns(query, resolver)
    selected = [item.expression for item in query.select if isinstance(item, SelectItem)]
    names = [path.names[-1].lower() for path in selected if isinstance(path, Path) and len(path.names) == 1]
    return compact(
        {
            "columnMetadata": columns,
            "entityName": sobject.name,
            "groupBy": query.group_by is not None,
            "idSelected": "id" in names,
            "keyPrefix": sobject.key_prefix,
        }
    )


def _columns(query: Query, resolver: Resolver) -> list[dict[str, Any]]:
    columns: list[dict[str, Any]] = []
    parents: dict[str, dict[str, Any]] = {}
    grouped = is_aggregate(query)
    unnamed = 0
    for item in query.select:
        if isinstance(item, FieldsFunction):
            columns += [_column(found.name, found) for found in fields_of(resolver.sobject, item.group)]
        elif isinstance(item, Query):
            columns.append(_child(item, resolver))
        elif isinstance(item, TypeOf):
            columns.append(_column(item.relationship, None))
        elif isinstance(item.expression, Path) and not grouped:
            _place(columns, parents, item.expression, resolver)
        else:
            name = item.alias
            if name is None and isinstance(item.expression, Path):
                name = item.expression.names[-1]
            elif name is None:
                name, unnamed = f"expr{unnamed}", unnamed + 1
            columns.append(_expression(name, item, resolver))
    return columns


def _place(columns: list[dict[str, Any]], parents: dict[str, dict[str, Any]], path: Path, resolver: Resolver) -> None:
    """A parent's field goes below its relationship, however often the parent is named."""
    reached = resolver.reach(path)
    here, prefix = columns, ""
    for lookup, _ in reached.steps:
        prefix = f"{prefix}{lookup.relationship_name}."
        if prefix not in parents:
            parents[prefix] = _column(str(lookup.relationship_name), None)
            here.append(parents[prefix])
        here = parents[prefix]["joinColumns"]
    here.append(_column(reached.field.name, reached.field))


def _child(query: Query, resolver: Resolver) -> dict[str, Any]:
    relationship = resolver.sobject.child(query.source.name.rpartition(".")[2])
    column = _column(query.source.name, None)
    child = resolver.schema.get(relationship.child) if relationship else None
    if relationship is not None and child is not None:
        column = _column(str(relationship.name), None)
        column["joinColumns"] = _columns(query, Resolver(resolver.schema, child, query.source))
    column["aggregate"] = True
    return column


def _expression(name: str, item: SelectItem, resolver: Resolver) -> dict[str, Any]:
    expression = item.expression
    path = innermost(expression)
    column = _column(name, resolver.reach(path).field if path else None)
    if isinstance(expression, Function):
        column["aggregate"] = expression.name in AGGREGATES
        column["custom"] = False
        if expression.name in ("COUNT", "COUNT_DISTINCT"):
            column["apexType"], column["numberColumn"], column["textColumn"] = "Integer", True, False
    return column


def _column(name: str, found: Field | None) -> dict[str, Any]:
    number = found is not None and found.type in ("currency", "double", "percent", "int")
    return {
        "aggregate": False,
        "apexType": None if found is None else _APEX_TYPES.get(found.type, "String"),
        "booleanColumn": found is not None and found.type == "boolean",
        "columnName": name,
        "custom": found is not None and found.custom,
        "displayName": name,
        "foreignKeyName": None if found is None else found.relationship_name,
        "insertable": found is not None and found.createable,
        "joinColumns": [],
        "numberColumn": number,
        "textColumn": found is not None and not number and found.type not in ("boolean", "date", "datetime"),
        "updatable": found is not None and found.updateable,
    }
