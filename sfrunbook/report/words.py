"""The words and signs that all forms of a report share."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from urllib.parse import urlsplit

from sfrunbook.core.model import Diagnosis, Finding, Mark, Remedy, Run, Skip, Stage, Status, Verdict
from sfrunbook.core.words import counted, how_sure, marks_legend, skip_word
from sfrunbook.report.letter import RECIPIENTS, UNCONFIRMED, message

__all__ = [
    "ICONS",
    "INDENT",
    "LABELS",
    "NONE_FITS",
    "TELL",
    "VERDICTS",
    "WIDTH",
    "WORDS",
    "counts_of",
    "headline",
    "label_of",
    "legend_of",
    "line_of",
    "messages_of",
    "place_of",
    "sure_of",
    "what_to_do",
    "wire_lines",
    "word_of",
    "wrapped",
    "xml_text",
]

#: columns of a text that is not made for a certain terminal
WIDTH = 100
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
INDENT = " " * 7
LABELS = {
    Status.PASSED: "PASS",
    Status.FAILED: "FAIL",
    Status.WARNING: "WARN",
    Status.INCONCLUSIVE: "INCONCLUSIVE",
}
#: the character that says a status without colour, and the words that say it without the character
ICONS = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.WARNING: "!",
    Status.SKIPPED: "-",
    Status.INCONCLUSIVE: "?",
}
WORDS = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.WARNING: "warning",
    Status.SKIPPED: "not checked",
    Status.INCONCLUSIVE: "couldn't check",
}
#: words before a cause: in the first place, and after it
VERDICTS = {
    Verdict.CONFIRMED: ("Confirmed cause: ", "Also confirmed: "),
    Verdict.POSSIBLE: ("Most likely cause: ", "Other possible cause: "),
    Verdict.RULED_OUT: ("Ruled out: ", "Ruled out: "),
}
#: words before how a cause is recognized
TELL = "How to recognize it: "
NONE_FITS = "All known causes are ruled out. Read this minute's entry in Setup > Identity > Login History."


def headline(run: Run) -> str:
    """The verdict in one sentence."""
    counts, total = counts_of(run), len(run.findings)
    if not total:
        return "No check ran."
    if counts[Status.FAILED]:
        return f"{counts[Status.FAILED]} of {counted(total, 'check')} failed."
    if counts[Status.INCONCLUSIVE]:
        return f"We couldn't run {counts[Status.INCONCLUSIVE]} of {counted(total, 'check')}."
    if counts[Status.WARNING]:
        return f"Passed, with a warning in {counts[Status.WARNING]} of {counted(total, 'check')}."
    left = _left_out(run)
    if counts[Status.SKIPPED] == total:
        return f"{counted(total, 'check')} not run yet{left}."
    every = "All " if counts[Status.PASSED] > 1 else ""
    return f"{every}{counted(counts[Status.PASSED], 'check')} passed{left}."


def _left_out(run: Run) -> str:
    """How many checks were skipped, by the reason."""
    words = [word_of(each.status, each.skip) for each in run.findings if each.status is Status.SKIPPED]
    reasons = ", ".join(f"{word}: {words.count(word)}" for word in dict.fromkeys(words))
    return f" ({reasons})" if reasons else ""


def counts_of(run: Run) -> dict[Status, int]:
    return {status: sum(finding.status is status for finding in run.findings) for status in Status}


def place_of(origin: str) -> str:
    """Where an org is, as the end of a title: a practice org's port would differ from run to run; empty without one."""
    from sfrunbook.core.http import is_loopback  # loads requests, a quarter of what `explain` costs

    if is_loopback(urlsplit(origin).hostname or ""):
        return " on this machine"
    return f" at {origin}" if origin else ""


def what_to_do(remedy: Remedy, diagnosis: Diagnosis) -> str:
    """The step, marked where it is a guess; where the whole explanation is one, that is said of it once."""
    is_guess = remedy.mark is Mark.GUESS and diagnosis.mark is not Mark.GUESS
    return f"{remedy.what} {UNCONFIRMED}" if is_guess else remedy.what


def word_of(status: Status, skip: Skip | None = None) -> str:
    return skip_word(status, skip) or WORDS[status]


def label_of(status: Status, skip: Skip | None = None) -> str:
    """The outcome at the beginning of a line of text."""
    if skip:
        return skip.value.replace("_", " ").upper()
    return LABELS.get(status) or word_of(status).upper()


def sure_of(diagnosis: Diagnosis) -> str:
    """How sure we are of an explanation; empty for a rule of this runbook, which is written nowhere else."""
    return "" if diagnosis.failure.stage is Stage.LOCAL else how_sure(diagnosis.mark, diagnosis.source)


def legend_of(findings: Iterable[Finding]) -> str:
    """What the marks in the sentences of findings mean; empty where there are none."""
    return marks_legend(*(finding.detail for finding in findings))


def messages_of(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """Who has something to do, and the message to copy."""
    found = [(to, message(diagnosis, to=to)) for to in RECIPIENTS]
    return [(to, text) for to, text in found if text]


def wire_lines(diagnosis: Diagnosis) -> list[str]:
    """The reply that failed, as it came, so that it can be searched for; for an unknown error, all of it."""
    failure = diagnosis.failure
    status = f"HTTP {failure.http_status}" if failure.http_status is not None else ""
    shown = [part for part in (failure.host, status, failure.error, failure.description) if part]
    lines = [", ".join(line_of(part) for part in shown)] if shown and failure.stage is not Stage.LOCAL else []
    if others := failure.evidence.get("others"):
        lines.append(f"Also in this text: {line_of(others)}")
    if not diagnosis.code.startswith("unrecognised"):
        return lines
    return lines + [f"{line_of(name)}: {line_of(value)}" for name, value in failure.evidence.items()]


def line_of(text: str) -> str:
    return " ".join(text.split())


def xml_text(text: str) -> str:
    """A text without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


def wrapped(label: str, text: str, width: int = WIDTH) -> str:
    hanging = " " * min(len(label), width // 3)
    return textwrap.fill(
        line_of(text),
        width=width,
        initial_indent=label,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
