"""Findings, diagnoses and runs as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from sfrunbook.core.model import Cause, Diagnosis, Finding, Run, Stage, Verdict
from sfrunbook.report.links import NO_PAGES, Pages, links_for, links_hint
from sfrunbook.report.words import (
    INDENT,
    NONE_FITS,
    VERDICTS,
    headline,
    label_of,
    legend_of,
    line_of,
    verdicts_legend_of,
    what_to_do,
    wire_lines,
    wrapped,
    written_at,
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


def diagnosis_text(diagnosis: Diagnosis, pages: Pages = NO_PAGES) -> str:
    """What, why, the likeliest cause with its steps, the others by name, and the source.

    Where facts were gathered, each cause has its verdict and the reason for it. With `pages` each screen is followed
    by its address.
    """
    parts = [wrapped("What: ", diagnosis.what), wrapped("Why:  ", diagnosis.why)]
    parts += _ranked_text(diagnosis, pages) if diagnosis.ranked else _listed_text(diagnosis, pages)
    parts += [wrapped("Seen: ", line) for line in wire_lines(diagnosis)]
    if diagnosis.failure.stage is not Stage.LOCAL:  # a rule of this runbook is written nowhere else
        parts.append(f"Written at: {diagnosis.source} {written_at(diagnosis)}")
    parts.append(f"Code: {diagnosis.code}")
    return "\n".join(parts)


def _listed_text(diagnosis: Diagnosis, pages: Pages) -> list[str]:
    likeliest, *others = diagnosis.causes
    parts = [wrapped("Likeliest cause: ", likeliest.summary), wrapped("Told by: ", likeliest.tell)]
    parts += _steps(likeliest, pages)
    return parts + [wrapped("Or: ", f"{cause.summary} Told by: {cause.tell}") for cause in others]


def _ranked_text(diagnosis: Diagnosis, pages: Pages) -> list[str]:
    """The first cause with its steps, the others with their reasons, last those that are ruled out."""
    first, *others = diagnosis.ranked
    parts = [] if first.verdict is not Verdict.RULED_OUT else [wrapped("", NONE_FITS)]
    parts += [wrapped(VERDICTS[first.verdict][0], first.cause.summary), wrapped(f"{first.lead}: ", first.because)]
    if first.verdict is not Verdict.CONFIRMED:
        parts.append(wrapped("Told by: ", first.cause.tell))
    parts += _steps(first.cause, pages)
    for other in others:
        tell = f" Told by: {other.cause.tell}" if other.verdict is Verdict.POSSIBLE else ""
        parts.append(wrapped(VERDICTS[other.verdict][1], f"{other.cause.summary} {other.lead}: {other.because}{tell}"))
    return [*parts, wrapped("", verdicts_legend_of(diagnosis))]


def _steps(cause: Cause, pages: Pages) -> list[str]:
    lines = []
    for number, remedy in enumerate(cause.remedies, 1):
        lines.append(wrapped(f"{number}. ", f"{remedy.who}: {remedy.where}: {what_to_do(remedy)}"))
        lines += [f"   Open {link.label}: {link.url}" for link in links_for(remedy.where, pages)]
    hint = links_hint(cause.remedies, pages)
    return [*lines, wrapped("", hint)] if hint else lines


def run_text(run: Run) -> str:
    """The verdict, then every finding, without times, so that the same outcome results in the same text."""
    where = f" at {run.host}" if run.host else ""
    first = f"{run.title}: {run.connection}{where}: {headline(run)}"
    return "\n".join([first, findings_text(run.findings)])
