"""Two scenarios at once: the way through all of the product's verbs, and what may stand before what."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.matrix_support import FLOWS, Row, Site, Step, answers_of, rows_of_table

__all__ = ["IN_A_LOGIN", "WITH_A_TOKEN", "Journey", "hidden", "one_way_through", "pairs", "pool"]

_SEED, _PAIRS = 20261123, 66
_VERBS = (("refresh", "acme"), ("query", "acme"), ("login", "acme"), ("unattended", "machine"))
#: what is looked at in a login, in this order; a fault further up leaves those below unseen
IN_A_LOGIN: Mapping[str, tuple[str, ...]] = {
    "this machine, which counts approvals before anything is asked of the login": ("sixth-approval",),
    "the way there": ("connection-reset", "truncated-replies", "html-503", "maintenance", "too-many-requests"),
    "the address of the login: app and callback": ("app-deleted", "propagation-delay", "callback-not-registered"),
    "the login page: the user": ("user-inactive", "user-frozen", "ip-restricted", "password-expired"),
    "the page to allow: the app": ("app-disabled", "app-blocked", "api-access-control"),
    "the page to allow: the user's right to the app": ("admin-approved-only",),
    "the page to allow: the scopes": ("no-refresh-scope", "scope-not-allowed"),
    "the way of the exchange": ("login-rate-exceeded",),
    "the exchange: the client": ("secret-rotated", "secret-refused"),
    "the exchange: the code": ("code-expired",),
    "the exchange: the address": ("ip-allow-list",),
    "the exchange, a second time": ("code-replayed",),
    "the reply": ("org-mix-up",),
}
#: the same where tokens are renewed or used
WITH_A_TOKEN: Mapping[str, tuple[str, ...]] = {
    "the way there and back": (
        *IN_A_LOGIN["the way there"],
        "login-rate-exceeded",
        "rotated-reply-lost",
    ),
    "the app of the key": ("app-deleted", "propagation-delay"),
    "the address of a login, as the checks ask for it": ("callback-not-registered",),
    "the client": ("secret-rotated", "secret-refused"),
    "the token: is it one that lives": (
        "revoked-elsewhere",
        "sixth-approval",
        "refresh-fixed-lifetime",
        "refresh-expires-immediately",
    ),
    "the app: is it on, and not blocked": ("app-disabled", "app-blocked"),
    "the user: may it log in, from here": ("user-inactive", "user-frozen", "password-expired", "ip-restricted"),
    "the policies of the app": ("ip-allow-list", "admin-approved-only"),
    "the same refresh, a second time": ("refresh-repeated",),
    "the reply": ("org-mix-up",),
    "the API": ("api-access-control", "api-disabled"),
    "the API, once the user is let in": ("daily-limit-reached",),
}
#: faults of the way, of which the practice world lets one act on a request: which of two is told first is chance there
ONE_ACTS = frozenset({*WITH_A_TOKEN["the way there and back"], "refresh-repeated", "code-replayed"})
Journey = Mapping[str, Step]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two lines of the table whose scenarios are on together."""

    one: Row
    other: Row

    @property
    def name(self) -> str:
        return f"{self.one.scenario}+{self.other.scenario}"


def precedes(first: str, second: str, step: str) -> bool:
    """Whether the first scenario may hide the second at this step of the journey."""
    if {first, second} <= ONE_ACTS:
        return True
    places = {name: place for place, names in enumerate(_order(step).values()) for name in names}
    return places[first] <= places[second]


def _order(step: str) -> Mapping[str, tuple[str, ...]]:
    return IN_A_LOGIN if step == "login" else WITH_A_TOKEN


def pool() -> dict[str, Row]:
    """For each scenario that has a place in an order, its first line in the table that needs nothing before."""
    listed = {name for order in (IN_A_LOGIN, WITH_A_TOKEN) for names in order.values() for name in names}
    found: dict[str, Row] = {}
    for row in rows_of_table():
        if row.scenario in listed and row.row and row.connection in ("acme", "saved") and not row.after_hours:
            found.setdefault(row.scenario, row)
    return found


def pairs() -> tuple[Pair, ...]:
    """The same at each run."""
    candidates = list(itertools.combinations(sorted(pool()), 2))
    chosen = random.Random(_SEED).sample(candidates, _PAIRS)
    rows = pool()
    return tuple(Pair(one=rows[one], other=rows[other]) for one, other in chosen)


def one_way_through(site: Site, folder: Path, *rows: Row) -> Journey:
    """All checks of a connection, then its verbs, each from the same start, with the scenarios of these rows on."""
    bench = site.open(folder)
    _turn_on(bench, rows)
    found = {f"check {step.name}": step for step in answers_of(bench.open("acme")) if step.row}
    for flow, connection in _VERBS:
        bench = site.open(folder)
        _turn_on(bench, rows)
        step = FLOWS[flow](bench, bench.open(connection))
        if step.diagnosis:
            found[flow] = step
    return found


def hidden(pair: Pair, alone: Mapping[str, Journey], together: Journey) -> list[str]:
    """Every place where one fault of a pair is not told and does not stand behind the other, in words."""
    found = []
    for row, other in ((pair.one, pair.other), (pair.other, pair.one)):
        mine, theirs = alone[row.scenario], alone[other.scenario]
        for name, step in mine.items():
            seen = together.get(name)
            if seen and seen.row == step.row and step.cause in seen.left:
                continue
            behind = precedes(other.scenario, row.scenario, name) and (seen is None or seen.row in _rows_of(theirs))
            if not behind:
                found.append(f"{name}: {step.row} of {row.scenario} is not told, but {seen.row if seen else 'nothing'}")
    known = _rows_of(alone[pair.one.scenario]) | _rows_of(alone[pair.other.scenario])
    return found + [f"{name}: {step.row} is of neither" for name, step in together.items() if step.row not in known]


def _rows_of(journey: Journey) -> set[str]:
    return {step.row for step in journey.values()}


def _turn_on(bench: Any, rows: tuple[Row, ...]) -> None:
    for row in sorted(rows, key=lambda one: one.scenario == "app-deleted"):  # others name the app
        bench.scenario(row.scenario, **row.parameters)
