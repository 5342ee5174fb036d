"""A picture that the browser does not give is asked for again, then told in the report; the test goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error
from support.pictures import MISSING, capture

pytestmark = pytest.mark.browser

REFUSAL = "Page.screenshot: Protocol error (Page.captureScreenshot): Unable to capture screenshot\nCall log: nothing"


class Moody:
    """A page whose browser refuses so many captures before it gives one."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals

    def screenshot(self, *, path: Path, full_page: bool) -> None:
        self.refusals -= 1
        if self.refusals >= 0:
            raise Error(REFUSAL)
        path.write_text(f"full page: {full_page}")


def test_a_capture_that_is_refused_once_is_asked_for_again(tmp_path: Path) -> None:
    capture(Moody(1), tmp_path / "one.png", full_page=True)
    assert (tmp_path / "one.png").read_text() == "full page: True"
    assert MISSING == []


def test_a_capture_that_is_refused_again_is_told_by_name_and_reason(tmp_path: Path) -> None:
    capture(Moody(2), tmp_path / "story" / "one.png")
    told = [*MISSING]
    MISSING.clear()
    assert told == ["story/one.png: " + REFUSAL.splitlines()[0]]


def test_a_page_that_is_gone_is_told_and_stops_nothing(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    capture(page, tmp_path / "open.png")
    page.close()
    capture(page, tmp_path / "closed.png")
    told = [*MISSING]
    MISSING.clear()
    assert (tmp_path / "open.png").read_bytes().startswith(b"\x89PNG")
    assert [one.partition(": ")[0] for one in told] == [f"{tmp_path.name}/closed.png"]
