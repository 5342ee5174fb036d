"""A practice world's whole state at one moment, to come back to."""

from __future__ import annotations

import copy
from typing import Any

from sfrunbook.practice.practice_world import PracticeWorld

__all__ = ["Snapshot"]

# Neither changes between a snapshot and its return: the clock is put back by its offset, keys are made once.
_WORLD_KEEPS = ("clock", "signing_key", "on_new_key")
_LEDGER_KEEPS = ("_world",)


class Snapshot:
    """World, ledger, scenarios, faults, records and the clock's offset; the journal goes on."""

    def __init__(self, practice: PracticeWorld) -> None:
        self._state = _copied(practice, _state_of(practice))
        self._offset_seconds = practice.clock.offset_seconds
        self._rows = {org_id: api.store.copy_of_rows() for org_id, api in practice.data.apis.items()}

    def restore(self, practice: PracticeWorld) -> None:
        """Can be done again: what is given out is a copy."""
        version = practice.world.people_version
        world, ledger, on, patches, faults, cyclr = _copied(practice, self._state)
        vars(practice.world).update(world)
        vars(practice.ledger).update(ledger)
        practice.scenarios.on, practice.scenarios.patches.applied = on, patches
        practice.faults.active = faults
        if practice.cyclr is not None:
            vars(practice.cyclr).update(cyclr)
        practice.clock.reset()
        practice.clock.advance(self._offset_seconds)
        practice.world.people_version = version + 1
        practice.data.forget()
        for org_id, rows in self._rows.items():
            practice.data.api(org_id).store.take_rows(rows)


def _state_of(practice: PracticeWorld) -> tuple[Any, ...]:
    return (
        {name: value for name, value in vars(practice.world).items() if name not in _WORLD_KEEPS},
        {name: value for name, value in vars(practice.ledger).items() if name not in _LEDGER_KEEPS},
        practice.scenarios.on,
        practice.scenarios.patches.applied,
        practice.faults.active,
        vars(practice.cyclr) if practice.cyclr is not None else {},
    )


def _copied(practice: PracticeWorld, state: tuple[Any, ...]) -> tuple[Any, ...]:
    """A deep copy in which the world, the ledger and their like stay the same objects."""
    kept = (practice.world, practice.ledger, practice.clock, practice.world.signing_key)
    memo: dict[int, Any] = {id(each): each for each in kept}
    return copy.deepcopy(state, memo)
