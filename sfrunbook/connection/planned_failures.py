"""Failures to try on purpose in a practice org: each is announced, breaks one thing, and can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sfrunbook.connection.practice_org import PracticeOrg
from sfrunbook.store.json_file import toml_rows

__all__ = ["PLANNED_FAILURES", "PlannedFailure", "PlannedFailures"]


@dataclass(frozen=True, kw_only=True)
class PlannedFailure:
    """One row of `planned_failures.toml`, which explains the fields."""

    name: str
    invitation: str
    fails: str
    scenario: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    needs_login: bool = False
    of_app: bool = True


PLANNED_FAILURES = toml_rows(Path(__file__).with_name("planned_failures.toml"), "failure", PlannedFailure)


class PlannedFailures:
    """Breaks and repairs the app of one connection in its practice org, by the control API."""

    def __init__(self, practice_org: PracticeOrg) -> None:
        self._org = practice_org

    def break_it(self, name: str) -> PlannedFailure:
        """Break what this planned failure announces; raises KeyError, and RunbookError `practice-world-gone`."""
        planned = {each.name: each for each in PLANNED_FAILURES}[name]
        app = {"app": self._org.client_id} if planned.of_app else {}
        parameters = {**app, **planned.parameters}
        self._org.control("POST", f"/scenarios/{planned.scenario}", parameters)
        return planned

    def broken(self) -> tuple[PlannedFailure, ...]:
        on = {each["name"] for each in self._org.control("GET", "/scenarios") if each["on"]}
        return tuple(each for each in PLANNED_FAILURES if each.scenario in on)

    def undo(self) -> None:
        """Undo every planned failure, in reverse order; what else was changed in the org stays."""
        for each in reversed(self.broken()):
            self._org.control("DELETE", f"/scenarios/{each.scenario}")
