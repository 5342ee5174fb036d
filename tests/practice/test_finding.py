"""What finds records without SOQL, and a version root that lists only what is there."""

from __future__ import annotations

from typing import Any

import pytest
from support.rest_world import World

BASE = "/services/data/v68.0"


@pytest.fixture
def world() -> World:
    return World()


def create(world: World, name: str, **fields: Any) -> str:
    status, reply, _ = world.call("POST", f"/sobjects/{name}", body=fields)
    assert status == 201, reply
    return str(reply["id"])


def found(world: World, text: str) -> Any:
    status, reply, _ = world.call("GET", "/search", {"q": text})
    return [each["Id"] for each in reply["searchRecords"]] if status == 200 else (status, reply[0]["errorCode"])


def test_everything_that_the_version_root_lists_is_there(world: World) -> None:
    listed = world.call("GET", "")[1]
    del listed["identity"]
    assert {"composite", "jobs", "query", "search", "sobjects"} <= set(listed)
    for path in listed.values():
        assert world.call("GET", path.removeprefix(BASE))[0] in (200, 400), path
    for name in ("jobs", "tooling"):
        below = world.call("GET", f"/{name}")[1]
        assert all(world.call("GET", path.removeprefix(BASE))[0] in (200, 400) for path in below.values())


def test_a_search_finds_words_in_the_objects_that_it_names(world: World) -> None:
    account = create(world, "Account", Name="Quixotic Mills", Phone="555-0199")
    contact = create(world, "Contact", LastName="Quixote", Email="don@quixotic.example")
    assert sorted(found(world, "FIND {quixot*}")) == sorted([account, contact])
    assert found(world, "FIND {Quixotic} IN NAME FIELDS RETURNING Account(Id, Name), Contact") == [account]
    assert found(world, "find {don@quixotic.example} in email fields returning Contact(Id)") == [contact]
    assert found(world, "FIND {quixotic mills} RETURNING Account(Id WHERE Name LIKE 'Q%' ORDER BY Name LIMIT 1)") == [
        account
    ]
    assert found(world, "FIND {555-0199} IN PHONE FIELDS RETURNING Account") == [account]
    assert found(world, "FIND {quixotic} RETURNING Account(Id WHERE Name = 'Other')") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "MALFORMED_SEARCH"),
        ("FIND Acme", "MALFORMED_SEARCH"),
        ("FIND {a}", "MALFORMED_SEARCH"),
        ("FIND {Acme OR Globex}", "MALFORMED_SEARCH"),
        ("FIND {Acme} WITH DIVISION = 'x'", "MALFORMED_SEARCH"),
        ("FIND {Acme} RETURNING Account(Id", "MALFORMED_SEARCH"),
        ("FIND {Acme} RETURNING Nothing", "INVALID_TYPE"),
        ("FIND {Acme} RETURNING Account(Nothing)", "INVALID_FIELD"),
    ],
)
def test_a_search_that_is_not_understood_is_refused(world: World, text: str, code: str) -> None:
    assert found(world, text) == (400, code)


def test_updated_and_deleted_records_are_told_for_a_span_of_time(world: World) -> None:
    kept, gone = create(world, "Account", Name="Kept"), create(world, "Account", Name="Gone")
    world.call("DELETE", f"/sobjects/Account/{gone}")
    span = {"start": "2026-11-23T12:30:00+00:00", "end": "2026-11-23T12:31:00Z"}
    updated = world.call("GET", "/sobjects/Account/updated/", span)[1]
    assert (kept in updated["ids"], gone in updated["ids"]) == (True, False)
    assert updated["latestDateCovered"] == "2026-11-23T12:30:00.000+0000"
    deleted = world.call("GET", "/sobjects/Account/deleted/", span)[1]
    assert deleted["deletedRecords"] == [{"id": gone, "deletedDate": "2026-11-23T12:30:00.000+0000"}]
    before = {"start": "2026-11-23T12:00:00 00:00", "end": "2026-11-23T12:29:00Z"}
    assert world.call("GET", "/sobjects/Account/deleted", before)[1]["deletedRecords"] == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("", "2026-11-23T12:31:00Z"),
        ("2026-11-23T12:30:00Z", "2026-11-23T12:30:30Z"),
        ("2026-09-01T00:00:00Z", "2026-11-23T12:30:00Z"),
        ("0001-01-01T00:00:00+23:59", "2026-11-23T12:30:00Z"),
    ],
)
def test_a_span_that_cannot_be_is_refused(world: World, start: str, end: str) -> None:
    status, reply, _ = world.call("GET", "/sobjects/Account/updated", {"start": start, "end": end})
    assert (status, reply[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")


def test_recent_records_and_tabs(world: World) -> None:
    account = create(world, "Account", Name="Newest")
    rows = world.call("GET", "/recent", {"limit": "2"})[1]
    assert len(rows) == 2
    attributes = {"type": "Account", "url": f"{BASE}/sobjects/Account/{account}"}
    every = world.call("GET", "/recent")[1]
    assert {"attributes": attributes, "Id": account, "Name": "Newest"} in every
    tabs = {each["sobjectName"]: each for each in world.call("GET", "/tabs")[1]}
    assert tabs["Account"]["url"] == "http://127.0.0.1:8443/001/o"
