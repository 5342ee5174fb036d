"""Bulk API 2.0 below jobs/query and jobs/ingest: CSV in, CSV out, each job worked on when it is asked for.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/ (resources, fields, states and
headers are documented; the words of refusals likely).
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sfrunbook.practice.org.ids import make_id
from sfrunbook.practice.records.org_facts import Caller
from sfrunbook.practice.records.schema import Schema
from sfrunbook.practice.rest.bulk_csv import DELIMITERS, columns_in, read_rows, values_of, written
from sfrunbook.practice.rest.query import QueryService
from sfrunbook.practice.rest.record_collections import Run, lacking, saved
from sfrunbook.practice.rest.reply import Answer, RestError, compact, not_found
from sfrunbook.practice.rest.request import Request
from sfrunbook.practice.soql import parse
from sfrunbook.practice.soql.ast import FieldsFunction, Path, SelectItem

__all__ = ["Bulk"]

_SINCE = {"ingest": 41, "query": 47}
_JOBS_KEPT, _MOST_ROWS, _ROWS_AT_ONCE, _LARGEST_PAGE = 50, 10_000, 1_000, 50_000
_VERBS = {"insert": "POST", "update": "PATCH", "upsert": "PATCH", "delete": "DELETE", "hardDelete": "DELETE"}
_CSV = {"Content-Type": "text/csv"}


@dataclass(kw_only=True)
class _Job:
    """`facts` is what the job's resource answers; `columns` and `rows` are a query's result or an upload."""

    facts: dict[str, Any]
    user_id: str
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    successful: list[list[str]] = field(default_factory=list)
    failed: list[list[str]] = field(default_factory=list)
    done: int = 0

    @property
    def state(self) -> str:
        return str(self.facts["state"])

    @property
    def delimiter(self) -> str:
        return str(DELIMITERS[self.facts["columnDelimiter"]])

    def csv(self, columns: list[str], rows: list[list[str]], **headers: str) -> Answer:
        end = "\r\n" if self.facts["lineEnding"] == "CRLF" else "\n"
        return Answer(body=written(columns, rows, self.delimiter, end), headers={**_CSV, **headers})


class Bulk:
    """A caller sees the caller's own jobs; the newest 50 are kept, each with at most 10,000 uploaded records (own)."""

    def __init__(self, schema: Schema, queries: QueryService, clock: Callable[[], datetime]) -> None:
        self._schema = schema
        self._queries = queries
        self._clock = clock
        self._jobs: OrderedDict[str, _Job] = OrderedDict()
        self._made = 0

    def answer(self, request: Request, version: str, parts: list[str], caller: Caller, run: Run) -> Answer:
        """`parts` is the path after jobs; raises `RestError`."""
        kind = parts[0] if parts else ""
        if float(version) < _SINCE.get(kind, 1_000):
            raise not_found()
        if len(parts) == 1:
            request.only("GET", "POST")
            return (
                self._create(request, version, kind, caller) if request.method == "POST" else self._list(kind, caller)
            )
        job = self._jobs.get(parts[1])
        if job is None or job.user_id != caller.user_id or job.facts["jobType"].lower() != f"v2{kind}":
            raise not_found()
        match (kind, [each.lower() for each in parts[2:]]):
            case (_, []):
                request.only("GET", "PATCH", "DELETE")
                return self._job(request, job, run)
            case ("query", ["results"]):
                request.only("GET")
                return _page(request, job)
            case ("ingest", ["batches"]):
                request.only("PUT")
                return _upload(request, job)
            case ("ingest", [name]):
                request.only("GET")
                return _results(job, name)
        raise not_found()

    def _create(self, request: Request, version: str, kind: str, caller: Caller) -> Answer:
        sent = request.fields()
        facts = self._facts(sent, version, caller)
        job = _Job(facts=facts, user_id=caller.user_id)
        if kind == "query":
            self._ask(job, sent, version, caller)
        else:
            self._expect(facts, sent, version)
        self._jobs[facts["id"]] = job
        if len(self._jobs) > _JOBS_KEPT:
            self._jobs.popitem(last=False)
        return Answer(body=compact(facts))

    def _facts(self, sent: dict[str, Any], version: str, caller: Caller) -> dict[str, Any]:
        delimiter, end = sent.get("columnDelimiter", "COMMA"), sent.get("lineEnding", "LF")
        if delimiter not in tuple(DELIMITERS) or end not in ("LF", "CRLF") or sent.get("contentType", "CSV") != "CSV":
            raise _invalid_job("InvalidJob : columnDelimiter, lineEnding or contentType is not supported.")
        self._made += 1
        now = f"{self._clock():%Y-%m-%dT%H:%M:%S.000+0000}"
        return {
            "id": make_id("750", self._made),
            "operation": sent.get("operation"),
            "object": sent.get("object"),
            "createdById": caller.user_id,
            "createdDate": now,
            "systemModstamp": now,
            "state": "UploadComplete",
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(version),
            "lineEnding": end,
            "columnDelimiter": delimiter,
            "jobType": "V2Query",
        }

    def _ask(self, job: _Job, sent: dict[str, Any], version: str, caller: Caller) -> None:
        """Run the query, which is also how it is checked; what Bulk takes not is documented."""
        text = sent.get("query")
        if job.facts["operation"] not in ("query", "queryAll") or not isinstance(text, str):
            raise _invalid_job("InvalidJob : A query job needs the operation query or queryAll and a query.")
        about = json.loads(self._queries.query(version, {"q": text, "columns": "true"}, "", caller).body)
        query = parse(text)
        plain = (
            isinstance(each, FieldsFunction) or (isinstance(each, SelectItem) and isinstance(each.expression, Path))
            for each in query.select
        )
        if query.group_by is not None or query.skip is not None or not all(plain):
            raise RestError(400, "API_ERROR", "Aggregate Relationships not supported in Bulk Query")
        paths = columns_in(about["columnMetadata"])
        everything = job.facts["operation"] == "queryAll"
        page = json.loads(self._queries.query(version, {"q": text}, "", caller, all_rows=everything).body)
        records = page["records"]
        while not page["done"]:
            locator = page["nextRecordsUrl"].rpartition("/")[2]
            page = json.loads(self._queries.more(version, locator, "", caller).body)
            records += page["records"]
        job.facts["object"] = about["entityName"]
        job.columns = [".".join(path) for path in paths]
        job.rows = [values_of(record, paths) for record in records]

    def _expect(self, facts: dict[str, Any], sent: dict[str, Any], version: str) -> None:
        sobject = self._schema.get(str(facts["object"]))
        if sobject is None or sobject.virtual:
            raise _invalid_job(f"InvalidJob : Unable to find object: {str(facts['object'])[:80]}")
        if facts["operation"] not in tuple(_VERBS):
            raise _invalid_job("InvalidJob : operation is insert, update, upsert, delete or hardDelete.")
        key = sent.get("externalIdFieldName")
        if facts["operation"] == "upsert":
            found = sobject.field(key) if isinstance(key, str) else None
            if found is None or not (found.external_id or found.name == "Id"):
                raise _invalid_job(f"InvalidJob : Field name provided is not an external id: {str(key)[:80]}")
            facts["externalIdFieldName"] = found.name
        base = f"services/data/v{version}/jobs/ingest"
        facts |= {"object": sobject.name, "state": "Open", "jobType": "V2Ingest"}
        facts["contentUrl"] = f"{base}/{facts['id']}/batches"

    def _list(self, kind: str, caller: Caller) -> Answer:
        own = [each.facts for each in self._jobs.values() if each.user_id == caller.user_id]
        records = [each for each in own if each["jobType"].lower() == f"v2{kind}"]
        return Answer(body=compact({"done": True, "records": records, "nextRecordsUrl": None}))

    def _job(self, request: Request, job: _Job, run: Run) -> Answer:
        if request.method == "DELETE":
            if job.state not in ("UploadComplete", "JobComplete", "Aborted", "Failed"):
                raise _wrong_state(f"Deleting a job that is {job.state} is not allowed")
            del self._jobs[job.facts["id"]]
            return Answer(status=204)
        if request.method == "PATCH":
            self._change(job, request.fields().get("state"))
        elif job.state in ("UploadComplete", "InProgress"):
            self._work(job, run)
        return Answer(body=compact(job.facts))

    def _change(self, job: _Job, wanted: object) -> None:
        if wanted == "Aborted" and job.state in ("Open", "UploadComplete", "InProgress"):
            job.facts["state"] = "Aborted"
        elif wanted == "UploadComplete" and job.state == "Open":
            job.facts["state"] = "UploadComplete"
        else:
            raise _wrong_state(f"A job that is {job.state} cannot be changed to {str(wanted)[:40]}")

    def _work(self, job: _Job, run: Run) -> None:
        """The next 1,000 records, so that a long job does not hold up other calls."""
        facts = job.facts
        if facts["jobType"] == "V2Ingest":
            unknown = self._unknown_columns(job)
            if unknown:
                facts |= {"state": "Failed", "errorMessage": f"InvalidBatch : Field name not found : {unknown[0]}"}
                return
            for row in job.rows[job.done : job.done + _ROWS_AT_ONCE]:
                self._save(job, row, run)
            facts["numberRecordsFailed"] = len(job.failed)
            facts |= {"apiActiveProcessingTime": 0, "apexProcessingTime": 0}
        at_once = _ROWS_AT_ONCE if facts["jobType"] == "V2Ingest" else len(job.rows)
        job.done = min(len(job.rows), job.done + at_once)
        state = "JobComplete" if job.done == len(job.rows) else "InProgress"
        facts |= {"state": state, "numberRecordsProcessed": job.done, "retries": 0}
        facts["totalProcessingTime"] = 0

    def _unknown_columns(self, job: _Job) -> list[str]:
        sobject = self._schema.objects[job.facts["object"].lower()]
        needed = {"update": "Id", "delete": "Id", "hardDelete": "Id"}.get(job.facts["operation"])
        if needed and needed.lower() not in [each.lower() for each in job.columns]:
            return [needed]
        return [name for name in job.columns if sobject.field(name) is None]

    def _save(self, job: _Job, row: list[str], run: Run) -> None:
        """An empty cell leaves its field alone, #N/A empties it (documented)."""
        sobject = self._schema.objects[job.facts["object"].lower()]
        operation, parts = job.facts["operation"], ["sobjects", sobject.name]
        key = "" if operation == "insert" else str(job.facts.get("externalIdFieldName", "Id"))
        fields: dict[str, Any] = {}
        given = ""
        for name, text in zip(job.columns, row, strict=True):
            found = sobject.field(name)
            if name.lower() == key.lower():
                given = text
            elif text and found is not None:
                fields[found.name] = _value(found.soap_type, text)
        method = "POST" if operation == "upsert" and key == "Id" and not given else _VERBS[operation]
        if method != "POST":
            parts += [given] if key == "Id" else [key, given]
        if method != "POST" and not given:
            result = lacking(f"{key} not specified")
        else:
            result = saved(method, parts, None if method == "DELETE" else fields, run)
        if result["success"]:
            created = "true" if method == "POST" or result.get("created") else "false"
            job.successful.append([result["id"], created, *row])
            return
        error = result["errors"][0]
        text = f"{error['statusCode']}:{error['message']}:{' '.join(error['fields'])} --"
        job.failed.append([given if key == "Id" else "", text, *row])


def _page(request: Request, job: _Job) -> Answer:
    """Sforce-Locator is the text null on the last page (documented); that it is opaque here means a number."""
    if job.state != "JobComplete":
        raise _wrong_state(f"The results of a job that is {job.state} are not available")
    locator, most = request.query.get("locator", "") or "0", request.query.get("maxRecords", "") or str(_LARGEST_PAGE)
    if not (locator.isascii() and locator.isdigit() and most.isascii() and most.isdigit()) or len(most + locator) > 18:
        raise RestError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    start = int(locator)
    if start and start >= len(job.rows):
        raise RestError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    rows = job.rows[start : start + max(1, int(most))]
    end = start + len(rows)
    headers = {"Sforce-NumberOfRecords": str(len(rows))}
    headers["Sforce-Locator"] = str(end) if end < len(job.rows) else "null"
    return job.csv(job.columns, rows, **headers)


def _upload(request: Request, job: _Job) -> Answer:
    if job.state != "Open" or job.columns:
        raise _wrong_state("The data of a job can be uploaded once, while it is Open")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "text/csv":
        raise RestError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content type {kind[:80]} is not supported; send text/csv")
    columns, rows = read_rows(request.body, job.delimiter)
    if len(rows) > _MOST_ROWS:
        raise RestError(400, "EXCEEDED_MAX_SIZE_REQUEST", f"The practice org takes {_MOST_ROWS:,} records a job")
    job.columns, job.rows = columns, rows
    return Answer(status=201)


def _results(job: _Job, name: str) -> Answer:
    if name == "successfulresults":
        return job.csv(["sf__Id", "sf__Created", *job.columns], job.successful)
    if name == "failedresults":
        return job.csv(["sf__Id", "sf__Error", *job.columns], job.failed)
    if name == "unprocessedrecords":
        return job.csv(job.columns, job.rows[job.done :])
    raise not_found()


def _value(soap_type: str, text: str) -> str | float | bool | None:
    """The cell as JSON would give it; what does not fit is left for the record's own check."""
    if text == "#N/A":
        return None
    if soap_type == "boolean" and text.lower() in ("true", "false", "1", "0"):
        return text.lower() in ("true", "1")
    if soap_type in ("int", "double"):
        try:
            return int(text) if soap_type == "int" else float(text)
        except ValueError:
            return text
    return text


def _invalid_job(message: str) -> RestError:
    return RestError(400, "INVALIDJOB", message)


def _wrong_state(message: str) -> RestError:
    return RestError(400, "INVALIDJOBSTATE", message)
