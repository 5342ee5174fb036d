"""Connections are kept whole, by name, without a secret, and every fault of a file is a problem with a name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import AppKind, Connection, GrantKind, OrgKind
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.store.connections import ConnectionBook, check_name, home, open_book

HEX = "8F3A5C1D7E9B2046" * 4
KEY = "3MVG9" + "pRzvMkjMb6lZlt3YjDQwe1v9uHk0fJ2d5xXlq7rTnYcB4sWmZ8gAaE6iUoKjVhPtLyNbQ1"


def _connection(name="acme-prod", **changes) -> Connection:
    values = {"login_url": "https://acme.my.salesforce.com", "client_id": KEY, "client_secret": f"store:{name}"}
    return Connection(name=name, **{**values, **changes})


@pytest.fixture
def book(tmp_path) -> ConnectionBook:
    return ConnectionBook(tmp_path)


def _refused(call, *args, **kwargs) -> dict[str, str]:
    with pytest.raises(RunbookError) as caught:
        call(*args, **kwargs)
    assert HEX not in repr(diagnosis_of(caught.value))
    return {"code": diagnosis_of(caught.value).code, **caught.value.failure.evidence}


def test_a_connection_comes_back_as_it_was_written(book):
    full = _connection(
        app_kind=AppKind.CONNECTED_APP,
        org_kind=OrgKind.SANDBOX,
        variables={"service_domain": "acme-h.cyclr.com"},
        org_id="00Dxx0000001gPFEAY",
        grant_kind=GrantKind.JWT_BEARER,
        username="ann@acme.example",
        private_key="file:/run/secrets/jwt.pem",
        ca_file="/etc/ca.pem",
        registered_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    )
    book.add(full)
    assert book.get("acme-prod") == full
    assert ConnectionBook(book._folder.parent).get("acme-prod") == full


def test_times_are_written_in_utc(book, tmp_path):
    book.add(_connection(registered_at=datetime(2026, 11, 23, 9, 30, tzinfo=timezone(timedelta(hours=2)))))
    document = json.loads((tmp_path / "connections" / "acme-prod.json").read_text())
    assert document["registered_at"] == "2026-11-23T07:30:00+00:00"
    assert document["format"] == 1


def test_a_time_without_its_zone_is_refused(book):
    naive = _connection(registered_at=datetime(2026, 11, 23))  # noqa: DTZ001 - the fault
    assert _refused(book.add, naive)["field"] == "registered_at"


def test_names_are_listed_in_order_and_other_files_are_not(book, tmp_path):
    assert book.names() == ()
    for name in ("b", "A.1", "c_2-x"):
        book.add(_connection(name))
    (tmp_path / "connections" / ".hidden.json").write_text("{}")
    (tmp_path / "connections" / "notes.txt").write_text("")
    assert book.names() == ("A.1", "b", "c_2-x")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "a\\b", "-a", "_a", "a b", "a{b}", "a'b", "a\n", "ä", "a" * 64, "a\0"]
)
def test_a_name_that_is_not_safe_as_a_file_name_is_refused(name, book):
    assert _refused(check_name, name)["code"] == "connection-name-invalid"
    for call in (book.get, book.remove):
        assert _refused(call, name)["code"] == "connection-name-invalid"
    assert _refused(book.add, _connection(name))["code"] == "connection-name-invalid"
    assert book.names() == ()


@pytest.mark.parametrize("name", ["con", "NUL", "aux", "prn", "com1", "LPT9", "con.prod"])
def test_a_name_that_windows_keeps_for_a_device_is_refused(name, book):
    assert _refused(book.add, _connection(name)) == {"code": "connection-name-of-device", "name": name}
    assert book.names() == ()


def test_a_name_that_begins_like_a_device_is_fine(book):
    for name in ("console", "com10", "my-aux"):
        book.add(_connection(name))
    assert book.names() == ("com10", "console", "my-aux")


def test_a_name_of_63_characters_is_fine(book):
    book.add(_connection("a" * 63, client_secret=None))
    assert book.names() == ("a" * 63,)


@pytest.mark.parametrize("name", ["practice", "Practice"])
def test_the_name_of_the_practice_world_is_reserved(book, name):
    assert _refused(book.add, _connection(name)) == {"code": "connection-name-reserved", "name": name}


def test_an_unknown_name_lists_the_known_ones_and_the_closest(book):
    assert _refused(book.get, "acme-prd") == {"code": "connection-not-found", "name": "acme-prd", "known": "practice"}
    for name in ("acme-prod", "globex"):
        book.add(_connection(name))
    for call in (book.get, book.remove, book.update):
        assert _refused(call, "Acme-Prd")["known"] == "acme-prod, globex, practice (closest: acme-prod)"
    assert _refused(book.get, "zzz")["known"] == "acme-prod, globex, practice"


def test_an_existing_connection_is_replaced_only_when_asked(book):
    book.add(_connection())
    assert _refused(book.add, _connection(org_id="x")) == {"code": "connection-exists", "name": "acme-prod"}
    assert book.get("acme-prod").org_id is None
    book.add(_connection(org_id="00D"), replace=True)
    assert book.get("acme-prod").org_id == "00D"


def test_update_changes_only_what_is_named(book):
    book.add(_connection())
    changed = book.update("acme-prod", org_id="00D", org_kind=OrgKind.PRODUCTION)
    assert changed == book.get("acme-prod") == _connection(org_id="00D", org_kind=OrgKind.PRODUCTION)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"org_idd": "x"}, "org_idd"),
        ({"name": "other"}, "name"),
        ({"login_url": ""}, "login_url"),
        ({"app_kind": "toaster"}, "app_kind"),
        ({"variables": {"a": 1}}, "variables.a"),
        ({"client_id": HEX}, "client_id"),
        ({"username": HEX}, "username"),
        ({"variables": {"service_domain": HEX}}, "variables.service_domain"),
        ({"test_query": f"SELECT Id FROM X WHERE a = 'Bearer {HEX}'"}, "test_query"),
    ],
)
def test_a_wrong_or_secret_value_is_refused_and_nothing_is_written(book, tmp_path, changes, field):
    book.add(_connection())
    before = (tmp_path / "connections" / "acme-prod.json").read_bytes()
    refused = _refused(book.update, "acme-prod", **changes)
    assert (refused["code"], refused["field"]) == ("connection-invalid", field)
    assert (tmp_path / "connections" / "acme-prod.json").read_bytes() == before


@pytest.mark.parametrize("field", ["client_secret", "private_key"])
@pytest.mark.parametrize("value", [HEX, "hunter2-4711", f"store:{HEX}", "", "cmd:cat /x-4711"])
def test_only_a_reference_can_stand_for_a_secret_and_a_value_is_not_repeated(book, tmp_path, field, value):
    refused = _refused(book.add, _connection(**{field: value}))
    assert refused["code"] == "secret-reference-invalid"
    assert "4711" not in repr(refused)
    assert book.names() == ()
    assert not list(tmp_path.rglob("*.json"))


def test_a_command_can_stand_for_a_secret_where_the_environment_allows_commands(book, monkeypatch):
    monkeypatch.setenv("SFRUNBOOK_ALLOW_COMMANDS", "1")
    book.add(_connection(client_secret="cmd:pass show acme"))
    assert book.get("acme-prod").client_secret == "cmd:pass show acme"
    monkeypatch.delenv("SFRUNBOOK_ALLOW_COMMANDS")
    assert _refused(book.get, "acme-prod")["code"] == "secret-reference-invalid"


@pytest.mark.parametrize(
    ("content", "code", "fact"),
    [
        (b"", "connection-unreadable", "the file does not hold JSON"),
        (b'{"login_url": "x', "connection-unreadable", "the file does not hold JSON"),
        (b"[]", "connection-unreadable", "the file does not hold a JSON object"),
        (b"\xff\xfe", "connection-unreadable", "the file does not hold JSON"),
        (b'{"format": 2}', "connection-unreadable", "another version of sfrunbook wrote it"),
        (b"{}", "connection-invalid", "Field required"),
        (b'{"login_url": 3, "client_id": "x"}', "connection-invalid", "Input should be a valid string"),
    ],
)
def test_a_damaged_file_is_a_problem_and_stays_as_it_is(book, tmp_path, content, code, fact):
    book.add(_connection())
    path = tmp_path / "connections" / "acme-prod.json"
    path.write_bytes(content)
    refused = _refused(book.get, "acme-prod")
    assert (refused["code"], refused["reason"]) == (code, fact)
    assert path.read_bytes() == content


def test_a_secret_written_into_a_file_by_hand_is_refused_and_not_shown(book, tmp_path):
    book.add(_connection())
    path = tmp_path / "connections" / "acme-prod.json"
    path.write_text(path.read_text().replace("store:acme-prod", HEX))
    assert _refused(book.get, "acme-prod")["code"] == "secret-reference-invalid"


def test_fields_of_a_newer_version_are_ignored_and_not_written_again(book, tmp_path):
    book.add(_connection())
    path = tmp_path / "connections" / "acme-prod.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "colour": "red"}))
    assert book.get("acme-prod") == _connection()
    book.update("acme-prod", org_id="00D")
    assert "colour" not in path.read_text()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_files_and_folder_are_for_their_owner_only_and_no_temporary_file_stays(book, tmp_path):
    book.add(_connection())
    folder = tmp_path / "connections"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "acme-prod.json").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "acme-prod.json"]


def test_a_folder_that_cannot_be_made_is_a_problem(tmp_path):
    (tmp_path / "file").write_text("")
    book = ConnectionBook(tmp_path / "file")
    assert _refused(book.add, _connection())["code"] == "store-unwritable"
    assert _refused(book.names)["code"] == "connection-unreadable"


def test_removing_forgets_the_connection(book):
    book.add(_connection())
    book.remove("acme-prod")
    assert book.names() == ()


def test_two_processes_that_update_different_fields_lose_nothing(book, tmp_path):
    book.add(_connection())
    program = (
        "import sys; from pathlib import Path; from sfrunbook.store.connections import ConnectionBook\n"
        "book = ConnectionBook(Path(sys.argv[1]))\n"
        "for turn in range(15): book.update('acme-prod', **{sys.argv[2]: f'{turn}'})\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    running = [subprocess.Popen([*command, field]) for field in ("org_id", "username")]
    assert [one.wait(60) for one in running] == [0, 0]
    connection = book.get("acme-prod")
    assert (connection.org_id, connection.username) == ("14", "14")


def test_home_is_the_chosen_folder_or_the_users_data_folder(tmp_path):
    assert home({"SFRUNBOOK_HOME": str(tmp_path)}) == tmp_path
    assert home({"SFRUNBOOK_HOME": "~/x"}) == Path.home() / "x"
    assert home({}).name == "sfrunbook"
    assert open_book({"SFRUNBOOK_HOME": str(tmp_path)}).names() == ()


def test_the_practice_connection_is_the_current_one_until_another_is_chosen(book):
    assert book.current() == "practice"
    book.choose("acme")
    assert book.current() == "acme"


@pytest.mark.parametrize("content", [b"", b"../x", b"\xff\xfe", b"a" * 200, b"two words"])
def test_a_damaged_choice_counts_as_the_practice_connection(book, tmp_path, content):
    (tmp_path / "current").write_bytes(content)
    assert book.current() == "practice"


def test_a_choice_goes_with_its_connection_and_with_no_other(book):
    for name in ("acme", "other"):
        book.add(_connection(name))
    book.choose("acme")
    book.remove("other")
    assert book.current() == "acme"
    book.remove("acme")
    assert book.current() == "practice"


def test_a_choice_that_cannot_be_written_is_a_problem(tmp_path):
    (tmp_path / "home").write_text("in the way")
    assert _refused(ConnectionBook(tmp_path / "home").choose, "acme")["code"] == "store-unwritable"


def test_a_name_that_is_no_name_is_not_chosen(book, tmp_path):
    assert _refused(book.choose, "../x")["code"] == "connection-name-invalid"
    assert not (tmp_path / "current").exists()
