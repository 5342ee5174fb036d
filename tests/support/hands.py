"""The page from its opening to a connected partner, with a mouse or with a keyboard alone; what other tests share."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from sfrunbook.connection.practice_connection import PracticeConnection
from support.browser_support import DONE, Person
from support.pictures import SCREENSHOTS

__all__ = ["Hand", "Keyboard", "Mouse", "allow", "choose_theme", "holding", "log_in", "note_figures", "setting", "walk"]

#: what has the practice org's values in plain words, because it is the org itself
_OF_THE_WORLD = ("ready.json", "consumer-secret")
_MOST_TABS = 40


@dataclass
class Hand:
    """What a person does with their hands, counted; values that are typed are not."""

    person: Person
    clicks: int = 0
    keystrokes: int = 0
    machine_seconds: float = 0.0
    _since: float = field(default_factory=time.monotonic)

    def press(self, target: Locator) -> None:
        """A link or a button."""
        raise NotImplementedError

    def enter(self, target: Locator, value: str) -> None:
        """Type a value into a field that may have the focus already."""
        raise NotImplementedError

    def close(self, page: Page) -> None:
        raise NotImplementedError

    def find_keys_at(self, target: Locator) -> None:
        """Where the page has put the keyboard's focus by itself, after what the person did."""

    @contextmanager
    def resting(self) -> Iterator[None]:
        """The clock stands still while the test looks around."""
        self.machine_seconds += time.monotonic() - self._since
        yield
        self._since = time.monotonic()

    def figures(self) -> dict[str, float]:
        return {
            "clicks": self.clicks,
            "keystrokes_other_than_values": self.keystrokes,
            "machine_seconds": round(self.machine_seconds, 1),
        }


class Mouse(Hand):
    """Clicks; the keyboard is for values only."""

    def press(self, target: Locator) -> None:
        self._click(target)

    def enter(self, target: Locator, value: str) -> None:
        if not has_focus(target):
            self._click(target)
        target.page.keyboard.type(value)

    def close(self, page: Page) -> None:
        self.clicks += 1
        page.close()

    def _click(self, target: Locator) -> None:
        self.clicks += 1
        target.click()


class Keyboard(Hand):
    """Keys alone: Tab and Enter."""

    def press(self, target: Locator) -> None:
        self._reach(target)
        self.key("Enter", target.page)

    def enter(self, target: Locator, value: str) -> None:
        self._reach(target)
        target.page.keyboard.type(value)

    def close(self, page: Page) -> None:
        self.keystrokes += 1
        page.close()

    def find_keys_at(self, target: Locator) -> None:
        expect(target).to_be_focused(timeout=60_000)

    def key(self, name: str, page: Page | None = None) -> None:
        self.keystrokes += 1
        (page or self.person.page).keyboard.press(name)

    def _reach(self, target: Locator) -> None:
        """Tab to the element."""
        page = target.page
        target.wait_for()
        for _ in range(_MOST_TABS):
            if has_focus(target):
                return
            self.key("Tab", page)
        raise AssertionError(f"Tab does not lead to {target}: {page.evaluate(_FOCUS)}")


_FOCUS = "() => document.activeElement?.outerHTML.slice(0, 300)"


def has_focus(target: Locator) -> bool:
    return bool(target.evaluate("(one) => document.activeElement === one"))


def walk(hand: Hand, world: PracticeConnection, station: Callable[[str, Page], None]) -> None:
    """From the page as it opens to a connected partner; `station` is called at each place that is reached."""
    person = hand.person

    def arrived(name: str, page: Page | None = None) -> None:
        with hand.resting():
            station(name, page or person.page)

    person.expect_next("key")
    practice = person.button("Use practice values", "key")
    hand.find_keys_at(practice)
    arrived("open")
    hand.press(practice)

    person.expect_next("log_in")
    link = person.section("log_in").get_by_role("link", name="Log in at Salesforce (opens a new tab)")
    expect(link).to_have_attribute("href", re.compile("/services/oauth2/authorize"))
    hand.find_keys_at(link)
    arrived("log-in")
    with person.context.expect_page() as opened:
        hand.press(link)
    _log_in_and_allow(hand, world, opened.value, arrived)

    person.expect_next("partner")
    if not opened.value.is_closed():
        hand.close(opened.value)
    person.expect_step("try_it", DONE)
    expect(person.section("try_it").get_by_role("table", name="Rows of the query")).to_be_in_viewport(ratio=1)
    arrived("rows")
    practice = person.button("Use practice values", "partner")
    hand.find_keys_at(practice)
    arrived("partner")
    hand.press(practice)
    link = person.button("Log in to Salesforce for Cyclr (opens a new tab)", "partner")
    link.wait_for()
    arrived("partner-link")
    with person.context.expect_page() as opened:
        hand.press(link)
    hand.press(opened.value.get_by_role("button", name="Allow"))
    person.expect_next("stay_connected")
    if not opened.value.is_closed():
        hand.close(opened.value)
    refresh = person.button("Refresh access now", "stay_connected")
    hand.find_keys_at(refresh)
    arrived("stay-connected")
    hand.press(refresh)
    expect(person.section("finish").get_by_text("Salesforce is connected to Cyclr.")).to_be_in_viewport(timeout=60_000)
    expect(person.section("finish").get_by_role("button", name="Share summary (HTML)")).to_be_in_viewport()
    person.expect_step("stay_connected", DONE)
    arrived("end")


def _log_in_and_allow(hand: Hand, world: PracticeConnection, page: Page, arrived: Callable[[str, Page], None]) -> None:
    user = world.ready["orgs"][0]["users"][0]
    page.get_by_label("Username").wait_for()
    arrived("login-page", page)
    hand.enter(page.get_by_label("Username"), user["username"])
    hand.enter(page.get_by_label("Password"), user["password"])
    hand.press(page.get_by_role("button", name="Log In"))
    allow = page.get_by_role("button", name="Allow")
    allow.wait_for()
    arrived("consent-page", page)
    hand.press(allow)


def allow(ready: Mapping[str, Any], page: Page) -> None:
    """Allow access, and log in before where the practice org asks for it."""
    button = page.get_by_role("button", name="Allow")
    button.or_(page.get_by_label("Username")).wait_for()
    if not button.is_visible():
        log_in(ready, page)
    button.click()


def log_in(ready: Mapping[str, Any], page: Page) -> None:
    """What a person enters on the login page of the practice org."""
    user = ready["orgs"][0]["users"][0]
    page.get_by_label("Username").fill(user["username"])
    page.get_by_label("Password").fill(user["password"])
    page.get_by_label("Password").press("Enter")


def setting(person: Person, plugin: str, **values: object) -> None:
    """A setting of JupyterLab as a person has changed it."""
    path = person.lab.folder.parent / "settings" / f"{plugin}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))


def choose_theme(person: Person, theme: str) -> None:
    """Light or Dark, by JupyterLab's own menu."""
    person.page.get_by_role("menuitem", name="Settings", exact=True).click()
    person.page.get_by_text("Theme", exact=True).hover()
    person.page.get_by_text(f"JupyterLab {theme}", exact=True).click()
    chosen = person.page.locator(f'body[data-jp-theme-name="JupyterLab {theme}"]')
    expect(chosen).to_be_attached(timeout=60_000)


def holding(folder: Path, canaries: Mapping[str, str]) -> list[tuple[str, str]]:
    """(file, name of the canary) of each file below the folder that holds one, as it is or in another writing."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in _OF_THE_WORLD]
    assert files
    assert all(len(value) >= 8 for value in canaries.values()), "too short to be looked for"
    found = []
    for path in files:
        content = path.read_bytes()
        found += [(path.name, name) for name, value in canaries.items() if any(w in content for w in _writings(value))]
    return found


def _writings(value: str) -> set[bytes]:
    raw = value.encode()
    return {raw, quote(value, safe="").encode(), json.dumps(value)[1:-1].encode(), base64.b64encode(raw)}


def note_figures(name: str, figures: Mapping[str, float]) -> None:
    """Figures for the eye, beside the screenshots: of these only clicks and keystrokes are asserted."""
    SCREENSHOTS.mkdir(exist_ok=True)
    path = SCREENSHOTS / "figures.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, name: figures}, indent=1) + "\n")
    print(f"{name}: {figures}")
