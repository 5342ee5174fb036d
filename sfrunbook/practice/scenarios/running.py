"""The scenarios that are on: they are started, and each is taken back without the others."""

from __future__ import annotations

from typing import Any

from sfrunbook.practice.cyclr.state import Cyclr
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.world import World
from sfrunbook.practice.rest.entrance import DataEntrance
from sfrunbook.practice.scenarios.patches import Patches
from sfrunbook.practice.scenarios.registry import UnknownScenario, find, fit
from sfrunbook.practice.scenarios.stage import Stage
from sfrunbook.practice.web.faults import Faults

__all__ = ["Running"]


class Running:
    """`on` holds parameters and payload by name, in the order in which the scenarios were started."""

    def __init__(self, world: World, ledger: Ledger, data: DataEntrance, faults: Faults, cyclr: Cyclr | None) -> None:
        self._parts = {"world": world, "ledger": ledger, "data": data, "faults": faults, "cyclr": cyclr}
        self.patches = Patches(world, cyclr)
        self.on: dict[str, tuple[dict[str, Any], object]] = {}

    def _stage(self, name: str) -> Stage:
        parts: dict[str, Any] = self._parts
        return Stage(owner=name, patches=self.patches, **parts)

    def start(self, name: str, given: dict[str, Any]) -> None:
        """Turn it on, anew where it is on already. Raises `UnknownScenario`."""
        wanted = find(name)
        parameters = {**wanted.parameters, **fit(wanted, given)}
        if name in self.on:
            self.stop(name)
        try:
            payload = wanted.turn(self._stage(name), **parameters)
        except UnknownScenario:
            self._take_back(name)
            raise
        self.on[name] = (parameters, payload)

    def stop(self, name: str) -> None:
        """Take back exactly what this scenario did; raises `LookupError` when it is not on."""
        wanted = find(name)
        if name not in self.on:
            raise LookupError(f"The scenario {name!r} is not on.")
        _, payload = self.on.pop(name)
        if wanted.undo is not None:
            wanted.undo(self._stage(name), payload)
        self._take_back(name)

    def _take_back(self, name: str) -> None:
        self.patches.undo(name)
        faults = self._stage(name).faults
        faults.active = [each for each in faults.active if each.owner != name]

    def stop_all(self) -> None:
        for name in reversed(list(self.on)):
            self.stop(name)
