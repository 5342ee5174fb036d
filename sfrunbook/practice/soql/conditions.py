"""Parses the conditions of WHERE and HAVING: expressions, comparisons, values."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from sfrunbook.practice.soql.ast import (
    Comparison,
    Condition,
    DateLiteral,
    Literal,
    Logical,
    Query,
    Value,
)
from sfrunbook.practice.soql.dates import COUNTED_LITERALS, PLAIN_LITERALS
from sfrunbook.practice.soql.expressions import ExpressionParser, number
from sfrunbook.practice.soql.tokens import unescape

__all__ = ["ConditionParser"]

_MAX_DEPTH = 40
_COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_DATETIME = re.compile(r"(.{19})(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)$", re.IGNORECASE)


class ConditionParser(ExpressionParser):
    """The part of the grammar below a clause; a semi-join calls back into `query`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def query(self) -> Query:
        raise NotImplementedError

    # conditions

    def condition(self, place: str) -> Condition:
        """One of WHERE or HAVING, as `place` tells.

        AND and OR may not be mixed without parentheses: the second kind is an unexpected token.
        """
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self.unexpected()
        items = [self._term(place)]
        word = self.token.word
        if word in ("AND", "OR"):
            while self.accept(word):
                items.append(self._term(place))
            if self.token.word in ("AND", "OR"):
                raise self.unexpected()
        self._depth -= 1
        return items[0] if len(items) == 1 else Logical(word, tuple(items))

    def _term(self, place: str) -> Condition:
        negated = 0
        while self.accept("NOT"):
            negated += 1
        inner = self._simple(place)
        return Logical("NOT", (inner,)) if negated % 2 else inner

    def _simple(self, place: str) -> Condition:
        if self.accept("("):
            inner = self.condition(place)
            self.expect(")")
            return inner
        start = self.token
        left = self.expression(place)
        sign = self.token
        if sign.word in _COMPARISONS and sign.kind == "op":
            self.take()
            return Comparison(left, _COMPARISONS[sign.word], self.literal(), start.offset)
        if self.accept("LIKE"):
            return Comparison(left, "LIKE", self.literal(like=True), start.offset)
        if self.accept("IN"):
            return Comparison(left, "IN", self._list_or_query(start.offset), start.offset)
        if self.accept_words("NOT", "IN"):
            return Comparison(left, "NOT IN", self._list_or_query(start.offset), start.offset)
        for operator in ("INCLUDES", "EXCLUDES"):
            if self.accept(operator):
                return Comparison(left, operator, self._list(start.offset), start.offset)
        raise self.unexpected()

    # values

    def _list_or_query(self, start: int) -> Value:
        if self.token.word == "(" and self.ahead().word == "SELECT":
            self._depth += 1
            if self._depth > _MAX_DEPTH:
                raise self.unexpected()
            self.take()
            inner = self.query()
            self.expect(")")
            self._depth -= 1
            return inner
        return self._list(start)

    def _list(self, start: int) -> tuple[Literal, ...]:
        if self.token.word == ":":
            raise self.malformed("Bind variables only allowed in Apex code")
        self.expect("(")
        if self.token.word == ")":
            raise self.unexpected(text=self.text[start : self.token.offset + 1])
        values = self.listed(self.literal)
        self.expect(")")
        return values

    def literal(self, *, like: bool = False) -> Literal:
        token = self.token
        if token.kind == "string":
            self.take()
            value = unescape(token.text, like=like)
            if value is None:
                raise self.malformed(
                    f"Invalid string literal {token.text}. Illegal character sequence in string literal."
                )
            return Literal("string", value, token.offset, token.text)
        if token.kind in ("date", "datetime"):
            return self._moment()
        if token.kind == "number":
            self.take()
            return Literal("number", number(token.text), token.offset, token.text)
        if token.kind == "currency":
            self.take()
            return Literal("currency", number(token.text[3:]), token.offset, token.text)
        if token.word == ":":
            raise self.malformed("Bind variables only allowed in Apex code")
        return self._word()

    def _moment(self) -> Literal:
        token = self.take()
        try:
            if token.kind == "date":
                return Literal("date", date.fromisoformat(token.text), token.offset, token.text)
            return Literal("datetime", _datetime(token.text), token.offset, token.text)
        except (ValueError, OverflowError):
            raise self.malformed(f"Invalid {token.kind}: {token.text}", token.offset) from None

    def _word(self) -> Literal:
        token = self.token
        if token.kind != "name":
            raise self.unexpected()
        if token.word in ("TRUE", "FALSE"):
            self.take()
            return Literal("boolean", token.word == "TRUE", token.offset, token.text)
        if token.word == "NULL":
            self.take()
            return Literal("null", None, token.offset, token.text)
        if token.word in PLAIN_LITERALS:
            self.take()
            return Literal("literal", DateLiteral(token.word, None), token.offset, token.text)
        if token.word in COUNTED_LITERALS:
            self.take()
            self.expect(":")
            count = self.whole_number()
            return Literal("literal", DateLiteral(token.word, count), token.offset, f"{token.text}:{count}")
        raise self.unexpected()


def _datetime(text: str) -> datetime:
    match = _DATETIME.match(text)
    if match is None:
        raise ValueError(text)
    stem, fraction, zone = match.groups()
    zone = "+00:00" if zone in "zZ" else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    return datetime.fromisoformat(f"{stem.upper()}.{(fraction or '0')[:6]:0<6}{zone}").astimezone(UTC)
