"""Findings, diagnoses and runs as programs read them: JSON, and XML for JUnit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sfrunbook import __version__
from sfrunbook.core.model import Diagnosis, Finding, Run, Status
from sfrunbook.report.text import finding_text
from sfrunbook.report.words import counts_of, headline, xml_text

__all__ = ["diagnosis_data", "finding_data", "run_data", "run_json", "run_junit", "run_schema"]

_SCHEMA_VERSION = 1


def diagnosis_data(diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis as JSON has it: `{code, what, why, mark, source, infrastructure, failure{}, causes[]}`.

    A cause is `{code, summary, tell, remedies[], verdict, because}`; `verdict` is confirmed, possible or ruled_out, and
    null where nothing was gathered. A remedy is `{who, where, what, mark}`.
    """
    failure = diagnosis.failure
    ranked = {cause.cause.code: cause for cause in diagnosis.ranked}
    return {
        "code": diagnosis.code,
        "what": diagnosis.what,
        "why": diagnosis.why,
        "mark": diagnosis.mark.value,
        "source": diagnosis.source,
        "infrastructure": diagnosis.infrastructure,
        "failure": {**vars(failure), "evidence": dict(failure.evidence)},
        "causes": [
            {
                "code": cause.code,
                "summary": cause.summary,
                "tell": cause.tell,
                "remedies": [
                    {"who": step.who, "where": step.where, "what": step.what, "mark": step.mark.value}
                    for step in cause.remedies
                ],
                "verdict": ranked[cause.code].verdict.value if cause.code in ranked else None,
                "because": ranked[cause.code].because if cause.code in ranked else None,
            }
            for cause in diagnosis.causes
        ],
    }


def finding_data(finding: Finding) -> dict[str, Any]:
    """A finding as JSON has it: `{check, claim, status, detail, evidence{}, duration_seconds, diagnosis|null}`."""
    return {
        "check": finding.check,
        "claim": finding.claim,
        "status": finding.status.value,
        "detail": finding.detail,
        "evidence": dict(finding.evidence),
        "duration_seconds": round(finding.duration_seconds, 3),
        "diagnosis": diagnosis_data(finding.diagnosis) if finding.diagnosis else None,
    }


def run_schema() -> str:
    return (Path(__file__).with_name("schemas") / f"run-{_SCHEMA_VERSION}.schema.json").read_text("utf-8")


def run_data(
    run: Run, *, exit_code: int | None = None, notebooks: Sequence[Mapping[str, Any]] | None = None
) -> dict[str, Any]:
    """A run as JSON has it; `version` rises when a field changes its meaning or goes, not when one is added.

    `sfrunbook schema` prints its JSON Schema. Exit code and notebooks are there for runs of notebooks.
    """
    more = {"exit_code": exit_code, "notebooks": notebooks}
    return {
        "schema": "sfrunbook-run",
        "version": _SCHEMA_VERSION,
        "made_by": f"sfrunbook {__version__}",
        "title": run.title,
        "connection": run.connection,
        "host": run.host,
        "started_at": run.started_at.isoformat(),
        "duration_seconds": round(run.duration_seconds, 3),
        "status": run.status.value,
        "headline": headline(run),
        "counts": {status.value: number for status, number in counts_of(run).items()},
        **{name: value for name, value in more.items() if value is not None},
        "findings": [finding_data(finding) for finding in run.findings],
    }


def run_json(run: Run, **more: Any) -> str:  # noqa: ANN401 - those of `run_data`
    return json.dumps(run_data(run, **more), indent=2, ensure_ascii=False) + "\n"


def run_junit(run: Run) -> str:
    """JUnit XML: failed is `failure`, inconclusive is `error`, skipped is `skipped`, a warning goes to `system-out`."""
    from xml.etree import ElementTree as Xml

    counts = counts_of(run)
    suite = Xml.Element(
        "testsuite",
        name=xml_text(run.title),
        tests=str(len(run.findings)),
        failures=str(counts[Status.FAILED]),
        errors=str(counts[Status.INCONCLUSIVE]),
        skipped=str(counts[Status.SKIPPED]),
        time=f"{run.duration_seconds:.3f}",
        timestamp=run.started_at.isoformat(),
    )
    tags = {Status.FAILED: "failure", Status.INCONCLUSIVE: "error", Status.SKIPPED: "skipped"}
    for finding in run.findings:
        seconds = f"{finding.duration_seconds:.3f}"
        case = Xml.SubElement(suite, "testcase", classname=xml_text(run.connection), name=finding.check, time=seconds)
        if finding.status in tags:
            outcome = Xml.SubElement(case, tags[finding.status], message=xml_text(finding.detail or finding.claim))
            outcome.set("type", finding.diagnosis.code if finding.diagnosis else finding.status.value)
            outcome.text = xml_text(finding_text(finding))
        elif finding.status is Status.WARNING:
            Xml.SubElement(case, "system-out").text = xml_text(finding_text(finding))
    Xml.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(suite, encoding="unicode") + "\n"
