"""The button that enters the practice org's values: in each form of a connection to it, whatever it is called."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
from support.runbook_support import free_port
from support.widget_support import fill, parts, press, shown, submit, the, type_in

from sfrunbook import runbook
from sfrunbook.core.errors import problem
from sfrunbook.core.model import Connection, Status
from sfrunbook.runbook import widgets
from sfrunbook.runbook.state import State, StepState
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.progress import STEPS
from sfrunbook.store.wrapping_key import create_key_file

Open = Callable[..., runbook.Page]
LABEL = "Use practice values"


@pytest.fixture
def own(with_person: Open, practice_world: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> runbook.Page:
    """The page of a connection that someone has added to a practice org."""
    create_key_file(tmp_path / "key")
    monkeypatch.setenv("SFRUNBOOK_KEY_FILE", str(tmp_path / "key"))
    acme = Connection(name="acme", login_url=practice_world.my_domain(), client_id="", profile="cyclr")
    ConnectionBook(Path(os.environ["SFRUNBOOK_HOME"])).add(acme)
    return with_person("acme")


def buttons(widget: Any) -> list[Any]:
    return [part for part in parts(widget) if isinstance(part, ipywidgets.Button) and part.description == LABEL]


def test_addresses_key_and_secret_of_an_own_connection_are_entered_by_one_press_each(own: runbook.Page) -> None:
    app, key = own.app(), own.key()
    assert [button.button_style for button in buttons(app)] == ["primary", "primary"]
    assert "Waiting for: the Consumer Key." in shown(key)
    buttons(app)[1].click()
    press(key, LABEL)
    buttons(app)[0].click()
    connection, org = own._state.opened.connection, own._state.practice_org
    assert org is not None
    assert connection.client_id == org.client_id_of(connection.app_kind)
    assert connection.variables == org.values.variables
    assert own._state.opened.client_secret() == org.values.app.secret
    assert own._state.state_of(STEPS[2]) is StepState.DONE
    own.app()
    own._sections["app"].check()
    assert {button.button_style for button in [*buttons(app), *buttons(key)]} == {""}


def test_a_practice_org_that_is_gone_is_a_finding_until_it_is_back(own: runbook.Page) -> None:
    state = own._state
    state.opened.change(client_id="3MVG9" + "a1B2c3D4" * 10)
    app = own.app()
    there = state._practice_org
    assert there is not None
    gone = {**there.ready, "control_url": f"http://127.0.0.1:{free_port()}"}
    state._practice_org = replace(there, ready=gone)
    buttons(app)[1].click()
    found = state.finding("app", "app-can-be-done")
    assert found is not None
    assert (found.status.is_good, found.diagnosis.code) == (False, "practice-world-gone")
    assert found.detail in shown(app)
    state._practice_org = there
    buttons(app)[1].click()
    assert state.finding("app", "app-can-be-done") is None
    assert state.opened.connection.client_id == there.client_id_of(state.opened.connection.app_kind)


def test_a_real_org_has_no_such_button(own: runbook.Page) -> None:
    own._state.opened.change(login_url="https://acme.my.salesforce.com")
    own._state.open("acme")
    assert own._state.practice_org is None
    assert buttons(own.app()) == []


def test_a_check_that_cannot_be_made_is_a_finding_and_goes_when_it_can(own: runbook.Page) -> None:
    state = own._state

    def fail() -> None:
        raise problem("practice-world-gone", host="http://127.0.0.1:9")

    assert state.attempt("key", fail) is False
    assert state.finding("key", "key-can-be-done").status is not Status.PASSED
    assert State("acme", attended=True).finding("key", "key-can-be-done") is not None
    assert state.attempt("key", lambda: None) is True
    assert state.finding("key", "key-can-be-done") is None


def test_the_button_is_not_the_main_one_once_other_values_are_saved(own: runbook.Page) -> None:
    app, org = own.app(), own._state.practice_org
    assert org is not None
    form = next(part for part in parts(app) if isinstance(part, widgets.Form) and part.action == "Save key")
    fill(form, client_id=org.client_id_of(own._state.opened.connection.app_kind), saved="earlier")
    submit(form)
    assert [button.button_style for button in buttons(app)] == ["primary", ""]
    key = own.key()
    type_in(the(key, widgets.SecretField, "Consumer Secret"), own._state.practice_org.values.app.secret.reveal())
    assert [button.button_style for button in buttons(key)] == [""]
    own._sections["app"]._watch.close()
