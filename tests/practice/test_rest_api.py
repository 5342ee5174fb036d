"""The REST resources of a practice org: what they answer, what they refuse, and how they count."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.rest_world import ADMIN, ORG, SELLER, World, caller

from sfrunbook.practice.org.ids import make_id

_NOT_FOUND = [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}]


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def _get(world: World, path: str, **headers: str) -> tuple[int, Any, dict[str, str]]:
    status, reply_headers, body = world.api.answer("GET", path, {}, headers, b"", caller())
    return status, json.loads(body), reply_headers


@pytest.mark.parametrize("path", ["/services/data", "/services/data/"])
def test_versions_are_listed_ascending_without_a_login_and_are_not_counted(path: str) -> None:
    world = World()
    status, headers, body = world.api.answer("GET", path, {}, {}, b"", None)
    versions = json.loads(body)
    assert status == 200
    assert headers["Content-Type"] == "application/json;charset=UTF-8"
    assert "Sforce-Limit-Info" not in headers
    assert world.api.calls == 0
    assert [float(row["version"]) for row in versions] == [float(number) for number in range(31, 69)]
    assert versions[0] == {"label": "Summer '14", "url": "/services/data/v31.0", "version": "31.0"}
    labels = {row["version"]: row["label"] for row in versions}
    assert [labels[name] for name in ("65.0", "66.0", "67.0", "68.0")] == [
        "Winter '26",
        "Spring '26",
        "Summer '26",
        "Winter '27",
    ]


def test_everything_else_asks_for_a_login(world: World) -> None:
    status, headers, body = world.api.answer("GET", "/services/data/v68.0/limits", {}, {}, b"", None)
    assert (status, headers["WWW-Authenticate"]) == (401, "Token")
    assert json.loads(body) == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_the_version_root_names_its_resources_and_the_identity(world: World) -> None:
    status, reply, _ = _get(world, "/services/data/v59.0/")
    assert status == 200
    assert reply["query"] == "/services/data/v59.0/query"
    assert reply["identity"] == f"http://127.0.0.1:8443/id/{ORG.org_id}/{ADMIN}"
    assert _get(world, "/services/data/latest")[1]["query"] == "/services/data/v68.0/query"


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [
        ("v20.0", 404, "NOT_FOUND"),
        ("v21.0", 410, "GONE"),
        ("v30.0", 410, "GONE"),
        ("v69.0", 404, "NOT_FOUND"),
        ("68.0", 404, "NOT_FOUND"),
        ("v68", 404, "NOT_FOUND"),
        ("v68.1", 404, "NOT_FOUND"),
    ],
)
def test_a_version_that_is_not_served_is_refused(world: World, version: str, status: int, code: str) -> None:
    found, reply, _ = _get(world, f"/services/data/{version}/query")
    assert (found, reply[0]["errorCode"]) == (status, code)


@pytest.mark.parametrize("version", ["v31.0", "v51.0", "v59.0", "v67.0"])
def test_urls_in_answers_carry_the_version_that_was_asked(world: World, version: str) -> None:
    status, _, body = world.api.answer(
        "GET", f"/services/data/{version}/query/", {"q": "SELECT Id FROM Account LIMIT 1"}, {}, b"", caller()
    )
    assert status == 200
    assert json.loads(body)["records"][0]["attributes"]["url"].startswith(f"/services/data/{version}/sobjects/")


def test_calls_are_counted_and_told_in_the_header() -> None:
    world = World()
    assert world.call("GET", "/limits")[2]["Sforce-Limit-Info"] == "api-usage=1/15000"
    status, reply, headers = world.call("GET", "/nothing")
    assert (status, reply, headers["Sforce-Limit-Info"]) == (404, _NOT_FOUND, "api-usage=2/15000")
    reply = world.call("GET", "/limits")[1]
    assert reply["DailyApiRequests"] == {"Max": 15000, "Remaining": 14997}
    assert set(reply["DataStorageMB"]) == {"Max", "Remaining"}


def test_a_query_needs_its_text(world: World) -> None:
    status, reply, _ = world.call("GET", "/query")
    message = "A query string has to be specified"
    assert (status, reply) == (400, [{"message": message, "errorCode": "MALFORMED_QUERY"}])


def test_pages_hold_2000_rows_and_the_next_url_leads_on(world: World) -> None:
    first = world.soql("SELECT Id FROM Task")
    assert (first["totalSize"], first["done"], len(first["records"])) == (2400, False, 2000)
    assert list(first) == ["totalSize", "done", "nextRecordsUrl", "records"]
    url = first["nextRecordsUrl"]
    locator, _, offset = url.removeprefix("/services/data/v68.0/query/").partition("-")
    assert (len(locator), locator[:3], offset) == (18, "0r8", "2000")
    for _ in range(2):
        status, rest, _ = _get(world, url)
        assert (status, rest["totalSize"], rest["done"], len(rest["records"])) == (200, 2400, True, 400)
        assert "nextRecordsUrl" not in rest
    seen = {row["Id"] for row in first["records"] + rest["records"]}
    assert len(seen) == 2400


def test_batch_size_is_kept_from_page_to_page(world: World) -> None:
    query = {"q": "SELECT Id FROM Task ORDER BY ActivityDate LIMIT 700"}
    _, page, _ = world.call("GET", "/query", query, sforce_query_options="batchSize=300")
    sizes, ids = [len(page["records"])], [row["Id"] for row in page["records"]]
    while not page["done"]:
        page = _get(world, page["nextRecordsUrl"])[1]
        sizes.append(len(page["records"]))
        ids += [row["Id"] for row in page["records"]]
    assert sizes == [300, 300, 100]
    assert ids == world.column("SELECT Id FROM Task ORDER BY ActivityDate LIMIT 700")
    _, page, _ = world.call("GET", "/query", query, sforce_query_options="batchSize=1")
    assert len(page["records"]) == 200


def test_a_locator_is_refused_when_unknown_foreign_past_the_end_or_old() -> None:
    world = World()
    refusal = (400, [{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}])
    name = world.soql("SELECT Id FROM Task")["nextRecordsUrl"].rpartition("/")[2]
    for text in (
        make_id("0r8", 999) + "-2000",
        "nonsense",
        name.replace("-2000", "-2400"),
        name.replace("-2000", "-0"),
    ):
        assert world.call("GET", f"/query/{text}")[:2] == refusal
    assert world.call("GET", f"/query/{name}", user_id=SELLER)[:2] == refusal
    assert world.call("GET", f"/query/{name}")[0] == 200
    world.clock.advance(days=2, seconds=1)
    assert world.call("GET", f"/query/{name}")[:2] == refusal


def test_the_oldest_locators_make_room_for_new_ones() -> None:
    world = World()
    first = world.soql("SELECT Id FROM Task")["nextRecordsUrl"].rpartition("/")[2]
    for _ in range(200):
        last = world.soql("SELECT Id FROM Task")["nextRecordsUrl"].rpartition("/")[2]
    assert world.call("GET", f"/query/{first}")[0] == 400
    assert world.call("GET", f"/query/{last}")[0] == 200


def test_columns_tell_the_cli_what_the_query_selects(world: World) -> None:
    query = "SELECT Id, Owner.Name, (SELECT LastName FROM Contacts), AnnualRevenue FROM Account"
    status, reply, _ = world.call("GET", "/query", {"q": query, "columns": "true"})
    assert status == 200
    assert {name: reply[name] for name in ("entityName", "idSelected", "keyPrefix", "groupBy")} == {
        "entityName": "Account",
        "idSelected": True,
        "keyPrefix": "001",
        "groupBy": False,
    }
    columns = {column["columnName"]: column for column in reply["columnMetadata"]}
    assert list(columns) == ["Id", "Owner", "Contacts", "AnnualRevenue"]
    assert [column["columnName"] for column in columns["Owner"]["joinColumns"]] == ["Name"]
    assert [column["columnName"] for column in columns["Contacts"]["joinColumns"]] == ["LastName"]
    assert columns["Contacts"]["aggregate"] is True
    assert columns["AnnualRevenue"]["numberColumn"] is True


def test_columns_of_aggregates_have_the_names_of_the_rows(world: World) -> None:
    query = "SELECT StageName, COUNT(Id), SUM(Amount) total FROM Opportunity GROUP BY StageName"
    _, reply, _ = world.call("GET", "/query", {"q": query, "columns": "true"})
    assert reply["groupBy"] is True
    assert [column["columnName"] for column in reply["columnMetadata"]] == list(world.rows(query)[0])[1:]


def test_objects_are_listed_and_described(world: World) -> None:
    _, reply, _ = world.call("GET", "/sobjects")
    prefixes = {item["name"]: item["keyPrefix"] for item in reply["sobjects"]}
    expected = {
        "Account": "001",
        "Case": "500",
        "Contact": "003",
        "Group": "00G",
        "Lead": "00Q",
        "Opportunity": "006",
        "Organization": "00D",
        "Profile": "00e",
        "Task": "00T",
        "User": "005",
    }
    assert prefixes.items() >= expected.items()
    for name in prefixes:
        status, described, _ = world.call("GET", f"/sobjects/{name.lower()}/describe")
        assert (status, described["name"]) == (200, name)
        assert described["urls"]["describe"] == f"/services/data/v68.0/sobjects/{name}/describe"


def test_a_description_has_types_references_picklists_and_children(world: World) -> None:
    described = world.call("GET", "/sobjects/Contact/describe")[1]
    fields = {item["name"]: item for item in described["fields"]}
    assert fields["Id"]["soapType"] == "tns:ID"
    account = fields["AccountId"]
    assert (account["type"], account["referenceTo"], account["relationshipName"]) == (
        "reference",
        ["Account"],
        "Account",
    )
    assert fields["LastName"]["nillable"] is False
    assert fields["LeadSource"]["picklistValues"][0] == {
        "active": True,
        "defaultValue": False,
        "label": "Web",
        "validFor": None,
        "value": "Web",
    }
    children = {
        item["relationshipName"]: (item["childSObject"], item["field"]) for item in described["childRelationships"]
    }
    assert children["Cases"] == ("Case", "ContactId")


def test_the_object_resource_gives_recent_rows(world: World) -> None:
    status, reply, _ = world.call("GET", "/sobjects/Account")
    assert (status, reply["objectDescribe"]["name"], len(reply["recentItems"])) == (200, "Account", 5)


def test_a_row_is_read_whole_or_in_part(world: World) -> None:
    status, reply, _ = _get(world, f"/services/data/v51.0/sobjects/User/{ADMIN}")
    assert (status, reply["Username"], reply["attributes"]["type"]) == (200, "ada@sunrise.example", "User")
    status, reply, _ = world.call("GET", f"/sobjects/User/{ADMIN[:15]}", {"fields": "name, Email"})
    assert (status, list(reply)) == (200, ["attributes", "Name", "Email", "Id"])
    status, reply, _ = world.call("GET", f"/sobjects/User/{ADMIN}", {"fields": "Nope"})
    message = "No such column 'Nope' on sobject of type User"
    assert (status, reply) == (400, [{"message": message, "errorCode": "INVALID_FIELD"}])


@pytest.mark.parametrize(
    "path",
    [
        f"/sobjects/User/{make_id('005', 500)}",
        f"/sobjects/Account/{ADMIN}",
        "/sobjects/Nope",
        "/sobjects/Nope/describe",
        "/sobjects/Name/describe",
        "/sobjects/Account/describe/more/than/this",
        "/tooling/nothing",
    ],
)
def test_what_is_not_there_is_not_found(world: World, path: str) -> None:
    assert world.call("GET", path)[:2] == (404, _NOT_FOUND)


def test_an_id_that_is_none_is_taken_for_an_external_id_field(world: World) -> None:
    message = "Provided external ID field does not exist or is not accessible: nonsense"
    reply = [{"message": message, "errorCode": "NOT_FOUND"}]
    assert world.call("GET", "/sobjects/Account/nonsense")[:2] == (404, reply)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/query", "GET,HEAD"),
        ("DELETE", "/limits", "GET,HEAD"),
        ("PUT", "/sobjects/Account", "GET,HEAD,POST"),
        ("POST", f"/sobjects/User/{ADMIN}", "DELETE,GET,HEAD,PATCH"),
    ],
)
def test_a_method_that_does_not_fit_is_not_allowed(world: World, method: str, path: str, allowed: str) -> None:
    status, reply, headers = world.call(method, path)
    message = f"HTTP Method '{method}' not allowed. Allowed are {allowed}"
    assert (status, reply) == (405, [{"message": message, "errorCode": "METHOD_NOT_ALLOWED"}])
    assert headers["Allow"] == allowed


def test_json_is_compact_unless_pretty_print_is_asked(world: World) -> None:
    path, query = "/services/data/v68.0/query", {"q": "SELECT Name FROM Organization"}
    compact = world.api.answer("GET", path, query, {}, b"", caller())[2]
    indented = world.api.answer("GET", path, query, {"x-prettyprint": "1"}, b"", caller())[2]
    assert compact.startswith(b'{"totalSize":1,"done":true,"records":[{"attributes":{"type":"Organization",')
    assert indented.startswith(b'{\n  "totalSize" : 1,\n  "done" : true,')
    assert json.loads(compact) == json.loads(indented)


def test_head_gives_the_headers_alone(world: World) -> None:
    status, headers, body = world.api.answer("HEAD", "/services/data/v68.0/limits", {}, {}, b"", caller())
    assert (status, body, headers["Content-Type"]) == (200, b"", "application/json;charset=UTF-8")
