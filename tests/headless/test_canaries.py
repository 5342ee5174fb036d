"""Planted secrets, runs that end in every way, and then every byte that is left is searched for them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import (
    PROGRAM,
    Shell,
    log_in,
    make_shell,
    needs_proc,
    own_callback,
    watching,
    write_notebook,
)
from support.tails import is_long
from support.worlds import running_world

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.secrets.scan import scan_paths, scan_text
from sfrunbook.store.secret_place import open_store

PASSPHRASE = "planted passphrase " + "of 5 words 8c1f"
#: shapes of what Salesforce issues: access token, refresh token, code
TOKEN_LIKE = re.compile(r"00D[A-Za-z0-9]{12,15}!\w|5Aep861|aPrx[A-Za-z0-9_.%-]{20}")
PARAMETERS = 'connection: str = "practice"'
LOUD = "import logging\nlogging.basicConfig(level=logging.DEBUG, force=True)\n%xmode Verbose"
WORK = (
    "from sfrunbook import runbook\nbook = runbook.open_page(connection)\n"
    "opened = book._state.opened\n"
    "book.connection(), book.app(), book.key(), book.stay_connected()"
)
DATA = "book.log_in(), book.try_it()"
LOCALS = "print(locals())\nprint(vars(book), vars(opened), opened.grants.stored(), opened.client_secret())\nlocals()"
#: frames as those of a library that is about to send, with what it sends in plain variables
RAISES = (
    "def send():\n"
    "    client_secret = opened.client_secret().reveal()\n"
    "    headers = {'Authorization': 'Bearer ' + opened.grants.stored().access_token.reveal()}\n"
    "    body = 'grant_type=refresh_token&refresh_token=' + opened.grants.stored().refresh_token.reveal()\n"
    "    raise ConnectionError(f'POST /token?client_secret={client_secret} failed')\n"
    "send()"
)
ENDS = {
    "passes": (LOCALS, "book.summary()"),
    "raises": (RAISES, "book.summary()"),
    "times out": ("import time\ntime.sleep(90)", "book.summary()"),
    "is killed": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "book.summary()"),
}
RUNNERS = {
    "stock papermill": [
        sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "-p", "connection", "acme",
        "--execution-timeout", "20", "--log-output", "--log-level", "DEBUG",
    ],
    "sfrunbook run": [*PROGRAM, "run", "in.ipynb", "--connection", "acme", "--cell-seconds", "20", "--in", "runs"],
}  # fmt: skip

#: ten runs, two of them up to a time limit in a long run
pytestmark = pytest.mark.timeout(900)


@dataclass
class Watched:
    """A user whose every secret is known, and all that their runs said and showed."""

    shell: Shell
    world: Any
    canaries: dict[str, str] = field(repr=False)
    said: list[str] = field(default_factory=list, repr=False)
    command_lines: set[str] = field(default_factory=set, repr=False)
    codes: dict[tuple[str, str], int] = field(default_factory=dict)

    @cached_property
    def store(self) -> Any:
        """Opened once, since a key is made slowly from a passphrase."""
        return open_store(self.shell.home, "acme", {"SFRUNBOOK_PASSPHRASE": PASSPHRASE})

    def look(self) -> None:
        self.command_lines.update(self.shell.processes())
        try:  # the writer may be between two files
            grant, pending = self.store.load("acme"), self.store.get_secret("pending-login:acme")
        except RunbookError:
            return
        if grant and grant.refresh_token:
            self.canaries[f"access token {grant.generation}"] = grant.access_token.reveal()
            self.canaries[f"refresh token {grant.generation}"] = grant.refresh_token.reveal()
        if pending:
            self.canaries["verifier"] = json.loads(pending.reveal())["verifier"]

    def run(self, runner: str, name: str) -> None:
        with watching(self.look):
            done = subprocess.run(
                RUNNERS[runner],
                env=self.shell.environ,
                cwd=self.shell.work,
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
        self.codes[runner, name] = done.returncode
        self.said += done.stdout, done.stderr
        if (self.shell.work / "out.ipynb").exists():
            (self.shell.work / "out.ipynb").rename(self.shell.work / f"kept {name}.ipynb")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with running_world() as world:
        shell = make_shell(tmp_path_factory.mktemp("canaries") / "user", SFRUNBOOK_PASSPHRASE=PASSPHRASE)
        del shell.environ["SFRUNBOOK_KEY_FILE"]
        shell.add(world, redirect_uri=own_callback(world))
        canaries = {
            "consumer secret": world.app()["client_secret"], "password": world.user()["password"],
            "passphrase": PASSPHRASE,
        }  # fmt: skip
        seen = Watched(shell=shell, world=world, canaries=canaries)
        with watching(seen.look):
            assert log_in(shell, world).returncode == 0
        for name, cells in ENDS.items():
            if name == "times out" and not is_long():
                continue
            write_notebook(shell.work / "in.ipynb", PARAMETERS, LOUD, WORK, DATA, *cells)
            for runner in RUNNERS:
                seen.run(runner, name)
        world.process.kill()
        world.process.wait()
        for runner in RUNNERS:
            seen.run(runner, "has no world")
        yield seen


def test_the_runs_ended_as_they_should_and_every_secret_was_seen(watched: Watched) -> None:
    assert {name for name, code in watched.codes.items() if code == 0} == {(way, "passes") for way in RUNNERS}
    assert 4 not in watched.codes.values()
    generations = [name for name in watched.canaries if name.startswith("refresh token")]
    assert {"consumer secret", "password", "passphrase", "verifier"} <= set(watched.canaries)
    assert len(generations) >= 6
    assert threading.active_count() < 20


def test_no_byte_on_disk_holds_a_secret_in_any_form(watched: Watched) -> None:
    files = [path for path in watched.shell.folder.rglob("*") if path.is_file()]
    assert len([path for path in files if path.suffix == ".ipynb"]) >= 8
    leaks = scan_paths([watched.shell.folder], watched.canaries.values())
    assert [(Path(leak.path).name, leak.where, leak.kind) for leak in leaks] == []
    content = {path: path.read_bytes() for path in files}
    raw = [
        f"{path.name}: {name}"
        for path, text in content.items()
        for name, value in watched.canaries.items()
        if value.encode() in text
    ]
    assert raw == []
    assert [path.name for path, text in content.items() if TOKEN_LIKE.search(text.decode("latin-1"))] == []


def test_nothing_that_was_said_holds_a_secret(watched: Watched) -> None:
    text = "\n".join(watched.said)
    assert len(text) > 1000
    assert scan_text(text, watched.canaries.values()) == ()
    assert not TOKEN_LIKE.search(text)


@needs_proc
def test_no_command_line_held_a_secret_while_the_runs_went(watched: Watched) -> None:
    seen = "\n".join(sorted(watched.command_lines))
    assert "ipykernel" in seen
    assert scan_text(seen, watched.canaries.values()) == ()


def test_the_traceback_is_still_one_that_helps(watched: Watched) -> None:
    books = [path for path in watched.shell.work.rglob("*.ipynb") if path != watched.shell.work / "in.ipynb"]
    helpful = [text for text in map(Path.read_text, books) if "POST /token?client_secret=***" in text]
    assert len(helpful) == len(RUNNERS)
    assert all("ConnectionError" in text for text in helpful)
