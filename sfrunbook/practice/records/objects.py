"""The objects of the practice org, read from `objects.toml`, where the form of a row is explained."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sfrunbook.practice.org.permissions import PERMISSIONS
from sfrunbook.practice.records.schema import ChildRelationship, Field, Schema, SObject

__all__ = ["PICKLISTS", "SCHEMA", "SCOPE_FIELDS", "STAGES", "TOOLING_SCHEMA"]

_DATA: dict[str, Any] = tomllib.loads(Path(__file__).with_name("objects.toml").read_text(encoding="utf-8"))
STAGES: dict[str, int] = _DATA["stages"]
PICKLISTS: dict[str, tuple[str, ...]] = {"stages": tuple(STAGES)} | {
    name: tuple(values) for name, values in _DATA["picklists"].items()
}
# OauthScopesAPI and OauthScopesREFRESH_TOKEN are likely, the others by analogy (guess).
SCOPE_FIELDS = {
    scope: f"OauthScopes{scope.upper()}"
    for scope in (
        *("api", "refresh_token", "full", "web", "openid", "id", "profile", "email", "address", "phone"),
        *("chatter_api", "visualforce", "lightning", "content", "custom_permissions", "wave_api", "eclair_api"),
    )
}
_FLAG = {"type": "boolean", "is": ["read-only", "required"]}
_BLOCKS: dict[str, list[dict[str, Any]]] = _DATA["blocks"] | {
    "scopes": [{"name": name, "label": name, **_FLAG} for name in SCOPE_FIELDS.values()],
    "permissions": [{"name": f"Permissions{name}", "label": label, **_FLAG} for name, label in PERMISSIONS.items()],
}
_LENGTHS = {"picklist": 255, "phone": 40, "email": 80, "url": 255, "reference": 18}
_PRECISION = {"currency": (18, 2), "double": (18, 0), "percent": (18, 0)}
_IS: dict[str, dict[str, Any]] = {
    "read-only": {"createable": False, "updateable": False},
    "required": {"nillable": False},
    "defaulted": {"defaulted": True},
    "name": {"name_field": True},
    "external": {"external_id": True},
    "long": {"long_text": True},
    "unfilterable": {"unfilterable": True},
    "calculated": {"calculated": True},
}
_NOT_WITH_VIRTUAL = ("create", "delete", "search", "layout")


def _field(name: str, label: str, type: str = "reference", **row: Any) -> Field:  # noqa: ANN401 - keys of the data
    picklist = row.pop("picklist", ())
    precision, scale = _PRECISION.get(type, (0, 0))
    values: dict[str, Any] = {"length": _LENGTHS.get(type, 0), "precision": precision, "scale": scale}
    for flag in row.pop("is", ()):
        values |= _IS[flag]
    return Field(
        name=name,
        type=type,
        label=label,
        picklist=PICKLISTS[picklist] if isinstance(picklist, str) else tuple(picklist),
        reference_to=tuple(row.pop("to", ())),
        relationship_name=row.pop("relationship", None),
        **values | row,
    )


def _fields(rows: Iterable[dict[str, Any]]) -> Iterator[Field]:
    for row in rows:
        if "block" not in row:
            yield _field(**row)
            continue
        for each in _BLOCKS[row["block"]]:
            filled = {
                key: value.format(**row).strip() if isinstance(value, str) else value for key, value in each.items()
            }
            yield from _fields([filled])


def _object(name: str, row: dict[str, Any], *, tooling: bool) -> SObject:
    label, virtual = row.get("label", name), row.get("virtual", False)
    cannot = row.get("cannot", _NOT_WITH_VIRTUAL if virtual else ())
    return SObject(
        name=name,
        label=label,
        label_plural=row.get("plural", f"{label}s"),
        key_prefix=row.get("prefix"),
        fields=tuple(_fields(row["fields"] + (row.get("tooling_fields", []) if tooling else []))),
        children=tuple(ChildRelationship(**{"name": None, **each}) for each in row.get("children", ())),
        createable="create" not in cannot,
        deletable="delete" not in cannot,
        queryable="query" not in cannot,
        searchable="search" not in cannot,
        layoutable="layout" not in cannot,
        virtual=virtual,
        page_rows=row.get("page_rows", 2_000),
        aggregates=row.get("aggregates", True),
    )


SCHEMA = Schema.of(_object(name, row, tooling=False) for name, row in _DATA["objects"].items())
TOOLING_SCHEMA = Schema.of(
    _object(name, row, tooling=True) for name, row in _DATA["objects"].items() if row.get("tooling")
)
