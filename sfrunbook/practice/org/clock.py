"""The practice world's clock: real time plus an offset that the control API moves."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]


class Clock:
    """Follows real time from wherever it was put; nothing else in the practice world reads the time."""

    def __init__(self) -> None:
        self._offset_seconds = 0.0

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._offset_seconds

    def now(self) -> datetime:
        """The same moment as an aware UTC time."""
        return datetime.fromtimestamp(self.time(), UTC)

    def advance(self, seconds: float) -> None:
        """Move forward (or back, with a negative number); refuses to leave the years 1971 to 9000.

        Raises `ValueError` for a time outside them.
        """
        wanted = self.time() + seconds
        if not 31_536_000 <= wanted <= 221_845_392_000:
            raise ValueError("the time must be between the years 1971 and 9000")
        self._offset_seconds += seconds

    def set(self, moment: datetime) -> None:
        """Put the clock at `moment`, which must know its time zone; it goes on from there."""
        if moment.tzinfo is None:
            raise ValueError("the time needs a time zone, such as 2026-11-23T12:00:00Z")
        self.advance((moment - self.now()) / timedelta(seconds=1))

    @property
    def offset_seconds(self) -> float:
        """How far ahead of real time it is."""
        return self._offset_seconds

    def reset(self) -> None:
        """Back to real time."""
        self._offset_seconds = 0.0
