"""A connection is added, changed and removed where its secrets are stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.grant_store_support import made_grant

from sfrunbook.cli import app
from sfrunbook.connection.manage import add_connection, remove_connection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Connection
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store import secret_place
from sfrunbook.store.secret_place import Place, open_store
from sfrunbook.store.wrapping_key import create_key_file

PASSPHRASE = Secret("correct horse battery staple")
ACME = Connection(
    name="acme",
    login_url="https://acme.my.salesforce.com",
    client_id="3MVG9" + "a" * 80,
    variables={"service_domain": "app-h.cyclr.com"},
)
OLD, NEW = Secret("A" * 64), Secret("B" * 64)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A machine with a key file, and a JupyterLab whose user has chosen and entered a passphrase for acme."""
    create_key_file(tmp_path / "key")
    (tmp_path / "session").mkdir()
    environ = {
        "SFRUNBOOK_HOME": str(tmp_path / "home"),
        "SFRUNBOOK_KEY_FILE": str(tmp_path / "key"),
        **secret_place.session_environment(tmp_path / "session"),
    }
    add_connection(ACME, None, environ)
    secret_place.choose(tmp_path / "home", "acme", Place.PASSPHRASE, environ)
    secret_place.unlock(tmp_path / "home", PASSPHRASE, environ)
    open_store(tmp_path / "home", "acme", environ).put_secret("acme", OLD)
    return environ


def test_a_new_secret_is_stored_under_the_key_of_its_connection(tmp_path: Path, environ: dict[str, str]) -> None:
    add_connection(ACME, NEW, environ, replacing=True)
    assert open_store(tmp_path / "home", "acme", environ).get_secret("acme") == NEW


def test_without_the_passphrase_a_new_secret_is_refused_and_the_old_one_stays(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    without = {name: value for name, value in environ.items() if not name.startswith("SFRUNBOOK_SESSION")}
    with pytest.raises(RunbookError, match=r"^passphrase-needed"):
        add_connection(ACME, NEW, without, replacing=True)
    assert open_store(tmp_path / "home", "acme", environ).get_secret("acme") == OLD


def test_a_grant_that_is_stored_for_this_session_only_holds_its_consumer_key(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    secret_place.choose(tmp_path / "home", "acme", Place.SESSION, environ)
    open_store(tmp_path / "home", "acme", environ).save(made_grant())
    changed = Connection(**{**vars(ACME), "client_id": "3MVG9" + "b" * 80})
    with pytest.raises(RunbookError, match=r"^connection-in-use"):
        add_connection(changed, None, environ, replacing=True)


def test_a_connection_that_is_removed_takes_the_choice_of_its_place_with_it(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    remove_connection("acme", environ)
    assert secret_place.chosen(tmp_path / "home", "acme") is Place.MACHINE
    add_connection(ACME, NEW, environ)
    assert (
        open_store(tmp_path / "home", "acme", {"SFRUNBOOK_KEY_FILE": str(tmp_path / "key")}).get_secret("acme") == NEW
    )


def test_a_connection_that_is_removed_leaves_no_secret_in_the_session(tmp_path: Path, environ: dict[str, str]) -> None:
    secret_place.choose(tmp_path / "home", "acme", Place.SESSION, environ)
    open_store(tmp_path / "home", "acme", environ).put_secret("acme", NEW)
    remove_connection("acme", environ)
    assert [path.name for path in tmp_path.rglob("acme.*") if path.suffix != ".lock"] == []


def test_grants_are_listed_from_wherever_they_are_stored(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    open_store(tmp_path / "home", "acme", environ).save(made_grant())
    open_store(tmp_path / "home", "other", environ).save(made_grant(connection="other"))
    secret_place.choose(tmp_path / "home", "third", Place.SESSION, environ)
    open_store(tmp_path / "home", "third", environ).save(made_grant(connection="third"))
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    listed = json.loads(CliRunner().invoke(app, ["grants", "list", "--json"]).stdout)
    assert [(line["connection"], line.get("problem")) for line in listed] == [
        ("acme", None),
        ("other", None),
        ("third", None),
    ]
    monkeypatch.delenv("SFRUNBOOK_SESSION_KEY")
    monkeypatch.delenv("SFRUNBOOK_SESSION")
    listed = json.loads(CliRunner().invoke(app, ["grants", "list", "--json"]).stdout)
    assert [(line["connection"], line.get("problem")) for line in listed] == [
        ("acme", "passphrase-needed"),
        ("other", None),
    ]
