"""The whole road on a connection of one's own, with widget state saved: no byte on disk shows a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import running_lab
from playwright.sync_api import expect
from support.browser_support import WIDGET_STATE, Lab, Person
from support.road_support import holding, log_in, setting

from sfrunbook.connection import OpenConnection, open_connection
from sfrunbook.connection.practice_connection import PracticeConnection
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store import secret_place

pytestmark = pytest.mark.browser


@pytest.fixture
def lab(tmp_path: Path, world: PracticeConnection) -> Iterator[Lab]:
    """A JupyterLab of this test's own, on a machine without a key file."""
    with running_lab(tmp_path, world, key_file=False) as running:
        yield running


PASSPHRASE = "four plain words & a comma, kept by heart"


def test_no_byte_on_disk_shows_a_secret_after_the_whole_road(
    person: Person, world: PracticeConnection, tmp_path: Path
) -> None:
    setting(person, "@jupyter-widgets/jupyterlab-manager/plugin", saveState=True)
    book, saved = person.notebook, []
    add_connection(person, world)
    saved.append(person.saved("00_start.ipynb", until=WIDGET_STATE))

    person.open("01_register_app.ipynb")
    person.run_all()
    book.get_by_label("Consumer Key").fill(world.connection.client_id)
    book.get_by_role("button", name="Keep this key").click()
    expect(book.get_by_text("A made-up one was refused").first).to_be_visible()
    saved.append(person.saved("01_register_app.ipynb", until=WIDGET_STATE))

    person.open("02_enter_credentials.ipynb")
    person.run_all()
    book.get_by_label("Encrypted file with a passphrase").check()
    book.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    again = book.get_by_label("Passphrase again", exact=True)
    again.fill("another passphrase")
    expect(book.get_by_text("The two are not the same. Type it again in both fields.")).to_be_visible()
    again.fill(PASSPHRASE)
    book.get_by_role("button", name="Use this passphrase").click()
    expect(book.get_by_text("The passphrase is used until this session ends.")).to_be_visible()
    person.picture("passphrase")
    book.get_by_label("Consumer Secret", exact=True).fill(world.client_secret.reveal())
    book.get_by_role("button", name="Keep this secret").click()
    expect(book.get_by_text("refused only the made-up code").first).to_be_visible()
    saved.append(person.saved("02_enter_credentials.ipynb", until=WIDGET_STATE))

    canaries = {"secret": world.client_secret.reveal(), "passphrase": PASSPHRASE}
    canaries |= allow(person, world, opened(person, world, tmp_path))
    saved.append(person.saved("03_authorize.ipynb", until=WIDGET_STATE))

    person.open("04_test_query.ipynb")
    person.run_all()
    expect(book.get_by_text("All 6 checks passed").first).to_be_visible()
    saved.append(person.saved("04_test_query.ipynb", until=WIDGET_STATE))
    assert all(WIDGET_STATE in text for text in saved)
    assert len(canaries) == 8
    assert [*holding(tmp_path, canaries), *holding(world.folder, canaries)] == []


def add_connection(person: Person, world: PracticeConnection) -> None:
    person.open("00_start.ipynb")
    person.run_all()
    form = person.notebook
    form.get_by_label("A real org").check()
    form.get_by_label("There is one already").check()
    form.get_by_label("Login address").fill(world.connection.login_url)
    form.get_by_label("Name", exact=True).fill("own")
    form.get_by_label("Callback URL of this runbook").fill(world.connection.redirect_uri)
    form.get_by_role("button", name="Save and use this connection").click()
    expect(form.get_by_text("Connection own is kept")).to_be_visible()


def opened(person: Person, world: PracticeConnection, tmp_path: Path) -> OpenConnection:
    """What the runbook keeps, opened beside it with the same passphrase."""
    session = tmp_path / "beside"
    session.mkdir(mode=0o700)
    environ = {**world.environment, "SFRUNBOOK_HOME": str(person.lab.home), **secret_place.session_environment(session)}
    secret_place.unlock(person.lab.home, Secret(PASSPHRASE), environ)
    return open_connection("own", environ)


def allow(person: Person, world: PracticeConnection, kept_by_it: OpenConnection) -> dict[str, str]:
    """Log in and allow; gives everything secret of it."""
    person.open("03_authorize.ipynb")
    person.run_all()
    link = person.notebook.get_by_role("link", name="Log in at Salesforce (opens a new tab)")
    expect(link).to_have_attribute("href", re.compile("/services/oauth2/authorize"))
    pending = kept_by_it.login.pending()
    with person.context.expect_page() as opened:
        link.click()
    login, arrived = opened.value, list[str]()
    login.on("request", lambda request: arrived.append(request.url) if "code=" in request.url else None)
    log_in(world, login)
    login.get_by_role("button", name="Allow").click()
    expect(login.get_by_text("Salesforce has answered")).to_be_visible()
    login.close()
    expect(person.notebook.get_by_text("Access is allowed and kept").first).to_be_visible()
    grant = kept_by_it.grants.stored()
    assert grant is not None
    assert grant.refresh_token is not None
    (code,) = parse_qs(urlsplit(arrived[-1]).query)["code"]
    return {
        "password": world.ready["orgs"][0]["users"][0]["password"],
        "code": code,
        "state": pending.state,
        "verifier": pending.verifier.reveal(),
        "access token": grant.access_token.reveal(),
        "refresh token": grant.refresh_token.reveal(),
    }
