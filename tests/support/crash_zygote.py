"""A program with everything loaded that forks a child for each order: the child renews a grant, uses it, and is killed.

Orders come as JSON lines: `{"at": n}` kills at the n-th step, a step being a line of our own code or of the standard
library's HTTP client; `{"after_seconds": s}` kills that long after the start; `{}` lets it live and tells every step.
For each, one JSON line goes back: `{"killed": bool, "steps": [...] | null}`. With two numbers as further arguments so
many processes renew the same grant so many times each, at once, and the exit code is how many of them failed.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from sfrunbook.connection import OpenConnection, refreshing
from sfrunbook.connection import grants as connection_grants
from sfrunbook.connection.records import Records
from sfrunbook.core import durable_file
from sfrunbook.core.errors import RunbookError
from sfrunbook.salesforce.oauth import grants as oauth_grants
from sfrunbook.salesforce.oauth import session, token_reply
from sfrunbook.store import encrypted_files, grant_record
from sfrunbook.store import grants as store_grants
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.secret_place import open_store

TRACED = {
    *(module.__file__ for module in (durable_file, connection_grants, refreshing)),
    *(module.__file__ for module in (store_grants, grant_record, encrypted_files)),
    *(module.__file__ for module in (oauth_grants, session, token_reply)),
    http.client.__file__,
}


def connection_of(folder: Path) -> OpenConnection:
    book = ConnectionBook(folder)
    environ = {"SFRUNBOOK_KEY_FILE": str(folder / "key")}
    return OpenConnection(
        Records(book.get("acme"), folder=folder, open_store=lambda: open_store(folder, "acme", environ), book=book)
    )


def renew_and_use(folder: Path) -> None:
    opened = connection_of(folder)
    opened.grants.refresh()
    opened.org.api_or_raise().versions()


def tracer(step: Callable[[str], None]) -> Callable[..., Any]:
    def local(frame: FrameType, event: str, _arg: object) -> Any:
        if event == "line":
            step(f"{Path(frame.f_code.co_filename).stem}:{frame.f_code.co_name}:{frame.f_lineno}")
        return local

    return lambda frame, _event, _arg: local if frame.f_code.co_filename in TRACED else None


def child(folder: Path, order: dict[str, Any], tell: int) -> None:
    steps: list[str] = []

    def step(where: str) -> None:
        steps.append(where)
        if len(steps) == order.get("at"):
            os.kill(os.getpid(), signal.SIGKILL)

    if "after_seconds" not in order:
        sys.settrace(tracer(step))
    renew_and_use(folder)
    sys.settrace(None)
    if not order:
        os.write(tell, json.dumps(steps).encode())


def serve(folder: Path, order: dict[str, Any]) -> dict[str, Any]:
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(told)
            child(folder, order, tell)
            code = 0
        finally:
            os._exit(code)
    os.close(tell)
    if "after_seconds" in order:
        time.sleep(order["after_seconds"])
        os.kill(pid, signal.SIGKILL)
    with os.fdopen(told, "rb") as pipe:
        steps = pipe.read()
    _, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status)
    if not killed and os.waitstatus_to_exitcode(status):
        raise SystemExit("the child failed by itself")
    return {"killed": killed, "steps": json.loads(steps) if steps else None}


def together(folder: Path, processes: int, times: int) -> int:
    """Processes that renew the same grant at the same time; how many of them failed."""
    connection_of(folder).grants.stored()  # loads what is loaded late
    children = []
    for _ in range(processes):
        if (pid := os.fork()) == 0:
            code = 1
            try:
                opened = connection_of(folder)
                for _ in range(times):
                    opened.grants.refresh()
                code = 0
            except RunbookError as error:
                print(error, file=sys.stderr, flush=True)
            finally:
                os._exit(code)
        children.append(pid)
    return sum(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0 for pid in children)


def main() -> None:
    folder = Path(sys.argv[1])
    if len(sys.argv) > 2:
        raise SystemExit(together(folder, int(sys.argv[2]), int(sys.argv[3])))
    renew_and_use(folder)  # loads everything that is loaded late
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(serve(folder, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
