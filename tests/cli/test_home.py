"""Where data is stored, when the environment says it badly: refused before anything is done, never a traceback."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from support.runbook_support import Shell, make_shell, posix_only

#: a command of each kind that reads or writes what is stored
COMMANDS = (
    ("connections", "list"),
    ("connections", "add", "acme", "--login-url", "acme.my.salesforce.com", "--client-id", "3MVG9x", "--public"),
    ("check", "practice"),
    ("login", "acme"),
    ("run", "regression"),
    ("lab", "--no-browser"),
    ("grants", "list"),
    ("history", "acme"),
    ("profiles", "list"),
    ("profiles", "show", "cyclr"),
    ("explain", "invalid_client_id", "--connection", "acme"),
)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return make_shell(tmp_path / "user")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_user_without_a_home_folder_is_asked_for_one(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    for name in ("SFRUNBOOK_HOME", "HOME", "XDG_DATA_HOME"):
        shell.environ.pop(name, None)
    monkeypatch.setattr(pwd, "getpwuid", lambda user: {}[user])  # as for a user that the system does not know
    done = shell.run(*words, process=False)
    assert done.returncode == 2
    assert "Code: home-unknown" in done.stderr
    assert "Set HOME or SFRUNBOOK_HOME to a folder that this user can write to." in " ".join(done.stderr.split())


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_relative_folder_for_data_is_refused_and_the_full_path_is_shown(shell: Shell, words: tuple[str, ...]) -> None:
    shell.environ["SFRUNBOOK_HOME"] = "data"
    done = shell.run(*words, process=False)
    assert done.returncode == 2
    assert "Code: home-relative" in done.stderr
    assert f"Set SFRUNBOOK_HOME={shell.work / 'data'}" in " ".join(done.stderr.split())
    assert not (shell.work / "data").exists()


@pytest.mark.parametrize("words", [("explain", "invalid_client_id"), ("scan", "."), ("schema",)], ids=" ".join)
def test_a_command_that_stores_nothing_needs_no_home_folder(shell: Shell, words: tuple[str, ...]) -> None:
    shell.environ["SFRUNBOOK_HOME"] = "data"
    assert shell.run(*words).returncode == 0


@posix_only
@pytest.mark.parametrize("umask", [0, 0o277])
def test_what_is_stored_is_its_owners_alone_under_any_umask(shell: Shell, umask: int) -> None:
    shell.environ["SFRUNBOOK_HOME"] = str(shell.folder / "new" / "kept")
    words = ("--login-url", "acme.my.salesforce.com", "--client-id", "3MVG9" + "k1H2e3K4" * 10, "--secret-stdin")
    before = os.umask(umask)
    try:
        variable = ("--variable", "service_domain=app-h.cyclr.com")
        done = shell.run("connections", "add", "acme", *words, *variable, said="C0FFEE" * 10 + "ABCD", process=False)
        made = shell.run("grants", "key-file", str(shell.folder / "new" / "keys" / "key"), process=False)
    finally:
        os.umask(before)
    assert (done.returncode, made.returncode) == (0, 0), done.stderr + made.stderr
    stored = [shell.folder / "new", *(shell.folder / "new").rglob("*")]
    assert len(stored) > 6
    modes = {path: path.stat().st_mode & 0o777 for path in stored}
    assert {path: mode for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}
