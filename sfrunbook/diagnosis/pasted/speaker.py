"""Who wrote a text: Salesforce, Cyclr, something on the network, another platform, or a program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import tomli

__all__ = ["Speaker", "speaker_of"]


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """Who wrote a text, as far as its words show, and how a text of theirs is answered that no row explains.

    The texts may contain the placeholder {description}.
    """

    name: str
    what: str
    why: str
    tell: str
    #: the one next step: its role, its place and what to do
    who: str
    where: str
    step: str
    #: whether it issues OAuth errors of its own, so that a code in its text isn't Salesforce's
    own_oauth: bool = False
    #: code of the row that explains every text of this author; mostly none
    row: str = ""
    #: whether only its name is in the text, which may be about another service
    named_only: bool = False


def speaker_of(text: str) -> Speaker:
    """The first author of the list whose words are in the text, the last one fits any text; pure."""
    speaker, found = next((speaker, found) for speaker, pattern in _speakers() if (found := pattern.search(text)))
    named = found.groupdict().get("found")
    if named is None:
        return speaker
    return replace(
        speaker,
        name=named,
        what=speaker.what.replace("{found}", named),
        why=speaker.why.replace("{found}", named),
        where=speaker.where.replace("{found}", named),
    )


@cache
def _speakers() -> tuple[tuple[Speaker, re.Pattern[str]], ...]:
    tables = tomli.loads(Path(__file__).with_name("speakers.toml").read_text(encoding="utf-8"))
    kinds = tables["kind"]
    return tuple((_speaker(table, kinds[table["kind"]]), re.compile(table["pattern"])) for table in tables["speaker"])


def _speaker(table: Mapping[str, str], kind: Mapping[str, str]) -> Speaker:
    name = table["name"]
    texts = {field: table.get(field, kind[field]).replace("{name}", name) for field in kind}
    return Speaker(
        name=name,
        own_oauth=bool(table.get("own_oauth")),
        row=table.get("row", ""),
        named_only="(?P<found>" in table["pattern"],
        **{**texts, "what": _capital(texts["what"])},
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
