"""The practice org from outside: started as a subprocess or joined by its session folder, and asked over HTTP."""

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
from sfrunbook.core.http import send
from sfrunbook.core.http_session import open_session
from sfrunbook.core.model import AppKind, Connection, OrgKind, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.redirect import can_receive, free_redirect_uri
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import create_key_file

__all__ = ["JOIN_VARIABLE", "NAME", "PracticeConnection", "join_or_start", "start"]

#: the connection to the practice org; it cannot be added or removed by hand
NAME = "practice"
#: environment variable by which kernels join the session of the program that started them
JOIN_VARIABLE = "SFRUNBOOK_PRACTICE"
_START_SECONDS = 30.0
_VISIT_SECONDS = 60
_KEY_SECONDS = 10


@dataclass(kw_only=True)
class PracticeConnection:
    """A running practice org and the folder of its session, which is removed when the practice org ends.

    The folder has the ready line, a key file, the encrypted store and progress.
    """

    folder: Path
    ready: Mapping[str, Any]
    process: subprocess.Popen[str] | None = None

    @property
    def connection(self) -> Connection:
        """The connection to the first org's External Client App, as its user would have added it."""
        return Connection(
            name=NAME,
            login_url=self._org["my_domain_url"],
            client_id=self._app["client_id"],
            client_secret=f"store:{NAME}",
            app_kind=AppKind.EXTERNAL_CLIENT_APP,
            org_kind=OrgKind.UNKNOWN,
            org_id=self._org["org_id"],
            redirect_uri=free_redirect_uri([url for url in self._app["callback_urls"] if url.endswith("/callback")]),
            variables={"service_domain": "app-h.cyclr.com"},
            ca_file=self.ready.get("ca_file"),
        )

    @property
    def partner_connection(self) -> Connection:
        """The same connection with the practice Cyclr as its partner."""
        partner = self.ready["cyclr"]
        urls = {"console_host": "console_url", "service_domain": "service_url", "api_host": "api_url"}
        hosts = {name: urlsplit(partner[url]).netloc for name, url in urls.items()}
        return replace(
            self.connection,
            variables={**hosts, "account_id": partner["accounts"][0]["id"]},
            partner_client_id=partner["api_clients"][0]["client_id"],
            partner_client_secret=f"store:partner-api--{NAME}",
        )

    @property
    def partner_client_secret(self) -> Secret:
        """The secret of the practice Cyclr's API, as its console shows it."""
        return Secret(self.ready["cyclr"]["api_clients"][0]["client_secret"])

    @property
    def partner_console(self) -> tuple[str, str]:
        """Address of the practice Cyclr's console and the username for it; its login page shows the password."""
        partner = self.ready["cyclr"]
        return partner["console_url"], partner["console_user"]["username"]

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        """The app's Callback URLs that this machine can listen at."""
        return tuple(url for url in self._app["callback_urls"] if can_receive(url))

    @property
    def store(self) -> GrantStore:
        """The encrypted store of this session, under its own key file; raises RunbookError `practice-world-gone`."""
        if not self.folder.is_dir():
            raise problem("practice-world-gone", host=self._org["my_domain_url"])
        key_file = self.folder / "key"
        with locked(self.folder / ".key.lock", _KEY_SECONDS):  # kernels of one session open it at the same time
            if not key_file.exists():
                create_key_file(key_file)
        return open_store(self.folder / "store", NAME, {"SFRUNBOOK_KEY_FILE": str(key_file)})

    @property
    def client_secret(self) -> Secret:
        """The practice app's Consumer Secret, as the practice org shows it."""
        return Secret(self._app["client_secret"])

    @property
    def environment(self) -> dict[str, str]:
        """What a child process needs in its environment to join this session."""
        return {JOIN_VARIABLE: str(self.folder)}

    def visit(self, address: str) -> None:
        """Let the scripted user log in and allow access, in a process of its own that gets the password by a pipe.

        `address` is Salesforce's, or a partner's link that leads there.
        Raises RunbookError `practice-person-refused` and `practice-world-gone`.
        """
        user = self._org["users"][0]
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
            raise problem("practice-world-gone", host=self._org["my_domain_url"])
        if done.returncode:
            raise problem("practice-person-refused", reason=done.stderr.strip()[-300:])

    def open_for_partner(self) -> None:
        """Prepare the app in Setup for the partner: add its callback URLs, and clear two boxes."""
        path = f"/apps/{self._app['client_id']}"
        registered = self._control("GET", path)["callback_urls"]
        callbacks = list(dict.fromkeys((*registered, *self.ready["cyclr"]["callback_urls"])))
        boxes = {"pkce_required": False, "secret_required_for_refresh": False}
        self._control("POST", path, {"callback_urls": callbacks, **boxes})

    def close_after_partner(self) -> None:
        """Tick the two boxes again, which is the default today."""
        boxes = {"pkce_required": True, "secret_required_for_refresh": True}
        self._control("POST", f"/apps/{self._app['client_id']}", boxes)

    def end_sessions(self) -> None:
        """End every session of the app, as its Timeout Value would."""
        self._control("POST", "/tokens/expire", {"client_id": self._app["client_id"]})

    def _control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 -- JSON
        """Call the practice org's control API; raises RunbookError `practice-world-gone`."""
        url = str(self.ready["control_url"]) + path
        with open_session(self.ready.get("ca_file")) as http:
            reply = send(http, Stage.LOCAL, method, url, json_body=body)
        if not reply.ok:
            raise problem("practice-world-gone", host=self.ready["control_url"])
        return reply.json()

    def stop(self) -> None:
        """End a practice org that this process started and remove its folder; a practice org that it joined stays."""
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

    @property
    def _org(self) -> dict[str, Any]:
        return self.ready["orgs"][0]  # type: ignore[no-any-return]  # JSON of the ready line

    @property
    def _app(self) -> dict[str, Any]:
        return next(app for app in self._org["apps"] if app["kind"] == AppKind.EXTERNAL_CLIENT_APP)


_started: list[PracticeConnection] = []


def join_or_start(environ: Mapping[str, str]) -> PracticeConnection:
    """Join the session named by the environment, else the one of this process, else start a new practice org."""
    folder = environ.get(JOIN_VARIABLE)
    if folder:
        return _join(Path(folder))
    for practice in _started:
        if practice.process and practice.process.poll() is None:
            return practice
    practice = start(Path(tempfile.mkdtemp(prefix="sfrunbook-practice-")))
    _started.append(practice)
    atexit.register(practice.stop)
    return practice


def _join(folder: Path) -> PracticeConnection:
    try:
        ready = json.loads((folder / "ready.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise problem("practice-world-gone", host="the practice world of this session") from None
    return PracticeConnection(folder=folder, ready=ready)


def start(folder: Path) -> PracticeConnection:
    """Start a practice org that ends with this process, because its standard input closes then.

    It runs in a process session of its own, so that Ctrl-C in a terminal reaches this process only.
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
                return PracticeConnection(
                    folder=folder, ready=json.loads((folder / "ready.json").read_text()), process=process
                )
            time.sleep(0.02)
        process.kill()
        process.communicate()
        log.seek(0)
        reason = log.read()[-300:].strip() or f"no answer within {_START_SECONDS:.0f} seconds"
    shutil.rmtree(folder, ignore_errors=True)
    raise problem("practice-world-did-not-start", reason=reason)
