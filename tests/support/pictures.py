"""Pictures for eyes, in a long run only: each step of a story, in a folder of its own. A missing one fails no test."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Error

from support import tails

__all__ = ["MISSING", "SCREENSHOTS", "Photographed", "capture", "photograph", "story_folder"]

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
#: what could not be pictured since the test began; conftest puts it into the test's report
MISSING: list[str] = []


class Photographed(Protocol):
    """A page, or a part of one."""

    def screenshot(self, *, path: Path, full_page: bool) -> object: ...


def story_folder(name: str) -> Path:
    """The folder of one story, empty."""
    folder = SCREENSHOTS / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def photograph(page: Photographed, path: Path, *, full_page: bool = False) -> None:
    """A picture of the page where this run takes pictures."""
    if tails.is_long():
        capture(page, path, full_page=full_page)


def capture(page: Photographed, path: Path, *, full_page: bool = False) -> None:
    """A picture of the page, asked for twice.

    Chromium now and then refuses one capture ("Unable to capture screenshot") and takes the same one a moment later:
    a fault of the browser (seen with and without `full_page`), which says nothing of what the test is about.
    Source: https://github.com/MarketSquare/robotframework-browser/issues/5237
    """
    for _ in range(2):
        try:
            page.screenshot(path=path, full_page=full_page)
        except Error as error:
            refused = error.message.splitlines()[0]
        else:
            return
    MISSING.append(f"{path.parent.name}/{path.name}: {refused}")
