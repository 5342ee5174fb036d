"""FORMAT and DISTANCE: values as the caller's locale writes them, and how far apart two places are."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime

from sfrunbook.practice.records.record_store import Value
from sfrunbook.practice.soql.ast import Function, Path
from sfrunbook.practice.soql.dates import in_zone
from sfrunbook.practice.soql.errors import SoqlError
from sfrunbook.practice.soql.resolve import Getter, Resolver, Run, Typed

__all__ = ["distance", "formatted"]

_RADIUS = {"km": 6371.009, "mi": 3958.761}
_Place = tuple[float, float]


def formatted(inner: Typed) -> Getter:
    """Numbers, dates and amounts in the form of en_GB, the locale of every practice user; other values as they are.

    Source: https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-format.md
    (confirmed: localized text such as `4/10/2025, 3:31 PM` and `$44,000.00`; the marks of en_GB are likely).
    """
    get, kind = inner.get, inner.kind

    def text(row: object, run: Run) -> Value:
        value = get(row, run)
        if isinstance(value, datetime):
            return f"{in_zone(value, run.zone):%d/%m/%Y, %H:%M}"
        if isinstance(value, date):
            return f"{value:%d/%m/%Y}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        if kind == "currency":
            return f"{'-' if value < 0 else ''}£{abs(value):,.2f}"
        return f"{value:,.10g}%" if kind == "percent" else _plain(value)

    return text


def _plain(value: float) -> str:
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"


def distance(function: Function, resolver: Resolver) -> Typed:
    """Along the great circle between a field and a field or GEOLOCATION, in miles or kilometres; null without a place.

    Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_geolocate.htm
    (confirmed for the units and the great circle; the radius is likely).
    """
    start, end = (_place(each, resolver) for each in function.arguments)
    radius = _RADIUS[str(function.literals[0].value)]

    def get(row: object, run: Run) -> Value:
        here, there = start(row, run), end(row, run)
        return None if here is None or there is None else radius * _angle(here, there)

    return Typed(get, "double", function.text, function.offset)


def _place(expression: object, resolver: Resolver) -> Callable[[object, Run], _Place | None]:
    if isinstance(expression, Function):
        latitude, longitude = (float(str(each.value)) for each in expression.literals)
        if abs(latitude) > 90 or abs(longitude) > 180:
            text = f"Invalid geolocation: {expression.text}"
            raise SoqlError("MALFORMED_QUERY", text, expression.offset)
        return lambda row, run: (latitude, longitude)
    assert isinstance(expression, Path)  # noqa: S101 - the parser lets nothing else in
    typed = resolver.typed(expression)
    if typed.kind not in ("address", "location"):
        raise SoqlError("INVALID_FIELD", f"field {typed.name} does not support function distance", typed.offset)
    get = typed.get

    def place(row: object, run: Run) -> _Place | None:
        value = get(row, run)
        both = (value.get("latitude"), value.get("longitude")) if isinstance(value, dict) else (None, None)
        return (float(both[0]), float(both[1])) if both[0] is not None and both[1] is not None else None

    return place


def _angle(here: _Place, there: _Place) -> float:
    """By the haversine formula, in radians."""
    (north, east), (other_north, other_east) = (tuple(map(math.radians, place)) for place in (here, there))
    half = math.sin((other_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(other_north) * math.sin((other_east - east) / 2) ** 2
    return 2 * math.asin(min(1.0, math.sqrt(half)))
