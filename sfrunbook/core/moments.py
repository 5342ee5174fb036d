"""Times as others write them."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["is_after", "moment"]


def moment(text: object) -> datetime | None:
    """ISO 8601 in UTC, such as Salesforce's 2026-11-23T12:00:00.000+0000; None for anything else.

    A time that names no zone is UTC, as Cyclr's are.
    """
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
        if found is None:
            return None
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def is_after(text: object, ours: datetime) -> bool:
    found = moment(text)
    return found is not None and found > ours
