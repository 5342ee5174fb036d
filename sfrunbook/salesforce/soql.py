"""SOQL as text: composing a query from a choice of fields, and finding the place that an error points at; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Place", "compose", "object_of", "place_of", "quoted"]

_NAME = re.compile(r"\w+")
_FRAME = re.compile(r"ERROR at Row:(\d+):Column:(\d+)")
_LINE = re.compile(r"^line (\d+):(\d+) ")
_CULPRIT = re.compile(
    r"unexpected token: '([^']*)'|No such column '([^']*)'|sObject type '([^']*)'|relationship '([^']*)'"
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in a query the fault lies."""

    #: counted from 1
    row: int
    #: counted from 1
    column: int
    #: of the whole text, counted from 0
    offset: int
    #: the line of the query, and beneath it a caret under the place
    picture: str
    #: the message of Salesforce, as one line
    words: str


def compose(sobject: str, fields: Sequence[str], limit: int) -> str:
    """A query for these fields; ValueError when a name is not an API name."""
    names = [*fields] or ["Id"]
    if not all(_NAME.fullmatch(name) for name in (sobject, *names)):
        raise ValueError("not the API name of an object or a field")
    return f"SELECT {', '.join(names)} FROM {sobject} LIMIT {max(1, int(limit))}"  # noqa: S608 -- SOQL, and the names are words


def object_of(soql: str) -> str:
    """The object that a query asks, outside of brackets; empty when none is named."""
    flat = soql
    while (shorter := re.sub(r"\([^()]*\)", " ", flat)) != flat:
        flat = shorter
    found = re.search(r"\bFROM\s+(\w+)", flat, re.IGNORECASE)
    return found[1] if found else ""


def place_of(code: str, message: str, soql: str) -> Place | None:
    """The place that Salesforce's error frame names; None when the message names none.

    For a parse error the column of the frame is counted from 0, for INVALID_FIELD and INVALID_TYPE from 1 (likely): the
    word that the message quotes decides, where it is at one of the two.
    """
    found = _FRAME.search(message) or _LINE.search(message)
    if found is None:
        return None
    lines = soql.split("\n")
    row = min(max(int(found[1]), 1), len(lines))
    line = lines[row - 1]
    reported = _column(line, int(found[2]), message, from_zero=code == "MALFORMED_QUERY")
    column = min(max(reported, 0), len(line))
    words = " ".join(message[found.end() :].split()) or " ".join(message.split())
    offset = sum(len(before) + 1 for before in lines[: row - 1]) + column
    blanks = "".join("\t" if sign == "\t" else " " for sign in line[:column])
    return Place(row=row, column=column + 1, offset=offset, picture=f"{line}\n{blanks}^", words=words)


def _column(line: str, reported: int, message: str, *, from_zero: bool) -> int:
    quoted = _CULPRIT.search(message)
    culprit = next(filter(None, quoted.groups()), "").lower() if quoted else ""
    guesses = (reported, reported - 1) if from_zero else (reported - 1, reported)
    for guess in guesses:
        if culprit and guess >= 0 and line[guess : guess + len(culprit)].lower() == culprit:
            return guess
    return guesses[0]


def quoted(text: str) -> str:
    """A text escaped for the quotes of SOQL."""
    return text.replace("\\", "\\\\").replace("'", "\\'")
