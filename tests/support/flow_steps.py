"""The steps of the OAuth flows as raw requests, so that the tests see every status, header and byte."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from sfrunbook.practice.visitor import visit

__all__ = ["Steps"]

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
