"""The header of the page: which connection, practice or live, how far each step is, and what is next."""

from __future__ import annotations

from sfrunbook.runbook import widgets
from sfrunbook.runbook.state import State, StepState
from sfrunbook.store.progress import STEPS

__all__ = ["HeaderView"]


class HeaderView:
    """The header as someone sees it, updated with the state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.widget = widgets.Header()
        state.on_change(self._update)

    def _update(self) -> None:
        """Show the state as it is now."""
        state = self._state
        states = {step.name: state.state_of(step) for step in STEPS} if state.is_open else {}
        to_do = [step for step in STEPS if not states.get(step.name, StepState.TO_DO).is_done]
        self.widget.show(
            connection=state.name,
            practice=state.in_practice,
            steps=[
                {"name": step.name, "label": step.label, "state": states.get(step.name, StepState.TO_DO).value}
                for step in STEPS
            ],
            next_step=to_do[0].name if to_do else "",
            minutes=sum(step.minutes for step in to_do),
        )
