"""CSV as Bulk API 2.0 reads and writes it: every cell of a reply is quoted, an absent value is empty."""

from __future__ import annotations

import csv
import io
from typing import Any

from sfrunbook.practice.rest.reply import RestError

__all__ = ["DELIMITERS", "columns_in", "read_rows", "values_of", "written"]

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}


def read_rows(body: bytes, delimiter: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows, each as long as the header; raises `RestError`."""
    try:
        lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise RestError(400, "INVALIDBATCH", "InvalidBatch : The data is not CSV in UTF-8") from None
    rows = [line for line in lines if line]
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        text = "InvalidBatch : The number of columns in a row differs from the header's"
        raise RestError(400, "INVALIDBATCH", text)
    return rows[0], rows[1:]


def written(columns: list[str], rows: list[list[str]], delimiter: str, line_end: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows([columns, *rows])
    return out.getvalue()


def columns_in(metadata: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """The paths of all selected fields, a parent's below its relationship."""
    paths: list[tuple[str, ...]] = []
    for each in metadata:
        below = columns_in(each["joinColumns"])
        paths += [(each["columnName"], *path) for path in below] or [(each["columnName"],)]
    return paths


def values_of(record: dict[str, Any], paths: list[tuple[str, ...]]) -> list[str]:
    """The cells of one record; compound fields are refused (documented)."""
    return [_cell(record, path) for path in paths]


def _cell(record: dict[str, Any], path: tuple[str, ...]) -> str:
    value: Any = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, dict):
        raise RestError(400, "FEATURENOTENABLED", "Selecting compound data not supported in Bulk Query")
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else str(value)
    return f"{text[:-5]}Z" if text.endswith(".000+0000") else text
