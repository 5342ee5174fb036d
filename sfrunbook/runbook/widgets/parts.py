"""Small parts that forms are built from."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets

from sfrunbook.core.errors import RunbookError
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card, diagnosis_card
from sfrunbook.report.links import Pages, links_for
from sfrunbook.salesforce.setup_links import search_hint

__all__ = ["Outcome", "again", "button", "link", "page_links", "stack"]


def stack(*parts: ipywidgets.Widget) -> ipywidgets.VBox:
    """Widgets one below the other."""
    return ipywidgets.VBox(list(parts))


def button(label: str, on_click: Callable[[], object], *, primary: bool = False) -> ipywidgets.Button:
    """A button as wide as its words; `primary` for the one thing to do where it is shown."""
    layout = ipywidgets.Layout(width="max-content", max_width="98%")
    widget = ipywidgets.Button(description=label, layout=layout, button_style="primary" if primary else "")
    widget.on_click(lambda _button: on_click())
    return widget


def link(sentence: str, address: str) -> ipywidgets.HTML:
    """A sentence with `{}` in the place of the address, which opens in a new tab."""
    anchor = f'<a href="{escape(address, quote=True)}" target="_blank" rel="noopener noreferrer">{escape(address)}</a>'
    return ipywidgets.HTML(f"<p>{escape(sentence).format(anchor)}</p>")


def page_links(where: str, pages: Pages) -> ipywidgets.HTML:
    """The links to the screens that a path in words names; nothing where their address is not known."""
    links = links_for(where, pages)
    if not links:
        return ipywidgets.HTML()
    anchors = ", ".join(
        f'<a href="{escape(each.url, quote=True)}" target="_blank" rel="noopener noreferrer">{escape(each.label)}</a>'
        for each in links
    )
    hint = search_hint(tuple(link for link in links if link.search))
    return ipywidgets.HTML(f'<div class="sfr-links"><p>Open this page: {anchors}</p><p>{escape(hint)}</p></div>')


class Outcome(ipywidgets.HTML):  # type: ignore[misc]  # ipywidgets has no types
    """Cards, or HTML, that screen readers announce when they change; `show` may be called from another thread."""

    def __init__(self, *content: Card | str) -> None:
        super().__init__(_announced(content))

    def show(self, *content: Card | str) -> None:
        """Replace what is shown; nothing at all clears it."""
        self.value = _announced(content)

    def explain(self, error: RunbookError) -> None:
        """Show the diagnosis of an error."""
        self.show(diagnosis_card(diagnosis_of(error)))


def _announced(content: tuple[Card | str, ...]) -> str:
    html = "".join(part if isinstance(part, str) else part.html for part in content)
    return f'<div role="status" aria-live="polite">{html}</div>'


def again(label: str, more: Callable[[], object]) -> ipywidgets.VBox:
    """A button that gives way to the widget of `more` when it is pressed."""
    box = ipywidgets.VBox()
    box.children = (button(label, lambda: box.set_trait("children", (more(),))),)
    return box
