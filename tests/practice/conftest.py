"""The steps of the OAuth flows as raw requests, so that the tests see every status, header and byte."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from support.partner_support import Partner, partner_of
from support.setup_forms import Browser

from sfrunbook.practice.visitor import visit

CALLBACK = "https://my.cyclr.com/connector/callback"
VERIFIER = "practice-verifier_0123456789-practice-verifier_0123456789"


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Steps:
    """Flows against one world; by default the first org's administrator, My Domain and External Client App."""

    def __init__(self, world: Any, session: requests.Session) -> None:
        self.world = world
        self.session = session
        self.host = world.my_domain()
        self.app = world.app()
        self.user = world.user()

    def authorize_url(self, host: str | None = None, **changes: str | None) -> str:
        """A right authorize address; a parameter given as None is left out."""
        right = {
            "response_type": "code",
            "client_id": self.app["client_id"],
            "redirect_uri": CALLBACK,
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
            "state": "state-1",
        }
        asked = {name: value for name, value in {**right, **changes}.items() if value is not None}
        return f"{host or self.host}/services/oauth2/authorize?{urlencode(asked)}"

    def authorize(self, host: str | None = None, **changes: str | None) -> requests.Response:
        return self.session.get(self.authorize_url(host, **changes), allow_redirects=False, timeout=10)

    def land(self, host: str | None = None, *, allow: bool = True, **changes: str | None) -> dict[str, str]:
        """Log in and press a button; gives what the callback carries."""
        url = self.authorize_url(host, **changes)
        landing = visit(url, self.user["username"], self.user["password"], allow=allow, ca_file=self.world.ca_file)
        return {name: values[0] for name, values in parse_qs(urlsplit(landing).query).items()}

    def code(self, host: str | None = None, **changes: str | None) -> str:
        return self.land(host, **changes)["code"]

    def token(
        self, host: str | None = None, headers: dict[str, str] | None = None, **sent: str | None
    ) -> requests.Response:
        body = {name: value for name, value in sent.items() if value is not None}
        url = f"{host or self.host}/services/oauth2/token"
        return self.session.post(url, data=body, headers=headers, timeout=10)

    def credentials(self) -> dict[str, str]:
        return {"client_id": self.app["client_id"], "client_secret": self.app["client_secret"]}

    def exchange(self, code: str, host: str | None = None, **changes: str | None) -> requests.Response:
        right = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
        return self.token(host, **{**right, **self.credentials(), "code": code, **changes})

    def grant(self, **changes: str | None) -> dict[str, str]:
        """A whole web server flow; gives the token reply."""
        reply = self.exchange(self.code(**changes))
        assert reply.status_code == 200, reply.text
        return reply.json()

    def refresh(self, refresh_token: str, host: str | None = None, **changes: str | None) -> requests.Response:
        sent = {"grant_type": "refresh_token", "refresh_token": refresh_token, **self.credentials(), **changes}
        return self.token(host, **sent)

    def get(self, address: str, token: str | None = None, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = address if address.startswith("http") else self.host + address
        return self.session.get(url, headers=headers, timeout=10, allow_redirects=False, **options)

    def is_alive(self, access_token: str) -> bool:
        return self.get("/services/oauth2/userinfo", access_token).status_code == 200

    def policies(self, **changes: Any) -> None:
        """Change this app through the control API."""
        self.world.control("POST", f"/apps/{self.app['client_id']}", changes)

    def settings(self, **changes: Any) -> None:
        self.world.control("PUT", "/settings", changes)

    def advance(self, seconds: float) -> None:
        self.world.control("POST", "/clock", {"advance_seconds": seconds})


def _steps(world: Any) -> Iterator[Steps]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = world.ca_file or True
        yield Steps(world, session)


@pytest.fixture
def steps(practice_world: Any) -> Iterator[Steps]:
    """On the world that all tests share."""
    yield from _steps(practice_world)


@pytest.fixture
def fresh(fresh_world: Any) -> Iterator[Steps]:
    """On a world of this test's own."""
    yield from _steps(fresh_world)


def refusal(reply: requests.Response) -> tuple[int, str, str]:
    """Status, error and description of a token endpoint's refusal."""
    body = reply.json()
    return reply.status_code, body["error"], body["error_description"]


@pytest.fixture
def refused() -> Any:
    return refusal


@pytest.fixture
def browser_at() -> Iterator[Callable[[str], Browser]]:
    """`browser_at(host)`: a browser without a screen and without cookies, for the Setup pages."""
    with ExitStack() as opened:

        def at(host: str) -> Browser:
            session = opened.enter_context(requests.Session())
            session.trust_env = False
            return Browser(host, session)

        yield at


@pytest.fixture
def admin(fresh: Steps, browser_at: Callable[[str], Browser]) -> Browser:
    """The first org's administrator, logged in, in the world of `fresh`: it may be changed."""
    browser = browser_at(fresh.host)
    browser.log_in(fresh.user)
    return browser


@pytest.fixture
def reader(practice_world: Any, browser_at: Callable[[str], Browser]) -> Browser:
    """The same in the world that all tests share: for looking only."""
    browser = browser_at(practice_world.my_domain())
    browser.log_in(practice_world.user())
    return browser


@pytest.fixture
def partner(fresh_world: Any) -> Iterator[Partner]:
    """A partner engineer on the first day, whose address Cyclr lets execute methods."""
    with partner_of(fresh_world) as made:
        made.settings(cyclr_allowed_ips=["127.0.0.1"])
        yield made
