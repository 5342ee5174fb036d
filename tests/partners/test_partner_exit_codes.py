"""What a program is told when the partner's side is set up wrongly: the row, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.practice_support import Practice
from support.runbook_support import make_shell
from support.worlds import World


@pytest.fixture(scope="module")
def practice(module_world: World, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    return Practice(module_world, tmp_path_factory.mktemp("codes") / "session")


def told(practice: Practice, folder: Path) -> tuple[int, dict[str, str]]:
    """Exit code of `sfrunbook check --stage partner`, and the row of each check that did not pass."""
    shell = make_shell(folder, **practice.environ)
    done = shell.run("check", "practice", "--stage", "partner", "--json")
    findings = json.loads(done.stdout)["findings"]
    rows = {one["check"]: (one["diagnosis"] or {}).get("code", "") for one in findings if one["status"] != "passed"}
    return done.returncode, {check: row for check, row in rows.items() if row}


@pytest.mark.parametrize(
    ("scenario", "parameters", "check", "row", "code"),
    [
        ("cyclr-other-region", {}, "partner-api-can-be-asked", "cyclr-credentials-refused", 1),
        ("cyclr-api-client-revoked", {}, "partner-api-can-be-asked", "cyclr-credentials-refused", 1),
        ("cyclr-account-gone", {}, "partner-account-is-known", "cyclr-account-not-found", 1),
        ("cyclr-tokens-restricted", {}, "service-domain-is-that-of-the-callback", "cyclr-not-permitted", 1),
        (
            "cyclr-tokens-restricted",
            {"account": "contoso-tea"},
            "partner-account-is-known",
            "cyclr-not-permitted",
            1,
        ),
        ("cyclr-signin-expired", {}, "partner-login-request-is-read", "cyclr-sign-in-link-used", 1),
        ("cyclr-signin-eaten", {}, "partner-login-request-is-read", "cyclr-sign-in-link-used", 1),
        ("cyclr-maintenance", {}, "partner-api-can-be-asked", "cyclr-answer-not-json", 3),
        ("cyclr-html", {"path": "/v1.0"}, "partner-api-can-be-asked", "cyclr-answer-not-json", 3),
        ("cyclr-too-many-requests", {"retry_after": 600}, "partner-api-can-be-asked", "cyclr-too-many-requests", 3),
        ("cyclr-truncated", {}, "partner-api-can-be-asked", "connection-lost", 3),
        ("cyclr-connection-reset", {}, "partner-api-can-be-asked", "connection-lost", 3),
        ("cyclr-deauthenticated", {}, "connector-is-authenticated", "cyclr-not-authenticated", 1),
        ("cyclr-template-only", {}, "connector-is-installed", "cyclr-connector-not-installed", 1),
    ],
)
def test_the_right_row_and_the_right_exit_code(practice, tmp_path, scenario, parameters, check, row, code):
    practice.back_to("connected")
    practice.turn_on(scenario, **parameters)
    returncode, rows = told(practice, tmp_path / "user")
    assert rows[check] == row
    assert returncode == code


def test_one_cause_gives_one_complaint(practice, tmp_path):
    practice.back_to("connected")
    practice.turn_on("cyclr-api-client-revoked")
    _, rows = told(practice, tmp_path / "user")
    assert set(rows) == {"partner-api-can-be-asked"}


def test_all_is_well_when_nothing_was_turned_on(practice, tmp_path):
    practice.back_to("connected")
    assert told(practice, tmp_path / "user") == (0, {})


def test_a_reused_link_leads_to_cyclrs_login_and_a_fresh_one_to_salesforce(practice):
    from sfrunbook.partners.cyclr.redirect import Destination, read_redirect

    practice.back_to("installed")
    side = practice.opened.partner.side
    link = side.new_link()
    seen = [read_redirect(practice.opened.http, link, side.places.service_url).destination for _ in range(2)]
    assert seen == [Destination.SALESFORCE, Destination.CYCLR_LOGIN]
