"""Cuts the text of a query into tokens that know their place."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["EOF", "Token", "tokenize", "unescape"]

EOF = "<EOF>"

_PATTERN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'(?:[^'\\]|\\.)*')
      | (?P<datetime>\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d))
      | (?P<date>\d{4}-\d\d-\d\d)
      | (?P<currency>[A-Za-z]{3}-?\d+(?:\.\d+)?(?![\w.]))
      | (?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+))
      | (?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)
      | (?P<op>!=|<>|<=|>=|[=<>(),:*.])
      | (?P<bad>.)""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)


class Token(NamedTuple):
    """`kind` is a group name of the pattern or "eof"; `word` is the text in upper case."""

    kind: str
    text: str
    offset: int
    word: str


def tokenize(query: str) -> list[Token]:
    """Every token, closed by one of kind "eof"; characters that fit nowhere become tokens of kind "bad"."""
    tokens = [
        Token(match.lastgroup or "bad", match.group(), match.start(), match.group().upper())
        for match in _PATTERN.finditer(query)
        if match.lastgroup != "space"
    ]
    tokens.append(Token("eof", EOF, len(query), EOF))
    return tokens


def unescape(literal: str, *, like: bool) -> str | None:
    r"""The value of a quoted string, or None where an escape is not one of \n \r \t \b \f \" \' \\ \uXXXX.

    Under LIKE the escapes \_ and \% stay as they are, for the matcher to read.
    Source: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm
    """
    body = literal[1:-1]
    if "\\" not in body:
        return body
    good = True

    def replace(match: re.Match[str]) -> str:
        nonlocal good
        code = match.group(1)
        if len(code) == 5:
            return chr(int(code[1:], 16))
        if code in "_%":
            return match.group() if like else code
        if code == "\\" and like:
            return "\\\\"
        value = _ESCAPES.get(code.lower() if code.isalpha() else code)
        good = good and value is not None
        return value or ""

    value = _ESCAPE.sub(replace, body)
    return value if good else None
