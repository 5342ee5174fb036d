"""The conditions on named facts that catalogue rows carry: reading them, and whether they hold; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sfrunbook.core.model import Known, Value
from sfrunbook.diagnosis.facts import facts

__all__ = ["Atom", "Rule", "parse_rule"]

_ATOM = re.compile(r"(?P<name>[a-z_]+)\s*(?P<sign><=|>=|!=|=|<|>)\s*(?P<operand>'[^']*'|-?[0-9.]+|[a-z_]+)")


@dataclass(frozen=True, kw_only=True)
class Atom:
    """A comparison; `other` names the fact to compare with where `operand` is None."""

    name: str
    sign: str
    operand: Value | None = None
    other: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, self.other) if self.other else (self.name,)

    def holds(self, known: Mapping[str, Known]) -> bool | None:
        """Whether it is so; None when a fact is not known."""
        if any(name not in known for name in self.names):
            return None
        left = known[self.name].value
        right = known[self.other].value if self.other else self.operand
        if self.sign in ("=", "!="):
            return (left == right) is (self.sign == "=")
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            return None
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[self.sign]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Comparisons that must all hold."""

    atoms: tuple[Atom, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for atom in self.atoms for name in atom.names))

    def holds(self, known: Mapping[str, Known]) -> bool | None:
        """False as soon as one comparison is; None when that hangs on facts that are not known."""
        results = [atom.holds(known) for atom in self.atoms]
        return False if False in results else None if None in results else True


def parse_rule(text: str) -> Rule:
    """Read `used_host != issuer_host and idle_days > 30`; raises ValueError with a sentence.

    Text is written in single quotes; a bare word is `true`, `false` or the name of another fact of the same kind.
    """
    return Rule(atoms=tuple(_atom(part.strip()) for part in text.split(" and ")))


def _atom(text: str) -> Atom:
    found = _ATOM.fullmatch(text)
    if found is None:
        raise ValueError(f"not a condition: {text}")
    name, sign, operand = found["name"], found["sign"], found["operand"]
    if name not in facts():
        raise ValueError(f"there is no fact named {name}")
    kind = facts()[name].kind
    if sign in ("<", "<=", ">", ">=") and kind != "number":
        raise ValueError(f"{name} is not a number")
    if operand in facts():
        if facts()[operand].kind != kind:
            raise ValueError(f"{name} and {operand} are not of one kind")
        return Atom(name=name, sign=sign, other=operand)
    value: Value
    if kind == "text" and operand.startswith("'"):
        value = operand.strip("'")
    elif kind == "yes/no" and operand in ("true", "false"):
        value = operand == "true"
    elif kind == "number" and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", operand):
        value = float(operand)
    else:
        raise ValueError(f"{name} cannot be compared with {operand}")
    return Atom(name=name, sign=sign, operand=value)
