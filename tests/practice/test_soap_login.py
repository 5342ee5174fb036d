"""SOAP login(): off by default, its faults, and what a session from it is good for."""

from __future__ import annotations

import re

import pytest
from support.inside import ORIGINS, Inside

ENVELOPE = """<?xml version="1.0" encoding="utf-8"?>
<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>
<n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{}</n1:username><n1:password>{}</n1:password></n1:login>
</env:Body></env:Envelope>"""
INVALID = "Invalid username, password, security token; or user locked out."


@pytest.fixture(scope="module")
def shared():
    return Inside()


@pytest.fixture
def world(shared):
    shared.practice.reset()
    shared.settle()
    shared.settings(soap_login=True)
    return shared


def post(world, body, address="u/64.0", host=ORIGINS[0]):
    return world.send("POST", f"/services/Soap/{address}", host=host, body=body.encode(), kind="text/xml")


def log_in(world, address="u/64.0", host=ORIGINS[0], **changes):
    """Status and text of each element, of a fault its code and message."""
    given = {"username": world.user.username, "password": world.user.password, **changes}
    answer = post(world, ENVELOPE.format(given["username"], given["password"]), address, host)
    found = dict(re.findall(r"<(?:sf:)?(\w+)>([^<]*)</", answer.body.decode()))
    if answer.status == 500:
        return found["exceptionCode"], found["exceptionMessage"]
    return found


def test_by_default_it_is_disabled_and_login_history_says_so(world):
    world.settings(soap_login=False)
    code, message = log_in(world)
    assert code == "INVALID_OPERATION"
    assert message.startswith("SOAP API login() is disabled by default in this org.")
    assert world.world.logins[-1].status == "SOAP API login() is disabled"


@pytest.mark.parametrize("address", ["u/64.0", "c/31.0", "u/59.0/00D000000000001"])
def test_a_session_from_it_works_for_rest_and_has_no_app(world, address):
    found = log_in(world, address)
    assert found["serverUrl"].startswith(f"{world.org().my_domain_url}/services/Soap/{address[:6]}/")
    assert (found["userId"], found["organizationId"]) == (world.user.user_id, world.org().org_id)
    assert world.reached(found["sessionId"]) == (200, "", "")
    headers = {"authorization": f"Bearer {found['sessionId']}"}
    assert world.send("GET", "/services/oauth2/singleaccess", headers=headers).body == b"Bad_OAuth_Token"
    last = world.world.logins[-1]
    assert (last.status, last.login_type) == ("Success", "Other Apex API")
    world.switches(api_access_control=True)
    world.user_is(permission_sets=())
    world.settings(withheld_permissions=("UseAnyApiClient",))
    assert world.reached(found["sessionId"])[0] == 401


def test_the_faults_of_a_login(world):
    assert log_in(world, password="wrong") == ("INVALID_LOGIN", INVALID)
    assert log_in(world, username="nobody@first.practice.example") == ("INVALID_LOGIN", INVALID)
    assert log_in(world, host=ORIGINS[1]) == ("INVALID_LOGIN", INVALID)
    assert log_in(world, "u/65.0")[0] == "INVALID_OPERATION"
    world.settings(security_token="Tok3n")
    assert log_in(world)[0] == "LOGIN_MUST_USE_SECURITY_TOKEN"
    assert "sessionId" in log_in(world, password=f"{world.user.password}Tok3n")
    world.settings(security_token="")
    world.user_is(is_frozen=True)
    assert log_in(world) == ("INVALID_LOGIN", INVALID)
    world.user_is(is_frozen=False, login_ip_ranges=("203.0.113.0/24",))
    assert log_in(world)[0] == "LOGIN_DURING_RESTRICTED_DOMAIN"
    world.user_is(login_ip_ranges=(), api_enabled=False)
    assert log_in(world)[0] == "API_CURRENTLY_DISABLED"


def test_a_password_that_has_expired_gives_a_session_and_says_so(world):
    world.user_is(password_expired=True)
    found = log_in(world)
    assert (found["passwordExpired"], bool(found["sessionId"])) == ("true", True)


@pytest.mark.parametrize(
    "body", ["", "<", "<!DOCTYPE x [<!ENTITY y 'z'>]><x>&y;</x>", "<a/>", ENVELOPE.replace("login", "getUserInfo")]
)
def test_anything_else_is_a_fault_of_the_client(world, body):
    answer = post(world, body)
    assert answer.status == 500
    assert b"<faultcode>soapenv:Client</faultcode>" in answer.body


@pytest.mark.parametrize(("address", "method", "status"), [("x/64.0", "POST", 404), ("u/64", "POST", 404)])
def test_other_addresses_do_not_exist(world, address, method, status):
    assert world.send(method, f"/services/Soap/{address}").status == status


def test_a_browser_that_opens_the_address_is_told_to_post(world):
    assert world.send("GET", "/services/Soap/u/64.0").status == 405
