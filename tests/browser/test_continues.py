"""The page goes on where it was: after a reload in a login, a kernel's end, in a second window, and the next day."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from support.browser_support import DONE, Person
from support.hands import Mouse, log_in, walk

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


def test_a_kernel_that_something_else_has_restarted_is_reported_and_one_button_brings_the_page_back(
    person: Person, world: PracticeConnection
) -> None:
    person.open()
    enter_secret(person)
    login = login_page(person, world)
    person.saved()
    (kernel,) = person.kernels()
    person.ask("POST", f"/api/kernels/{kernel}/restart")
    restore(person)
    person.expect_step("key", DONE)
    allow(login)
    person.expect_step("try_it", DONE)
    expect(person.header).to_have_count(1)
    expect(person.complaints).to_have_count(0)


def restore(person: Person) -> None:
    """The page says that its kernel is gone, shows a line in the place of each step, and is restored by one button."""
    lost = person.header.get_by_role("alert")
    expect(lost).to_contain_text("The page lost its connection to the kernel. Your progress is saved.")
    person.picture("lost")
    key = person.section("key")
    expect(key.locator("> *").first).to_be_hidden()
    line = key.evaluate("(one) => getComputedStyle(one, '::before').content")
    assert line == '"Restore the page to go on with this step."'
    person.header.get_by_role("button", name="Restore the page").click()
    expect(person.header.get_by_role("alert")).to_have_count(0)
    person.settle()


# --- at every step, in a long run ------------------------------------------------------------------------------------


def reload(person: Person) -> None:
    person.page.reload()


def restart(person: Person) -> None:
    person.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    person.page.get_by_text("Restart Kernel…", exact=True).click()
    person.page.get_by_role("dialog").get_by_role("button", name="Confirm Kernel Restart").click()
    restore(person)


def open_a_second_window(person: Person) -> None:
    second = Person(person.context, person.lab, "second-window")
    second.open()
    assert steps(second) == steps(person)
    assert len(person.kernels()) == 1
    expect(second.complaints).to_have_count(0)
    second.page.close()


def come_back_the_next_day(person: Person) -> None:
    person.page.goto("about:blank")
    for kernel in person.kernels():
        person.ask("DELETE", f"/api/kernels/{kernel}")
    person.open()


def steps(person: Person) -> dict[str, str]:
    """How far each step is, by the header."""
    shown = person.header.locator("[data-step]")
    return dict(shown.evaluate_all("(all) => all.map((one) => [one.dataset.step, one.dataset.state])"))


@pytest.mark.long
@pytest.mark.parametrize("interruption", [reload, restart, open_a_second_window, come_back_the_next_day])
def test_the_page_goes_on_at_every_step(
    person: Person, world: PracticeConnection, interruption: Callable[[Person], None]
) -> None:
    interrupted: list[str] = []
    person.page.on("dialog", lambda dialog: dialog.accept())

    def station(name: str, _page: Page) -> None:
        before = steps(person)
        person.saved()
        interruption(person)
        person.settle()
        expect(person.page.locator(".sfr-login-link[aria-disabled]")).to_have_count(0)
        assert steps(person) == before
        expect(person.complaints).to_have_count(0)
        person.picture(name)
        interrupted.append(name)

    person.open()
    walk(Mouse(person), world, station)
    assert interrupted == [
        *("open", "log-in", "login-page", "consent-page", "rows"),
        *("partner", "partner-link", "stay-connected", "end"),
    ]
