"""Widgets without a browser: what a person would see of them, and what they would press and type."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from sfrunbook.runbook import widgets


def parts(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def shown(widget: Any) -> str:
    """All words that a person sees, entities resolved; an abbreviation's tag stands inside a sentence."""
    texts = []
    for part in parts(widget):
        for name in ("value", "message"):
            if isinstance(text := getattr(part, name, None), str):
                texts.append(text)
    text = re.sub(r"</?abbr[^>]*>", "", " ".join(texts))
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


def states(widget: Any) -> str:
    """Everything that is synchronised with the browser, and could be saved with the notebook."""
    return json.dumps([part.get_state() for part in parts(widget)], default=str)


def the(widget: Any, kind: type, text: str = "") -> Any:
    """The one part of this kind whose label, description or class says `text`."""
    found = []
    for part in parts(widget):
        label = " ".join(str(getattr(part, name, "") or "") for name in ("label", "description"))
        if isinstance(part, kind) and text in label:
            found.append(part)
    (one,) = found
    return one


def type_in(field: widgets.SecretField, value: str, again: str | None = None) -> str:
    """The value, and the same once more where the field asks for it twice, or what is typed there by mistake."""
    field._receive(field, {"value": value, "again": value if again is None else again}, [])
    return field.message


def press(widget: Any, label: str) -> None:
    import ipywidgets

    the(widget, ipywidgets.Button, label).click()


def fill(form: widgets.Form, **values: str) -> None:
    """Type into the fields of a form."""
    form.values = {**form.values, **values}


def submit(form: widgets.Form) -> None:
    """Press the button of a form."""
    form._receive(form, {"do": "submit"}, [])


def hint(form: widgets.Form, name: str) -> dict[str, Any]:
    """What is said of a field now."""
    return form.hints.get(name, {})


def use(form: widgets.Form, name: str) -> None:
    """Press the button that fills in what was probably meant."""
    fill(form, **hint(form, name)["fills"])
