"""Findings, diagnoses and runs in the forms that people and programs read: text, cards, page, JSON, JUnit."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sfrunbook.message import RECIPIENTS, UNCONFIRMED, message
from sfrunbook.model import Cause, Diagnosis, Finding, Mark, Remedy, Run, Stage, Status, Verdict

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = [
    "Card",
    "Link",
    "card",
    "diagnosis_card",
    "diagnosis_data",
    "diagnosis_text",
    "finding_card",
    "finding_data",
    "finding_text",
    "findings_card",
    "headline",
    "message",
    "run_card",
    "run_data",
    "run_json",
    "run_junit",
    "run_page",
    "run_text",
    "table",
]

_SCHEMA_VERSION = 1
_WIDTH = 100
#: widest column of a table in text
_COLUMN = 60
_INDENT = " " * 7
_LABELS = {
    Status.PASSED: "PASS",
    Status.FAILED: "FAIL",
    Status.WARNING: "WARN",
    Status.SKIPPED: "SKIP",
    Status.INCONCLUSIVE: "INCONCLUSIVE",
}
#: the character that says a status without colour, and the words that say it without the character
_ICONS = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.WARNING: "!",
    Status.SKIPPED: "-",
    Status.INCONCLUSIVE: "?",
}
_WORDS = {
    Status.PASSED: "passed",
    Status.FAILED: "failed",
    Status.WARNING: "warning",
    Status.SKIPPED: "skipped",
    Status.INCONCLUSIVE: "inconclusive",
}
#: words before a cause: in the first place, and after it
_VERDICTS = {
    Verdict.CONFIRMED: ("Confirmed cause: ", "Also confirmed: "),
    Verdict.POSSIBLE: ("Likeliest cause: ", "Possible: "),
    Verdict.RULED_OUT: ("Ruled out: ", "Ruled out: "),
}
_NONE_FITS = (
    "Every known cause is ruled out by what was gathered: read Setup > Identity > Login History for the line of this "
    "minute."
)
#: characters that XML 1.0 cannot hold
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class Card:
    """A result as a notebook shows it: HTML where that can be shown, text everywhere else."""

    text: str
    #: self-contained fragment; everything foreign in it is escaped
    html: str

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


class Link(NamedTuple):
    """A value of a table that leads somewhere; an address of another scheme than http(s) is shown as text only."""

    text: str
    #: relative to the notebook, or http(s)
    address: str


def card(title: str, body: str = "", status: Status | None = None) -> Card:
    """A card of a title and plain text; each line of `body` becomes a paragraph."""
    label = f"[{_LABELS[status]}] " if status else ""
    lines = [line for line in body.splitlines() if line.strip()]
    text = "\n".join([f"{label}{title}", *(f"{_INDENT}{line}" for line in lines)])
    return Card(text=text, html=_render("card.html.j2", title=title, status=status, lines=lines))


def finding_card(finding: Finding) -> Card:
    """One finding, with its diagnosis where there is one."""
    return Card(text=finding_text(finding), html=_render("finding.html.j2", findings=(finding,)))


def findings_card(findings: Iterable[Finding]) -> Card:
    """Several findings, one beneath the other."""
    findings = tuple(findings)
    text = "\n".join(finding_text(finding) for finding in findings)
    return Card(text=text, html=_render("finding.html.j2", findings=findings))


def diagnosis_card(diagnosis: Diagnosis) -> Card:
    """One diagnosis by itself."""
    return Card(text=diagnosis_text(diagnosis), html=_render("diagnosis.html.j2", diagnosis=diagnosis))


def run_card(run: Run) -> Card:
    """All findings of a run; no times in it, so that the same outcome gives the same card."""
    return Card(text=run_text(run), html=_render("run_card.html.j2", run=run, headline=headline(run)))


def table(rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | None = None, caption: str = "") -> Card:
    """Rows as a table; None is shown as empty. `columns` defaults to the keys of the rows in order of first sight."""
    rows = list(rows)
    columns = list(columns) if columns is not None else list(dict.fromkeys(key for row in rows for key in row))
    values = [[row.get(column) for column in columns] for row in rows]
    cells = [[_cell(value) for value in row] for row in values]
    linked = [[(_cell(value), _address(value)) for value in row] for row in values]
    html = _render("table.html.j2", caption=caption, columns=columns, cells=linked)
    return Card(text=_table_text(columns, cells, caption), html=html)


def headline(run: Run) -> str:
    """The verdict in one sentence."""
    counts, total = _counts(run), len(run.findings)
    if not total:
        return "No verdict: no check was carried out."
    if counts[Status.FAILED]:
        return f"{counts[Status.FAILED]} of {_checks(total)} failed."
    if counts[Status.INCONCLUSIVE]:
        return f"No verdict: {counts[Status.INCONCLUSIVE]} of {_checks(total)} could not be carried out."
    if counts[Status.WARNING]:
        return f"Passed, with {counts[Status.WARNING]} of {_checks(total)} giving a warning."
    if counts[Status.SKIPPED] == total:
        return f"No verdict: {_checks(total)} skipped."
    skipped = f", {counts[Status.SKIPPED]} skipped" if counts[Status.SKIPPED] else ""
    every = "All " if counts[Status.PASSED] > 1 else ""
    return f"{every}{_checks(counts[Status.PASSED])} passed{skipped}."


def finding_text(finding: Finding) -> str:
    """`[PASS] name-of-the-check  sentence`, and beneath it the diagnosis of what did not pass."""
    first = f"[{_LABELS[finding.status]}] {finding.check}  {_line(finding.detail or finding.claim)}"
    if finding.diagnosis is None:
        return first
    return f"{first}\n{textwrap.indent(diagnosis_text(finding.diagnosis), _INDENT)}"


def diagnosis_text(diagnosis: Diagnosis) -> str:
    """What, why, the likeliest cause with its steps, the others by name, and where it is written.

    Where evidence was gathered, each cause carries its verdict and the reason for it.
    """
    parts = [_wrapped("What: ", diagnosis.what), _wrapped("Why:  ", diagnosis.why)]
    parts += _weighed_text(diagnosis) if diagnosis.weighed else _listed_text(diagnosis)
    parts += [_wrapped("Seen: ", line) for line in _seen(diagnosis)]
    if diagnosis.failure.stage is not Stage.LOCAL:  # a rule of this runbook is written nowhere else
        parts.append(f"Written at: {diagnosis.source} ({diagnosis.mark.value})")
    parts.append(f"Code: {diagnosis.code}")
    return "\n".join(parts)


def _listed_text(diagnosis: Diagnosis) -> list[str]:
    likeliest, *others = diagnosis.causes
    parts = [_wrapped("Likeliest cause: ", likeliest.summary), _wrapped("Told by: ", likeliest.tell)]
    parts += _steps(likeliest)
    return parts + [_wrapped("Or: ", f"{cause.summary} Told by: {cause.tell}") for cause in others]


def _weighed_text(diagnosis: Diagnosis) -> list[str]:
    """The first cause with its steps, the others with their reasons, last those that are ruled out."""
    first, *others = diagnosis.weighed
    parts = [] if first.verdict is not Verdict.RULED_OUT else [_wrapped("", _NONE_FITS)]
    parts += [_wrapped(_VERDICTS[first.verdict][0], first.cause.summary), _wrapped("Because: ", first.because)]
    if first.verdict is not Verdict.CONFIRMED:
        parts.append(_wrapped("Told by: ", first.cause.tell))
    parts += _steps(first.cause)
    for one in others:
        tell = f" Told by: {one.cause.tell}" if one.verdict is Verdict.POSSIBLE else ""
        parts.append(_wrapped(_VERDICTS[one.verdict][1], f"{one.cause.summary} Because: {one.because}{tell}"))
    return parts


def _steps(cause: Cause) -> list[str]:
    return [
        _wrapped(f"{number}. ", f"{remedy.who}: {remedy.where}: {_what(remedy)}")
        for number, remedy in enumerate(cause.remedies, 1)
    ]


def _what(remedy: Remedy) -> str:
    """What to do, and whether that is only guessed."""
    return f"{remedy.what} {UNCONFIRMED}" if remedy.mark is Mark.GUESS else remedy.what


def _messages(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """For whom there is something to do, and the message to copy."""
    found = [(to, message(diagnosis, to=to)) for to in RECIPIENTS]
    return [(to, text) for to, text in found if text]


def run_text(run: Run) -> str:
    """The verdict, then every finding; no times in it, so that the same outcome gives the same text."""
    first = f"{run.title}: {run.connection} at {run.host}: {headline(run)}"
    return "\n".join([first, *(finding_text(finding) for finding in run.findings)])


def run_page(run: Run) -> str:
    """A whole HTML page that needs nothing but itself and can be printed."""
    counts = _counts(run)
    return _render("run_page.html.j2", run=run, headline=headline(run), counts=counts, total=len(run.findings))


def diagnosis_data(diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis as JSON has it: `{code, what, why, mark, source, infrastructure, failure{}, causes[]}`.

    A cause is `{code, summary, tell, remedies[], verdict, because}`; `verdict` is confirmed, possible or ruled_out, and
    null where nothing was gathered. A remedy is `{who, where, what, mark}`.
    """
    failure = diagnosis.failure
    weighed = {one.cause.code: one for one in diagnosis.weighed}
    return {
        "code": diagnosis.code,
        "what": diagnosis.what,
        "why": diagnosis.why,
        "mark": diagnosis.mark.value,
        "source": diagnosis.source,
        "infrastructure": diagnosis.infrastructure,
        "failure": {
            "stage": failure.stage.value,
            "host": failure.host,
            "http_status": failure.http_status,
            "error": failure.error,
            "description": failure.description,
            "evidence": dict(failure.evidence),
        },
        "causes": [
            {
                "code": cause.code,
                "summary": cause.summary,
                "tell": cause.tell,
                "remedies": [
                    {"who": one.who, "where": one.where, "what": one.what, "mark": one.mark.value}
                    for one in cause.remedies
                ],
                "verdict": weighed[cause.code].verdict.value if cause.code in weighed else None,
                "because": weighed[cause.code].because if cause.code in weighed else None,
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


def run_data(run: Run) -> dict[str, Any]:
    """A run as JSON has it; `version` rises when a field changes its meaning or goes, not when one is added."""
    return {
        "schema": "sfrunbook-run",
        "version": _SCHEMA_VERSION,
        "title": run.title,
        "connection": run.connection,
        "host": run.host,
        "started_at": run.started_at.isoformat(),
        "duration_seconds": round(run.duration_seconds, 3),
        "status": run.status.value,
        "headline": headline(run),
        "counts": {status.value: number for status, number in _counts(run).items()},
        "findings": [finding_data(finding) for finding in run.findings],
    }


def run_json(run: Run) -> str:
    """`run_data` as text."""
    return json.dumps(run_data(run), indent=2, ensure_ascii=False) + "\n"


def run_junit(run: Run) -> str:
    """JUnit XML: failed is `failure`, inconclusive is `error`, skipped is `skipped`, a warning goes to `system-out`."""
    from xml.etree import ElementTree as Xml

    counts = _counts(run)
    suite = Xml.Element(
        "testsuite",
        name=_xml(run.title),
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
        case = Xml.SubElement(suite, "testcase", classname=_xml(run.connection), name=finding.check, time=seconds)
        if finding.status in tags:
            outcome = Xml.SubElement(case, tags[finding.status], message=_xml(finding.detail or finding.claim))
            outcome.set("type", finding.diagnosis.code if finding.diagnosis else finding.status.value)
            outcome.text = _xml(finding_text(finding))
        elif finding.status is Status.WARNING:
            Xml.SubElement(case, "system-out").text = _xml(finding_text(finding))
    Xml.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(suite, encoding="unicode") + "\n"


def _counts(run: Run) -> dict[Status, int]:
    return {status: sum(finding.status is status for finding in run.findings) for status in Status}


def _checks(number: int) -> str:
    return f"{number} check" if number == 1 else f"{number} checks"


def _seen(diagnosis: Diagnosis) -> list[str]:
    """What came over the wire, in words that can be searched for; for an unknown error, all of it."""
    failure = diagnosis.failure
    status = f"HTTP {failure.http_status}" if failure.http_status is not None else ""
    shown = [part for part in (failure.host, status, failure.error, failure.description) if part]
    lines = [", ".join(_line(part) for part in shown)] if failure.http_status is not None or failure.host else []
    if not diagnosis.code.startswith("unrecognised"):
        return lines
    return lines + [f"{_line(name)}: {_line(value)}" for name, value in failure.evidence.items()]


def _line(text: str) -> str:
    return " ".join(text.split())


def _wrapped(label: str, text: str) -> str:
    hanging = " " * len(label)
    return textwrap.fill(
        _line(text),
        width=_WIDTH,
        initial_indent=label,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Link):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _address(value: object) -> str:
    if not isinstance(value, Link):
        return ""
    scheme = re.match(r"\s*([^/?#]*?):", value.address)
    return value.address if scheme is None or scheme.group(1).lower() in ("http", "https") else ""


def _table_text(columns: Sequence[str], cells: Sequence[Sequence[str]], caption: str) -> str:
    short = [[_cut(_line(cell)) for cell in row] for row in (columns, *cells)]
    widths = [max(len(row[place]) for row in short) for place in range(len(columns))]
    head, *rest = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in short
    ]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([*([caption] if caption else []), head, rule, *rest])


def _cut(text: str) -> str:
    return text if len(text) <= _COLUMN else text[: _COLUMN - 2] + " …"


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).with_name("templates")
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        icons=_ICONS,
        words=_WORDS,
        statuses=tuple(Status),
        seen=_seen,
        verdicts=_VERDICTS,
        none_fits=_NONE_FITS,
        what=_what,
        messages=_messages,
    )
    return environment


def _render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)
