"""The step of 00_start: choose a connection, and see your progress."""

from __future__ import annotations

import os
from typing import Any

from sfrunbook.checks import registration
from sfrunbook.checks.registry import finding_of_error
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Status
from sfrunbook.report.cards import Card, table
from sfrunbook.report.road import Stop, road_card
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.runbook.verbs import OF_EVERY_STEP, verb
from sfrunbook.store.progress import ROAD, Step, StepState

__all__ = ["StartStep"]

_HOST = ("login-host-is-salesforce", "The login host answers as a login host of Salesforce.")


class StartStep:
    """Choose the connection that every notebook works with."""

    __repr__, _repr_mimebundle_, _ipython_display_, summary = OF_EVERY_STEP

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    def choose_connection(self) -> object:
        """The known connections and the form that adds one; shown even when none is open."""
        notebook = self._notebook
        if not notebook.attended:
            return table([{"Connection": notebook.name, "Host": notebook.host}], caption="The connection in use")
        from sfrunbook.runbook.forms.start import StartDesk

        return StartDesk(os.environ, self._use).show()

    @verb(*_HOST)
    def check_host(self) -> Card | None:
        """Whether this is a login host of Salesforce: the first check of the registration alone."""
        return self._notebook.show("host", self._host_card)

    @verb("road", "The road is shown.")
    def road(self) -> Card | None:
        """Every step, its notebook and its state on disk; when attended, the card follows other notebooks."""
        shown = self._notebook.show("road", self._road_card)
        if self._notebook.attended:
            self._notebook.live.poll("road", self._states, self._notebook.update_next_link)
        return shown

    def _use(self, name: str) -> Card:
        """Work with another connection from now on."""
        self._notebook.open(name)
        for card in ("bound", "host", "road", "summary"):
            self._notebook.live.refresh(card)
        return self._host_card()

    def _host_card(self) -> Card:
        try:
            return self._notebook.found(self._notebook.opened.checks.run(registration.STAGE, only=_HOST[:1]))
        except RunbookError as error:
            return self._notebook.found([finding_of_error(*_HOST, error)])

    def _states(self) -> tuple[Any, ...]:
        notebook = self._notebook
        return (notebook.name, *(sorted(notebook.opened.progress.states().items()) if notebook.is_open else ()))

    def _road_card(self) -> Card:
        notebook = self._notebook
        states = notebook.opened.progress.states() if notebook.is_open else {}
        return road_card(notebook.name, [self._stop(step, states.get(step.name)) for step in ROAD])

    def _stop(self, step: Step, state: StepState | None) -> Stop:
        # saved outputs have no times
        dated = self._notebook.attended and state and state.status is not Status.SKIPPED
        return Stop(
            notebook=step.notebook,
            outcome=step.outcome,
            status=state.status if state else None,
            day=state.at[:10] if state and dated else "",
        )
