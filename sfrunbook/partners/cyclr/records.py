"""Records of Cyclr's API, each read from the JSON that its documentation and public API tests show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sfrunbook.salesforce.reading import objects_in, text_of

__all__ = [
    "AccountConnector",
    "Incident",
    "LibraryConnector",
    "Method",
    "Named",
    "Parameter",
    "Property",
    "Transaction",
    "id_of",
]

#: properties of an installed connector whose value may be shown; of others only that there is a value
_SHOWN = frozenset({"isSandbox", "InstanceUrl", "ClientId"})


@dataclass(frozen=True, kw_only=True)
class Named:
    """An account (a customer of the partner), a template, or a cycle installed from one. JSON: `{Id, Name, …}`.

    The id of an account is a GUID or any text that the partner chose.
    """

    id: str
    name: str

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Named:
        return cls(id=text_of(record, "Id"), name=text_of(record, "Name"))


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A property that a library connector asks for; `key` (`TargetName`) is its name in requests."""

    key: str
    label: str
    on_account: bool
    optional: bool

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Parameter:
        return cls(
            key=text_of(record, "TargetName"),
            label=text_of(record, "Name"),
            on_account=record.get("IsAccountConnectorProperty") is True,
            optional=record.get("IsOptional") is not False,
        )


@dataclass(frozen=True, kw_only=True)
class LibraryConnector:
    """An entry of the Application Connector Library."""

    connector_id: str
    name: str
    version: str
    status: str
    parameters: tuple[Parameter, ...]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> LibraryConnector:
        return cls(
            connector_id=id_of(record),
            name=text_of(record, "Name"),
            version=text_of(record, "Version"),
            status=text_of(record, "Status"),
            parameters=tuple(Parameter.of(item) for item in objects_in(record.get("Parameters"))),
        )

    def requires(self, key: str) -> bool:
        """Whether each account must set this property itself."""
        return any(entry.key == key and entry.on_account and not entry.optional for entry in self.parameters)


@dataclass(frozen=True, kw_only=True)
class Method:
    """An operation of a connector; the unique identifier stays the same over releases, the number does not."""

    unique_identifier: str
    name: str
    #: whether its name says that it lists or gets something and it requires no parameter
    only_reads: bool

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Method:
        name = text_of(record, "Name")
        parameters = (*objects_in(record.get("Parameters")), *objects_in(record.get("Fields")))
        optional = all(parameter.get("IsOptional") is not False for parameter in parameters)
        return cls(
            unique_identifier=text_of(record, "MethodUniqueIdentifier") or id_of(record),
            name=name,
            only_reads=name.startswith(("List ", "Get ")) and optional,
        )


@dataclass(frozen=True, kw_only=True)
class Property:
    """A value that is set on an installed connector; a value that might be secret is never stored."""

    number: str
    name: str
    #: empty where it may not be shown
    value: str = field(repr=False)
    is_set: bool

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Property:
        name, value = text_of(record, "Name"), text_of(record, "Value")
        return cls(number=id_of(record), name=name, value=value if name in _SHOWN else "", is_set=bool(value))


@dataclass(frozen=True, kw_only=True)
class AccountConnector:
    """An installed connector of an account. `AuthValue`, which may hold tokens, is not read."""

    number: str
    name: str
    authenticated: bool
    #: the library entry it was installed from
    connector: str
    properties: tuple[Property, ...]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> AccountConnector:
        entry = record.get("Connector")
        return cls(
            number=id_of(record),
            name=text_of(record, "Name"),
            authenticated=record.get("Authenticated") is True,
            connector=text_of(entry, "Name") if isinstance(entry, Mapping) else "",
            properties=tuple(Property.of(item) for item in objects_in(record.get("Properties"))),
        )

    def property(self, name: str) -> Property | None:
        return next((entry for entry in self.properties if entry.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Transaction:
    transaction_id: str
    status: str

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Transaction:
        return cls(transaction_id=text_of(record, "Id"), status=text_of(record, "Status"))

    @property
    def is_over(self) -> bool:
        """Whether it came to an end, good or bad; the names of states are likely, not documented."""
        return self.status.lower() in {"completed", "complete", "success", "error", "errored", "failed", "warning"}

    @property
    def is_good(self) -> bool:
        return self.status.lower() in {"completed", "complete", "success"}


@dataclass(frozen=True, kw_only=True)
class Incident:
    """A fault in Cyclr's log: `message` is from its fixed list, `detail` is the answer of the other side."""

    message: str
    detail: str = field(repr=False)
    transaction_id: str = ""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Incident:
        return cls(
            message=text_of(record, "ShortMessage") or text_of(record, "Message"),
            detail=text_of(record, "FullMessage") or text_of(record, "Detail"),
            transaction_id=text_of(record, "TransactionId"),
        )


def id_of(record: Mapping[str, Any]) -> str:
    value = record.get("Id")
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
