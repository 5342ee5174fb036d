"""Many records or requests in one call: collections, trees, batches and composite requests."""

from __future__ import annotations

from typing import Any

import pytest
from support.rest_world import World

BASE = "/services/data/v68.0"
ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"


@pytest.fixture
def world() -> World:
    return World()


def account(name: str | None, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Account"}, "Name": name, **fields}


def saved(world: World, method: str, *records: dict[str, Any], path: str = "", **body: Any) -> Any:
    status, reply, _ = world.call(method, f"/composite/sobjects{path}", body={"records": list(records), **body})
    assert status == 200, reply
    return reply


def count(world: World, where: str) -> int:
    return world.soql(f"SELECT COUNT() FROM Account WHERE {where}")["totalSize"]


def codes(reply: Any) -> list[Any]:
    return [each["errors"][0]["statusCode"] if each["errors"] else "ok" for each in reply]


def test_a_collection_saves_what_is_right_and_tells_each_error(world: World) -> None:
    reply = saved(world, "POST", account("C1"), account(None), {"attributes": {"type": "Nothing"}}, {"Name": "C1"})
    assert codes(reply) == ["ok", "REQUIRED_FIELD_MISSING", "INVALID_TYPE", "INVALID_TYPE"]
    error = {"statusCode": "REQUIRED_FIELD_MISSING", "message": "Required fields are missing: [Name]"}
    assert reply[1] == {"success": False, "errors": [{**error, "fields": ["Name"]}]}
    assert count(world, "Name = 'C1'") == 1


def test_all_or_none_leaves_nothing_behind(world: World) -> None:
    reply = saved(world, "POST", account("N1"), account(None), account("N1"), allOrNone=True)
    assert codes(reply) == [ROLLED_BACK, "REQUIRED_FIELD_MISSING", ROLLED_BACK]
    assert count(world, "Name = 'N1'") == 0


def test_records_are_changed_read_and_deleted_together(world: World) -> None:
    ids = [each["id"] for each in saved(world, "POST", account("M1"), account("M2"))]
    changed = saved(world, "PATCH", account("M3", id=ids[0]), account("x"), account("x", Id=f"{ids[0][:14]}z"))
    assert codes(changed) == ["ok", "MISSING_ARGUMENT", "INVALID_CROSS_REFERENCE_KEY"]
    body = {"ids": [ids[1], "describe", ids[0]], "fields": ["Name"]}
    rows = world.call("POST", "/composite/sobjects/Account", body=body)[1]
    assert [row and row["Name"] for row in rows] == ["M2", None, "M3"]
    assert rows == world.call("GET", "/composite/sobjects/Account", {"ids": ",".join(body["ids"]), "fields": "Name"})[1]
    query = {"ids": f"{ids[0]},001000000000zzz", "allOrNone": "true"}
    assert codes(world.call("DELETE", "/composite/sobjects", query)[1]) == [ROLLED_BACK, "INVALID_CROSS_REFERENCE_KEY"]
    gone = world.call("DELETE", "/composite/sobjects", {"ids": ",".join(ids)})[1]
    assert gone == [{"id": each, "success": True, "errors": []} for each in ids]
    assert count(world, "Name IN ('M2', 'M3')") == 0


def test_an_upsert_of_many_says_of_each_whether_it_was_created(world: World) -> None:
    path = "/Account/External_Id__c"
    records = [account("U1", External_Id__c="u-1"), account("U2", External_Id__c="u-2"), account("U3")]
    first = saved(world, "PATCH", *records, path=path)
    again = saved(world, "PATCH", *records[:2], path=path)
    assert codes(first) == ["ok", "ok", "MISSING_ARGUMENT"]
    assert [each["created"] for each in first[:2]] == [True, True]
    assert again == [{**each, "created": False} for each in first[:2]]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/composite/sobjects", {"records": [account("x")] * 201}),
        ("POST", "/composite/sobjects", {}),
        ("POST", "/composite/sobjects", {"records": [1]}),
        ("POST", "/composite/sobjects/Account", {"ids": []}),
        ("POST", "/composite/batch", {"batchRequests": [{"method": "GET", "url": "v68.0/limits"}] * 26}),
        ("POST", "/composite", {"compositeRequest": [{"method": "GET", "url": f"{BASE}/limits"}]}),
        (
            "POST",
            "/composite",
            {"compositeRequest": [{"method": "GET", "url": f"{BASE}/query", "referenceId": f"q{n}"} for n in range(6)]},
        ),
        ("POST", "/composite/tree/Account", {"records": [{"Name": "no reference"}]}),
    ],
)
def test_what_is_over_a_limit_or_incomplete_is_refused_whole(world: World, method: str, path: str, body: Any) -> None:
    status, reply, _ = world.call(method, path, body=body)
    assert status == 400
    assert reply[0]["errorCode"] in (
        "EXCEEDED_ID_LIMIT",
        "INVALID_INPUT",
        "JSON_PARSER_ERROR",
        "REQUIRED_FIELD_MISSING",
    )


def tree(**contact: Any) -> dict[str, Any]:
    children = {"records": [{"attributes": {"type": "Contact", "referenceId": "c1"}, **contact}]}
    return {"records": [account("T1") | {"attributes": {"type": "Account", "referenceId": "a1"}, "Contacts": children}]}


def test_a_tree_saves_parents_with_their_children_or_nothing(world: World) -> None:
    status, reply, _ = world.call("POST", "/composite/tree/Account", body=tree(LastName="Twig"))
    assert (status, reply["hasErrors"], [each["referenceId"] for each in reply["results"]]) == (
        201,
        False,
        ["a1", "c1"],
    )
    account_id, contact_id = (each["id"] for each in reply["results"])
    assert world.column(f"SELECT AccountId FROM Contact WHERE Id = '{contact_id}'") == [account_id]
    status, reply, _ = world.call("POST", "/composite/tree/Account", body=tree())
    assert (status, reply["hasErrors"]) == (400, True)
    assert [(each["referenceId"], each["errors"][0]["statusCode"]) for each in reply["results"]] == [
        ("c1", "REQUIRED_FIELD_MISSING")
    ]
    assert count(world, "Name = 'T1'") == 1


def part(name: str, method: str, url: str, body: Any = None) -> dict[str, Any]:
    return {"referenceId": name, "method": method, "url": f"{BASE}{url}", "body": body}


def composite(world: World, *parts: dict[str, Any], all_or_none: bool = False) -> list[dict[str, Any]]:
    body = {"allOrNone": all_or_none, "compositeRequest": list(parts)}
    status, reply, _ = world.call("POST", "/composite", body=body)
    assert status == 200, reply
    return reply["compositeResponse"]


def test_a_composite_request_uses_what_came_before(world: World) -> None:
    made, person, found, read = composite(
        world,
        part("made", "POST", "/sobjects/Account", {"Name": "Ref & Co"}),
        part("person", "POST", "/sobjects/Contact", {"LastName": "Ref", "AccountId": "@{made.id}"}),
        part("found", "GET", "/query?q=SELECT+Id+FROM+Contact+WHERE+AccountId='@{made.id}'"),
        part("read", "GET", "/sobjects/Contact/@{found.records[0].Id}?fields=LastName"),
    )
    assert [each["httpStatusCode"] for each in (made, person, found, read)] == [201, 201, 200, 200]
    assert made["httpHeaders"]["Location"] == f"{BASE}/sobjects/Account/{made['body']['id']}"
    assert (read["referenceId"], read["body"]["LastName"]) == ("read", "Ref")


def test_a_reference_to_nothing_halts_its_request_alone(world: World) -> None:
    bad, dependent, good = composite(
        world,
        part("bad", "POST", "/sobjects/Account", {}),
        part("dependent", "POST", "/sobjects/Contact", {"LastName": "x", "AccountId": "@{bad.id}"}),
        part("good", "GET", "/limits"),
    )
    assert [each["body"][0]["errorCode"] for each in (bad, dependent)] == [
        "REQUIRED_FIELD_MISSING",
        "PROCESSING_HALTED",
    ]
    assert good["httpStatusCode"] == 200


def test_all_or_none_rolls_a_composite_request_back(world: World) -> None:
    made, bad, later = composite(
        world,
        part("made", "POST", "/sobjects/Account", {"Name": "Undone"}),
        part("bad", "POST", "/sobjects/Account", {}),
        part("later", "GET", "/limits"),
        all_or_none=True,
    )
    assert [each["body"][0]["errorCode"] for each in (made, bad, later)] == [
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
        "PROCESSING_HALTED",
    ]
    assert count(world, "Name = 'Undone'") == 0


@pytest.mark.parametrize(("halts", "last"), [(False, 200), (True, 412)])
def test_a_batch_goes_on_or_halts_after_an_error(world: World, halts: bool, last: int) -> None:
    wanted = [
        {"method": "POST", "url": "v68.0/sobjects/Account", "richInput": {"Name": f"Batch {halts}"}},
        {"method": "GET", "url": f"{BASE}/sobjects/Nothing"},
        {"method": "GET", "url": "v68.0/limits"},
        {"method": "POST", "url": "v68.0/composite/batch", "richInput": {}},
    ]
    body = {"haltOnError": halts, "batchRequests": wanted}
    reply = world.call("POST", "/composite/batch", body=body)[1]
    assert reply["hasErrors"] is True
    assert [each["statusCode"] for each in reply["results"]][:3] == [201, 404, last]
    assert reply["results"][3]["statusCode"] == (412 if halts else 404)
    assert count(world, f"Name = 'Batch {halts}'") == 1


def test_the_composite_resource_lists_what_is_below_it(world: World) -> None:
    listed = world.call("GET", "/composite")[1]
    assert listed == {name: f"{BASE}/composite/{name}" for name in ("batch", "tree", "sobjects")}
