"""The road of a connection: every step with its state, and the one to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sfrunbook.core.model import Status
from sfrunbook.report.cards import Card
from sfrunbook.report.templating import render

__all__ = ["Stop", "road_card"]

#: sign and words of a step's state; None is a step that was never tried
_STATES = {
    None: ("○", "not yet"),
    Status.PASSED: ("✓", "done"),
    Status.WARNING: ("!", "done, with a warning"),
    Status.FAILED: ("✗", "failed"),
    Status.SKIPPED: ("○", "not yet"),
    Status.INCONCLUSIVE: ("?", "not proved"),
}
_DONE = (Status.PASSED, Status.WARNING)


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One step of the road and how it stands."""

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
    """The steps as a list, the first that is not done marked as the next one."""
    to_do = next((place for place, one in enumerate(stops) if one.status not in _DONE), None)
    lines = [f"The road of connection {connection}"]
    for place, one in enumerate(stops):
        ahead = "  <- next" if place == to_do else ""
        lines.append(f"{one.sign} {one.state:<10} {one.notebook:<27} {one.outcome}{ahead}")
    html = render("road.html.j2", connection=connection, stops=stops, to_do=to_do)
    return Card(text="\n".join(lines), html=html)
