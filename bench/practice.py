"""How many refreshes, small queries and authorize probes one practice world answers in a second."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import requests

from bench.figures import Figure
from bench.load import Chain, Load, Outcome, request
from sfrunbook.practice.visitor import visit

__all__ = ["measure"]

_CONNECTIONS = 4  # a user and an app have five approvals, and each connection needs one of its own
_VERIFIER = "bench-verifier-" * 4
_NEXT_TOKEN = re.compile(rb'"refresh_token":"([^"]+)"')
_SMALL_QUERY = "SELECT Id, Name FROM Account WHERE Industry != null ORDER BY Name LIMIT 5"
_PAGE_QUERY = "SELECT Id, Subject, Status, Priority, ActivityDate, WhatId, OwnerId, CreatedDate FROM Task"
_MOST = 60_000


def measure(*, short: bool) -> list[Figure]:
    """Server on one core and load on the others where the system lets us; all subjects in one run of the server."""
    seconds = 1.0 if short else 4.0
    with _server("bench.floor") as (floor, line):
        port = int(line)
        bare = _Subject("bare server, same settings", floor, port, seconds)
        floor_figure = bare.figure([Chain(request("GET", "/", f"127.0.0.1:{port}")) for _ in range(_CONNECTIONS)])
    with _server("sfrunbook.practice", "--until-stdin-closes") as (process, line):
        subjects = _subjects(json.loads(line), process, seconds)
        figures = [subject.figure(chains, beside=floor_figure) for subject, chains in subjects]
        figures.append(_memory(json.loads(line), process, 5_000 if short else 100_000))
    return [floor_figure, *figures]


@contextmanager
def _server(module: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server as a process of its own, on one core; gives it with the line that it prints."""
    command = [sys.executable, "-m", module, *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        mine = _part_cores(process.pid)
        try:
            yield process, process.stdout.readline()
        finally:
            process.stdin.close()
            if mine:
                os.sched_setaffinity(0, mine)


def _part_cores(server: int) -> set[int]:
    """Give the server a core of its own; gives the cores that were ours, empty where nothing was changed."""
    if not hasattr(os, "sched_setaffinity"):
        return set()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return set()
    os.sched_setaffinity(server, {cores[-1]})
    os.sched_setaffinity(0, set(cores[:-1]))
    return set(cores)


class _Subject:
    """One thing to measure on one server."""

    def __init__(self, name: str, process: subprocess.Popen[str], port: int, seconds: float, goal: str = "") -> None:
        self._name = name
        self._process = process
        self._port = port
        self._seconds = seconds
        self._goal = goal

    def figure(self, chains: list[Chain], beside: Figure | None = None) -> Figure:
        Outcome.of(Load(port=self._port, seconds=0.5, most=200), chains)  # plans, tables and caches are made once
        before = self._cpu_seconds()
        outcome = Outcome.of(Load(port=self._port, seconds=self._seconds, most=_MOST), chains)
        spent = self._cpu_seconds() - before
        note = f"{outcome.answers:,} answers over {len(chains)} connections"
        if spent:
            note += f", {1e6 * spent / outcome.answers:,.0f} us CPU each"
        return Figure(
            name=self._name,
            value=outcome.per_second,
            unit="/s",
            goal=self._goal,
            beside="bare server" if beside else "",
            ratio=outcome.per_second / beside.value if beside else None,
            note=note,
        )

    def _cpu_seconds(self) -> float:
        """CPU time of the server so far; 0 where the system does not tell."""
        status = Path(f"/proc/{self._process.pid}/stat")
        if not status.exists():
            return 0.0
        fields = status.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _subjects(
    ready: dict[str, Any], process: subprocess.Popen[str], seconds: float
) -> Iterator[tuple[_Subject, list[Chain]]]:
    org = ready["orgs"][0]
    app = next(each for each in org["apps"] if each["kind"] == "external_client_app")
    base = org["my_domain_url"]
    host = urlsplit(base).netloc
    port = urlsplit(base).port or 0
    with requests.Session() as browser:
        browser.trust_env = False
        grants = [_log_in(browser, base, app, org["users"][0]) for _ in range(_CONNECTIONS)]

    query = f"/services/data/v68.0/query?q={quote(_SMALL_QUERY)}"
    yield (
        _Subject("query, 5 rows, same text", process, port, seconds, "1,000 /s at least"),
        [Chain(request("GET", query, host, Authorization=f"Bearer {grant['access_token']}")) for grant in grants],
    )
    yield (
        _Subject("query, 5 rows, new text each time", process, port, seconds),
        [_query_chain(host, grant["access_token"], number) for number, grant in enumerate(grants)],
    )
    page = f"/services/data/v68.0/query?q={quote(_PAGE_QUERY)}"
    yield (
        _Subject("query page of 2,000 rows, 8 fields", process, port, seconds, "60 /s at least"),
        [Chain(request("GET", page, host, Authorization=f"Bearer {grant['access_token']}")) for grant in grants],
    )
    probe = _authorize_url("", app)
    yield (
        _Subject("authorize probe", process, port, seconds, "1,500 /s at least"),
        [Chain(request("GET", probe, host)) for _ in grants],
    )
    # Last: a thousand refreshes later the access tokens of the logins are no longer kept.
    yield (
        _Subject("refresh, rotation on", process, port, seconds, "1,500 /s at least"),
        [_refresh_chain(host, app, grant["refresh_token"]) for grant in grants],
    )


def _memory(ready: dict[str, Any], process: subprocess.Popen[str], requests_made: int) -> Figure:
    """Resident memory of the server after so many requests more: queries of new text, pages, refreshes."""
    org = ready["orgs"][0]
    app = next(each for each in org["apps"] if each["kind"] == "external_client_app")
    base, user = org["my_domain_url"], org["users"][0]
    host, port = urlsplit(base).netloc, urlsplit(base).port or 0
    with requests.Session() as browser:
        browser.trust_env = False
        grants = [_log_in(browser, base, app, user) for _ in range(_CONNECTIONS)]
    kept = [grant["access_token"] for grant in grants[:3]]
    page = f"/services/data/v68.0/query?q={quote(_PAGE_QUERY)}"
    chains = [_query_chain(host, token, 500 + number) for number, token in enumerate(kept)]
    chains.append(_refresh_chain(host, app, grants[-1]["refresh_token"]))
    outcome = Outcome.of(Load(port=port, seconds=600, most=requests_made), chains)
    pages = [Chain(request("GET", page, host, Authorization=f"Bearer {kept[0]}"))]
    paged = Outcome.of(Load(port=port, seconds=60, most=300), pages)
    status = Path(f"/proc/{process.pid}/status")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return Figure(
        name=f"memory after {requests_made:,} requests",
        value=int(found[1]) / 1024 if found else float("nan"),
        unit="MB",
        goal="120 MB at most",
        note=f"{outcome.answers:,} queries and refreshes, {paged.answers} pages of 2,000 rows",
    )


def _authorize_url(base: str, app: dict[str, Any]) -> str:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(_VERIFIER.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": app["callback_urls"][0],
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "state": "bench",
    }
    return f"{base}/services/oauth2/authorize?{urlencode(asked)}"


def _log_in(browser: requests.Session, base: str, app: dict[str, Any], user: dict[str, str]) -> dict[str, str]:
    landing = visit(_authorize_url(base, app), user["username"], user["password"])
    sent = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(landing).query)["code"][0],
        "code_verifier": _VERIFIER,
        "redirect_uri": app["callback_urls"][0],
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
    }
    reply = browser.post(f"{base}/services/oauth2/token", data=sent, timeout=10)
    reply.raise_for_status()
    grant: dict[str, str] = reply.json()
    return grant


def _refresh_chain(host: str, app: dict[str, Any], first: str) -> Chain:
    """Each answer's refresh token is the next request's."""
    fixed = urlencode(
        {"grant_type": "refresh_token", "client_id": app["client_id"], "client_secret": app["client_secret"]}
    )

    def with_token(token: str) -> bytes:
        return request("POST", "/services/oauth2/token", host, f"{fixed}&refresh_token={quote(token)}".encode())

    def following(answer: bytes) -> bytes:
        match = _NEXT_TOKEN.search(answer)
        if match is None:
            raise RuntimeError("a refresh gave no new refresh token")
        return with_token(match[1].decode())

    return Chain(with_token(first), following)


def _query_chain(host: str, access_token: str, number: int) -> Chain:
    """A text that the server has not seen before, so that it parses and plans each one."""
    counter = number * 10_000_000

    def made(_answer: bytes = b"") -> bytes:
        nonlocal counter
        counter += 1
        text = quote(f"SELECT Id, Name FROM Account WHERE AnnualRevenue > -{counter} ORDER BY Name LIMIT 5")
        path = f"/services/data/v68.0/query?q={text}"
        return request("GET", path, host, Authorization=f"Bearer {access_token}")

    following: Callable[[bytes], bytes] = made
    return Chain(made(), following)
