"""Findings, diagnoses and runs in the forms that people and programs read: text, cards, page, JSON, JUnit."""

from __future__ import annotations

from sfrunbook.message import message
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
from sfrunbook.report.metrics import run_metrics
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
