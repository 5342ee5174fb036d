"""An app made by hand on the Setup pages of the practice org is used from the notebooks, as a real one would be."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from support.browser_support import Person, name_the_connection
from support.setup_support import CYCLR, Administrator, Host

from sfrunbook.connection.practice_connection import PracticeConnection

pytestmark = pytest.mark.browser


@pytest.mark.long
@pytest.mark.parametrize("kind", ["External Client App", "Connected App"])
def test_an_app_made_in_setup_is_used_from_the_notebooks(person: Person, world: PracticeConnection, kind: str) -> None:
    host = Host(world.ready)
    administrator = Administrator(host, person.context.new_page(), person.folder)
    made_by_guide = kind == "Connected App"
    key, secret = administrator.make_connected_app() if made_by_guide else administrator.make_external_client_app()
    administrator.page.close()

    person.open("00_start.ipynb")
    person.run_all()
    form = person.notebook
    form.get_by_label("A real org").check()
    form.get_by_label("There is one already").check()
    form.get_by_label(kind, exact=True).check()
    form.get_by_label("Login address").fill(host.my_domain())
    form.get_by_label("Name", exact=True).fill("made")
    if made_by_guide:
        form.get_by_label("Callback URL of this runbook").fill(CYCLR[1])
    form.get_by_role("button", name="Save and use this connection").click()
    expect(form.get_by_text("Connection made is kept")).to_be_visible()
    person.picture("connection-added")
    for notebook in person.lab.folder.glob("0[34]*.ipynb"):
        name_the_connection(notebook)

    person.open("01_register_app.ipynb")
    person.run_all()
    person.notebook.get_by_label("Consumer Key").fill(key)
    person.notebook.get_by_role("button", name="Keep this key").click()
    expect(person.notebook.get_by_text("A made-up one was refused").first).to_be_visible()
    person.picture("registration-proved")

    person.open("02_enter_credentials.ipynb")
    person.run_all()
    person.notebook.get_by_label("Consumer Secret").fill(secret)
    person.notebook.get_by_role("button", name="Keep this secret").click()
    expect(person.notebook.get_by_text("refused only the made-up code").first).to_be_visible()

    person.open("03_authorize.ipynb")
    person.run_all()
    with person.context.expect_page() as opened:
        person.notebook.get_by_role("link", name=re.compile("Log in at Salesforce")).click()
    login, arrived = opened.value, list[str]()
    login.on("request", lambda request: arrived.append(request.url) if "code=" in request.url else None)
    user = host.user()
    login.get_by_label("Username").fill(user["username"])
    login.get_by_label("Password").fill(user["password"])
    login.get_by_label("Password").press("Enter")
    allow = login.get_by_role("button", name="Allow")
    if not made_by_guide:
        allow.click()
    else:
        person.context.route(f"{CYCLR[1]}**", lambda route: route.abort("namenotresolved"))
        with login.expect_event("requestfailed", lambda request: request.url.startswith(CYCLR[1])):
            allow.click()
        paste = person.notebook.get_by_label("Address after login")
        paste.fill(arrived[-1])
        paste.press("Enter")
    expect(person.notebook.get_by_text("Access is allowed and kept").first).to_be_visible()
    login.close()
    person.picture("authorized")

    person.open("04_test_query.ipynb")
    person.run_all()
    expect(person.notebook.get_by_text("Northwind Outfitters").first).to_be_visible()
    expect(person.notebook.get_by_text("All 6 checks passed").first).to_be_visible()
    person.picture("green-query")
