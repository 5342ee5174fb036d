"""Turns the names of a query into ways of reading a row, or into the error Salesforce gives for a wrong name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any

from sfrunbook.practice.records.record_store import Record, Store, Value
from sfrunbook.practice.records.schema import Field, Schema, SObject
from sfrunbook.practice.soql.ast import From, Path
from sfrunbook.practice.soql.dates import zone_named
from sfrunbook.practice.soql.errors import SoqlError

__all__ = ["Getter", "Reached", "Resolver", "Run", "Typed", "no_such_column", "no_such_type"]

_MAX_STEPS = 5
_REFERENCE = "Please reference your WSDL or the describe call for the appropriate names."


@dataclass(slots=True)
class Run:
    """One execution of a plan: the rows, the moment, the user; `memo` keeps what is worked out once a run."""

    store: Store
    now: datetime
    user_id: str
    all_rows: bool = False
    memo: dict[object, Any] = field(default_factory=dict)

    @property
    def zone(self) -> tzinfo:
        """The time zone of the org, as its Organization row says."""
        found: tzinfo | None = self.memo.get("zone")
        if found is None:
            row = next(iter(self.store.rows("Organization")), None)
            found = self.memo["zone"] = zone_named(str(row.values["TimeZoneSidKey"]) if row is not None else "GMT")
        return found

    @property
    def today(self) -> date:
        """The day it is in the org's time zone."""
        return self.now.astimezone(self.zone).date()


Getter = Callable[[Any, Run], Value]


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression that can be compared: how to read it, its describe type, and how errors name it."""

    get: Getter
    kind: str
    name: str
    offset: int
    field: Field | None = None
    owner: SObject | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a path leads: the lookups on the way and the field at its end."""

    steps: tuple[tuple[Field, SObject], ...]
    field: Field
    owner: SObject

    @property
    def key(self) -> str:
        """The name under which the row holds the value; the object Name has the row's object as its Type."""
        return "$type" if self.owner.name == "Name" and self.field.name == "Type" else self.field.name


def no_such_column(name: str, entity: str, offset: int) -> SoqlError:
    """Source: https://github.com/apache/camel-quarkus/issues/3022 (confirmed)."""
    hint = "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name."
    return SoqlError("INVALID_FIELD", f"No such column '{name}' on entity '{entity}'. {hint} {_REFERENCE}", offset)


def no_such_type(name: str, offset: int) -> SoqlError:
    """Source: test samples of https://github.com/SFDO-Tooling/CumulusCI (confirmed; the end of the text likely)."""
    hint = "If you are attempting to use a custom object, be sure to append the '__c' after the entity name."
    return SoqlError("INVALID_TYPE", f"sObject type '{name}' is not supported. {hint} {_REFERENCE}", offset)


class Resolver:
    """Reads paths that begin at one object, with or without an alias or the object's own name in front."""

    def __init__(self, schema: Schema, sobject: SObject, source: From) -> None:
        self.schema = schema
        self.sobject = sobject
        self._aliases: dict[str, tuple[str, ...]] = {}
        if source.alias:
            self._aliases[source.alias.lower()] = ()
        for path, alias in source.more:
            names = self._plain(path.names)
            self._walk(names, path.offset)
            if alias:
                self._aliases[alias.lower()] = names

    def reach(self, path: Path) -> Reached:
        names = self._plain(path.names)
        steps = self._walk(names[:-1], path.offset)
        owner = steps[-1][1] if steps else self.sobject
        found = owner.field(names[-1])
        if found is None:
            raise no_such_column(names[-1], owner.name, path.offset)
        return Reached(steps, found, owner)

    def typed(self, path: Path) -> Typed:
        reached = self.reach(path)
        name = reached.field.name
        return Typed(reader(reached), reached.field.type, name, path.offset, reached.field, reached.owner)

    def relationship(self, name: str, offset: int) -> Field:
        lookup = self.sobject.relationship(name)
        if lookup is None:
            raise _no_such_relationship(name, offset)
        return lookup

    def _plain(self, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(names) < 2 and names[0].lower() not in self._aliases:
            return names
        first = names[0].lower()
        if first in self._aliases and len(names) > 1:
            return self._aliases[first] + names[1:]
        if len(names) > 1 and first == self.sobject.name.lower() and self.sobject.relationship(first) is None:
            return names[1:]
        return names

    def _walk(self, names: tuple[str, ...], offset: int) -> tuple[tuple[Field, SObject], ...]:
        if len(names) > _MAX_STEPS:
            raise SoqlError("MALFORMED_QUERY", "Relationship path exceeds the maximum of 5 levels", offset)
        steps: list[tuple[Field, SObject]] = []
        here = self.sobject
        for name in names:
            lookup = here.relationship(name)
            target = self.schema.target(lookup) if lookup else None
            if lookup is None or target is None:
                raise _no_such_relationship(name, offset)
            steps.append((lookup, target))
            here = target
        return tuple(steps)


def _no_such_relationship(name: str, offset: int) -> SoqlError:
    hint = (
        "If you are attempting to use a custom relationship, be sure to append the '__r' after the custom "
        "relationship name."
    )
    text = f"Didn't understand relationship '{name}' in field path. {hint} {_REFERENCE}"
    return SoqlError("INVALID_FIELD", text, offset)


def reader(reached: Reached) -> Getter:
    """A function from a row to the value; a missing parent gives None."""
    key = reached.key
    if not reached.steps:
        return lambda row, run: row.values.get(key)
    lookups = tuple(lookup.name for lookup, _ in reached.steps)

    def get(row: Record, run: Run) -> Value:
        by_id = run.store.by_id
        here: Record | None = row
        for lookup in lookups:
            here = by_id.get(here.values.get(lookup)) if here is not None else None  # type: ignore[arg-type]  # an id
        return here.values.get(key) if here is not None else None

    return get
