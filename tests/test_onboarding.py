"""The forms without a browser: values are set, buttons pressed, messages sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from runbook_support import holding, own_callback, session_of
from widget_support import parts, press, shown, states, the, type_in

from sfrunbook import widgets
from sfrunbook.connections import ConnectionBook
from sfrunbook.diagnose import problem
from sfrunbook.model import AppKind
from sfrunbook.onboarding import client_id_form, client_secret_form, connection_form, credentials
from sfrunbook.report import Card, card
from sfrunbook.secret import Secret
from sfrunbook.workbench import Workbench, open_workbench

KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "0123456789ABCDEF" * 4


# --- the form of a connection ----------------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path) -> ConnectionBook:
    return ConnectionBook(tmp_path / "kept")


def fill(form: Any, **values: str) -> None:
    import ipywidgets

    labels = {"name": "Name", "login_url": "Login address", "redirect_uri": "Callback URL of this runbook"}
    for name, value in values.items():
        texts = [part for part in parts(form) if isinstance(part, ipywidgets.Text)]
        next(part for part in texts if part.description == labels[name]).value = value


def test_the_form_adds_a_connection_and_says_what_to_do_next(book: ConnectionBook) -> None:
    form = connection_form(book, ["practice"])
    fill(form, name=" acme ", login_url="acme.my.salesforce.com/lightning")
    press(form, "Save connection")
    made = book.get("acme")
    assert made.login_url == "https://acme.my.salesforce.com"
    assert made.app_kind is AppKind.EXTERNAL_CLIENT_APP
    assert made.variables["service_domain"] == "app-h.cyclr.com"
    assert "Connection acme is kept." in shown(form)
    assert 'connection = "acme"' in shown(form)


def test_the_form_changes_a_connection_without_touching_its_key(book: ConnectionBook) -> None:
    form = connection_form(book, ["practice"])
    fill(form, name="acme", login_url="acme.my.salesforce.com")
    press(form, "Save connection")
    book.update("acme", client_id=KEY, client_secret="store:acme")
    fill(form, login_url="test.salesforce.com")
    press(form, "Save connection")
    changed = book.get("acme")
    assert (changed.login_url, changed.client_id) == ("https://test.salesforce.com", KEY)
    assert changed.client_secret == "store:acme"


@pytest.mark.parametrize(
    ("name", "login_url", "told"),
    [
        ("../x", "acme.my.salesforce.com", "cannot be the name of a connection"),
        ("", "acme.my.salesforce.com", "cannot be the name of a connection"),
        ("practice", "acme.my.salesforce.com", "The name practice is kept for this runbook itself."),
        (SECRET, "acme.my.salesforce.com", "cannot be the name of a connection"),
        ("acme", "", "Nothing was entered."),
        ("acme", "ada@acme.com", "This looks like a username"),
        ("acme", "acme.lightning.force.com", "Use https://acme.my.salesforce.com instead."),
        ("acme", "example.com", "is not a host at which Salesforce gives tokens"),
        ("acme", SECRET, ""),
    ],
)
def test_the_form_keeps_nothing_that_is_wrong_and_says_why(
    book: ConnectionBook, tmp_path: Path, name: str, login_url: str, told: str
) -> None:
    form = connection_form(book, ["practice"])
    fill(form, name=name, login_url=login_url)
    press(form, "Save connection")
    assert told in shown(form)
    assert book.names() == ()
    assert holding(tmp_path, {"secret": SECRET}) == []


# --- the forms of key and secret -------------------------------------------------------------------------------------


@pytest.fixture
def callback(practice_world: Any) -> str:
    return own_callback(practice_world)


@pytest.fixture
def bench(practice_world: Any, tmp_path: Path, callback: str) -> Workbench:
    """The practice connection as a person finds it: nothing entered yet."""
    return open_workbench("practice", session_of(practice_world, tmp_path / "session", callback_urls=[callback]))


def checked() -> Card:
    return card("It was checked.")


def test_a_key_is_kept_and_checked_at_once(bench: Workbench) -> None:
    form = client_id_form(bench, checked)
    import ipywidgets

    the(form, ipywidgets.Text, "Consumer Key").value = KEY
    press(form, "Keep this key")
    assert bench.connection.client_id == KEY
    assert "The Consumer Key is kept." in shown(form)
    assert "It was checked." in shown(form)


def test_an_app_that_was_saved_just_now_is_remembered_as_new(bench: Workbench) -> None:
    import ipywidgets

    form = client_id_form(bench, checked)
    the(form, ipywidgets.Text, "Consumer Key").value = KEY
    press(form, "Keep this key")
    assert bench.connection.registered_at is None
    the(form, ipywidgets.Dropdown).value = "now"
    press(form, "Keep this key")
    assert bench.connection.registered_at is not None


@pytest.mark.parametrize("wrong", [KEY[:40], SECRET, "", "acme@example.com"])
def test_a_key_that_looks_wrong_is_not_kept(bench: Workbench, wrong: str) -> None:
    import ipywidgets

    before = bench.connection.client_id
    form = client_id_form(bench, checked)
    the(form, ipywidgets.Text, "Consumer Key").value = wrong
    press(form, "Keep this key")
    assert bench.connection.client_id == before
    assert "Not kept" in shown(form)
    assert "It was checked." not in shown(form)


def test_a_secret_is_kept_encrypted_checked_and_in_no_widget(bench: Workbench, tmp_path: Path) -> None:
    form = client_secret_form(bench, checked)
    field = the(form, widgets.SecretField)
    assert type_in(field, SECRET).startswith("Kept, encrypted.")
    assert bench.client_secret() == Secret(SECRET)
    assert "It was checked." in shown(form)
    assert SECRET not in states(form)
    assert holding(tmp_path, {"secret": SECRET}) == []


@pytest.mark.parametrize("wrong", ["", "zq81x", SECRET[:-1], KEY, "•" * 64])
def test_a_secret_that_looks_wrong_is_not_kept_and_not_shown(bench: Workbench, wrong: str) -> None:
    form = client_secret_form(bench, checked)
    told = type_in(the(form, widgets.SecretField), wrong)
    assert told.startswith("Not kept: ")
    assert told.endswith("Copy it again and paste it here.")
    assert bench.client_secret() is None
    assert not wrong or wrong not in states(form)


def test_a_message_without_a_value_is_an_empty_secret(bench: Workbench) -> None:
    field = the(client_secret_form(bench, checked), widgets.SecretField)
    field._receive(field, {}, [])
    assert field.message.startswith("Not kept: The Consumer Secret is empty.")


def test_a_store_that_refuses_is_told_under_the_field(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "session" / "store").write_text("in the way")
    told = type_in(the(client_secret_form(bench, checked), widgets.SecretField), SECRET)
    assert told.startswith("Not kept: The store of tokens and secrets")
    assert SECRET not in told


def test_the_secret_of_the_practice_app_is_carried_over_by_a_button(bench: Workbench) -> None:
    form = client_secret_form(bench, checked)
    press(form, "Use the practice app's secret")
    assert bench.client_secret() == bench.practice.client_secret
    assert "Kept, encrypted." in shown(form)


def test_a_problem_without_a_remedy_has_no_first_step() -> None:
    assert credentials._first_step(problem("no-wrapping-key")) != ""
