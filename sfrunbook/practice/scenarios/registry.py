"""The register of scenarios: names, parameters, and the errors for a wrong name or parameter."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sfrunbook.practice.scenarios.stage import Stage, UnknownScenario

__all__ = ["SCENARIOS", "Scenario", "UnknownScenario", "find", "parse", "scenario"]


class _Turn(Protocol):
    def __call__(self, stage: Stage, **parameters: Any) -> object: ...  # noqa: ANN401 - each its own


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One scenario. `turns` is what it breaks, `symptom` what a client sees then.

    `causes` are the numbers that docs/practice-world.md gives to the commonest causes of a failed Cyclr connection.
    `undo` gets what the function returned, for what is more than changed fields and faults.
    """

    name: str
    turn: _Turn
    undo: Callable[[Stage, Any], None] | None
    turns: str
    symptom: str
    causes: tuple[int, ...]
    parameters: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """As JSON, for lists."""
        return {
            "name": self.name,
            "turns": self.turns,
            "symptom": self.symptom,
            "causes": list(self.causes),
            "parameters": self.parameters,
        }


SCENARIOS: dict[str, Scenario] = {}


def scenario(*, causes: tuple[int, ...] = (), undo: Callable[[Stage, Any], None] | None = None) -> Callable[[Any], Any]:
    """Register a function under its name with hyphens.

    Its docstring is one sentence on what it breaks, a blank line, and `Symptom:` with what is then seen; its
    keyword arguments, all with defaults, are the scenario's parameters.
    """

    def register(function: Any) -> Any:  # noqa: ANN401 - the decorated function
        turns, _, symptom = inspect.cleandoc(function.__doc__).partition("\n\nSymptom: ")
        name = function.__name__.replace("_", "-")
        given = list(inspect.signature(function).parameters.values())[1:]
        SCENARIOS[name] = Scenario(
            name=name,
            turn=function,
            undo=undo,
            turns=" ".join(turns.split()),
            symptom=" ".join(symptom.split()),
            causes=causes,
            parameters={each.name: each.default for each in given},
        )
        return function

    return register


def find(name: str) -> Scenario:
    """The scenario of this name; raises `UnknownScenario`."""
    found = SCENARIOS.get(name)
    if found is None:
        close = difflib.get_close_matches(name, SCENARIOS, n=1, cutoff=0.0)
        raise UnknownScenario(f"There is no scenario named {name!r}; the closest is {close[0]!r}.")
    return found


def parse(text: str) -> tuple[str, dict[str, Any]]:
    """`NAME` or `NAME:key=value,key=value` as name and parameters; raises `UnknownScenario`."""
    name, _, rest = text.partition(":")
    wanted = find(name)
    pairs: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        pairs[key.strip()] = value
    return name, fit(wanted, pairs)


def fit(wanted: Scenario, given: dict[str, Any]) -> dict[str, Any]:
    """Parameters as their defaults' types ask for, from texts or JSON; raises `UnknownScenario`."""
    unknown = sorted(set(given) - set(wanted.parameters))
    if unknown:
        known = ", ".join(wanted.parameters) or "none"
        raise UnknownScenario(f"{wanted.name} has no parameter {unknown[0]!r}; it takes: {known}.")
    return {name: _value(wanted, name, value) for name, value in given.items()}


def _value(wanted: Scenario, name: str, value: object) -> object:
    kind = type(wanted.parameters[name])
    if kind is bool and isinstance(value, str) and value.lower() in ("true", "yes", "false", "no"):
        return value.lower() in ("true", "yes")
    if kind is type(value):
        return value
    try:
        if kind in (int, float) and isinstance(value, str | int | float) and not isinstance(value, bool):
            number = kind(value)
            if 0 <= number < 10**9:
                return number
    except (ValueError, OverflowError):
        pass
    word = {bool: "yes or no", int: "a whole number", float: "a number"}.get(kind, "a text")
    raise UnknownScenario(f"{name} of {wanted.name} is {word}.")
