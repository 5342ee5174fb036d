"""Client ID and Client Secret in the Console: what goes wrong with them there, and what the runbook says."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.cyclr_support import create_account
from support.practice_support import Practice
from support.runbook_support import visit_as
from support.worlds import World

from sfrunbook.checks import partner, partner_proof
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.practice.visitor import VisitRefused

ACCOUNT = "console-only"
BEFORE = (*partner.ACCESS, *partner.CONNECTOR, *partner.LOGIN)


@pytest.fixture(scope="module")
def practice(module_world: World, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """A further account whose connector has no pair of its own; the Console has that of the app."""
    world = module_world
    made = Practice(world, tmp_path_factory.mktemp("console") / "session")
    made.back_to("installed")
    app = world.app()
    pair = {name: app[name] for name in ("client_id", "client_secret")}
    world.control("POST", "/cyclr/library/Salesforce", pair)
    create_account(made.opened.partner.side.cyclr, ACCOUNT, "Console only")
    made.opened.partner.keep_variables({"account_id": ACCOUNT})
    side = made.opened.partner.side
    side.install(made.opened.partner.properties(side))
    assert side.account_client_id == ""
    world.control("POST", "/snapshots", {"name": "by-console"})
    return made


def look(practice: Practice, scenario: str, *names: str, **parameters: Any) -> Any:
    practice.back_to("by-console")
    practice.turn_on(scenario, **parameters)
    return practice.look(*(names or BEFORE))


@pytest.mark.parametrize(
    ("scenario", "parameters", "check", "row"),
    [
        ("cyclr-credentials-wrong", {"how": "swapped"}, "partner-sends-this-consumer-key", "cyclr-other-consumer-key"),
        (
            "cyclr-credentials-wrong",
            {"how": "key_blank"},
            "partner-sends-this-consumer-key",
            "cyclr-other-consumer-key",
        ),
        ("cyclr-other-connector", {}, "connector-has-client-id-and-secret", "cyclr-credentials-not-set"),
        ("cyclr-save-forgotten", {}, "connector-has-client-id-and-secret", "cyclr-credentials-not-set"),
        (
            "cyclr-save-forgotten",
            {"still": "Cyclr (Connected App)"},
            "partner-sends-this-consumer-key",
            "cyclr-other-consumer-key",
        ),
    ],
)
def test_what_was_pasted_wrongly_is_foreseen(practice, scenario, parameters, check, row):
    found = look(practice, scenario, **parameters)[check]
    assert (found.status, found.diagnosis.code) == (Status.FAILED, row)


@pytest.mark.parametrize(("scenario", "parameters"), [("cyclr-credentials-wrong", {}), ("cyclr-state-expired", {})])
def test_what_cannot_be_foreseen_leaves_the_connector_unauthenticated(practice, scenario, parameters):
    before = look(practice, scenario, **parameters)
    assert {one.status for one in before.values()} == {Status.PASSED}, before
    with contextlib.suppress(VisitRefused):
        visit_as(practice.world, practice.opened.partner.side.new_link().reveal())
    found = practice.look(partner_proof.PROOF[0])["connector-is-authenticated"]
    assert (found.status, found.diagnosis.code) == (Status.FAILED, "cyclr-not-authenticated")


def test_the_service_domain_is_compared_with_what_was_entered_and_says_so(practice):
    practice.back_to("by-console")
    entered = urlsplit(practice.opened.partner.side.places.service_url).netloc
    found = practice.look(*partner.ACCESS)["service-domain-is-that-of-the-callback"]
    assert found.status is Status.PASSED
    assert found.claim == "The Service Domain at the partner is the one that you entered."
    assert found.detail == f"Launch links lead to {entered}, the Service Domain that you entered."


def test_where_cyclr_sends_a_challenge_the_box_may_be_ticked(practice):
    practice.back_to("by-console")
    app = practice.world.app()["client_id"]
    practice.world.control("POST", f"/apps/{app}", {"pkce_required": True})
    found = practice.look(*BEFORE)["pkce-box-fits-what-the-partner-sends"]
    assert (found.status, found.detail) == (
        Status.PASSED,
        "The partner sends a code challenge, so PKCE can be required.",
    )


def test_a_draft_cannot_be_installed_and_is_told_as_one(practice):
    practice.back_to("by-console")
    side = practice.opened.partner.side
    side.cyclr._api.ask("DELETE", f"/account/connectors/{side.installed.number}", account=ACCOUNT)
    practice.turn_on("cyclr-connector-draft")
    with pytest.raises(RunbookError) as refused:
        practice.opened.partner.side.install({})
    assert diagnosis_of(refused.value).code == "cyclr-connector-is-draft"


def test_an_api_token_that_has_ended_is_replaced_without_a_word(practice):
    found = look(practice, "cyclr-token-ended")
    assert {one.status for one in found.values()} == {Status.PASSED}, found
