"""A scripted user: opens an authorize address, logs in, presses Allow or Deny, and lands on the callback."""

from __future__ import annotations

import argparse
import json
import re
import sys
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit, urlunsplit

import requests

__all__ = ["Person", "Visit", "VisitRefused", "main", "tour", "visit"]

_NAVIGATION = re.compile(r"window\.location\.replace\('([^']+)'\)")
_MOST_STEPS = 15
_SECONDS = 15
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class VisitRefused(Exception):  # noqa: N818 - reads as the fact
    """The person could not go on; the text is a sentence without secrets, `page` what stood on the last page."""

    def __init__(self, text: str, page: str = "") -> None:
        super().__init__(text)
        self.page = page


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Where it ended. `delivered` tells whether something answered at a loopback callback."""

    landing: str = field(repr=False)
    delivered: bool

    @property
    def landed(self) -> str:
        """The address without what it carries."""
        return urlunsplit((*urlsplit(self.landing)[:3], "", ""))


@dataclass(kw_only=True)
class _Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects the forms of a page with their hidden fields and named buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self.error = ""
        self._in_error = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._in_error = values.get("id") == "error"
        if tag == "form":
            self.forms.append(_Form(action=values.get("action", "")))
        elif self.forms and "name" in values and tag in ("input", "button"):
            target = self.forms[-1].buttons if tag == "button" else self.forms[-1].fields
            target[values["name"]] = values.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._in_error and not self.error:
            self.error = data.strip()


def visit(url: str, username: str, password: str, *, allow: bool = True, ca_file: str | None = None) -> str:
    """Go through the pages as `tour` does and give the full landing address; it carries the code."""
    return tour(url, username, password, allow=allow, ca_file=ca_file).landing


def tour(url: str, username: str, password: str, *, allow: bool = True, ca_file: str | None = None) -> Visit:
    """Open `url`, log in, press Allow or Deny, and open the callback when it is on this computer.

    A callback elsewhere is not opened. Raises `VisitRefused` when a page says no.
    """
    with requests.Session() as browser:
        browser.trust_env = False
        browser.verify = ca_file if ca_file is not None else True
        person = Person(browser, username, password, allow=allow)
        try:
            landing = person.walk(url)
        except requests.RequestException as fault:
            raise VisitRefused(f"No answer from {urlsplit(url).netloc}: {type(fault).__name__}.") from None
        return Visit(landing=landing, delivered=_deliver(browser, landing))


def _deliver(browser: requests.Session, landing: str) -> bool:
    """Open the callback, and what it redirects to while that is on this computer: Salesforce CLI waits for both."""
    address, delivered = landing, False
    for _ in range(_MOST_STEPS):
        if urlsplit(address).hostname not in _LOOPBACK or urlsplit(address).scheme not in ("http", "https"):
            break
        try:
            reply = browser.get(address, timeout=_SECONDS, allow_redirects=False)
        except requests.RequestException:  # as in a browser: the address bar still shows the landing address
            break
        delivered = True
        if not reply.is_redirect:
            break
        address = urljoin(reply.url, reply.headers["location"])
    return delivered


class Person:
    """One browser and who sits before it; `walk` ends at the callback's address without opening it."""

    def __init__(self, browser: requests.Session, username: str, password: str, *, allow: bool) -> None:
        self._browser = browser
        self._username = username
        self._password = password
        self._allow = allow
        self._has_logged_in = False

    def walk(self, url: str) -> str:
        callback = parse_qs(urlsplit(url).query).get("redirect_uri", [""])[0]
        reply = self._browser.get(url, timeout=_SECONDS, allow_redirects=False)
        for _ in range(_MOST_STEPS):
            target = self._next_address(reply)
            if target is None:
                reply = self._fill(reply)
            elif callback or not _asks_for_login(target):
                if self._is_callback(target, callback, reply.url):
                    return target
                reply = self._browser.get(target, timeout=_SECONDS, allow_redirects=False)
            else:  # a partner's link that has led to Salesforce, which tells where it will come back to
                callback = parse_qs(urlsplit(target).query).get("redirect_uri", [""])[0]
                reply = self._browser.get(target, timeout=_SECONDS, allow_redirects=False)
        raise VisitRefused("The pages redirect in a loop.")

    @staticmethod
    def _next_address(reply: requests.Response) -> str | None:
        if reply.is_redirect:
            return urljoin(reply.url, reply.headers["location"])
        match = _NAVIGATION.search(reply.text)
        return urljoin(reply.url, match[1].replace("\\/", "/")) if match else None

    @staticmethod
    def _is_callback(target: str, callback: str, current: str) -> bool:
        if callback:
            return target.startswith((f"{callback}?", f"{callback}&", f"{callback}#"))
        return urlsplit(target).netloc != urlsplit(current).netloc

    def _fill(self, reply: requests.Response) -> requests.Response:
        page = _Forms()
        page.feed(reply.text)
        form = page.forms[0] if page.forms else None
        if form is not None and "pw" in form.fields:
            if self._has_logged_in:
                raise VisitRefused(page.error or "The login was not accepted.")
            self._has_logged_in = True
            sent = {**form.fields, "username": self._username, "pw": self._password}
        elif form is not None and {"save", "cancel"} <= form.buttons.keys():
            button = "save" if self._allow else "cancel"
            sent = {**form.fields, button: form.buttons[button]}
        else:
            raise VisitRefused(f"The page at {_without_query(reply.url)} shows an error: {_reason(reply)}", reply.text)
        return self._browser.post(urljoin(reply.url, form.action), data=sent, timeout=_SECONDS, allow_redirects=False)


def _asks_for_login(target: str) -> bool:
    return urlsplit(target).path.endswith("/services/oauth2/authorize")


def _without_query(url: str) -> str:
    return urlunsplit((*urlsplit(url)[:3], "", ""))


def _reason(reply: requests.Response) -> str:
    """The error of a bare form-encoded body or of an error page's address, else the status."""
    for text in (reply.text, urlsplit(reply.url).query):
        pairs = parse_qs(text)
        if "error" in pairs and len(text) < 2_000:
            return f"{pairs['error'][0]} ({pairs.get('error_description', ['no description'])[0]})"
    return f"HTTP status {reply.status_code}"


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 with one JSON line, 1 with a sentence when a page said no."""
    parser = argparse.ArgumentParser(
        prog="python -m sfrunbook.practice.visitor",
        description="Logs in and consents as a user would. The password is read from standard input.",
    )
    parser.add_argument("--username", required=True)
    parser.add_argument("--deny", action="store_true", help="press Deny instead of Allow")
    parser.add_argument("--ca-file", help="CA certificate of a practice org with --tls")
    parser.add_argument("--print-landing", action="store_true", help="print the full landing address, code included")
    parser.add_argument("url", help="the authorize address, or a partner's link; - reads it from standard input, first")
    asked = parser.parse_args(arguments)
    if asked.url == "-":
        asked.url = sys.stdin.readline().rstrip("\n")
    password = sys.stdin.readline().rstrip("\n")
    try:
        ended = tour(asked.url, asked.username, password, allow=not asked.deny, ca_file=asked.ca_file)
    except VisitRefused as refused:
        print(refused, file=sys.stderr)  # noqa: T201 - for the person at the command line
        return 1
    landed = ended.landing if asked.print_landing else ended.landed
    print(json.dumps({"landed": landed, "delivered": ended.delivered}))  # noqa: T201 - the promised line
    return 0


if __name__ == "__main__":
    sys.exit(main())
