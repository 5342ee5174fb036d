"""The record resources: sobjects/{type}, its describe, and one row by id or by external id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sfrunbook.practice.org.ids import is_id
from sfrunbook.practice.records.caller_rows import CallerStore
from sfrunbook.practice.records.org_facts import Caller
from sfrunbook.practice.records.record_store import Record, Store
from sfrunbook.practice.records.schema import Field, Schema, SObject
from sfrunbook.practice.records.setup_rows import SetupRows
from sfrunbook.practice.records.visibility import visible_schema
from sfrunbook.practice.rest.describe import describe, object_info
from sfrunbook.practice.rest.finding import changed, summary
from sfrunbook.practice.rest.reply import Answer, RestError, compact, not_found
from sfrunbook.practice.rest.request import Request
from sfrunbook.practice.rest.write import Writer

__all__ = ["RecordService"]


class RecordService:
    """Answers below sobjects/{type}; writing is left to `Writer`."""

    def __init__(self, store: Store, schema: Schema, clock: Callable[[], datetime], setup_rows: SetupRows) -> None:
        self._setup_rows = setup_rows
        self._store = store
        self._schema = schema
        self._clock = clock
        self._writer = Writer(store, schema, clock)

    def answer(self, request: Request, version: str, name: str, rest: list[str], caller: Caller) -> Answer:
        sobject = visible_schema(self._schema, caller.visibility).get(name)
        if sobject is None or not sobject.queryable:
            raise not_found()
        request = replace(request, method=_method(request))
        if sobject.virtual and rest != ["describe"]:
            return self._virtual(version, sobject, rest, request, caller)
        match rest:
            case []:
                return self._object(request, version, sobject, caller)
            case ["describe"]:
                request.only("GET")
                return Answer(body=describe(sobject, version))
            case ["updated" | "deleted" as kind]:
                request.only("GET")
                return changed(request.query, kind, sobject, self._rows_for(caller), self._clock())
            case [record_id]:
                return self._row(request, version, sobject, record_id, caller)
            case [key, value]:
                return self._external(request, version, sobject, (key, value), caller)
        raise not_found()

    def _virtual(self, version: str, sobject: SObject, rest: list[str], request: Request, caller: Caller) -> Answer:
        """The rows of these objects are read by id and never written."""
        if not self._setup_rows.may_see(sobject.name, caller) or len(rest) > 1:
            raise not_found()
        request.only("GET")
        if not rest:
            return Answer(body=object_info(sobject, version, []))
        view = CallerStore(self._store, self._setup_rows, caller, {sobject.name: sobject.key_prefix or ""})
        record = view.find(rest[0], sobject.name)
        if record is None:
            raise not_found()
        return Answer(body=_render(version, sobject, record, request.query.get("fields")))

    def _object(self, request: Request, version: str, sobject: SObject, caller: Caller) -> Answer:
        request.only("GET", "POST")
        if request.method == "POST":
            record = self._writer.create(sobject, request.fields(), caller)
            location = f"/services/data/v{version}/sobjects/{sobject.name}/{record.id}"
            return Answer(body=_saved(record), status=201, headers={"Location": location})
        rows = self._rows_for(caller).rows(sobject.name)
        recent = sorted(rows, key=lambda row: str(row.values["SystemModstamp"]))[-5:]
        return Answer(body=object_info(sobject, version, [summary(row, version) for row in reversed(recent)]))

    def _row(self, request: Request, version: str, sobject: SObject, record_id: str, caller: Caller) -> Answer:
        request.only("GET", "PATCH", "DELETE")
        record = self._rows_for(caller).find(record_id, sobject.name)
        if record is None and not is_id(record_id) and request.method == "GET":
            raise _no_external_id(record_id)
        if record is None or record_id[15:] not in ("", record.id[15:]):
            raise not_found()
        return self._on_row(request, version, sobject, record, caller)

    def _on_row(self, request: Request, version: str, sobject: SObject, record: Record, caller: Caller) -> Answer:
        if record.deleted:
            if request.method == "GET":
                raise not_found()
            raise RestError(404, "ENTITY_IS_DELETED", "entity is deleted", [])
        if request.method == "PATCH":
            self._writer.update(sobject, record, request.fields(), caller)
            return Answer(status=204)
        if request.method == "DELETE":
            self._writer.delete(sobject, record, caller)
            return Answer(status=204)
        return Answer(body=_render(version, sobject, record, request.query.get("fields")))

    def _external(
        self, request: Request, version: str, sobject: SObject, key: tuple[str, str], caller: Caller
    ) -> Answer:
        """GET, PATCH (upsert) and DELETE by an external id, or by `Id` itself; 300 and a list where several rows fit.

        Source: https://developer.salesforce.com/docs/platform/api-rest/guide/dome-upsert.html (confirmed).
        """
        request.only("GET", "PATCH", "DELETE")
        field = sobject.field(key[0])
        if field is None or not (field.external_id or field.name == "Id"):
            raise _no_external_id(key[0])
        if field.name == "Id":
            return self._row(request, version, sobject, key[1], caller)
        matches = self._by_external(sobject, field, key[1], caller)
        if len(matches) > 1:
            return Answer(status=300, body=compact([_url(version, row) for row in matches]))
        found = matches[0] if matches else None
        if found is None and request.method == "PATCH":
            fields = request.fields() | {field.name: key[1]}
            return Answer(body=_saved(self._writer.create(sobject, fields, caller), created=True), status=201)
        if found is None:
            raise not_found()
        answer = self._on_row(request, version, sobject, found, caller)
        return Answer(body=_saved(found, created=False)) if request.method == "PATCH" else answer

    def _rows_for(self, caller: Caller) -> CallerStore:
        return CallerStore(self._store, self._setup_rows, caller, {})

    def _by_external(self, sobject: SObject, field: Field, value: str, caller: Caller) -> list[Record]:
        wanted = value.lower()
        rows = self._rows_for(caller).rows(sobject.name)
        return [row for row in rows if str(row.values.get(field.name) or "").lower() == wanted]


def _method(request: Request) -> str:
    """POST with `_HttpMethod=PATCH` is a PATCH, for clients that can not send one."""
    override = request.query.get("_HttpMethod", "").upper()
    return override if request.method == "POST" and override in ("PATCH", "DELETE") else request.method


def _no_external_id(name: str) -> RestError:
    """Likely."""
    text = f"Provided external ID field does not exist or is not accessible: {name}"
    return RestError(404, "NOT_FOUND", text)


def _saved(record: Record, *, created: bool | None = None) -> str:
    """`{id, success, errors}`, of an upsert with `created`."""
    body: dict[str, object] = {"id": record.id, "success": True, "errors": []}
    return compact(body if created is None else body | {"created": created})


def _url(version: str, record: Record) -> str:
    return f"/services/data/v{version}/sobjects/{record.type}/{record.id}"


def _render(version: str, sobject: SObject, record: Record, wanted: str | None) -> str:
    names = [item.name for item in sobject.fields]
    if wanted is not None:
        names = []
        for name in (part.strip() for part in wanted.split(",")):
            found = sobject.field(name)
            if found is None:
                text = f"No such column '{name}' on sobject of type {sobject.name}"
                raise RestError(400, "INVALID_FIELD", text)
            names.append(found.name)
        if "Id" not in names:
            names.append("Id")
    body = "".join(f',"{name}":{record.encoded[name]}' for name in dict.fromkeys(names))
    return f'{{"attributes":{{"type":"{sobject.name}","url":"{_url(version, record)}"}}{body}}}'
