"""What the connectors of the library can do: methods, their parameters, trigger lookups and properties.

The shapes of the API's items are confirmed by Cyclr's public
API tests (https://github.com/sophia-cyclr/cyclr_api_testing) and documentation.
"""

from __future__ import annotations

import tomllib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sfrunbook.practice.cyclr.entities import AccountConnector, Instance, LibraryConnector
from sfrunbook.practice.org.settings import Settings

__all__ = [
    "CREDENTIALS",
    "INSTANCE_URL",
    "IS_SANDBOX",
    "LIMIT",
    "METHODS",
    "SOQL",
    "Field",
    "Method",
    "PropertyKind",
    "find_library",
    "find_method",
    "library_of",
    "method_id",
    "method_json",
    "method_uid",
    "methods_of",
    "parameter_id",
    "property_kinds",
    "triggers_of",
]

IS_SANDBOX, INSTANCE_URL = "isSandbox", "InstanceUrl"
CREDENTIALS = ("ClientId", "ClientSecret")
SOQL, LIMIT = "q", "limit"
_NAMESPACE = uuid.UUID("6f1c1c54-7a55-4f0e-9f05-6b3f6f0f5d11")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A parameter of a method, or, with `is_field`, a field of what it writes."""

    name: str
    description: str
    is_field: bool = False
    optional: bool = True


@dataclass(frozen=True, kw_only=True)
class Method:
    """One operation; `path` is below /services/data/vNN."""

    number: int
    name: str
    description: str
    category: str
    verb: str
    path: str
    soql: str = ""
    fields: tuple[Field, ...] = ()


_ROWS = tomllib.loads(Path(__file__).with_name("methods.toml").read_text(encoding="utf-8"))["methods"]
METHODS = tuple(Method(**row | {"fields": tuple(Field(**each) for each in row["fields"])}) for row in _ROWS)
_OBJECTS_TRIGGER = 1


@dataclass(frozen=True, kw_only=True)
class PropertyKind:
    """A property of a connector; only those with `on_account` may be set on an installed one."""

    number: int
    name: str
    label: str
    optional: bool = True
    sensitive: bool = False
    on_account: bool = True
    values: tuple[str, ...] = ()


def property_kinds(connector: LibraryConnector, settings: Settings) -> tuple[PropertyKind, ...]:
    """The properties that Parameters lists; which the real Salesforce connector has is a matter of settings."""
    if connector.family != "salesforce":
        return ()
    blank = settings.cyclr_blank_credentials_listed
    kinds = [PropertyKind(number=9, name="apiVersion", label="API Version", on_account=False)]
    if settings.cyclr_is_sandbox_property:
        values = ("true", "false")
        kinds.append(PropertyKind(number=1, name=IS_SANDBOX, label="Is Sandbox?", optional=False, values=values))
    if settings.cyclr_instance_url_property:
        kinds.append(PropertyKind(number=2, name=INSTANCE_URL, label="Instance URL"))
    pair = (connector.client_id, connector.client_secret)
    for number, name, label, value in zip((3, 4), CREDENTIALS, ("Client ID", "Client Secret"), pair, strict=True):
        if blank and not value:
            secret = name == "ClientSecret"
            kinds.append(PropertyKind(number=number, name=name, label=label, optional=False, sensitive=secret))
    return tuple(kinds)


def find_library(instance: Instance, wanted: str) -> list[LibraryConnector]:
    """By number, else by name without regard to case."""
    if wanted.isascii() and wanted.isdigit():
        return [each for each in instance.library if str(each.connector_id) == wanted]
    return [each for each in instance.library if each.name.casefold() == wanted.casefold()]


def library_of(instance: Instance, installed: AccountConnector) -> LibraryConnector:
    return next(each for each in instance.library if each.name == installed.library_name)


def methods_of(connector: LibraryConnector) -> tuple[Method, ...]:
    return METHODS if connector.family == "salesforce" else ()


def method_id(connector: LibraryConnector, method: Method) -> int:
    """The number, which another release would change (confirmed)."""
    return connector.connector_id * 100 + method.number


def method_uid(connector: LibraryConnector, method: Method) -> str:
    """The MethodUniqueIdentifier, which stays the same over releases (confirmed)."""
    return str(uuid.uuid5(_NAMESPACE, f"{connector.name}/{method.name}"))


def parameter_id(connector: LibraryConnector, method: Method, field: Field) -> int:
    return method_id(connector, method) * 10 + method.fields.index(field)


def find_method(connector: LibraryConnector, wanted: str) -> Method | None:
    """By its number or its unique identifier."""
    for each in methods_of(connector):
        if wanted == str(method_id(connector, each)) or wanted.lower() == method_uid(connector, each):
            return each
    return None


def method_json(connector: LibraryConnector, method: Method) -> dict[str, Any]:
    def items(*, are_fields: bool) -> list[dict[str, Any]]:
        return [
            {
                "Id": parameter_id(connector, method, each),
                "TargetName": each.name,
                "Name": each.description,
                "IsOptional": each.optional,
                "DataType": "Text",
            }
            for each in method.fields
            if each.is_field == are_fields
        ]

    return {
        "Id": method_id(connector, method),
        "Name": method.name,
        "Description": method.description,
        "Category": method.category,
        "MethodType": "List" if method.verb == "GET" else "Create",
        "EndPoint": method.path,
        "MethodUniqueIdentifier": method_uid(connector, method),
        "Parameters": items(are_fields=False),
        "Fields": items(are_fields=True),
    }


def triggers_of(connector: LibraryConnector) -> list[dict[str, Any]]:
    """The lookups for drop-downs: here one, the objects of the org."""
    if connector.family != "salesforce":
        return []
    return [{"Id": connector.connector_id * 100 + 90 + _OBJECTS_TRIGGER, "Name": "List Objects"}]
