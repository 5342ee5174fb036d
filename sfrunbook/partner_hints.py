"""Told while a person types a value of the partner's: what is wrong with it, and the value probably meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sfrunbook.model import Status
from sfrunbook.partner import Option, PartnerProfile, Variable

__all__ = ["Hint", "hint_for"]


@dataclass(frozen=True, kw_only=True)
class Hint:
    """What is said of a value."""

    status: Status
    told: str
    #: the value to use in its place; empty when there is none
    use: str = ""
    #: name of the variable that `use` is for
    variable: str = ""


def hint_for(profile: PartnerProfile, variable: Variable, values: Mapping[str, str]) -> Hint:
    """Judge the value of one variable beside the others."""
    typed = values.get(variable.name, "").strip()
    value = typed or variable.default
    if not value and variable.optional:
        return Hint(status=Status.PASSED, told="This may stay empty, and can be entered later.")
    if not value:
        return Hint(status=Status.SKIPPED, told=f"Enter it. {variable.help}")
    host = _host_in(value)
    for mistake in variable.mistake:
        if re.fullmatch(mistake.pattern, host):
            return Hint(status=Status.FAILED, told=mistake.told)
    if re.fullmatch(variable.pattern, value):
        return _beside_others(profile, variable, value, values) or _fits(variable, value, given=bool(typed))
    if host != value and re.fullmatch(variable.pattern, host):
        told = "Only the name of the host is needed, in small letters, without https:// and without a path."
        return Hint(status=Status.FAILED, told=told, use=host, variable=variable.name)
    return Hint(status=Status.FAILED, told=f"This cannot be used: {variable.reason}.")


def _fits(variable: Variable, value: str, *, given: bool) -> Hint:
    if given or not variable.default:
        return Hint(status=Status.PASSED, told=f"{value} looks right.")
    return Hint(status=Status.PASSED, told=f"Left empty, {value} is used.")


def _beside_others(profile: PartnerProfile, variable: Variable, value: str, values: Mapping[str, str]) -> Hint | None:
    """A warning when another variable's known option goes with this value and a different one is chosen."""
    for other in profile.variables:
        if other.name == variable.name or not other.option:
            continue
        chosen = values.get(other.name, "").strip() or other.default
        fitting = _fitting(other, value)
        if fitting and chosen in {one.value for one in other.option} and fitting.value != chosen:
            told = f"{value} looks like {fitting.label}, and {other.label} says {chosen}. Change one of the two."
            return Hint(status=Status.WARNING, told=told, use=fitting.value, variable=other.name)
    return None


def _fitting(other: Variable, value: str) -> Option | None:
    fits = [one for one in other.option if one.suffix and value.endswith(one.suffix)]
    return max(fits, key=lambda one: len(one.suffix), default=None)


def _host_in(value: str) -> str:
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", value.strip(), flags=re.I)
    return re.split(r"[/?#:]", bare, maxsplit=1)[0].rstrip(".").lower()
