"""Finds the notebooks to run, and reads their parameters from the command line."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from sfrunbook.core.errors import problem
from sfrunbook.headless.parameters import declared_parameters

__all__ = ["ALL_NOTEBOOKS", "find_source", "notebooks_folder", "read_parameters"]

#: what a run without a notebook's name runs, in this order
ALL_NOTEBOOKS = ("runbook", "regression")


def notebooks_folder() -> Path:
    """Where the notebooks are: inside the installed package, else beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "_notebooks"
    return installed if installed.exists() else package.parent / "notebooks"


def find_source(name: str) -> Path:
    """The notebook at this path, or one of the runbook's own by its bare name; raises `notebook-not-found`."""
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path
    folder = notebooks_folder()
    bare = name.removesuffix(".ipynb")
    path = folder / f"{bare}.ipynb"
    if path.name != f"{bare}.ipynb" or not path.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.ipynb")))
        raise problem("notebook-not-found", name=name, known=known)
    return path


def read_parameters(names: Sequence[str], pairs: Iterable[str]) -> dict[str, object]:
    """`NAME=VALUE` texts as the values that the first of the notebooks declares; what does not fit stays a text.

    Raises RunbookError `parameter-unknown` for a text without an equals sign; the run checks the rest.
    """
    declared: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError):
        declared = declared_parameters(json.loads(find_source(names[0]).read_text("utf-8")))
    given: dict[str, object] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise problem("parameter-unknown", name=name, known=sorted(declared) or "none")
        given[name] = _value(text, declared.get(name, "str"))
    return given


def _value(text: str, kind: str) -> object:
    with contextlib.suppress(ValueError):
        if kind in ("int", "float"):
            return int(text) if kind == "int" else float(text)
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind in ("list", "dict"):
            return json.loads(text)
    return text
