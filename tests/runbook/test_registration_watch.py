"""The board of Callback URLs: what it shows after a look, and what it records."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfrunbook.core.model import Status
from sfrunbook.runbook.background import WatchState
from sfrunbook.runbook.forms.registration_watch import RegistrationWatch
from sfrunbook.runbook.state import State


@pytest.fixture
def state(session: Path) -> State:
    return State("practice", attended=True)


def test_a_look_at_a_complete_registration_ends_the_watch_and_is_recorded(state: State) -> None:
    watch = RegistrationWatch(state, "app")
    assert watch._check() is False
    assert watch.board.status == "passed"
    found = state.finding("app", "callback-urls-are-registered")
    assert found is not None
    assert found.status is Status.PASSED


def test_without_a_consumer_key_nothing_is_asked_and_the_board_says_what_comes_first(state: State) -> None:
    state.opened.change(client_id="")
    watch = RegistrationWatch(state, "app")
    assert watch._check() is False
    assert watch.board.sentence == "Save the Consumer Key above. Then the checks start."
    assert state.current("app") == ()


def test_a_missing_callback_url_goes_on_being_watched(state: State) -> None:
    state.opened.change(variables={**state.opened.connection.variables, "service_domain": "acme-h.eu.cyclr.com"})
    watch = RegistrationWatch(state, "app")
    assert watch._check() is True
    assert watch.board.status == "failed"
    assert watch.board.sentence.endswith("missing. We'll check again automatically.")


def test_a_watch_that_outlives_a_switch_records_nothing_for_the_other_connection(state: State) -> None:
    watch = RegistrationWatch(state, "app")
    state.open("practice")  # opened again: another connection as far as findings go
    watch._check()
    assert state.current("app") == ()


def test_after_30_minutes_someone_is_told_whom_to_ask(state: State) -> None:
    watch = RegistrationWatch(state, "app")
    watch._show_state(WatchState(looking=False, too_long=True))
    assert watch.board.sentence.endswith("If all is right, ask Salesforce Support.")
    assert (watch.board.status, watch.board.looking) == ("warning", False)
