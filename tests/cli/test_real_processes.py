"""The command line as a real process: its entry points, exit codes, encodings, and life without a terminal."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from secrets import token_hex

import pytest
from support.runbook_support import PROGRAM, Shell, make_shell

from sfrunbook import __version__
from sfrunbook.core.secrets.secret import known_values

KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "0123456789ABCDEF" * 4
ADD = ("connections", "add", "acme", "--login-url", "acme.my.salesforce.com", "--client-id", KEY)
VARIABLE = ("--variable", "service_domain=app-h.cyclr.com")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return make_shell(tmp_path / "user")


def test_the_installed_program_and_the_module_are_the_same(shell: Shell) -> None:
    script = Path(sys.executable).with_name("sfrunbook")
    programs = [[str(script)]] if script.exists() else []
    for program in [*programs, PROGRAM]:
        done = subprocess.run(
            [*program, "--version"], env=shell.environ, cwd=shell.work, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("explain", "invalid_client_id"), 0),
        (("frobnicate",), 2),
        (("connections", "show", "nobody"), 2),
        ((*ADD, *VARIABLE, "--secret-stdin"), 2),
    ],
)
def test_a_process_and_the_same_command_in_this_process_say_and_exit_alike(
    shell: Shell, words: tuple[str, ...], code: int
) -> None:
    alone, here = shell.run(*words, process=True), shell.run(*words)
    assert alone.returncode == here.returncode == code
    assert alone.stdout == here.stdout
    assert alone.stderr.replace("python -m sfrunbook", "sfrunbook") == here.stderr


def test_without_a_terminal_a_secret_is_not_waited_for(shell: Shell) -> None:
    """A scheduler gives no standard input; the secret is then missing, which the check of it tells."""
    with shell.start(*ADD, *VARIABLE) as process:
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0, stderr
    assert stdout == "Connection acme is saved. Next: sfrunbook check acme --stage registration\n"
    assert shell.connection_file()["client_secret"] is None


@pytest.mark.skipif(os.name != "posix", reason="locales are those of POSIX")
def test_quotation_marks_are_printed_in_a_locale_that_names_no_encoding(shell: Shell) -> None:
    shell.environ.update(LC_ALL="C", LANG="C")
    done = subprocess.run(
        [*PROGRAM, "connections", "show", "../x"], env=shell.environ, cwd=shell.work, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert "“../x” can't be the name of a connection." in done.stderr.decode("utf-8")


def test_a_command_in_this_process_leaves_nothing_for_the_next(shell: Shell) -> None:
    secret = token_hex(32).upper()
    before = (dict(os.environ), Path.cwd(), tempfile.gettempdir(), known_values(), logging.getLogRecordFactory())
    filters = list(logging.getLogger("urllib3").filters)
    assert shell.run(*ADD, *VARIABLE, "--secret-stdin", said=secret).returncode == 0
    assert shell.run("check", "acme", "--stage", "grant").returncode != 0
    after = (dict(os.environ), Path.cwd(), tempfile.gettempdir(), known_values(), logging.getLogRecordFactory())
    assert after == before
    assert secret not in known_values()
    assert logging.getLogger("urllib3").filters == filters
