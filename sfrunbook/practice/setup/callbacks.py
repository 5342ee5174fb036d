"""The rules of the box Callback URL."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

__all__ = ["LONGEST", "addresses_in", "callback_errors"]

LONGEST = 2_000
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NEVER = frozenset({"javascript", "data", "vbscript", "file", "blob", "about"})


def addresses_in(text: str) -> tuple[str, ...]:
    """One address a line; blank lines and repetitions go, the rest stays to the letter."""
    return tuple(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))


def callback_errors(text: str, http_hosts: tuple[str, ...]) -> list[str]:
    """Sentences on what is wrong, none when the box is right.

    Confirmed: https or a custom scheme, http only for localhost, several of them with one on a line, 2,000 characters
    in all. Guesses: a fragment, a user name or a wildcard host is refused, and so are schemes that run in the browser.
    Source: https://developer.salesforce.com/docs/atlas.en-us.218.0.api_rest.meta/api_rest/
    intro_defining_remote_access_applications.htm
    """
    found = addresses_in(text)
    if not found:
        return ["Callback URL: You must enter a value"]
    if len(text.strip()) > LONGEST:
        return [f"Callback URL: {len(text.strip()):,} characters are too many. All URLs together can have {LONGEST:,}."]
    errors = []
    for number, line in enumerate((each.strip() for each in text.split("\n")), 1):
        wrong = _wrong(line, http_hosts) if line else ""
        if wrong:
            errors.append(f"Callback URL, line {number}: {wrong}")
    return errors


def _wrong(address: str, http_hosts: tuple[str, ...]) -> str:
    if re.search(r"[\s,;]+[A-Za-z][A-Za-z0-9+.-]*:", address):
        return "Enter one URL per line."
    if any(each.isspace() or not each.isprintable() for each in address):
        return "A URL can't contain spaces."
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return "This is not a URL."
    if not _SCHEME.match(address):
        return "A URL begins with https:// or a custom scheme, such as myapp://."
    if parts.scheme in _NEVER:
        return f"The scheme {parts.scheme} is not allowed."
    if "#" in address:
        return "A Callback URL can't have a fragment (#)."
    if parts.scheme not in ("http", "https"):
        return "" if len(address) > len(parts.scheme) + 1 else "Enter an address after the scheme."
    if not host or not address[len(parts.scheme) :].startswith("://"):
        return "This is not a URL."
    if "@" in parts.netloc or "*" in host:
        return "Enter the full host, without a wildcard or a user name."
    if parts.scheme == "http" and host not in http_hosts:
        return "Use https, or a custom scheme. http is allowed for localhost only."
    return ""
