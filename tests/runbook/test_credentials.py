"""The form of the Consumer Secret without a browser: what is stored, where, and that no widget ever holds it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import holding
from support.widget_support import fill, parts, press, shown, states, the, type_in

from sfrunbook.connection import open_connection
from sfrunbook.core.errors import problem
from sfrunbook.core.model import Connection
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms import credentials
from sfrunbook.runbook.state import State
from sfrunbook.store import secret_place
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.secret_place import Place
from sfrunbook.store.wrapping_key import create_key_file

KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "0123456789ABCDEF" * 4
PASSPHRASE = "correct horse battery staple"


class Form:
    """The form, and how often it had the secret checked."""

    def __init__(self, name: str) -> None:
        self.checks = 0
        self.state = State(name, attended=True)
        self.widget = credentials.secret_form(self.state, self._check, os.environ)

    def _check(self) -> None:
        self.checks += 1

    @property
    def secret(self) -> Any:
        return the(self.widget, widgets.SecretField, "Consumer Secret")

    @property
    def passphrase(self) -> Any:
        return the(self.widget, widgets.SecretField, "Passphrase")

    def choose(self, place: str) -> None:
        fill(the(self.widget, widgets.Form), place=place)

    def stored(self) -> Secret | None:
        return open_connection(self.state.name, os.environ).client_secret()


@pytest.fixture
def practice(session: Path) -> Form:
    return Form("practice")


def test_a_secret_is_stored_encrypted_checked_and_in_no_widget(practice: Form, tmp_path: Path) -> None:
    assert type_in(practice.secret, SECRET) == "Saved. Encrypted, and deleted when you close this practice session."
    assert (practice.stored(), practice.checks, practice.secret.busy) == (Secret(SECRET), 1, False)
    assert SECRET not in states(practice.widget)
    assert holding(tmp_path, {"secret": SECRET}) == []


@pytest.mark.parametrize("wrong", ["", "zq81x", SECRET[:-1], KEY, "•" * 64])
def test_a_secret_that_looks_wrong_is_not_stored_and_not_shown(practice: Form, wrong: str) -> None:
    message = type_in(practice.secret, wrong)
    assert message.startswith("Not saved. ")
    assert message.endswith("Copy it again and paste it here.")
    assert (practice.stored(), practice.checks) == (None, 0)
    assert not wrong or wrong not in states(practice.widget)


def test_a_consumer_key_in_the_field_of_the_secret_is_recognised(practice: Form) -> None:
    assert "may be swapped" in type_in(practice.secret, KEY)


def test_a_message_without_a_value_is_an_empty_secret(practice: Form) -> None:
    practice.secret._receive(practice.secret, {}, [])
    assert practice.secret.message.startswith("Not saved. The Consumer Secret is empty.")


def test_a_store_that_refuses_is_explained_under_the_field(practice: Form, session: Path) -> None:
    (session / "store").write_text("in the way")
    message = type_in(practice.secret, SECRET)
    assert message.startswith("Not saved. The store ")
    assert SECRET not in message


def test_the_secret_of_the_practice_app_is_entered_by_a_button(practice: Form) -> None:
    press(practice.widget, "Use practice values")
    assert practice.stored() == practice.state.opened.practice.client_secret
    assert "Saved. Encrypted" in shown(practice.widget)
    assert practice.checks == 1


def test_what_went_wrong_comes_with_the_first_step_against_it() -> None:
    diagnosis = diagnosis_of(problem("no-wrapping-key"))
    first_step = diagnosis.causes[0].remedies[0].what
    assert credentials._what_and_how(problem("no-wrapping-key")) == f"{diagnosis.what} {first_step}"


# --- the place of a real connection's secrets ------------------------------------------------------------------------


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Form:
    """A machine with a key file and a session, and a connection without a secret."""
    create_key_file(tmp_path / "key")
    (tmp_path / "lab").mkdir()
    monkeypatch.setattr(secret_place, "real_keyring", lambda: None)
    monkeypatch.setenv("SFRUNBOOK_HOME", str(tmp_path / "kept"))
    monkeypatch.setenv("SFRUNBOOK_KEY_FILE", str(tmp_path / "key"))
    new_session(tmp_path / "lab", monkeypatch)
    connection = Connection(name="acme", login_url="https://acme.my.salesforce.com", client_id=KEY)
    ConnectionBook(tmp_path / "kept").add(connection)
    return Form("acme")


def new_session(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in secret_place.session_environment(folder).items():
        monkeypatch.setenv(name, value)


def test_the_places_that_are_available_are_offered_with_what_each_means(real: Form) -> None:
    form = the(real.widget, widgets.Form)
    assert [value for _, value in form.fields[0]["options"]] == ["machine", "passphrase", "session"]
    for offer in secret_place.offers(os.environ):
        assert (f"{offer.label}: {offer.meaning}" in form.fields[0]["help"]) is offer.available


def test_a_secret_for_this_session_is_in_no_file_of_the_home(real: Form, tmp_path: Path) -> None:
    real.choose("session")
    assert type_in(real.secret, SECRET).startswith("Saved. Encrypted")
    assert secret_place.chosen(tmp_path / "kept", "acme") is Place.SESSION
    assert real.stored() == Secret(SECRET)
    assert not list((tmp_path / "kept").rglob("*.secret"))


def test_a_passphrase_is_asked_for_where_it_is_needed_and_is_in_no_widget(real: Form, tmp_path: Path) -> None:
    assert [part.label for part in parts(real.widget) if isinstance(part, widgets.SecretField)] == ["Consumer Secret"]
    real.choose("passphrase")
    assert type_in(real.secret, SECRET) == "Enter the passphrase above. Then the secret is saved."
    assert type_in(real.passphrase, "short").startswith("Not used. The passphrase needs at least 12 characters.")
    assert type_in(real.passphrase, PASSPHRASE) == (
        "Unlocked for this session. Save the passphrase in your password manager."
    )
    assert real.secret.message.startswith("Saved. Encrypted")
    assert real.stored() == Secret(SECRET)
    assert PASSPHRASE not in states(real.widget)
    assert holding(tmp_path, {"passphrase": PASSPHRASE, "secret": SECRET}) == []


def test_a_new_passphrase_is_typed_twice_and_a_known_one_once(
    real: Form, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real.choose("passphrase")
    assert real.passphrase.repeat == "Passphrase again"
    different = type_in(real.passphrase, PASSPHRASE, again=f"{PASSPHRASE}r")
    assert different.startswith("Not used")
    assert type_in(real.secret, SECRET) == "Enter the passphrase above. Then the secret is saved."
    assert type_in(real.passphrase, PASSPHRASE).startswith("Unlocked")
    assert real.secret.message.startswith("Saved. Encrypted")

    (tmp_path / "later").mkdir()
    new_session(tmp_path / "later", monkeypatch)
    later = Form("acme")
    assert (later.passphrase.repeat, later.secret.message) == ("", "")
    assert type_in(later.passphrase, "another horse battery staple", again="").startswith("Not used. ")
    assert later.secret.message == ""
    assert type_in(later.passphrase, PASSPHRASE, again="").startswith("Unlocked")
    assert later.secret.message == "A Consumer Secret is stored. Enter one only to replace it."
