"""Results as a notebook shows them: HTML where that can be shown, text everywhere else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sfrunbook.core.model import Diagnosis, Finding, Run, Skip, Status
from sfrunbook.core.words import counted
from sfrunbook.report.links import NO_PAGES, Pages
from sfrunbook.report.templating import render
from sfrunbook.report.text import diagnosis_text, findings_text, run_text
from sfrunbook.report.trend import trend_of
from sfrunbook.report.words import (
    INDENT,
    counts_of,
    headline,
    label_of,
    legend_of,
    line_of,
    place_of,
    word_of,
    wrapped,
)
from sfrunbook.store.runs import RunRecord

__all__ = [
    "Card",
    "card",
    "checks_card",
    "connected_card",
    "diagnosis_card",
    "findings_card",
    "run_card",
    "run_page",
    "table",
]

#: widest column of a table in text
_COLUMN = 60


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

    def __add__(self, below: Card) -> Card:
        return Card(text=f"{self.text}\n{below.text}", html=self.html + below.html)


def card(title: str, body: str = "", status: Status | None = None, *, skip: Skip | None = None) -> Card:
    """A card of a title and plain text, each line of `body` a paragraph.

    With `skip` it shows something that was not done, and why.
    """
    status = Status.SKIPPED if skip else status
    label = f"[{label_of(status, skip)}] " if status else ""
    lines = [line for line in body.splitlines() if line.strip()]
    text = "\n".join([f"{label}{title}", *(f"{INDENT}{line}" for line in lines)])
    word = word_of(status, skip) if status else ""
    return Card(text=text, html=render("card.html.j2", title=title, status=status, word=word, lines=lines))


def findings_card(findings: Iterable[Finding]) -> Card:
    """Several findings as cards."""
    findings = tuple(findings)
    html = render("finding.html.j2", findings=findings, legend=legend_of(findings), pages=NO_PAGES)
    return Card(text=findings_text(findings), html=html)


def checks_card(findings: Iterable[Finding], pages: Pages = NO_PAGES) -> Card:
    """The checks of a step, one line each: what needs a look is open, what passed or waits is folded to a count."""
    findings = tuple(findings)
    passed = [found for found in findings if found.status is Status.PASSED]
    waiting = [found for found in findings if found.status is Status.SKIPPED]
    folded = (
        (Status.PASSED, f"{counted(len(passed), 'check')} passed", passed),
        (Status.SKIPPED, f"{counted(len(waiting), 'check')} not run", waiting),
    )
    left = [found for found in findings if found not in passed and found not in waiting]
    return Card(text=findings_text(findings), html=render("checks.html.j2", open=left, folded=folded, pages=pages))


def connected_card(title: str, facts: Mapping[str, str]) -> Card:
    """The end of the work: what is connected, and the facts by name."""
    text = "\n".join([title, *(f"{INDENT}{name}: {value}" for name, value in facts.items())])
    return Card(text=text, html=render("connected.html.j2", title=title, facts=facts))


def diagnosis_card(diagnosis: Diagnosis, pages: Pages = NO_PAGES) -> Card:
    """A diagnosis as a card; screens get a link in HTML where `pages` or the host that failed say where they are."""
    return Card(text=diagnosis_text(diagnosis), html=render("diagnosis.html.j2", diagnosis=diagnosis, pages=pages))


def run_card(run: Run) -> Card:
    """All findings of a run, without times, so that the same outcome results in the same card."""
    return Card(text=run_text(run), html=render("run_card.html.j2", **_values_of(run)))


def run_page(run: Run, *, past: Sequence[RunRecord] = ()) -> str:
    """A self-contained HTML page that can be printed; `past` are runs up to this one."""
    counts, total = counts_of(run), len(run.findings)
    return render("run_page.html.j2", **_values_of(run), counts=counts, total=total, trend=trend_of(past))


def _values_of(run: Run) -> dict[str, object]:
    """What the templates show of a run; the screens are those of the host that was tested."""
    pages = Pages(org=run.host)
    words = {"headline": headline(run), "legend": legend_of(run.findings), "place": place_of(run.host)}
    return {"run": run, "pages": pages, **words}


def table(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | None = None, caption: str = "", note: str = ""
) -> Card:
    """Rows as a table; None is shown as empty. `columns` defaults to the keys of the rows in order of first sight.

    `note` is a sentence below it.
    """
    rows = list(rows)
    columns = list(columns) if columns is not None else list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    html = render("table.html.j2", caption=caption, columns=columns, cells=cells, note=note)
    text = _table_text(columns, cells, caption)
    return Card(text=f"{text}\n{wrapped('', note)}" if note else text, html=html)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _table_text(columns: Sequence[str], cells: Sequence[Sequence[str]], caption: str) -> str:
    short = [[_cut(line_of(cell)) for cell in row] for row in (columns, *cells)]
    widths = [max(len(row[place]) for row in short) for place in range(len(columns))]
    head, *rest = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in short
    ]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([*([caption] if caption else []), head, rule, *rest])


def _cut(text: str) -> str:
    return text if len(text) <= _COLUMN else text[: _COLUMN - 2] + " …"
