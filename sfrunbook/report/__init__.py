"""Findings, diagnoses and runs in the forms that people and programs read: text, cards, page, JSON, JUnit.

The names below are loaded when they are first used, so that a text costs no templates.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfrunbook.report.cards import (
        Card,
        Link,
        card,
        diagnosis_card,
        finding_card,
        findings_card,
        run_card,
        run_page,
        table,
    )
    from sfrunbook.report.data import diagnosis_data, finding_data, run_data, run_json, run_junit, run_schema
    from sfrunbook.report.letter import message
    from sfrunbook.report.metrics import run_metrics
    from sfrunbook.report.org import org_card
    from sfrunbook.report.text import diagnosis_text, finding_text, run_text
    from sfrunbook.report.trend import history_data, history_page, history_text
    from sfrunbook.report.words import headline

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
    "history_data",
    "history_page",
    "history_text",
    "message",
    "org_card",
    "run_card",
    "run_data",
    "run_json",
    "run_junit",
    "run_metrics",
    "run_page",
    "run_schema",
    "run_text",
    "table",
]

_HOMES = {
    "cards": (
        "Card",
        "Link",
        "card",
        "diagnosis_card",
        "finding_card",
        "findings_card",
        "run_card",
        "run_page",
        "table",
    ),
    "data": ("diagnosis_data", "finding_data", "run_data", "run_json", "run_junit", "run_schema"),
    "metrics": ("run_metrics",),
    "trend": ("history_data", "history_page", "history_text"),
    "org": ("org_card",),
    "text": ("diagnosis_text", "finding_text", "run_text"),
    "words": ("headline",),
    "letter": ("message",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"sfrunbook.report.{home}"), name)
    raise AttributeError(f"module 'sfrunbook.report' has no attribute {name!r}")
