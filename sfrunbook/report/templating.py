"""The HTML templates of cards and pages, with everything foreign escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sfrunbook.core.model import Status
from sfrunbook.report.words import (
    ICONS,
    NONE_FITS,
    VERDICTS,
    WORDS,
    judged,
    messages_of,
    seen_of,
    what_to_do,
    word_of,
    written_at,
)

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render"]


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
        icons=ICONS,
        words=WORDS,
        statuses=tuple(Status),
        seen=seen_of,
        verdicts=VERDICTS,
        none_fits=NONE_FITS,
        what=what_to_do,
        messages=messages_of,
        word_of=word_of,
        judged=judged,
        written_at=written_at,
    )
    return environment


def render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(**values)
