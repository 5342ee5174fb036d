"""Values in structures: elements of XML and HTML, pairs of a name and a value, columns of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sfrunbook.core.secrets.names import Weight
from sfrunbook.core.secrets.patterns import Hit
from sfrunbook.core.secrets.reading import BARE, MARK, SPAN, Name, closing, end_of_line

__all__ = ["columns", "elements", "pairs"]

_ROWS = 10_000
_TAG = r"(?:<(?!!)[^<>]{1,200}>|&lt;(?:(?!&[lg]t;).){1,200}&gt;)"
_ELEMENT = re.compile(
    rf"(?P<own>[^<>]{{0,200}}?(?<![/<])(?:>|&gt;))?(?P<inner>(?:\s{{0,40}}{_TAG}){{0,3}})\s{{0,40}}(?:<!\[CDATA\[)?"
)
_TEXT = {">": re.compile(r"[^<]+?(?=\]\]>|<|$)"), ";": re.compile(r"(?:[^<&]|&(?!lt;))+")}
_OPENED = re.compile(r"[\w.:-]{0,60}(?:<|;tl&)")


def elements(name: Name) -> Iterator[Hit]:
    """`<ns:name attribute="x">value</ns:name>`, also nested, escaped, and the next cell behind a cell with the name."""
    before = name.text[max(0, name.start - 64) : name.start][::-1]
    opened = _OPENED.match(before)
    found = _ELEMENT.match(name.text, name.end)
    if not found or not (found["own"] or found["inner"]):
        return
    value = _TEXT[found[0].rstrip().removesuffix("<![CDATA[").rstrip()[-1]].match(name.text, found.end())
    if not value:
        return
    start, end = value.span()
    if (opened or _IS_VALUE.match(before)) and found["own"]:
        yield from name.hit(start, end)
    elif not opened and found["inner"].count("</") and not found["own"] and len(value[0].split()) == 1:
        yield from name.hit(start, end, weight=Weight.WEAK)


# --- pairs of a name and a value -------------------------------------------------------------------------------------

_VALUE = re.compile(
    rf"(?P<between>[^{{}}<>]{{0,200}}?)\b(?:(?:current_?|default_?|initial_?)?value|v)(?:{MARK})?\s{{0,3}}[:=]\s{{0,3}}(?:{MARK})?",
    re.I,
)
_VALUE_FIRST = re.compile(rf"\bvalue(?:{MARK})?\s{{0,3}}[:=]\s{{0,3}}(?:{MARK})?", re.I)
_IS_VALUE = re.compile(
    r"(?:[\"'`]\\*|;touq&)?\s{0,3}[:=]\s{0,3}(?:[\"'`]\\*)?(?:eman|yek|k|di|elbairav|redaeh)\b", re.I
)
_NEXT = re.compile(r"\\*[\"']\s{0,3},\s{0,3}[bru@]?(?P<open>\\*[\"'])")


def pairs(name: Name) -> Iterator[Hit]:
    """`"name": "password", "value": "x"` in either order, and `("password", "x")`."""
    text = name.text
    if found := _NEXT.match(text, name.end):
        end = closing(text, found.end(), found["open"])
        if not re.match(r"\\*[\"']\s{0,3}(?::|=>)", text[end : end + 8]):  # else it is the next name
            yield from name.hit(found.end(), end, weight=Weight.WEAK)
    if not _IS_VALUE.match(text[max(0, name.start - 40) : name.start][::-1]):
        return
    if found := _VALUE.match(text, name.end):
        yield from name.hit(found.end(), _end_of_pair(text, found.end()))
        return
    for found in _VALUE_FIRST.finditer(text, max(0, name.start - SPAN), name.start):
        end = _end_of_pair(text, found.end())
        if end <= name.start and not re.search(r"[{}<>]", text[end : name.start]):
            yield from name.hit(found.end(), end)


def _end_of_pair(text: str, start: int) -> int:
    mark = re.match(r"\\*[\"'`]", text[max(0, start - 4) : start][::-1])
    if mark:
        opened = re.search(r"\\*[\"'`]$", text[max(0, start - 4) : start])
        return closing(text, start, opened[0] if opened else '"')
    bare = BARE[0].match(text, start)
    return bare.end() if bare else start


# --- columns ---------------------------------------------------------------------------------------------------------

_CELLS = {
    mark: re.compile(
        rf"(?:^|(?<=[{mark}\n]))[ \t]*(?P<quote>\")?(?P<value>(?(quote)(?:[^\"\n]|\"\")*|[^\n{mark}]*))\"?"
    )
    for mark in "|\t;,"
}
_HEADING = re.compile(r"[ \t]*[\"']?(?P<label>[A-Za-z][\w -]{0,40})[\"']?[ \t\r]*")


def columns(name: Name) -> Iterator[Hit]:
    """The cells below a name in the first line of a table, whose columns are separated by a comma, a tab or a bar."""
    text = name.text
    first = text.rfind("\n", max(0, name.start - SPAN), name.start) + 1
    last = text.find("\n", name.end, name.end + SPAN)
    header, end = name.progress.table
    if last < 0 or name.start - first > SPAN or (name.start < end and first != header):
        return
    line = text[first:last]
    mark = next((mark for mark in "|\t;," if mark in line), "")
    titles = line.split(mark) if mark else []
    if (
        not titles
        or (mark in ";," and f"{mark} " in line)
        or not all(map(_HEADING.fullmatch, filter(str.strip, titles)))
    ):
        return
    column = text.count(mark, first, name.start)
    weight = Weight.FAINT if name.whole.lower() == "code" else Weight.WEAK if mark == "|" else name.weight
    if mark == "|":
        last = text.find("\n", last + 1, last + SPAN)
        if last < 0 or re.search(r"[^|:\s-]", text[last - 3 : last]):
            return
    for _ in range(_ROWS):
        start, last = last + 1, end_of_line(text, last + 1)
        name.progress.table = (first, start)
        cells = list(_CELLS[mark].finditer(text, start, last))
        if len(cells) < len(titles) or start >= last:
            return
        if not cells[column]["value"].strip(" -:"):
            continue
        yield from name.hit(*cells[column].span("value"), weight=weight)
