"""Date literals: which days `LAST_N_DAYS:30` or `THIS_FISCAL_QUARTER` mean on a given day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["COUNTED_LITERALS", "PLAIN_LITERALS", "in_zone", "literal_range", "midnight", "zone_named"]

_UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR")
PLAIN_LITERALS = frozenset(
    {"YESTERDAY", "TODAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS"}
    | {f"{which}_{unit}" for which in ("LAST", "THIS", "NEXT") for unit in _UNITS[1:]}
)
COUNTED_LITERALS = frozenset(
    {f"{which}_N_{unit}S" for which in ("LAST", "NEXT") for unit in _UNITS} | {f"N_{unit}S_AGO" for unit in _UNITS}
)


@lru_cache(maxsize=64)
def zone_named(name: str) -> tzinfo:
    """The time zone of a TimeZoneSidKey; GMT where this machine does not know it."""
    if name in ("GMT", "UTC"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def midnight(day: date, zone: tzinfo) -> datetime:
    """The moment at which the day begins there; at the ends of the calendar, that of GMT."""
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, time(), UTC)


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """The moment as clocks show it there."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def literal_range(name: str, count: int | None, today: date) -> tuple[date, date]:
    """First day and the day after the last; weeks start on Sunday, the fiscal year is the calendar year.

    LAST_N_DAYS:n holds today, LAST_N_WEEKS:n and the longer units end before the current one; NEXT_N_DAYS:n starts
    tomorrow. Days beyond the calendar stop at its ends.
    Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_dateformats.htm
    """
    if name in ("YESTERDAY", "TODAY", "TOMORROW"):
        first = _days(today, {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}[name])
        return first, _days(first, 1)
    if name in ("LAST_90_DAYS", "NEXT_90_DAYS"):
        name, count = f"{name[:4]}_N_DAYS", 90
    which, _, unit = name.partition("_")
    step = _STEPS[unit.removeprefix("N_").removesuffix("_AGO").removesuffix("S").removeprefix("FISCAL_")]
    return _span(which, unit, count, lambda shift: step(today, shift))


def _span(which: str, unit: str, count: int | None, start: Callable[[int], date]) -> tuple[date, date]:
    n = 1 if count is None else min(count, 10_000_000)
    if unit.endswith("_AGO"):
        return start(-n), start(1 - n)
    if which == "THIS":
        return start(0), start(1)
    if which == "NEXT":
        return start(1), start(n + 1)
    return start(-n), start(1 if unit == "N_DAYS" else 0)


def _days(day: date, shift: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + shift, 1), date.max.toordinal()))


def _week(day: date, shift: int) -> date:
    return _days(day - timedelta(days=(day.weekday() + 1) % 7), 7 * shift)


def _months(size: int) -> Callable[[date, int], date]:
    def start(day: date, shift: int) -> date:
        month = day.year * 12 + (day.month - 1) // size * size + size * shift
        month = min(max(month, 12), 9999 * 12 + 11)
        return date(month // 12, month % 12 + 1, 1)

    return start


_STEPS: dict[str, Callable[[date, int], date]] = {
    "DAY": _days,
    "WEEK": _week,
    "MONTH": _months(1),
    "QUARTER": _months(3),
    "YEAR": _months(12),
}
