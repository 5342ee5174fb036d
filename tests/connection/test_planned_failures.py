"""Each planned failure breaks what it announces, in the app of its connection only, and is undone without a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.practice_support import Practice

from sfrunbook.connection.planned_failures import PLANNED_FAILURES, PlannedFailures
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Status
from sfrunbook.diagnosis.diagnose import diagnosis_of


@pytest.fixture(scope="module")
def rehearsal(module_world: Any, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    return Practice(module_world, tmp_path_factory.mktemp("practice") / "session")


def failed(stage: str) -> Callable[[Practice], set[str]]:
    """The codes of the failed checks of a stage."""

    def look(rehearsal: Practice) -> set[str]:
        found = rehearsal.look(stage=stage).values()
        return {one.diagnosis.code for one in found if one.status is Status.FAILED and one.diagnosis}

    return look


def login(rehearsal: Practice) -> set[str]:
    """The code with which a login of the runbook ends."""
    try:
        rehearsal.opened.login.log_in_unattended()
    except RunbookError as error:
        return {diagnosis_of(error).code}
    return set()


def blocked(rehearsal: Practice) -> set[str]:
    """Whether a method may not run from here: its cycle runs instead, whose rows can't be seen."""
    found = rehearsal.look(stage="partner")["a-method-returns-data"]
    return {found.detail} if found.status is Status.WARNING else set()


SEEN: dict[str, tuple[Callable[[Practice], set[str]], str]] = {
    "callback-removed": (failed("registration"), "callback-not-registered"),
    "callback-with-slash": (failed("registration"), "callback-not-registered"),
    "secret-rotated": (failed("credentials"), "client-secret-refused"),
    "refresh-scope-removed": (login, "scope-not-allowed"),
    "user-not-approved": (login, "user-not-admin-approved"),
    "cyclr-blocks-methods": (blocked, "The cycle completed; we couldn't see its rows."),
    "cyclr-without-pkce": (failed("partner"), "cyclr-sends-no-challenge"),
    "cyclr-without-secret": (failed("partner"), "cyclr-refresh-needs-secret"),
}


@pytest.mark.parametrize("name", [each.name for each in PLANNED_FAILURES])
def test_a_planned_failure_shows_what_it_announces_and_is_undone(rehearsal: Practice, name: str) -> None:
    look, code = SEEN[name]
    rehearsal.back_to("connected")
    failures = PlannedFailures(rehearsal.opened.practice.org)
    before = rehearsal.world.control("GET", "/apps"), rehearsal.world.control("GET", "/settings")
    assert (look(rehearsal), failures.broken()) == (set(), ())
    planned = failures.break_it(name)
    assert failures.broken() == (planned,)
    assert code in look(rehearsal)
    failures.undo()
    assert failures.broken() == ()
    assert (rehearsal.world.control("GET", "/apps"), rehearsal.world.control("GET", "/settings")) == before


def test_a_replaced_secret_is_not_taken_for_a_box_that_the_partner_needs_cleared(rehearsal: Practice) -> None:
    rehearsal.back_to("connected")
    failures = PlannedFailures(rehearsal.opened.practice.org)
    failures.break_it("secret-rotated")
    assert failed("partner")(rehearsal) == {"client-secret-refused"}
    failures.undo()


def test_a_planned_failure_leaves_the_apps_of_other_connections_alone(rehearsal: Practice) -> None:
    rehearsal.back_to("connected")
    failures, own = PlannedFailures(rehearsal.opened.practice.org), rehearsal.opened.connection.client_id

    def others() -> list[Any]:
        return [app for app in rehearsal.world.control("GET", "/apps") if app["client_id"] != own]

    before = others()
    for each in PLANNED_FAILURES:
        failures.break_it(each.name)
    assert failures.broken() == PLANNED_FAILURES
    assert others() == before
    failures.undo()


def test_undo_leaves_what_else_was_changed(rehearsal: Practice) -> None:
    rehearsal.back_to("connected")
    rehearsal.turn_on("records-hidden")
    failures = PlannedFailures(rehearsal.opened.practice.org)
    failures.break_it("secret-rotated")
    failures.undo()
    assert rehearsal.world.control("GET", "/scenarios/records-hidden")["on"]


def test_a_failure_that_is_not_planned_is_refused(rehearsal: Practice) -> None:
    with pytest.raises(KeyError, match="app-deleted"):
        PlannedFailures(rehearsal.opened.practice.org).break_it("app-deleted")
