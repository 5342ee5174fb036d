"""Whatever is sent, the parser refuses by its own error and the API answers a documented status."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.rest_world import ADMIN, World, caller
from support.tails import long_or

from sfrunbook.practice.soql import SoqlError, parse


def _split(text: str) -> list[str]:
    return text.split()


_WORDS = [
    *_split(
        "SELECT FROM WHERE AND OR NOT LIKE IN INCLUDES GROUP BY ROLLUP HAVING ORDER ASC DESC NULLS FIRST LAST LIMIT"
    ),
    *_split("OFFSET FOR VIEW ALL ROWS TYPEOF WHEN THEN ELSE END USING SCOPE MINE WITH FIELDS COUNT SUM CALENDAR_YEAR"),
    *_split(
        "Account Contact Contacts Task Id Name Owner.Name What CreatedDate Amount Regions__c TODAY LAST_N_DAYS null"
    ),
    *_split("true ( ) ( ) , , : = != < > * . ' 'a' '%a%' 5 -1.5e3 2026-01-01 2026-02-30 2026-01-01T00:00:00Z EUR5 $ é"),
    '"',
    "\\",
    "\n",
]
_STATUSES = {200, 201, 204, 300, 400, 401, 403, 404, 405, 410}
_SEEDS = (
    (
        "SELECT Id, Owner.Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name LIKE '%a%' AND (Rating = 'Hot' "
        "OR AnnualRevenue > 5) ORDER BY Name DESC NULLS LAST LIMIT 5 OFFSET 1"
    ),
    "SELECT TYPEOF What WHEN Account THEN Name ELSE Name END FROM Task WHERE ActivityDate = LAST_N_DAYS:30",
    (
        "SELECT CALENDAR_YEAR(CloseDate) y, SUM(Amount) FROM Opportunity GROUP BY ROLLUP(CALENDAR_YEAR(CloseDate)) "
        "HAVING COUNT(Id) > 1"
    ),
    "SELECT FIELDS(ALL) FROM Contact WHERE Id IN (SELECT ContactId FROM Case WHERE CreatedDate < TODAY) LIMIT 3",
)
_WORLD = World()

_soup = st.lists(st.sampled_from(_WORDS), max_size=40).map(" ".join)


@st.composite
def _mutated(draw: st.DrawFn) -> str:
    """A right query with some of its words taken out, doubled or changed."""
    words = draw(st.sampled_from(_SEEDS)).split(" ")
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(words) - 1))
        words[place : place + draw(st.integers(0, 2))] = draw(st.lists(st.sampled_from(_WORDS), max_size=2))
        words = words or ["SELECT"]
    return " ".join(words)


_queries = st.one_of(_soup, _mutated(), st.text(max_size=60))


@given(_queries)
@settings(max_examples=long_or(300, 100), deadline=None)
def test_the_parser_raises_nothing_but_its_own_error(text: str) -> None:
    try:
        parse(text)
    except SoqlError as error:
        assert error.message in error.text(text)


@given(_queries, st.sampled_from(["", "batchSize=200", "batchSize=x"]), st.booleans())
@settings(max_examples=long_or(300, 100), deadline=None)
def test_every_query_is_answered_or_refused(text: str, options: str, columns: bool) -> None:
    query = {"q": text} | ({"columns": "true"} if columns else {})
    status, _, body = _WORLD.api.answer(
        "GET", "/services/data/v68.0/query", query, {"sforce-query-options": options}, b"", caller()
    )
    reply = json.loads(body)
    assert status in (200, 400)
    assert status == 200 or {"message", "errorCode"} <= set(reply[0])


@given(
    st.one_of(st.text(max_size=30), _queries), st.sampled_from(["", "FIND {Acme} ", "FIND {Acme} RETURNING Account("])
)
@settings(max_examples=long_or(300, 100), deadline=None)
def test_every_search_is_answered_or_refused(text: str, start: str) -> None:
    status, _, _ = _WORLD.api.answer("GET", "/services/data/v68.0/search", {"q": start + text}, {}, b"", caller())
    assert status in (200, 400)


_parts = st.sampled_from(
    ["v68.0", "v25.0", "latest", "query", "sobjects", "Account", "User", "describe", "limits", ADMIN, "0r8-5", "..", ""]
)


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "get", ""]),
    st.lists(st.one_of(_parts, st.text(max_size=8)), max_size=6),
    st.dictionaries(st.sampled_from(["q", "fields", "columns", "_HttpMethod"]), st.text(max_size=20)),
    st.one_of(
        st.binary(max_size=40),
        st.dictionaries(st.sampled_from(["Name", "Phone", "X"]), st.text()).map(
            lambda fields: json.dumps(fields).encode()
        ),
    ),
    st.booleans(),
)
@settings(max_examples=long_or(300, 100), deadline=None)
def test_every_request_gets_a_documented_status(
    method: str, parts: list[str], query: dict[str, str], body: bytes, known: bool
) -> None:
    path = "/services/data/" + "/".join(["v68.0", *parts])
    status, headers, reply = _WORLD.api.answer(
        method, path, query, {"x-prettyprint": "1"}, body, caller() if known else None
    )
    assert status in _STATUSES
    assert all(isinstance(value, str) for value in headers.values())
    assert not reply or json.loads(reply) is not None


_names = st.sampled_from(
    _split(
        "records compositeRequest batchRequests allOrNone haltOnError attributes type referenceId url "
        "method body ids fields Id id Name Contacts operation object query state richInput "
        "columnDelimiter externalIdFieldName"
    )
)
_values = st.sampled_from(
    _split(
        "Account Contact POST PATCH GET DELETE insert upsert query Aborted UploadComplete a @{a.id} "
        "@{a[0].b} TAB Id /services/data/v68.0/sobjects/Account /services/data/v68.0/limits "
        "v68.0/composite/sobjects 001000000000001"
    )
)
_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False), st.text(max_size=5), _values, _values),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_names, inner, max_size=5)),
    max_leaves=20,
)
_part = st.fixed_dictionaries({"method": _values, "url": _values, "referenceId": _values, "body": _json})
_bodies = st.one_of(
    st.dictionaries(_names, _json, max_size=5),
    st.fixed_dictionaries({"compositeRequest": st.lists(_part, max_size=4), "allOrNone": st.booleans()}),
    st.fixed_dictionaries({"batchRequests": st.lists(_part, max_size=4)}),
    st.fixed_dictionaries({"records": st.lists(st.dictionaries(_names, _json, max_size=4), max_size=4)}),
)


@given(
    st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT"]),
    st.sampled_from(
        _split(
            "composite composite/batch composite/tree/Account composite/sobjects composite/sobjects/Account "
            "composite/sobjects/Account/External_Id__c composite/sobjects/Account/Id jobs/query jobs/ingest "
            "jobs/ingest/750000000000001AAA jobs/ingest/750000000000001AAA/batches "
            "jobs/query/750000000000002AAA/results"
        )
    ),
    st.dictionaries(st.sampled_from(["ids", "fields", "allOrNone", "locator", "maxRecords"]), st.text(max_size=20)),
    _bodies,
)
@settings(max_examples=long_or(600, 200), deadline=None)
def test_many_records_in_one_call_are_answered_or_refused(method: str, path: str, query: Any, body: Any) -> None:
    headers = {"content-type": "text/csv"}
    data = json.dumps(body).encode()
    status, _, _ = _WORLD.api.answer(method, f"/services/data/v68.0/{path}", query, headers, data, caller())
    assert status in {*_STATUSES, 415}


def test_deep_nesting_is_refused_and_not_a_crash() -> None:
    for opening in ("(", "NOT (", "Id IN (SELECT Id FROM Account WHERE "):
        text = "SELECT Id FROM Account WHERE " + opening * 2000
        status, _, body = _WORLD.api.answer("GET", "/services/data/v68.0/query", {"q": text}, {}, b"", caller())
        assert (status, json.loads(body)[0]["errorCode"]) == (400, "MALFORMED_QUERY")


def test_a_hostile_like_pattern_takes_no_longer_than_its_length_allows() -> None:
    pattern = "%a" * 5000 + "%b"
    assert _WORLD.rows(f"SELECT Id FROM Account WHERE Name LIKE '{pattern}'") == []
