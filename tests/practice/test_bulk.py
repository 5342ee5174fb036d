"""Bulk API 2.0: query and ingest jobs from their creation to their results."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from support.rest_world import ADMIN, SELLER, World, caller


@pytest.fixture
def world() -> World:
    return World()


def create(world: World, kind: str, **fields: Any) -> dict[str, Any]:
    status, job, _ = world.call("POST", f"/jobs/{kind}", body=fields)
    assert status == 200, job
    return job


def raw(world: World, method: str, path: str, body: bytes = b"", **query: str) -> tuple[int, dict[str, str], str]:
    names = {"content-type": "text/csv"}
    path = f"/services/data/v68.0/jobs/{path}"
    status, headers, text = world.api.answer(method, path, query, names, body, caller(ADMIN))
    return status, headers, text.decode()


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def ingest(world: World, data: str, operation: str = "insert", **fields: Any) -> str:
    """The id of a job that was created, filled, closed and polled to its end."""
    job = create(world, "ingest", object="Account", operation=operation, **fields)
    assert job["state"] == "Open"
    assert job["contentUrl"] == f"services/data/v68.0/jobs/ingest/{job['id']}/batches"
    assert raw(world, "PUT", f"ingest/{job['id']}/batches", data.encode())[0] == 201
    path = f"/jobs/ingest/{job['id']}"
    assert world.call("PATCH", path, body={"state": "UploadComplete"})[1]["state"] == "UploadComplete"
    assert world.call("GET", path)[1]["state"] in ("JobComplete", "Failed")
    return str(job["id"])


def results(world: World, job_id: str, name: str) -> list[list[str]]:
    status, headers, text = raw(world, "GET", f"ingest/{job_id}/{name}")
    assert (status, headers["Content-Type"]) == (200, "text/csv")
    return table(text)


def test_a_query_job_gives_its_rows_page_by_page(world: World) -> None:
    job = create(world, "query", operation="query", query="SELECT Id, Owner.Name, IsDeleted, CreatedDate FROM Account")
    path = f"query/{job['id']}"
    assert (job["state"], job["object"], job["apiVersion"]) == ("UploadComplete", "Account", 68.0)
    assert raw(world, "GET", f"{path}/results")[0] == 400
    done = json.loads(raw(world, "GET", path)[2])
    assert (done["state"], done["numberRecordsProcessed"]) == ("JobComplete", len(world.rows("SELECT Id FROM Account")))
    rows, locator = [], ""
    while locator != "null":
        status, headers, text = raw(world, "GET", f"{path}/results", locator=locator, maxRecords="7")
        header, *page = table(text)
        assert (status, header) == (200, ["Id", "Owner.Name", "IsDeleted", "CreatedDate"])
        assert headers["Sforce-NumberOfRecords"] == str(len(page))
        rows, locator = rows + page, headers["Sforce-Locator"]
    assert [row[0] for row in rows] == world.column("SELECT Id FROM Account")
    assert (rows[0][2], rows[0][3][-5:]) == ("false", ".000Z")
    assert raw(world, "GET", f"{path}/results", locator="nonsense")[0] == 400


def test_the_header_is_there_without_rows_and_delimiters_are_as_asked(world: World) -> None:
    asked = {"columnDelimiter": "PIPE", "lineEnding": "CRLF"}
    job = create(world, "query", operation="query", query="SELECT Id, Name FROM Account WHERE Name = '?'", **asked)
    raw(world, "GET", f"query/{job['id']}")
    _, headers, text = raw(world, "GET", f"query/{job['id']}/results")
    assert (text, headers["Sforce-Locator"], headers["Sforce-NumberOfRecords"]) == ('"Id"|"Name"\r\n', "null", "0")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT COUNT(Id) FROM Account", "API_ERROR"),
        ("SELECT Name, (SELECT Id FROM Contacts) FROM Account", "API_ERROR"),
        ("SELECT Industry FROM Account GROUP BY Industry", "API_ERROR"),
        ("SELECT Id FROM Account OFFSET 3", "API_ERROR"),
        ("SELECT Id, FROM Account", "MALFORMED_QUERY"),
        ("SELECT Nothing FROM Account", "INVALID_FIELD"),
        (None, "INVALIDJOB"),
    ],
)
def test_what_bulk_takes_not_is_refused_when_the_job_is_created(world: World, query: str | None, code: str) -> None:
    status, reply, _ = world.call("POST", "/jobs/query", body={"operation": "query", "query": query})
    assert (status, reply[0]["errorCode"]) == (400, code)


def test_an_insert_tells_what_was_saved_and_what_was_not(world: World) -> None:
    job_id = ingest(world, "Name,AnnualRevenue,Industry\nBulk 1,12,Retail\n,1,\nBulk 2,much,\n")
    job = world.call("GET", f"/jobs/ingest/{job_id}")[1]
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 2)
    header, saved = results(world, job_id, "successfulResults")
    assert header == ["sf__Id", "sf__Created", "Name", "AnnualRevenue", "Industry"]
    assert saved[1:] == ["true", "Bulk 1", "12", "Retail"]
    assert world.column(f"SELECT AnnualRevenue FROM Account WHERE Id = '{saved[0]}'") == [12.0]
    _, lacking, wrong = results(world, job_id, "failedResults")
    assert lacking[:2] == ["", "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"]
    assert wrong[1].startswith("JSON_PARSER_ERROR:")
    assert results(world, job_id, "unprocessedRecords") == [["Name", "AnnualRevenue", "Industry"]]


def test_update_upsert_and_delete_find_their_records(world: World) -> None:
    job_id = ingest(world, "Name,External_Id__c\nA,b-1\nB,\n", "upsert", externalIdFieldName="External_Id__c")
    made = results(world, job_id, "successfulResults")[1]
    assert made[1] == "true"
    assert results(world, job_id, "failedResults")[1][1].startswith("MISSING_ARGUMENT:")
    again = ingest(world, "Name,External_Id__c\nC,b-1\n", "upsert", externalIdFieldName="External_Id__c")
    assert results(world, again, "successfulResults")[1][:2] == [made[0], "false"]
    ingest(world, f"Id,Name,External_Id__c\n{made[0]},D,#N/A\n", "update")
    row = world.rows(f"SELECT Name, External_Id__c FROM Account WHERE Id = '{made[0]}'")[0]
    assert (row["Name"], row["External_Id__c"]) == ("D", None)
    gone = ingest(world, f"Id\n{made[0]}\n001000000000000\n", "delete")
    assert [row[0] for row in results(world, gone, "successfulResults")[1:]] == [made[0]]
    assert [row[0] for row in results(world, gone, "failedResults")[1:]] == ["001000000000000"]
    assert world.rows(f"SELECT Id FROM Account WHERE Id = '{made[0]}'") == []


def test_a_job_whose_columns_are_unknown_fails_whole(world: World) -> None:
    job_id = ingest(world, "Name,Nothing\nX,1\n")
    job = world.call("GET", f"/jobs/ingest/{job_id}")[1]
    assert (job["state"], job["errorMessage"]) == ("Failed", "InvalidBatch : Field name not found : Nothing")
    assert results(world, job_id, "unprocessedRecords") == [["Name", "Nothing"], ["X", "1"]]


def test_an_aborted_job_saves_nothing_and_can_be_deleted(world: World) -> None:
    job = create(world, "ingest", object="Account", operation="insert")
    path = f"/jobs/ingest/{job['id']}"
    raw(world, "PUT", f"ingest/{job['id']}/batches", b"Name\nAborted\n")
    assert raw(world, "PUT", f"ingest/{job['id']}/batches", b"Name\nTwice\n")[0] == 400
    assert world.call("DELETE", path)[1][0]["errorCode"] == "INVALIDJOBSTATE"
    assert world.call("PATCH", path, body={"state": "Aborted"})[1]["state"] == "Aborted"
    assert world.call("PATCH", path, body={"state": "UploadComplete"})[0] == 400
    assert results(world, job["id"], "unprocessedRecords") == [["Name"], ["Aborted"]]
    assert [each["id"] for each in world.call("GET", "/jobs/ingest")[1]["records"]] == [job["id"]]
    assert world.call("DELETE", path)[0] == 204
    assert world.call("GET", path)[0] == 404
    assert world.rows("SELECT Id FROM Account WHERE Name = 'Aborted'") == []


def test_a_long_job_goes_on_at_each_look_and_stops_where_it_is_aborted(world: World) -> None:
    job = create(world, "ingest", object="Account", operation="insert")
    path = f"/jobs/ingest/{job['id']}"
    raw(world, "PUT", f"ingest/{job['id']}/batches", b"Name\n" + b"Long\n" * 2500)
    world.call("PATCH", path, body={"state": "UploadComplete"})
    looks = [world.call("GET", path)[1] for _ in range(2)]
    assert [(each["state"], each["numberRecordsProcessed"]) for each in looks] == [
        ("InProgress", 1000),
        ("InProgress", 2000),
    ]
    world.call("PATCH", path, body={"state": "Aborted"})
    assert world.call("GET", path)[1]["state"] == "Aborted"
    assert len(results(world, job["id"], "successfulResults")) == 2001
    assert len(results(world, job["id"], "unprocessedRecords")) == 501


def test_a_job_is_its_owners_and_of_its_kind(world: World) -> None:
    job = create(world, "query", operation="query", query="SELECT Id FROM Account")
    assert world.call("GET", f"/jobs/query/{job['id']}", user_id=SELLER)[0] == 404
    assert world.call("GET", f"/jobs/ingest/{job['id']}")[0] == 404


@pytest.mark.parametrize("data", [b"", b"a,b\n1\n", b"\xff", b'"a\n', b"Name\n" + b"x\n" * 10_001])
def test_data_that_is_no_table_is_refused(world: World, data: bytes) -> None:
    job = create(world, "ingest", object="Account", operation="insert")
    status, _, text = raw(world, "PUT", f"ingest/{job['id']}/batches", data)
    assert (status, "errorCode" in text) == (400, True)
    assert world.call("PUT", f"/jobs/ingest/{job['id']}/batches", body={})[0] == 415


@pytest.mark.parametrize(
    "changes",
    [
        {"object": "Nothing"},
        {"operation": "merge"},
        {"operation": []},
        {"operation": "upsert"},
        {"contentType": "XML"},
        {"columnDelimiter": []},
    ],
)
def test_a_job_that_makes_no_sense_is_not_created(world: World, changes: dict[str, Any]) -> None:
    body = {"object": "Account", "operation": "insert", **changes}
    status, reply, _ = world.call("POST", "/jobs/ingest", body=body)
    assert (status, reply[0]["errorCode"]) == (400, "INVALIDJOB")
