"""What Cyclr's FAQ says for real: one user, one app, a sixth connection, and the first one's next call."""

from __future__ import annotations

from typing import Any

import pytest
from support.cyclr_support import create_account
from support.practice_support import Practice
from support.worlds import World

from sfrunbook.checks import partner, partner_proof
from sfrunbook.core.model import Status, Verdict


@pytest.fixture(scope="module")
def practice(module_world: World, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    return Practice(module_world, tmp_path_factory.mktemp("faq") / "session")


def connect_another(practice: Practice, number: int) -> str:
    """A connector in an account of its own, logged in as the same user; gives its id."""
    side = practice.opened.partner.side
    create_account(side.cyclr, f"customer-{number}", f"Customer {number}")
    practice.opened.partner.keep_variables({"account_id": f"customer-{number}"})
    there = practice.opened.partner.side
    made = there.install(practice.opened.partner.properties(there))
    practice.log_in()
    return made.number


@pytest.fixture(scope="module")
def after_the_sixth(practice: Practice) -> dict[str, Any]:
    """The first connector's id, and what was foreseen before the last login that there was room for."""
    first = practice.opened.partner.side.installed.number
    for number in range(2, 5):
        connect_another(practice, number)
    foreseen = practice.look(*partner.ACCESS, *partner.CONNECTOR, *partner.LOGIN)
    for number in range(5, 7):
        connect_another(practice, number)
    return {"first": first, "foreseen": foreseen["approvals-leave-room-for-the-partner"]}


def test_before_the_login_that_is_one_too_many_it_is_foreseen(after_the_sixth):
    foreseen = after_the_sixth["foreseen"]
    assert (foreseen.status, foreseen.diagnosis.code) == (Status.FAILED, "cyclr-approvals-full")
    assert foreseen.detail.startswith("5 of 5 approvals used: the next login removes one.")


def test_the_connection_that_was_made_last_works(practice, after_the_sixth):
    practice.opened.partner.keep_variables({"account_id": "customer-6"})
    found = practice.look(*partner_proof.PROOF)
    assert found["a-method-returns-data"].status is Status.PASSED


def test_the_runbook_names_the_connector_that_was_hit(practice, after_the_sixth):
    practice.opened.partner.keep_variables({"account_id": "customer-6"})
    found = practice.look(*partner_proof.NEIGHBOURS)["no-other-connector-lost-its-access"]
    assert found.status is Status.FAILED
    assert found.detail == f"Salesforce rejects Salesforce {after_the_sixth['first']} of account Northwind Outfitters."
    assert found.diagnosis.code == "cyclr-connector-lost-access"
    assert found.diagnosis.what == (
        f"Connector {after_the_sixth['first']} (account Northwind Outfitters) lost its access: "
        "expired access/refresh token"
    )
    assert found.diagnosis.causes[0].code == "sixth-approval"
    ruled_out = [one.cause.code for one in found.diagnosis.ranked if one.verdict is Verdict.RULED_OUT]
    assert "sixth-approval" not in ruled_out


def test_a_connector_whose_access_could_not_be_asked_is_not_taken_for_one_with_access(practice, after_the_sixth):
    practice.turn_on("cyclr-maintenance", path=f"/v1.0/account/connectors/{after_the_sixth['first']}/methods")
    try:
        found = practice.look(*partner_proof.NEIGHBOURS)["no-other-connector-lost-its-access"]
    finally:
        practice.world.control("DELETE", "/scenarios/cyclr-maintenance")
    first = f"Salesforce {after_the_sixth['first']} of account Northwind Outfitters"
    assert (found.status, found.detail) == (Status.INCONCLUSIVE, f"We couldn't check {first}: no answer.")
    assert found.diagnosis.infrastructure


def test_the_first_connectors_own_next_call_tells_the_same(practice, after_the_sixth):
    account = practice.world.ready["cyclr"]["accounts"][0]["id"]
    practice.opened.partner.keep_variables({"account_id": account})
    found = practice.look(*partner_proof.PROOF)["a-method-returns-data"]
    assert (found.status, found.diagnosis.code) == (Status.FAILED, "cyclr-connector-lost-access")
    assert "expired access/refresh token" in found.detail
