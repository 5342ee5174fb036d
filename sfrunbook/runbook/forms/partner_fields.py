"""The fields for a profile's variables: which there are, what is said of each value, and the values they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sfrunbook.core.model import Status
from sfrunbook.core.words import marks_legend
from sfrunbook.partners import PartnerProfile, Variable
from sfrunbook.partners.hints import Hint, hint_for
from sfrunbook.runbook.widgets import Field, FieldHint

__all__ = [
    "plain_values",
    "prefix_of",
    "variable_faults",
    "variable_fields",
    "variable_hints",
    "variable_values",
    "variables_of",
]

#: the choice for a value that is not among the known ones
_OTHER = "other"
#: after a field's name: the choice among known values, and the doubtful value that a person stands by
_CHOICE, _SURE = "?", "!"


def prefix_of(profile: PartnerProfile) -> str:
    """What the fields of one profile are named with, where those of several stand in one form."""
    return f"{profile.name}."


def variable_fields(profile: PartnerProfile, when: Mapping[str, Sequence[str]]) -> tuple[Field, ...]:
    """A field for each variable, and one to choose a known value where there are such; shown while `when` holds."""
    found: list[Field] = []
    for variable in profile.variables:
        found += _fields(profile, variable, {**when, "profile": (profile.name,)})
    return tuple(found)


def _fields(profile: PartnerProfile, variable: Variable, when: Mapping[str, Sequence[str]]) -> tuple[Field, ...]:
    name = prefix_of(profile) + variable.name
    text = Field(
        name=name, label=variable.label, placeholder=variable.default or variable.example, help=variable.help, when=when
    )
    if not variable.option:
        return (text,)
    known = [
        (one.label if one.mark == "confirmed" else f"{one.label} ({one.mark})", one.value) for one in variable.option
    ]
    choice = Field(
        name=name + _CHOICE,
        label=f"{variable.label}, by region",
        kind="choice",
        options=(*known, ("another one", _OTHER)),
        help=f"{variable.help} {marks_legend(*(label for label, _ in known))}".strip(),
        when=when,
    )
    other = Field(
        name=name,
        label=variable.label,
        placeholder=variable.example,
        when={**when, choice.name: (_OTHER,)},
    )
    return choice, other


def variable_values(profile: PartnerProfile, kept: Mapping[str, str]) -> dict[str, str]:
    """What the fields hold for values that were kept: whoever kept a doubtful one has been asked."""
    found: dict[str, str] = {}
    for variable in profile.variables:
        value = kept.get(variable.name, "")
        found |= _values(prefix_of(profile), variable, value) | {prefix_of(profile) + variable.name + _SURE: value}
    return found


def plain_values(profile: PartnerProfile, kept: Mapping[str, str]) -> dict[str, str]:
    """The same for a form with one text field for each variable, which has the variable's own name."""
    shown = {one.name: kept.get(one.name, one.default) for one in profile.variables}
    return shown | {one.name + _SURE: kept.get(one.name, "") for one in profile.variables}


def _values(prefix: str, variable: Variable, value: str) -> dict[str, str]:
    name = prefix + variable.name
    if not variable.option:
        return {name: value}
    value = value or variable.default
    listed = value in {one.value for one in variable.option}
    return {name + _CHOICE: value if listed else _OTHER, name: "" if listed else value}


def variables_of(profile: PartnerProfile, values: Mapping[str, str], prefix: str = "") -> dict[str, str]:
    """The profile's variables as they were entered, known values by their choice."""
    found = {}
    for variable in profile.variables:
        name = prefix + variable.name
        chosen = values.get(name + _CHOICE, _OTHER)
        found[variable.name] = values.get(name, "") if chosen == _OTHER else chosen
    return found


def variable_hints(profile: PartnerProfile, values: Mapping[str, str], prefix: str = "") -> dict[str, FieldHint]:
    """What is said of each variable, by the name of the field that shows it."""
    typed, found = variables_of(profile, values, prefix), {}
    for variable in profile.variables:
        name = prefix + variable.name
        hint = hint_for(profile, variable, typed, sure=values.get(name + _SURE, ""))
        by_choice = values.get(name + _CHOICE, _OTHER) != _OTHER
        if not by_choice or hint.status is not Status.PASSED:
            found[name + _CHOICE if by_choice else name] = _told(profile, hint, prefix, values)
    return found


def variable_faults(profile: PartnerProfile, values: Mapping[str, str]) -> list[str]:
    """What must be mended in a form of plain fields before anything is kept, by the label of its field."""
    labels = {one.name: one.label for one in profile.variables}
    return [f"{labels[name]}: {one.told}" for name, one in variable_hints(profile, values).items() if one.stops]


def _told(profile: PartnerProfile, hint: Hint, prefix: str, values: Mapping[str, str]) -> FieldHint:
    if not hint.use:
        return FieldHint(status=hint.status, told=hint.told)
    variable = next(one for one in profile.variables if one.name == hint.variable)
    name = prefix + variable.name
    fills = _values(prefix, variable, hint.use) if name + _CHOICE in values else {name: hint.use}
    if hint.sure:
        fills[name + _SURE] = hint.use
    words = hint.sure or f"Use {hint.use}"
    return FieldHint(status=hint.status, told=hint.told, use=words, fills=fills, unsure=bool(hint.sure))
