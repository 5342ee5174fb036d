"""The functions that are allowed where a field is: parts of dates, labels, currencies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sfrunbook.practice.records.record_store import Value
from sfrunbook.practice.soql.ast import Expression, Function, Path
from sfrunbook.practice.soql.dates import in_zone
from sfrunbook.practice.soql.errors import SoqlError
from sfrunbook.practice.soql.formatted import distance, formatted
from sfrunbook.practice.soql.resolve import Getter, Resolver, Run, Typed
from sfrunbook.practice.soql.words import AGGREGATES

__all__ = ["AGGREGATES", "DATE_FUNCTIONS", "PLAIN_FUNCTIONS", "innermost", "plain_function", "typed_value"]

PLAIN_FUNCTIONS = frozenset({"TOLABEL", "FORMAT", "CONVERTCURRENCY", "CONVERTTIMEZONE"})


def _week_of(day_of_period: int) -> int:
    return (day_of_period - 1) // 7 + 1


def _day_of_quarter(day: date) -> int:
    return (day - date(day.year, (day.month - 1) // 3 * 3 + 1, 1)).days + 1


_QUARTER: Callable[[date], int] = lambda day: (day.month - 1) // 3 + 1  # noqa: E731 - a row of the table below
DATE_FUNCTIONS: dict[str, Callable[[date], int]] = {
    "CALENDAR_MONTH": lambda day: day.month,
    "CALENDAR_QUARTER": _QUARTER,
    "CALENDAR_YEAR": lambda day: day.year,
    "DAY_IN_MONTH": lambda day: day.day,
    "DAY_IN_WEEK": lambda day: day.isoweekday() % 7 + 1,
    "DAY_IN_YEAR": lambda day: day.timetuple().tm_yday,
    "FISCAL_MONTH": lambda day: day.month,
    "FISCAL_QUARTER": _QUARTER,
    "FISCAL_YEAR": lambda day: day.year,
    "WEEK_IN_MONTH": lambda day: _week_of(day.day),
    "WEEK_IN_YEAR": lambda day: _week_of(day.timetuple().tm_yday),
}


def innermost(expression: Expression) -> Path | None:
    """The field inside nested functions; None where there is none, as in COUNT()."""
    while isinstance(expression, Function):
        if len(expression.arguments) != 1:
            return None
        expression = expression.arguments[0]
    return expression


def typed_value(expression: Expression, resolver: Resolver) -> Typed:
    """A field or a function of one field, as a value of one row; an unknown function is a `SoqlError`."""
    if isinstance(expression, Path):
        return resolver.typed(expression)
    name, offset = expression.name, expression.offset
    if name == "DISTANCE":
        return distance(expression, resolver)
    known = name in DATE_FUNCTIONS or name in PLAIN_FUNCTIONS or name in ("DAY_ONLY", "HOUR_IN_DAY")
    if not known or len(expression.arguments) != 1:
        parenthesis = offset + len(expression.text.partition("(")[0])
        raise SoqlError("MALFORMED_QUERY", "unexpected token: '('", parenthesis, one_based=False)
    argument = expression.arguments[0]
    inner = typed_value(argument, resolver)
    if name in PLAIN_FUNCTIONS:
        return plain_function(name, inner, offset)
    if inner.kind not in ("date", "datetime") or (name in ("DAY_ONLY", "HOUR_IN_DAY") and inner.kind == "date"):
        raise SoqlError("INVALID_FIELD", f"field {inner.name} does not support function {name.lower()}", offset)
    kind = "date" if name == "DAY_ONLY" else "int"
    local = isinstance(argument, Function) and argument.name == "CONVERTTIMEZONE"
    return Typed(_of_day(name, inner.get, local=local), kind, expression.text, offset)


def plain_function(name: str, inner: Typed, offset: int) -> Typed:
    """FORMAT gives text; labels are the values themselves, and amounts are in the one currency of the org."""
    if name == "FORMAT":
        return Typed(formatted(inner), "string", inner.name, offset)
    return Typed(inner.get, inner.kind, inner.name, offset, inner.field, inner.owner)


def _of_day(name: str, get: Getter, *, local: bool) -> Getter:
    """Of a datetime the parts are those of GMT, or within convertTimezone those of the org's time zone."""

    def apply(row: object, run: Run) -> Value:
        value = get(row, run)
        if not isinstance(value, date):
            return None
        if local and isinstance(value, datetime):
            value = in_zone(value, run.zone)
        if name == "HOUR_IN_DAY":
            return value.hour if isinstance(value, datetime) else None
        day = value.date() if isinstance(value, datetime) else value
        return day if name == "DAY_ONLY" else DATE_FUNCTIONS[name](day)

    return apply
