"""`python -m sfrunbook` without half a second of imports: a program that has loaded everything forks for each command.

The command is a process of its own all the same: with its own environment, folder, input, output and end. What it has
in `/proc` is of this program, so a test that looks at the command from outside while it runs starts it for real.
Orders come as JSON lines: arguments, environment, folder, and files for the three streams. A line goes back when the
process was forked, with its number, and another when it has ended, with its exit code.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

__all__ = ["run", "stop"]

_LOADED = (
    "sfrunbook.cli",
    "sfrunbook.checks",
    "sfrunbook.connection",
    "sfrunbook.diagnosis.diagnose",
    "sfrunbook.headless",
    "sfrunbook.report",
)

# --- the side of the tests -------------------------------------------------------------------------------------------

_busy = threading.Lock()
_server: list[subprocess.Popen[str]] = []


def run(
    words: tuple[str, ...], *, said: str, environ: dict[str, str], folder: Path, seconds: float
) -> subprocess.CompletedProcess[str] | None:
    """`python -m sfrunbook WORDS` to its end; None where it cannot be forked now, so that it must be started."""
    if not hasattr(os, "fork") or not _busy.acquire(blocking=False):
        return None
    try:
        with tempfile.TemporaryDirectory() as place:
            return _run(words, said, environ, folder, seconds, Path(place))
    finally:
        _busy.release()


def _run(
    words: tuple[str, ...], said: str, environ: dict[str, str], folder: Path, seconds: float, place: Path
) -> subprocess.CompletedProcess[str]:
    server = _running()
    streams = [place / name for name in ("in", "out", "err")]
    streams[0].write_text(said, "utf-8")
    order = {"words": words, "environ": environ, "folder": str(folder), "streams": [str(one) for one in streams]}
    server.stdin.write(json.dumps(order) + "\n")
    server.stdin.flush()
    process = int(server.stdout.readline())
    ready, _, _ = select.select([server.stdout], [], [], seconds)
    if not ready:
        os.kill(process, 9)
    code = int(server.stdout.readline())
    if not ready:
        raise subprocess.TimeoutExpired(list(words), seconds)
    return subprocess.CompletedProcess(list(words), code, streams[1].read_text("utf-8"), streams[2].read_text("utf-8"))


def _running() -> subprocess.Popen[str]:
    if not _server:
        command = [sys.executable, __file__]
        _server.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1))
    return _server[0]


def stop() -> None:
    """End the program, if one was started."""
    for server in _server:
        server.stdin.close()
        server.wait(timeout=10)
        server.stdout.close()
    _server.clear()


# --- the program -----------------------------------------------------------------------------------------------------


def _serve() -> dict[str, Any] | None:
    """Orders until there are none; in a forked process, the order that it is to carry out."""
    for name in _LOADED:
        __import__(name)
    orders = os.fdopen(os.dup(0), "r")
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    gc.freeze()
    for line in iter(orders.readline, ""):
        process = os.fork()
        if process == 0:
            os.close(orders.fileno())
            os.close(answers.fileno())
            return json.loads(line)
        answers.write(f"{process}\n")
        _, status = os.waitpid(process, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
    return None


def _become(order: dict[str, Any]) -> None:
    """Be `python -m sfrunbook` as it would have been started, and go on to the end of the interpreter."""
    for number, path in enumerate(order["streams"]):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT if number else os.O_RDONLY, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
    os.environ.clear()
    os.environ.update(order["environ"])
    os.chdir(order["folder"])
    tempfile.tempdir = None
    sys.path[0] = order["folder"]
    sys.argv = ["sfrunbook", *order["words"]]
    runpy.run_module("sfrunbook", run_name="__main__", alter_sys=True)


if __name__ == "__main__" and (order := _serve()) is not None:
    _become(order)
