"""A cycle that is run once to prove a connector, where methods may not be run from this machine's address."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sfrunbook.partners.cyclr.side import CyclrSide

__all__ = ["CycleOutcome", "run_cycle"]

_WAIT_SECONDS = 60.0
_STEP_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class CycleOutcome:
    """How the run ended; without `good` and `detail` it has not ended yet."""

    name: str
    good: bool = False
    message: str = ""
    detail: str = field(default="", repr=False)


def run_cycle(
    side: CyclrSide, *, sleep: Callable[[float], None] = time.sleep, wait_seconds: float = _WAIT_SECONDS
) -> CycleOutcome | None:
    """Install the partner's template that names this connector, run it once, and read its transactions.

    None when there is no such template. That cycles are free of the address block is likely, not documented.
    A cycle that an earlier run installed is used again if its steps use this connector.
    """
    cyclr, account = side.cyclr, side.account_id
    fitting = [one for one in cyclr.templates() if side.connector_name.casefold() in one.name.casefold()]
    if not fitting:
        return None
    template = fitting[0]
    there = [
        one
        for one in cyclr.cycles(account)
        if one.name == template.name and side.installed.number in cyclr.connectors_of(account, one.cycle_id)
    ]
    cycle = there[-1] if there else cyclr.install_template(account, template.template_id)
    before = {one.transaction_id for one in cyclr.transactions(account, cycle.cycle_id)}
    cyclr.run_once(account, cycle.cycle_id)
    waited = 0.0
    while True:
        ended = [
            one
            for one in cyclr.transactions(account, cycle.cycle_id)
            if one.transaction_id not in before and one.is_over
        ]
        if ended or waited >= wait_seconds:
            break
        sleep(_STEP_SECONDS)
        waited += _STEP_SECONDS
    if not ended or ended[-1].is_good:
        return CycleOutcome(name=template.name, good=bool(ended))
    faults = [one for one in cyclr.incidents(account, cycle.cycle_id) if one.transaction_id == ended[-1].transaction_id]
    last = faults[-1] if faults else None
    return CycleOutcome(
        name=template.name,
        message=last.message if last else "The cycle ended with an error",
        detail=(last.detail or last.message) if last else "no detail",
    )
