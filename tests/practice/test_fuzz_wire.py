"""Twenty thousand random and mutated requests over real sockets: no failure, no hang, no traceback.

`SFRUNBOOK_FUZZ_REQUESTS` makes the run shorter while one works on it, `SFRUNBOOK_FUZZ_SEED` takes other requests.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from support.tails import long_or
from support.wire_crawl import walk
from support.wire_fuzz import Client, Maker, Outcome, Shot

REQUESTS = long_or(20_000, 4_000)
SEED = int(os.environ.get("SFRUNBOOK_FUZZ_SEED", "1"))
WORKERS = 8
LIMIT = 8 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A world of this module's own, whose standard error goes to a file."""

    ready: dict[str, Any]
    process: subprocess.Popen[str]
    errors: Path

    @property
    def my_domain(self) -> str:
        return self.ready["orgs"][0]["my_domain_url"]

    def token(self) -> str:
        """An access token by client credentials."""
        app = next(app for app in self.ready["orgs"][0]["apps"] if "Unattended" in app["name"])
        form = {
            "grant_type": "client_credentials",
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
        }
        return self.post("/services/oauth2/token", form).json()["access_token"]

    def post(self, path: str, form: dict[str, str]) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(self.my_domain + path, data=form, timeout=10)

    def query(self, token: str) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            headers = {"Authorization": f"Bearer {token}"}
            url = f"{self.my_domain}/services/data/v68.0/query"
            return session.get(url, params={"q": "SELECT COUNT() FROM Task"}, headers=headers, timeout=10)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    errors = tmp_path_factory.mktemp("fuzz") / "stderr.txt"
    command = [sys.executable, "-m", "sfrunbook.practice", "--until-stdin-closes"]
    with (
        errors.open("w") as file,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, text=True) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Watched(ready=json.loads(process.stdout.readline()), process=process, errors=errors)
        finally:
            process.stdin.close()
            process.wait(timeout=15)


async def _work(maker: Maker, count: int, outcome: Outcome) -> None:
    client = Client(outcome)
    for _ in range(count):
        await client.fire(maker.shot())
        if len(outcome.faults) > 20:
            break
    await client.close()


async def _storm(watched: Watched, token: str) -> Outcome:
    outcome = Outcome()
    org = watched.ready["orgs"][1]
    found = walk(org["my_domain_url"], org["users"][0]["username"], org["users"][0]["password"])
    assert len(found.paths) > 5
    assert len(found.forms) > 5
    makers = [Maker(SEED * 1000 + number, watched.ready, token, found) for number in range(WORKERS)]
    await asyncio.gather(*(_work(maker, REQUESTS // WORKERS, outcome) for maker in makers))
    return outcome


def test_thousands_of_odd_requests_neither_fail_nor_hang(watched: Watched) -> None:
    token = watched.token()
    assert watched.query(token).json()["totalSize"] == 2400
    outcome = asyncio.run(_storm(watched, token))
    assert outcome.faults == []
    assert sum(outcome.statuses.values()) + outcome.closed == REQUESTS // WORKERS * WORKERS
    assert {200, 302, 400, 401, 404, 405} <= set(outcome.statuses)
    assert outcome.statuses[200] > REQUESTS // 20, "hardly anything was answered"
    assert watched.process.poll() is None
    assert watched.query(watched.token()).status_code == 200


def _head(path: str, host: str, framing: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: {urlsplit(host).netloc}", "Content-Type: application/json", framing]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("path", ["/services/oauth2/token", "/services/data/v68.0/sobjects/Account", "/no/such/page"])
def test_bodies_over_8_mb_are_refused_by_length_and_in_chunks(watched: Watched, path: str) -> None:
    async def statuses() -> list[int | None]:
        client, host, piece = Client(outcome), watched.my_domain, b"x" * 65_536
        whole = _head(path, host, f"Content-Length: {LIMIT + 1}") + b"x" * (LIMIT + 1)
        chunks = _head(path, host, "Transfer-Encoding: chunked") + b"10000\r\n%b\r\n" % piece * (LIMIT // 65_536 + 1)
        right = _head(path, host, "Content-Length: 2") + b"{}"
        shots = [Shot(host=host, data=data, method="POST") for data in (whole, chunks + b"0\r\n\r\n", right)]
        found = [await client.fire(shot) for shot in shots]
        await client.close()
        return found

    outcome = Outcome()
    assert asyncio.run(statuses())[:2] == [413, 413]
    assert outcome.faults == []
    assert max(outcome.statuses) == 413


def test_standard_error_holds_no_traceback(watched: Watched) -> None:
    assert watched.query(watched.token()).status_code == 200
    errors = watched.errors.read_text()
    assert "Traceback" not in errors
    assert "Exception" not in errors
