"""The panel of one login."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets

from sfrunbook.secret import Secret
from sfrunbook.widgets.fields import SecretField
from sfrunbook.widgets.parts import Outcome, stack

__all__ = ["LoginPanel"]

_AS_BUTTON = (
    "display:inline-block;padding:0.5rem 1.2rem;border-radius:3px;text-decoration:none;"
    "background:var(--jp-brand-color1,#1565c0);color:var(--jp-ui-inverse-font-color1,#fff)"
)


class LoginPanel:
    """The link to log in with, the field for a pasted address, and a line that says how it stands.

    `show(html)` may be called from another thread.
    """

    def __init__(self, *, url: str, waiting: str, paste_first: bool, on_address: Callable[[Secret], str]) -> None:
        link = ipywidgets.HTML(
            f'<p><a href="{escape(url, quote=True)}" target="_blank" rel="noopener noreferrer" style="{_AS_BUTTON}">'
            "Log in at Salesforce (opens a new tab)</a></p>"
        )
        self._status = Outcome(waiting)
        paste = SecretField(
            label="Address after login",
            placeholder="Paste whatever the address bar shows, even an error page",
            action="Use this address",
            on_secret=on_address,
        )
        order = [link, paste, self._status.widget] if paste_first else [link, self._status.widget, paste]
        self.widget = stack(*order)

    def show(self, html: str) -> None:
        """Replace the status line."""
        self._status.show(html)

    def finish(self, html: str, *more: ipywidgets.Widget) -> None:
        """Show the outcome, and `more` below it: link and field have done their work."""
        self._status.show(html)
        self.widget.children = (self._status.widget, *more)
