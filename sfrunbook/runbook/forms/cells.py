"""How the values of a query are shown and written: column kinds, readable dates, no secrets, safe CSV; pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sfrunbook.core.moments import moment
from sfrunbook.core.secrets.redaction import redact

__all__ = ["Column", "CsvFile", "Kind", "columns_of", "csv_of", "is_hidden", "shown"]

Value = str | int | float | bool | None

#: in the place of a value that was left out
MASK = "***"
#: a field with such a name is left out whatever its value
_CREDENTIAL = re.compile(
    r"pass(word|wd|phrase)|secret(?!ar)|token|api_?key|private_?key|credential|session_?id|auth_?code|verifier",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
#: what a spreadsheet takes for the beginning of a formula.
#: Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Kind(StrEnum):
    """The kind of a column's values."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    BOOLEAN = "boolean"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column and the kind of its values."""

    name: str
    kind: Kind


@dataclass(frozen=True, kw_only=True)
class CsvFile:
    """A CSV text, and what was done to its values."""

    text: str
    #: values left out because they are, or may be, secrets
    masked: int
    #: values that got an apostrophe in front, so that no spreadsheet takes them for a formula
    guarded: int


def columns_of(names: Sequence[str], records: Sequence[Mapping[str, Value]]) -> tuple[Column, ...]:
    """Every column with its kind; one of mixed or no values is text."""
    return tuple(Column(name=name, kind=_kind_of([record.get(name) for record in records])) for name in names)


def shown(column: Column, value: Value) -> str:
    """A value as a table shows it; see `is_hidden` for those that are left out."""
    if value is None:
        return ""
    if is_hidden(column.name, value):
        return MASK
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if column.kind is Kind.MOMENT and (at := moment(value)):
        return f"{at:%Y-%m-%d %H:%M:%S} UTC"
    return str(value)


def is_hidden(name: str, value: Value) -> bool:
    """Whether a value is left out: its field is called like a credential, or it looks like a secret."""
    if value is None or value == "":
        return False
    if _CREDENTIAL.search(name.rpartition(".")[2]) and not isinstance(value, bool):
        return True
    return isinstance(value, str) and redact(value) != value


def csv_of(columns: Sequence[Column], records: Sequence[Mapping[str, Value]]) -> CsvFile:
    """The records as CSV (RFC 4180): secrets left out, and no text that a spreadsheet takes for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    masked = guarded = 0
    for record in records:
        line: list[str] = []
        for column in columns:
            value = record.get(column.name)
            text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            if is_hidden(column.name, value):
                text, masked = MASK, masked + 1
            elif isinstance(value, str) and text.startswith(_FORMULA):
                text, guarded = f"'{text}", guarded + 1
            line.append(text)
        writer.writerow(line)
    return CsvFile(text=out.getvalue(), masked=masked, guarded=guarded)


def _kind_of(values: Sequence[Value]) -> Kind:
    kinds = {_kind_of_value(value) for value in values if value is not None}
    return kinds.pop() if len(kinds) == 1 else Kind.TEXT


def _kind_of_value(value: Value) -> Kind:
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int | float):
        return Kind.NUMBER
    text = str(value)
    if _DATE.fullmatch(text):
        return Kind.DATE
    return Kind.MOMENT if _MOMENT.fullmatch(text) else Kind.TEXT
