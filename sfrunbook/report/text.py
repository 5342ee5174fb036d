"""Findings, diagnoses and runs as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Literal

from sfrunbook.core.model import Cause, Diagnosis, Finding, RankedCause, Run, Verdict
from sfrunbook.report.letter import judged_causes
from sfrunbook.report.links import NO_PAGES, Pages, links_for, links_hint
from sfrunbook.report.words import (
    INDENT,
    NONE_FITS,
    TELL,
    VERDICTS,
    WIDTH,
    headline,
    label_of,
    legend_of,
    line_of,
    place_of,
    sure_of,
    what_to_do,
    wire_lines,
    wrapped,
)

__all__ = ["Fixes", "diagnosis_text", "finding_text", "findings_text", "run_text"]

#: which causes have their fix in the text: the first one; each, the others in a line; or each with all steps
Fixes = Literal["first", "a line each", "all"]
_MORE = "Add --all to see every step of the other causes."


def finding_text(finding: Finding) -> str:
    """`[PASS] name-of-the-check  sentence`, and below it the diagnosis of what did not pass."""
    first = f"[{label_of(finding.status, finding.skip)}] {finding.check}  {line_of(finding.detail or finding.claim)}"
    if finding.diagnosis is None:
        return first
    return f"{first}\n{textwrap.indent(diagnosis_text(finding.diagnosis), INDENT)}"


def findings_text(findings: Sequence[Finding]) -> str:
    """Several findings, and below them what the marks in their sentences mean."""
    parts = [finding_text(finding) for finding in findings]
    return "\n".join([*parts, wrapped("", legend)] if (legend := legend_of(findings)) else parts)


def diagnosis_text(diagnosis: Diagnosis, pages: Pages = NO_PAGES, *, fixes: Fixes = "first", width: int = WIDTH) -> str:
    """What, why, the most likely cause with its steps, the others by name, the reply as it came, and the source.

    Where facts were gathered, each cause has its verdict and the reason for it. With `pages` each screen is followed
    by its address.
    """
    parts = [wrapped("What: ", diagnosis.what, width), wrapped("Why:  ", diagnosis.why, width)]
    parts += _causes_text(diagnosis, pages, fixes, width)
    parts += [wrapped("Details: ", line, width) for line in wire_lines(diagnosis)]
    if sure := sure_of(diagnosis):
        parts.append(f"Source: {diagnosis.source} ({sure})")
    parts.append(f"Code: {diagnosis.code}")
    return "\n".join(parts)


def _causes_text(diagnosis: Diagnosis, pages: Pages, fixes: Fixes, width: int) -> list[str]:
    """The first cause with its steps, the others in a line each, last those that are ruled out."""
    first, *others = judged_causes(diagnosis)
    parts = [] if first.verdict is not Verdict.RULED_OUT else [wrapped("", NONE_FITS, width)]
    parts.append(wrapped(VERDICTS[first.verdict][0], first.cause.summary, width))
    if first.because:
        parts.append(wrapped(f"{first.lead}: ", first.because, width))
    if first.verdict is not Verdict.CONFIRMED:
        parts.append(wrapped(TELL, first.cause.tell, width))
    parts += _steps(first.cause, diagnosis, pages, width)
    for other in others:
        parts.append(_other_text(other, width))
        if fixes == "all":
            parts += _steps(other.cause, diagnosis, pages, width)
        elif fixes == "a line each" and other.verdict is not Verdict.RULED_OUT:
            parts.append(_fix(other.cause, diagnosis, width))
    return [*parts, wrapped("", _MORE, width)] if others and fixes == "a line each" else parts


def _other_text(other: RankedCause, width: int) -> str:
    because = f" {other.lead}: {other.because}" if other.because else ""
    tell = f" {TELL}{other.cause.tell}" if other.verdict is Verdict.POSSIBLE else ""
    return wrapped(VERDICTS[other.verdict][1], f"{other.cause.summary}{because}{tell}", width)


def _fix(cause: Cause, diagnosis: Diagnosis, width: int) -> str:
    """The first step in one line: who, and what to do."""
    remedy = cause.remedies[0]
    return "   " + textwrap.shorten(
        f"Fix: {remedy.who}: {what_to_do(remedy, diagnosis)}", max(width, 80) - 3, placeholder=" …"
    )


def _steps(cause: Cause, diagnosis: Diagnosis, pages: Pages, width: int) -> list[str]:
    lines = []
    for number, remedy in enumerate(cause.remedies, 1):
        step = f"{remedy.who}: {remedy.where}: {what_to_do(remedy, diagnosis)}"
        lines.append(wrapped(f"{number}. ", step, width))
        lines += [f"   Open {link.label}: {link.url}" for link in links_for(remedy.where, pages)]
    hint = links_hint(cause.remedies, pages)
    return [*lines, wrapped("", hint, width)] if hint else lines


def run_text(run: Run) -> str:
    """The verdict, then every finding, without times, so that the same outcome results in the same text."""
    first = f"{run.title}: {run.connection}{place_of(run.host)}: {headline(run)}"
    return "\n".join([first, findings_text(run.findings)])
