"""A partner engineer without a screen: the Console, the API, the sign-in link and Salesforce's pages, step by step."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import requests

from sfrunbook.practice.visitor import Person
from support.worlds import World

EXPIRED = '{"error":"invalid_grant","error_description":"expired access/refresh token"}'


class Partner:
    """One world's Cyclr; `account` is the first account and `app` the Connected App of the first org."""

    def __init__(self, world: World, session: requests.Session, console: requests.Session) -> None:
        self.world = world
        self.session = session
        self.console = console
        self.settle()

    def settle(self) -> None:
        self.cyclr: dict[str, Any] = self.world.ready["cyclr"]
        self.account = self.cyclr["accounts"][0]["id"]
        self.app = self.find_app()
        self.console.cookies.clear()
        self.token_text = ""

    def find_app(self, kind: str = "connected_app", org: str = "first") -> dict[str, Any]:
        return next(each for each in self.cyclr["apps"] if (each["org"], each["kind"]) == (org, kind))

    def settings(self, **changes: Any) -> None:
        self.world.control("PUT", "/settings", changes)

    def start(self, name: str, **parameters: Any) -> None:
        self.world.control("POST", f"/scenarios/{name}", parameters)

    def policies(self, **changes: Any) -> None:
        self.world.control("POST", f"/apps/{self.app['client_id']}", changes)

    # the API

    def ask_token(self, region: int = 0, **changes: Any) -> requests.Response:
        client = self.cyclr["api_clients"][0]
        right = {
            "grant_type": "client_credentials",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
        }
        form = {name: value for name, value in {**right, **changes}.items() if value is not None}
        return self.session.post(f"{self.cyclr['regions'][region]['api_url']}/oauth/token", data=form, timeout=10)

    def bearer(self) -> str:
        if not self.token_text:
            self.token_text = self.ask_token().json()["access_token"]
        return self.token_text

    def call(
        self, method: str, path: str, body: Any = None, *, account: str | None = None, **options: Any
    ) -> requests.Response:
        """One call below /v1.0 in the first account (in none with an empty text)."""
        wanted = self.account if account is None else account
        headers = {"Authorization": f"Bearer {self.bearer()}", **options.pop("headers", {})}
        if wanted:
            headers["X-Cyclr-Account"] = wanted
        if body is not None:
            options["json"] = body
        url = f"{self.cyclr['api_url']}/v1.0{path}"
        return self.session.request(method, url, headers=headers, timeout=30, **options)

    def done(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        reply = self.call(method, path, body, **options)
        assert reply.ok, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json()

    def install(self, sandbox: str = "false", **body: Any) -> int:
        properties = [{"Name": "isSandbox", "Value": sandbox}]
        return self.done("POST", "/connectors/Salesforce/install", {"Properties": properties, **body})["Id"]

    def method(self, name: str = "List Accounts") -> str:
        known = self.cyclr["connector"]["methods"]
        return next(each["unique_identifier"] for each in known if each["name"] == name)

    def execute(self, number: int, name: str = "List Accounts", body: Any = None) -> requests.Response:
        return self.call("POST", f"/account/connectors/{number}/methods/{self.method(name)}", body or {})

    def is_authenticated(self, number: int) -> bool:
        return self.done("GET", f"/account/connectors/{number}")["Authenticated"]

    # the sign-in link

    def link(self, number: int, **more: str) -> str:
        token = self.done("POST", f"/accounts/{self.account}/signintoken", {"Username": "runbook"})["Token"]
        query = urlencode({"id": number, "token": token, **more})
        return f"{self.cyclr['service_url']}/connectorauth/updateaccountconnectoroauth?{query}"

    def get(self, url: str, method: str = "GET") -> requests.Response:
        return self.session.request(method, url, timeout=30, allow_redirects=False)

    def redirect(self, number: int, **more: str) -> str:
        """Where Cyclr sends the browser."""
        reply = self.get(self.link(number, **more))
        assert reply.status_code == 302, reply.text
        return reply.headers["location"]

    def asked(self, number: int) -> dict[str, str]:
        """The parameters of Cyclr's authorize address."""
        address = self.redirect(number)
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    def land(self, address: str, user: dict[str, str] | None = None, *, allow: bool = True) -> requests.Response:
        """Log in and consent, then open the callback; gives what Cyclr's callback answers."""
        user = user or self.world.user()
        with requests.Session() as browser:
            browser.trust_env = False
            browser.verify = self.world.ca_file or True
            return self.get(Person(browser, user["username"], user["password"], allow=allow).walk(address))

    def authenticate(self, number: int, user: dict[str, str] | None = None) -> None:
        self.land(self.redirect(number), user)
        assert self.is_authenticated(number)

    def connected(self, user: dict[str, str] | None = None) -> int:
        """A connector that is installed and authenticated, with this app's pair in the Console."""
        self.paste(self.app["client_id"], self.app["client_secret"])
        number = self.install()
        self.authenticate(number, user)
        return number

    def paste(self, client_id: str, client_secret: str, connector: str = "Salesforce") -> None:
        """What the Console's Settings tab does, by the control API."""
        pair = {"client_id": client_id, "client_secret": client_secret}
        self.world.control("POST", f"/cyclr/library/{connector}", pair)

    def expire(self) -> None:
        self.world.control("POST", "/tokens/expire", {})

    # the Console

    def log_in(self, **changes: str) -> requests.Response:
        form = {**self.cyclr["console_user"], **changes}
        return self.console.post(f"{self.cyclr['console_url']}/login", data=form, timeout=10)

    def page(self, path: str) -> str:
        reply = self.console.get(self.cyclr["console_url"] + path, timeout=30)
        assert reply.status_code == 200, reply.text
        return reply.text

    def send(self, path: str, **fields: str) -> requests.Response:
        """Post a form of the Console with the token of the page; redirects are not followed to other hosts."""
        csrf = re.search(r'name="csrf" value="([^"]+)"', self.page("/accounts"))
        assert csrf is not None
        url = self.cyclr["console_url"] + path
        reply = self.console.post(url, data={"csrf": csrf[1], **fields}, timeout=30, allow_redirects=False)
        target = urljoin(url, reply.headers.get("location", ""))
        if reply.is_redirect and urlsplit(target).netloc == urlsplit(url).netloc:
            return self.console.get(target, timeout=30)
        return reply


def text_of(page: str, element_id: str) -> str:
    """The text of the element with this id."""
    found = re.search(rf'id="{element_id}"[^>]*>(.*?)</', page, re.DOTALL)
    assert found is not None, f"no element {element_id} in {page[-2000:]}"
    return html.unescape(found[1]).strip()


@contextmanager
def partner_of(world: World) -> Iterator[Partner]:
    with requests.Session() as session, requests.Session() as console:
        for each in (session, console):
            each.trust_env = False
            each.verify = world.ca_file or True
        yield Partner(world, session, console)


def refusal(reply: requests.Response) -> tuple[int, str]:
    """Status and message of what the API refuses."""
    return reply.status_code, reply.json()["Message"]
