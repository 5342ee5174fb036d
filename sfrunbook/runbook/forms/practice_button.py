"""The button that enters the practice org's values into a form."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sfrunbook.connection.practice_org import PracticeOrg
from sfrunbook.runbook import widgets
from sfrunbook.runbook.state import State

__all__ = ["practice_button"]


def practice_button(state: State, step: str, enter: Callable[[PracticeOrg], object], *, entered: bool) -> list[Any]:
    """A button that calls `enter`, the main one of its form until the values are `entered`; none for a real org."""

    def press() -> None:
        org = state.practice_org
        if org and state.attempt(step, partial(enter, org)):
            button.button_style = ""

    button = widgets.button("Use practice values", press, primary=not entered)
    return [button] if state.practice_org else []
