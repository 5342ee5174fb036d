"""The summary as a page, and as Markdown."""

from __future__ import annotations

import re

from sfrunbook.core.model import Skip, Status
from sfrunbook.core.moments import local_and_utc
from sfrunbook.core.words import skip_word
from sfrunbook.report.file_names import safe_name
from sfrunbook.report.handover.sheet import ATTESTED, NOT_PROVED, Row, Section, Sheet
from sfrunbook.report.templating import render
from sfrunbook.report.words import ICONS, line_of

__all__ = ["file_stem", "sheet_markdown", "sheet_page"]

#: the sign before each outcome; the word means the same
_SIGNS = {
    **{status.value: sign for status, sign in ICONS.items()},
    **{skip_word(Status.SKIPPED, skip): "○" if skip is Skip.TO_DO else "-" for skip in Skip},
    NOT_PROVED: "?",
    ATTESTED: "✎",
    "": "",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|#~])")


def file_stem(connection: str) -> str:
    """The name of the sheet's files without ending, safe for any connection name."""
    return f"hand-over-{safe_name(connection)}"


def sheet_page(sheet: Sheet) -> str:
    """A self-contained HTML page that can be printed."""
    return render("handover_page.html.j2", sheet=sheet, signs=_SIGNS, made_at=_made_at(sheet))


def sheet_markdown(sheet: Sheet) -> str:
    parts = [f"# Summary: {_escaped(sheet.connection)}", _escaped(sheet.headline), _escaped(sheet.next_step)]
    parts.append(f"Created {_made_at(sheet)}. It contains no secret.")
    for section in sheet.sections:
        parts.append(f"## {_escaped(section.title)}")
        if section.intro:
            parts.append(_escaped(section.intro))
        if section.rows:
            parts.append("\n".join(_table(section)))
        if section.hint:
            parts.append(_escaped(section.hint))
        for letter in section.letters:
            parts.append(f"Message for the {_escaped(letter.to)}:")
            parts.append(f"````text\n{letter.text}\n````")
    return "\n\n".join([*parts, _escaped(sheet.legend)] if sheet.legend else parts) + "\n"


def _table(section: Section) -> list[str]:
    if section.is_evidence:
        return ["| Result | Check | Details | When |", "| --- | --- | --- | --- |", *map(_evidence_row, section.rows)]
    return ["| What | Value |", "| --- | --- |", *map(_value_row, section.rows)]


def _evidence_row(row: Row) -> str:
    return f"| {_SIGNS[row.outcome]} {row.outcome} | {_line(row.name)} | {_line(row.value)} | {row.at} |"


def _value_row(row: Row) -> str:
    links = "".join(f" [Open {_escaped(link.label)}]({link.url})" for link in row.links)
    return f"| {_line(row.name)} | {_line(row.value)}{links} |"


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _line(text: str) -> str:
    return line_of(_escaped(text))


def _made_at(sheet: Sheet) -> str:
    return local_and_utc(sheet.made_at)
