"""Walks through the pages of an org as a logged-in person and keeps what can be asked there: addresses and forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests

__all__ = ["Form", "Walk", "walk"]

_MOST_PAGES = 80


@dataclass(kw_only=True)
class Form:
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Walk:
    """What one person found on one host; `cookie` is the header that keeps them logged in."""

    host: str
    cookie: str = field(repr=False)
    paths: tuple[str, ...]
    forms: tuple[Form, ...]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "form":
            self.forms.append(Form(action=values.get("action", "")))
        elif tag in ("input", "button", "select", "textarea") and values.get("name") and self.forms:
            self.forms[-1].fields.append((values["name"], values.get("value", "")))


def walk(host: str, username: str, password: str) -> Walk:
    """Logs in on this host and follows every link below it but the one that logs out."""
    with requests.Session() as session:
        session.trust_env = False
        start = _read(session, f"{host}/")
        form = next(each for each in start.forms if "pw" in dict(each.fields))
        sent = dict(form.fields) | {"username": username, "pw": password}
        session.post(urljoin(f"{host}/", form.action), data=sent, timeout=10).raise_for_status()
        cookie = "; ".join(f"{each.name}={each.value}" for each in session.cookies)
        paths: dict[str, None] = {"/": None, "/lightning/setup/SetupOneHome/home": None}
        forms: list[Form] = []
        for path in iter(_Unread(paths)):
            page = _read(session, host + path)
            for link in page.links:
                address = urlsplit(urljoin(host + path, link))
                if f"{address.scheme}://{address.netloc}" == host and "logout" not in address.path:
                    paths.setdefault(address.path + (f"?{address.query}" if address.query else ""))
            for form in page.forms:
                forms.append(Form(action=urlsplit(urljoin(host + path, form.action)).path, fields=form.fields))
    kept = [form for form in forms if "logout" not in form.action]
    return Walk(host=host, cookie=cookie, paths=tuple(paths), forms=tuple(kept))


class _Unread:
    """The paths one after the other, those found on the way included."""

    def __init__(self, paths: dict[str, None]) -> None:
        self._paths = paths
        self._read = 0

    def __iter__(self) -> _Unread:
        return self

    def __next__(self) -> str:
        if self._read >= min(len(self._paths), _MOST_PAGES):
            raise StopIteration
        self._read += 1
        return list(self._paths)[self._read - 1]


def _read(session: requests.Session, url: str) -> _Page:
    page = _Page()
    page.feed(session.get(url, timeout=10).text)
    return page
