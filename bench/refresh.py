"""A refresh through the store beside the bare one over HTTP, in one run: what our own care costs."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import Figure
from sfrunbook.connections import ConnectionBook
from sfrunbook.durable_file import write_durably
from sfrunbook.grant_store import create_key_file, open_store
from sfrunbook.model import AppKind, Connection, Grant
from sfrunbook.oauth.callback import parse_address
from sfrunbook.oauth.grants import RefreshToken
from sfrunbook.practice.visitor import visit
from sfrunbook.secret import Secret
from sfrunbook.workbench import Workbench
from sfrunbook.workbench.refreshing import refresh_kept

__all__ = ["measure"]

_BARE = "bare refresh over HTTP"
_DISK = "two durable writes alone"
#: the size of a record with its generation before
_RECORD_BYTES = 2_500


@dataclass
class _Timed:
    """Wall time of one thing, and the processor's in this program and in the system for it, in milliseconds."""

    wall: list[float]
    user: list[float]
    system: list[float]

    def note(self, call: Callable[[], object]) -> None:
        wall, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        call()
        now = resource.getrusage(resource.RUSAGE_SELF)
        self.user.append(1000 * (now.ru_utime - used.ru_utime))
        self.system.append(1000 * (now.ru_stime - used.ru_stime))
        self.wall.append(1000 * (time.perf_counter() - wall))


def measure(*, short: bool) -> list[Figure]:
    """Medians over rounds in which everything runs once, so that a busy machine hits all alike; rotation is on."""
    with _world() as ready, tempfile.TemporaryDirectory() as folder:
        bench = _logged_in(ready, Path(folder))
        seen = {name: _Timed([], [], []) for name in (_BARE, "refresh through the store", "our own part", _DISK)}
        for _ in range(10 if short else 100):
            _round(bench, Path(folder), seen)
    return _figures(seen)


def _round(bench: Workbench, folder: Path, seen: dict[str, _Timed]) -> None:
    flow = RefreshToken(client_secret=bench.client_secret())
    fresh: list[Grant] = []
    held = bench.store.load("acme")
    assert held is not None
    seen[_BARE].note(lambda: fresh.append(flow.request(held, save=lambda _: None)))
    bench.store.save(fresh[0])
    seen["refresh through the store"].note(bench.refresh)
    seen["our own part"].note(lambda: _without_http(bench))
    seen[_DISK].note(lambda: [write_durably(folder / "raw", b"x" * _RECORD_BYTES, alone=True) for _ in range(2)])


def _without_http(bench: Workbench) -> None:
    """Lock, mark, write: everything but the request itself; the tokens stay those that live."""

    def answered(held: Grant, keep: Callable[[Grant], None]) -> Grant:
        next_one = replace(held, generation=held.generation + 1, access_token=Secret(f"{held.access_token.reveal()}."))
        keep(next_one)
        return next_one

    refresh_kept(bench.store, "acme", answered, now=lambda: datetime.now(UTC))


def _figures(seen: dict[str, _Timed]) -> list[Figure]:
    wall = {name: statistics.median(timed.wall) for name, timed in seen.items()}
    note = f"median of {len(seen[_BARE].wall)}"
    through, own = "refresh through the store", "our own part"
    return [
        Figure(name=_BARE, value=wall[_BARE], unit="ms", note=note),
        Figure(
            name=through, value=wall[through], unit="ms", beside=_BARE, ratio=wall[through] / wall[_BARE], note=note
        ),
        Figure(name=_DISK, value=wall[_DISK], unit="ms", note=f"{note}; the price of surviving a power cut"),
        Figure(name=own, value=wall[own], unit="ms", beside=_DISK, ratio=wall[own] / wall[_DISK], note=note),
        Figure(
            name="our own time",
            value=statistics.fmean(seen[own].user),
            unit="ms CPU",
            goal="under 3 ms",
            note=f"mean; the system spends {statistics.fmean(seen[own].system):.1f} ms more on files",
        ),
    ]


@contextmanager
def _world() -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "sfrunbook.practice", "--until-stdin-closes"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.stdin.close()


def _logged_in(ready: dict[str, Any], folder: Path) -> Workbench:
    org = ready["orgs"][0]
    app = next(each for each in org["apps"] if each["kind"] == AppKind.EXTERNAL_CLIENT_APP)
    create_key_file(folder / "key")
    book = ConnectionBook(folder)
    book.add(
        Connection(
            name="acme",
            login_url=org["my_domain_url"],
            client_id=app["client_id"],
            redirect_uri=app["callback_urls"][0],
            variables={"service_domain": "app-h.cyclr.com"},
        )
    )
    environ = {"SFRUNBOOK_KEY_FILE": str(folder / "key")}
    bench = Workbench(book.get("acme"), folder=folder, open_store=lambda: open_store(folder, environ), book=book)
    bench.keep_client_secret(Secret(app["client_secret"]))
    pending, url = bench.begin_login()
    user = org["users"][0]
    bench.finish_login(parse_address(visit(url, user["username"], user["password"]), pending))
    return bench
