"""The token stream of the parser: the next token, and the errors for an unexpected one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sfrunbook.practice.soql.errors import SoqlError
from sfrunbook.practice.soql.tokens import Token, tokenize

__all__ = ["Cursor"]

T = TypeVar("T")
_UNCLOSED = "mismatched character '<EOF>' expecting '''"


class Cursor:
    """Walks over the tokens of one query; every refusal is a `SoqlError` with its place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokenize(text)
        self._at = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    def ahead(self, count: int = 1) -> Token:
        return self._tokens[min(self._at + count, len(self._tokens) - 1)]

    def take(self) -> Token:
        token = self._tokens[self._at]
        if token.kind != "eof":
            self._at += 1
        return token

    def accept(self, word: str) -> bool:
        """Takes the next token where it is this keyword or sign."""
        if self.token.word == word and self.token.kind in ("name", "op"):
            self._at += 1
            return True
        return False

    def accept_words(self, *words: str) -> bool:
        """Takes a run of keywords such as GROUP BY, all or none."""
        if all(self.ahead(place).word == word for place, word in enumerate(words)):
            self._at += len(words)
            return True
        return False

    def expect(self, word: str) -> Token:
        if self.token.word != word or self.token.kind not in ("name", "op"):
            raise self.unexpected()
        return self.take()

    def expect_kind(self, kind: str) -> Token:
        if self.token.kind != kind:
            raise self.unexpected()
        return self.take()

    def listed(self, part: Callable[[], T]) -> tuple[T, ...]:
        """One part or several with commas between."""
        parts = [part()]
        while self.accept(","):
            parts.append(part())
        return tuple(parts)

    def whole_number(self) -> int:
        """The count of LIMIT, OFFSET or a date literal."""
        if self.token.kind != "number" or not self.token.text.isdigit() or len(self.token.text) > 10:
            raise self.unexpected()
        return int(self.take().text)

    def unexpected(self, token: Token | None = None, text: str | None = None) -> SoqlError:
        """Source of the words: Summer '24 release notes, section SOQL (confirmed)."""
        token = token or self.token
        if token.kind == "bad":
            row = self.text.count("\n", 0, token.offset) + 1
            column = token.offset - self.text.rfind("\n", 0, token.offset) - 1
            found = f"unexpected token: '{token.text}'" if token.text != "'" else _UNCLOSED
            return SoqlError("MALFORMED_QUERY", f"line {row}:{column} {found}")
        return SoqlError("MALFORMED_QUERY", f"unexpected token: '{text or token.text}'", token.offset, one_based=False)

    def malformed(self, message: str, offset: int | None = None) -> SoqlError:
        return SoqlError("MALFORMED_QUERY", message, offset)
