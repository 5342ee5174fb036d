"""Findings, diagnoses and runs as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

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

__all__ = ["diagnosis_text", "finding_text", "findings_text", "run_text"]


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


def diagnosis_text(
    diagnosis: Diagnosis, pages: Pages = NO_PAGES, *, every_step: bool = False, width: int = WIDTH
) -> str:
    """What, why, the most likely cause with its steps, the others with their fix, the reply as it came, and the source.

    Where facts were gathered, each cause has its verdict and the reason for it. With `pages` each screen is followed
    by its address. The fix of another cause is one line; with `every_step` all its steps are shown.
    """
    parts = [wrapped("What: ", diagnosis.what, width), wrapped("Why:  ", diagnosis.why, width)]
    parts += _causes_text(diagnosis, pages, every_step=every_step, width=width)
    parts += [wrapped("Details: ", line, width) for line in wire_lines(diagnosis)]
    if sure := sure_of(diagnosis):
        parts.append(f"Source: {diagnosis.source} ({sure})")
    parts.append(f"Code: {diagnosis.code}")
    return "\n".join(parts)


def _causes_text(diagnosis: Diagnosis, pages: Pages, *, every_step: bool, width: int) -> list[str]:
    """The first cause with its steps, the others with their fix, last those that are ruled out."""
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
        if other.verdict is Verdict.POSSIBLE:
            parts += (
                _steps(other.cause, diagnosis, pages, width) if every_step else [_fix(other.cause, diagnosis, width)]
            )
    return parts


def _fix(cause: Cause, diagnosis: Diagnosis, width: int) -> str:
    """The first step of a fix, and how many more there are."""
    first, *more = cause.remedies
    rest = f" ({len(more)} more)" if more else ""
    return wrapped("   Fix: ", f"{first.who}: {first.where}: {what_to_do(first, diagnosis)}{rest}", width)


def _other_text(other: RankedCause, width: int) -> str:
    because = f" {other.lead}: {other.because}" if other.because else ""
    tell = f" {TELL}{other.cause.tell}" if other.verdict is Verdict.POSSIBLE else ""
    return wrapped(VERDICTS[other.verdict][1], f"{other.cause.summary}{because}{tell}", width)


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
