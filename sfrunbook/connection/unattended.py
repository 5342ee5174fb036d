"""Which grant suits which org, and what an administrator clicks for it: words from `unattended.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from sfrunbook.core.model import AppKind, GrantKind, Mark

__all__ = ["Choice", "SetUpStep", "choices"]


@dataclass(frozen=True, kw_only=True)
class SetUpStep:
    """One thing that somebody does on one screen."""

    who: str
    places: Mapping[AppKind, str]
    what: str
    mark: Mark

    def where(self, kind: AppKind, *, connection: str) -> str:
        """The screen for a kind of app."""
        return self.places[kind].replace("{connection}", connection)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One kind of grant, whom it suits, what it costs, and how it is set up."""

    kind: GrantKind
    #: Salesforce's name of the flow
    label: str
    suits: str
    costs: str
    source: str
    steps: tuple[SetUpStep, ...]


@cache
def choices() -> Mapping[GrantKind, Choice]:
    """Every kind of grant, the one with a person first."""
    document = tomllib.loads(Path(__file__).with_name("unattended.toml").read_text("utf-8"))
    found = {}
    for table in document["grant"]:
        steps = tuple(
            SetUpStep(
                who=one["who"],
                places={kind: one[kind.value] for kind in AppKind},
                what=one["what"],
                mark=Mark(one["mark"]),
            )
            for one in table.get("step", ())
        )
        texts = {name: table[name] for name in ("label", "suits", "costs", "source")}
        found[GrantKind(table["kind"])] = Choice(kind=GrantKind(table["kind"]), steps=steps, **texts)
    return MappingProxyType(found)
