"""Creates, changes and deletes rows, with the checks Salesforce makes before it saves."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sfrunbook.practice.org.ids import is_id
from sfrunbook.practice.records.org_facts import Caller
from sfrunbook.practice.records.record_store import Record, Store, Value
from sfrunbook.practice.records.records_derived import derive
from sfrunbook.practice.records.schema import Field, Schema, SObject
from sfrunbook.practice.rest.reply import RestError

__all__ = ["Writer"]

_DEFAULTS = {"Lead": {"Status": "Open - Not Contacted"}, "Case": {"Status": "New", "Priority": "Medium"}}
_DEFAULTS["Task"] = {"Status": "Not Started", "Priority": "Normal"}
_LARGEST = 10.0**18


class Writer:
    """Every refusal is a `RestError` with status 400 (403 for an object that may not be written), likely words."""

    def __init__(self, store: Store, schema: Schema, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._schema = schema
        self._clock = clock
        self._case_number = 5000

    def create(self, sobject: SObject, fields: Mapping[str, Any], caller: Caller) -> Record:
        if not sobject.createable or sobject.name in ("User", "Group"):
            raise _read_only(sobject)
        values = self._checked(sobject, fields, insert=True)
        now = self._now()
        stamps: dict[str, Value] = {
            "CreatedDate": now,
            "CreatedById": caller.user_id,
            "OwnerId": caller.user_id,
            "CaseNumber": f"{self._case_number:08d}",
        }
        stamps |= _DEFAULTS.get(sobject.name, {})
        missing = [item.name for item in sobject.fields if _required(item) and values.get(item.name) is None]
        if missing:
            text = f"Required fields are missing: [{', '.join(missing)}]"
            raise RestError(400, "REQUIRED_FIELD_MISSING", text, missing)
        self._case_number += sobject.name == "Case"
        values["Id"] = self._store.new_id(sobject.name, sobject.key_prefix or "000")
        return self._save(sobject, stamps | values, caller, now)

    def update(self, sobject: SObject, record: Record, fields: Mapping[str, Any], caller: Caller) -> None:
        if sobject.name in ("Organization", "Profile", "User", "Group"):
            raise _read_only(sobject)
        values = self._checked(sobject, fields, insert=False)
        emptied = [name for name, value in values.items() if value is None and _required_name(sobject, name)]
        if emptied:
            text = f"Required fields are missing: [{', '.join(emptied)}]"
            raise RestError(400, "REQUIRED_FIELD_MISSING", text, emptied)
        changed = dict(record.values) | values
        if "StageName" in values and "Probability" not in values:
            changed["Probability"] = None
        self._save(sobject, changed, caller, self._now())

    def delete(self, sobject: SObject, record: Record, caller: Caller) -> None:
        """To the recycle bin; rows that can not live without it go too, other lookups are emptied."""
        if not sobject.deletable:
            raise _read_only(sobject)
        now = self._now()
        self._save(sobject, dict(record.values) | {"IsDeleted": True}, caller, now)
        for relationship in sobject.children:
            child = self._schema.objects[relationship.child.lower()]
            for row in self._store.children(child.name, relationship.field, record.id):
                if relationship.cascade_delete:
                    self.delete(child, row, caller)
                else:
                    self._save(child, dict(row.values) | {relationship.field: None}, caller, now)

    def _save(self, sobject: SObject, values: dict[str, Value], caller: Caller, now: datetime) -> Record:
        values |= {"LastModifiedDate": now, "LastModifiedById": caller.user_id, "SystemModstamp": now}
        record = Record(sobject.name, derive(sobject.name, values))
        self._store.put(record)
        return record

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC).replace(microsecond=0)

    def _checked(self, sobject: SObject, fields: Mapping[str, Any], *, insert: bool) -> dict[str, Value]:
        values: dict[str, Value] = {}
        locked: list[str] = []
        for name, given in fields.items():
            if name == "attributes":
                continue
            item = sobject.field(name)
            if item is None:
                text = f"No such column '{name}' on sobject of type {sobject.name}"
                raise RestError(400, "INVALID_FIELD", text)
            if not (item.createable if insert else item.updateable):
                locked.append(item.name)
                continue
            values[item.name] = self._value(sobject, item, given)
        if locked:
            text = (
                f"Unable to create/update fields: {', '.join(locked)}. Please check the security settings of this "
                "field and verify that it is read/write for your profile or permission set."
            )
            raise RestError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", text, locked)
        return values

    def _value(self, sobject: SObject, item: Field, given: Any) -> Value:  # noqa: ANN401 - as parsed from JSON
        if given is None or given == "":
            return None
        value = _converted(item, given)
        if item.type == "reference":
            return self._reference(item, str(value))
        if isinstance(value, str) and item.length and len(value) > item.length:
            text = f"{item.label}: data value too large: {value[:255]} (max length={item.length})"
            raise RestError(400, "STRING_TOO_LONG", text, [item.name])
        return value

    def _reference(self, item: Field, given: str) -> str:
        if not is_id(given):
            text = f"{item.label}: id value of incorrect type: {given[:80]}"
            raise RestError(400, "MALFORMED_ID", text, [item.name])
        found = next((row for name in item.reference_to if (row := self._store.find(given, name))), None)
        if found is None or found.deleted:
            raise RestError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        return found.id


def _converted(item: Field, given: Any) -> Value:  # noqa: ANN401 - as parsed from JSON
    kind = item.soap_type
    try:
        if kind == "boolean" and isinstance(given, bool):
            return given
        if kind == "int" and isinstance(given, int) and not isinstance(given, bool) and abs(given) < 2**31:
            return given
        if kind == "double" and isinstance(given, int | float) and not isinstance(given, bool):
            if math.isfinite(given) and abs(given) < _LARGEST:
                return round(float(given), item.scale)
        elif kind == "date" and isinstance(given, str):
            return date.fromisoformat(given[:10])
        elif kind == "dateTime" and isinstance(given, str):
            return datetime.fromisoformat(given).astimezone(UTC)
        elif kind in ("string", "ID") and isinstance(given, str | int | float | bool):
            return given if isinstance(given, str) else json.dumps(given)
    except (ValueError, OverflowError):
        pass
    shown = json.dumps(given, ensure_ascii=False)[:80]
    text = f"Cannot deserialize instance of {kind} from value {shown} or request may be missing a required field"
    raise RestError(400, "JSON_PARSER_ERROR", f"{text} at [line:1, column:2]")


def _required(item: Field) -> bool:
    return not item.nillable and item.createable and not item.defaulted


def _required_name(sobject: SObject, name: str) -> bool:
    item = sobject.field(name)
    return item is not None and not item.nillable


def _read_only(sobject: SObject) -> RestError:
    """Likely."""
    text = f"entity type {sobject.name} does not support this operation"
    return RestError(403, "INSUFFICIENT_ACCESS_OR_READONLY", text)
