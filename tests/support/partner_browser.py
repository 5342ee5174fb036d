"""What the browser tests of the partner's notebook share: a kept connection, its own login, and the form of the API."""

from __future__ import annotations

from typing import Any

import requests
from playwright.sync_api import expect

from sfrunbook.connection import OpenConnection, open_connection
from sfrunbook.connection.practice_connection import PracticeConnection
from sfrunbook.core.model import Connection
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.practice.visitor import visit
from sfrunbook.salesforce.oauth.callback import parse_address
from sfrunbook.store.connections import ConnectionBook
from support.browser_support import Person
from support.setup_support import RUNBOOK, Host


class World:
    """The practice world of a JupyterLab, with the words that the people of these tests use."""

    def __init__(self, world: PracticeConnection) -> None:
        self.ready = world.ready
        self.user = Host(world.ready).user
        self.my_domain = Host(world.ready).my_domain

    def control(self, method: str, path: str, body: Any = None) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            reply = session.request(method, self.ready["control_url"] + path, json=body, timeout=10)
        reply.raise_for_status()
        return reply.json()


def own_login(person: Person, world: World, key: str, secret: str) -> OpenConnection:
    """What 00_start, 02 and 03 do for the connection `made`: it is kept, with its secret and a grant."""
    environ = {"SFRUNBOOK_HOME": str(person.lab.home), "SFRUNBOOK_KEY_FILE": str(person.lab.folder.parent / "key")}
    connection = Connection(name="made", login_url=world.my_domain(), client_id=key, redirect_uri=RUNBOOK)
    ConnectionBook(person.lab.home).add(connection)
    opened = open_connection("made", environ)
    opened.keep_client_secret(Secret(secret))
    pending, url = opened.login.begin()
    landing = visit(url, world.user()["username"], world.user()["password"])
    opened.login.finish(parse_address(landing, pending))
    return opened


def enter_partner(person: Person, world: World) -> None:
    """Where Cyclr is, and the credentials of its API, typed into the form of 05_cyclr_setup."""
    cyclr, form = world.ready["cyclr"], person.notebook
    typed = {
        "Service Domain": cyclr["service_url"].partition("://")[2],
        "Console host": cyclr["console_url"].partition("://")[2],
        "API host": cyclr["api_url"].partition("://")[2],
        "Account API ID": cyclr["accounts"][0]["id"],
        "API Client ID": cyclr["api_clients"][0]["client_id"],
    }
    for label, value in typed.items():
        form.get_by_label(label, exact=True).fill(value)
    form.get_by_role("button", name="Keep these values").click()
    expect(form.get_by_text("Kept. Now enter the Client Secret of the API")).to_be_visible()
    form.get_by_label("API Client Secret", exact=True).fill(cyclr["api_clients"][0]["client_secret"])
    form.get_by_label("API Client Secret", exact=True).press("Enter")
    expect(form.get_by_text("Kept, encrypted.")).to_be_visible()


def shows(person: Person, source: str, words: str) -> None:
    """Whether the cell comes to show these words."""
    expect(person.cell(source).locator(".jp-OutputArea").first).to_contain_text(words, timeout=60_000)
