"""Times as others write them, and as people read them."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["is_after", "local_and_utc", "moment"]


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


def local_and_utc(at: datetime) -> str:
    """`2026-11-28 14:05 CET (13:05 UTC)`: the time on this machine first; only UTC where the machine uses that."""
    here, utc = at.astimezone(), at.astimezone(UTC)
    if not here.utcoffset():
        return f"{utc:%Y-%m-%d %H:%M} UTC"
    day = "" if here.date() == utc.date() else f"{utc:%Y-%m-%d} "
    return f"{here:%Y-%m-%d %H:%M %Z} ({day}{utc:%H:%M} UTC)"


def is_after(text: object, ours: datetime) -> bool:
    found = moment(text)
    return found is not None and found > ours
