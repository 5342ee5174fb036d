"""The JavaScript and CSS of our widgets; the parts that all share come before each widget's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["FLOW_STYLE", "QUERY_STYLE", "STYLE", "script"]

_STATIC = Path(__file__).with_name("js")
STYLE, QUERY_STYLE, FLOW_STYLE = (_STATIC / f"{name}.css" for name in ("widgets", "query", "flow_diagram"))


@cache
def script(*names: str) -> str:
    """One module of the shared parts and the named files, since a front end loads a widget from one text alone."""
    return "\n".join((_STATIC / name).read_text("utf-8") for name in ("parts.js", *names))
