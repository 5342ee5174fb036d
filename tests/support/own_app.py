"""What the browser tests of an app of one's own share: entering it on the page, and the clicks that it took."""

from __future__ import annotations

import re
from typing import Any

import requests
from playwright.sync_api import BrowserContext, expect

from sfrunbook.connection.practice_connection import PracticeConnection
from support.browser_support import Person
from support.hands import allow
from support.setup_support import Host

__all__ = ["Clicks", "World", "add_org", "authorize_partner", "callbacks_of", "enter_key", "enter_secret"]


class World(Host):
    """The practice org of a JupyterLab, as the administrator and the partner engineer know it."""

    def __init__(self, world: PracticeConnection) -> None:
        super().__init__(world.ready)
        self.ready = world.ready

    def control(self, method: str, path: str, body: Any = None) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            reply = session.request(method, self.ready["control_url"] + path, json=body, timeout=10)
        reply.raise_for_status()
        return reply.json()


class Clicks:
    """Counts clicks in every page of a browser; a field that is filled in is one click into it."""

    _COUNT = """() => {
      const one = (event) => event.isTrusted && event.detail > 0 && window.countClick();
      const field = (event) => event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])") && window.countClick();
      document.addEventListener("click", one, true);
      document.addEventListener("change", field, true);
    }"""  # noqa: E501 - JavaScript

    def __init__(self, context: BrowserContext) -> None:
        self.count = 0
        context.expose_binding("countClick", self._count)
        context.add_init_script(f"({self._COUNT})()")

    def _count(self, _source: object) -> None:
        self.count += 1


def callbacks_of(world: Any) -> tuple[str, ...]:
    """The practice Cyclr's: the console host's, and the service domain's."""
    return tuple(world.ready["cyclr"]["callback_urls"])


def add_org(person: Person, world: World, *, app: str = "", kind: str = "") -> None:
    """Add the practice org as one's own, and the addresses of the practice Cyclr; `app` and `kind` are options."""
    connection, form = person.section("connection"), person.section("app")
    person.button("Add your own org", "connection").click()
    connection.get_by_label("Login address").fill(world.my_domain())
    connection.get_by_label("Name", exact=True).fill("made")
    connection.get_by_role("button", name="Save connection").click()
    expect(person.header).to_contain_text("made")
    expect(form.get_by_label("Consumer Key")).to_be_visible()
    person.button("Use practice values", "app").first.click()  # the second is that of the Consumer Key
    expect(form.get_by_label("Service Domain")).to_have_value(re.compile("localhost|127"))
    if app:
        form.get_by_label(app, exact=True).check()
        form.get_by_label(kind, exact=True).first.check()
        form.get_by_role("button", name="Save", exact=True).click()
        expect(form).to_contain_text("Compare each field with your app")


def enter_key(person: Person, key: str) -> None:
    form = person.section("app")
    form.get_by_label("Consumer Key").fill(key)
    form.get_by_role("button", name="Save key").click()


def enter_secret(person: Person, secret: str) -> None:
    form = person.section("key")
    form.get_by_label("Consumer Secret", exact=True).fill(secret)
    form.get_by_role("button", name="Save secret").click()


def authorize_partner(person: Person, world: World) -> None:
    """Log in for the partner by its link."""
    with person.context.expect_page() as opened:
        person.button("Log in to Salesforce for Cyclr", "partner").click()
    allow(world.ready, opened.value)
