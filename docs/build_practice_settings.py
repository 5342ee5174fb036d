"""Writes the generated parts of practice-world.md: settings, control API, scenarios. Run it after a change of those.

With `--check` nothing is written, and the exit code is 1 where the page is not up to date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from sfrunbook.practice.control.routes import application
from sfrunbook.practice.org.settings import Settings
from sfrunbook.practice.practice_world import PracticeWorld
from sfrunbook.practice.web.wire import Call

__all__ = ["PAGE", "built", "main"]

PAGE = Path(__file__).with_name("practice-world.md")
_MARK = re.compile(r"\b(Confirmed|Likely|Guess|Conflict|Own)\b")
_ORIGINS = tuple(f"http://127.0.0.1:{port}" for port in range(1, 6))


def built(text: str) -> str:
    """The page with what stands between `<!-- name:begin -->` and `<!-- name:end -->` made anew."""
    for name, make in _PARTS.items():
        pattern = re.compile(rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"{PAGE.name} needs one part named {name}")
        part = make()
        text = pattern.sub(lambda match, part=part: f"{match[1]}\n{part}\n\n{match[2]}", text)
    return text


def main(arguments: list[str]) -> int:
    text = PAGE.read_text(encoding="utf-8")
    wanted = built(text)
    if arguments == ["--check"]:
        return int(text != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


def _settings() -> str:
    """One row for each setting; the mark is the first that its reason names."""
    hints = get_type_hints(Settings)
    rows = []
    for each in fields(Settings):
        why = each.metadata["why"]
        mark = _MARK.search(why)
        rows.append(
            (f"`{each.name}`", _default(each.default), _choices(hints[each.name]), mark[1] if mark else "", why)
        )
    return _table(("Setting", "Default", "Takes", "Mark", "What it decides, and how sure we are"), rows)


def _default(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value) or "nothing"
    return f"`{json.dumps(value)}`"


def _choices(hint: Any) -> str:  # noqa: ANN401 - a type hint
    if get_origin(hint) is Literal:
        return ", ".join(f"`{json.dumps(item)}`" for item in get_args(hint))
    return {bool: "true, false", int: "whole number", float: "number", str: "text"}.get(hint, "list of texts")


def _control() -> str:
    """As the control API tells it of itself."""
    practice = PracticeWorld(seed=1, origins=_ORIGINS)
    host = practice.hosts[-1]
    call = Call(method="GET", path="/", query="", headers={}, body=b"", host=host)
    routes = json.loads(application(practice, host.origin).answer(call).body)["routes"]
    return _table(("Address", "What it does"), [(f"`{path}`", text) for path, text in routes.items()])


def _scenarios() -> str:
    try:
        module = import_module("sfrunbook.practice.scenarios")
    except ModuleNotFoundError:
        return "This version has no scenarios yet."
    rows = [
        (
            f"`{each.name}`",
            ", ".join(f"`{name}={value}`" for name, value in each.parameters.items()),
            each.turns,
            each.symptom,
        )
        for each in module.SCENARIOS.values()
    ]
    return _table(("Scenario", "Parameters", "What goes wrong", "What you see"), sorted(rows))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in row) + " |" for row in lines
    )


_PARTS: dict[str, Callable[[], str]] = {"settings": _settings, "control": _control, "scenarios": _scenarios}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
