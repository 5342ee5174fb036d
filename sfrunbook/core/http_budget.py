"""A session with a limited number of requests and seconds, for questions that must not cost much."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from sfrunbook.core.http_session import equip

__all__ = ["BudgetSpentError", "MeteredSession"]

#: a single request may take this part of the time that is left for connecting, and again for each read
_SHARE = 0.4
_SHORTEST_SECONDS = 0.05


class BudgetSpentError(Exception):
    """No request or no time is left."""


class MeteredSession(requests.Session):
    """A session that charges each request, sends it once, and cuts it off when the time is over."""

    def __init__(
        self,
        *,
        requests_at_most: int,
        seconds: float,
        ca_file: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._requests_left = requests_at_most
        self._clock = clock
        self._deadline = clock() + seconds
        #: moment at which the last host answered, by its own clock, beside ours
        self.last_dates: tuple[datetime, datetime] | None = None
        equip(self, ca_file=ca_file, retries=False, body_seconds=self._seconds_left)

    def charge(self) -> None:
        """Take one request; raises BudgetSpentError when there is none, or no time."""
        if self._requests_left < 1 or self._seconds_left() < _SHORTEST_SECONDS:
            raise BudgetSpentError
        self._requests_left -= 1

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 -- passed on as they are
        self.charge()
        share = max(self._seconds_left() * _SHARE, _SHORTEST_SECONDS)
        response = super().request(method, url, *args, **{**kwargs, "timeout": (share, share)})
        if (theirs := _moment(response.headers.get("Date", ""))) is not None:
            self.last_dates = theirs, datetime.now(UTC)
        return response

    def _seconds_left(self) -> float:
        return max(self._deadline - self._clock(), 0.0)


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
