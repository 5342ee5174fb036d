"""Addresses of Setup screens: which screens a click path in words names, and where an org has them; pure.

The paths are from public repositories that list Setup destinations, read on 2026-11-28; Salesforce publishes no list.
A path that several of them agree on is likely, one that a single file has is a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sfrunbook.core.http import is_loopback, origin_of
from sfrunbook.core.model import Mark
from sfrunbook.salesforce.oauth.hosts import HostKind, classify
from sfrunbook.store.json_file import toml_rows

__all__ = ["SCREENS", "Screen", "SetupLink", "links_in", "search_hint", "setup_link", "setup_origin"]

_SETUP = "/lightning/setup/"
_HOME = f"{_SETUP}SetupOneHome/home"
_APP_ID = re.compile(r"0xI[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_BEFORE = re.compile(r"[(,;.]")


@dataclass(frozen=True, kw_only=True)
class Screen:
    """A screen of Setup, as `setup_screens.toml` explains it."""

    label: str
    path: str = ""
    mark: Mark = Mark.LIKELY
    names: tuple[str, ...] = ()
    quick_find: str = ""

    @property
    def search(self) -> str:
        return self.quick_find or self.label


@dataclass(frozen=True, kw_only=True)
class SetupLink:
    """A link to show beside a click path in words, never in its place."""

    #: the screen that it opens
    label: str
    url: str
    mark: Mark
    #: what to search Setup for if it doesn't open; empty for a page outside Setup
    search: str = ""


SCREENS = toml_rows(Path(__file__).with_name("setup_screens.toml"), "screen", Screen)
_BY_NAME = {name.casefold(): screen for screen in SCREENS for name in (screen.label, *screen.names)}
_ECA_MANAGER = _BY_NAME["external client app manager"]


def setup_origin(address: str) -> str:
    """The origin that Setup links may lead to: an org's https My Domain or a practice org on this machine, else "".

    `address` is an origin or the bare host of a failure. A login host serves many orgs, and a host that is
    Salesforce's only at first sight is none.
    """
    try:
        bare = urlsplit(f"//{address}").hostname or ""
        scheme = "http" if is_loopback(bare) else "https"
        host = classify(address if "://" in address else f"{scheme}://{address}")
        parts = urlsplit(host.origin)
    except ValueError:
        return ""
    if host.kind is HostKind.LOOPBACK and parts.scheme in ("http", "https"):
        return host.origin
    return host.origin if host.is_my_domain and origin_of(host.origin) == f"https://{parts.hostname}" else ""


def setup_link(origin: str, screen: Screen, *, app_id: str = "") -> SetupLink | None:
    """The link to a screen of the org at `origin`; None where `setup_origin` refuses it.

    With the id of an External Client App (`0xI…`), its own page in place of the External Client App Manager.
    """
    base = setup_origin(origin)
    if not base:
        return None
    path, mark, label = screen.path or _HOME, screen.mark, screen.label if screen.path else "Setup Home"
    if screen is _ECA_MANAGER and _APP_ID.fullmatch(app_id):
        path, mark, label = f"{_SETUP}ManageExternalClientApplication/{app_id}/detail", Mark.GUESS, "the app's page"
    return SetupLink(label=label, url=base + path, mark=mark, search=screen.search)


def links_in(where: str, origin: str, *, app_id: str = "") -> tuple[SetupLink, ...]:
    """A link for each click path in `where`, such as "Setup > Identity > Login History": to its deepest known screen.

    `app_id` is used where a path goes on to the app's own pages. Empty where `setup_origin` refuses `origin`.
    """
    found: dict[str, SetupLink] = {}
    for path in re.split(r"(?<!> )\b(?=Setup > )", where)[1:]:
        parts = [_BEFORE.split(part, maxsplit=1)[0].strip() for part in path.split(" > ")]
        screen, ends = _deepest(parts)
        goes_on = ends < len(parts) and parts[ends].casefold() == "your app"
        link = setup_link(origin, screen, app_id=app_id if goes_on else "") if screen else None
        if link:
            found.setdefault(f"{link.url} {link.search}", link)
    return tuple(found.values())


def _deepest(parts: list[str]) -> tuple[Screen | None, int]:
    """The screen whose name ends furthest down the path, the longer name first, and the number of parts up to it."""
    for end in range(len(parts), 0, -1):
        for begin in range(max(0, end - 3), end):
            if screen := _BY_NAME.get(" > ".join(parts[begin:end]).casefold()):
                return screen, end
    return None, 0


def search_hint(links: tuple[SetupLink, ...]) -> str:
    """What to do where a link doesn't open its page; empty without links into Setup."""
    words = list(dict.fromkeys(link.search for link in links if link.search))
    if not words:
        return ""
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    return f"If {'the' if len(words) == 1 else 'a'} link doesn't open the page, search Setup for {listed}."
