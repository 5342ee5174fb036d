"""The verbs of 00_start: choose a connection, and see the road."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sfrunbook import report
from sfrunbook.checks import registration
from sfrunbook.connections import ConnectionBook, home
from sfrunbook.progress import STEPS
from sfrunbook.report import Card

if TYPE_CHECKING:
    pass

from sfrunbook.runbook.bound import Bound, forms, verb

__all__ = ["Road"]


class Road(Bound):
    """Where a person begins."""

    @verb("connection-is-chosen", "A connection is chosen.")
    def choose_connection(self) -> object:
        """The form that adds a connection, beside those that are known."""
        book = ConnectionBook(home(os.environ))
        names = ["practice", *book.names()]
        if self._someone:
            return forms().connection_form(book, names)
        return report.table([{"Connection": self._name, "Host": self._host}], caption="The connection in use")

    @verb("login-host-is-salesforce", "The login host names itself as a Salesforce issuer.")
    def check_host(self) -> Card:
        """Only the first check of the registration: is this a Salesforce host at all."""
        return self._found(self._the_bench.check(registration.STAGE, only=("login-host-is-salesforce",)))

    @verb("road", "The road is shown.")
    def road(self) -> Card:
        """Every step, its notebook and its state on disk."""
        states = self._the_bench.progress.states()
        rows = [
            {
                "Step": step.outcome,
                "Notebook": report.Link(step.notebook, step.notebook),
                "State": states[step.name].status.value if step.name in states else "not yet",
            }
            for step in STEPS
        ]
        return report.table(rows, caption=f"The road of connection {self._name}")
