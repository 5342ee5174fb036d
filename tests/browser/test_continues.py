"""The page goes on where it was: after a reload in a login, a kernel's end, in a second window, and the next day."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from support.browser_support import DONE, Person
from support.hands import log_in

from sfrunbook.connection.practice_connection import PracticeConnection

pytestmark = pytest.mark.browser


def enter_secret(person: Person) -> None:
    person.button("Use practice values", "key").click()
    person.expect_step("key", DONE)


def login_link(person: Person) -> Locator:
    link = person.section("log_in").get_by_role("link", name="Log in at Salesforce (opens a new tab)")
    expect(link).to_have_attribute("href", re.compile("/services/oauth2/authorize"))
    return link


def login_page(person: Person, world: PracticeConnection) -> Page:
    """The consent page of a login that has begun."""
    link = login_link(person)
    with person.context.expect_page() as opened:
        link.click()
    log_in(world.ready, opened.value)
    opened.value.get_by_role("button", name="Allow").wait_for()
    return opened.value


def allow(page: Page) -> None:
    page.get_by_role("button", name="Allow").click()


def test_a_reload_in_the_middle_of_a_login_keeps_the_login(person: Person, world: PracticeConnection) -> None:
    person.open()
    enter_secret(person)
    login = login_page(person, world)
    person.page.on("dialog", lambda dialog: dialog.accept())
    person.page.reload()
    person.settle()
    person.expect_step("key", DONE)
    allow(login)
    person.expect_step("log_in", DONE)
    person.expect_step("try_it", DONE)
    expect(person.complaints).to_have_count(0)


def test_a_restarted_kernel_is_reported_and_one_button_brings_the_page_back(
    person: Person, world: PracticeConnection
) -> None:
    person.open()
    enter_secret(person)
    login = login_page(person, world)
    person.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    person.page.get_by_text("Restart Kernel…", exact=True).click()
    person.page.get_by_role("dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    expect(person.header.get_by_role("alert")).to_contain_text(
        "The page lost its connection to the kernel. Your progress is saved."
    )
    person.picture("lost")
    person.header.get_by_role("button", name="Restore the page").click()
    expect(person.header.get_by_role("alert")).to_have_count(0)
    person.settle()
    person.expect_step("key", DONE)
    allow(login)
    person.expect_step("try_it", DONE)
    expect(person.header).to_have_count(1)
    expect(person.complaints).to_have_count(0)


@pytest.mark.long
def test_two_windows_on_the_same_page_show_the_same(person: Person, world: PracticeConnection) -> None:
    person.open()
    second = Person(person.context, person.lab, "second-window")
    second.open()
    enter_secret(person)
    second.expect_step("key", DONE)
    second.expect_next("log_in")
    allow(login_page(second, world))
    for window in (person, second):
        window.expect_step("try_it", DONE)
        expect(window.complaints).to_have_count(0)
    assert len(person.kernels()) == 1


@pytest.mark.long
def test_the_page_opens_the_next_day_where_it_was_left(person: Person, world: PracticeConnection) -> None:
    person.open()
    enter_secret(person)
    allow(login_page(person, world))
    person.expect_next("partner")
    person.saved()
    for kernel in person.kernels():
        person.ask("DELETE", f"/api/kernels/{kernel}")
    person.page.close()

    morning = Person(person.context, person.lab, "next-day")
    morning.open()
    morning.expect_next("partner")
    for step in ("connection", "app", "key", "log_in", "try_it"):
        morning.expect_step(step, DONE)
    expect(morning.section("log_in").get_by_role("button", name="Log in again")).to_be_visible()
    expect(morning.complaints).to_have_count(0)
