"""Each of the twenty commonest causes, turned on in the practice world: foreseen, or diagnosed after the login."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from typing import Any

import pytest
from support.cyclr_support import answer, script, side
from support.practice_support import Practice
from support.runbook_support import visit_as
from support.scripted_host import Answer
from support.worlds import World

from sfrunbook.checks import Context, partner, partner_proof, run_checks
from sfrunbook.core.http_session import open_session
from sfrunbook.core.model import AppKind, Connection, Finding, Status, Verdict
from sfrunbook.diagnosis import catalogue
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.diagnosis.pasted.read_text import explain_text
from sfrunbook.partners import load
from sfrunbook.partners.cyclr.regions import places_of
from sfrunbook.partners.cyclr.side import CyclrSide

HERE = Path(__file__).parent
CAUSES = tomllib.loads((HERE / "partner_causes.toml").read_text("utf-8"))["cause"]
BEFORE = (*partner.ACCESS, *partner.CONNECTOR, *partner.LOGIN)


@pytest.fixture(scope="module")
def practice(module_world: World, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    return Practice(module_world, tmp_path_factory.mktemp("causes") / "session")


def said_at_login(practice: Practice) -> str:
    """The row of where the browser ends, its address pasted into explain; Cyclr itself only says: not authenticated."""
    landing = visit_as(practice.world, practice.opened.partner.side.new_link().reveal())
    found = practice.look(partner_proof.PROOF[0])["connector-is-authenticated"]
    assert (found.status, found.diagnosis.code) == (Status.FAILED, "cyclr-not-authenticated")
    return diagnose(explain_text(landing)).code


def situations() -> list[dict[str, Any]]:
    """Every scenario of every cause."""
    every = [cause | more for cause in CAUSES for more in ({}, *cause.get("also", ()))]
    return [one for one in every if one.get("scenario") and not one.get("no_template")]


def outcome(practice: Practice, cause: dict[str, Any]) -> tuple[str, str, str]:
    """Status, row and confirmed cause of what the runbook makes of a cause."""
    look, profile = cause["look"], cause.get("profile", "")
    practice.back_to("connected" if look == "proof" and not (cause.get("log_in") or profile) else "installed")
    opened = practice.opened
    for name, value in cause.get("properties", {}).items():
        opened.partner.side.cyclr.set_property(
            opened.partner.side.account_id, opened.partner.side.installed.number, name, value
        )
    practice.turn_on(cause["scenario"], **cause.get("parameters", {}))
    if look == "login":
        return "failed", said_at_login(practice), ""
    if cause.get("log_in") or profile:
        practice.log_in(profile)
    if cause.get("again"):
        assert practice.look(*partner_proof.PROOF)["refresh-works-later"].status is Status.PASSED
    shown = {"foresee": BEFORE, "proof": partner_proof.PROOF}.get(look, ())
    names = shown[: shown.index(cause["check"]) + 1] if shown else ()  # as the notebook does, step by step
    found = practice.look(*names, stage="partner" if names else look)[cause["check"]]
    weighed = found.diagnosis.ranked if found.diagnosis else ()
    first = weighed[0].cause.code if weighed and weighed[0].verdict is Verdict.CONFIRMED else ""
    return found.status.value, found.diagnosis.code if found.diagnosis else "", first


def test_there_are_twenty_and_each_is_foreseen_or_diagnosed():
    assert [one["number"] for one in CAUSES] == list(range(1, 21))
    assert {one["when"] for one in CAUSES} == {"foreseen", "diagnosed"}


@pytest.mark.parametrize("cause", situations(), ids=lambda one: f"{one['number']}-{one['scenario']}-{one['row']}")
def test_a_cause_is_told_for_what_it_is(practice, cause):
    status, row, first = outcome(practice, cause)
    assert (status, row) == (cause.get("status", "failed"), cause["row"])
    assert first == cause.get("first", first)


def test_nothing_is_wrong_when_nothing_was_turned_on(practice):
    practice.back_to("connected")
    found = practice.look(*BEFORE, *partner_proof.PROOF, *partner_proof.NEIGHBOURS)
    assert {one.status for one in found.values()} == {Status.PASSED}, found


def test_a_new_app_is_registered_on_the_form_that_is_there():
    (cause,) = [one for one in CAUSES if one["look"] == "profile"]
    assert cause["number"] == 4
    first = load("cyclr").forms_for(AppKind.EXTERNAL_CLIENT_APP)[0]
    assert first.when == "For every new app. Since Spring '26, only Salesforce Support can enable new Connected Apps."


def scripted(*names: str, **answers: Answer) -> dict[str, list[Any]]:
    made = script("account", "library", "methods", "installed", *names)
    for path, one in answers.items():
        made[path] = [one]
    return made


def look_at(it: Any, *names: str) -> dict[str, Finding]:
    given = {"console_host": "my.cyclr.com", "service_domain": "app-h.cyclr.com"}
    at = CyclrSide(it.cyclr, places_of(given), it.http, account_id="contoso-tea", connector_name="Salesforce")
    connection = Connection(name="acme", login_url="https://acme.my.salesforce.com", client_id="x", variables=given)
    with open_session() as http:
        context = Context(connection=connection, profile=load("cyclr"), http=http, partner=at)
        return {one.check: one for one in run_checks("partner", context, only=names)}


def test_a_method_without_rows_is_a_warning():
    (cause,) = [one for one in CAUSES if one["number"] == 14]
    empty = Answer(200, '{"totalSize": 0, "records": []}', {"Content-Type": "application/json"})
    path = "/v1.0/account/connectors/3301/methods/d9a7ec8f-9853-50f7-885f-501493e87387"
    with side(scripted() | {path: [empty]}) as it:
        found = look_at(it, *partner_proof.PROOF[:2])[cause["check"]]
    assert (found.status.value, found.diagnosis.code) == (cause["status"], cause["row"])


def test_a_block_of_addresses_without_a_template_proves_nothing_and_says_so():
    (cause,) = [one for one in CAUSES if one.get("no_template")]
    none = Answer(200, "[]", {"Content-Type": "application/json"})
    with side(scripted("execute-blocked") | {"/v1.0/templates": [none]}) as it:
        found = look_at(it, *partner_proof.PROOF[:2])[cause["check"]]
    assert (found.status.value, found.diagnosis.code) == (cause["status"], cause["row"])
    assert found.detail.endswith("No template with this connector is available to run instead.")


def test_a_cycle_that_only_completed_is_a_warning_since_its_rows_were_not_seen(practice):
    practice.back_to("connected")
    practice.turn_on("cyclr-ip-blocked")
    catalogue.rows.cache_clear()
    found = practice.look(*partner_proof.PROOF)
    assert catalogue.rows.cache_info().currsize == 0, "an error that only decides is explained to nobody"
    data = found["a-method-returns-data"]
    assert (data.status, data.detail) == (Status.WARNING, "The cycle completed; we couldn't see its rows.")
    assert list(data.evidence) == ["cycle"]
    assert found["refresh-works-later"].detail == (
        "We ended its session and the next call still worked, so the refresh works."
    )


def test_a_failed_method_tells_what_salesforce_said_to_cyclr():
    with side(scripted("execute-failed")) as it:
        found = look_at(it, *partner_proof.PROOF[:2])["a-method-returns-data"]
    assert found.diagnosis.code == "cyclr-connector-lost-access"
    assert "Connector 3301 (account Contoso Tea)" in found.detail
    assert answer("execute-failed").status == 400


def test_the_page_says_what_the_table_says_and_its_links_lead_somewhere():
    docs = HERE.parents[1] / "docs"
    spec = importlib.util.spec_from_file_location("build_partner_causes", docs / "build_partner_causes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.built(), "run python docs/build_partner_causes.py"
    told = {one["row"] for cause in CAUSES for one in (cause, *cause.get("also", ())) if "row" in one}
    assert [row for row in sorted(told) if not (docs / "errors" / f"{row}.md").exists()] == []
