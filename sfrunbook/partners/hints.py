"""Hints while the user types a value of the partner's: what is wrong, and the value probably meant. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sfrunbook.core.model import Mark, Status
from sfrunbook.partners.parts import Option, Variable
from sfrunbook.partners.profile import PartnerProfile

__all__ = ["Hint", "hint_for"]


@dataclass(frozen=True, kw_only=True)
class Hint:
    """The judgement of a value."""

    status: Status
    sentence: str
    #: the value to use in its place; empty when there is none
    use: str = ""
    #: name of the variable that `use` is for
    variable: str = ""
    #: how the user confirms `use` in spite of the doubt; the value waits for it
    sure: str = ""


def hint_for(profile: PartnerProfile, variable: Variable, values: Mapping[str, str], *, sure: str = "") -> Hint:
    """Judge the value of a variable beside the others; `sure` is the doubtful value that the user confirmed."""
    typed = values.get(variable.name, "").strip()
    value = typed or variable.default
    if not value and variable.optional:
        return Hint(status=Status.PASSED, sentence="Optional. You can enter it later.")
    if not value:
        return Hint(status=Status.SKIPPED, sentence=f"Enter it. {variable.help}")
    host = _host_in(value)
    for mistake in variable.mistake:
        if re.fullmatch(mistake.pattern, host):
            return Hint(status=Status.FAILED, sentence=mistake.told)
    fits = re.fullmatch(variable.pattern, value) is not None
    if not fits and not (host != value and re.fullmatch(variable.pattern, host)):
        return Hint(status=Status.FAILED, sentence=f"This can't be used: {variable.reason}.")
    doubt = _doubt(variable, value if fits else host)
    if doubt and not (fits and sure == value):
        return doubt
    if not fits:
        only_host = "Enter only the host name, in lowercase, without https:// or a path."
        return Hint(status=Status.FAILED, sentence=only_host, use=host, variable=variable.name)
    if doubt:
        return Hint(status=Status.PASSED, sentence=f"Used, as you confirmed: {doubt.sure}.")
    return _beside_others(profile, variable, value, values) or _fits(variable, value, given=bool(typed))


def _doubt(variable: Variable, value: str) -> Hint | None:
    """The question whether a value of no known shape is meant, where the profile has one."""
    if any(re.fullmatch(shape.pattern, value) for shape in variable.shape):
        return None
    known = value in {option.value for option in variable.option}
    found = next((doubt for doubt in variable.doubt if not known and re.fullmatch(doubt.pattern, value)), None)
    if not found:
        return None
    sure = f"{found.sure} {value}"
    return Hint(status=Status.WARNING, sentence=found.told, use=value, variable=variable.name, sure=sure)


def _fits(variable: Variable, value: str, *, given: bool) -> Hint:
    if not given and variable.default:
        status = Status.WARNING if variable.default_told else Status.PASSED
        return Hint(status=status, sentence=f"If you leave it empty, {value} is used. {variable.default_told}".strip())
    shape = next((shape for shape in variable.shape if re.fullmatch(shape.pattern, value)), None)
    if shape and shape.mark is not Mark.CONFIRMED:
        return Hint(status=Status.WARNING, sentence=f"{value} may be right. {shape.told}")
    return Hint(status=Status.PASSED, sentence=f"{value} looks right. {shape.told if shape else ''}".strip())


def _beside_others(profile: PartnerProfile, variable: Variable, value: str, values: Mapping[str, str]) -> Hint | None:
    """A warning when another variable's known option goes with this value and a different one is chosen."""
    for other in profile.variables:
        if other.name == variable.name or not other.option:
            continue
        chosen = values.get(other.name, "").strip() or other.default
        fitting = _fitting(other, value)
        if fitting and chosen in {option.value for option in other.option} and fitting.value != chosen:
            conflict = f"{value} looks like {fitting.label}, but {other.label} is {chosen}. Change one of them."
            return Hint(status=Status.WARNING, sentence=conflict, use=fitting.value, variable=other.name)
    return None


def _fitting(other: Variable, value: str) -> Option | None:
    fits = [option for option in other.option if option.suffix and value.endswith(option.suffix)]
    return max(fits, key=lambda option: len(option.suffix), default=None)


def _host_in(value: str) -> str:
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", value.strip(), flags=re.I)
    return re.split(r"[/?#:]", bare, maxsplit=1)[0].rstrip(".").lower()
