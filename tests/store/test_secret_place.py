"""Where secrets are kept: the choice of the place, and what each place promises."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.runbook_support import holding

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Grant, GrantKind
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.store import secret_place
from sfrunbook.store.secret_place import Place
from sfrunbook.store.wrapping_key import create_key_file

SECRET = Secret("0123456789ABCDEF" * 4)
PASSPHRASE = Secret("correct horse battery staple")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A machine with a key file, and a JupyterLab that shares a session among its kernels."""
    create_key_file(tmp_path / "key")
    (tmp_path / "session").mkdir()
    return {"SFRUNBOOK_KEY_FILE": str(tmp_path / "key"), **secret_place.session_environment(tmp_path / "session")}


def code_of(raised: pytest.ExceptionInfo[RunbookError]) -> str:
    return diagnosis_of(raised.value).code


def test_a_choice_is_kept_for_each_connection(tmp_path: Path, environ: dict[str, str]) -> None:
    home = tmp_path / "home"
    assert secret_place.chosen(home, "acme") is Place.MACHINE
    secret_place.choose(home, "acme", Place.SESSION, environ)
    assert secret_place.chosen(home, "acme") is Place.SESSION
    assert secret_place.chosen(home, "other") is Place.MACHINE


@pytest.mark.parametrize("content", ["", "[]", '{"acme": "the moon"}'])
def test_a_damaged_choice_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "keeping.json").write_text(content)
    assert secret_place.chosen(tmp_path, "acme") is Place.MACHINE


def test_what_is_kept_for_this_session_is_found_by_every_kernel_of_it_and_by_no_other(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    home = tmp_path / "home"
    secret_place.choose(home, "acme", Place.SESSION, environ)
    secret_place.open_store(home, "acme", environ).put_secret("acme", SECRET)
    assert secret_place.open_store(home, "acme", environ).get_secret("acme") == SECRET
    (tmp_path / "later").mkdir()
    later = {**environ, **secret_place.session_environment(tmp_path / "later")}
    assert secret_place.open_store(home, "acme", later).get_secret("acme") is None
    assert not (home / "grants").exists()


def test_the_key_of_a_session_stands_in_no_file(tmp_path: Path, environ: dict[str, str]) -> None:
    secret_place.choose(tmp_path / "home", "acme", Place.SESSION, environ)
    secret_place.open_store(tmp_path / "home", "acme", environ).put_secret("acme", SECRET)
    assert holding(tmp_path, {"key": environ[secret_place.SESSION_KEY], "secret": SECRET.reveal()}) == []


def test_a_passphrase_is_asked_for_once_in_each_session_and_stands_in_no_file(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    home = tmp_path / "home"
    secret_place.choose(home, "acme", Place.PASSPHRASE, environ)
    with pytest.raises(RunbookError) as raised:
        secret_place.open_store(home, "acme", environ)
    assert code_of(raised) == "passphrase-needed"
    secret_place.unlock(home, PASSPHRASE, environ)
    secret_place.open_store(home, "acme", environ).put_secret("acme", SECRET)
    assert secret_place.open_store(home, "acme", environ).get_secret("acme") == SECRET
    (tmp_path / "later").mkdir()
    later = {**environ, **secret_place.session_environment(tmp_path / "later")}
    with pytest.raises(RunbookError) as raised:
        secret_place.open_store(home, "acme", later)
    assert code_of(raised) == "passphrase-needed"
    secret_place.unlock(home, PASSPHRASE, later)
    assert secret_place.open_store(home, "acme", later).get_secret("acme") == SECRET
    assert holding(tmp_path, {"passphrase": PASSPHRASE.reveal(), "secret": SECRET.reveal()}) == []


def test_another_passphrase_than_before_is_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    home = tmp_path / "home"
    secret_place.choose(home, "acme", Place.PASSPHRASE, environ)
    secret_place.unlock(home, PASSPHRASE, environ)
    secret_place.open_store(home, "acme", environ).put_secret("acme", SECRET)
    with pytest.raises(RunbookError) as raised:
        secret_place.unlock(home, Secret("wrong horse battery staple"), environ)
    assert code_of(raised) == "passphrase-wrong"
    assert secret_place.open_store(home, "acme", environ).get_secret("acme") == SECRET


def test_a_short_passphrase_is_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(RunbookError) as raised:
        secret_place.unlock(tmp_path / "home", Secret("short"), environ)
    assert code_of(raised) == "passphrase-too-short"


def test_a_run_without_a_person_has_the_passphrase_from_its_environment(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    home = tmp_path / "home"
    secret_place.choose(home, "acme", Place.PASSPHRASE, environ)
    secret_place.unlock(home, PASSPHRASE, environ)
    secret_place.open_store(home, "acme", environ).put_secret("acme", SECRET)
    alone = {"SFRUNBOOK_PASSPHRASE": PASSPHRASE.reveal()}
    assert secret_place.open_store(home, "acme", alone).get_secret("acme") == SECRET


def a_grant() -> Grant:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return Grant(
        connection="acme",
        kind=GrantKind.AUTHORIZATION_CODE,
        issuer="https://acme.my.salesforce.com",
        client_id="3MVG9",
        access_token=Secret("00D000000000001!one"),
        refresh_token=None,
        instance_url="https://acme.my.salesforce.com",
        identity_url="https://acme.my.salesforce.com/id/00D/005",
        scopes=("full",),
        org_id="00D000000000001AAA",
        user_id="005000000000001AAA",
        issued_at=now,
        approved_at=now,
    )


def test_a_place_is_not_left_while_a_grant_is_held_there(tmp_path: Path, environ: dict[str, str]) -> None:
    home = tmp_path / "home"
    secret_place.open_store(home, "acme", environ).save(a_grant())
    with pytest.raises(RunbookError) as raised:
        secret_place.choose(home, "acme", Place.SESSION, environ)
    assert code_of(raised) == "kept-elsewhere"
    assert secret_place.open_store(home, "acme", environ).load("acme") == a_grant()


def test_another_place_forgets_the_secret_that_was_kept_before(tmp_path: Path, environ: dict[str, str]) -> None:
    home = tmp_path / "home"
    secret_place.open_store(home, "acme", environ).put_secret("acme", SECRET)
    secret_place.choose(home, "acme", Place.SESSION, environ)
    secret_place.choose(home, "acme", Place.MACHINE, environ)
    assert secret_place.open_store(home, "acme", environ).get_secret("acme") is None


def test_what_is_offered_is_what_this_machine_has(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_place, "real_keyring", lambda: None)
    offered = secret_place.offers(environ)
    assert [one.place for one in offered if one.available] == [Place.MACHINE, Place.PASSPHRASE, Place.SESSION]
    (keyring,) = [one for one in offered if not one.available]
    assert keyring.meaning == "This system has no secure keyring, so you can't choose this here."
    assert Place.MACHINE not in [one.place for one in secret_place.offers({})]


def test_a_connection_that_goes_takes_its_choice_and_its_session_along(tmp_path: Path, environ: dict[str, str]) -> None:
    home = tmp_path / "home"
    secret_place.choose(home, "acme", Place.SESSION, environ)
    secret_place.open_store(home, "acme", environ).put_secret("acme", SECRET)
    secret_place.forget(home, "acme", environ)
    assert secret_place.chosen(home, "acme") is Place.MACHINE
    assert [one.name for one in (tmp_path / "session" / "grants").iterdir() if one.suffix == ".secret"] == []
