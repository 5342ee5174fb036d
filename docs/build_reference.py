"""Writes the generated parts of reference.md: commands, notebook parameters, fields of result.json.

Run it after a change of those. With `--check` nothing is written, and the exit code is 1 where the page is not up to
date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import typer

from sfrunbook.cli import app

__all__ = ["PAGE", "built", "main"]

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference.md"
_SCHEMA = ROOT / "sfrunbook" / "report" / "schemas" / "run-1.schema.json"
_PARAMETER = re.compile(r"(\w+): (\w+) = (.+?)  # (.+)")


def built(text: str) -> str:
    """The page with every part between `<!-- name:begin -->` and `<!-- name:end -->` made again."""
    for name, lines in (("commands", _commands()), ("parameters", _parameters()), ("result", _result())):
        part = "\n".join(lines)
        pattern = re.compile(rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
        text, count = pattern.subn(lambda match, part=part: f"{match[1]}\n{part}\n\n{match[2]}", text)
        if count != 1:
            raise ValueError(f"{PAGE.name} needs one part named {name}")
    return text


def main(arguments: list[str]) -> int:
    text = PAGE.read_text("utf-8")
    if arguments == ["--check"]:
        return int(text != built(text))
    PAGE.write_text(built(text), "utf-8")
    return 0


def _commands() -> Iterator[str]:
    group = typer.main.get_command(app)
    for path, command in _each_command("sfrunbook", group):
        yield f"### {path}"
        yield ""
        yield f"{' '.join((command.help or '').split())}"
        yield ""
        rows = [row for one in command.params if (row := _row(one))]
        if rows:
            yield from _table(("Argument or option", "Default", "What it does"), rows)
            yield ""
        if command.epilog:
            examples = re.sub(r"^Examples?: |\. Exit codes.*", "", command.epilog)
            yield from ("```console", *(f"$ {one}" for one in re.split(r"\s{2,}", examples)), "```", "")


def _each_command(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in sorted(command.commands.items()):
        yield from _each_command(f"{path} {name}", inner)


def _row(one: click.Parameter) -> tuple[str, str, str] | None:
    words = getattr(one, "help", None)
    if not words or "--help" in one.opts:
        return None
    names = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
    no_default = one.default is None or one.default is False or one.default == "" or callable(one.default)
    return names, "required" if one.required else "" if no_default else f"`{one.default}`", words


def _parameters() -> Iterator[str]:
    rows = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if "parameters" in cell["metadata"].get("tags", ()):
                found = _PARAMETER.findall("".join(cell["source"]))
                rows += [(f"`{path.stem}`", f"`{name}`", f"`{default}`", words) for name, _, default, words in found]
    yield from _table(("Notebook", "Parameter", "Default", "What it is"), rows)


def _result() -> Iterator[str]:
    schema = json.loads(_SCHEMA.read_text("utf-8"))
    rows = [
        (f"`{name}`", "yes" if name in schema["required"] else "", field.get("description", ""))
        for name, field in schema["properties"].items()
    ]
    yield from _table(("Field", "Always there", "What it is"), rows)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (heads, tuple("---" for _ in heads), *rows):
        yield "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in row) + " |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
