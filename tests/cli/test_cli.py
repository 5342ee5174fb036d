"""The command line as a person or a job meets it: words, exit codes, and what stays behind."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from support.runbook_support import PROGRAM, Shell, make_shell, posix_only

from sfrunbook.core.secrets.secret import Secret

COMMANDS = (
    "lab",
    "run",
    "check",
    "login",
    "explain",
    "connections add",
    "connections list",
    "connections show",
    "connections remove",
    "profiles list",
    "profiles show",
    "profiles check",
    "grants key-file",
)
KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "0123456789ABCDEF" * 4
VARIABLE = ("--variable", "service_domain=app-h.cyclr.com")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return make_shell(tmp_path / "user")


# --- help and versions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example_that_names_it(shell: Shell, command: str) -> None:
    done = shell.run(*command.split(), "--help")
    assert done.returncode == 0
    assert re.search(rf"Examples?: sfrunbook {command}\b", done.stdout), done.stdout


def test_the_help_of_the_program_names_every_command_and_every_exit_code(shell: Shell) -> None:
    done = shell.run("--help")
    assert done.returncode == 0
    for command in ("practice", "connections", *COMMANDS[:5]):
        assert re.search(rf"\b{command}\b", done.stdout)
    assert "0 all passed, 1 a check failed, 2 usage or configuration, 3 couldn't check or infrastructure" in done.stdout


def test_the_help_of_practice_is_that_of_the_practice_world(shell: Shell) -> None:
    done = shell.run("practice", "--help")
    assert done.returncode == 0
    assert "--port-base" in done.stdout
    assert "examples:" in done.stdout


@pytest.mark.parametrize("words", [["frobnicate"], ["check", "--stage", "moon"], ["login"], ["run", "--nothing"]])
def test_a_command_that_is_not_understood_is_a_usage_error(shell: Shell, words: list[str]) -> None:
    assert shell.run(*words).returncode == 2


# --- connections -----------------------------------------------------------------------------------------------------


def add(shell: Shell, *more: str, said: str = SECRET, **changes: str) -> subprocess.CompletedProcess[str]:
    given = {"login-url": "acme.my.salesforce.com", "client-id": KEY, "variable": VARIABLE[1]} | changes
    words = [word for name, value in given.items() for word in (f"--{name}", value)]
    return shell.run("connections", "add", "acme", *words, "--secret-stdin", *more, said=said)


def test_a_connection_is_added_listed_shown_and_removed(shell: Shell) -> None:
    added = add(shell)
    assert added.returncode == 0
    assert added.stdout == "Connection acme is saved. Next: sfrunbook check acme --stage registration\n"
    assert shell.run("connections", "list").stdout == ("acme  https://acme.my.salesforce.com  External Client App\n")
    shown = json.loads(shell.run("connections", "show", "acme", "--json").stdout)
    assert shown["client_secret"] == "store:acme"
    assert [one["name"] for one in json.loads(shell.run("connections", "list", "--json").stdout)] == ["acme"]
    assert "login_url       https://acme.my.salesforce.com" in shell.run("connections", "show", "acme").stdout
    removed = shell.run("connections", "remove", "acme", "--yes")
    assert (removed.returncode, removed.stdout) == (0, "Connection acme is removed.\n")
    assert json.loads(shell.run("connections", "list", "--json").stdout) == []
    assert "sfrunbook connections add" in shell.run("connections", "list").stdout


def test_an_option_that_a_new_connection_lacks_is_named(shell: Shell) -> None:
    done = shell.run("connections", "add", "acme", "--login-url", "acme.my.salesforce.com")
    assert done.returncode == 2
    assert "Invalid value for --client-id: A new connection needs this option." in done.stderr


def test_the_secret_of_a_connection_is_kept_encrypted_and_only_there(shell: Shell) -> None:
    done = add(shell)
    assert shell.store().get_secret("acme").reveal() == SECRET
    files = [path for path in shell.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
    assert SECRET not in done.stdout + done.stderr


def test_a_removed_connection_leaves_no_secret_behind(shell: Shell) -> None:
    add(shell)
    shell.run("connections", "remove", "acme", "--yes")
    assert shell.store().get_secret("acme") is None
    assert not list(shell.home.rglob("*.secret"))


def test_removing_asks_first_and_a_no_changes_nothing(shell: Shell) -> None:
    add(shell)
    done = shell.run("connections", "remove", "acme", said="n\n")
    assert done.returncode == 3
    assert "Stopped. What was saved before is unchanged." in done.stderr
    assert shell.connection_file()["client_id"] == KEY


def test_a_connection_whose_store_cannot_be_opened_is_forgotten_by_force_only(shell: Shell) -> None:
    add(shell)
    del shell.environ["SFRUNBOOK_KEY_FILE"]
    shell.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    refused = shell.run("connections", "remove", "acme", "--yes")
    assert refused.returncode == 2
    assert "This machine has no place for the encryption key" in refused.stderr
    assert shell.connection_file()["client_id"] == KEY
    done = shell.run("connections", "remove", "acme", "--yes", "--force")
    assert done.returncode == 0
    assert done.stdout.endswith("Connection acme is removed.\n")
    assert not list(shell.home.rglob("*.secret"))


def test_a_second_connection_of_a_name_is_refused_and_the_first_stays(shell: Shell) -> None:
    add(shell)
    done = add(shell, said="F" * 64)
    assert done.returncode == 2
    assert "There is already a connection called acme." in done.stderr
    assert shell.store().get_secret("acme").reveal() == SECRET


@pytest.mark.parametrize(
    ("changes", "said", "told"),
    [
        ({"login-url": "example.com"}, SECRET, "example.com isn't a Salesforce login host"),
        (
            {"login-url": "https://acme.lightning.force.com/lightning/page/home"},
            SECRET,
            "Use https://acme.my.salesforce.com instead.",
        ),
        ({"login-url": "ada@acme.com"}, SECRET, "This looks like a username. Enter the address of the login page."),
        ({"client-id": KEY[:40]}, SECRET, "It has 40 characters, but a Consumer Key has about 85"),
        ({"client-id": SECRET}, KEY, "the Consumer Key and the Consumer Secret may be swapped."),
        ({}, KEY, "the Consumer Key and the Consumer Secret may be swapped."),
        ({}, SECRET[:-1], "It has 63 characters, but a Consumer Secret has 64: part of it may be missing."),
        ({}, "", "The Consumer Secret is empty."),
        ({"profile": "nobody"}, SECRET, "There is no partner profile called nobody."),
        ({"app-kind": "rocket"}, SECRET, "--app-kind"),
        ({"variable": "service_domain"}, SECRET, "write NAME=VALUE"),
        ({"variable": "service_domain=https://x"}, SECRET, "it must be a host name only"),
        ({"ca-file": "nowhere.pem"}, SECRET, "nowhere.pem"),
        ({"redirect-uri": " "}, SECRET, "redirect_uri"),
    ],
)
def test_what_was_entered_wrongly_is_told_and_nothing_is_kept(
    shell: Shell, changes: dict[str, str], said: str, told: str
) -> None:
    done = add(shell, said=said, **changes)
    assert done.returncode == 2, done.stdout
    assert told in " ".join(done.stderr.split())
    assert ".." not in done.stderr.replace("...", "")
    assert SECRET not in done.stderr
    assert json.loads(shell.run("connections", "list", "--json").stdout) == []


def test_without_a_place_for_the_key_a_secret_is_refused_and_no_half_connection_stays(shell: Shell) -> None:
    del shell.environ["SFRUNBOOK_KEY_FILE"]
    shell.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    done = add(shell)
    assert done.returncode == 2
    assert "This machine has no place for the encryption key" in done.stderr
    assert "SFRUNBOOK_KEY_FILE" in done.stderr
    assert json.loads(shell.run("connections", "list", "--json").stdout) == []


@pytest.mark.parametrize(
    "words",
    [
        ["check", "../x"],
        ["login", "../x"],
        ["run", "--connection", "../x"],
        ["connections", "show", "../x"],
        ["connections", "remove", "../x", "--yes"],
    ],
)
def test_a_name_that_would_leave_its_folder_is_refused(shell: Shell, words: list[str]) -> None:
    done = shell.run(*words)
    assert done.returncode == 2
    assert "“../x” can't be the name of a connection." in done.stderr
    assert list(shell.work.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [["check", "nobody"], ["login", "nobody"], ["run", "--connection", "nobody"], ["connections", "show", "nobody"]],
)
def test_a_connection_that_does_not_exist_is_told_with_those_that_do(shell: Shell, words: list[str]) -> None:
    add(shell)
    done = shell.run(*words)
    assert done.returncode == 2
    assert "There is no connection called nobody." in done.stderr
    assert "known connections: acme, practice." in " ".join(done.stderr.split())
    assert list(shell.work.iterdir()) == []


@pytest.mark.parametrize("words", [["connections", "show", "practice"], ["connections", "remove", "practice", "--yes"]])
def test_the_practice_connection_is_neither_shown_nor_removed(shell: Shell, words: list[str]) -> None:
    done = shell.run(*words)
    assert done.returncode == 2
    assert "The name practice is reserved for the runbook." in done.stderr


def test_a_problem_in_json_is_one_object_with_its_code(shell: Shell) -> None:
    for words in (["check", "nobody"], ["run", "--connection", "nobody"], ["connections", "show", "nobody"]):
        done = shell.run(*words, "--json")
        assert json.loads(done.stdout)["problem"]["code"] == "connection-not-found"
        assert done.stderr == ""


# --- the key file ----------------------------------------------------------------------------------------------------


@posix_only
def test_a_key_file_is_made_for_its_owner_alone_and_opens_what_is_kept(shell: Shell) -> None:
    done = shell.run("grants", "key-file", "my key")
    path = shell.work / "my key"
    assert done.returncode == 0, done.stderr
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().strip() not in done.stdout + done.stderr
    shell.environ["SFRUNBOOK_KEY_FILE"] = shlex.split(done.stdout.rpartition("SFRUNBOOK_KEY_FILE=")[2])[0]
    assert add(shell).returncode == 0
    assert shell.store().get_secret("acme") == Secret(SECRET)


def test_a_key_file_that_is_there_is_never_replaced(shell: Shell) -> None:
    shell.run("grants", "key-file", "key")
    before = (shell.work / "key").read_bytes()
    done = shell.run("grants", "key-file", "key")
    assert done.returncode == 2
    assert "a file with this name exists and may be a key" in " ".join(done.stderr.split())
    assert (shell.work / "key").read_bytes() == before


# --- explain ---------------------------------------------------------------------------------------------------------


CODE = "aPrxSECRETcodeSECRETcodeSECRETcodeSECRETcode1234567890abcdefghij=="


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("redirect_uri_mismatch", "callback-not-registered"),
        ('{"error":"invalid_client_id","error_description":"client identifier invalid"}', "client-id-not-known"),
        (f"https://app-h.cyclr.com/connector/callback?code={CODE}&state=x", "address-holds-a-code"),
        ("no such thing at all", "unrecognised-error"),
    ],
)
def test_an_error_is_explained_from_whatever_is_at_hand(shell: Shell, text: str, code: str) -> None:
    done = shell.run("explain", text, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["code"] == code
    assert CODE not in done.stdout + done.stderr


def test_an_explanation_reads_a_file_or_standard_input_and_says_the_same(shell: Shell) -> None:
    reply = '{"error":"invalid_grant","error_description":"expired access/refresh token"}'
    (shell.work / "reply.json").write_text(reply)
    said = shell.run("explain", reply)
    assert "What: " in said.stdout
    assert "1. " in said.stdout
    assert shell.run("explain", "reply.json").stdout == said.stdout
    assert shell.run("explain", "-", said=reply).stdout == said.stdout


def test_what_is_no_text_is_explained_as_unknown(shell: Shell) -> None:
    done = subprocess.run(
        [*PROGRAM, "explain", "-", "--json"],
        input=b"\xff\xfe\x00",
        env=shell.environ | {"PYTHONUTF8": "1"},
        cwd=shell.work,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["code"] == "unrecognised-error"


def test_only_what_a_command_needs_is_imported(shell: Shell) -> None:
    done = subprocess.run(
        [*PROGRAM[:1], "-X", "importtime", "-m", "sfrunbook", "--help"],
        env=shell.environ,
        cwd=shell.work,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "sfrunbook.cli" in imported
    assert imported.isdisjoint({"requests", "papermill", "pydantic", "cryptography", "ipywidgets", "jinja2"})
