"""The host in an address as people paste it, and what is wrong with what can't be tidied; pure."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["fault_of", "tidied"]

_MARKDOWN_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)[^)]*\)")
_QUOTES = "\"'`*_\u00b4\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
#: a bracket that opens an IPv6 address is part of it
_BEFORE = re.compile(rf"(?:[\s{_QUOTES}<({{]|\[(?![0-9a-f:.]+\]))+", re.IGNORECASE)
#: `https://`, also with a slash or the colon missing, slashes the wrong way round, or twice
_SCHEME = re.compile(r"(?:(https?)(?:[:;][/\\]*|[/\\]+))+", re.IGNORECASE)
_AFTER = rf"{_QUOTES}>)}}.,;:!? "
_HOST = re.compile(r"[\w.:@\[\]-]*", re.ASCII)


def tidied(text: str) -> str:
    """`scheme://host[:port]` or `host[:port]` of pasted text, without what is around it and everything after the host.

    Taken off are quotes, brackets, the punctuation of a sentence, invisible characters and a Markdown link. A scheme
    other than http is left as it is.
    """
    visible = "".join(each for each in text if each.isspace() or unicodedata.category(each) not in {"Cc", "Cf"})
    typed = unicodedata.normalize("NFKC", visible)
    if link := _MARKDOWN_LINK.search(typed):
        typed = link[1]
    typed = _BEFORE.sub("", typed, count=1) if _BEFORE.match(typed) else typed
    scheme, rest = "", typed
    if found := _SCHEME.match(typed):
        scheme, rest = f"{found[1].lower()}://", typed[found.end() :]
    elif "://" in typed:
        scheme, _, rest = typed.partition("://")
        scheme += "://"
    host = re.split(r"[/?#|\\]", rest.lstrip("/\\"), maxsplit=1)[0]
    host = host.rstrip(_AFTER if "[" in host else f"{_AFTER}]")
    return f"{scheme}{host}" if host else ""


def fault_of(typed: str) -> str:
    """What no host has in its name, of what `tidied` returned, as a sentence; empty where nothing is wrong."""
    host = typed.replace("://", "", 1)
    strange = host[len(_HOST.match(host)[0]) :][:1]  # type: ignore[index]  # it matches the empty text too
    if not strange:
        return ""
    if strange.isspace():
        return "It contains a space. Enter the address alone."
    return f"It contains the character {strange}, which no address has. Type the address instead of pasting it."
