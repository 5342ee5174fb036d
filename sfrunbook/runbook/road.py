"""The verbs of 00_start: choose a connection, and see the road."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from sfrunbook import report
from sfrunbook.checks import registration
from sfrunbook.checks.registry import finding_of_error
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Status
from sfrunbook.report import Card
from sfrunbook.report.road import Stop, road_card
from sfrunbook.runbook.bound import Bound, forms, verb
from sfrunbook.store.progress import ROAD

__all__ = ["Road"]

_HOST = ("login-host-is-salesforce", "The login host answers as a login host of Salesforce.")


class Road(Bound):
    """Where a person begins."""

    def choose_connection(self) -> object:
        """The form that adds a connection, beside those that are known; shown even when none is bound."""
        if self._someone:
            return forms().StartDesk(os.environ, self._chosen).show()
        return report.table([{"Connection": self._name, "Host": self._host}], caption="The connection in use")

    @verb(*_HOST)
    def check_host(self) -> Card | None:
        """Only the first check of the registration: is this a Salesforce host at all."""
        return self._shown("host", self._look_at_host)

    @verb("road", "The road is shown.")
    def road(self) -> Card | None:
        """Every step, its notebook and its state on disk; with a person there it is shown anew when a step changes."""
        shown = self._shown("road", self._road)
        if self._someone:
            self._live.watch("road", self._states, self._lead_anew)
        return shown

    def _chosen(self, name: str) -> Card:
        """Work on another connection from here on: what this notebook found of the one before is not true of it."""
        self._bind(name)
        for part in ("bound", "host", "road", "summary"):
            self._live.refresh(part)
        return self._look_at_host()

    def _look_at_host(self) -> Card:
        try:
            return self._found(self._open_connection.checks.run(registration.STAGE, only=(_HOST[0],)))
        except RunbookError as error:
            return self._found([finding_of_error(*_HOST, error)])

    def _states(self) -> tuple[Any, ...]:
        return (self._name, *(sorted(self._opened.progress.states().items()) if self._opened else ()))

    def _road(self) -> Card:
        states = self._open_connection.progress.states() if self._opened else {}
        day: Callable[[str], str] = lambda at: at[:10] if self._someone else ""  # noqa: E731 - no times in what is kept
        stops = []
        for step in ROAD:
            state = states.get(step.name)
            stops.append(
                Stop(
                    notebook=step.notebook,
                    outcome=step.outcome,
                    status=state.status if state else None,
                    day=day(state.at) if state and state.status is not Status.SKIPPED else "",
                )
            )
        return road_card(self._name, stops)
