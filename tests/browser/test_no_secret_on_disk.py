"""The whole page on a connection of one's own, with widget state saved: no byte on disk shows a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from support.browser_support import DONE, WIDGET_STATE, Lab, Person
from support.hands import holding, log_in, setting
from support.lab import running_lab
from support.own_app import World, add_org, enter_key, enter_secret

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


def test_no_byte_on_disk_shows_a_secret_after_the_whole_page(
    person: Person, world: PracticeConnection, tmp_path: Path
) -> None:
    setting(person, "@jupyter-widgets/jupyterlab-manager/plugin", saveState=True)
    person.open()
    add_org(person, World(world))
    enter_key(person, world.connection.client_id)
    person.expect_step("app", DONE)
    enter_passphrase(person)
    enter_secret(person, world.client_secret.reveal())
    person.expect_step("key", DONE)

    canaries = {"secret": world.client_secret.reveal(), "passphrase": PASSPHRASE}
    canaries |= allow(person, world, opened(person, world, tmp_path))
    person.expect_step("try_it", DONE)
    assert WIDGET_STATE in person.saved(until=WIDGET_STATE)
    assert len(canaries) == 8
    assert [*holding(tmp_path, canaries), *holding(world.folder, canaries)] == []


def enter_passphrase(person: Person) -> None:
    """Typed twice: a typing error in the second is shown at once."""
    form = person.section("key")
    form.get_by_label("Encrypted file with a passphrase").check()
    form.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    again = form.get_by_label("Passphrase again", exact=True)
    again.fill("another passphrase")
    expect(form.get_by_text("They don't match. Type it again in both fields.")).to_be_visible()
    again.fill(PASSPHRASE)
    form.get_by_role("button", name="Use this passphrase").click()
    expect(form.get_by_text("Unlocked for this session.")).to_be_visible()


def opened(person: Person, world: PracticeConnection, tmp_path: Path) -> OpenConnection:
    """What the runbook keeps, opened beside it with the same passphrase."""
    session = tmp_path / "beside"
    session.mkdir(mode=0o700)
    environ = {**world.environment, "SFRUNBOOK_HOME": str(person.lab.home), **secret_place.session_environment(session)}
    secret_place.unlock(person.lab.home, Secret(PASSPHRASE), environ)
    return open_connection("made", environ)


def allow(person: Person, world: PracticeConnection, kept_by_it: OpenConnection) -> dict[str, str]:
    """Log in and allow; gives everything secret of it."""
    link = person.section("log_in").get_by_role("link", name="Log in at Salesforce (opens a new tab)")
    expect(link).to_have_attribute("href", re.compile("/services/oauth2/authorize"))
    pending = kept_by_it.login.pending()
    with person.context.expect_page() as opened:
        link.click()
    login, arrived = opened.value, list[str]()
    login.on("request", lambda request: arrived.append(request.url) if "code=" in request.url else None)
    log_in(world.ready, login)
    login.get_by_role("button", name="Allow").click()
    person.expect_step("log_in", DONE)
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
