"""The summary as a page, as Markdown, and as a card in a notebook."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from sfrunbook.core.model import Skip, Status
from sfrunbook.core.moments import local_and_utc
from sfrunbook.core.words import skip_word
from sfrunbook.report.cards import Card
from sfrunbook.report.file_names import safe_name
from sfrunbook.report.handover.sheet import ATTESTED, NOT_PROVED, Row, Section, Sheet
from sfrunbook.report.templating import render
from sfrunbook.report.words import ICONS

__all__ = ["file_stem", "sheet_card", "sheet_markdown", "sheet_page"]

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


def sheet_card(sheet: Sheet) -> Card:
    """The sheet as a notebook shows it; its text is that of the Markdown, without the links."""
    html = render("handover_card.html.j2", sheet=sheet, signs=_SIGNS, made_at=_made_at(sheet))
    return Card(text=_markdown(_without_links(sheet), str), html=html)


def _without_links(sheet: Sheet) -> Sheet:
    sections = (
        replace(section, rows=tuple(replace(row, links=()) for row in section.rows)) for section in sheet.sections
    )
    return replace(sheet, sections=tuple(sections))


def sheet_markdown(sheet: Sheet) -> str:
    return _markdown(sheet, _escaped) + "\n"


def _markdown(sheet: Sheet, words: Callable[[str], str]) -> str:
    parts = [f"# Summary: {words(sheet.connection)}", words(sheet.headline), words(sheet.next_step)]
    parts.append(f"Created {_made_at(sheet)}. It contains no secret.")
    for section in sheet.sections:
        parts.append(f"## {words(section.title)}")
        if section.intro:
            parts.append(words(section.intro))
        if section.rows:
            parts.append("\n".join(_table(section, words)))
        if section.hint:
            parts.append(words(section.hint))
        for letter in section.letters:
            parts.append(f"Message for the {words(letter.to)}:")
            parts.append(f"````text\n{letter.text}\n````")
    return "\n\n".join([*parts, words(sheet.legend)] if sheet.legend else parts)


def _table(section: Section, words: Callable[[str], str]) -> list[str]:
    if section.is_evidence:
        lines = ["| Result | Check | Details | When |", "| --- | --- | --- | --- |"]
        for row in section.rows:
            outcome = f"{_SIGNS[row.outcome]} {row.outcome}"
            lines.append(f"| {outcome} | {_line(words(row.name))} | {_line(words(row.value))} | {row.at} |")
        return lines
    lines = ["| What | Value |", "| --- | --- |"]
    return lines + [
        f"| {_line(words(row.name))} | {_line(words(row.value))}{_links(row, words)} |" for row in section.rows
    ]


def _links(row: Row, words: Callable[[str], str]) -> str:
    return "".join(f" [Open {words(link.label)}]({link.url})" for link in row.links)


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _line(text: str) -> str:
    return " ".join(text.split())


def _made_at(sheet: Sheet) -> str:
    return local_and_utc(sheet.made_at)
