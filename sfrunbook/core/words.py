"""What the marks, verdicts and statuses mean, written once for every place that shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sfrunbook.core.model import Mark, Skip, Status, Verdict

__all__ = [
    "APPROVAL",
    "counted",
    "marked",
    "marks_legend",
    "renewals",
    "skip_word",
    "verdicts_legend",
]

_MARKS = {
    Mark.CONFIRMED: "those who decide it say so themselves",
    Mark.LIKELY: "others report it, or it follows from what is written",
    Mark.GUESS: "nothing public says so, it is what fits best",
}
_VERDICTS = {
    Verdict.CONFIRMED: ("confirmed", "what was gathered shows it"),
    Verdict.POSSIBLE: ("possible", "what was gathered decides neither for nor against it"),
    Verdict.RULED_OUT: ("ruled out", "what was gathered speaks against it"),
}
#: a mark behind a sentence: "(likely)", "(guess)", "(A guess.)", "(The labels of this screen are likely.)"
_BARE = re.compile(r"\((?:[^():]* )?(confirmed|likely|guess)\.?\)")
#: half a sentence for the place where approvals are first mentioned
APPROVAL = "one is made each time a user presses Allow for the app"


def marked(mark: Mark) -> str:
    """A mark and its meaning, to follow a statement in brackets."""
    return f"{mark.value}: {_MARKS[mark]}"


def marks_legend(*texts: str, marks: Iterable[Mark] = ()) -> str:
    """The meaning of the marks in these texts, in a sentence; empty where there are none."""
    used = {Mark(found) for text in texts for found in _BARE.findall(text)} | set(marks)
    meanings = [f"“{mark.value}”: {meaning}" for mark, meaning in _MARKS.items() if mark in used]
    return f"How sure it is: {'; '.join(meanings)}." if meanings else ""


def verdicts_legend(verdicts: Iterable[Verdict]) -> str:
    """The meaning of the words before judged causes, in a sentence."""
    used = set(verdicts)
    meanings = [f"“{word}”: {meaning}" for verdict, (word, meaning) in _VERDICTS.items() if verdict in used]
    return f"How the causes were judged: {'; '.join(meanings)}."


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 row`, `3 rows`; `plural` where an s at the end does not make it."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def renewals(generation: int) -> str:
    """How often the tokens of an approval were refreshed since its login; the login is the first generation."""
    times = generation - 1
    if times < 1:
        return "not renewed since the login"
    return f"renewed {'once' if times == 1 else counted(times, 'time')} since the login"


def skip_word(status: Status, skip: Skip | None) -> str:
    """What users read in place of "skipped": the reason; empty for any other status."""
    if status is not Status.SKIPPED:
        return ""
    return skip.value.replace("_", " ") if skip else "not looked at"
