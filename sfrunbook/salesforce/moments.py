"""Moments as Salesforce writes them, held against ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["LATEST", "is_after", "is_near", "moment"]

#: an approval is listed with a moment between these two, beside the one that is kept for it
_EARLIEST, LATEST = timedelta(seconds=-60), timedelta(seconds=2)


def moment(text: object) -> datetime | None:
    """Salesforce writes 2026-11-23T12:00:00.000+0000."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None


def is_near(text: object, ours: datetime) -> bool:
    """Whether both mean the same approval."""
    found = moment(text)
    return found is not None and _EARLIEST <= found - ours <= LATEST


def is_after(text: object, ours: datetime) -> bool:
    """Whether it lies later."""
    found = moment(text)
    return found is not None and found > ours
