"""A form of named fields that says at once what it thinks of each value."""

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
    #: shown only while the named fields have one of these values
    when: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: `client_id`: the browser tells the shape while it is typed
    shape: str = ""

    def applies(self, values: Mapping[str, str]) -> bool:
        """Whether the field is shown beside these values."""
        return all(values.get(name) in wanted for name, wanted in self.when.items())


@dataclass(frozen=True, kw_only=True)
class FieldHint:
    """What is said of a field, and a button that fills in what was probably meant."""

    status: Status
    told: str
    #: words of the button; empty when there is none
    use: str = ""
    #: values that the button sets, by name of the field
    fills: Mapping[str, str] = field(default_factory=dict)
    #: whether the button must be pressed, or the value changed, before the form can be used
    unsure: bool = False

    @property
    def stops(self) -> bool:
        """Whether the form cannot be used as long as this is said."""
        return self.unsure or self.status in (Status.FAILED, Status.SKIPPED)


class Form(anywidget.AnyWidget):
    """Fields and one button; `values` holds what was typed, always, and no secret.

    `on_change` gets the values and returns hints by name of the field; `on_submit` gets the values, trimmed, of the
    fields that are shown. A button may fill in a value that belongs to no field: both get that too.
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
        fields: Sequence[Field],
        values: Mapping[str, str],
        *,
        action: str,
        on_submit: Callable[[Mapping[str, str]], None] = lambda _values: None,
        on_change: Callable[[Mapping[str, str]], Mapping[str, FieldHint]] = lambda _values: {},
        take_keys: bool = False,
    ) -> None:
        self._lines = tuple(fields)
        self._on_submit, self._on_change = on_submit, on_change
        rows = [asdict(field) for field in fields]
        super().__init__(fields=rows, values=dict(values), action=action, take_keys=take_keys)
        self._tell()
        self.observe(lambda _change: self._tell(), "values")
        self.on_msg(self._receive)

    @property
    def shown(self) -> dict[str, str]:
        """The values of the fields that are shown, trimmed, and those that belong to no field."""
        hidden = {one.name for one in self._lines if not one.applies(self.values)}
        lines = {one.name: "" for one in self._lines}
        return {name: value.strip() for name, value in {**lines, **self.values}.items() if name not in hidden}

    def _tell(self) -> None:
        self.hints = {name: _plain(hint) for name, hint in self._on_change(self.shown).items()}

    def _receive(self, _widget: object, content: Mapping[str, Any], _buffers: object) -> None:
        self.busy = True
        self.values = {**self.values, **content.get("values", {})}
        try:
            self._on_submit(self.shown)
        finally:
            self.busy = False
            self._tell()


def _plain(hint: FieldHint) -> dict[str, Any]:
    return {"status": hint.status.value, "told": hint.told, "use": hint.use, "fills": dict(hint.fills)}
