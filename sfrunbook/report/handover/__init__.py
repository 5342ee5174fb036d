"""The hand-over sheet of a connection: what was registered, what was proved, and what remains for whom."""

from __future__ import annotations

from sfrunbook.report.handover.partner_side import PARTNER_STEP, PartnerSeen, partner_sections
from sfrunbook.report.handover.render import file_stem, sheet_card, sheet_markdown, sheet_page
from sfrunbook.report.handover.sheet import Facts, Letter, Row, Section, Sheet, StepFacts, fingerprint, make_sheet

__all__ = [
    "PARTNER_STEP",
    "Facts",
    "Letter",
    "PartnerSeen",
    "Row",
    "Section",
    "Sheet",
    "StepFacts",
    "file_stem",
    "fingerprint",
    "make_sheet",
    "partner_sections",
    "sheet_card",
    "sheet_markdown",
    "sheet_page",
]
