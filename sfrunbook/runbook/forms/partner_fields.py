"""The fields for a profile's variables: which there are, a hint on each value, and the values that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from sfrunbook.core.model import Status
from sfrunbook.core.words import marks_legend
from sfrunbook.partners import PartnerProfile, Variable
from sfrunbook.partners.hints import Hint, hint_for
from sfrunbook.runbook.widgets import Field, FieldHint

__all__ = ["VariableFields"]

#: the choice for a value that is not among the known ones
_OTHER = "other"
#: after a field's name: the choice among known values, and the doubtful value that the user confirms
_CHOICE, _SURE = "?", "!"


class VariableFields:
    """The variables of a profile's Callback URLs, or the others, as fields of a form."""

    def __init__(self, profile: PartnerProfile, *, in_callbacks: bool) -> None:
        self._profile = profile
        self._variables = tuple(
            variable
            for variable in profile.variables
            if any(f"{{{variable.name}}}" in callback.url for callback in profile.callbacks) is in_callbacks
        )

    def fields(self, values: Mapping[str, str]) -> list[Field]:
        """A field for each variable; where known values are offered, a choice, and a field once it is another one."""
        return [field for variable in self._variables for field in _fields(variable, values)]

    def values(self, stored: Mapping[str, str]) -> dict[str, str]:
        """The fields' values for stored variables: a doubtful value that is stored was confirmed before."""
        found: dict[str, str] = {}
        for variable in self._variables:
            value = stored.get(variable.name, "")
            found |= _values(variable, value) | {variable.name + _SURE: value}
        return found

    def entered(self, values: Mapping[str, str]) -> dict[str, str]:
        """The variables as they were entered, known values by their choice."""
        found = {}
        for variable in self._variables:
            chosen = values.get(variable.name + _CHOICE, _OTHER)
            found[variable.name] = _host_of(values.get(variable.name, "")) if chosen == _OTHER else chosen
        return found

    def hints(self, values: Mapping[str, str]) -> dict[str, FieldHint]:
        """A hint on each variable, by the name of the field that shows it."""
        typed, found = self.entered(values), {}
        for variable in self._variables:
            hint = hint_for(self._profile, variable, typed, sure=values.get(variable.name + _SURE, ""))
            by_choice = values.get(variable.name + _CHOICE, _OTHER) != _OTHER
            if not by_choice or hint.status is not Status.PASSED:
                found[variable.name + _CHOICE if by_choice else variable.name] = self._hint(hint)
        return found

    def _hint(self, hint: Hint) -> FieldHint:
        if not hint.use:
            return FieldHint(status=hint.status, sentence=hint.sentence)
        variable = next(known for known in self._profile.variables if known.name == hint.variable)
        fills = _values(variable, hint.use)
        if hint.sure:
            fills[variable.name + _SURE] = hint.use
        label = hint.sure or f"Use {hint.use}"
        return FieldHint(status=hint.status, sentence=hint.sentence, use=label, fills=fills, unsure=bool(hint.sure))


def _fields(variable: Variable, values: Mapping[str, str]) -> list[Field]:
    hint = variable.default or variable.example
    text = Field(name=variable.name, label=variable.label, placeholder=hint, help=variable.help)
    if not variable.option:
        return [text]
    known = [
        (option.label if option.mark == "confirmed" else f"{option.label} ({option.mark})", option.value)
        for option in variable.option
    ]
    choice = Field(
        name=variable.name + _CHOICE,
        label=f"{variable.label}, by region",
        kind="choice",
        options=(*known, ("another one", _OTHER)),
        help=f"{variable.help} {marks_legend(*(label for label, _ in known))}".strip(),
    )
    other = replace(text, placeholder=variable.example, help="")
    return [choice, other] if values.get(choice.name) == _OTHER else [choice]


def _values(variable: Variable, value: str) -> dict[str, str]:
    if not variable.option:
        return {variable.name: value}
    value = value or variable.default
    listed = value in {option.value for option in variable.option}
    return {variable.name + _CHOICE: value if listed else _OTHER, variable.name: "" if listed else value}


def _host_of(text: str) -> str:
    """The host of an address that was pasted whole; any other text as it is."""
    return urlsplit(text.strip()).netloc.lower() if "://" in text else text.strip()
