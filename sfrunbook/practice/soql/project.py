"""Turns the SELECT list into a function from a row to its JSON text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from sfrunbook.practice.records.record_store import Record, encode
from sfrunbook.practice.records.schema import Field, SObject
from sfrunbook.practice.soql.ast import From, Path, TypeOf
from sfrunbook.practice.soql.errors import SoqlError
from sfrunbook.practice.soql.resolve import Getter, Reached, Resolver, Run, no_such_type

__all__ = ["Node", "Render", "add_typeof", "attributes_head", "computed", "fields_of"]

Render = Callable[[Record, Run], str]


@dataclass(slots=True)
class Node:
    """One JSON object of the answer: fields, parents and child lists in the order they are first named."""

    sobject: SObject
    entries: dict[str, str | Render | tuple[Field, Node]] = field(default_factory=dict)

    def add_field(self, reached: Reached) -> None:
        node = self
        for lookup, target in reached.steps:
            name = str(lookup.relationship_name)
            entry = node.entries.setdefault(name, (lookup, Node(target)))
            node = entry[1] if isinstance(entry, tuple) else node
        if reached.field.name in node.entries:
            raise SoqlError("INVALID_FIELD", f"duplicate field selected: {reached.field.name}", None)
        node.entries[reached.field.name] = reached.key

    def add(self, name: str, render: Render) -> None:
        if name in self.entries:
            raise SoqlError("MALFORMED_QUERY", f"duplicate alias: {name}")
        self.entries[name] = render

    def compile(self, version: str) -> Render:
        """The attributes come first; plain fields are filled into one template."""
        head = attributes_head(self.sobject, version)
        plain = {name: key for name, key in self.entries.items() if isinstance(key, str)}
        if len(plain) == len(self.entries) and plain and self.sobject.name != "Name":
            return _flat(head, plain)
        parts = [(f',"{name}":', _part(entry, version)) for name, entry in self.entries.items()]

        def render(row: Record, run: Run) -> str:
            body = "".join([name + part(row, run) for name, part in parts])
            return f"{head % (row.type, row.id)}{body}}}"

        return render


def attributes_head(sobject: SObject, version: str) -> str:
    """A template with places for the row's object and id; a parent of several kinds is of type Name."""
    return f'{{"attributes":{{"type":"{sobject.name}","url":"/services/data/v{version}/sobjects/%s/%s"}}'


def _flat(head: str, plain: dict[str, str]) -> Render:
    template = head + "".join(f',"{name}":%s' for name in plain) + "}"
    keys = list(plain.values())
    if len(keys) == 1:
        only = keys[0]
        return lambda row, run: template % (row.type, row.id, row.encoded[only])
    pick = itemgetter(*keys)
    return lambda row, run: template % (row.type, row.id, *pick(row.encoded))


def _part(entry: str | Render | tuple[Field, Node], version: str) -> Render:
    if isinstance(entry, str):
        return lambda row, run: row.encoded[entry]
    if isinstance(entry, tuple):
        lookup, inner = entry[0].name, entry[1].compile(version)

        def parent(row: Record, run: Run) -> str:
            above = run.store.by_id.get(str(row.values.get(lookup)))
            return "null" if above is None else inner(above, run)

        return parent
    return entry


def computed(get: Getter) -> Render:
    """A function's value as JSON."""
    return lambda row, run: encode(get(row, run))


def add_typeof(node: Node, typeof: TypeOf, resolver: Resolver, version: str) -> None:
    """TYPEOF: another set of fields for each kind of parent; Source: SOQL guide, sforce_api_calls_soql_typeof.htm."""
    lookup = resolver.relationship(typeof.relationship, typeof.offset)
    if len(lookup.reference_to) < 2:
        text = f"Cannot use TYPEOF with a non-polymorphic relationship: {typeof.relationship}"
        raise SoqlError("MALFORMED_QUERY", text, typeof.offset)
    choices: dict[str, Render] = {}
    for when in typeof.whens:
        target = resolver.schema.get(when.type_name)
        if target is None or target.name not in lookup.reference_to:
            raise no_such_type(when.type_name, when.offset)
        choices[target.name] = _branch(when.paths, target, resolver, version)
    shared = resolver.schema.target(lookup)
    otherwise = _branch(typeof.otherwise, shared, resolver, version) if shared else None

    def render(row: Record, run: Run) -> str:
        above = run.store.by_id.get(str(row.values.get(lookup.name)))
        if above is None or otherwise is None:
            return "null"
        return choices.get(above.type, otherwise)(above, run)

    node.add(str(lookup.relationship_name), render)


def _branch(paths: tuple[Path, ...], target: SObject, resolver: Resolver, version: str) -> Render:
    inner, branch = Resolver(resolver.schema, target, From(target.name, None, 0)), Node(target)
    for path in paths:
        branch.add_field(inner.reach(path))
    return branch.compile(version)


def fields_of(sobject: SObject, group: str) -> Iterator[Field]:
    """What FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM) stands for."""
    for item in sobject.fields:
        if group == "ALL" or item.custom is (group == "CUSTOM"):
            yield item
