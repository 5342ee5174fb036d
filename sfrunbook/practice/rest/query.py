"""The query resources: plans kept between calls, pages, and the locators that lead to the next page."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sfrunbook.practice.org.ids import make_id
from sfrunbook.practice.records.caller_rows import CallerStore
from sfrunbook.practice.records.org_facts import Caller
from sfrunbook.practice.records.record_store import Store
from sfrunbook.practice.records.schema import Schema
from sfrunbook.practice.records.setup_rows import SetupRows
from sfrunbook.practice.records.visibility import Visibility, visible_schema
from sfrunbook.practice.rest.columns import columns_of
from sfrunbook.practice.rest.reply import Answer, RestError
from sfrunbook.practice.soql import Plan, Result, Run, SoqlError, compile_query, parse
from sfrunbook.practice.soql.ast import Function, SelectItem
from sfrunbook.practice.soql.resolve import no_such_type

__all__ = ["QueryService"]

_PAGE = 2000
_SMALLEST_PAGE = 200
_PLANS = 256
_OPEN_CURSORS = 200
_LIFETIME = timedelta(days=2)
_LONGEST_KEPT = 4000
_BATCH = re.compile(r"batchSize\s*=\s*(\d{1,6})", re.IGNORECASE)
_LOCATOR = re.compile(r"([0-9A-Za-z]{15,18})-(\d{1,7})")


@dataclass(frozen=True, slots=True)
class _Cursor:
    result: Result
    run: Run
    page: int
    opened: datetime
    user_id: str


class QueryService:
    """Answers `query` and `queryAll`.

    A locator can be read again until it is older than two days (likely) or pushed out by 200 newer ones
    (guess). Pages are of at most 2,000 rows; batchSize outside 200 to 2,000 is brought to the nearer end
    (likely). Source: https://developer.salesforce.com/docs/platform/api-rest/guide/resources-query.html
    """

    def __init__(
        self,
        store: Store,
        schema: Schema,
        clock: Callable[[], datetime],
        setup_rows: SetupRows,
        *,
        path: str = "query",
    ) -> None:
        self._setup_rows = setup_rows
        self._virtual = {each.name: each.key_prefix or "" for each in schema.objects.values() if each.virtual}
        self._path = path
        self._store = store
        self._schema = schema
        self._clock = clock
        self._plans: OrderedDict[tuple[str, str, Visibility], Plan] = OrderedDict()
        self._cursors: OrderedDict[str, _Cursor] = OrderedDict()
        self._opened = 0

    def query(
        self, version: str, query: Mapping[str, str], options: str, caller: Caller, *, all_rows: bool = False
    ) -> Answer:
        """One page; with `columns=true` what the columns are, without rows."""
        text = query.get("q")
        if text is None:
            raise RestError(400, "MALFORMED_QUERY", "A query string has to be specified")
        try:
            schema = visible_schema(self._schema, caller.visibility)
            plan = self._plan(text, version, schema, caller.visibility)
            if query.get("columns", "").lower() == "true":
                return Answer(body=columns_of(plan.query, plan.sobject, schema))
            store = self._rows_for(caller, plan)
            run = Run(store, self._clock(), caller.user_id, all_rows)
            result = plan.run(run)
        except SoqlError as error:
            raise RestError(400, error.code, error.text(text)) from None
        page = min(_page_size(options) or _PAGE, plan.sobject.page_rows)
        if len(result.rows) <= page:
            rows = ",".join([result.render(row, run) for row in result.rows])
            return Answer(body=f'{{"totalSize":{result.total},"done":true,"records":[{rows}]}}')
        return self._page(version, self._open(result, run, page, caller), 0, page)

    def more(self, version: str, locator: str, options: str, caller: Caller) -> Answer:
        """The page a `nextRecordsUrl` leads to."""
        match = _LOCATOR.fullmatch(locator)
        name, offset = (match.group(1), int(match.group(2))) if match else ("", 0)
        cursor = self._cursors.get(name)
        if cursor is None or cursor.user_id != caller.user_id or not 0 < offset < len(cursor.result.rows):
            raise _unknown_locator()
        if self._clock() - cursor.opened > _LIFETIME:
            del self._cursors[name]
            raise _unknown_locator()
        return self._page(version, name, offset, _page_size(options) or cursor.page)

    def _rows_for(self, caller: Caller, plan: Plan) -> Store:
        """The rows as this caller sees them; an object the caller may not see is as unknown as any."""
        sobject = plan.sobject
        if sobject.virtual:
            if not self._setup_rows.may_see(sobject.name, caller):
                raise no_such_type(plan.query.source.name, plan.query.source.offset)
            if not sobject.aggregates:
                _refuse_aggregates(plan)
        return CallerStore(self._store, self._setup_rows, caller, self._virtual)

    def _plan(self, text: str, version: str, schema: Schema, visibility: Visibility) -> Plan:
        key = (text, version, visibility)
        plan = self._plans.get(key)
        if plan is not None:
            self._plans.move_to_end(key)
            return plan
        plan = compile_query(parse(text), schema, version)
        if len(text) <= _LONGEST_KEPT:
            self._plans[key] = plan
            if len(self._plans) > _PLANS:
                self._plans.popitem(last=False)
        return plan

    def _open(self, result: Result, run: Run, page: int, caller: Caller) -> str:
        self._opened += 1
        name = make_id("0r8", self._opened)
        self._cursors[name] = _Cursor(result, run, page, self._clock(), caller.user_id)
        if len(self._cursors) > _OPEN_CURSORS:
            self._cursors.popitem(last=False)
        return name

    def _page(self, version: str, name: str, offset: int, page: int) -> Answer:
        cursor = self._cursors[name]
        result, run, end = cursor.result, cursor.run, offset + page
        rows = ",".join([result.render(row, run) for row in result.rows[offset:end]])
        done = end >= len(result.rows)
        following = "" if done else f'"nextRecordsUrl":"/services/data/v{version}/{self._path}/{name}-{end}",'
        head = f'{{"totalSize":{result.total},"done":{"true" if done else "false"},'
        return Answer(body=f'{head}{following}"records":[{rows}]}}')


def _refuse_aggregates(plan: Plan) -> None:
    """COUNT() works on every object, COUNT(Id) not on this one (confirmed of SetupAuditTrail; words likely)."""
    for item in plan.query.select:
        expression = item.expression if isinstance(item, SelectItem) else None
        if isinstance(expression, Function) and expression.arguments:
            field = expression.text.partition("(")[2].rstrip(")").strip()
            text = f"field {field} does not support aggregate operator {expression.name}"
            raise SoqlError("MALFORMED_QUERY", text, expression.offset)


def _page_size(options: str) -> int | None:
    match = _BATCH.search(options)
    return min(max(int(match.group(1)), _SMALLEST_PAGE), _PAGE) if match else None


def _unknown_locator() -> RestError:
    return RestError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
