"""The fields for a profile's variables: which there are, a hint on each value, and the values that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from sfrunbook.core.model import Status
from sfrunbook.core.words import marks_legend
from sfrunbook.partners import PartnerProfile, Variable
from sfrunbook.partners.hints import Hint, hint_for
from sfrunbook.runbook.widgets import Field, FieldHint

__all__ = [
    "faults_of",
    "prefix_of",
    "variable_fields",
    "variable_hints",
    "variable_values",
    "variables_of",
]

#: the choice for a value that is not among the known ones
_OTHER = "other"
#: after a field's name: the choice among known values, and the doubtful value that the user confirms
_CHOICE, _SURE = "?", "!"


def prefix_of(profile: PartnerProfile) -> str:
    """The prefix of one profile's fields in a form that has those of several."""
    return f"{profile.name}."


def _chosen(profile: PartnerProfile, *, in_callbacks: bool) -> tuple[Variable, ...]:
    """The variables of the Callback URLs, or the others."""
    return tuple(
        variable
        for variable in profile.variables
        if any(f"{{{variable.name}}}" in callback.url for callback in profile.callbacks) is in_callbacks
    )


def variable_fields(
    profile: PartnerProfile, when: Mapping[str, Sequence[str]], *, in_callbacks: bool
) -> tuple[Field, ...]:
    """A field for each variable, and one to choose a known value where there are such; shown while `when` holds."""
    when = {**when, "profile": (profile.name,)}
    variables = _chosen(profile, in_callbacks=in_callbacks)
    return tuple(field for variable in variables for field in _fields(profile, variable, when))


def _fields(profile: PartnerProfile, variable: Variable, when: Mapping[str, Sequence[str]]) -> tuple[Field, ...]:
    name = prefix_of(profile) + variable.name
    text = Field(
        name=name, label=variable.label, placeholder=variable.default or variable.example, help=variable.help, when=when
    )
    if not variable.option:
        return (text,)
    known = [
        (option.label if option.mark == "confirmed" else f"{option.label} ({option.mark})", option.value)
        for option in variable.option
    ]
    choice = Field(
        name=name + _CHOICE,
        label=f"{variable.label}, by region",
        kind="choice",
        options=(*known, ("another one", _OTHER)),
        help=f"{variable.help} {marks_legend(*(label for label, _ in known))}".strip(),
        when=when,
    )
    other = replace(text, placeholder=variable.example, help="", when={**when, choice.name: (_OTHER,)})
    return choice, other


def variable_values(profile: PartnerProfile, stored: Mapping[str, str]) -> dict[str, str]:
    """The fields' values for stored variables: a doubtful value that is stored was confirmed before."""
    found: dict[str, str] = {}
    for variable in profile.variables:
        value = stored.get(variable.name, "")
        found |= _values(prefix_of(profile), variable, value) | {prefix_of(profile) + variable.name + _SURE: value}
    return found


def _values(prefix: str, variable: Variable, value: str) -> dict[str, str]:
    name = prefix + variable.name
    if not variable.option:
        return {name: value}
    value = value or variable.default
    listed = value in {option.value for option in variable.option}
    return {name + _CHOICE: value if listed else _OTHER, name: "" if listed else value}


def variables_of(
    profile: PartnerProfile, values: Mapping[str, str], prefix: str, *, in_callbacks: bool
) -> dict[str, str]:
    """The profile's variables as they were entered, known values by their choice."""
    found = {}
    for variable in _chosen(profile, in_callbacks=in_callbacks):
        name = prefix + variable.name
        chosen = values.get(name + _CHOICE, _OTHER)
        found[variable.name] = _host_of(values.get(name, "")) if chosen == _OTHER else chosen
    return found


def _host_of(text: str) -> str:
    """The host of an address that was pasted whole; any other text as it is."""
    return urlsplit(text.strip()).netloc.lower() if "://" in text else text.strip()


def variable_hints(
    profile: PartnerProfile, values: Mapping[str, str], prefix: str, *, in_callbacks: bool
) -> dict[str, FieldHint]:
    """A hint on each variable, by the name of the field that shows it."""
    typed, found = variables_of(profile, values, prefix, in_callbacks=in_callbacks), {}
    for variable in _chosen(profile, in_callbacks=in_callbacks):
        name = prefix + variable.name
        hint = hint_for(profile, variable, typed, sure=values.get(name + _SURE, ""))
        by_choice = values.get(name + _CHOICE, _OTHER) != _OTHER
        if not by_choice or hint.status is not Status.PASSED:
            found[name + _CHOICE if by_choice else name] = _field_hint(profile, hint, prefix, values)
    return found


def faults_of(labels: Mapping[str, str], hints: Mapping[str, FieldHint]) -> list[str]:
    """The hints that stop a form, each behind the label of its field."""
    return [f"{labels[name]}: {hint.sentence}" for name, hint in hints.items() if hint.stops]


def _field_hint(profile: PartnerProfile, hint: Hint, prefix: str, values: Mapping[str, str]) -> FieldHint:
    if not hint.use:
        return FieldHint(status=hint.status, sentence=hint.sentence)
    variable = next(known for known in profile.variables if known.name == hint.variable)
    name = prefix + variable.name
    fills = _values(prefix, variable, hint.use) if name + _CHOICE in values else {name: hint.use}
    if hint.sure:
        fills[name + _SURE] = hint.use
    label = hint.sure or f"Use {hint.use}"
    return FieldHint(status=hint.status, sentence=hint.sentence, use=label, fills=fills, unsure=bool(hint.sure))
