"""The part of the control API for scenarios, and for snapshots of the whole state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from sfrunbook.practice.control.snapshot import Snapshot
from sfrunbook.practice.practice_world import PracticeWorld
from sfrunbook.practice.scenarios import SCENARIOS, UnknownScenario, find
from sfrunbook.practice.web.wire import Call

__all__ = ["StateControl"]

_LONGEST_NAME = 100
_MOST_SNAPSHOTS = 20


class StateControl:
    """Handlers as those of `Control`: they give JSON, `LookupError` becomes 404 and `ValueError` 400."""

    def __init__(self, practice: PracticeWorld) -> None:
        self._practice = practice
        self._taken: dict[str, Snapshot] = {}

    def handlers(self) -> dict[str, Callable[[Call, dict[str, Any]], Any]]:
        return {
            "/scenarios": self._scenarios,
            "/scenarios/{name}": self._scenario,
            "/snapshots": self._snapshots,
            "/snapshots/{name}": self._snapshot,
        }

    def _line(self, name: str) -> dict[str, Any]:
        on = self._practice.scenarios.on.get(name)
        return {**SCENARIOS[name].as_json(), "on": on is not None, "with": on[0] if on else None}

    def _scenarios(self, call: Call, _sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        if call.method == "DELETE":
            self._practice.scenarios.stop_all()
        return [self._line(name) for name in SCENARIOS]

    def _scenario(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        try:
            name = find(unquote(call.found["name"])).name
        except UnknownScenario as unknown:
            raise LookupError(str(unknown)) from None
        if call.method == "POST":
            self._practice.scenarios.start(name, sent)
        elif call.method == "DELETE":
            self._practice.scenarios.stop(name)
        return self._line(name)

    def _snapshots(self, call: Call, sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        snapshots = self._taken
        if call.method == "POST":
            name = sent.get("name", "default")
            if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
                raise ValueError("a snapshot needs a name of at most 100 characters")
            if name not in snapshots and len(snapshots) >= _MOST_SNAPSHOTS:
                raise ValueError(f"at most {_MOST_SNAPSHOTS} snapshots are allowed; delete one first")
            snapshots[name] = Snapshot(self._practice)
        return {"snapshots": list(snapshots)}

    def _snapshot(self, call: Call, _sent: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        name = unquote(call.found["name"])
        if name not in self._taken:
            raise LookupError(f"there is no snapshot named {name!r}")
        if call.method == "POST":
            self._taken[name].restore(self._practice)
        else:
            del self._taken[name]
        return {"snapshots": list(self._taken)}
