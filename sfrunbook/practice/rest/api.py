"""The REST data API of a practice org as a pure function: a request in, status, headers and body out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from sfrunbook.practice.records.caller_rows import CallerStore
from sfrunbook.practice.records.objects import SCHEMA, TOOLING_SCHEMA
from sfrunbook.practice.records.org_facts import Caller, OrgFacts
from sfrunbook.practice.records.records import build_store, refresh_people
from sfrunbook.practice.records.setup_rows import SetupRows
from sfrunbook.practice.records.visibility import visible_schema
from sfrunbook.practice.rest.apps import AppsResource
from sfrunbook.practice.rest.bulk import Bulk
from sfrunbook.practice.rest.composite import Composite
from sfrunbook.practice.rest.describe import describe_global
from sfrunbook.practice.rest.finding import recent, search, tabs
from sfrunbook.practice.rest.limits import (
    FIRST_VERSION,
    LAST_VERSION,
    RETIRED,
    daily_calls,
    limits,
    names_below,
    record_counts,
    version_list,
    version_root,
)
from sfrunbook.practice.rest.query import QueryService
from sfrunbook.practice.rest.records import RecordService
from sfrunbook.practice.rest.reply import Answer, RestError, compact, not_found, pretty
from sfrunbook.practice.rest.request import Request

__all__ = ["RestApi"]

_PREFIX = "/services/data"
_VERSION = re.compile(r"v(\d{1,3})\.0")
_HEADERS = {
    "Content-Type": "application/json;charset=UTF-8",
    "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
    "X-Content-Type-Options": "nosniff",
}


class RestApi:
    """Everything below /services/data of one org; the bearer token has been checked before.

    The same seed, org and day give the same rows. Source: https://developer.salesforce.com/docs/platform/api-rest/guide/.
    The usage header counts past the day's limit, so that load tests end.
    `setup_rows` gives the rows of approvals, logins and policies, `apps` answers below `apps/oauth`.
    """

    def __init__(
        self,
        seed: int,
        org: OrgFacts,
        clock: Callable[[], datetime],
        *,
        setup_rows: SetupRows,
        apps: AppsResource,
    ) -> None:
        self.org = org
        self.store = build_store(seed, org, clock())
        self.calls = 0
        self.daily_calls = daily_calls(org)
        self._versions = version_list()
        self._apps = apps
        self._setup_rows = setup_rows
        self._clock = clock
        self._queries = QueryService(self.store, SCHEMA, clock, setup_rows)
        self._tooling = QueryService(self.store, TOOLING_SCHEMA, clock, setup_rows, path="tooling/query")
        self._records = RecordService(self.store, SCHEMA, clock, setup_rows)
        self._composite = Composite(self.store, SCHEMA)
        self._bulk = Bulk(SCHEMA, self._queries, clock)

    def know(self, org: OrgFacts) -> None:
        """Take note of changed users and org facts; every record that was written stays."""
        self.org = org
        self.daily_calls = daily_calls(org)
        refresh_people(self.store, org, self._clock())

    def answer(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        headers: Mapping[str, str],
        body: bytes,
        caller: Caller | None,
    ) -> tuple[int, dict[str, str], bytes]:
        """The reply to one request; `headers` have lower-case names, `caller` is None only without a token.

        Never raises for what a caller can send: whatever is odd is one of the documented errors.
        """
        request = Request(method=method.upper(), path=path, query=query, headers=headers, body=body)
        counted = caller is not None and path.rstrip("/") != _PREFIX
        try:
            answer = self._routed(request, caller, counted)
            status, text, extra = answer.status, answer.body, answer.headers
        except RestError as error:
            status, text, extra = error.status, error.body(), error.headers
        return self._finish(request, status, text, extra, counted)

    def _finish(
        self, request: Request, status: int, text: str, extra: Mapping[str, str], counted: bool
    ) -> tuple[int, dict[str, str], bytes]:
        headers = {**_HEADERS, **extra}
        if counted:
            headers["Sforce-Limit-Info"] = f"api-usage={self.calls}/{self.daily_calls}"
        json_text = text and headers["Content-Type"] == _HEADERS["Content-Type"]
        if json_text and request.headers.get("x-prettyprint", "").strip().lower() in ("1", "true"):
            text = pretty(text)
        if status == 204:
            del headers["Content-Type"]
        payload = b"" if request.method == "HEAD" else text.encode("utf-8", "replace")
        return status, headers, payload

    def _routed(self, request: Request, caller: Caller | None, counted: bool) -> Answer:
        try:
            return self._route(request, caller, counted)
        except RecursionError:
            raise RestError(400, "JSON_PARSER_ERROR", "The body is nested too deeply at [line:1, column:1]") from None

    def _route(self, request: Request, caller: Caller | None, counted: bool) -> Answer:
        if not request.path.startswith(_PREFIX):
            raise not_found()
        parts = request.path[len(_PREFIX) :].strip("/").split("/")
        if parts == [""]:
            request.only("GET")
            return Answer(body=self._versions)
        if caller is None:
            error = RestError(401, "INVALID_SESSION_ID", "Session expired or invalid")
            error.headers["WWW-Authenticate"] = "Token"
            raise error
        if counted:
            self.calls += 1
        return self._versioned(request, _version(parts[0]), parts[1:], caller)

    def _versioned(self, request: Request, version: str, parts: list[str], caller: Caller) -> Answer:
        options = request.headers.get("sforce-query-options", "")
        match parts:
            case []:
                request.only("GET")
                return Answer(body=version_root(version, self.org, caller.user_id))
            case ["query" | "queryAll" as name]:
                request.only("GET")
                return self._queries.query(version, request.query, options, caller, all_rows=name == "queryAll")
            case ["query" | "queryAll", locator]:
                request.only("GET")
                return self._queries.more(version, locator, options, caller)
            case ["jobs" | "tooling" as name]:
                request.only("GET")
                return Answer(body=names_below(version, name))
            case ["tooling", "query"]:
                request.only("GET")
                return self._tooling.query(version, request.query, options, caller)
            case ["tooling", "query", locator]:
                request.only("GET")
                return self._tooling.more(version, locator, options, caller)
            case ["tooling", "sobjects", "Profile", profile_id]:
                request.only("GET")
                return self._profile(version, profile_id, caller)
            case ["apps", "oauth", *rest]:
                return self._apps.answer(request, version, rest, caller)
            case ["search" | "recent" | "tabs" as name]:
                request.only("GET")
                return self._find(name, request.query, version, caller)
            case ["composite", *rest]:
                run = partial(self._part, version, caller)
                return self._composite.answer(request, version, rest, run)
            case ["jobs", *rest]:
                run = partial(self._part, version, caller)
                return self._bulk.answer(request, version, rest, caller, run)
            case ["limits"]:
                request.only("GET")
                return Answer(body=limits(self.org, self.calls))
            case ["limits", "recordCount"]:
                request.only("GET")
                return self._record_counts(request, caller)
            case ["sobjects"]:
                request.only("GET")
                return Answer(body=describe_global(visible_schema(SCHEMA, caller.visibility), version))
            case ["sobjects", name, *rest]:
                return self._records.answer(request, version, name, rest, caller)
        raise not_found()

    def _find(self, name: str, query: Mapping[str, str], version: str, caller: Caller) -> Answer:
        schema = visible_schema(SCHEMA, caller.visibility)
        rows = CallerStore(self.store, self._setup_rows, caller, {})
        if name == "search":
            return search(query.get("q", ""), version, schema, rows, self._queries, caller)
        return tabs(schema, self.org.instance_url) if name == "tabs" else recent(query, version, schema, rows)

    def _part(self, version: str, caller: Caller, request: Request, parts: list[str]) -> Answer:
        return self._versioned(request, version, parts, caller)

    def _record_counts(self, request: Request, caller: Caller) -> Answer:
        """Records of each object, whoever may see them; how it refuses somebody without the permission is a guess.

        That sharing does not count is likely: the page sends those who want what a user sees to COUNT(). Source:
        https://developer.salesforce.com/docs/platform/api-rest/guide/resources-record-count.html
        """
        if not self._setup_rows.may("ViewSetup", caller):
            raise RestError(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id")
        wanted = [name.strip() for name in request.query.get("sObjects", "").split(",") if name.strip()]
        return Answer(body=record_counts(self.store, visible_schema(SCHEMA, caller.visibility), wanted))

    def _profile(self, version: str, profile_id: str, caller: Caller) -> Answer:
        """One profile with what limits its users' logins; unknown to those who may not look into Setup."""
        found = self.store.find(profile_id, "Profile")
        limits_of_logins = self._setup_rows.profile_metadata(str(found.values["Name"]), caller) if found else {}
        if found is None or not limits_of_logins:
            raise not_found()
        url = f"/services/data/v{version}/tooling/sobjects/Profile/{found.id}"
        head = {"attributes": {"type": "Profile", "url": url}, "Id": found.id, "Name": found.values["Name"]}
        return Answer(body=compact({**head, "FullName": found.values["Name"], "Metadata": limits_of_logins}))


def _version(text: str) -> str:
    """The version without its v, "68.0" for `latest`. The code and words for a retired version are guesses."""
    if text == "latest":
        return f"{LAST_VERSION}.0"
    match = _VERSION.fullmatch(text)
    number = int(match.group(1)) if match else 0
    if number in RETIRED:
        raise RestError(410, "GONE", f"API version {number}.0 has been retired; the endpoint is deactivated.")
    if not FIRST_VERSION <= number <= LAST_VERSION:
        raise not_found()
    return f"{number}.0"
