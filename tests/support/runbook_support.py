"""The program as a person runs it: in a folder, a home and a temporary folder of its own, watched from outside."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sfrunbook.store.grants import GrantStore
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import create_key_file
from support.in_process import invoke, needs_a_process

PACKAGE = Path(__file__).parents[2] / "sfrunbook"
NOTEBOOKS = PACKAGE.parent / "notebooks"
#: processes can be looked at from outside
needs_proc = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
posix_only = pytest.mark.skipif(os.name != "posix", reason="signals and terminals are those of POSIX")


@dataclass(frozen=True, kw_only=True)
class Shell:
    """A user of this machine: nothing outside `folder` is theirs."""

    folder: Path
    environ: dict[str, str] = field(repr=False)

    @property
    def home(self) -> Path:
        """What sfrunbook keeps."""
        return self.folder / "kept"

    @property
    def work(self) -> Path:
        """Where commands are started."""
        return self.folder / "work"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    def store(self) -> GrantStore:
        """What is kept, opened with this user's key file."""
        return open_store(self.home, "acme", {"SFRUNBOOK_KEY_FILE": self.environ["SFRUNBOOK_KEY_FILE"]})

    def connection_file(self, name: str = "acme") -> dict[str, Any]:
        """A connection as it stands on disk."""
        return json.loads((self.home / "connections" / f"{name}.json").read_text())

    def run(
        self, *words: str, said: str = "", seconds: float = 240, process: bool | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`sfrunbook WORDS` to its end; nothing may ever show a traceback.

        In this process unless the command needs one of its own, or `process` asks for it.
        """
        if process is False or (process is None and not needs_a_process(words, self.environ)):
            code, stdout, stderr = invoke(words, typed=said, environ=self.environ, folder=self.work)
            done = subprocess.CompletedProcess([*PROGRAM, *words], code, stdout, stderr)
        else:
            done = subprocess.run(
                [*PROGRAM, *words],
                input=said,
                env=self.environ,
                cwd=self.work,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return done

    def start(self, *words: str, program: list[str] | None = None) -> subprocess.Popen[str]:
        """`sfrunbook WORDS` with its output to be read while it runs, as the head of a process group."""
        return subprocess.Popen(
            [*(program or PROGRAM), *words],
            env=self.environ,
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def add(self, world: Any, name: str = "acme", *more: str, **changes: str) -> None:
        """Add a connection to the first org's app as a person would, the secret by standard input."""
        app = world.app()
        given = {
            "--login-url": world.my_domain(),
            "--client-id": app["client_id"],
            "--variable": "service_domain=app-h.cyclr.com",
            **{f"--{key.replace('_', '-')}": value for key, value in changes.items()},
        }
        words = [word for pair in given.items() for word in pair]
        done = self.run("connections", "add", name, *words, "--secret-stdin", *more, said=app["client_secret"])
        assert done.returncode == 0, done.stderr

    def processes(self) -> list[str]:
        """Command lines of all processes that were started below this user."""
        marker = f"TMPDIR={self.temporary}".encode()
        return [line for line, environ in _processes() if marker in environ.split(b"\0")]

    def is_quiet(self, seconds: float = 15) -> bool:
        """Whether every process of this user ends within a time."""
        deadline = time.monotonic() + seconds
        while self.processes():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def left_in_temporary(self) -> list[str]:
        return sorted(path.name for path in self.temporary.iterdir())


PROGRAM = [sys.executable, "-m", "sfrunbook"]
VARIABLES = ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "PYTHONPATH", "COVERAGE_PROCESS_START", "SYSTEMROOT")


def make_shell(folder: Path, **more: str) -> Shell:
    for name in ("home", "tmp", "work"):
        (folder / name).mkdir(parents=True)
    create_key_file(folder / "key")
    environ = {name: os.environ[name] for name in VARIABLES if name in os.environ}
    environ |= {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "SFRUNBOOK_HOME": str(folder / "kept"),
        "SFRUNBOOK_KEY_FILE": str(folder / "key"),
        # wide enough that no sentence is broken by a frame
        "COLUMNS": "200",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }
    return Shell(folder=folder, environ={**environ, **more})


def _processes() -> Iterator[tuple[str, bytes]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes()
                environ = (folder / "environ").read_bytes()
            except OSError:
                continue
            if command and environ:
                yield command.replace(b"\0", b" ").decode(errors="replace"), environ


@contextmanager
def watching(look: Callable[[], None]) -> Iterator[None]:
    """Call `look` again and again from another thread for as long as the block runs."""
    over = threading.Event()
    faults: list[BaseException] = []

    def watch() -> None:
        while not over.is_set():
            try:
                look()
            except BaseException as fault:  # noqa: BLE001 - told to the test, whatever it is
                faults.append(fault)
                return
            over.wait(0.05)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert not faults, faults


def wait_for(process: subprocess.Popen[Any], path: Path) -> None:
    """Until a program that runs has made a file."""
    deadline = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def taken(*ports: int) -> Iterator[None]:
    """Another program listens at these ports of this machine."""
    listeners = []
    try:
        for port in ports:
            listener = socket.socket()
            listeners.append(listener)
            # connections that have just ended are no program
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen()
        yield
    finally:
        for listener in listeners:
            listener.close()


def own_callback(world: Any) -> str:
    """A Callback URL on a free port, registered beside the others, so that no two tests meet at one port."""
    app = world.app()
    callback = f"http://localhost:{free_port()}/callback"
    registered = world.control("GET", f"/apps/{app['client_id']}")["callback_urls"]
    world.control("POST", f"/apps/{app['client_id']}", {"callback_urls": [*registered, callback]})
    return callback


def address_in(lines: Iterator[str]) -> str:
    """The address that a login prints."""
    for line in lines:
        if found := re.search(r"https?://\S+/services/oauth2/authorize\S+", line):
            return found.group()
    raise AssertionError("no address was printed")


def visit_as(world: Any, address: str, *, allow: bool = True) -> str:
    """Go through login and consent as the administrator; gives where the browser ends."""
    from sfrunbook.practice.visitor import visit

    user = world.user()
    return visit(address, user["username"], user["password"], allow=allow, ca_file=world.ca_file)


def log_in(shell: Shell, world: Any, name: str = "acme") -> subprocess.CompletedProcess[str]:
    """`sfrunbook login NAME`, with the scripted person at the browser."""
    process = shell.start("login", name, "--no-browser", "--timeout", "30")
    assert process.stderr is not None
    visit_as(world, address_in(process.stderr))
    stdout, stderr = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def end(process: subprocess.Popen[str], number: int = signal.SIGTERM, *, group: bool = False) -> tuple[str, str]:
    """Send a signal, to the whole group as a terminal does or to the process alone, and wait for the end."""
    (os.killpg if group else os.kill)(process.pid, number)
    try:
        return process.communicate(timeout=40)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def session_of(world: Any, folder: Path, **app_changes: Any) -> dict[str, str]:
    """A session folder on a world that was started by hand; gives the variable that lets programs join it."""
    folder.mkdir(mode=0o700)
    ready = json.loads(json.dumps(world.ready))
    next(app for app in ready["orgs"][0]["apps"] if app["kind"] == "external_client_app").update(app_changes)
    (folder / "ready.json").write_text(json.dumps(ready))
    return {"SFRUNBOOK_PRACTICE": str(folder)}


def write_notebook(path: Path, *cells: str) -> Path:
    """A notebook of these code cells, the first of them with the parameters."""
    import nbformat

    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = nbformat.v4.new_notebook(metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    book.cells = [nbformat.v4.new_code_cell(cell, id=f"cell-{number}") for number, cell in enumerate(cells)]
    book.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(book, path)
    return path


def holding(folder: Path, values: dict[str, str]) -> list[str]:
    """Which of the named values stand in a file below a folder, as `file: name`."""
    found = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        content = path.read_bytes()
        found += [f"{path.name}: {name}" for name, value in values.items() if value.encode() in content]
    return found


def port_of(url: str) -> int:
    return urlsplit(url).port or 0
