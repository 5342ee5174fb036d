"""What a user without rights sees of the data: the same answers as for what does not exist, on every way to it."""

from __future__ import annotations

import pytest
from support.inside import Inside

GONE = (404, [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}])
NO_TYPE = (
    "\nSELECT Id FROM account\n               ^\nERROR at Row:1:Column:16\n"
    "sObject type 'account' is not supported. If you are attempting to use a custom object, be sure to append the "
    "'__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
)
NO_COLUMN = (
    "\nSELECT Industry FROM Account\n       ^\nERROR at Row:1:Column:8\n"
    "No such column 'Industry' on entity 'Account'. If you are attempting to use a custom field, be sure to append the "
    "'__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
)


@pytest.fixture(scope="module")
def shared():
    return Inside()


class Reader:
    """The user of an integration and an administrator, each with a session of its own."""

    def __init__(self, world):
        self.world = world
        self.admin = world.grant(scope="api")["access_token"]
        world.user = world.find_user(short="integration")
        self.own = world.grant(scope="api")["access_token"]

    def query(self, soql, token=""):
        return self.world.data("/query", token or self.own, q=soql)

    def total(self, soql, token=""):
        return self.query(soql, token)[1]["totalSize"]

    def get(self, path, **query):
        return self.world.data(path, self.own, **query)

    def id_of(self, sobject):
        return self.query(f"SELECT Id FROM {sobject} LIMIT 1", self.admin)[1]["records"][0]["Id"]


@pytest.fixture
def reader(shared):
    shared.practice.reset()
    shared.settle()
    return Reader(shared)


def test_records_that_are_not_shared_are_left_out_without_a_word(reader):
    account = reader.id_of("Account")
    reader.world.start("records-hidden")
    assert reader.query("SELECT Id, Name FROM Account") == (200, {"totalSize": 0, "done": True, "records": []})
    assert reader.total("SELECT COUNT() FROM Task") == 0
    assert reader.query("SELECT COUNT(Id) n FROM Contact")[1]["records"][0]["n"] == 0
    assert reader.get(f"/sobjects/Account/{account}") == GONE
    assert reader.get("/sobjects/Account")[1]["recentItems"] == []
    assert reader.world.data(f"/sobjects/Account/{account}", reader.own, "PATCH", {"Name": "Mine"}) == GONE
    assert reader.get("/sobjects/Account/describe")[1]["name"] == "Account"


def test_people_and_the_org_are_seen_though_no_record_is_shared(reader):
    reader.world.start("records-hidden")
    assert reader.total("SELECT COUNT() FROM User") > 0
    assert reader.total("SELECT COUNT() FROM Organization") == 1


def test_who_has_view_all_data_sees_what_is_not_shared_and_not_readable(reader):
    reader.world.start("records-hidden")
    reader.world.start("object-hidden", objects="Contact")
    assert reader.total("SELECT COUNT() FROM Account", reader.admin) == 120
    assert reader.total("SELECT COUNT() FROM Contact", reader.admin) > 0
    reader.world.settings(withheld_permissions=("ViewAllData",))
    assert reader.total("SELECT COUNT() FROM Account", reader.admin) == 0
    assert reader.query("SELECT Id FROM Contact", reader.admin)[0] == 400


def test_the_permission_can_come_by_a_permission_set(reader):
    reader.world.start("records-hidden")
    row = {"name": "See_All", "permissions": ["ViewAllData"]}
    assert reader.world.control("POST", "/permission-sets", {"org": "first", **row})[0] in (200, 201)
    user = reader.world.user
    reader.world.control("POST", f"/users/{user.username}", {"permission_sets": ["See_All"]})
    assert reader.total("SELECT COUNT() FROM Account") == 120


def test_one_object_can_be_meant_and_its_children_and_parents_are_left_out(reader):
    reader.world.start("records-hidden", objects="Account; Case")
    assert reader.total("SELECT COUNT() FROM Account") == 0
    rows = reader.query("SELECT AccountId, Account.Name, (SELECT Id FROM Cases) FROM Contact WHERE AccountId != null")
    assert rows[1]["totalSize"] > 0
    assert {(bool(row["AccountId"]), row["Account"], row["Cases"]) for row in rows[1]["records"]} == {
        (True, None, None)
    }


def test_the_org_counts_records_whoever_may_see_them(reader):
    reader.world.start("records-hidden")
    counted = reader.get("/limits/recordCount", sObjects="Account,Nothing")
    assert counted == (200, {"sObjects": [{"count": 120, "name": "Account"}]})
    assert {"Account", "Task"} <= {row["name"] for row in reader.get("/limits/recordCount")[1]["sObjects"]}
    reader.world.control("POST", f"/users/{reader.world.user.username}", {"profile": "Minimum Access - Salesforce"})
    assert reader.get("/limits/recordCount", sObjects="Account")[0] == 403


def test_an_object_without_read_is_answered_as_a_name_that_is_none(reader):
    account = reader.id_of("Account")
    reader.world.start("object-hidden")
    assert reader.query("SELECT Id FROM account") == (400, [{"message": NO_TYPE, "errorCode": "INVALID_TYPE"}])
    for path in ("/sobjects/Account", "/sobjects/Account/describe", f"/sobjects/Account/{account}"):
        assert reader.get(path) == GONE
    names = {row["name"] for row in reader.get("/sobjects")[1]["sobjects"]}
    assert "Account" not in names
    assert "Contact" in names
    assert reader.get("/limits/recordCount", sObjects="Account") == (200, {"sObjects": []})


def test_what_leads_to_an_object_without_read_is_unknown_too(reader):
    reader.world.start("object-hidden", objects="Account;Case")
    status, body = reader.query("SELECT Account.Name FROM Contact")
    assert (status, body[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert "Didn't understand relationship 'Account' in field path." in body[0]["message"]
    assert reader.query("SELECT Id, (SELECT Id FROM Cases) FROM Contact")[0] == 400
    assert reader.query("SELECT Id, AccountId FROM Contact LIMIT 1")[0] == 200
    children = {one["childSObject"] for one in reader.get("/sobjects/Contact/describe")[1]["childRelationships"]}
    assert "Case" not in children
    assert "Task" in children


def test_a_field_that_is_not_visible_is_answered_as_a_name_that_is_none(reader):
    account = reader.id_of("Account")
    reader.world.start("field-hidden")
    refused = (400, [{"message": NO_COLUMN, "errorCode": "INVALID_FIELD"}])
    assert reader.query("SELECT Industry FROM Account") == refused
    assert reader.query("SELECT Id FROM Account WHERE Industry = 'Energy'")[0] == 400
    assert "Industry" not in {one["name"] for one in reader.get("/sobjects/Account/describe")[1]["fields"]}
    assert "Industry" not in reader.get(f"/sobjects/Account/{account}")[1]
    assert reader.query("SELECT Industry FROM Account LIMIT 1", reader.admin)[0] == 200


def test_view_all_data_does_not_show_a_field(reader):
    reader.world.start("field-hidden", user="admin@first.practice.example")
    assert reader.query("SELECT Industry FROM Account", reader.admin)[0] == 400
    assert reader.query("SELECT Industry FROM Account")[0] == 200


def test_a_query_is_planned_anew_when_rights_come_or_go(reader):
    soql = "SELECT Id FROM Account LIMIT 1"
    assert reader.query(soql)[0] == 200
    reader.world.start("object-hidden")
    assert reader.query(soql)[0] == 400
    assert reader.query(soql, reader.admin)[0] == 200
    reader.world.stop("object-hidden")
    assert reader.query(soql)[0] == 200
