"""What Cyclr's API tells, as records; each is read from the JSON that its documentation and public API tests show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sfrunbook.core.moments import moment
from sfrunbook.core.secrets.secret import Secret

__all__ = [
    "Account",
    "AccountConnector",
    "Cycle",
    "Incident",
    "LibraryConnector",
    "Method",
    "MethodParameter",
    "Parameter",
    "Property",
    "SignIn",
    "Template",
    "Transaction",
]

#: properties of an installed connector whose value may be shown; of others only that there is one
_SHOWN = frozenset({"isSandbox", "InstanceUrl", "ClientId"})


@dataclass(frozen=True, kw_only=True)
class Account:
    """One customer of the partner. JSON: `{Id, Name, …}`; the id is a GUID or any text that was chosen."""

    account_id: str
    name: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Account:
        return cls(account_id=text(said, "Id"), name=text(said, "Name"))


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A property that a library connector asks for; `key` (`TargetName`) is what it is set by."""

    key: str
    label: str
    on_account: bool
    optional: bool
    values: tuple[str, ...]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Parameter:
        values = said.get("Values")
        return cls(
            key=text(said, "TargetName"),
            label=text(said, "Name"),
            on_account=said.get("IsAccountConnectorProperty") is True,
            optional=said.get("IsOptional") is not False,
            values=tuple(str(one) for one in values) if isinstance(values, list) else (),
        )


@dataclass(frozen=True, kw_only=True)
class LibraryConnector:
    """An entry of the Application Connector Library."""

    connector_id: str
    name: str
    version: str
    status: str
    parameters: tuple[Parameter, ...]
    #: ids of the ways to authenticate, where it has several
    authentications: tuple[str, ...] = ()

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> LibraryConnector:
        return cls(
            connector_id=number(said, "Id"),
            name=text(said, "Name"),
            version=text(said, "Version"),
            status=text(said, "Status"),
            parameters=tuple(Parameter.of(one) for one in rows(said, "Parameters")),
            authentications=tuple(text(one, "Id") for one in rows(said, "Authentication")),
        )

    def requires(self, key: str) -> bool:
        """Whether each account must set this property itself."""
        return any(one.key == key and one.on_account and not one.optional for one in self.parameters)


@dataclass(frozen=True, kw_only=True)
class MethodParameter:
    """Something that a method takes; `number` is what it is given by."""

    number: str
    key: str
    optional: bool

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> MethodParameter:
        return cls(
            number=number(said, "Id"), key=text(said, "TargetName"), optional=said.get("IsOptional") is not False
        )


@dataclass(frozen=True, kw_only=True)
class Method:
    """One operation of a connector; the unique identifier stays the same over releases, the number does not."""

    unique_identifier: str
    name: str
    category: str
    method_type: str
    parameters: tuple[MethodParameter, ...]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Method:
        return cls(
            unique_identifier=text(said, "MethodUniqueIdentifier") or number(said, "Id"),
            name=text(said, "Name"),
            category=text(said, "Category"),
            method_type=text(said, "MethodType"),
            parameters=tuple(MethodParameter.of(one) for one in (*rows(said, "Parameters"), *rows(said, "Fields"))),
        )

    @property
    def only_reads(self) -> bool:
        """Whether its name says that it lists or gets something and it needs nothing to do so."""
        return self.name.startswith(("List ", "Get ")) and all(one.optional for one in self.parameters)


@dataclass(frozen=True, kw_only=True)
class Property:
    """A value that is set on an installed connector; a value that might be secret is never kept."""

    number: str
    name: str
    #: empty where it may not be shown
    value: str = field(repr=False)
    is_set: bool

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Property:
        name, value = text(said, "Name"), text(said, "Value")
        return cls(number=number(said, "Id"), name=name, value=value if name in _SHOWN else "", is_set=bool(value))


@dataclass(frozen=True, kw_only=True)
class AccountConnector:
    """An installed connector of one account. `AuthValue`, which may hold tokens, is not read."""

    number: str
    name: str
    authenticated: bool
    #: the library entry it was installed from
    connector: str
    properties: tuple[Property, ...]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> AccountConnector:
        entry = said.get("Connector")
        return cls(
            number=number(said, "Id"),
            name=text(said, "Name"),
            authenticated=said.get("Authenticated") is True,
            connector=text(entry, "Name") if isinstance(entry, Mapping) else "",
            properties=tuple(Property.of(one) for one in rows(said, "Properties")),
        )

    def property(self, name: str) -> Property | None:
        """The property of this name."""
        return next((one for one in self.properties if one.name == name), None)


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A token that signs a browser in, once, for five minutes (confirmed)."""

    token: Secret
    #: None where the reply's time could not be read
    expires_at: datetime | None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> SignIn:
        return cls(token=Secret(text(said, "Token")), expires_at=moment(text(said, "ExpiresAtUtc")))


@dataclass(frozen=True, kw_only=True)
class Template:
    """A blueprint of a cycle."""

    template_id: str
    name: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Template:
        return cls(template_id=text(said, "Id"), name=text(said, "Name"))


@dataclass(frozen=True, kw_only=True)
class Cycle:
    """A template that was installed in an account."""

    cycle_id: str
    name: str
    status: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Cycle:
        return cls(cycle_id=text(said, "Id"), name=text(said, "Name"), status=text(said, "Status"))


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One run of a cycle."""

    transaction_id: str
    status: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Transaction:
        return cls(transaction_id=text(said, "Id"), status=text(said, "Status"))

    @property
    def is_over(self) -> bool:
        """Whether it came to an end, good or bad; the names of states are likely, not documented."""
        return self.status.lower() in {"completed", "complete", "success", "error", "errored", "failed", "warning"}

    @property
    def is_good(self) -> bool:
        """Whether it ended well."""
        return self.status.lower() in {"completed", "complete", "success"}


@dataclass(frozen=True, kw_only=True)
class Incident:
    """A fault that Cyclr wrote down: `message` is one of its fixed list, `detail` what the other side answered."""

    message: str
    detail: str = field(repr=False)
    transaction_id: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Incident:
        return cls(
            message=text(said, "ShortMessage") or text(said, "Message"),
            detail=text(said, "FullMessage") or text(said, "Detail"),
            transaction_id=text(said, "TransactionId"),
        )


def text(said: Mapping[str, Any], name: str) -> str:
    """A text, empty where there is none."""
    value = said.get(name)
    return value if isinstance(value, str) else ""


def number(said: Mapping[str, Any], name: str) -> str:
    """An id that is a number or a text, as text."""
    value = said.get(name)
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""


def rows(said: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], ...]:
    """The objects of a list, none where there is no list."""
    value = said.get(name)
    return tuple(one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()
