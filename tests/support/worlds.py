"""Practice worlds for the tests: real processes on free ports, met over sockets."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

KINDS = ("external_client_app", "connected_app", "unattended")


@dataclass(frozen=True, kw_only=True)
class World:
    """A running practice world; `ready` is its one line, parsed."""

    ready: dict[str, Any] = field(repr=False)
    process: subprocess.Popen[str] = field(repr=False)

    @property
    def login_url(self) -> str:
        return self.ready["login_url"]

    @property
    def test_url(self) -> str:
        return self.ready["test_url"]

    @property
    def ca_file(self) -> str | None:
        return self.ready["ca_file"]

    def org(self, name: str = "first") -> dict[str, Any]:
        return next(org for org in self.ready["orgs"] if org["name"] == name)

    def my_domain(self, name: str = "first") -> str:
        return self.org(name)["my_domain_url"]

    def app(self, org: str = "first", kind: str = "external_client_app") -> dict[str, Any]:
        """An app by its kind; `unattended` is the one for client credentials and JWT bearer (first org only)."""
        apps = self.org(org)["apps"]
        if kind == "unattended":
            return next(app for app in apps if "Unattended" in app["name"])
        return next(app for app in apps if app["kind"] == kind)

    def user(self, org: str = "first", profile: str = "System Administrator") -> dict[str, str]:
        return next(user for user in self.org(org)["users"] if user["profile"] == profile)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API; fails the test when it refuses."""
        with requests.Session() as session:
            session.trust_env = False
            session.verify = self.ca_file or True
            reply = session.request(method, self.ready["control_url"] + path, json=body, timeout=10)
        assert reply.ok, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json()

    def first_day(self) -> None:
        """As it was when it started: a reset, and nothing in the journal or among the snapshots."""
        assert self.process.poll() is None, "a test has ended the practice world that others share"
        assert self.control("POST", "/reset") == self.ready
        for name in self.control("GET", "/snapshots")["snapshots"]:
            self.control("DELETE", f"/snapshots/{name}")
        self.control("DELETE", "/journal")


@contextmanager
def running_world(*options: str) -> Iterator[World]:
    """A practice world as a process of its own, ended by closing its standard input."""
    command = [sys.executable, "-m", "sfrunbook.practice", "--until-stdin-closes", *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            readable, _, _ = select.select([process.stdout], [], [], 30)
            line = process.stdout.readline() if readable else ""
            assert line, "the practice world did not get ready"
            yield World(ready=json.loads(line), process=process)
        finally:
            process.stdin.close()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
