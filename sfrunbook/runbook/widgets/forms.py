"""A form of named fields with a hint on each value while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import anywidget
import traitlets

from sfrunbook.core.model import Status
from sfrunbook.runbook.widgets.scripts import STYLE, script

__all__ = ["Field", "FieldHint", "Form"]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One line of a form."""

    name: str
    label: str
    kind: Literal["text", "choice", "radio"] = "text"
    #: label and value of each choice
    options: Sequence[tuple[str, str]] = ()
    help: str = ""
    placeholder: str = ""
    #: `client_id`: the browser checks the shape while it is typed
    shape: str = ""


@dataclass(frozen=True, kw_only=True)
class FieldHint:
    """A hint on a field, and a button that fills in what was probably meant."""

    status: Status
    sentence: str
    #: words of the button; empty when there is none
    use: str = ""
    #: values that the button sets, by name of the field
    fills: Mapping[str, str] = field(default_factory=dict)
    #: whether the button must be pressed, or the value changed, before the form can be used
    unsure: bool = False

    @property
    def stops(self) -> bool:
        """Whether the form cannot be used with this value."""
        return self.unsure or self.status in (Status.FAILED, Status.SKIPPED)


class Form(anywidget.AnyWidget):
    """Fields and one button; `values` always has what was typed, and no secret.

    `fields` may be a function of the values, for a form whose fields depend on what is entered. `on_change` gets the
    values, trimmed, and returns hints by name of the field; `on_submit` gets the values. A button may fill in a value
    that belongs to no field: both get that too.
    """

    _esm = script("shape.js", "form.js")
    _css = STYLE
    fields: traitlets.List[Any] = traitlets.List().tag(sync=True)
    #: without an echo, which would take back what was typed while it was on its way
    values: traitlets.Dict[str, str] = traitlets.Dict().tag(sync=True, echo_update=False)
    hints: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)
    action = traitlets.Unicode("Save").tag(sync=True)
    busy = traitlets.Bool(default_value=False).tag(sync=True)
    #: whether the first field takes the keys as soon as it is there
    take_keys = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(
        self,
        fields: Sequence[Field] | Callable[[Mapping[str, str]], Sequence[Field]],
        values: Mapping[str, str],
        *,
        action: str,
        on_submit: Callable[[Mapping[str, str]], None] = lambda _values: None,
        on_change: Callable[[Mapping[str, str]], Mapping[str, FieldHint]] = lambda _values: {},
        take_keys: bool = False,
    ) -> None:
        self._fields_for = fields if callable(fields) else lambda _values: fields
        self._on_submit, self._on_change = on_submit, on_change
        super().__init__(values=dict(values), action=action, take_keys=take_keys)
        self._update()
        self.observe(lambda _change: self._update(), "values")
        self.on_msg(self._receive)

    @property
    def shown(self) -> dict[str, str]:
        """The values, trimmed; a field without one is empty."""
        values = {**dict.fromkeys(self._labels, ""), **self.values}
        return {name: value.strip() for name, value in values.items()}

    @property
    def faults(self) -> list[str]:
        """The hints that stop the form, each behind the label of its field."""
        found = self._on_change(self.shown)
        return [f"{self._labels[name]}: {hint.sentence}" for name, hint in found.items() if hint.stops]

    def _update(self) -> None:
        """Show the fields for these values, and a hint on each."""
        fields = self._fields_for(self.values)
        self._labels = {field.name: field.label for field in fields}
        self.fields = [asdict(field) for field in fields]
        self.hints = {name: _plain(hint) for name, hint in self._on_change(self.shown).items()}

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        self.busy = True
        self.values = {**self.values, **content.get("values", {})}
        try:
            self._on_submit(self.shown)
        finally:
            self.busy = False
            self._update()


def _plain(hint: FieldHint) -> dict[str, Any]:
    return {"status": hint.status.value, "sentence": hint.sentence, "use": hint.use, "fills": dict(hint.fills)}
