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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sfrunbook.connection.practice_org import PracticeOrg, cyclr_variables
from sfrunbook.core.durable_file import locked
from sfrunbook.core.errors import problem
from sfrunbook.core.model import AppKind, Connection, OrgKind
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.redirect import can_receive
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import create_key_file

__all__ = ["JOIN_VARIABLE", "NAME", "PracticeConnection", "join_or_start", "start"]

#: the connection to the practice org; it cannot be added or removed by hand
NAME = "practice"
#: environment variable by which kernels join the session of the program that started them
JOIN_VARIABLE = "SFRUNBOOK_PRACTICE"
_START_SECONDS = 30.0
_KEY_SECONDS = 10


@dataclass(kw_only=True)
class PracticeConnection:
    """A running practice org and the folder of its session, which is removed when the practice org ends.

    The folder has the ready line, a key file, the encrypted store and progress.
    """

    folder: Path
    ready: Mapping[str, Any] = field(repr=False)
    process: subprocess.Popen[str] | None = None

    @property
    def org(self) -> PracticeOrg:
        login_url, client_id = self._org["my_domain_url"], self._app["client_id"]
        return PracticeOrg(ready=self.ready, login_url=login_url, client_id=client_id)

    @property
    def connection(self) -> Connection:
        """The connection to the first org's External Client App, with the practice Cyclr as its partner."""
        return Connection(
            name=NAME,
            login_url=self._org["my_domain_url"],
            client_id=self._app["client_id"],
            client_secret=f"store:{NAME}",
            app_kind=AppKind.EXTERNAL_CLIENT_APP,
            org_kind=OrgKind.UNKNOWN,
            org_id=self._org["org_id"],
            redirect_uri=self.redirect_uris[0],
            variables=cyclr_variables(self.ready),
            partner_client_id=self.ready["cyclr"]["api_clients"][0]["client_id"],
            partner_client_secret=f"store:partner-api--{NAME}",
            ca_file=self.ready.get("ca_file"),
        )

    @property
    def redirect_uris(self) -> tuple[str, ...]:
        """The app's Callback URLs for the runbook's own login, at this machine; the Salesforce CLI's is last."""
        partner = self.ready["cyclr"]["callback_urls"]
        own = [url for url in self._app["callback_urls"] if can_receive(url) and url not in partner]
        return tuple(sorted(own, key=lambda url: not url.endswith("/callback")))

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
        return Secret(self._app["client_secret"])

    @property
    def environment(self) -> dict[str, str]:
        """What a child process needs in its environment to join this session."""
        return {JOIN_VARIABLE: str(self.folder)}

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
        raise problem("practice-world-gone", host="the practice org of this session") from None
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
