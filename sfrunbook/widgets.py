"""Forms that a person fills in; the only importer of ipywidgets and anywidget. Nothing here decides or connects.

No form is ever built in a headless run, and no widget holds a secret in its state: secrets arrive as one message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from sfrunbook.secret import Secret

__all__ = [
    "CopyTable",
    "Field",
    "LoginPanel",
    "Outcome",
    "SecretField",
    "again",
    "button",
    "connection_form",
    "link",
    "stack",
]

_AS_BUTTON = (
    "display:inline-block;padding:0.5rem 1.2rem;border-radius:3px;text-decoration:none;"
    "background:var(--jp-brand-color1,#1565c0);color:var(--jp-ui-inverse-font-color1,#fff)"
)
_STATIC = Path(__file__).parent / "static"


class SecretField(anywidget.AnyWidget):
    """A password field with a button; what is typed reaches `on_secret` and is nowhere else.

    `on_secret` gets the Secret and returns the sentence to show under the field.
    """

    _esm = _STATIC / "secret_field.js"
    _css = _STATIC / "widgets.css"
    label = traitlets.Unicode().tag(sync=True)
    placeholder = traitlets.Unicode().tag(sync=True)
    action = traitlets.Unicode("Save").tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(self, *, on_secret: Callable[[Secret], str], **state: Any) -> None:  # noqa: ANN401 - trait values
        super().__init__(**state)
        self._on_secret = on_secret
        self.on_msg(self._receive)

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        self.message = self._on_secret(Secret(str(content.get("value", ""))))


class CopyTable(anywidget.AnyWidget):
    """Values to carry into another screen: rows of `{"label", "value", "why", "copyable"}`."""

    _esm = _STATIC / "copy_table.js"
    _css = _STATIC / "widgets.css"
    caption = traitlets.Unicode().tag(sync=True)
    rows: traitlets.List[Any] = traitlets.List().tag(sync=True)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One line of a form: a text, or a choice when there are options of (label, value)."""

    name: str
    label: str
    value: str
    help: str = ""
    options: Sequence[tuple[str, str]] = ()


def stack(*parts: ipywidgets.Widget) -> ipywidgets.VBox:
    """Widgets one below the other."""
    return ipywidgets.VBox(list(parts))


def button(label: str, on_click: Callable[[], None]) -> ipywidgets.Button:
    """A button as wide as its words."""
    made = ipywidgets.Button(description=label, layout=ipywidgets.Layout(width="auto"))
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


def connection_form(
    fields: Sequence[Field],
    on_save: Callable[[Mapping[str, str]], str],
    *,
    action: str = "Save connection",
    intro: str = "",
) -> ipywidgets.VBox:
    """A form of named fields and one button; `on_save` gets the values and returns HTML to show."""
    boxes = {one.name: _box(one) for one in fields}
    save = ipywidgets.Button(description=action, button_style="primary", icon="check")
    said = ipywidgets.HTML()

    def saved(_button: object) -> None:
        said.value = on_save({name: box.value.strip() for name, box in boxes.items()})

    save.on_click(saved)
    lines = [
        ipywidgets.VBox([boxes[one.name], ipywidgets.HTML(f"<small>{escape(one.help)}</small>")]) for one in fields
    ]
    return ipywidgets.VBox([ipywidgets.HTML(escape(intro)), *lines, save, said])


def _box(field: Field) -> ipywidgets.Widget:
    layout = ipywidgets.Layout(width="min(46rem, 98%)")
    look: dict[str, Any] = {"description": field.label, "style": {"description_width": "14rem"}, "layout": layout}
    if field.options:
        return ipywidgets.Dropdown(options=list(field.options), value=field.value, **look)
    return ipywidgets.Text(value=field.value, **look)


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
