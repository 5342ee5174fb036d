"""The resources below composite/sobjects: up to 200 records created, changed, upserted or deleted in one call.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeGuard, TypeVar

from sfrunbook.practice.org.ids import is_id
from sfrunbook.practice.records.record_store import Store
from sfrunbook.practice.records.schema import Schema
from sfrunbook.practice.rest.reply import Answer, RestError, compact, not_found
from sfrunbook.practice.rest.request import Request

__all__ = ["Collections", "Run", "lacking", "list_of_objects", "saved"]

_Item = TypeVar("_Item")
Run = Callable[[Request, list[str]], Answer]
_MOST_SAVED, _MOST_READ = 200, 2000
_ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
    "fields": [],
}


class Collections:
    """Each record goes through the resource for one record, so both refuse alike. `run` answers that resource."""

    def __init__(self, store: Store, schema: Schema) -> None:
        self._store = store
        self._schema = schema

    def answer(self, request: Request, parts: list[str], run: Run) -> Answer:
        """`parts` is the path after composite/sobjects; raises `RestError`."""
        match parts:
            case []:
                request.only("POST", "PATCH", "DELETE")
                return self._delete(request, run) if request.method == "DELETE" else self._save(request, run)
            case [name]:
                request.only("GET", "POST")
                return self._read(request, name, run)
            case [name, field]:
                request.only("PATCH")
                return self._upsert(request, name, field, run)
        raise not_found()

    def _save(self, request: Request, run: Run) -> Answer:
        one = _create if request.method == "POST" else _update
        return self._each(request, lambda record: one(record, run))

    def _upsert(self, request: Request, name: str, field: str, run: Run) -> Answer:
        def one(record: dict[str, Any]) -> dict[str, Any]:
            key = next((value for given, value in record.items() if given.lower() == field.lower()), None)
            if key in (None, "") and field.lower() == "id":
                return {**saved("POST", ["sobjects", name], record, run), "created": True}
            if key in (None, ""):
                return lacking(f"{field} not specified")
            fields = {given: value for given, value in record.items() if given.lower() != field.lower()}
            return {"created": False, **saved("PATCH", ["sobjects", name, field, str(key)], fields, run)}

        return self._each(request, one)

    def _delete(self, request: Request, run: Run) -> Answer:
        ids = [each.strip() for each in request.query.get("ids", "").split(",") if each.strip()]
        _at_most(ids, _MOST_SAVED)

        def one(record_id: str) -> dict[str, Any]:
            return saved("DELETE", ["sobjects", self._type_of(record_id), record_id], None, run)

        return self._all(ids, one, all_or_none=request.query.get("allOrNone", "").lower() == "true")

    def _read(self, request: Request, name: str, run: Run) -> Answer:
        """A list in the order of the ids, with null for what is not there (documented)."""
        sent: dict[str, Any] = {name: text.split(",") for name, text in request.query.items()}
        if request.method == "POST":
            sent = request.fields()
        ids, fields = sent.get("ids"), sent.get("fields")
        if not _texts(ids) or not _texts(fields):
            raise RestError(400, "REQUIRED_FIELD_MISSING", "ids and fields are lists of texts, and both are required")
        _at_most(ids, _MOST_READ)
        rows = []
        for each in ids:
            try:
                if not is_id(each):
                    raise not_found()
                row = run(_request("GET", None, {"fields": ",".join(fields)}), ["sobjects", name, each])
            except RestError as error:
                if error.status != 404:
                    raise
                rows.append("null")
            else:
                rows.append(row.body)
        return Answer(body=f"[{','.join(rows)}]")

    def _each(self, request: Request, one: Callable[[dict[str, Any]], dict[str, Any]]) -> Answer:
        sent = request.fields()
        records = list_of_objects(sent, "records")
        _at_most(records, _MOST_SAVED)
        return self._all(records, one, all_or_none=sent.get("allOrNone") is True)

    def _all(self, items: list[_Item], one: Callable[[_Item], dict[str, Any]], *, all_or_none: bool) -> Answer:
        before = self._store.copy_of_rows() if all_or_none else None
        results = [one(each) for each in items]
        if before is not None and not all(each["success"] for each in results):
            self._store.take_rows(before)
            results = [{"success": False, "errors": [_ROLLED_BACK]} if each["success"] else each for each in results]
        return Answer(body=compact(results))

    def _type_of(self, record_id: str) -> str:
        prefix = record_id[:3] if is_id(record_id) else ""
        return next((each.name for each in self._schema.objects.values() if each.key_prefix == prefix), "?")


def saved(method: str, parts: list[str], fields: dict[str, Any] | None, run: Run) -> dict[str, Any]:
    """`{id, success, errors}` of one record; errors have statusCode, message and fields (documented)."""
    try:
        answer = run(_request(method, fields, {}), parts)
    except RestError as error:
        return {"success": False, "errors": [_error_of(error, method)]}
    if answer.status == 300:
        return {"success": False, "errors": [{"statusCode": "DUPLICATE_EXTERNAL_ID", "message": "", "fields": []}]}
    body: dict[str, Any] = json.loads(answer.body) if answer.body else {"id": parts[-1]}
    return {**body, "success": True, "errors": []}


def list_of_objects(sent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The list of this name in a body; words likely."""
    found = sent.get(name)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise RestError(400, "JSON_PARSER_ERROR", f"{name} is required, as a list of JSON objects")
    return found


def _create(record: dict[str, Any], run: Run) -> dict[str, Any]:
    return saved("POST", ["sobjects", _named_type(record)], record, run)


def _update(record: dict[str, Any], run: Run) -> dict[str, Any]:
    key = next((str(value) for name, value in record.items() if name.lower() == "id"), "")
    if not is_id(key):
        return lacking("Id not specified in an update call")
    fields = {name: value for name, value in record.items() if name.lower() != "id"}
    return saved("PATCH", ["sobjects", _named_type(record), key], fields, run)


def lacking(message: str) -> dict[str, Any]:
    """The result of a record without its id or key (words likely)."""
    error = {"statusCode": "MISSING_ARGUMENT", "message": message, "fields": []}
    return {"success": False, "errors": [error]}


def _named_type(record: dict[str, Any]) -> str:
    attributes = record.get("attributes")
    return str(attributes.get("type", "?")) if isinstance(attributes, dict) else "?"


def _error_of(error: RestError, method: str) -> dict[str, Any]:
    """Here an unknown object or id is no 404 but an error of its record (codes likely)."""
    code, message = error.code, str(error)
    if code == "NOT_FOUND":
        code, message = "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"
        if method == "POST":
            code, message = "INVALID_TYPE", "sObject type is not supported."
    return {"statusCode": code, "message": message, "fields": error.fields}


def _request(method: str, fields: dict[str, Any] | None, query: dict[str, str]) -> Request:
    body = b"" if fields is None else json.dumps(fields).encode()
    return Request(method=method, path="", query=query, headers={}, body=body)


def _texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and value != [""] and all(isinstance(each, str) for each in value)


def _at_most(items: list[Any], most: int) -> None:
    """Likely: code and words."""
    if len(items) > most:
        text = f"record limit reached. cannot submit more than {most} records into this call"
        raise RestError(400, "EXCEEDED_ID_LIMIT", text)
