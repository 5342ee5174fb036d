"""The progress of a connection: every step with its state, and the step to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sfrunbook.core.model import Status
from sfrunbook.report.cards import Card
from sfrunbook.report.templating import render

__all__ = ["Stop", "road_card"]

#: sign and words for the state of a step; None for a step that was never tried
_STATES = {
    None: ("○", "not yet"),
    Status.PASSED: ("✓", "done"),
    Status.WARNING: ("!", "done, with a warning"),
    Status.FAILED: ("✗", "failed"),
    Status.SKIPPED: ("○", "not yet"),
    Status.INCONCLUSIVE: ("?", "not proved"),
}


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A step and its state."""

    notebook: str
    outcome: str
    status: Status | None = None
    #: day of the last try, or empty
    day: str = ""

    @property
    def sign(self) -> str:
        return _STATES[self.status][0]

    @property
    def state(self) -> str:
        return _STATES[self.status][1]


def road_card(connection: str, stops: Sequence[Stop]) -> Card:
    """The steps as a list, with the first that is not done marked as next."""
    to_do = next((place for place, stop in enumerate(stops) if not (stop.status and stop.status.is_good)), None)
    lines = [f"The road of connection {connection}"]
    for place, stop in enumerate(stops):
        ahead = "  <- next" if place == to_do else ""
        lines.append(f"{stop.sign} {stop.state:<10} {stop.notebook:<27} {stop.outcome}{ahead}")
    html = render("road.html.j2", connection=connection, stops=stops, to_do=to_do)
    return Card(text="\n".join(lines), html=html)
