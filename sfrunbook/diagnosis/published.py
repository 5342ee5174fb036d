"""The codes and texts that Salesforce and Cyclr publish, each with the row of the catalogue that answers it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import tomli

__all__ = ["LOGIN_HISTORY", "Published", "codes", "entries", "listed", "published", "source_of"]

#: the `error` of a failure that is known from the Status column of Setup > Identity > Login History
LOGIN_HISTORY = "login history"

#: codes that are words of any sentence, such as `Timeout`: alone, they say nothing of Salesforce
_WORD = re.compile(r"\s*[A-Z][a-z]+\s*")
#: lists whose texts Login History shows
_OF_LOGINS = ("login-history", "japanese")
_TABLE = Path(__file__).with_name("published_codes.tsv")
#: a part of a published text that differs each time
_GAP = re.compile(r"\{\w+\}|\.\.\.")


class Published(NamedTuple):
    """A line of published_codes.tsv."""

    #: the list it is on, as in published.toml
    kind: str
    #: as Salesforce writes it; empty where only a text is published
    code: str
    #: the description or status that comes with it, as published
    text: str
    #: code of the row of the catalogue, in the table followed by `/` and the cause where the code says which one it is
    answer: str
    cause: str
    #: in our words; empty where only the name is known
    meaning: str
    #: codes of the causes in families.toml that act, separated by blanks
    who: str
    #: how sure the answer is; a code may be confirmed while its meaning is read from its name
    mark: str
    #: key of an address in published.toml
    source: str


def published(error: str, description: str = "") -> Published | None:
    """The line for an error code, or for a text where there is no code; None where neither is published.

    An `error` of LOGIN_HISTORY looks up a status of Login History.
    Of a code with several texts the one in the description decides. Codes of several words, with `_`, are found in any
    case; others, such as `Timeout`, only as Salesforce writes them. A text that is a code and no word of any sentence
    counts as that code.
    """
    error = error.strip()
    if error and error.lower() != LOGIN_HISTORY:
        found = _by_code().get(error) or _by_lower_code().get(error.lower(), [])
        return _described(found, description)
    if not error and not _WORD.fullmatch(description) and (found := _by_code().get(description.strip(), [])):
        return _described(found, "")
    text = _plain(description)
    found = _by_text().get(text) or [one for one in _with_gaps() if _pattern(one.text).fullmatch(text)]
    if error:
        found = [one for one in found if one.kind in _OF_LOGINS]
    return _agreed([one for one in found if not one.code] or found)


@cache
def entries() -> tuple[Published, ...]:
    """Every line in the order of the table; read from disk at the first call only."""
    _, *lines = _TABLE.read_text(encoding="utf-8").splitlines()
    return tuple(_line(*line.split("\t")) for line in lines)


def _line(kind: str, code: str, text: str, answer: str, *others: str) -> Published:
    row, _, cause = answer.partition("/")
    return Published(kind, code, text, row, cause, *others)


@cache
def codes() -> frozenset[str]:
    """Every code as published; some, such as `Timeout` and `HTTP 404`, are plain words or a phrase."""
    return frozenset(one.code for one in entries() if one.code)


def listed(one: Published) -> str:
    """A sentence on the list that the code is on, and another where the answer is a guess."""
    lists = _words()["lists"]
    return f"{lists[one.kind]} {lists['guessed']}" if one.mark == "guess" else lists[one.kind]


def source_of(one: Published) -> str:
    """The public address where the code is written."""
    return _words()["sources"][one.source]


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomli.loads(_TABLE.with_name("published.toml").read_text(encoding="utf-8"))


@cache
def _by_code() -> Mapping[str, list[Published]]:
    return _grouped((one.code, one) for one in entries() if one.code)


@cache
def _by_lower_code() -> Mapping[str, list[Published]]:
    return _grouped((code.lower(), one) for code, found in _by_code().items() if "_" in code for one in found)


@cache
def _by_text() -> Mapping[str, list[Published]]:
    """The lines that their text alone is enough for; a single word, such as `Unknown`, is not."""
    return _grouped((_plain(one.text), one) for one in entries() if " " in one.text or not one.text.isascii())


def _grouped(pairs: Iterable[tuple[str, Published]]) -> Mapping[str, list[Published]]:
    groups: dict[str, list[Published]] = defaultdict(list)
    for key, one in pairs:
        groups[key].append(one)
    return dict(groups)


@cache
def _with_gaps() -> tuple[Published, ...]:
    return tuple(one for one in entries() if _GAP.search(one.text))


def _described(found: Iterable[Published], description: str) -> Published | None:
    """Of the lines of one code, the one whose text is in the description, else the one without a text."""
    found, plain = list(found), _plain(description)
    fitting = [one for one in found if one.text and _pattern(one.text).search(plain)]
    if fitting:
        return max(fitting, key=lambda one: len(one.text))
    return _agreed([one for one in found if not one.text] or found)


def _agreed(found: list[Published]) -> Published | None:
    return found[0] if len({one.answer for one in found}) == 1 else None


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in _GAP.split(_plain(text))))


def _plain(text: str) -> str:
    """A text without what screens and logs add or leave off: case, quotes, `Failed:`, and how the sentence ends."""
    plain = " ".join(text.replace("\u2019", "'").lower().split()).rstrip(".\u3002").removesuffix("\u3067\u3059")
    return re.sub(r"^(failed|\u5931\u6557): ?", "", plain)
