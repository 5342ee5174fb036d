"""Findings, diagnoses and runs as plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from sfrunbook.core.model import Cause, Diagnosis, Finding, Run, Stage, Verdict
from sfrunbook.report.words import (
    INDENT,
    NONE_FITS,
    VERDICTS,
    headline,
    judged,
    label_of,
    legend_of,
    line_of,
    seen_of,
    what_to_do,
    wrapped,
    written_at,
)

__all__ = ["diagnosis_text", "finding_text", "findings_text", "run_text"]


def finding_text(finding: Finding) -> str:
    """`[PASS] name-of-the-check  sentence`, and beneath it the diagnosis of what did not pass."""
    first = f"[{label_of(finding.status, finding.skip)}] {finding.check}  {line_of(finding.detail or finding.claim)}"
    if finding.diagnosis is None:
        return first
    return f"{first}\n{textwrap.indent(diagnosis_text(finding.diagnosis), INDENT)}"


def findings_text(findings: Sequence[Finding]) -> str:
    """Several findings, and below them what the marks in their sentences mean."""
    parts = [finding_text(finding) for finding in findings]
    return "\n".join([*parts, wrapped("", legend)] if (legend := legend_of(findings)) else parts)


def diagnosis_text(diagnosis: Diagnosis) -> str:
    """What, why, the likeliest cause with its steps, the others by name, and where it is written.

    Where evidence was gathered, each cause carries its verdict and the reason for it.
    """
    parts = [wrapped("What: ", diagnosis.what), wrapped("Why:  ", diagnosis.why)]
    parts += _weighed_text(diagnosis) if diagnosis.weighed else _listed_text(diagnosis)
    parts += [wrapped("Seen: ", line) for line in seen_of(diagnosis)]
    if diagnosis.failure.stage is not Stage.LOCAL:  # a rule of this runbook is written nowhere else
        parts.append(f"Written at: {diagnosis.source} {written_at(diagnosis)}")
    parts.append(f"Code: {diagnosis.code}")
    return "\n".join(parts)


def _listed_text(diagnosis: Diagnosis) -> list[str]:
    likeliest, *others = diagnosis.causes
    parts = [wrapped("Likeliest cause: ", likeliest.summary), wrapped("Told by: ", likeliest.tell)]
    parts += _steps(likeliest)
    return parts + [wrapped("Or: ", f"{cause.summary} Told by: {cause.tell}") for cause in others]


def _weighed_text(diagnosis: Diagnosis) -> list[str]:
    """The first cause with its steps, the others with their reasons, last those that are ruled out."""
    first, *others = diagnosis.weighed
    parts = [] if first.verdict is not Verdict.RULED_OUT else [wrapped("", NONE_FITS)]
    parts += [wrapped(VERDICTS[first.verdict][0], first.cause.summary), wrapped(f"{first.lead}: ", first.because)]
    if first.verdict is not Verdict.CONFIRMED:
        parts.append(wrapped("Told by: ", first.cause.tell))
    parts += _steps(first.cause)
    for one in others:
        tell = f" Told by: {one.cause.tell}" if one.verdict is Verdict.POSSIBLE else ""
        parts.append(wrapped(VERDICTS[one.verdict][1], f"{one.cause.summary} {one.lead}: {one.because}{tell}"))
    return [*parts, wrapped("", judged(diagnosis))]


def _steps(cause: Cause) -> list[str]:
    return [
        wrapped(f"{number}. ", f"{remedy.who}: {remedy.where}: {what_to_do(remedy)}")
        for number, remedy in enumerate(cause.remedies, 1)
    ]


def run_text(run: Run) -> str:
    """The verdict, then every finding; no times in it, so that the same outcome gives the same text."""
    where = f" at {run.host}" if run.host else ""
    first = f"{run.title}: {run.connection}{where}: {headline(run)}"
    return "\n".join([first, findings_text(run.findings)])
