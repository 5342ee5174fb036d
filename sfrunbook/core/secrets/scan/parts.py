"""The texts of a notebook, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Part", "parts_of"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A text of a notebook, decoded from JSON."""

    where: str
    #: its key in metadata and widget state, else empty
    name: str
    text: str
    #: texts of one stream are read one after the other as well, since a value may be split over cells
    stream: str = ""


def parts_of(notebook: Mapping[str, Any]) -> Iterator[Part]:
    """Every text of a notebook: sources, outputs, metadata, widget state, attachments; cells are counted from 1.

    Image data is left out: its bytes are no text, and no shape can be recognised in it.
    """
    cells = notebook.get("cells")
    for number, cell in enumerate(cells if isinstance(cells, list) else (), start=1):
        if not isinstance(cell, dict):
            continue
        here = f"cell {number} ({cell.get('cell_type', 'unknown')})"
        yield Part(where=f"{here}, source", name="", text=_joined(cell.get("source")), stream="sources")
        outputs = cell.get("outputs")
        for count, output in enumerate(outputs if isinstance(outputs, list) else (), start=1):
            yield from _strings(output, f"{here}, output {count}", "", "outputs")
        rest = {key: value for key, value in cell.items() if key not in {"source", "outputs"}}
        yield from _strings(rest, here, "")
    for key, value in notebook.items():
        if key != "cells":
            yield from _strings(value, key, key)


def _joined(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source or "")


def _strings(value: object, where: str, name: str, stream: str = "") -> Iterator[Part]:
    """The texts below a JSON value; a list of strings is a single text, as in the notebook format."""
    if isinstance(value, str):
        # the plain text and the HTML of outputs are separate streams
        yield Part(where=where, name=name, text=value, stream=f"{stream} {name}" if stream else "")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key.startswith("image/") and key != "image/svg+xml":
                continue
            yield Part(where=where, name="", text=key)
            yield from _strings(inner, f"{where}, {'widget state' if key == 'widgets' else key}", key, stream)
    elif isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            yield from _strings("".join(value), where, name, stream)
        for item in value:
            yield from _strings(item, where, name)
