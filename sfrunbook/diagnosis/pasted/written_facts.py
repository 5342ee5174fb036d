"""Facts that stand in a pasted text itself, such as a policy, a host, or who it works for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tomli

from sfrunbook.core.model import Known, Value
from sfrunbook.core.secrets.redaction import redact
from sfrunbook.diagnosis.facts import facts
from sfrunbook.diagnosis.pasted.log_entries import ends_of

__all__ = ["written_facts"]

_LONGEST_QUOTE = 80
_IN_DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.0}


@dataclass(frozen=True, kw_only=True)
class _Reader:
    fact: str
    pattern: re.Pattern[str]
    #: None: the pattern's group `value`, and its group `unit` for a time
    value: Value | None


def written_facts(text: str) -> Mapping[str, Known]:
    """What the user wrote about the failure, by the name of the fact, with the words as its source; pure.

    The first pattern of a fact that fits counts. Only what is written counts: nothing is concluded from silence.
    """
    text, known = ends_of(text), dict[str, Known]()
    for reader in _readers():
        if reader.fact in known or not (found := reader.pattern.search(text)):
            continue
        value = _value(found) if reader.value is None else reader.value
        known[reader.fact] = Known(value=value, how=f"you wrote: “{_quote(found.group())}”")
    return known


def _value(found: re.Match[str]) -> Value:
    named = found.groupdict()
    if unit := named.get("unit"):
        return float(named["value"]) * _IN_DAYS[unit.lower().rstrip("s")]
    return named["value"]


def _quote(words: str) -> str:
    words = " ".join(redact(words).split())
    return words if len(words) <= _LONGEST_QUOTE else f"{words[:_LONGEST_QUOTE]} …"


@cache
def _readers() -> tuple[_Reader, ...]:
    tables = tomli.loads(Path(__file__).with_name("written_facts.toml").read_text(encoding="utf-8"))["written"]
    unknown = {table["fact"] for table in tables} - facts().keys()
    if unknown:
        raise ValueError(f"facts.toml has no {', '.join(sorted(unknown))}")
    return tuple(
        _Reader(fact=table["fact"], pattern=re.compile(table["pattern"], re.IGNORECASE), value=table.get("value"))
        for table in tables
    )
