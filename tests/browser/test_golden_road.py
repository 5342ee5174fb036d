"""From 00_start to a green query: with a mouse and with a keyboard alone, in both themes, counted and judged by axe."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from support.accessibility import too_wide, violations
from support.browser_support import Person
from support.pictures import SCREENSHOTS
from support.road_support import Hand, Keyboard, Mouse, setting, walk
from support.tails import is_long

from sfrunbook.connection.practice_connection import PracticeConnection

pytestmark = pytest.mark.browser

MOST_CLICKS = 14
#: beside values: it was 179 before the keys went by themselves to what is next
MOST_KEYSTROKES = 40


@pytest.mark.parametrize("theme", ["Light", pytest.param("Dark", marks=pytest.mark.long)])
def test_a_mouse_goes_from_start_to_a_green_query_in_few_clicks(
    person: Person, world: PracticeConnection, theme: str
) -> None:
    setting(person, "@jupyterlab/apputils-extension/themes", theme=f"JupyterLab {theme}")
    person.open("00_start.ipynb")
    faults: dict[str, object] = {}
    hand = Mouse(person)
    walk(hand, world, looked_at(person, faults))
    write_figures(f"mouse-{theme.lower()}", hand)
    assert faults == {}
    assert hand.clicks <= MOST_CLICKS


def test_a_keyboard_alone_goes_from_start_to_a_green_query(person: Person, world: PracticeConnection) -> None:
    person.open("00_start.ipynb")
    hand = Keyboard(person)
    walk(hand, world, lambda name, page: person.picture(name, page))
    write_figures("keyboard", hand)
    assert hand.clicks == 0
    assert hand.keystrokes <= MOST_KEYSTROKES


def looked_at(person: Person, faults: dict[str, object]) -> Callable[[str, Page], None]:
    """A station of the road: pictures in a wide and a narrow window, and axe over what the notebook shows."""

    def look(name: str, page: Page) -> None:
        for width in (800, 1280) if is_long() else (1280,):
            person.resize(width, 900, page)
            person.picture(f"{name}-{width}", page)
            if page is person.page and (found := [*violations(page), *too_wide(page)]):
                faults[f"{name}-{width}"] = found

    return look


def write_figures(name: str, hand: Hand) -> None:
    """Figures for the eye, beside the screenshots: of these only clicks and keystrokes are asserted."""
    SCREENSHOTS.mkdir(exist_ok=True)
    path = SCREENSHOTS / "figures.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, name: hand.figures()}, indent=1) + "\n")
    print(f"{name}: {hand.figures()}")
