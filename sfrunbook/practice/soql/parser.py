"""Parses a whole query, clause after clause, by recursive descent."""

from __future__ import annotations

from typing import Any

from sfrunbook.practice.soql.ast import (
    Condition,
    Expression,
    FieldsFunction,
    From,
    Grouping,
    Order,
    Query,
    Selected,
    SelectItem,
    TypeOf,
    TypeOfWhen,
)
from sfrunbook.practice.soql.conditions import ConditionParser
from sfrunbook.practice.soql.errors import SoqlError
from sfrunbook.practice.soql.words import NOT_ALIAS_BEFORE, RESERVED, SCOPES

__all__ = ["MAX_LENGTH", "parse"]

MAX_LENGTH = 100_000
_MAX_NESTING = 5


def parse(text: str) -> Query:
    """The query as a tree; raises `SoqlError` and nothing else."""
    if not text.strip():
        raise SoqlError("MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    if len(text) > MAX_LENGTH:
        raise SoqlError("QUERY_TOO_COMPLICATED", f"SOQL statements cannot be longer than {MAX_LENGTH:,} characters.")
    parser = _Parser(text)
    query = parser.query()
    if parser.token.kind != "eof":
        raise parser.unexpected()
    return query


class _Parser(ConditionParser):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._nesting = 0

    def query(self) -> Query:
        self._nesting += 1
        if self._nesting > _MAX_NESTING + 1:
            raise self.unexpected()
        start = self.expect("SELECT")
        if self.token.word == "FROM" and self.ahead().kind == "name":
            raise self.unexpected(text=f"{start.text} {self.token.text}")
        select = self.listed(self._selected)
        self.expect("FROM")
        source = self._from()
        scope = self._scope()
        where = self.condition("where") if self.accept("WHERE") else None
        with_offset = self.token.offset
        with_clause = self._with()
        group_by = self._group_by()
        having = self._having(grouped=group_by is not None)
        tail = self._tail()
        self._nesting -= 1
        return Query(
            select=select,
            source=source,
            offset=start.offset,
            scope=scope,
            where=where,
            with_clause=with_clause,
            with_offset=with_offset,
            group_by=group_by,
            having=having,
            **tail,
        )

    # SELECT

    def _selected(self) -> Selected:
        token, following = self.token, self.ahead()
        if token.word == "(":
            self.take()
            inner = self.query()
            self.expect(")")
            return inner
        if token.word == "TYPEOF" and following.kind == "name" and following.word not in RESERVED:
            return self._typeof()
        if token.word == "FIELDS" and following.word == "(":
            return self._fields()
        return SelectItem(self.expression("select"), self._alias())

    def _alias(self, *, needed: bool = False) -> str | None:
        token, following = self.token, self.ahead()
        free = token.kind == "name" and "." not in token.text and token.word not in RESERVED
        if free and token.word in NOT_ALIAS_BEFORE:
            before = NOT_ALIAS_BEFORE[token.word]
            free = before is not None and before not in (following.word, following.kind)
        if needed and not free:
            raise self.unexpected()
        return self.take().text if free else None

    def _fields(self) -> FieldsFunction:
        start = self.take()
        self.take()
        group = self.expect_kind("name")
        if group.word not in ("ALL", "STANDARD", "CUSTOM"):
            raise self.unexpected(group)
        self.expect(")")
        return FieldsFunction(group.word, start.offset)

    def _typeof(self) -> TypeOf:
        start = self.take()
        relationship = ".".join(self.name().names)
        whens = []
        while self.accept("WHEN"):
            kind = self.name()
            self.expect("THEN")
            whens.append(TypeOfWhen(".".join(kind.names), self.listed(self.name), kind.offset))
        if not whens:
            raise self.unexpected()
        otherwise = self.listed(self.name) if self.accept("ELSE") else ()
        self.expect("END")
        return TypeOf(relationship, tuple(whens), otherwise, start.offset)

    # FROM to HAVING

    def _from(self) -> From:
        token = self.token
        if token.kind not in ("name", "currency") or token.word in RESERVED:
            raise self.unexpected()
        self.take()
        alias = self._alias(needed=self.accept("AS"))
        more = []
        while self.accept(","):
            path = self.name()
            more.append((path, self._alias(needed=self.accept("AS"))))
        return From(token.text, alias, token.offset, tuple(more))

    def _scope(self) -> str | None:
        if not self.accept("USING"):
            return None
        if not self.accept("SCOPE"):
            raise self.unexpected()
        token = self.expect_kind("name")
        if token.word not in SCOPES:
            raise self.unexpected(token)
        return token.word

    def _with(self) -> str | None:
        """The last of the WITH clauses; all but data categories change nothing here."""
        found = None
        while self.accept("WITH"):
            found = self._with_what()
        return found

    def _with_what(self) -> str:
        token = self.expect_kind("name")
        if token.word in ("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"):
            return token.word
        if token.word == "DATA" and self.accept("CATEGORY"):
            self._categories()
            return "DATA CATEGORY"
        raise self.unexpected(token)

    def _categories(self) -> None:
        while True:
            self.name()
            if not any(self.accept(word) for word in ("AT", "ABOVE_OR_BELOW", "ABOVE", "BELOW")):
                raise self.unexpected()
            if self.accept("("):
                self.listed(self.name)
                self.expect(")")
            else:
                self.name()
            if not self.accept("AND"):
                return

    def _having(self, *, grouped: bool) -> Condition | None:
        start = self.token.offset
        if not self.accept("HAVING"):
            return None
        if not grouped:
            raise self.malformed("Having clause requires a GROUP BY clause", start)
        return self.condition("having")

    def _group_by(self) -> Grouping | None:
        if not self.accept_words("GROUP", "BY"):
            return None
        if self.token.word in ("ROLLUP", "CUBE") and self.ahead().word == "(":
            kind = self.take().word
            self.take()
            expressions = self.listed(self._grouped)
            self.expect(")")
            return Grouping(kind, expressions)
        return Grouping("plain", self.listed(self._grouped))

    def _grouped(self) -> Expression:
        return self.expression("group")

    # ORDER BY to the end

    def _tail(self) -> dict[str, Any]:
        """What follows the conditions of a query, by the fields of `Query`."""
        tail: dict[str, Any] = {}
        if self.accept_words("ORDER", "BY"):
            tail["order_by"] = self.listed(self._order)
        if self.accept("LIMIT"):
            tail["limit"] = self.whole_number()
        if self.token.word == "OFFSET":
            self.take()
            tail["skip_offset"] = self.token.offset
            tail["skip"] = self.whole_number()
        self._purposes()
        tail["all_rows"] = self.accept_words("ALL", "ROWS")
        return tail

    def _order(self) -> Order:
        expression = self.expression("order")
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        nulls_last = None
        if self.accept("NULLS"):
            nulls_last = self.token.word == "LAST"
            if self.token.word not in ("FIRST", "LAST"):
                raise self.unexpected()
            self.take()
        return Order(expression, descending, nulls_last)

    def _purposes(self) -> None:
        """FOR VIEW, UPDATE TRACKING and their like, which change nothing here."""
        while self.accept("FOR"):
            self.listed(lambda: self._one_of("VIEW", "REFERENCE", "UPDATE"))
        if self.accept("UPDATE"):
            self.listed(lambda: self._one_of("TRACKING", "VIEWSTAT"))

    def _one_of(self, *words: str) -> None:
        if self.token.word not in words:
            raise self.unexpected()
        self.take()
