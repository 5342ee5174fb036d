"""Creating, changing, deleting and upserting rows, and what is refused before anything is saved."""

from __future__ import annotations

from typing import Any

import pytest
from support.rest_world import ADMIN, SELLER, World

from sfrunbook.practice.org.ids import make_id


@pytest.fixture
def world() -> World:
    return World()


def _create(world: World, name: str, **fields: Any) -> str:
    status, reply, headers = world.call("POST", f"/sobjects/{name}", body=fields)
    assert status == 201, reply
    assert (reply["success"], reply["errors"]) == (True, [])
    assert headers["Location"] == f"/services/data/v68.0/sobjects/{name}/{reply['id']}"
    return str(reply["id"])


def test_a_new_row_is_found_by_query_with_its_owner_and_times(world: World) -> None:
    record_id = _create(world, "Account", Name="Zoë & Co", AnnualRevenue=12, Industry="Retail")
    query = f"SELECT Name, OwnerId, CreatedDate, AnnualRevenue FROM Account WHERE Id = '{record_id}'"
    row = world.rows(query)[0]
    assert (row["Name"], row["OwnerId"], row["AnnualRevenue"]) == ("Zoë & Co", ADMIN, 12.0)
    assert row["CreatedDate"] == "2026-11-23T12:30:00.000+0000"


def test_a_change_is_seen_and_what_depends_on_it_follows(world: World) -> None:
    record_id = _create(world, "Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-12-01", Amount=1000)
    query = f"SELECT IsWon, Probability, ExpectedRevenue FROM Opportunity WHERE Id = '{record_id}'"
    assert list(world.rows(query)[0].values())[1:] == [False, 10.0, 100.0]
    world.clock.advance(hours=1)
    status, reply, headers = world.call("PATCH", f"/sobjects/Opportunity/{record_id}", body={"stagename": "Closed Won"})
    assert (status, reply) == (204, None)
    assert "Content-Type" not in headers
    assert list(world.rows(query)[0].values())[1:] == [True, 100.0, 1000.0]
    modified = world.column(f"SELECT LastModifiedDate FROM Opportunity WHERE Id = '{record_id}'")
    assert modified == ["2026-11-23T13:30:00.000+0000"]


def test_a_deleted_row_is_left_to_query_all_and_takes_its_opportunities_along(world: World) -> None:
    account = _create(world, "Account", Name="Short Lived")
    deal = _create(
        world, "Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-12-01", AccountId=account
    )
    person = _create(world, "Contact", LastName="Stays", AccountId=account)
    assert world.call("DELETE", f"/sobjects/Account/{account}")[0] == 204
    assert world.rows(f"SELECT Id FROM Account WHERE Id = '{account}'") == []
    assert world.rows(f"SELECT Id FROM Opportunity WHERE Id = '{deal}'") == []
    assert world.column(f"SELECT AccountId FROM Contact WHERE Id = '{person}'") == [None]
    query = {"q": f"SELECT IsDeleted FROM Account WHERE Id = '{account}'"}
    assert world.call("GET", "/queryAll", query)[1]["records"][0]["IsDeleted"] is True
    assert world.call("GET", f"/sobjects/Account/{account}")[0] == 404
    status, reply, _ = world.call("DELETE", f"/sobjects/Account/{account}")
    assert (status, reply[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_an_upsert_creates_once_and_changes_then(world: World) -> None:
    path = "/sobjects/Account/External_Id__c/NEW-1"
    status, created, _ = world.call("PATCH", path, body={"Name": "Upserted"})
    assert (status, created["created"]) == (201, True)
    status, changed, _ = world.call("PATCH", path, body={"Name": "Upserted again"})
    assert (status, changed) == (200, {"id": created["id"], "success": True, "errors": [], "created": False})
    assert world.call("GET", path)[1]["Name"] == "Upserted again"
    status, reply, _ = world.call("PATCH", "/sobjects/Account/Name/x", body={"Name": "x"})
    message = "Provided external ID field does not exist or is not accessible: Name"
    assert (status, reply) == (404, [{"message": message, "errorCode": "NOT_FOUND"}])


def test_a_post_may_stand_for_a_patch(world: World) -> None:
    record_id = _create(world, "Account", Name="Before")
    status, _, _ = world.call(
        "POST", f"/sobjects/Account/{record_id}", {"_HttpMethod": "PATCH"}, body={"Name": "After"}
    )
    assert status == 204
    assert world.column(f"SELECT Name FROM Account WHERE Id = '{record_id}'") == ["After"]


@pytest.mark.parametrize(
    ("body", "status", "code", "fields"),
    [
        ({}, 400, "REQUIRED_FIELD_MISSING", ["Name"]),
        ({"Name": "x", "Nope": 1}, 400, "INVALID_FIELD", None),
        ({"Name": "x" * 256}, 400, "STRING_TOO_LONG", ["Name"]),
        ({"Name": "x", "CreatedDate": "2020-01-01T00:00:00Z"}, 400, "INVALID_FIELD_FOR_INSERT_UPDATE", ["CreatedDate"]),
        ({"Name": "x", "ParentId": "nonsense"}, 400, "MALFORMED_ID", ["ParentId"]),
        ({"Name": "x", "ParentId": make_id("001", 3)}, 400, "INVALID_CROSS_REFERENCE_KEY", []),
        ({"Name": "x", "ParentId": SELLER}, 400, "INVALID_CROSS_REFERENCE_KEY", []),
        ({"Name": "x", "AnnualRevenue": "many"}, 400, "JSON_PARSER_ERROR", None),
        (b"{not json", 400, "JSON_PARSER_ERROR", None),
        (b"[]", 400, "JSON_PARSER_ERROR", None),
        (b"\xff\xfe", 400, "JSON_PARSER_ERROR", None),
        (b'{"Name":"x","AnnualRevenue":NaN}', 400, "JSON_PARSER_ERROR", None),
    ],
)
def test_a_row_that_does_not_fit_is_refused_and_not_saved(
    world: World, body: Any, status: int, code: str, fields: list[str] | None
) -> None:
    before = world.soql("SELECT COUNT() FROM Account")
    found, reply, _ = world.call("POST", "/sobjects/Account", body=body)
    assert (found, reply[0]["errorCode"], reply[0].get("fields")) == (status, code, fields)
    assert world.soql("SELECT COUNT() FROM Account") == before


@pytest.mark.parametrize("name", ["Organization", "User", "Profile"])
def test_setup_objects_are_read_only(world: World, name: str) -> None:
    status, reply, _ = world.call("POST", f"/sobjects/{name}", body={"Name": "x"})
    assert (status, reply[0]["errorCode"]) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")


def test_an_external_id_of_several_rows_is_told_with_their_addresses(world: World) -> None:
    made = [
        world.call("POST", "/sobjects/Account", body={"Name": name, "External_Id__c": "twice"})[1]["id"]
        for name in ("One", "Other")
    ]
    expected = [f"/services/data/v68.0/sobjects/Account/{record_id}" for record_id in made]
    for method in ("GET", "PATCH", "DELETE"):
        assert world.call(method, "/sobjects/Account/External_Id__c/TWICE", body={})[:2] == (300, expected)


def test_a_created_row_answers_201_and_its_address_and_a_changed_or_deleted_one_204_and_nothing(world: World) -> None:
    status, reply, headers = world.call("POST", "/sobjects/Account", body={"Name": "Documented"})
    assert (status, reply) == (201, {"id": reply["id"], "success": True, "errors": []})
    path = f"/sobjects/Account/{reply['id']}"
    assert headers["Location"] == f"/services/data/v68.0{path}"
    for method, body in (("PATCH", {"Phone": "1"}), ("DELETE", None)):
        status, reply, headers = world.call(method, path, body=body)
        assert (status, reply) == (204, None)
        assert "Content-Type" not in headers
    gone = [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}]
    assert world.call("DELETE", path)[:2] == (404, gone)


def test_a_refused_row_names_the_fields_that_are_to_blame(world: World) -> None:
    status, reply, _ = world.call("POST", "/sobjects/Opportunity", body={"Name": "x"})
    message = "Required fields are missing: [StageName, CloseDate]"
    fields = ["StageName", "CloseDate"]
    assert (status, reply) == (400, [{"message": message, "errorCode": "REQUIRED_FIELD_MISSING", "fields": fields}])
