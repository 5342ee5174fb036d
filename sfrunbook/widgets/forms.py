"""A form of named fields and one button."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets

__all__ = ["Field", "connection_form"]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One line of a form: a text, or a choice when there are options of (label, value)."""

    name: str
    label: str
    value: str
    help: str = ""
    options: Sequence[tuple[str, str]] = ()


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
