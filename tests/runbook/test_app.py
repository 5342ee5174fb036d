"""The forms of Register the app without a browser: the app, what to enter in Salesforce, and the Consumer Key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.widget_support import fill, hint, shown, states, submit, the, use

from sfrunbook.core.model import DEFAULT_REDIRECT_URI, AppKind
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.app import app_form, client_id_form, is_existing, registration_sheet
from sfrunbook.runbook.state import State

KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "0123456789ABCDEF" * 4


@pytest.fixture
def state(session: Path) -> State:
    return State("practice", attended=True)


def key_form(state: State, then: Any = lambda: None) -> Any:
    return client_id_form(state, then)


def test_a_consumer_key_is_stored_and_what_depends_on_it_is_checked(state: State) -> None:
    checked: list[str] = []
    widget = key_form(state, lambda: checked.append(state.opened.connection.client_id))
    fill(the(widget, widgets.Form), client_id=KEY, saved="now")
    submit(the(widget, widgets.Form))
    assert checked == [KEY]
    assert state.opened.connection.registered_at is not None
    assert "The Consumer Key is saved." in shown(widget)


@pytest.mark.parametrize("pasted", ["", "3MVG9", SECRET])
def test_what_is_no_consumer_key_is_not_stored_and_said(state: State, pasted: str) -> None:
    before = state.opened.connection.client_id
    widget = key_form(state)
    fill(the(widget, widgets.Form), client_id=pasted)
    submit(the(widget, widgets.Form))
    assert state.opened.connection.client_id == before
    assert "The key wasn't saved." in shown(widget)
    assert pasted != SECRET or SECRET not in shown(widget)


def test_a_consumer_secret_that_the_browser_has_held_back_is_answered_with_what_to_paste(state: State) -> None:
    widget = key_form(state)
    fill(the(widget, widgets.Form), client_id="")
    submit(the(widget, widgets.Form))
    assert "Paste the Consumer Key, which starts with 3MVG9." in shown(widget)
    assert SECRET not in states(widget)


def test_the_service_domain_comes_into_the_callback_urls_of_the_sheet(state: State) -> None:
    widget = app_form(state)
    form = the(widget, widgets.Form)
    name = next(field["name"] for field in form.fields if field["label"] == "Service Domain")
    fill(form, **{name: "acme-h.eu.cyclr.com"})
    submit(form)
    assert state.opened.connection.variables["service_domain"] == "acme-h.eu.cyclr.com"
    assert "https://acme-h.eu.cyclr.com/connector/callback" in states(registration_sheet(state))


def test_a_new_connected_app_is_warned_of_and_an_existing_one_is_not(state: State) -> None:
    form = the(app_form(state), widgets.Form)
    fill(form, app="new", app_kind="connected_app")
    assert hint(form, "app_kind")["sentence"] == "Only Salesforce Support can let you create a new Connected App."
    use(form, "app_kind")
    assert form.values["app_kind"] == AppKind.EXTERNAL_CLIENT_APP.value
    fill(form, app="existing", app_kind="connected_app")
    assert hint(form, "app_kind") == {}


def test_an_app_that_exists_is_remembered(state: State) -> None:
    form = the(app_form(state), widgets.Form)
    fill(form, app="existing", redirect_uri="")
    submit(form)
    assert is_existing(state)
    assert is_existing(State("practice", attended=True))
    assert state.opened.connection.redirect_uri == DEFAULT_REDIRECT_URI


def labels(form: widgets.Form) -> list[str]:
    return [field["label"] for field in form.fields]


def test_the_fields_are_those_of_the_partner_that_is_chosen(state: State) -> None:
    form = the(app_form(state), widgets.Form)
    assert "Service Domain" in labels(form)
    fill(form, profile="n8n")
    assert "Service Domain" not in labels(form)
    fill(form, n8n_host="n8n.acme.com")
    submit(form)
    assert (state.opened.connection.profile, state.opened.connection.variables) == ("n8n", {"n8n_host": "n8n.acme.com"})


def test_another_host_than_the_known_ones_is_typed_in_a_field_of_its_own(state: State) -> None:
    state.opened.change(variables={})
    form = the(app_form(state), widgets.Form)
    assert "Console host" not in labels(form)
    fill(form, **{"console_host?": "other", "console_host": "https://console.acme.com/login"})
    assert "Console host" in labels(form)
    submit(form)
    assert "console_host" not in state.opened.connection.variables  # nobody has confirmed it
    use(form, "console_host")
    submit(form)
    assert state.opened.connection.variables["console_host"] == "console.acme.com"
