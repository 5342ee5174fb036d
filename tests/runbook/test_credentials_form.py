"""The forms of 02_enter_credentials without a browser: what is kept, where, and that no widget ever holds it."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import holding
from support.widget_support import fill, hint, parts, press, shown, states, submit, the, type_in

from sfrunbook.connection import OpenConnection, open_connection
from sfrunbook.core.model import Connection
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.report.cards import Card, card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.credentials import ask_for_secret, client_secret_form, credentials_form
from sfrunbook.store import secret_place
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.secret_place import Place
from sfrunbook.store.wrapping_key import create_key_file

KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "0123456789ABCDEF" * 4
PASSPHRASE = "correct horse battery staple"


def checked() -> Card:
    return card("It was checked.")


def test_a_secret_is_kept_encrypted_checked_and_in_no_widget(opened: OpenConnection, tmp_path: Path) -> None:
    form = client_secret_form(opened, checked)
    field = the(form, widgets.SecretField)
    assert type_in(field, SECRET).startswith("Kept, encrypted.")
    assert opened.client_secret() == Secret(SECRET)
    assert "It was checked." in shown(form)
    assert field.busy is False
    assert SECRET not in states(form)
    assert holding(tmp_path, {"secret": SECRET}) == []


@pytest.mark.parametrize("wrong", ["", "zq81x", SECRET[:-1], KEY, "•" * 64])
def test_a_secret_that_looks_wrong_is_not_kept_and_not_shown(opened: OpenConnection, wrong: str) -> None:
    form = client_secret_form(opened, checked)
    told = type_in(the(form, widgets.SecretField), wrong)
    assert told.startswith("Not kept: ")
    assert told.endswith("Copy it again and paste it here.")
    assert opened.client_secret() is None
    assert not wrong or wrong not in states(form)


def test_a_wrong_secret_and_then_the_right_one_work_in_the_same_field(opened: OpenConnection) -> None:
    form = client_secret_form(opened, checked)
    field = the(form, widgets.SecretField)
    type_in(field, "short")
    assert "It was checked." not in shown(form)
    type_in(field, SECRET)
    assert "It was checked." in shown(form)
    type_in(field, KEY)
    assert "may be swapped" in field.message
    assert "It was checked." not in shown(form)


def test_a_message_without_a_value_is_an_empty_secret(opened: OpenConnection) -> None:
    field = the(client_secret_form(opened, checked), widgets.SecretField)
    field._receive(field, {}, [])
    assert field.message.startswith("Not kept: The Consumer Secret is empty.")


def test_a_store_that_refuses_is_told_under_the_field(opened: OpenConnection, tmp_path: Path) -> None:
    (tmp_path / "session" / "store").write_text("in the way")
    told = type_in(the(client_secret_form(opened, checked), widgets.SecretField), SECRET)
    assert told.startswith("Not kept: The store of tokens and secrets")
    assert SECRET not in told


def test_the_secret_of_the_practice_app_is_carried_over_by_a_button(opened: OpenConnection) -> None:
    form = client_secret_form(opened, checked)
    press(form, "Use the practice app's secret")
    assert opened.client_secret() == opened.practice.client_secret
    assert "Kept, encrypted." in shown(form)


def test_a_key_that_is_kept_is_told_and_another_can_be_entered(opened: OpenConnection) -> None:
    form = credentials_form(opened, checked)
    assert "The Consumer Key is kept: 85 characters, beginning with 3MVG9." in shown(form)
    assert not [part for part in parts(form) if isinstance(part, widgets.Form)]
    press(form, "Enter another Consumer Key")
    field = the(form, widgets.Form)
    fill(field, client_id=KEY)
    submit(field)
    assert opened.connection.client_id == KEY


# --- the place of a real connection's secrets ------------------------------------------------------------------------


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A machine with a key file and a session, and a connection without a secret."""
    create_key_file(tmp_path / "key")
    (tmp_path / "lab").mkdir()
    monkeypatch.setattr(secret_place, "real_keyring", lambda: None)
    made = {
        "SFRUNBOOK_HOME": str(tmp_path / "kept"),
        "SFRUNBOOK_KEY_FILE": str(tmp_path / "key"),
        **secret_place.session_environment(tmp_path / "lab"),
    }
    ConnectionBook(tmp_path / "kept").add(
        Connection(name="acme", login_url="https://acme.my.salesforce.com", client_id=KEY)
    )
    return made


def test_the_places_that_can_be_had_are_offered_with_what_each_means(environ: dict[str, str]) -> None:
    form = the(credentials_form(open_connection("acme", environ), checked, environ), widgets.Form)
    assert [label for label, _ in form.fields[0]["options"]] == [
        "As this machine is set up",
        "Encrypted file with a passphrase",
        "Only this session",
    ]
    assert "System keyring: This system has no keyring" in form.fields[0]["help"]
    fill(form, place="session")
    told = "Gone when JupyterLab ends; then you enter the Consumer Secret and log in again."
    assert hint(form, "place")["sentence"] == told


def test_a_secret_for_this_session_is_in_no_file_of_the_home(environ: dict[str, str], tmp_path: Path) -> None:
    form = credentials_form(open_connection("acme", environ), checked, environ)
    fill(the(form, widgets.Form), place="session")
    told = type_in(the(form, widgets.SecretField, "Consumer Secret"), SECRET)
    assert told == "Kept, encrypted. Encrypted, and gone when this session ends."
    assert secret_place.chosen(tmp_path / "kept", "acme") is Place.SESSION
    assert open_connection("acme", environ).client_secret() == Secret(SECRET)
    assert not list((tmp_path / "kept").rglob("*.secret"))


def test_a_passphrase_is_asked_for_where_it_is_needed_and_is_in_no_widget(
    environ: dict[str, str], tmp_path: Path
) -> None:
    form = credentials_form(open_connection("acme", environ), checked, environ)
    assert [part.label for part in parts(form) if isinstance(part, widgets.SecretField)] == ["Consumer Secret"]
    fill(the(form, widgets.Form), place="passphrase")
    secret = the(form, widgets.SecretField, "Consumer Secret")
    assert type_in(secret, SECRET).startswith("Not kept: the passphrase comes first. Enter it above")
    passphrase = the(form, widgets.SecretField, "Passphrase")
    assert type_in(passphrase, "short").startswith("Not used: The passphrase is too short")
    assert type_in(passphrase, PASSPHRASE).startswith("The passphrase is used until this session ends.")
    assert type_in(secret, SECRET).startswith("Kept, encrypted.")
    assert open_connection("acme", environ).client_secret() == Secret(SECRET)
    assert PASSPHRASE not in states(form)
    assert holding(tmp_path, {"passphrase": PASSPHRASE, "secret": SECRET}) == []


def test_a_new_passphrase_is_typed_twice_and_one_that_opens_what_is_kept_once(
    environ: dict[str, str], tmp_path: Path
) -> None:
    form = credentials_form(open_connection("acme", environ), checked, environ)
    fill(the(form, widgets.Form), place="passphrase")
    passphrase = the(form, widgets.SecretField, "Passphrase")
    assert passphrase.repeat == "Passphrase again"
    told = type_in(passphrase, PASSPHRASE, again=f"{PASSPHRASE}r")
    assert told == "Not used: the two are not the same. Type it again in both fields."
    secret = the(form, widgets.SecretField, "Consumer Secret")
    assert type_in(secret, SECRET).startswith("Not kept: ")
    assert type_in(passphrase, PASSPHRASE).startswith("The passphrase is used until this session ends.")
    assert type_in(secret, SECRET).startswith("Kept, encrypted.")

    (tmp_path / "later").mkdir()
    later = {**environ, **secret_place.session_environment(tmp_path / "later")}
    form = credentials_form(open_connection("acme", later), checked, later)
    passphrase = the(form, widgets.SecretField, "Passphrase")
    assert passphrase.repeat == ""
    wrong = type_in(passphrase, "another horse battery staple", again="")
    assert wrong == "Not used: This is not the passphrase with which the secrets of acme were kept. Type it again."
    secret = the(form, widgets.SecretField, "Consumer Secret")
    assert (secret.message, "It was checked." in shown(form)) == ("", False)
    assert type_in(passphrase, PASSPHRASE, again="").startswith("The passphrase is used until this session ends.")
    assert secret.message == "A Consumer Secret is kept already. Enter one only to put it in its place."
    assert "It was checked." in shown(form)


# --- without widgets, and the verbs ----------------------------------------------------------------------------------


def test_without_widgets_the_front_end_asks_and_the_secret_is_checked(
    with_person: Any, practice_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: practice_world.app()["client_secret"])
    shown_card = with_person("practice", step="credentials").enter_credentials(widgets=False)
    assert "refused only the made-up code" in shown_card.text
    assert practice_world.app()["client_secret"] not in shown_card.text + shown_card.html


@pytest.mark.parametrize(
    ("typed", "told"), [("short", "[FAIL] Not kept: "), (EOFError(), "[TO DO] Nothing was entered.")]
)
def test_without_widgets_a_wrong_secret_or_none_is_told(
    opened: OpenConnection, monkeypatch: pytest.MonkeyPatch, typed: Any, told: str
) -> None:
    def answer(_prompt: str) -> str:
        if isinstance(typed, Exception):
            raise typed
        return str(typed)

    monkeypatch.setattr(getpass, "getpass", answer)
    assert ask_for_secret(opened, checked).text.startswith(told)
    assert opened.client_secret() is None


def test_a_step_that_lacks_something_says_what_and_links_to_where_it_is_given(with_person: Any, tmp_path: Path) -> None:
    missing = with_person("practice", step="credentials").check_credentials()
    assert missing.text.startswith("[TO DO] The Consumer Secret is not entered yet.")
    ConnectionBook(tmp_path / "kept").add(
        Connection(name="acme", login_url="https://acme.my.salesforce.com", client_id="")
    )
    ConnectionBook(tmp_path / "kept").choose("acme")
    missing = with_person("current", step="credentials").check_credentials()
    assert missing.text.startswith("[TO DO] The Consumer Key is not entered yet.")
    assert '<a href="01_register_app.ipynb">Open 01_register_app.ipynb</a>' in missing.html


def test_without_the_passphrase_of_this_session_nothing_has_failed_and_the_card_changes_when_it_comes(
    with_person: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    ConnectionBook(kept).add(Connection(name="acme", login_url="http://127.0.0.1:9", client_id=KEY))
    secret_place.choose(kept, "acme", Place.PASSPHRASE, os.environ)
    secret_place.unlock(kept, Secret(PASSPHRASE), os.environ)
    open_connection("acme", os.environ).keep_client_secret(Secret(SECRET))
    (tmp_path / "later").mkdir()
    for name, value in secret_place.session_environment(tmp_path / "later").items():
        monkeypatch.setenv(name, value)

    told = "[TO DO] The passphrase of this connection is to be entered once in each session."
    authorize = with_person("acme", step="authorize")
    for card_of in (authorize.log_in, authorize.check_grant):
        assert card_of().text.startswith(told)
        assert '<a href="02_enter_credentials.ipynb">Open 02_enter_credentials.ipynb</a>' in card_of().html
    assert authorize.summary().text.startswith("[TO DO] Nothing was checked yet.")
    credentials = with_person("acme", step="credentials")
    assert credentials.check_credentials().text.startswith(told)
    passphrase = the(credentials.enter_credentials(), widgets.SecretField, "Passphrase")
    assert type_in(passphrase, PASSPHRASE, again="").startswith("The passphrase is used until this session ends.")
    assert "[PASS] consumer-secret-is-kept" in credentials.check_credentials().text


def test_before_a_place_for_secrets_is_chosen_nothing_has_failed(
    with_person: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SFRUNBOOK_KEY_FILE", "SFRUNBOOK_PASSPHRASE"):
        monkeypatch.delenv(name, raising=False)
    ConnectionBook(tmp_path / "kept").add(Connection(name="acme", login_url="http://127.0.0.1:9", client_id=KEY))
    book = with_person("acme", step="authorize")
    for card_of in (book.log_in, book.check_grant):
        assert card_of().text.startswith("[TO DO] The Consumer Secret is not entered yet.")
    assert book.summary().text.startswith("[TO DO] Nothing was checked yet.")
