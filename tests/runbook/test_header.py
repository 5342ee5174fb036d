"""The header: which connection, practice or live, what is next, and the minutes that are left."""

from __future__ import annotations

import os
from pathlib import Path

from sfrunbook.core.model import Connection, Finding, Status
from sfrunbook.runbook.header import HeaderView
from sfrunbook.runbook.state import State
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.progress import STEPS


def test_the_header_has_connection_badge_next_step_and_minutes_and_follows_the_state(session: Path) -> None:
    state = State("practice", attended=True)
    header = HeaderView(state).widget
    assert (header.connection, header.practice, header.next_step) == ("practice", True, "connection")
    assert header.minutes == sum(step.minutes for step in STEPS)
    first, second = STEPS[:2]
    state.record("connection", [Finding(check=first.proof[0], claim="It is.", status=Status.PASSED, detail="It is.")])
    assert header.next_step == second.name
    assert header.minutes == sum(step.minutes for step in STEPS) - first.minutes


def test_a_real_org_is_live_and_one_that_cannot_be_opened_has_everything_to_do(session: Path) -> None:
    live = Connection(name="acme", login_url="https://acme.my.salesforce.com", client_id="", profile="cyclr")
    ConnectionBook(Path(os.environ["SFRUNBOOK_HOME"])).add(live)
    state = State("practice", attended=True)
    header = HeaderView(state).widget
    state.open("acme")
    assert (header.connection, header.practice) == ("acme", False)
    state.open("nobody")
    assert (header.connection, header.next_step) == ("nobody", "connection")
    assert {step["state"] for step in header.steps} == {"to do"}
