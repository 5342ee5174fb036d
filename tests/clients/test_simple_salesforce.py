"""simple-salesforce with a given access token and instance address, over TLS because it speaks nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)


@pytest.fixture
def session(practice_world_tls: Any) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.verify = practice_world_tls.ca_file
        yield session


@pytest.fixture
def grant(practice_world_tls: Any, session: requests.Session) -> dict[str, str]:
    """A token of the integration user, by client credentials: what an administrator hands to a script."""
    app = practice_world_tls.app(kind="unattended")
    reply = session.post(
        f"{practice_world_tls.my_domain()}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(app["client_id"], app["client_secret"]),
        timeout=10,
    )
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.fixture
def salesforce(grant: dict[str, str], session: requests.Session) -> Salesforce:
    return Salesforce(instance_url=grant["instance_url"], session_id=grant["access_token"], session=session)


def test_it_trusts_the_practice_authority_through_the_environment_variable_that_its_manual_names(
    practice_world_tls: Any, grant: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", practice_world_tls.ca_file)
    salesforce = Salesforce(instance_url=grant["instance_url"], session_id=grant["access_token"])
    with salesforce.session:
        assert salesforce.query("SELECT COUNT() FROM Account")["totalSize"] > 0


def test_it_refuses_a_practice_world_whose_authority_it_was_not_told(grant: dict[str, str]) -> None:
    salesforce = Salesforce(instance_url=grant["instance_url"], session_id=grant["access_token"])
    with salesforce.session, pytest.raises(requests.exceptions.SSLError):
        salesforce.query("SELECT COUNT() FROM Account")


def test_a_query_names_the_org_that_was_asked_for(salesforce: Salesforce, practice_world_tls: Any) -> None:
    found = salesforce.query("SELECT Id, Name, IsSandbox FROM Organization")
    assert (found["totalSize"], found["done"]) == (1, True)
    assert found["records"][0]["Id"] == practice_world_tls.org()["org_id"]
    assert found["records"][0]["attributes"]["type"] == "Organization"


def test_query_all_follows_every_page_and_repeats_no_record(salesforce: Salesforce) -> None:
    first = salesforce.query("SELECT Id FROM Task")
    assert first["done"] is False
    everything = salesforce.query_all("SELECT Id FROM Task")
    assert len(first["records"]) < first["totalSize"] == everything["totalSize"]
    assert len({record["Id"] for record in everything["records"]}) == everything["totalSize"]


def test_query_more_takes_the_locator_as_well_as_the_address(salesforce: Salesforce) -> None:
    first = salesforce.query("SELECT Id FROM Task ORDER BY Id")
    by_address = salesforce.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    by_locator = salesforce.query_more(first["nextRecordsUrl"].rpartition("/")[2])
    assert by_address == by_locator
    assert by_address["done"] is True


def test_relationships_and_children_come_as_nested_objects(salesforce: Salesforce) -> None:
    with_contacts = "WHERE Id IN (SELECT AccountId FROM Contact) LIMIT 1"
    text = f"SELECT Name, Owner.Name, (SELECT LastName FROM Contacts) FROM Account {with_contacts}"
    account = salesforce.query(text)["records"][0]
    assert account["Owner"]["attributes"]["type"] == "User"
    assert account["Contacts"]["totalSize"] == len(account["Contacts"]["records"]) > 0


def test_describe_lists_the_objects_and_one_object_its_fields(salesforce: Salesforce) -> None:
    everything = salesforce.describe()
    account = salesforce.Account.describe()
    assert everything is not None
    assert {"Account", "Contact", "Organization", "User"} <= {each["name"] for each in everything["sobjects"]}
    assert (account["name"], account["keyPrefix"]) == ("Account", "001")
    assert {"Id", "Name", "OwnerId"} <= {each["name"] for each in account["fields"]}


def test_a_record_is_made_read_changed_and_deleted(salesforce: Salesforce) -> None:
    made = salesforce.Account.create({"Name": "Made by simple-salesforce"})
    assert (made["success"], made["errors"]) == (True, [])
    assert salesforce.Account.update(made["id"], {"Name": "Changed"}) == 204
    assert salesforce.Account.get(made["id"])["Name"] == "Changed"
    assert salesforce.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound) as gone:
        salesforce.Account.get(made["id"])
    assert gone.value.status == 404


def test_a_malformed_query_is_its_malformed_request_with_the_place_of_the_fault(salesforce: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        salesforce.query("SELECT Id, FROM Account")
    message = "\nSELECT Id, FROM Account\n          ^\nERROR at Row:1:Column:11\nunexpected token: 'FROM'"
    assert refused.value.content == [{"message": message, "errorCode": "MALFORMED_QUERY"}]


def test_a_session_that_has_ended_is_its_expired_session(
    salesforce: Salesforce, grant: dict[str, str], session: requests.Session
) -> None:
    ended = session.post(
        f"{grant['instance_url']}/services/oauth2/revoke", data={"token": grant["access_token"]}, timeout=10
    )
    assert ended.status_code == 200
    with pytest.raises(SalesforceExpiredSession) as refused:
        salesforce.query("SELECT Id FROM Account")
    assert refused.value.status == 401
    assert refused.value.content == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_the_daily_limit_and_the_usage_header_tell_the_same_story(salesforce: Salesforce) -> None:
    daily = salesforce.limits()["DailyApiRequests"]
    usage = salesforce.api_usage["api-usage"]
    assert usage.total == daily["Max"]
    assert usage.used == daily["Max"] - daily["Remaining"] > 0


def test_it_finds_out_that_the_org_is_no_sandbox(salesforce: Salesforce) -> None:
    assert salesforce.is_sandbox() is False


def test_its_generic_calls_reach_the_rest_and_the_oauth_half(salesforce: Salesforce, practice_world_tls: Any) -> None:
    assert "identity" in salesforce.restful("")
    assert salesforce.oauth2("userinfo")["organization_id"] == practice_world_tls.org()["org_id"]


class ByName(HTTPAdapter):
    """Brings calls of login.salesforce.com, which it has built in, to the practice login host."""

    def __init__(self, origin: str) -> None:
        super().__init__()
        self.origin = origin

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        assert request.url is not None
        request.url = request.url.replace("https://login.salesforce.com", self.origin)
        return super().send(request, *arguments, **options)


@pytest.fixture
def password_login(practice_world_tls: Any) -> Iterator[Callable[..., Salesforce]]:
    """A script of old: user name, password and security token, and no app."""
    with requests.Session() as session:
        session.verify = practice_world_tls.ca_file
        session.mount("https://login.salesforce.com", ByName(practice_world_tls.ready["login_url"]))

        def log_in(**changes: str) -> Salesforce:
            user = practice_world_tls.user(profile="Standard User")
            right = {"username": user["username"], "password": user["password"], "security_token": ""}
            return Salesforce(session=session, **{**right, **changes})

        yield log_in
        practice_world_tls.control("PUT", "/settings", {"soap_login": False, "security_token": ""})


def test_its_login_with_a_security_token_is_refused_in_an_org_of_today(
    password_login: Callable[..., Salesforce],
) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        password_login(security_token="anything")
    assert refused.value.code == "INVALID_OPERATION"
    assert refused.value.auth_message.startswith("SOAP API login() is disabled by default in this org.")


def test_where_login_is_enabled_its_session_reads_and_writes(
    password_login: Callable[..., Salesforce], practice_world_tls: Any
) -> None:
    practice_world_tls.control("PUT", "/settings", {"soap_login": True, "security_token": "Practice1"})
    salesforce = password_login(security_token="Practice1")
    assert salesforce.query("SELECT COUNT() FROM Account")["totalSize"] > 0
    assert salesforce.Account.create({"Name": "By user name"})["success"] is True
    for changes, code in (({}, "LOGIN_MUST_USE_SECURITY_TOKEN"), ({"password": "wrong"}, "INVALID_LOGIN")):
        with pytest.raises(SalesforceAuthenticationFailed) as refused:
            password_login(**changes)
        assert refused.value.code == code


def test_its_composite_call_saves_a_parent_with_its_child(salesforce: Salesforce) -> None:
    base = f"/services/data/v{salesforce.sf_version}/sobjects"
    account = {"method": "POST", "url": f"{base}/Account", "referenceId": "parent", "body": {"Name": "Composite"}}
    child = {"LastName": "Child", "AccountId": "@{parent.id}"}
    contact = {"method": "POST", "url": f"{base}/Contact", "referenceId": "child", "body": child}
    body = {"allOrNone": True, "compositeRequest": [account, contact]}
    reply = salesforce.restful("composite", method="POST", json=body)
    assert reply is not None
    made = [each["body"]["id"] for each in reply["compositeResponse"]]
    found = salesforce.query(f"SELECT AccountId FROM Contact WHERE Id = '{made[1]}'")["records"][0]
    assert found["AccountId"] == made[0]


def test_its_bulk_2_handler_inserts_queries_and_deletes(salesforce: Salesforce) -> None:
    records = [{"Name": f"By bulk {number}"} for number in range(3)] + [{"Name": ""}]
    (inserted,) = salesforce.bulk2.Account.insert(records=records, wait=0.01)
    assert (inserted["numberRecordsProcessed"], inserted["numberRecordsFailed"]) == (4, 1)
    failed = salesforce.bulk2.Account.get_failed_records(inserted["job_id"])
    assert "REQUIRED_FIELD_MISSING" in failed
    query = "SELECT Id, Name FROM Account WHERE Name LIKE 'By bulk%' ORDER BY Name"
    pages = list(salesforce.bulk2.Account.query(query, max_records=2, wait=0.01))
    assert [len(page.splitlines()) for page in pages] == [3, 2]
    ids = [line.split(",")[0].strip('"') for page in pages for line in page.splitlines()[1:]]
    (deleted,) = salesforce.bulk2.Account.delete(records=[{"Id": each} for each in ids], wait=0.01)
    assert (deleted["numberRecordsProcessed"], deleted["numberRecordsFailed"]) == (3, 0)
    assert salesforce.query(query)["totalSize"] == 0


def test_its_search_and_its_lists_of_changes_find_a_new_record(salesforce: Salesforce) -> None:
    made = salesforce.Account.create({"Name": "Findable Thing"})["id"]
    found = salesforce.quick_search("Findable")
    assert found is not None
    assert made in [each["Id"] for each in found["searchRecords"]]
    end = datetime.now(UTC) + timedelta(minutes=2)
    start = end - timedelta(minutes=10)
    assert made in salesforce.Account.updated(start, end)["ids"]
    salesforce.Account.delete(made)
    assert made in [each["id"] for each in salesforce.Account.deleted(start, end)["deletedRecords"]]
