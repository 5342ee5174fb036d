"""The practice world from outside: started as a subprocess or joined by its session folder, spoken to over HTTP."""

from __future__ import annotations

import atexit
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sfrunbook.core.durable_file import locked
from sfrunbook.core.errors import problem
from sfrunbook.core.http import open_session, send
from sfrunbook.core.model import AppKind, Connection, OrgKind, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.redirect import can_receive, free_redirect_uri
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import create_key_file

__all__ = ["JOIN_VARIABLE", "NAME", "PARTNER_SECRET", "Rehearsal", "join_or_start", "start"]

#: the connection that stands for the practice world; it cannot be added or removed by hand
NAME = "practice"
#: under which the store keeps the secret of the practice partner's API
PARTNER_SECRET = "partner-api--practice"  # noqa: S105 - a name
#: environment variable by which kernels join the session of the program that started them
JOIN_VARIABLE = "SFRUNBOOK_PRACTICE"
_START_SECONDS = 30.0
_VISIT_SECONDS = 60
_KEY_SECONDS = 10


@dataclass(kw_only=True)
class Rehearsal:
    """A practice world that runs, and the folder of everything that is kept while it does.

    The folder holds the ready line, a key file, the encrypted store and progress; it goes when the world goes.
    """

    folder: Path
    ready: Mapping[str, Any]
    process: subprocess.Popen[str] | None = None

    @property
    def connection(self) -> Connection:
        """The connection to the first org's External Client App, as a person would have added it."""
        org, app = self._org_and_app()
        return Connection(
            name=NAME,
            login_url=org["my_domain_url"],
            client_id=app["client_id"],
            client_secret=f"store:{NAME}",
            app_kind=AppKind.EXTERNAL_CLIENT_APP,
            org_kind=OrgKind.UNKNOWN,
            org_id=org["org_id"],
            redirect_uri=free_redirect_uri([one for one in app["callback_urls"] if one.endswith("/callback")]),
            variables={"service_domain": "app-h.cyclr.com"},
            ca_file=self.ready.get("ca_file"),
        )

    @property
    def partner_connection(self) -> Connection:
        """The same connection with the practice world's own partner in place of the real one."""
        partner = self.ready["cyclr"]
        hosts = {
            name: urlsplit(partner[key]).netloc
            for name, key in (
                ("console_host", "console_url"),
                ("service_domain", "service_url"),
                ("api_host", "api_url"),
            )
        }
        return replace(
            self.connection,
            variables={**hosts, "account_id": partner["accounts"][0]["id"]},
            partner_client_id=partner["api_clients"][0]["client_id"],
            partner_client_secret=f"store:{PARTNER_SECRET}",
        )

    @property
    def partner_client_secret(self) -> Secret:
        """The secret of the practice partner's API, as its console shows it."""
        return Secret(self.ready["cyclr"]["api_clients"][0]["client_secret"])

    @property
    def partner_console(self) -> tuple[str, str]:
        """Address of the practice partner's console, and the username to log in with; its login page tells the rest."""
        partner = self.ready["cyclr"]
        return partner["console_url"], partner["console_user"]["username"]

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        """The app's Callback URLs that this machine can listen at."""
        return tuple(one for one in self._org_and_app()[1]["callback_urls"] if can_receive(one))

    @property
    def store(self) -> GrantStore:
        """The encrypted store of this session, under its own key file; raises RunbookError `practice-world-gone`."""
        if not self.folder.is_dir():
            raise problem("practice-world-gone", host=self._org_and_app()[0]["my_domain_url"])
        key_file = self.folder / "key"
        with locked(self.folder / ".key.lock", _KEY_SECONDS):  # kernels of one session open it at the same time
            if not key_file.exists():
                create_key_file(key_file)
        return open_store(self.folder / "store", NAME, {"SFRUNBOOK_KEY_FILE": str(key_file)})

    @property
    def client_secret(self) -> Secret:
        """The practice app's Consumer Secret, as the practice org shows it."""
        return Secret(self._org_and_app()[1]["client_secret"])

    @property
    def environment(self) -> dict[str, str]:
        """What a child process needs in its environment to join this session."""
        return {JOIN_VARIABLE: str(self.folder)}

    def visit(self, address: str) -> None:
        """Let the scripted person log in and allow access, in a process of its own; secrets go by a pipe.

        `address` is Salesforce's, or a partner's link that leads there.

        Raises RunbookError `practice-person-refused` and `practice-world-gone`.
        """
        org = self._org_and_app()[0]
        user = org["users"][0]
        command = [sys.executable, "-m", "sfrunbook.practice.visitor", "--username", user["username"]]
        if self.ready.get("ca_file"):
            command += ["--ca-file", self.ready["ca_file"]]
        try:
            done = subprocess.run(  # noqa: S603 - our own module, our own arguments
                [*command, "-"],
                input=f"{address}\n{user['password']}\n",
                capture_output=True,
                text=True,
                timeout=_VISIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            reason = f"no end within {_VISIT_SECONDS} seconds"
            raise problem("practice-person-refused", reason=reason) from None
        if done.stderr.startswith("No answer from"):
            raise problem("practice-world-gone", host=org["my_domain_url"])
        if done.returncode:
            raise problem("practice-person-refused", reason=done.stderr.strip()[-300:])

    def open_for_partner(self) -> None:
        """Do in Setup what a person who was told would do: the partner's addresses in, and two boxes cleared."""
        app = self._org_and_app()[1]["client_id"]
        there = self._control("GET", f"/apps/{app}")["callback_urls"]
        callbacks = list(dict.fromkeys((*there, *self.ready["cyclr"]["callback_urls"])))
        boxes = {"pkce_required": False, "secret_required_for_refresh": False}
        self._control("POST", f"/apps/{app}", {"callback_urls": callbacks, **boxes})

    def close_after_partner(self) -> None:
        """Tick the boxes again, as today's defaults have them."""
        app = self._org_and_app()[1]["client_id"]
        self._control("POST", f"/apps/{app}", {"pkce_required": True, "secret_required_for_refresh": True})

    def end_sessions(self) -> None:
        """Every session that came of the app ends, as after its Timeout Value."""
        self._control("POST", "/tokens/expire", {"client_id": self._org_and_app()[1]["client_id"]})

    def _control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 -- JSON
        """A call of the practice world's control API; raises RunbookError `practice-world-gone`."""
        url = str(self.ready["control_url"]) + path
        with open_session(self.ready.get("ca_file")) as http:
            reply = send(http, Stage.LOCAL, method, url, json_body=body)
        if not reply.ok:
            raise problem("practice-world-gone", host=self.ready["control_url"])
        return reply.json()

    def stop(self) -> None:
        """End a world that this process started and remove its folder; a joined world is left alone."""
        if self.process is None:
            return
        process, self.process = self.process, None
        with contextlib.suppress(OSError):
            process.stdin and process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _org_and_app(self) -> tuple[dict[str, Any], dict[str, Any]]:
        org = self.ready["orgs"][0]
        return org, next(app for app in org["apps"] if app["kind"] == AppKind.EXTERNAL_CLIENT_APP)


_started: list[Rehearsal] = []


def join_or_start(environ: Mapping[str, str]) -> Rehearsal:
    """Join the session named by the environment, else the one this process has, else start a new world."""
    folder = environ.get(JOIN_VARIABLE)
    if folder:
        return _join(Path(folder))
    for one in _started:
        if one.process and one.process.poll() is None:
            return one
    rehearsal = start(Path(tempfile.mkdtemp(prefix="sfrunbook-practice-")))
    _started.append(rehearsal)
    atexit.register(rehearsal.stop)
    return rehearsal


def _join(folder: Path) -> Rehearsal:
    try:
        ready = json.loads((folder / "ready.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise problem("practice-world-gone", host="the practice world of this session") from None
    return Rehearsal(folder=folder, ready=ready)


def start(folder: Path) -> Rehearsal:
    """Start a world that ends by itself when this process does: its standard input closes then.

    It has a session of its own, so that Ctrl-C in a terminal is heard here first and never takes the world away early.
    Raises RunbookError `practice-world-did-not-start`.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "sfrunbook.practice", "--until-stdin-closes", "--session-folder", str(folder)]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log, text=True, start_new_session=True
        )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            if (folder / "ready.json").exists():
                return Rehearsal(folder=folder, ready=json.loads((folder / "ready.json").read_text()), process=process)
            time.sleep(0.02)
        process.kill()
        process.communicate()
        log.seek(0)
        reason = log.read()[-300:].strip() or f"no answer within {_START_SECONDS:.0f} seconds"
    shutil.rmtree(folder, ignore_errors=True)
    raise problem("practice-world-did-not-start", reason=reason)
