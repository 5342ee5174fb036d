"""What an sObject is: fields, relationships and names, looked up without regard to case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

__all__ = ["ChildRelationship", "Field", "SObject", "Schema"]

_UNSORTABLE = frozenset({"textarea", "address", "multipicklist"})
_TEXT_TYPES = frozenset({"string", "picklist", "textarea", "email", "phone", "url", "id", "reference", "combobox"})


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field; `type` is the describe type (string, reference, currency ...), `length` is in characters."""

    name: str
    type: str
    label: str
    length: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    picklist: tuple[str, ...] = ()
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    precision: int = 0
    scale: int = 0
    calculated: bool = False
    external_id: bool = False
    name_field: bool = False
    defaulted: bool = False
    long_text: bool = False
    unfilterable: bool = False
    compound: str | None = None

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def filterable(self) -> bool:
        return not self.long_text and not self.unfilterable and self.type != "address"

    @property
    def sortable(self) -> bool:
        return not self.long_text and self.type not in _UNSORTABLE

    @property
    def groupable(self) -> bool:
        groupable = _TEXT_TYPES | {"date", "boolean", "int"}
        return not self.long_text and self.type in groupable and not self.external_id

    @property
    def soap_type(self) -> str:
        """The type without its namespace: string, ID, double, int, boolean, date, dateTime, address."""
        kinds = {"id": "ID", "reference": "ID", "currency": "double", "percent": "double", "datetime": "dateTime"}
        plain = {"double", "int", "boolean", "date", "address"}
        return kinds.get(self.type) or (self.type if self.type in plain else "string")


@dataclass(frozen=True, kw_only=True)
class ChildRelationship:
    """The other end of a lookup: `name` is None where the relationship can not be queried."""

    child: str
    field: str
    name: str | None
    cascade_delete: bool = False


@dataclass(frozen=True, kw_only=True)
class SObject:
    """One object; `fields` are in the order of describe.

    The rows of a `virtual` object are worked out when they are asked for. `page_rows` is the largest page of a query;
    an object that `aggregates` not still takes COUNT() without a field.
    """

    name: str
    label: str
    label_plural: str
    key_prefix: str | None
    fields: tuple[Field, ...]
    children: tuple[ChildRelationship, ...] = ()
    createable: bool = True
    deletable: bool = True
    queryable: bool = True
    searchable: bool = True
    layoutable: bool = True
    virtual: bool = False
    page_rows: int = 2000
    aggregates: bool = True

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {item.name.lower(): item for item in self.fields}

    @cached_property
    def _by_relationship(self) -> dict[str, Field]:
        return {item.relationship_name.lower(): item for item in self.fields if item.relationship_name}

    @cached_property
    def _by_child(self) -> dict[str, ChildRelationship]:
        return {item.name.lower(): item for item in self.children if item.name}

    def field(self, name: str) -> Field | None:
        return self._by_name.get(name.lower())

    def relationship(self, name: str) -> Field | None:
        """The lookup field whose relationship has this name, such as AccountId for Account."""
        return self._by_relationship.get(name.lower())

    def child(self, name: str) -> ChildRelationship | None:
        return self._by_child.get(name.lower())


@dataclass(frozen=True, eq=False)
class Schema:
    """All objects of an org, or those that exist for one user of it."""

    objects: dict[str, SObject] = field(default_factory=dict)

    @classmethod
    def of(cls, objects: Iterable[SObject]) -> Schema:
        return cls({item.name.lower(): item for item in objects})

    def get(self, name: str) -> SObject | None:
        return self.objects.get(name.lower())

    def target(self, lookup: Field) -> SObject | None:
        """What a relationship leads to; one that may lead to several objects leads to the shared object Name."""
        return self.get(lookup.reference_to[0] if len(lookup.reference_to) == 1 else "Name")
