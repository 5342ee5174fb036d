"""Checks at the partner that no scenario of the practice world leads to, against scripted replies."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.cyclr_support import sample, script, side
from support.scripted_host import Answer
from support.zones import in_zone, needs_zones

from sfrunbook.checks import Context, partner, partner_proof, run_checks
from sfrunbook.core.http_session import open_session
from sfrunbook.core.model import Connection, Finding, OrgKind, Status
from sfrunbook.core.moments import local_and_utc
from sfrunbook.partners import load
from sfrunbook.partners.cyclr.regions import Places, places_of
from sfrunbook.partners.cyclr.side import CyclrSide
from sfrunbook.salesforce.approvals import Approvals
from sfrunbook.store.partner_record import PartnerRecord

GIVEN = {"console_host": "my.cyclr.com", "service_domain": "app-h.cyclr.com"}
NAMES = ("accounts", "account", "library", "methods", "installed", "launch", "sign-in", "execute")
LINK = "/connectorauth/updateaccountconnectoroauth"
KEY = "3MVG9" + "a1B2c3D4" * 10


def as_json(value: object, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value), {"Content-Type": "application/json"})


def look(
    *names: str, places: Places | None = None, answers: dict[str, Any] | None = None, **more: Any
) -> dict[str, Finding]:
    with side(script(*NAMES) | (answers or {})) as it, open_session(backoff_seconds=0) as http:
        at_host = Places(console_url="https://my.cyclr.com", service_url=it.host.origin, api_url=it.host.origin)
        found = places or at_host
        at = CyclrSide(it.cyclr, found, http, account_id="contoso-tea", connector_name="Salesforce")
        connection = Connection(
            name="acme", login_url=it.host.origin, client_id=KEY, variables=GIVEN, **more.pop("connection", {})
        )
        context = Context(connection=connection, profile=load("cyclr"), http=http, partner=at, **more)
        return {one.check: one for one in run_checks("partner", context, only=names)}


def with_parameters(*parameters: dict[str, Any]) -> dict[str, Any]:
    entry = {**sample("library")["body"][0], "Parameters": list(parameters)}
    return {"/v1.0/connectors": [as_json([entry])]}


def required(key: str, label: str) -> dict[str, Any]:
    return {"IsAccountConnectorProperty": True, "TargetName": key, "Name": label, "IsOptional": False, "Id": 1}


def test_without_credentials_nothing_at_the_partner_is_looked_at():
    with open_session() as http:
        connection = Connection(name="acme", login_url="https://acme.my.salesforce.com", client_id=KEY, variables=GIVEN)
        found = run_checks("partner", Context(connection=connection, profile=load("cyclr"), http=http))
    assert {one.status for one in found} == {Status.SKIPPED}


def test_another_service_domain_than_that_of_the_callback_is_told():
    found = look(*partner.ACCESS, places=places_of(GIVEN))["service-domain-is-that-of-the-callback"]
    assert (found.status, found.diagnosis.code) == (Status.FAILED, "cyclr-service-domain-differs")
    assert found.detail == ("Cyclr's Service Domain is acme-h.eu.cyclr.com, but you entered app-h.cyclr.com.")


def test_client_id_and_secret_that_nobody_set_are_told():
    answers = with_parameters(required("ClientId", "Client ID"), required("ClientSecret", "Client Secret"))
    found = look(*partner.ACCESS[:2], *partner.CONNECTOR, answers=answers)["connector-has-client-id-and-secret"]
    assert (found.status, found.diagnosis.code) == (Status.FAILED, "cyclr-credentials-not-set")
    assert found.detail == "Cyclr's Salesforce connector has no ClientId."


def test_a_required_value_that_is_not_set_is_told_by_its_label():
    answers = with_parameters(required("businessUnit", "Business Unit ID"))
    found = look(*partner.ACCESS[:2], *partner.CONNECTOR, answers=answers)["connector-has-what-it-requires"]
    assert (found.status, found.diagnosis.code) == (Status.FAILED, "cyclr-property-not-set")
    assert found.detail == "The connector lacks a required value: Business Unit ID."


def test_a_connector_that_the_library_does_not_have_is_told():
    answers = {"/v1.0/connectors": [as_json([])]}
    found = look(*partner.ACCESS[:2], *partner.CONNECTOR, answers=answers)
    assert found["connector-is-in-the-library"].diagnosis.code == "cyclr-connector-not-in-library"
    assert found["connector-is-installed"].status is Status.SKIPPED


def request_of(login: str, **more: str) -> dict[str, Any]:
    from urllib.parse import urlencode

    sent = {"client_id": KEY, "redirect_uri": "https://app-h.cyclr.com/connector/callback", **more}
    return {LINK: [Answer(302, "", {"Location": f"{login}/services/oauth2/authorize?{urlencode(sent)}"})]}


BEFORE = (*partner.ACCESS[:2], *partner.CONNECTOR, *partner.LOGIN)


def test_a_scope_that_cyclr_does_not_ask_for_is_a_warning():
    found = look(*BEFORE, answers=request_of("https://login.salesforce.com", scope="full"))
    one = found["partner-asks-for-enough-scopes"]
    assert (one.status, one.diagnosis.code) == (Status.WARNING, "cyclr-asks-too-little")
    assert one.detail == "Cyclr requests only the scopes full; missing: refresh_token."


@pytest.mark.parametrize(
    ("login", "kind"),
    [("https://login.salesforce.com", OrgKind.SANDBOX), ("https://test.salesforce.com", OrgKind.PRODUCTION)],
)
def test_a_general_login_host_of_the_other_kind_is_told_without_asking_it(login, kind):
    found = look(*BEFORE, answers=request_of(login), connection={"org_kind": kind})["partner-logs-in-where-the-app-is"]
    assert (found.status, found.diagnosis.code) == (Status.FAILED, "cyclr-wrong-login-host")


def test_a_key_with_a_blank_at_its_end_is_told_as_one():
    answers = request_of("https://login.salesforce.com", client_id=f"{KEY} ")
    found = look(*BEFORE, answers=answers)["partner-sends-this-consumer-key"]
    assert (found.status, found.diagnosis.code) == (Status.FAILED, "cyclr-other-consumer-key")
    assert found.detail.endswith("They differ only in spaces: an extra one was copied.")


def test_an_answer_to_the_link_that_is_not_understood_is_inconclusive():
    found = look(*BEFORE, answers={LINK: [Answer(200, "<p>hello</p>", {"Content-Type": "text/html"})]})
    assert found["partner-login-request-is-read"].status is Status.INCONCLUSIVE
    assert found["partner-sends-this-consumer-key"].status is Status.SKIPPED


@pytest.mark.parametrize(
    ("count", "status"), [(None, Status.SKIPPED), (0, Status.PASSED), (4, Status.PASSED), (5, Status.FAILED)]
)
def test_room_for_one_more_approval(count, status):
    counted = Approvals(count=count, counted_by="the org itself")
    found = look(*partner.ACCESS[:1], partner.LOGIN[-1], approvals=counted)[partner.LOGIN[-1]]
    assert found.status is status


def test_a_method_that_returns_something_else_proves_nothing():
    path = sample("execute")["path"]
    found = look(*partner.ACCESS[:2], *partner.CONNECTOR, *partner_proof.PROOF, answers={path: [as_json({"x": 1})]})
    one = found["a-method-returns-data"]
    assert (one.status, one.diagnosis.code) == (Status.INCONCLUSIVE, "cyclr-response-not-of-salesforce")


@needs_zones
def test_a_refresh_that_cannot_be_proved_yet_has_a_date_and_one_that_is_old_enough_is_proved(tmp_path: Path):
    record = PartnerRecord(tmp_path, "acme")
    with in_zone("CET-1"):
        found = look(*partner.ACCESS[:2], *partner.CONNECTOR, *partner_proof.PROOF, partner_record=record)
        date = local_and_utc(record.authenticated_at("3301") + timedelta(hours=25))
    one = found["refresh-works-later"]
    assert "CET" in date
    assert (one.status, one.diagnosis.code) == (Status.WARNING, "cyclr-refresh-not-proved")
    assert one.detail == f"Cyclr's refresh isn't verified yet. Check again after {date}."
    old = PartnerRecord(tmp_path / "older", "acme")
    old.note_authenticated("3301", datetime.now(UTC) - timedelta(hours=26))
    again = look(*partner.ACCESS[:2], *partner.CONNECTOR, *partner_proof.PROOF, partner_record=old)
    assert again["refresh-works-later"].status is Status.PASSED


@pytest.mark.parametrize("text", ["", "{", "[]", '{"authenticated": 7, "attested": {"at": "x"}}'])
def test_a_damaged_record_counts_as_none(tmp_path: Path, text: str):
    (tmp_path / "acme.json").write_text(text)
    record = PartnerRecord(tmp_path, "acme")
    assert (record.authenticated_at("1"), record.attested) == (None, None)
    record.attest(datetime(2026, 11, 23, 9, tzinfo=UTC), rows=2, ids=2)
    assert record.attested.rows == 2
