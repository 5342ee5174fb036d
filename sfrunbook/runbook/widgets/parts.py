"""Small parts that forms are made of."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets

__all__ = ["Outcome", "again", "button", "link", "stack"]


def stack(*parts: ipywidgets.Widget) -> ipywidgets.VBox:
    """Widgets one below the other."""
    return ipywidgets.VBox(list(parts))


def button(label: str, on_click: Callable[[], None]) -> ipywidgets.Button:
    """A button as wide as its words."""
    made = ipywidgets.Button(description=label, layout=ipywidgets.Layout(width="max-content", max_width="98%"))
    made.on_click(lambda _button: on_click())
    return made


def link(sentence: str, address: str) -> ipywidgets.HTML:
    """A sentence with `{}` where the address stands; it opens in a new tab."""
    anchor = f'<a href="{escape(address, quote=True)}" target="_blank" rel="noopener noreferrer">{escape(address)}</a>'
    return ipywidgets.HTML(f"<p>{escape(sentence).format(anchor)}</p>")


class Outcome:
    """A place for HTML that is announced when it changes; `show` may be called from another thread."""

    def __init__(self, html: str = "") -> None:
        self.widget = ipywidgets.HTML(self._live(html))

    def show(self, html: str) -> None:
        """Replace what stands there."""
        self.widget.value = self._live(html)

    @staticmethod
    def _live(html: str) -> str:
        return f'<div role="status" aria-live="polite">{html}</div>'


def again(label: str, more: Callable[[], object]) -> ipywidgets.VBox:
    """A button that gives way to what `more` makes when it is pressed."""
    box = ipywidgets.VBox()
    box.children = (button(label, lambda: box.set_trait("children", (more(),))),)
    return box
