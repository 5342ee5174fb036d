"""Runs a cycle once to check a connector, where methods may not be run from this machine's address."""

from __future__ import annotations

import time
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


def run_cycle(side: CyclrSide) -> CycleOutcome | None:
    """Install the partner's template that names this connector, run it once, and read its transactions.

    None when there is no such template. That cycles are free of the address block is likely, not documented.
    A cycle that an earlier run installed is used again if its steps use this connector.
    """
    cyclr, account = side.cyclr, side.account_id
    name = side.connector_name.casefold()
    template = next((template for template in cyclr.templates() if name in template.name.casefold()), None)
    if template is None:
        return None
    installed = [
        cycle
        for cycle in cyclr.cycles(account)
        if cycle.name == template.name and side.installed.number in cyclr.connectors_of(account, cycle.id)
    ]
    cycle = installed[-1] if installed else cyclr.install_template(account, template.id)
    before = {run.transaction_id for run in cyclr.transactions(account, cycle.id)}
    cyclr.run_once(account, cycle.id)
    waited = 0.0
    while True:
        runs = cyclr.transactions(account, cycle.id)
        ended = [run for run in runs if run.transaction_id not in before and run.is_over]
        if ended or waited >= _WAIT_SECONDS:
            break
        time.sleep(_STEP_SECONDS)
        waited += _STEP_SECONDS
    if not ended or ended[-1].is_good:
        return CycleOutcome(name=template.name, good=bool(ended))
    incidents = cyclr.incidents(account, cycle.id)
    faults = [fault for fault in incidents if fault.transaction_id == ended[-1].transaction_id]
    last = faults[-1] if faults else None
    return CycleOutcome(
        name=template.name,
        message=last.message if last else "The cycle ended with an error",
        detail=(last.detail or last.message) if last else "no detail",
    )
