"""The API of the practice Cyclr: methods, and the cycles that call them."""

from __future__ import annotations

import pytest

BLOCKED = {"Message": "Unknown client IP Address: contact support to request access for this IP address"}


# methods


def test_an_address_that_is_not_let_in_gets_the_documented_403_for_execute_and_test_only(partner):
    number = partner.connected()
    partner.settings(cyclr_allowed_ips=[])
    method = f"/account/connectors/{number}/methods/{partner.method()}"
    for verb, path in (("POST", method), ("GET", method), ("POST", method.replace("methods", "test"))):
        reply = partner.call(verb, path, {} if verb == "POST" else None)
        assert (reply.status_code, reply.json()) == (403, BLOCKED)
    claimed = {"X-Practice-Client-Ip": "203.0.113.9"}
    partner.settings(cyclr_allowed_ips=["203.0.113.0/24"])
    assert partner.call("POST", method, {}, headers=claimed).status_code == 200
    assert partner.execute(number).status_code == 403
    trigger = partner.done("GET", f"/account/connectors/{number}")["Connector"]["Triggers"][0]["Id"]
    names = partner.done("POST", f"/account/connectors/{number}/triggers/{trigger}", {})
    assert {"Value": "Account"} in names
    partner.settings(cyclr_ip_block_covers_triggers=True)
    reply = partner.call("POST", f"/account/connectors/{number}/triggers/{trigger}", {})
    assert (reply.status_code, reply.json()) == (403, BLOCKED)


@pytest.mark.parametrize("ranges", [["x"], ["10.0.0.0/99"], [""], "127.0.0.1"])
def test_ranges_that_cannot_be_read_are_not_set(partner, ranges):
    url = partner.world.ready["control_url"] + "/settings"
    assert partner.session.put(url, json={"cyclr_allowed_ips": ranges}, timeout=10).status_code == 400


def test_a_number_of_any_length_is_only_not_found(partner):
    for path in (f"/account/connectors/{'9' * 5_000}", f"/connectors/{'9' * 5_000}", f"/methods/{'9' * 5_000}"):
        assert partner.call("GET", path).status_code == 404


def test_a_test_shows_request_and_response_or_the_response_alone(partner):
    number = partner.connected()
    path = f"/account/connectors/{number}/test/{partner.method()}"
    shown = partner.done("POST", path, {})
    assert list(shown) == ["Request", "MethodResponse", "StatusCode", "Error"]
    assert shown["Request"]["Headers"] == {"Authorization": "Bearer [redacted]"}
    assert shown["MethodResponse"] == partner.execute(number).json()
    partner.settings(cyclr_test_shape="response")
    assert partner.done("POST", path, {}) == shown["MethodResponse"]


def test_parameters_go_by_their_ids_and_wrong_ones_are_refused(partner):
    number = partner.connected()
    methods = {each["Name"]: each for each in partner.done("GET", "/connectors/412/methods")}
    limit = str(methods["List Accounts"]["Parameters"][0]["Id"])
    assert len(partner.execute(number, body={"Parameters": {limit: "2"}}).json()["records"]) == 2
    assert len(partner.execute(number, body={"Parameters": {limit: 3}}).json()["records"]) == 3
    one = f"/account/connectors/{number}/methods/{methods['List Accounts']['Id']}"
    assert len(partner.done("GET", f"{one}?{limit}=4")["records"]) == 4
    for wrong in ({limit: "many"}, {limit: "0"}, {"1": "2"}, {limit: None}, {limit: []}, "x"):
        assert partner.execute(number, body={"Parameters": wrong}).status_code == 400
    assert partner.execute(number, "Run Query").status_code == 400
    soql = str(methods["Run Query"]["Parameters"][0]["Id"])
    counted = partner.execute(number, "Run Query", {"Parameters": {soql: "SELECT COUNT() FROM Account"}})
    assert counted.json()["totalSize"] == 120
    bad = partner.execute(number, "Run Query", {"Parameters": {soql: "SELECT Nope FROM Account"}})
    assert bad.status_code == 400
    assert bad.json()["Message"] == "Failed to call the method"
    assert "INVALID_FIELD" in bad.json()["Detail"]
    partner.settings(cyclr_method_error_detail=False, cyclr_method_error_status=502)
    bad = partner.execute(number, "Run Query", {"Parameters": {soql: "SELECT Nope FROM Account"}})
    assert (bad.status_code, bad.json()) == (502, {"Message": "Failed to call the method"})


def test_a_record_is_created_by_fields_and_by_a_body(partner):
    number = partner.connected()
    methods = {each["Name"]: each for each in partner.done("GET", "/connectors/412/methods")}
    name = str(methods["Create Account"]["Fields"][0]["Id"])
    assert partner.execute(number, "Create Account", {"Fields": {name: "By fields"}}).json()["success"] is True
    path = f"/account/connectors/{number}/methods/{partner.method('Create Account')}/body"
    assert partner.done("POST", path, {"Name": "By body"})["success"] is True
    assert partner.call("POST", path, [1]).status_code == 400


def test_an_unknown_method_is_404_and_a_malformed_identifier_400(partner):
    number = partner.install()
    for method, status in (
        ("00000000-0000-4000-8000-000000000000", 404),
        ("99", 404),
        ("d9a7ec8f-9853", 400),
        ("List%20Accounts", 400),
    ):
        assert partner.call("POST", f"/account/connectors/{number}/methods/{method}", {}).status_code == status
    assert partner.call("POST", f"/account/connectors/{number}/triggers/1", {}).status_code == 404


# cycles


def test_a_cycle_from_the_template_runs_once_and_shows_its_transaction(partner):
    number = partner.connected()
    (template,) = partner.done("GET", "/templates", account="")
    assert partner.done("GET", f"/templates/{template['Id']}", account="") == template
    cycle = partner.done("POST", f"/templates/{template['Id']}/install")
    (step,) = partner.done("GET", f"/cycles/{cycle['Id']}/steps")
    assert step["AccountConnector"] == {"Id": number, "Name": "Salesforce"}
    partner.settings(cyclr_allowed_ips=[])
    ran = partner.done("PUT", f"/cycles/{cycle['Id']}/activate", {"StartTime": None, "Interval": 5, "RunOnce": True})
    assert ran["Status"] == "Stopped"
    (transaction,) = partner.done("GET", f"/cycles/{cycle['Id']}/transactions")
    assert (transaction["Status"], transaction["RecordCount"]) == ("Completed", 120)
    assert partner.done("GET", "/cycles/transactions?status=completed") == [transaction]
    assert partner.done("GET", "/cycles/transactions?status=error") == []
    assert partner.done("GET", f"/cycles/{cycle['Id']}/transactions/{transaction['Id']}") == transaction
    assert partner.done("GET", f"/cycles/{cycle['Id']}/incidents") == []
    assert [each["Id"] for each in partner.done("GET", "/cycles?connectorName=salesforce")] == [cycle["Id"]]
    assert partner.done("GET", "/cycles?connectorName=hubspot") == []


def test_a_running_cycle_cannot_be_edited(partner):
    partner.connected()
    template = partner.cyclr["templates"][0]["id"]
    where = f"/cycles/{partner.done('POST', f'/templates/{template}/install')['Id']}"
    assert partner.done("PUT", f"{where}/activate", {"Interval": 60})["Status"] == "Running"
    assert partner.call("PUT", where, {"Name": "x"}).status_code == 409
    assert partner.call("PUT", f"{where}/activate", {}).status_code == 409
    assert partner.done("PUT", f"{where}/deactivate", {})["Status"] == "Stopped"
    assert partner.done("PUT", where, {"Name": "Renamed"})["Name"] == "Renamed"
    partner.done("DELETE", where)
    assert partner.call("GET", where).status_code == 404


def test_a_cycle_can_be_made_empty_and_does_not_run(partner):
    made = partner.call("POST", "/cycles", {"Name": "Mine"})
    assert made.status_code == 201
    assert partner.call("PUT", f"/cycles/{made.json()['Id']}/activate", {"RunOnce": True}).status_code == 400
    assert partner.call("POST", "/cycles", {}).status_code == 400


def test_a_step_without_a_connector_ends_in_an_incident(partner):
    template = partner.cyclr["templates"][0]["id"]
    cycle = partner.done("POST", f"/templates/{template}/install")["Id"]
    partner.done("PUT", f"/cycles/{cycle}/activate", {"RunOnce": True})
    (incident,) = partner.done("GET", f"/cycles/{cycle}/incidents")
    assert list(incident) == [
        "CycleId",
        "CycleName",
        "IncidentLevel",
        "ShortMessage",
        "FullMessage",
        "StepId",
        "StepName",
        "TransactionId",
        "Timestamp",
    ]
    assert incident["ShortMessage"] == "Failed to authenticate the connector"
