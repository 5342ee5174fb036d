"""How much may be asked while evidence is gathered: so many requests and so many seconds, and then nothing more."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from sfrunbook.core.http_session import equip

__all__ = ["Budget", "BudgetSpentError", "MeteredSession"]

#: a single request may take this part of the time that is left for connecting, and again for each read
_SHARE = 0.4
_SHORTEST_SECONDS = 0.05


class BudgetSpentError(Exception):
    """Nothing more may be asked."""


class Budget:
    """Counts requests and time; every request is charged before it is sent."""

    def __init__(self, *, requests_at_most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._left = requests_at_most
        self._clock = clock
        self._ends = clock() + seconds

    @property
    def seconds_left(self) -> float:
        """Never below zero."""
        return max(self._ends - self._clock(), 0.0)

    def charge(self) -> None:
        """Take one request; raises BudgetSpentError when there is none, or no time."""
        if self._left < 1 or self.seconds_left < _SHORTEST_SECONDS:
            raise BudgetSpentError
        self._left -= 1


class MeteredSession(requests.Session):
    """A session of which each request is charged, sent once, and cut off when the time is over."""

    def __init__(self, budget: Budget, *, ca_file: str | None = None) -> None:
        super().__init__()
        self._budget = budget
        #: moment at which the last host answered, by its own clock, beside ours
        self.last_dates: tuple[datetime, datetime] | None = None
        equip(self, ca_file=ca_file, retries=False, body_seconds=lambda: budget.seconds_left)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 -- passed on as they are
        self._budget.charge()
        share = max(self._budget.seconds_left * _SHARE, _SHORTEST_SECONDS)
        response = super().request(method, url, *args, **{**kwargs, "timeout": (share, share)})
        if (theirs := _moment(response.headers.get("Date", ""))) is not None:
            self.last_dates = theirs, datetime.now(UTC)
        return response


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
