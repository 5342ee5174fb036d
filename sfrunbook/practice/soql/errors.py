"""The one exception of the SOQL engine, and the frame in which Salesforce shows where a query went wrong."""

from __future__ import annotations

__all__ = ["SoqlError"]

_BEFORE = 45
_AFTER = 35


class SoqlError(Exception):
    """A query that Salesforce would refuse.

    `code` is the errorCode of the reply (status 400). `offset` is the place in the text, or None for an error that
    carries no frame. A parse error shows the 0-based column of the token, an error of meaning the 1-based one
    (likely; inferred from `SELECT Id, FROM Account` giving 11 and `SELECT Id FROM Accountz` giving 16).
    """

    def __init__(self, code: str, message: str, offset: int | None = None, *, one_based: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.offset = offset
        self.one_based = one_based

    def text(self, query: str) -> str:
        """The message as the reply gives it: echoed query, caret, row and column, then the sentence.

        Source: https://github.com/restforce/restforce/issues/688 (confirmed for shape). The window of a long query,
        about 45 characters before and 35 after, and the echo of one row only are guesses.
        """
        if self.offset is None:
            return self.message
        row, start = query.count("\n", 0, self.offset) + 1, query.rfind("\n", 0, self.offset) + 1
        line = query[start:].split("\n", 1)[0].rstrip("\r")
        column = self.offset - start + self.one_based
        first, last = _window(line, self.offset - start)
        caret = " " * max(0, column - 1 - first) + "^"
        return f"\n{line[first:last]}\n{caret}\nERROR at Row:{row}:Column:{column}\n{self.message}"


def _window(line: str, place: int) -> tuple[int, int]:
    first, last = 0, len(line)
    if place > _BEFORE:
        first = place - _BEFORE
        while first < place and line[first - 1] not in " ,(":
            first += 1
    if last - place > _AFTER:
        last = place + _AFTER
        while last < len(line) and line[last] not in " ,)":
            last += 1
            if last - place > 2 * _AFTER:
                break
    return first, last
