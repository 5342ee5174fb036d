"""Compiles the conditions of WHERE and HAVING into functions from a row to true or false."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sfrunbook.practice.org.ids import is_id, to18
from sfrunbook.practice.records.record_store import Value
from sfrunbook.practice.soql.ast import Comparison, Condition, DateLiteral, Expression, Literal, Logical, Query
from sfrunbook.practice.soql.dates import literal_range, midnight
from sfrunbook.practice.soql.errors import SoqlError
from sfrunbook.practice.soql.resolve import Getter, Run, Typed

__all__ = ["FilterCompiler", "Predicate"]

Predicate = Callable[[Any, Run], bool]
_NUMBERS = frozenset({"currency", "double", "percent", "int"})
_IDS = frozenset({"id", "reference"})
_EXPECTED = {"boolean": "boolean", "date": "date", "datetime": "dateTime"}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class FilterCompiler:
    """Knows what an expression means through `typed`, and how to run a semi-join through `inner_values`.

    A comparison with null inside has two values only, as in SOQL: `!=` and NOT IN hold for a null field.
    """

    def __init__(
        self,
        typed: Callable[[Expression], Typed],
        inner_values: Callable[[Typed, Query], Callable[[Run], frozenset[Value]]],
    ) -> None:
        self._typed = typed
        self._inner_values = inner_values

    def compile(self, condition: Condition, *, within: str = "AND") -> Predicate:
        if isinstance(condition, Comparison):
            return self._comparison(condition, within)
        kind = condition.operator if within == "AND" else within
        parts = [self.compile(item, within=kind) for item in condition.items]
        return _logical(condition, parts)

    def _comparison(self, comparison: Comparison, within: str) -> Predicate:
        typed = self._typed(comparison.left)
        if typed.field is not None and not typed.field.filterable:
            text = f"field '{typed.name}' can not be filtered in a query call"
            raise SoqlError("INVALID_FIELD", text, comparison.offset)
        value, sign = comparison.value, comparison.operator
        if isinstance(value, Query):
            return self._semi_join(typed, value, sign, within)
        if isinstance(value, tuple):
            return _listed(typed, sign, value)
        if sign == "LIKE":
            return _like(typed, value)
        if value.kind == "literal":
            return _ranged(typed, sign, value)
        return _single(typed, sign, _constant(typed, value))

    def _semi_join(self, typed: Typed, query: Query, sign: str, within: str) -> Predicate:
        if within != "AND":
            text = f"Semi join sub-selects are not allowed with the '{within}' operator"
            raise SoqlError("MALFORMED_QUERY", text, query.offset)
        if typed.kind not in _IDS:
            rule = "The left operand field in the where expression for outer query should be an id field"
            text = f"{rule}, cannot use: '{typed.name}'"
            raise SoqlError("MALFORMED_QUERY", text, typed.offset)
        values = self._inner_values(typed, query)
        get, wanted = typed.get, sign == "IN"
        return lambda row, run: (get(row, run) in values(run)) is wanted


def _logical(condition: Logical, parts: list[Predicate]) -> Predicate:
    if condition.operator == "NOT":
        inner = parts[0]
        return lambda row, run: not inner(row, run)
    if len(parts) == 2:
        left, right = parts
        if condition.operator == "AND":
            return lambda row, run: left(row, run) and right(row, run)
        return lambda row, run: left(row, run) or right(row, run)
    if condition.operator == "AND":
        return lambda row, run: all(part(row, run) for part in parts)
    return lambda row, run: any(part(row, run) for part in parts)


def _single(typed: Typed, sign: str, constant: Value) -> Predicate:
    get = _folded(typed)
    if sign == "=":
        return lambda row, run: get(row, run) == constant
    if sign == "!=":
        return lambda row, run: get(row, run) != constant
    if typed.kind in ("boolean", "multipicklist") or sign not in _OPERATORS:
        raise _invalid_operator(typed)
    if constant is None:
        return lambda row, run: False
    compare = _OPERATORS[sign]

    def holds(row: object, run: Run) -> bool:
        value = get(row, run)
        return value is not None and compare(value, constant)

    return holds


def _folded(typed: Typed) -> Getter:
    """Text is compared without regard to case, ids with it."""
    get = typed.get
    if typed.kind in _NUMBERS or typed.kind in _IDS or typed.kind in _EXPECTED:
        return get

    def folded(row: object, run: Run) -> Value:
        value = get(row, run)
        return value.lower() if isinstance(value, str) else value

    return folded


def _constant(typed: Typed, literal: Literal) -> Value:
    """The literal as a value of the field's type; the wrong type is refused with the field's place."""
    kind, value = typed.kind, literal.value
    if literal.kind == "null":
        return None
    if kind in _IDS and isinstance(value, str):
        if value and not is_id(value):
            raise SoqlError("MALFORMED_QUERY", f"invalid ID field: {value}", literal.offset)
        return to18(value[:15]) if value else None
    if kind in _NUMBERS and literal.kind in ("number", "currency"):
        return value  # type: ignore[return-value]  # a number by its kind
    if kind in _EXPECTED and literal.kind == kind:
        return value  # type: ignore[return-value]  # a boolean, date or datetime by its kind
    if kind not in _NUMBERS and kind not in _EXPECTED and isinstance(value, str):
        return value.lower() or None
    raise _wrong_type(typed)


def _wrong_type(typed: Typed) -> SoqlError:
    expected = _EXPECTED.get(typed.kind) or ("double" if typed.kind in _NUMBERS else "string")
    if typed.kind == "int":
        expected = "int"
    quotes = "should be enclosed in quotes" if expected == "string" else "should not be enclosed in quotes"
    text = f"value of filter criterion for field '{typed.name}' must be of type {expected} and {quotes}"
    return SoqlError("INVALID_FIELD", text, typed.offset)


def _invalid_operator(typed: Typed) -> SoqlError:
    kind = "id" if typed.kind in _IDS else "number" if typed.kind in _NUMBERS else typed.kind
    return SoqlError("MALFORMED_QUERY", f"invalid operator on {kind} field", typed.offset)


def _listed(typed: Typed, sign: str, literals: tuple[Literal, ...]) -> Predicate:
    if sign in ("INCLUDES", "EXCLUDES"):
        return _included(typed, sign, literals)
    if any(literal.kind == "literal" for literal in literals):
        plain = [_ranged(typed, "=", literal) for literal in literals if literal.kind == "literal"]
        plain += [_single(typed, "=", _constant(typed, literal)) for literal in literals if literal.kind != "literal"]
        wanted = sign == "IN"
        return lambda row, run: any(part(row, run) for part in plain) is wanted
    constants = frozenset(_constant(typed, literal) for literal in literals)
    get = _folded(typed)
    if sign == "IN":
        return lambda row, run: get(row, run) in constants
    return lambda row, run: get(row, run) not in constants


def _included(typed: Typed, sign: str, literals: tuple[Literal, ...]) -> Predicate:
    """INCLUDES ('A;B', 'C'): A and B, or C."""
    if typed.kind != "multipicklist":
        raise _invalid_operator(typed)
    texts = [_constant(typed, literal) for literal in literals]
    wanted = [frozenset(text.split(";")) for text in texts if isinstance(text, str)]
    get, positive = _folded(typed), sign == "INCLUDES"

    def holds(row: object, run: Run) -> bool:
        value = get(row, run)
        chosen = set(value.split(";")) if isinstance(value, str) else set()
        return any(values <= chosen for values in wanted) is positive

    return holds


def _ranged(typed: Typed, sign: str, literal: Literal) -> Predicate:
    """A date literal is a range of days: `<` is before it, `>` after it, `=` within it."""
    wanted = literal.value
    if typed.kind not in ("date", "datetime") or not isinstance(wanted, DateLiteral):
        raise _wrong_type(typed)
    get, key, is_day = typed.get, object(), typed.kind == "date"

    def bounds(run: Run) -> tuple[Any, Any]:
        found = run.memo.get(key)
        if found is None:
            first, end = literal_range(wanted.name, wanted.count, run.today)
            found = run.memo[key] = (first, end) if is_day else _moments(first, end, run)
        return found

    tests: dict[str, Callable[[Any, Any, Any], bool]] = {
        "=": lambda value, first, end: first <= value < end,
        "<": lambda value, first, end: value < first,
        "<=": lambda value, first, end: value < end,
        ">": lambda value, first, end: value >= end,
        ">=": lambda value, first, end: value >= first,
    }
    negated = sign == "!="
    test = tests["=" if negated else sign]

    def holds(row: object, run: Run) -> bool:
        value = get(row, run)
        return (value is not None and test(value, *bounds(run))) is not negated

    return holds


def _moments(first: date, end: date, run: Run) -> tuple[datetime, datetime]:
    return midnight(first, run.zone), midnight(end, run.zone)


def _like(typed: Typed, literal: Literal) -> Predicate:
    if typed.kind in _IDS or typed.kind in _NUMBERS or typed.kind in _EXPECTED or typed.kind == "multipicklist":
        raise _invalid_operator(typed)
    if literal.kind == "null":
        raise SoqlError("MALFORMED_QUERY", f"unexpected token: '{literal.text}'", literal.offset, one_based=False)
    if not isinstance(literal.value, str):
        raise _wrong_type(typed)
    match, get = _wildcards(literal.value), typed.get

    def holds(row: object, run: Run) -> bool:
        value = get(row, run)
        return isinstance(value, str) and match(value)

    return holds


def _wildcards(pattern: str) -> Callable[[str], bool]:
    r"""`%` is any run and `_` any one character; \% \_ \\ stand for themselves. Takes linear steps per piece."""
    pieces: list[str] = [""]
    for part in re.findall(r"\\.|.", pattern, re.DOTALL):
        if part == "%":
            pieces.append("")
        else:
            pieces[-1] += "." if part == "_" else re.escape(part[1:] if len(part) == 2 else part)
    flags = re.IGNORECASE | re.DOTALL
    if len(pieces) == 1:
        whole = re.compile(pieces[0], flags)
        return lambda text: whole.fullmatch(text) is not None
    first, last = re.compile(pieces[0], flags), re.compile(pieces[-1] + r"\Z", flags)
    between = [re.compile(piece, flags) for piece in pieces[1:-1] if piece]

    def match(text: str) -> bool:
        found = first.match(text)
        for piece in between:
            found = piece.search(text, found.end()) if found else None
        return found is not None and last.search(text, found.end()) is not None

    return match
