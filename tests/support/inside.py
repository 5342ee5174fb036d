"""A practice world without sockets: its sites called directly, and short ways to do a person's steps."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from sfrunbook.practice.control.routes import application
from sfrunbook.practice.practice_world import PracticeWorld
from sfrunbook.practice.web.wire import Answer, Call

ORIGINS = tuple(f"http://127.0.0.1:{port}" for port in range(18_101, 18_106))
PARTNER_ORIGINS = tuple(f"http://localhost:{port}" for port in range(18_106, 18_112))
CALLBACK = "https://my.cyclr.com/connector/callback"
VERIFIER = "practice-verifier_0123456789-practice-verifier_0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FORM = "application/x-www-form-urlencoded"
EXPIRED = (400, "invalid_grant", "expired access/refresh token")
ENDED = (401, "INVALID_SESSION_ID", "Session expired or invalid")


class Inside:
    """One world; `host`, `app` and `user` do the steps: the first org's administrator and External Client App."""

    def __init__(self, seed: int = 1, *, partner: bool = False) -> None:
        self.practice = PracticeWorld(seed=seed, origins=(*ORIGINS, *PARTNER_ORIGINS) if partner else ORIGINS)
        self.sites = {host.origin: application(self.practice, host.origin) for host in self.practice.hosts}
        self.settle()

    def settle(self) -> None:
        """Choose the usual host, app and user again, as after a reset."""
        self.host = self.org("first").my_domain_url
        self.app = self.find_app()
        self.user = self.find_user()
        self.address = ""
        self.sid = ""

    # who is who

    @property
    def world(self) -> Any:
        return self.practice.world

    def org(self, name: str = "first") -> Any:
        return next(org for org in self.world.orgs.values() if org.name == name)

    def find_app(self, org: str = "first", kind: str = "external_client_app", name: str = "") -> Any:
        org_id = self.org(org).org_id
        known = [app for app in self.world.apps.values() if app.org_id == org_id]
        return next(app for app in known if (app.name == name if name else app.kind == kind))

    def find_user(self, org: str = "first", short: str = "admin") -> Any:
        return self.world.user_named(f"{short}@{org}.practice.example")

    def as_app(self, kind: str = "connected_app", org: str = "first", name: str = "") -> Any:
        self.app = self.find_app(org, kind, name)
        return self.app

    # changes

    def policies(self, **changes: Any) -> None:
        self.app = self.world.change_app(self.app.client_id, **changes)

    def user_is(self, **changes: Any) -> None:
        self.user = self.world.change_user(self.user.user_id, **changes)

    def settings(self, **changes: Any) -> None:
        self.world.settings = replace(self.world.settings, **changes)

    def switches(self, org: str = "first", **changes: Any) -> None:
        found = self.org(org)
        self.world.change_org(found.org_id, switches=replace(found.switches, **changes))

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        self.practice.clock.advance(seconds + 60 * minutes + 3_600 * hours + 86_400 * days)

    def control(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        raw = b"" if body is None else json.dumps(body).encode()
        answer = self.send(method, path, host=ORIGINS[4], body=raw, kind="application/json")
        return answer.status, json.loads(answer.body)

    # calls

    def send(
        self,
        method: str,
        path: str,
        *,
        host: str = "",
        query: str = "",
        body: bytes = b"",
        kind: str = "",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        origin = host or self.host
        sent = {"host": origin.partition("://")[2], **(headers or {})}
        if kind:
            sent["content-type"] = kind
        if self.address:
            sent["x-practice-client-ip"] = self.address
        site = self.sites[origin]
        call = Call(method=method, path=path, query=query, headers=sent, body=body, host=site.host)
        return site.answer(call)

    def post(self, path: str, host: str = "", **fields: str | None) -> Answer:
        given = {name: value for name, value in fields.items() if value is not None}
        headers = {"cookie": f"sid_{urlsplit(host or self.host).port}={self.sid}"}
        return self.send("POST", path, host=host, body=urlencode(given).encode(), kind=FORM, headers=headers)

    def token(self, host: str = "", **fields: str | None) -> tuple[int, dict[str, Any]]:
        answer = self.post("/services/oauth2/token", host, **fields)
        return answer.status, json.loads(answer.body)

    def refused(self, answer: tuple[int, dict[str, Any]]) -> tuple[int, str, str]:
        status, body = answer
        return status, body.get("error", ""), body.get("error_description", "")

    # the web server flow

    @property
    def callback(self) -> str:
        """Cyclr's, or the first of an app that has others."""
        known = self.app.callback_urls
        return CALLBACK if CALLBACK in known or not known else known[0]

    def authorize(self, host: str = "", **changes: str | None) -> Answer:
        right = {
            "response_type": "code",
            "client_id": self.app.client_id,
            "redirect_uri": self.callback,
            "code_challenge": CHALLENGE,
            "state": "state-1",
        }
        query = urlencode({name: value for name, value in {**right, **changes}.items() if value is not None})
        return self.send("GET", "/services/oauth2/authorize", host=host, query=query)

    def land(self, host: str = "", *, allow: bool = True, **changes: str | None) -> str:
        """The address a person ends on after logging in and pressing a button; the title of a page that ends it."""
        page = self.authorize(host, **changes)
        if page.status != 200:
            return location(page) or page.body.decode()
        target = re.search(r"replace\('([^']+)'\)", page.body.decode()).group(1)  # type: ignore[union-attr]
        start = dict(parse_qsl(urlsplit(target).query))["startURL"]
        answer = self.post("/", host, username=self.user.username, pw=self.user.password, startURL=start)
        cookies = dict(answer.headers).get(b"set-cookie", b"").decode()
        if not cookies:
            return title(answer)
        self.sid = cookies.partition("=")[2].partition(";")[0]
        cookie = {"cookie": cookies.partition(";")[0]}
        path, _, query = location(answer).partition("?")
        answer = self.send("GET", path, host=host, query=query, headers=cookie)
        if answer.status == 200 and b'name="csrf"' in answer.body:
            text = answer.body.decode()
            fields = dict(re.findall(r'name="(csrf|source)" value="([^"]*)"', text))
            button = {"save": "1"} if allow else {"cancel": "1"}
            answer = self.post(path, host, **fields, **button)
        return location(answer) or title(answer)

    def landed(self, host: str = "", **changes: Any) -> dict[str, str]:
        """What the callback or error page carries."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.land(host, **changes)).query).items()}

    def error(self, host: str = "", **changes: Any) -> tuple[str, str]:
        found = self.landed(host, **changes)
        return found.get("error", ""), found.get("error_description", "")

    def credentials(self) -> dict[str, str]:
        return {"client_id": self.app.client_id, "client_secret": self.app.client_secret}

    def exchange(self, code: str, host: str = "", **changes: str | None) -> tuple[int, dict[str, Any]]:
        right = {"grant_type": "authorization_code", "redirect_uri": self.callback, "code_verifier": VERIFIER}
        return self.token(host, **{**right, **self.credentials(), "code": code, **changes})

    def grant(self, **changes: str | None) -> dict[str, Any]:
        """A whole web server flow; gives the token reply."""
        found = self.landed(**changes)
        verifier = None if "code_challenge" in changes and changes["code_challenge"] is None else VERIFIER
        status, reply = self.exchange(found["code"], code_verifier=verifier)
        assert status == 200, reply
        return reply

    def refresh(self, refresh_token: str, host: str = "", **changes: str | None) -> tuple[int, dict[str, Any]]:
        sent = {"grant_type": "refresh_token", "refresh_token": refresh_token, **self.credentials(), **changes}
        return self.token(host, **sent)

    # data

    def data(self, path: str, token: str, method: str = "GET", body: Any = None, host: str = "", **query: str) -> Any:
        """Status and JSON of a data call."""
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {token}"}
        path = f"/services/data/v68.0{path}"
        answer = self.send(method, path, host=host, query=urlencode(query), body=raw, headers=headers)
        return answer.status, json.loads(answer.body) if answer.body else None

    def reached(self, token: str) -> tuple[int, str, str]:
        """(200, "", "") or the refusal of a small data call."""
        status, body = self.data("/query", token, q="SELECT Id FROM Organization")
        return (status, "", "") if status == 200 else (status, body[0]["errorCode"], body[0]["message"])

    def rows(self, soql: str, token: str, tooling: bool = False) -> list[dict[str, Any]]:
        status, body = self.data("/tooling/query" if tooling else "/query", token, q=soql)
        assert status == 200, body
        return [{name: value for name, value in row.items() if name != "attributes"} for row in body["records"]]

    def start(self, name: str, **parameters: Any) -> None:
        self.practice.scenarios.start(name, parameters)

    def stop(self, name: str) -> None:
        self.practice.scenarios.stop(name)


def location(answer: Answer) -> str:
    return dict(answer.headers).get(b"location", b"").decode()


def title(answer: Answer) -> str:
    found = re.search(r"<h1[^>]*>([^<]*)</h1>", answer.body.decode())
    return found.group(1).strip() if found else answer.body.decode()
