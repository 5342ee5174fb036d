"""A log's entries, and which of several errors in a text is the one to explain."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sfrunbook.core.model import Failure

__all__ = ["LONGEST", "Chosen", "choose", "ends_of", "entries_of", "without_prefixes"]

#: characters of a text that are read
LONGEST = 20_000

#: the longest list of entries that is read one by one
_MOST = 200
_TIME = (
    r"(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d|\d{1,2}/\d{1,2}/\d{2,4},? \d{1,2}:\d\d"
    r"|[A-Z][a-z]{2} +\d{1,2} \d\d:\d\d)"
)
_STAMPED = re.compile(rf"^\W{{0,3}}(?:\w{{3}},? )?{_TIME}", re.MULTILINE)
#: time, level and program of one line
_PREFIX = re.compile(
    rf"^\W{{0,3}}{_TIME}[\d:.,TZ+\s]*(?:UTC\b|[A-Z]{{3,4}}T\b)?[\])]?[\s:-]*"
    r"(?:\[?(?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\]?[\s:]*)?(?:\[STDOUT\]\s*)?",
    re.MULTILINE,
)
_SUCCESS = re.compile(r"\b(?:token ok|success(?:ful|fully)?|succeeded|authenticated|200 OK|logged in)\b", re.IGNORECASE)
_NO_SUCCESS = re.compile(r"fail|error|success(?:ful)?[\"']?\s*[:=]\s*[\"']?false|not |un", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The error to explain, and what else the text reports, in its own words."""

    failure: Failure
    others: tuple[str, ...] = ()


def ends_of(text: str, longest: int = LONGEST) -> str:
    """A long text's beginning and end, in whole lines where it has lines: a log shows its failure last."""
    if len(text) <= longest:
        return text
    head, tail = text[: longest // 2 - 1], text[-longest // 2 :]
    return f"{head.rpartition(chr(10))[0] or head}\n{tail.partition(chr(10))[2] or tail}"


def entries_of(text: str) -> list[str]:
    """The entries of a log, each with the lines that belong to it; empty when the text is no log of several."""
    starts = [found.start() for found in _STAMPED.finditer(text)]
    if len(starts) < 2:
        return []
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)][-_MOST:]


def without_prefixes(text: str) -> str:
    """The text of a log without the time, level and program of each line, so that a message over lines is whole."""
    return _PREFIX.sub("", text)


def choose(text: str, read: Callable[[str], Failure | None], name: Callable[[Failure], str]) -> Chosen | None:
    """The error of a log that counts: the last that no success followed.

    Of lines without times it is what most of them say, or else the last, which is the cause of the ones before. `read`
    gives the error of one entry or line, or None, and `name` its catalogue row. None when the text has less than two
    different errors, so that it is read as a whole.
    """
    parts = entries_of(text)
    is_log = bool(parts)
    parts = parts or text.splitlines()[-_MOST:]
    found = [(place, failure) for place, part in enumerate(parts) if (failure := read(part)) is not None]
    names = [name(failure) for _, failure in found]
    if len(set(names)) < 2:
        return None
    if is_log:
        failure = _last_open(parts, found)
    else:
        (first, count), (_, second), *_ = Counter(names).most_common()
        failure = found[names.index(first) if count > second else -1][1]
    chosen = name(failure)
    others = {of: other for (_, other), of in zip(found, names, strict=True) if of != chosen}
    return Chosen(failure=failure, others=tuple(_words(other) for other in others.values()))


def _last_open(parts: Sequence[str], found: Sequence[tuple[int, Failure]]) -> Failure:
    errors = {place for place, _ in found}
    successes = [place for place, part in enumerate(parts) if place not in errors and _is_success(part)]
    ends = [*(place for place, _ in found[1:]), len(parts)]
    still_open = [
        failure
        for (place, failure), end in zip(found, ends, strict=True)
        if not any(place < success < end for success in successes)
    ]
    return (still_open or [failure for _, failure in found])[-1]


def _is_success(part: str) -> bool:
    return bool(_SUCCESS.search(part)) and not _NO_SUCCESS.search(part)


def _words(failure: Failure) -> str:
    return (
        f"{failure.error}: {failure.description}"
        if failure.error and failure.description
        else (failure.error or failure.description)
    )
