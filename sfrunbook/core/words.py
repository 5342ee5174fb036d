"""What the marks and statuses mean, written once for every place that shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sfrunbook.core.model import Mark, Skip, Status

__all__ = [
    "APPROVAL",
    "counted",
    "how_sure",
    "marks_legend",
    "renewals",
    "skip_word",
]

_MARKS = {
    Mark.CONFIRMED: "confirmed by Salesforce or the partner",
    Mark.LIKELY: "reported by others",
    Mark.GUESS: "our best guess",
}
#: whose word a source is, by a part of its address
_VOICES = {
    "Salesforce": ("salesforce.com/", "github.com/forcedotcom/"),
    "Cyclr": ("cyclr.com/",),
}
_SKIPS = {Skip.TO_DO: "to do", Skip.OPTIONAL: "optional", Skip.DOES_NOT_APPLY: "doesn't apply"}
#: a mark behind a sentence: "(likely)", "(guess)", "(A guess.)", "(The labels of this screen are likely.)"
_BARE = re.compile(r"\((?:[^():]* )?(confirmed|likely|guess)\.?\)")
#: half a sentence for the place where approvals are first mentioned
APPROVAL = "Salesforce creates one each time a user presses Allow for the app"


def how_sure(mark: Mark, source: str) -> str:
    """How sure we are of an explanation, as its card says it once; `source` is the address where it is written."""
    if mark is Mark.CONFIRMED:
        voice = next((name for name, parts in _VOICES.items() if any(part in source for part in parts)), "")
        return f"Confirmed by {voice or 'the linked source'}"
    return f"{_MARKS[mark][0].upper()}{_MARKS[mark][1:]}"


def marks_legend(*texts: str, marks: Iterable[Mark] = ()) -> str:
    """The meaning of the marks in these texts, in a sentence; empty where there are none."""
    used = {Mark(found) for text in texts for found in _BARE.findall(text)} | set(marks)
    meanings = [f"“{mark.value}” means {meaning}" for mark, meaning in _MARKS.items() if mark in used]
    return f"How sure we are: {'; '.join(meanings)}." if meanings else ""


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 row`, `3 rows`; `plural` where an s at the end does not make it."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def renewals(generation: int) -> str:
    """How often the tokens of an approval were refreshed since its login; the login is the first generation."""
    times = generation - 1
    if times < 1:
        return "not refreshed since the login"
    return f"refreshed {'once' if times == 1 else counted(times, 'time')} since the login"


def skip_word(status: Status, skip: Skip | None) -> str:
    """What users read in place of "skipped": the reason; empty for any other status."""
    if status is not Status.SKIPPED:
        return ""
    return _SKIPS[skip] if skip else "not checked"
