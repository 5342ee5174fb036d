"""Documented replies of Cyclr's API, and a host on loopback that gives them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from sfrunbook.core.http_session import open_session
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.partners.cyclr.api import Api
from sfrunbook.partners.cyclr.client import Cyclr
from support.scripted_host import Answer, ScriptedHost

FOLDER = Path(__file__).parents[1] / "samples" / "cyclr"
CLIENT_ID = "11111111-2222-3333-4444-555555555555"


def sample(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / name / "reply.json").read_text("utf-8"))


def answer(name: str) -> Answer:
    one = sample(name)
    return Answer(one["status"], json.dumps(one["body"]), {"Content-Type": "application/json", **one["headers"]})


def script(*names: str) -> dict[str, list[Answer | str]]:
    """The script of these samples, and of a token; several of one path are given in turn."""
    made: dict[str, list[Answer | str]] = {"/oauth/token": [answer("token")]}
    for name in names:
        made.setdefault(sample(name)["path"], []).append(answer(name))
    return made


@dataclass
class Clock:
    now: datetime = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Side:
    """A host with its script, and a client of it."""

    host: ScriptedHost
    http: requests.Session
    clock: Clock = field(default_factory=Clock)
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        secret = Secret("made-up-secret-of-the-api")
        self.api = Api(self.http, self.host.origin, CLIENT_ID, secret, clock=self.clock, sleep=self.slept.append)
        self.cyclr = Cyclr(self.api)

    def paths(self) -> list[str]:
        return [f"{one.method} {one.path.partition('?')[0]}" for one in self.host.asked]


@contextmanager
def side(answers: dict[str, list[Answer | str]], *, seconds: float = 5.0) -> Iterator[Side]:
    with ScriptedHost(answers) as host, open_session(timeout=(seconds, seconds), backoff_seconds=0) as http:
        yield Side(host=host, http=http)


def create_account(cyclr: Cyclr, account_id: str, name: str) -> None:
    """Another customer of the partner."""
    cyclr._api.ask("POST", "/accounts", body={"Id": account_id, "Name": name})
