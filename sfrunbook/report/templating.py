"""The HTML templates of cards and pages, with everything foreign escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sfrunbook.core.model import Status
from sfrunbook.report import words
from sfrunbook.report.letter import judged_causes
from sfrunbook.report.links import links_for, links_hint

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render"]


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from sfrunbook.report.glossary import glossed

    folder = Path(__file__).with_name("templates")
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["glossed"] = glossed
    environment.globals.update(
        icons=words.ICONS,
        words=words.WORDS,
        statuses=tuple(Status),
        wire_lines=words.wire_lines,
        verdicts=words.VERDICTS,
        none_fits=words.NONE_FITS,
        what=words.what_to_do,
        messages=words.messages_of,
        word_of=words.word_of,
        judged_causes=judged_causes,
        sure_of=words.sure_of,
        tell=words.TELL,
        links_for=links_for,
        links_hint=links_hint,
    )
    return environment


def render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)
