"""Checks parameters before a notebook runs: declared, of the right type, and no secret."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sfrunbook.core.errors import problem
from sfrunbook.core.secrets.patterns import SECRET_NAMES
from sfrunbook.core.secrets.shape import is_reference, looks_like_secret

__all__ = ["Declared", "check_parameters", "declared_parameters"]

_TYPES = {"str": str, "int": int, "float": (int, float), "bool": bool, "list": list, "dict": dict}


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A parameter as the notebook declares it."""

    name: str
    #: name of its type; empty where the notebook does not say
    type: str
    default: object


def declared_parameters(notebook: Mapping[str, Any]) -> dict[str, Declared]:
    """What the cell tagged `parameters` declares, by name: `name: type = default`, or a constant without its type."""
    found = [cell for cell in notebook.get("cells", ()) if "parameters" in cell.get("metadata", {}).get("tags", ())]
    if not found:
        return {}
    source = found[0].get("source", "")
    try:
        tree = ast.parse(source if isinstance(source, str) else "".join(source))
    except SyntaxError:
        return {}
    return {one.name: one for statement in tree.body for one in _declared(statement)}


def _declared(statement: ast.stmt) -> Iterator[Declared]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        kind = ast.unparse(statement.annotation)
        yield Declared(
            name=statement.target.id, type=kind if kind in _TYPES else "", default=_constant(statement.value)
        )
    elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        default = _constant(statement.value)
        kind = type(default).__name__
        yield Declared(name=statement.targets[0].id, type=kind if kind in _TYPES else "", default=default)


def _constant(node: ast.expr | None) -> object:
    try:
        return ast.literal_eval(node) if node is not None else None
    except ValueError:
        return None


def check_parameters(notebook: Mapping[str, Any], given: Mapping[str, object]) -> None:
    """Raise the problem with the first parameter that the notebook must not be given.

    Problems: `parameter-looks-like-secret`, `parameter-unknown`, `parameter-wrong-type`. No value is repeated.
    """
    for name, value in given.items():
        if _holds_secret(str(name), value):
            shown = str(name) if not looks_like_secret(str(name)) else "(not shown)"
            raise problem("parameter-looks-like-secret", name=shown)
    declared = declared_parameters(notebook)
    for name, value in given.items():
        if name not in declared:
            raise problem("parameter-unknown", name=name, known=sorted(declared) or "none")
        if not _fits(value, declared[name].type):
            raise problem(
                "parameter-wrong-type", name=name, wanted=declared[name].type, given=f"a {type(value).__name__}"
            )


def _holds_secret(name: str, value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_secret(str(key), one) for key, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return any(_holds_secret(name, one) for one in value)
    text = value if isinstance(value, str) else str(value)
    if not text or value is None or isinstance(value, bool) or is_reference(text):
        return False
    return SECRET_NAMES.fullmatch(name) is not None or looks_like_secret(text)


def _fits(value: object, kind: str) -> bool:
    if not kind or value is None:
        return True
    if isinstance(value, bool):
        return kind == "bool"
    return isinstance(value, _TYPES[kind])  # type: ignore[arg-type]  # classes and tuples of classes, all of them
