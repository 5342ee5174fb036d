"""From the page as it opens to a connected partner: by mouse and by keyboard alone, counted and judged by axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from support.accessibility import too_wide, violations
from support.browser_support import Person
from support.hands import Keyboard, Mouse, allow, note_figures, setting, walk
from support.tails import is_long

from sfrunbook.connection.practice_connection import PracticeConnection

pytestmark = pytest.mark.browser

MOST_CLICKS = 12
#: beside values
MOST_KEYSTROKES = 25


@pytest.mark.parametrize("theme", ["Light", pytest.param("Dark", marks=pytest.mark.long)])
def test_a_mouse_connects_the_partner_in_few_clicks(person: Person, world: PracticeConnection, theme: str) -> None:
    setting(person, "@jupyterlab/apputils-extension/themes", theme=f"JupyterLab {theme}")
    hand = Mouse(person)
    person.open()
    faults: dict[str, object] = {}
    walk(hand, world, looked_at(person, faults))
    note_figures(f"mouse-{theme.lower()}", hand.figures())
    assert faults == {}
    person.button("Schedule checks", "finish").click()
    expect(person.section("finish")).to_contain_text("Add this with: crontab -e")
    person.button("Copy", "finish").scroll_into_view_if_needed()
    looked_at(person, faults)("schedule", person.page)
    person.button("Start with your own org", "finish").click()
    expect(person.section("connection").get_by_label("Login address")).to_be_focused()
    person.picture("own-org")
    assert faults == {}
    expect(person.complaints).to_have_count(0)
    assert hand.clicks <= MOST_CLICKS


def test_a_keyboard_alone_connects_the_partner(person: Person, world: PracticeConnection) -> None:
    hand = Keyboard(person)
    person.open()
    walk(hand, world, lambda name, page: person.picture(name, page))
    note_figures("keyboard", hand.figures())
    assert hand.clicks == 0
    assert hand.keystrokes <= MOST_KEYSTROKES


def test_who_opens_the_login_before_the_page_has_moved_there_sees_the_rows_afterwards(
    person: Person, world: PracticeConnection
) -> None:
    person.open()
    person.button("Use practice values", "key").click()
    person.expect_next("log_in")
    person.page.mouse.wheel(0, 10)
    link = person.section("log_in").get_by_role("link", name="Log in at Salesforce (opens a new tab)")
    with person.context.expect_page() as opened:
        link.click()
    allow(world.ready, opened.value)
    person.expect_next("partner")
    expect(person.section("try_it").get_by_role("table", name="Rows of the query")).to_be_in_viewport(ratio=1)


def looked_at(person: Person, faults: dict[str, object]) -> Callable[[str, Page], None]:
    """A station: pictures in a wide and a narrow window, and axe over what the page shows."""

    def look(name: str, page: Page) -> None:
        for width in (800, 1280) if is_long() else (1280,):
            person.resize(width, 900, page)
            person.picture(f"{name}-{width}", page)
            if page is person.page and (found := [*violations(page), *too_wide(page)]):
                faults[f"{name}-{width}"] = found

    return look
