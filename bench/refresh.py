"""A refresh through the store beside the bare one over HTTP, in one run: what our own care costs."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import Figure
from sfrunbook.connection import OpenConnection
from sfrunbook.connection.records import Records
from sfrunbook.connection.refreshing import refresh_stored
from sfrunbook.core.durable_file import write_durably
from sfrunbook.core.model import AppKind, Connection, Grant
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.practice.visitor import visit
from sfrunbook.salesforce.oauth.callback import parse_address
from sfrunbook.salesforce.oauth.grants import RefreshToken
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import create_key_file

__all__ = ["measure"]

_BARE = "bare refresh over HTTP"
_OWN = "our own time without the disk"
_DISK = "two durable writes alone"
#: the size of a record with its generation before
_RECORD_BYTES = 2_500


def _timed(call: Callable[[], object]) -> float:
    """Wall time in milliseconds."""
    begun = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begun)


def measure(*, short: bool) -> list[Figure]:
    """Medians over rounds in which everything runs once, so that a busy machine hits all alike; rotation is on."""
    names = (_BARE, "refresh through the store", "our own part", _DISK, _OWN)
    seen: dict[str, list[float]] = {name: [] for name in names}
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with _world() as ready, tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=memory) as quick:
        opened = _logged_in(ready, Path(folder))
        elsewhere = _copy_of(opened, Path(quick))
        for _ in range(10 if short else 200):
            _round(opened, elsewhere, Path(folder), seen)
    return _figures(seen, "in memory" if memory else "on this disk")


def _round(opened: OpenConnection, elsewhere: GrantStore, folder: Path, seen: dict[str, list[float]]) -> None:
    flow = RefreshToken(client_secret=opened.client_secret())
    fresh: list[Grant] = []
    held = opened.store.load("acme")
    assert held is not None
    seen[_BARE].append(_timed(lambda: fresh.append(flow.request(held, save=lambda _: None))))
    opened.store.save(fresh[0])
    seen["refresh through the store"].append(_timed(opened.grants.refresh))
    seen["our own part"].append(_timed(lambda: _without_http(opened.store)))
    seen[_OWN].append(_timed(lambda: _without_http(elsewhere)))
    seen[_DISK].append(
        _timed(lambda: [write_durably(folder / "raw", b"x" * _RECORD_BYTES, alone=True) for _ in range(2)])
    )


def _without_http(store: GrantStore) -> None:
    """Lock, mark, write: everything but the request itself; the tokens stay those that live."""

    def answered(held: Grant, keep: Callable[[Grant], None]) -> Grant:
        changed = Secret(f"{held.access_token.reveal()[:112]}{held.generation:08d}")
        keep(replace(held, generation=held.generation + 1, access_token=changed))
        return held

    refresh_stored(store, "acme", answered, now=lambda: datetime.now(UTC))


def _copy_of(opened: OpenConnection, folder: Path) -> GrantStore:
    """A store in memory, where waiting for the disk costs nothing."""
    create_key_file(folder / "key")
    store = open_store(folder, "acme", {"SFRUNBOOK_KEY_FILE": str(folder / "key")})
    held = opened.store.load("acme")
    assert held is not None
    store.save(held)
    return store


def _figures(seen: dict[str, list[float]], where: str) -> list[Figure]:
    wall = {name: statistics.median(times) for name, times in seen.items()}
    note = f"median of {len(seen[_BARE])}"
    through, own = "refresh through the store", "our own part"
    ratio = wall[through] / wall[_BARE]
    return [
        Figure(name=_BARE, value=wall[_BARE], unit="ms", note=note),
        Figure(name=through, value=wall[through], unit="ms", beside=_BARE, ratio=ratio, note=note),
        Figure(name=_DISK, value=wall[_DISK], unit="ms", note=f"{note}; the price of surviving a power cut"),
        Figure(name=own, value=wall[own], unit="ms", beside=_DISK, ratio=wall[own] / wall[_DISK], note=note),
        Figure(name=_OWN, value=wall[_OWN], unit="ms", goal="under 3 ms", note=f"{note}, the store {where}"),
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


def _logged_in(ready: dict[str, Any], folder: Path) -> OpenConnection:
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
    opened = OpenConnection(
        Records(book.get("acme"), folder=folder, open_store=lambda: open_store(folder, "acme", environ), book=book)
    )
    opened.keep_client_secret(Secret(app["client_secret"]))
    pending, url = opened.login.begin()
    user = org["users"][0]
    opened.login.finish(parse_address(visit(url, user["username"], user["password"]), pending))
    return opened
