from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict
from support.oauth_support import log_in

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import Reply
from sfrunbook.core.model import OrgKind, Stage
from sfrunbook.salesforce.api import Salesforce
from sfrunbook.salesforce.oauth.session import AuthorizedSession

HOST = "https://acme.my.salesforce.com"
ROOT = "/services/data/v68.0"
QUERY = f"{ROOT}/query/"


class Recorded:
    """Answers from a table of path to replies in turn; implements `transport.Answers`."""

    def __init__(self, table: Mapping[str, list[tuple[int, Any]]], usage: str = "") -> None:
        self.table = {path: list(replies) for path, replies in table.items()}
        self.usage = usage
        self.asked: list[tuple[str, dict[str, str]]] = []

    def get(self, path_or_url: str, params: Mapping[str, str] | None = None) -> Reply:
        self.asked.append((path_or_url, dict(params or {})))
        replies = self.table[path_or_url]
        status, body = replies.pop(0) if len(replies) > 1 else replies[0]
        headers = CaseInsensitiveDict({"Sforce-Limit-Info": self.usage} if self.usage else {})
        return Reply(
            method="GET",
            url=path_or_url if "://" in path_or_url else HOST + path_or_url,
            status=status,
            headers=headers,
            text=body if isinstance(body, str) else json.dumps(body),
        )


def asking(table: Mapping[str, Any], *, usage: str = "") -> tuple[Salesforce, Recorded]:
    answers = Recorded({path: body if isinstance(body, list) else [(200, body)] for path, body in table.items()}, usage)
    return Salesforce(answers, version="68.0"), answers


def page(*records: dict[str, Any], total: int | None = None, further: str = "") -> dict[str, Any]:
    body = {"totalSize": len(records) if total is None else total, "done": not further, "records": list(records)}
    return body | ({"nextRecordsUrl": further} if further else {})


def account(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Account", "url": f"{ROOT}/sobjects/Account/001"}} | fields


@pytest.fixture(scope="module")
def practice_org(practice_world):
    _, _, grant = log_in(practice_world)
    with AuthorizedSession(grant) as session:
        yield Salesforce(session), grant, practice_world


def test_the_practice_org_tells_its_versions_and_the_newest_is_used(practice_org):
    org, _, _ = practice_org
    versions = org.versions()
    assert [float(version.version) for version in versions] == sorted(float(version.version) for version in versions)
    assert org.root == f"/services/data/v{versions[-1].version}" == versions[-1].url


def test_the_practice_org_tells_who_the_token_stands_for(practice_org):
    org, grant, world = practice_org
    identity = org.identity()
    assert (identity.user_id, identity.org_id) == (grant.user_id, grant.org_id)
    assert identity.username == world.user()["username"]


def test_the_practice_org_tells_what_it_is(practice_org):
    org, grant, _ = practice_org
    told = org.org()
    assert told.org_id == grant.org_id
    assert told.kind is OrgKind.PRODUCTION
    assert told.instance_url == grant.instance_url
    assert told.name
    assert told.edition
    assert told.instance_name


def test_the_second_practice_org_is_a_sandbox(practice_world):
    _, _, grant = log_in(practice_world, org="second")
    with AuthorizedSession(grant) as session:
        told = Salesforce(session).org()
    assert told.kind is OrgKind.SANDBOX


def test_the_practice_org_gives_rows_with_parents_and_children_flattened(practice_org):
    org, _, _ = practice_org
    rows = org.query("SELECT Id, Name, Owner.Name, (SELECT Id FROM Contacts) FROM Account ORDER BY Name LIMIT 5")
    assert rows.columns == ("Id", "Name", "Owner.Name", "Contacts")
    assert len(rows.records) == rows.total_size == 5
    assert rows.done
    names = [record["Name"] for record in rows.records]
    assert names == sorted(names)


def test_the_practice_org_pages_until_enough_rows_are_there(practice_org):
    org, _, _ = practice_org
    every = org.query("SELECT Id FROM Contact", max_rows=100_000)
    assert every.done
    assert len({record["Id"] for record in every.records}) == every.total_size > 10
    some = org.query("SELECT Id FROM Contact", max_rows=10)
    assert (len(some.records), some.done, some.total_size) == (10, False, every.total_size)


def test_the_practice_org_describes_an_object(practice_org):
    org, _, _ = practice_org
    assert {"Id", "Name"} <= {field.name for field in org.fields("Account")}


def test_the_practice_org_tells_its_limit(practice_org):
    org, _, _ = practice_org
    limits = org.limits()
    assert 0 < limits.daily_api_remaining <= limits.daily_api_maximum


def test_a_query_with_a_mistake_is_told_in_salesforces_words(practice_org):
    org, _, _ = practice_org
    with pytest.raises(RunbookError) as error:
        org.query("SELECT Id, FROM Account")
    failure = error.value.failure
    assert (failure.stage, failure.error, failure.http_status) == (Stage.DATA, "MALFORMED_QUERY", 400)
    assert "unexpected token" in failure.description


def test_the_newest_version_is_the_greatest_number_whatever_the_order():
    found = [{"label": "x", "url": f"/services/data/v{n}", "version": n} for n in ("9.0", "68.0", "67.0")]
    answers = Recorded({"/services/data/": [(200, [*found, {"version": "latest"}])]})
    assert Salesforce(answers).root == ROOT


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ({"IsSandbox": True, "TrialExpirationDate": None, "OrganizationType": "x"}, OrgKind.SANDBOX),
        ({"IsSandbox": True, "TrialExpirationDate": "2026-12-24T00:00:00.000+0000"}, OrgKind.SCRATCH),
        ({"IsSandbox": False, "OrganizationType": "Developer Edition"}, OrgKind.DEVELOPER),
        ({"IsSandbox": False, "OrganizationType": "Enterprise Edition"}, OrgKind.PRODUCTION),
        ({"IsSandbox": True, "OrganizationType": "Developer Edition"}, OrgKind.SANDBOX),
    ],
)
def test_the_kind_of_an_org_follows_from_what_it_says_of_itself(record, kind):
    org, _ = asking({QUERY: page(account(Id="00D000000000001AAA", Name="Acme", **record))})
    told = org.org()
    assert (told.kind, told.name, told.instance_url) == (kind, "Acme", HOST)


def test_an_org_that_does_not_say_what_it_is_is_not_guessed():
    org, _ = asking({QUERY: page()})
    with pytest.raises(RunbookError):
        org.org()


def test_identity_comes_from_the_address_given_or_else_from_the_version_root():
    said = {"user_id": "005", "organization_id": "00D", "username": "ada@acme.example"}
    org, answers = asking({f"{ROOT}/": {"identity": f"{HOST}/id/00D/005"}, f"{HOST}/id/00D/005": said})
    assert org.identity().username == "ada@acme.example"
    given = Salesforce(answers, version="68.0", identity_url=f"{HOST}/id/00D/005")
    assert given.identity() == org.identity()
    assert answers.asked[2][0] == f"{HOST}/id/00D/005"


def test_pages_are_followed_and_cut_at_the_number_of_rows():
    further = f"{ROOT}/query/0r8000-2"
    table = {
        QUERY: page(account(Id="1"), account(Id="2"), total=4, further=further),
        further: page(account(Id="3"), account(Id="4"), total=4),
    }
    org, answers = asking(table)
    assert [record["Id"] for record in org.query("SELECT Id FROM Account").records] == ["1", "2", "3", "4"]
    assert answers.asked == [(QUERY, {"q": "SELECT Id FROM Account"}), (further, {})]
    cut = org.query("SELECT Id FROM Account", max_rows=3)
    assert ([record["Id"] for record in cut.records], cut.done, cut.total_size) == (["1", "2", "3"], False, 4)
    exact = org.query("SELECT Id FROM Account", max_rows=4)
    assert exact.done
    first_page = org.query("SELECT Id FROM Account", max_rows=2)
    assert not first_page.done


def test_a_page_that_leads_in_a_circle_or_elsewhere_is_not_followed():
    circle = f"{ROOT}/query/0r8000-2"
    for further in (circle, "https://evil.example/services/data/"):
        org, _ = asking({QUERY: page(account(Id="1"), further=further), circle: page(account(Id="2"), further=circle)})
        with pytest.raises(RunbookError):
            org.query("SELECT Id FROM Account")


def test_a_count_has_no_rows_and_its_answer_is_the_total():
    org, _ = asking({QUERY: page(total=42)})
    rows = org.query("SELECT COUNT() FROM Account")
    assert (rows.columns, rows.records, rows.total_size, rows.done) == ((), (), 42, True)


def test_an_empty_parent_leaves_its_columns_empty_and_none_of_its_own():
    grand = {"attributes": {}, "Name": "Ada", "Manager": {"attributes": {}, "Name": "Bob"}}
    records = [
        account(Id="1", Owner=None, Contacts=None),
        account(Id="2", Owner=grand, Contacts={"totalSize": 1, "done": True, "records": [account(Id="x")]}),
        account(Id="3", Owner=grand | {"Manager": None}, Contacts={"totalSize": 3, "done": True, "records": []}),
    ]
    org, _ = asking({QUERY: page(*records)})
    rows = org.query("SELECT …")
    assert rows.columns == ("Id", "Contacts", "Owner.Name", "Owner.Manager.Name")
    assert [tuple(record.values()) for record in rows.records] == [
        ("1", None, None, None),
        ("2", "1 row", "Ada", "Bob"),
        ("3", "3 rows", "Ada", None),
    ]


def test_a_compound_field_is_flattened_and_a_list_is_text():
    org, _ = asking({QUERY: page(account(BillingAddress={"city": "Graz", "postalCode": None}, Tags=["a"]))})
    rows = org.query("SELECT …")
    assert dict(rows.records[0]) == {"BillingAddress.city": "Graz", "BillingAddress.postalCode": None, "Tags": "['a']"}


NO_RIGHT = [(403, [{"errorCode": "FUNCTIONALITY_NOT_ENABLED", "message": "x"}])]


@pytest.mark.parametrize(
    ("replies", "usage", "expected"),
    [
        ([(200, {"DailyApiRequests": {"Max": 15000, "Remaining": 14998}})], "", (15000, 14998)),
        (NO_RIGHT, "api-usage=18/5000; api-bursts=1/750", (5000, 4982)),
        (NO_RIGHT, "per-app-api-usage=17/250(appName=x), api-usage=25/5000", (5000, 4975)),
        (NO_RIGHT, "per-app-api-usage=17/250(appName=x)", (None, None)),
        (NO_RIGHT, "", (None, None)),
        ([(200, {})], "", (None, None)),
    ],
)
def test_the_daily_limit_is_read_where_it_is_told_and_never_invented(replies, usage, expected):
    org, _ = asking({f"{ROOT}/limits/": replies}, usage=usage)
    limits = org.limits()
    assert (limits.daily_api_maximum, limits.daily_api_remaining) == expected


def test_a_limit_that_is_used_up_is_raised():
    used_up = [(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}])]
    org, _ = asking({f"{ROOT}/limits/": used_up})
    with pytest.raises(RunbookError) as error:
        org.limits()
    assert error.value.failure.error == "REQUEST_LIMIT_EXCEEDED"


@pytest.mark.parametrize("call", [Salesforce.versions, Salesforce.identity, Salesforce.org])
def test_a_maintenance_page_with_status_200_is_not_taken_for_an_answer(call):
    down = "<html><title>Down</title></html>"
    org, _ = asking({"/services/data/": [(200, down)], f"{ROOT}/": [(200, down)], QUERY: [(200, down)]})
    with pytest.raises(RunbookError) as error:
        call(org)
    assert error.value.failure.error == "not-json"


def test_only_the_api_name_of_an_object_is_described():
    org, answers = asking({})
    with pytest.raises(ValueError, match="API name"):
        org.fields("Account/../../limits")
    assert answers.asked == []
