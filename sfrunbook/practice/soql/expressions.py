"""Parses the expressions that are read as values: fields, paths, functions of them, distances."""

from __future__ import annotations

from sfrunbook.practice.soql.ast import Expression, Function, Literal, Path
from sfrunbook.practice.soql.cursor import Cursor
from sfrunbook.practice.soql.words import AGGREGATES, FUNCTIONS_BY_PLACE, RESERVED

__all__ = ["ExpressionParser", "number"]

_MAX_FUNCTIONS = 3


def number(text: str) -> float:
    """An int where the text has no point."""
    return int(text) if text.lstrip("+-").isdigit() and len(text) < 300 else float(text)


class ExpressionParser(Cursor):
    """The lowest part of the grammar; `place` is a key of `FUNCTIONS_BY_PLACE`."""

    def name(self) -> Path:
        """A field or relationship path; a reserved word is refused."""
        token = self.token
        if token.kind not in ("name", "currency") or token.word in RESERVED:
            raise self.unexpected()
        if token.kind == "currency" and not token.text.isalnum():
            raise self.unexpected()
        self.take()
        return Path(tuple(token.text.split(".")), token.offset)

    def expression(self, place: str, nesting: int = 0) -> Expression:
        start = self.token
        path = self.name()
        if self.token.word != "(":
            return path
        name = path.names[0].upper()
        if nesting > _MAX_FUNCTIONS or len(path.names) > 1 or name not in FUNCTIONS_BY_PLACE[place]:
            raise self.unexpected()
        if name == "DISTANCE":
            return self._distance(start.offset)
        self.take()
        arguments: list[Expression] = []
        inner = "aggregate" if name in AGGREGATES else "function"
        while self.token.word != ")":
            if arguments:
                self.expect(",")
            arguments.append(self.expression(inner, nesting + 1))
        return Function(name, tuple(arguments), start.offset, self._text_from(start.offset))

    def _distance(self, offset: int) -> Function:
        """`DISTANCE(Location__c, GEOLOCATION(37.7, -122.4), 'mi')`; the second place may be a field too."""
        self.expect("(")
        places: list[Expression] = [self.name()]
        self.expect(",")
        places.append(self._geolocation() if self.token.word == "GEOLOCATION" else self.name())
        self.expect(",")
        unit = self.expect_kind("string")
        if unit.word not in ("'MI'", "'KM'"):
            raise self.unexpected(unit)
        literal = Literal("string", unit.text[1:-1].lower(), unit.offset, unit.text)
        return Function("DISTANCE", tuple(places), offset, self._text_from(offset), (literal,))

    def _geolocation(self) -> Function:
        start = self.take()
        self.expect("(")
        latitude = self.expect_kind("number")
        self.expect(",")
        longitude = self.expect_kind("number")
        both = tuple(Literal("number", number(each.text), each.offset, each.text) for each in (latitude, longitude))
        return Function("GEOLOCATION", (), start.offset, self._text_from(start.offset), both)

    def _text_from(self, offset: int) -> str:
        """The text up to the closing parenthesis, which is taken."""
        end = self.expect(")")
        return self.text[offset : end.offset + 1]
