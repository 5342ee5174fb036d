"""The composite resources: several requests in one call, with references between them, and trees of records.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite.htm and the pages
beside it; shapes and limits are documented, the words of refusals likely where nothing else is said.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sfrunbook.practice.records.record_store import Store
from sfrunbook.practice.records.schema import Schema, SObject
from sfrunbook.practice.rest.record_collections import Collections, Run, list_of_objects, saved
from sfrunbook.practice.rest.reply import Answer, RestError, compact, not_found
from sfrunbook.practice.rest.request import Request

__all__ = ["Composite"]

_SINCE = {"": 38, "batch": 34, "tree": 34, "sobjects": 42}
_MOST_PARTS, _MOST_QUERIES, _MOST_RECORDS, _MOST_LEVELS = 25, 5, 200, 5
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d{1,4}\])*)\}")
_STEP = re.compile(r"\w+")
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD")
_UNDONE = "The transaction was rolled back since another operation in the same transaction failed."


class Composite:
    """`run` answers one request of the same version and caller."""

    def __init__(self, store: Store, schema: Schema) -> None:
        self._store = store
        self._schema = schema
        self._collections = Collections(store, schema)

    def answer(self, request: Request, version: str, parts: list[str], run: Run) -> Answer:
        """`parts` is the path after composite; raises `RestError`."""
        name = parts[0] if parts else ""
        if float(version) < _SINCE.get(name, 1_000):
            raise not_found()
        match parts:
            case []:
                request.only("GET", "POST")
                return self._composite(request, run) if request.method == "POST" else _names(version)
            case ["batch"]:
                request.only("POST")
                return self._batch(request, run)
            case ["tree", type_name]:
                request.only("POST")
                return self._tree(request, type_name, run)
            case ["sobjects", *rest]:
                return self._collections.answer(request, rest, run)
        raise not_found()

    def _composite(self, request: Request, run: Run) -> Answer:
        sent = request.fields()
        wanted = list_of_objects(sent, "compositeRequest")
        all_or_none, before = sent.get("allOrNone") is True, self._store.copy_of_rows()
        _few_enough(wanted)
        if sum("/query" in str(each.get("url")) for each in wanted) > _MOST_QUERIES:
            raise RestError(400, "INVALID_INPUT", f"The request has more than {_MOST_QUERIES} queries")
        names = [each.get("referenceId") for each in wanted]
        if len(set(map(str, names))) < len(names) or not all(isinstance(each, str) and each for each in names):
            raise RestError(400, "INVALID_INPUT", "Each subrequest needs a referenceId of its own")
        replies: dict[str, dict[str, Any]] = {}
        for each in wanted:
            name = each["referenceId"]
            replies[name] = {**_one(_filled(each, replies), "body", run), "referenceId": name}
            if all_or_none and replies[name]["httpStatusCode"] >= 400:
                break
        if all_or_none and any(each["httpStatusCode"] >= 400 for each in replies.values()):
            self._store.take_rows(before)
            undone = {"body": [_error("PROCESSING_HALTED", _UNDONE)], "httpHeaders": {}, "httpStatusCode": 400}
            failed = {name: each for name, each in replies.items() if each["httpStatusCode"] >= 400}
            replies = {name: failed.get(name, {**undone, "referenceId": name}) for name in map(str, names)}
        return Answer(body=compact({"compositeResponse": list(replies.values())}))

    def _batch(self, request: Request, run: Run) -> Answer:
        """What was done stays, whatever fails (documented)."""
        sent = request.fields()
        wanted = list_of_objects(sent, "batchRequests")
        _few_enough(wanted)
        results: list[dict[str, Any]] = []
        for each in wanted:
            if sent.get("haltOnError") is True and any(done["statusCode"] >= 400 for done in results):
                halted = _error("BATCH_PROCESSING_HALTED", "Batch processing halted per request")
                results.append({"statusCode": 412, "result": [halted]})
                continue
            reply = _one(each, "richInput", run)
            results.append({"statusCode": reply["httpStatusCode"], "result": reply["body"]})
        return Answer(
            body=compact({"hasErrors": any(each["statusCode"] >= 400 for each in results), "results": results})
        )

    def _tree(self, request: Request, type_name: str, run: Run) -> Answer:
        """All records or none; of a failure only the errors are told (documented)."""
        sobject = self._schema.get(type_name)
        if sobject is None:
            raise not_found()
        rows = _flat(self._schema, sobject, request.fields(), level=1)
        if len(rows) > _MOST_RECORDS:
            raise RestError(400, "INVALID_INPUT", f"A request has at most {_MOST_RECORDS} records in all trees")
        names = [row["name"] for row in rows]
        if len(set(names)) < len(names):
            raise RestError(400, "INVALID_INPUT", "Duplicate referenceId provided in the request.")
        before = self._store.copy_of_rows()
        made: dict[str, str] = {}
        failed = []
        for row in rows:
            fields = row["fields"] | ({row["lookup"]: made.get(row["parent"])} if row["lookup"] else {})
            result = saved("POST", ["sobjects", row["type"]], fields, run)
            if result["success"]:
                made[row["name"]] = result["id"]
            else:
                failed.append({"referenceId": row["name"], "errors": result["errors"]})
        if failed:
            self._store.take_rows(before)
            return Answer(status=400, body=compact({"hasErrors": True, "results": failed}))
        results = [{"referenceId": name, "id": record_id} for name, record_id in made.items()]
        return Answer(status=201, body=compact({"hasErrors": False, "results": results}))


def _names(version: str) -> Answer:
    base = f"/services/data/v{version}/composite"
    found = [name for name, since in _SINCE.items() if name and float(version) >= since]
    return Answer(body=compact({name: f"{base}/{name}" for name in found}))


def _few_enough(wanted: list[dict[str, Any]]) -> None:
    if len(wanted) > _MOST_PARTS:
        raise RestError(400, "INVALID_INPUT", f"The request has more than {_MOST_PARTS} subrequests")


def _one(wanted: dict[str, Any], body_name: str, run: Run) -> dict[str, Any]:
    """`{body, httpHeaders, httpStatusCode}` of one subrequest."""
    try:
        if "unfilled" in wanted:
            text = f"Invalid reference specified. No value for {wanted['unfilled']} found."
            raise RestError(400, "PROCESSING_HALTED", text)
        request, parts = _read(wanted, body_name)
        answer = run(request, parts)
    except RestError as error:
        return {"body": json.loads(error.body()), "httpHeaders": {}, "httpStatusCode": error.status}
    body = json.loads(answer.body) if answer.body else None
    return {"body": body, "httpHeaders": dict(answer.headers), "httpStatusCode": answer.status}


def _read(wanted: dict[str, Any], body_name: str) -> tuple[Request, list[str]]:
    """The subrequest; an address begins with /services/data/vNN.0 or, in batches, with vNN.0."""
    method, url = wanted.get("method"), wanted.get("url")
    if method not in _METHODS or not isinstance(url, str):
        raise RestError(400, "INVALID_INPUT", "A subrequest needs a method and a url")
    path, _, query = url.partition("?")
    parts = [unquote(part) for part in path.removeprefix("/services/data").strip("/").split("/")]
    if not parts[0].startswith("v") or (parts[1:2] == ["composite"] and parts[2:3] != ["sobjects"]):
        raise not_found()
    given = wanted.get("httpHeaders")
    headers = {str(key).lower(): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    body = b"" if wanted.get(body_name) is None else json.dumps(wanted[body_name]).encode()
    pairs = dict(parse_qsl(urlsplit(f"?{query}").query, keep_blank_values=True))
    return Request(method=str(method), path=path, query=pairs, headers=headers, body=body), parts[1:]


def _filled(wanted: dict[str, Any], replies: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The subrequest with `@{name.path}` replaced by values of earlier replies; `unfilled` names one without."""

    def value_of(match: re.Match[str]) -> str:
        found: Any = replies.get(match[1], {}).get("body")
        try:
            if replies[match[1]]["httpStatusCode"] >= 400:
                raise KeyError
            for step in _STEP.findall(match[2]):
                found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, TypeError, ValueError):
            raise KeyError(match[0]) from None
        return json.dumps(str(found))[1:-1]

    try:
        text = _REFERENCE.sub(value_of, json.dumps({name: wanted.get(name) for name in ("url", "body", "httpHeaders")}))
    except KeyError as missing:
        return {**wanted, "unfilled": missing.args[0]}
    filled: dict[str, Any] = json.loads(text)
    return {**wanted, **filled}


def _flat(
    schema: Schema, sobject: SObject, sent: dict[str, Any], *, level: int, parent: str = "", lookup: str = ""
) -> list[dict[str, Any]]:
    """The records of a tree, parents before their children."""
    if level > _MOST_LEVELS:
        raise RestError(400, "INVALID_INPUT", f"A tree has at most {_MOST_LEVELS} levels")
    rows: list[dict[str, Any]] = []
    for each in list_of_objects(sent, "records"):
        attributes = each.get("attributes")
        name = attributes.get("referenceId") if isinstance(attributes, dict) else None
        if not isinstance(name, str) or not name:
            raise RestError(400, "INVALID_INPUT", "Include a referenceId for each record in the request.")
        fields = {key: value for key, value in each.items() if not isinstance(value, dict)}
        rows.append({"name": name, "type": sobject.name, "fields": fields, "parent": parent, "lookup": lookup})
        for key, value in each.items():
            child = sobject.child(key)
            if isinstance(value, dict) and child is not None:
                below = schema.objects[child.child.lower()]
                rows += _flat(schema, below, value, level=level + 1, parent=name, lookup=child.field)
            elif isinstance(value, dict) and key != "attributes":
                text = f"No such column '{key}' on sobject of type {sobject.name}"
                raise RestError(400, "INVALID_FIELD", text)
    return rows


def _error(code: str, message: str) -> dict[str, str]:
    return {"errorCode": code, "message": message}
