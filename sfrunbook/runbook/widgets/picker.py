"""A choice of an object, its fields and a limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from sfrunbook.runbook.widgets.parts import Outcome

__all__ = ["FieldPicker"]

_MOST = 50_000


class FieldPicker:
    """Objects and fields as (label, API name).

    `on_object` returns the fields of an object; `on_choice` gets object, fields and limit at each change.
    """

    def __init__(
        self,
        objects: Sequence[tuple[str, str]],
        *,
        on_object: Callable[[str], Sequence[tuple[str, str]]],
        on_choice: Callable[[str, Sequence[str], int], None],
    ) -> None:
        self._names = {f"{label} ({name})": name for label, name in objects}
        self._on_object, self._on_choice = on_object, on_choice
        self._object = ipywidgets.Combobox(
            options=list(self._names),
            placeholder="Type part of its name",
            continuous_update=False,
            **_labelled("Object"),
        )
        self._fields = ipywidgets.SelectMultiple(rows=8, **_labelled("Fields"))
        self._limit = ipywidgets.BoundedIntText(value=200, min=1, max=_MOST, **_labelled("Maximum rows", "16rem"))
        self._help = Outcome("Choose an object to see its fields. Hold Ctrl to choose several fields.")
        self._object.observe(self._object_chosen, names="value")
        self._fields.observe(self._changed, names="value")
        self._limit.observe(self._changed, names="value")
        self.widget = ipywidgets.VBox([self._object, self._fields, self._limit, self._help])

    def choose(self, name: str) -> None:
        """Choose an object by its API name, where it is among those that may be queried."""
        label = next((label for label, known in self._names.items() if known.lower() == name.lower()), "")
        if label:
            self._object.value = label

    def _object_chosen(self, _change: object) -> None:
        if not (name := self._name()):
            self._fields.options = ()
            self._help.show(
                "✗ You can't query an object with this name. Choose one from the list. The query is unchanged."
            )
            return
        fields = self._on_object(name)
        self._fields.set_trait("options", [(f"{label} ({value})", value) for label, value in fields])
        self._fields.value = tuple(name for name in ("Id", "Name") if name in {value for _, value in fields})
        how = "Hold Ctrl to choose several. Each choice updates the query below. Press Run query to run it."
        self._help.show(f"{len(fields)} fields. {how}")
        self._changed(None)

    def _name(self) -> str:
        typed = self._object.value.strip()
        return self._names.get(typed) or next(
            (name for name in self._names.values() if name.lower() == typed.lower()), ""
        )

    def _changed(self, _change: object) -> None:
        if self._name() and self._fields.value:
            self._on_choice(self._name(), self._fields.value, self._limit.value)


def _labelled(label: str, width: str = "min(40rem, 98%)") -> dict[str, Any]:
    return {
        "description": label,
        "style": {"description_width": "8rem"},
        "layout": ipywidgets.Layout(width=width),
    }
