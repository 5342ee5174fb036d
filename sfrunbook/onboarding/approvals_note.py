"""What is said of the approvals before a login makes another; pure but for the counting."""

from __future__ import annotations

from sfrunbook import report
from sfrunbook.model import Status
from sfrunbook.report import Card
from sfrunbook.workbench import Workbench

__all__ = ["approvals_card", "approvals_note"]


def approvals_note(bench: Workbench) -> Card:
    """How many approvals there are already, or that they cannot be counted before the first login."""
    counting = getattr(bench, "approvals", None)
    if counting is None:
        return approvals_card(None, 5)
    counted = counting()
    return approvals_card(counted.count, counted.limit, counted.counted_by)


def approvals_card(count: int | None, limit: int, counted_by: str = "") -> Card:
    """The count in words; the login that ends the oldest approval is warned of."""
    rule = f"Salesforce keeps {limit} approvals for each user and app; one more ends the oldest, wherever it is used."
    if count is None:
        how = "After the first login they can be." if not counted_by else f"{counted_by}."
        return report.card("How many approvals are in use cannot be counted now.", f"{rule} {how}")
    told = f"{count} of {limit} approvals of this user and app are in use{f' ({counted_by})' if counted_by else ''}."
    if count >= limit:
        step = "Log in as another user, or take an approval back first: Setup > OAuth Connected Apps of that user."
        return report.card(told, f"{rule} {step}", Status.WARNING)
    return report.card(told, f"{rule} This login makes one more.")
