"""An app of one's own with a Callback URL missing: the page shows which, and notices by itself that it was added."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect
from support.browser_support import DONE, Person
from support.hands import allow, note_figures
from support.own_app import Clicks, World, add_org, callbacks_of, enter_key, enter_secret
from support.setup_support import RUNBOOK, Administrator

from sfrunbook.connection.practice_connection import PracticeConnection

pytestmark = pytest.mark.browser

MOST_CLICKS = 60


def test_a_missing_callback_url_is_shown_and_its_fix_is_noticed(person: Person, world: PracticeConnection) -> None:
    clicks, began = Clicks(person.context), time.monotonic()
    there = World(world)
    console, service = callbacks_of(there)
    person.open()
    add_org(person, there)
    administrator = Administrator(there, person.context.new_page(), person.folder, callbacks=(console,))
    key, secret = administrator.make_external_client_app()

    person.page.bring_to_front()
    enter_key(person, key)
    board = person.section("app").locator(".sfr-board")
    expect(board.locator(f'[data-callback="{service}"]')).to_contain_text("missing")
    expect(board.locator(f'[data-callback="{console}"]')).to_contain_text("registered")
    expect(board).to_contain_text("1 callback URL is missing. We'll check again automatically.")
    person.picture("missing")
    administrator.add_callbacks("Cyclr for the runbook", (console, service, RUNBOOK))
    person.page.bring_to_front()
    expect(board).to_contain_text("All 2 callback URLs of the partner are registered.", timeout=60_000)
    person.expect_step("app", DONE)

    enter_secret(person, secret)
    person.expect_step("key", DONE)
    link = person.section("log_in").get_by_role("link", name=re.compile("Log in at Salesforce"))
    with person.context.expect_page() as opened:
        link.click()
    allow(there.ready, opened.value)
    person.expect_step("try_it", DONE)
    expect(person.complaints).to_have_count(0)
    note_figures("own-app", {"clicks": clicks.count, "machine_seconds": round(time.monotonic() - began, 1)})
    assert 0 < clicks.count <= MOST_CLICKS
