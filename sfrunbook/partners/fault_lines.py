"""Finds the line of a fault in a profile's TOML file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sfrunbook.partners.loading import Fault

__all__ = ["field_of", "line_of"]


def field_of(fault: Fault) -> str:
    """The path of the field, tables counted from 1."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in fault.place)


def line_of(lines: Sequence[str], fault: Fault) -> int | None:
    """The line of the field, else of its table, else the line that the message of a TOML error names."""
    if not fault.place:
        found = re.search(r"at line (\d+)", fault.reason)
        return int(found.group(1)) if found else None
    table, *rest = fault.place
    if not rest:
        return _first(lines, 0, len(lines), f"{table}")
    number = rest[0] if isinstance(rest[0], int) else 0
    heads = [at for at, line in enumerate(lines) if line.split("#")[0].strip() in (f"[[{table}]]", f"[{table}]")]
    if number >= len(heads):
        return None
    end = next((at for at in range(heads[number] + 1, len(lines)) if lines[at].startswith("[")), len(lines))
    named = [part for part in rest if isinstance(part, str)]
    return _first(lines, heads[number], end, named[0]) if named else heads[number] + 1


def _first(lines: Sequence[str], start: int, end: int, name: str) -> int | None:
    for at in range(start, end):
        if re.match(rf"\s*{re.escape(name)}\s*=", lines[at]):
            return at + 1
    return start + 1 if start else None
