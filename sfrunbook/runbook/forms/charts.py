"""What a small chart of query rows shows: records per month, records by value, or the figures of a GROUP BY; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Bar", "Tally", "tallies"]

_MONTHS_AT_MOST = 24
#: fewer rows than these are read faster than a chart of them
_ROWS_AT_LEAST = 8
_VALUES_AT_MOST = 12
_OTHERS = "(all others)"
_EMPTY = "(empty)"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a chart."""

    label: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Tally:
    """One chart that can be drawn of the rows."""

    title: str
    bars: tuple[Bar, ...]
    #: what the chart leaves out; empty when nothing
    note: str = ""


def tallies(kinds: Mapping[str, str], records: Sequence[Mapping[str, Any]], hidden: Sequence[str] = ()) -> list[Tally]:
    """The charts that help with these rows, the most useful first; none where nothing repeats.

    `kinds` has text, number, date, moment or boolean for each column; `hidden` columns are left out.
    """
    kinds = {name: kind for name, kind in kinds.items() if name not in hidden}
    if grouped := _grouped(kinds, records):
        return [grouped]
    dated = [_per_month(name, records) for name, kind in kinds.items() if kind in ("date", "moment")]
    valued = [_by_value(name, records) for name, kind in kinds.items() if kind in ("text", "boolean")]
    return [tally for tally in (*dated, *valued) if tally]


def _grouped(kinds: Mapping[str, str], records: Sequence[Mapping[str, Any]]) -> Tally | None:
    """The answer of a GROUP BY: a column of figures, and a column that has another name in each row."""
    figures = [name for name, kind in kinds.items() if kind == "number"]
    names = [name for name in kinds if name not in figures]
    if len(kinds) != 2 or len(figures) != 1 or len(records) < 2:
        return None
    labels = [_label(record.get(names[0])) for record in records]
    if len(set(labels)) != len(labels):
        return None
    bars = [Bar(label=text, value=record.get(figures[0]) or 0) for text, record in zip(labels, records, strict=True)]
    title = f"{figures[0]} by {names[0]}"
    too_many = len(bars) > _MONTHS_AT_MOST
    note = f"The chart shows the first {_MONTHS_AT_MOST} of {len(bars)} groups." if too_many else ""
    return Tally(title=title, bars=tuple(bars[:_MONTHS_AT_MOST]), note=note)


def _per_month(name: str, records: Sequence[Mapping[str, Any]]) -> Tally | None:
    counted = Counter(str(record[name])[:7] for record in records if record.get(name))
    if len(records) < _ROWS_AT_LEAST or len(counted) < 2:
        return None
    months = _months(min(counted), max(counted))
    too_many = len(months) > _MONTHS_AT_MOST
    note = f"The chart shows the last {_MONTHS_AT_MOST} of {len(months)} months." if too_many else ""
    bars = tuple(Bar(label=month, value=counted[month]) for month in months[-_MONTHS_AT_MOST:])
    return Tally(title=f"Records per month of {name}", bars=bars, note=note)


def _months(first: str, last: str) -> list[str]:
    """Every month from the first to the last, as `2026-11`, so that empty months are shown as well."""
    begin, end = (int(month[:4]) * 12 + int(month[5:7]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(begin, end + 1)]


def _by_value(name: str, records: Sequence[Mapping[str, Any]]) -> Tally | None:
    counted = Counter(_label(record.get(name)) for record in records)
    if len(records) < _ROWS_AT_LEAST or not 2 <= len(counted) <= len(records) // 2:
        return None
    bars = [Bar(label=label, value=number) for label, number in counted.most_common(_VALUES_AT_MOST)]
    if others := counted.total() - int(sum(bar.value for bar in bars)):
        bars.append(Bar(label=_OTHERS, value=others))
    return Tally(title=f"Records by {name}", bars=tuple(bars))


def _label(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _EMPTY if value in (None, "") else str(value)
