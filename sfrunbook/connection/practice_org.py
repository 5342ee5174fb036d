"""A running practice org as any connection meets it: its practice Cyclr, the values for every form, its control API."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import Reply, is_loopback, origin_of, send
from sfrunbook.core.http_session import open_session
from sfrunbook.core.model import Connection, Stage
from sfrunbook.core.secrets.secret import Secret

__all__ = ["Credentials", "PracticeOrg", "PracticeValues", "cyclr_variables", "find_practice_org"]

_ABOUT = "/practice-org"
_VISIT_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A name that is no secret (Consumer Key, client ID) and the secret to it."""

    name: str
    secret: Secret


@dataclass(frozen=True, kw_only=True)
class PracticeValues:
    """What to enter in each form of the runbook, for one connection to a practice org."""

    #: of the partner profile: `console_host`, `service_domain`, `api_host`, `account_id`
    variables: Mapping[str, str]
    console_url: str
    #: user name of the practice Console; its login page shows the password
    console_user: str
    #: OAuth Client Credentials of the practice Cyclr's API
    partner_api: Credentials
    #: Consumer Key and Consumer Secret of the connection's app; None while the org has no app with this key
    app: Credentials | None


@dataclass(frozen=True, kw_only=True)
class PracticeOrg:
    """A running practice org, met at `login_url` with the app of `client_id`; `ready` is its ready line."""

    ready: Mapping[str, Any] = field(repr=False)
    login_url: str
    client_id: str

    @property
    def values(self) -> PracticeValues:
        """Asked for afresh, since an app may be new in Setup; raises RunbookError `practice-world-gone`."""
        cyclr = self.ready["cyclr"]
        api = cyclr["api_clients"][0]
        return PracticeValues(
            variables=cyclr_variables(self.ready),
            console_url=cyclr["console_url"],
            console_user=cyclr["console_user"]["username"],
            partner_api=Credentials(name=api["client_id"], secret=Secret(api["client_secret"])),
            app=self._app(),
        )

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
            raise problem("practice-world-gone", host=self.login_url)
        if done.returncode:
            raise problem("practice-person-refused", reason=done.stderr.strip()[-300:])

    def end_sessions(self) -> None:
        """End every session of the app, as its Timeout Value would."""
        self.control("POST", "/tokens/expire", {"client_id": self.client_id})

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 -- JSON
        """Call the practice org's control API; raises RunbookError `practice-world-gone`."""
        reply = self._ask(method, path, body)
        if not reply.ok:
            raise problem("practice-world-gone", host=self.ready["control_url"])
        return reply.json()

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Reply:
        url = str(self.ready["control_url"]) + path
        try:
            with open_session(self.ready.get("ca_file")) as http:
                return send(http, Stage.LOCAL, method, url, json_body=body)
        except RunbookError:
            raise problem("practice-world-gone", host=self.login_url) from None

    def _app(self) -> Credentials | None:
        if not self.client_id:
            return None
        reply = self._ask("GET", f"/apps/{quote(self.client_id, safe='')}")
        return Credentials(name=self.client_id, secret=Secret(reply.json()["client_secret"])) if reply.ok else None

    @property
    def _org(self) -> Mapping[str, Any]:
        """The org whose My Domain this is; of the test host the sandbox, of the login host the production org."""
        orgs: list[dict[str, Any]] = self.ready["orgs"]
        kind = "sandbox" if self.login_url == self.ready["test_url"] else "production"
        own = (org for org in orgs if org["my_domain_url"] == self.login_url)
        return next(own, None) or next(org for org in orgs if org["kind"] == kind)


def cyclr_variables(ready: Mapping[str, Any]) -> dict[str, str]:
    """The variables of the partner profile for the practice Cyclr of this ready line."""
    cyclr = ready["cyclr"]
    urls = {"console_host": "console_url", "service_domain": "service_url", "api_host": "api_url"}
    hosts = {name: urlsplit(cyclr[url]).netloc for name, url in urls.items()}
    return {**hosts, "account_id": cyclr["accounts"][0]["id"]}


def find_practice_org(connection: Connection) -> PracticeOrg | None:
    """The practice org that this connection logs in to, whoever started it; None for any other org.

    Only an address of this machine is asked. Raises RunbookError `practice-world-gone` when nothing answers there.
    """
    if not is_loopback(urlsplit(connection.login_url).hostname or ""):
        return None
    login_url = origin_of(connection.login_url)
    try:
        with open_session(connection.ca_file, backoff_seconds=0) as http:
            about = send(http, Stage.LOCAL, "GET", login_url + _ABOUT).json()
            control_url = about.get("control_url", "") if isinstance(about, dict) else ""
            if not is_loopback(urlsplit(control_url).hostname or ""):
                return None
            ready = send(http, Stage.LOCAL, "GET", control_url + "/world").json()
    except RunbookError:
        raise problem("practice-world-gone", host=login_url) from None
    return PracticeOrg(ready=ready, login_url=login_url, client_id=connection.client_id)
