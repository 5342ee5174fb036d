"""The named facts by which causes are told apart, read from `facts.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import tomli

from sfrunbook.core.model import Value

__all__ = ["Fact", "facts"]

Kind = Literal["yes/no", "number", "text"]
_SINGULAR = re.compile(r"\b1 (minute|hour|day|login|approval)s\b")


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A fact that can be learnt of a failure without harm."""

    name: str
    kind: Kind
    #: noun phrase, for a fact that could not be learnt
    label: str
    #: sentence for yes, or for a number or text as {value}
    yes: str
    #: sentence for no
    no: str = ""
    #: shown as hours where it is less than two days
    is_in_days: bool = False

    def sentence(self, value: Value) -> str:
        if isinstance(value, bool):
            return self.yes if value else self.no
        shown = f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        if self.is_in_days and isinstance(value, float):
            shown = f"{value:.0f} days" if value >= 2 else f"{value * 24:.0f} hours"
        return _SINGULAR.sub(r"1 \1", self.yes.format(value=shown))


@cache
def facts() -> Mapping[str, Fact]:
    """Every fact by name, in the order of the file; read from disk at the first call only."""
    tables = tomli.loads(Path(__file__).with_name("facts.toml").read_text(encoding="utf-8"))
    return MappingProxyType({name: _fact(name, table) for name, table in tables.items()})


def _fact(name: str, table: Mapping[str, str]) -> Fact:
    kind: Kind = "yes/no" if "yes" in table else "number" if "number" in table else "text"
    sentence = table["yes" if kind == "yes/no" else kind]
    return Fact(
        name=name,
        kind=kind,
        label=table["label"],
        yes=sentence,
        no=table.get("no", ""),
        is_in_days=table.get("unit") == "days",
    )
