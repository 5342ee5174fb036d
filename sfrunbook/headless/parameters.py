"""Checks parameters before a notebook runs: declared, of the right type, and no secret."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from sfrunbook.core.errors import problem
from sfrunbook.core.secrets.names import SECRET_NAMES
from sfrunbook.core.secrets.shape import is_reference, looks_like_secret

__all__ = ["check_parameters", "declared_parameters"]

_TYPES = {"str": str, "int": int, "float": (int, float), "bool": bool, "list": list, "dict": dict}


def declared_parameters(notebook: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that the cell tagged `parameters` declares, and the type of each.

    It is declared by `name: type = default`, or by a constant. The type is empty where it is not a type of JSON.
    """
    found = [cell for cell in notebook.get("cells", ()) if "parameters" in cell.get("metadata", {}).get("tags", ())]
    if not found:
        return {}
    source = found[0].get("source", "")
    try:
        tree = ast.parse(source if isinstance(source, str) else "".join(source))
    except SyntaxError:
        return {}
    declared = {}
    for statement in tree.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)):
                kind = ast.unparse(statement.annotation)
            case ast.Assign(targets=[ast.Name(id=name), *_]):
                kind = _type_of(statement.value)
            case _:
                continue
        declared[name] = kind if kind in _TYPES else ""
    return declared


def _type_of(node: ast.expr) -> str:
    try:
        return type(ast.literal_eval(node)).__name__
    except ValueError:
        return ""


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
        if not _fits(value, declared[name]):
            raise problem("parameter-wrong-type", name=name, wanted=declared[name], given=type(value).__name__)


def _holds_secret(name: str, value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_secret(str(key), item) for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return any(_holds_secret(name, item) for item in value)
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
