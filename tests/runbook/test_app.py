"""The forms of Register the app without a browser: the app, what to enter in Salesforce, and the Consumer Key."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from support.widget_support import fill, hint, shown, states, submit, the, use

from sfrunbook.checks import data
from sfrunbook.core.model import DEFAULT_REDIRECT_URI, AppKind, Connection
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.app import app_form, client_id_form, is_existing, registration_sheet
from sfrunbook.runbook.sections.app import AppSection
from sfrunbook.runbook.state import State
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.wrapping_key import create_key_file

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


# --- the section ---


NOTE = "New External Client Apps require PKCE, an extra check at login."


@pytest.fixture
def own(state: State, practice_world: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The section of a connection that someone has added to a practice org."""
    create_key_file(tmp_path / "key")
    monkeypatch.setenv("SFRUNBOOK_KEY_FILE", str(tmp_path / "key"))
    acme = Connection(name="acme", login_url=practice_world.my_domain(), client_id="", profile="cyclr")
    ConnectionBook(Path(os.environ["SFRUNBOOK_HOME"])).add(acme)
    state.open("acme")
    return widgets.stack(*AppSection(state).parts())


def choose(state: State, **values: str) -> Any:
    form = the(app_form(state), widgets.Form)
    fill(form, **values)
    submit(form)
    return widgets.stack(*AppSection(state).parts())


def fields_to_fill_in(section: Any) -> list[str]:
    form = the(section, widgets.Sheet).forms[0]
    return [field["label"] for part in form["sections"] for field in part["fields"]]


def test_only_the_chosen_path_of_the_fork_is_shown(state: State, own: Any) -> None:
    assert "External Client App Name" in fields_to_fill_in(own)
    assert the(own, widgets.Sheet).forms[0]["path"].endswith("New External Client App (in Lightning only)")
    existing = choose(state, app="existing")
    assert "External Client App Name" not in fields_to_fill_in(existing)
    sheet = the(existing, widgets.Sheet).forms[0]
    assert (sheet["when"], sheet["path"].rpartition(", then ")[2]) == (
        "Compare each field with your app, and add what's missing.",
        "Edit",
    )
    assert "External Client App Name" in fields_to_fill_in(choose(state, app="new"))


def test_that_pkce_is_locked_is_said_before_a_new_external_client_app_and_no_other(state: State, own: Any) -> None:
    assert NOTE in shown(own)
    assert "we don't know whether Cyclr supports it." in shown(own)
    assert NOTE not in shown(choose(state, app="existing"))
    assert NOTE not in shown(choose(state, app="new", app_kind="connected_app"))
    assert NOTE in shown(choose(state, app="new", app_kind="external_client_app"))
    state.open("practice")
    assert NOTE in shown(widgets.stack(*AppSection(state).parts()))


def test_an_app_whose_id_the_org_has_shown_is_linked_by_its_own_page(state: State) -> None:
    state.opened.progress.answer("app", "existing")
    assert "ManageExternalClientApplication/home" in states(registration_sheet(state))
    state.opened.keep_client_secret(state.opened.practice.client_secret)
    state.opened.login.log_in_unattended()
    state.check("try_it", data.STAGE)
    assert state.pages.app_id.startswith("0xI")
    assert f"{state.host}/lightning/setup/ManageExternalClientApplication/{state.pages.app_id}/detail" in states(
        registration_sheet(state)
    )
    state.opened.change(client_id=KEY)
    assert state.pages.app_id == ""
    state.opened.grants.revoke()
