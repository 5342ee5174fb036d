"""A line of text with its encodings removed, so that a value is found under any number of them."""

from __future__ import annotations

import base64
import binascii
import html
import re
import zlib
from collections.abc import Iterator
from urllib.parse import unquote

__all__ = ["decoded", "lines_of", "squeezed", "squeezed_places", "without_numbers"]

#: encodings may be nested: an address in a query string, in JSON, in a log line
_ROUNDS = 4
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}|&#?\w+;|\\|=[0-9A-F]{2}")
_ESCAPE = re.compile(r"\\+(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([0-3][0-7]{2})|(.))")
_QUOTED_PRINTABLE = re.compile(r"=([0-9A-F]{2})")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")
_BASE32 = re.compile(r"(?<![A-Z2-7a-z])(?:[A-Z2-7]{16,}|[a-z2-7]{16,})(?![A-Za-z])")
#: more than this is not unpacked from a line
_LARGEST = 1_000_000
_NUMBER = re.compile(r"^[ \t]*[\[(#]?\d{1,4}[\])]?[ \t]*[.:)|/-]?[ \t]*", re.M)
#: what may separate the pieces of a value that is split over lines, list items, string literals or columns
_BETWEEN = re.compile(r"(?:\\n|[\s\"'+,:;=|\\\u00ad\u200b-\u200d\u2060\ufeff\x00-])+")


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Every line with the place where it begins."""
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def decoded(line: str) -> Iterator[str]:
    """The line with one more encoding removed each time, and the text of base64 in it; not the line itself."""
    known = {line}
    waiting = [line]
    for _ in range(_ROUNDS):
        waiting = [text for encoded in waiting for text in _without_a_layer(encoded) if text not in known]
        known.update(waiting)
        yield from waiting


def _without_a_layer(text: str) -> Iterator[str]:
    if "\0" in text:  # text of two bytes a character
        yield text.replace("\0", "")
    if _ENCODED.search(text):
        yield unquote(text)
        yield html.unescape(text)
        yield _ESCAPE.sub(_unescaped, text)
        yield _QUOTED_PRINTABLE.sub(lambda code: chr(int(code[1], 16)), text)
    for run in _BASE64.findall(text):
        if plain := _plain(run):
            yield plain
    for run in _BASE32.findall(text):
        yield base64.b32decode(run.upper() + "=" * (-len(run) % 8)).decode("utf-8", "replace") if _fits(run) else ""


def _unescaped(found: re.Match[str]) -> str:
    if found[3]:
        return chr(int(found[3], 8))
    if digits := found[1] or found[2]:
        return chr(int(digits, 16))
    return {"n": "\n", "t": "\t", "r": "\r"}.get(found[4], str(found[4]))


def _fits(run: str) -> bool:
    return len(run) % 8 in (0, 2, 4, 5, 7)


def _inflated(raw: bytes) -> bytes:
    """What gzip or zlib packed, as far as it is undamaged; other bytes as they are."""
    if not raw.startswith((b"\x1f\x8b", b"x\x9c", b"x\xda", b"x\x01")):
        return raw
    try:
        return zlib.decompressobj(47).decompress(raw, _LARGEST)
    except zlib.error:
        return raw


def _plain(run: str) -> str:
    """The text behind a run of base64; empty where it is no text."""
    bare = run.rstrip("=")
    try:
        raw = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_" if {"-", "_"} & set(bare) else None)
    except (binascii.Error, ValueError):
        return ""
    text = _inflated(raw).decode("utf-8", "replace")
    return text if text and text.count("\ufffd") * 8 < len(text) else ""


def without_numbers(text: str) -> str:
    """The text without the numbers of its lines, each character at its place."""
    return _NUMBER.sub(lambda found: " " * len(found[0]), text)


def squeezed(text: str) -> str:
    """`text` in lower case without what may separate the pieces of a split value."""
    return _BETWEEN.sub("", text).lower()


def squeezed_places(text: str) -> list[int]:
    """For each character of `squeezed(text)` its place in `text`."""
    places: list[int] = []
    done = 0
    for gap in _BETWEEN.finditer(text):
        places += _lowered(text, done, gap.start())
        done = gap.end()
    return places + _lowered(text, done, len(text))


def _lowered(text: str, start: int, end: int) -> list[int]:
    """A few characters become two in lower case, so each counts for as many as it becomes."""
    return [place for place in range(start, end) for _ in text[place].lower()]
