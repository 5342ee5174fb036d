"""The panel of one login."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ipywidgets

from sfrunbook.core.secrets.secret import Secret
from sfrunbook.report.cards import Card
from sfrunbook.runbook.widgets.diagram import FlowDiagram, LoginLink
from sfrunbook.runbook.widgets.fields import SecretField
from sfrunbook.runbook.widgets.parts import Outcome, button, stack

__all__ = ["LoginPanel"]


class LoginPanel:
    """The button to log in with, the field for a pasted address, the picture of the flow, and its state.

    `intro` comes first and `more` below it; `callbacks` are label and Callback URL of each address to which Salesforce
    may send the browser, and `callback` is that of this login. `show` and `finish` may be called from another thread.
    """

    def __init__(
        self,
        *,
        url: str,
        diagram: FlowDiagram,
        intro: Card,
        waiting: Card,
        paste_first: bool,
        on_open: Callable[[], None],
        on_address: Callable[[Secret], str],
        on_again: Callable[[], None],
        callbacks: Sequence[tuple[str, str]],
        callback: str,
        on_callback: Callable[[str], None],
        more: Sequence[ipywidgets.Widget] = (),
    ) -> None:
        self.link = LoginLink(address=url, on_open=on_open)
        self.diagram = diagram
        self._status = Outcome(waiting)
        paste = SecretField(
            label="Address after login",
            placeholder="Paste whatever the address bar shows, even an error page",
            action="Use this address",
            on_secret=on_address,
        )
        first = [self.link, paste, self._status] if paste_first else [self.link, self._status, paste]
        choice = ipywidgets.Dropdown(
            options=callbacks,
            value=callback,
            description="Callback URL of this login",
            style={"description_width": "initial"},
            layout=ipywidgets.Layout(width="min(46rem, 98%)"),
        )
        choice.observe(lambda change: on_callback(change["new"]), names="value")
        others = [choice, button("Start a new login", on_again)]
        self.widget = stack(ipywidgets.HTML(intro.html), *more, *first, self.diagram, *others)

    def show(self, status: Card) -> None:
        """Replace the status."""
        self._status.show(status)

    def finish(self, outcome: Card, *more: ipywidgets.Widget) -> None:
        """Show the outcome, the picture, and `more` below it: link and field have done their work."""
        self._status.show(outcome)
        self.widget.children = (self._status, self.diagram, *more)
