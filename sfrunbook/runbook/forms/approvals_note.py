"""The note on the approvals before a login adds another."""

from __future__ import annotations

from sfrunbook.core.model import Status
from sfrunbook.report.cards import Card, card
from sfrunbook.salesforce.approvals import Approvals

__all__ = ["approvals_note"]


def approvals_note(approvals: Approvals) -> Card:
    """How many approvals there are already, or why they cannot be counted; few that are left are a warning."""
    if approvals.count is None:
        rule = (
            f"Salesforce keeps {approvals.limit} for each user and app; one more ends the oldest, wherever it is used."
        )
        check = "The user sees theirs under Setup > Personal Information > OAuth Connected Apps."
        return card("This login makes one more approval.", f"{approvals.summary} {rule} {check}")
    if approvals.is_full or approvals.is_near:
        where = "the user's Setup > Personal Information > OAuth Connected Apps"
        step = f"This login may end the oldest one: revoke one that nobody uses first, in {where}."
        return card(approvals.summary, step, Status.WARNING)
    return card(approvals.summary, "This login makes one more. None is ended by it.")
