"""Every command that a text tells people to run is one: it parses as it is printed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from sfrunbook.cli import app
from sfrunbook.connection.unattended import choices
from sfrunbook.core.model import AppKind
from sfrunbook.diagnosis.catalogue import rows

PACKAGE = Path(__file__).parents[2] / "sfrunbook"
#: a command at the beginning of a text, after a colon or beside another example, up to where the sentence goes on
PRINTED = re.compile(
    r"(?:^|: |`| {4})sfrunbook (?P<words>[^,;()<>`\n]*?)"
    r"(?= {4}|(?<=\S)\.(?: |$)| (?:shows|says|lists) |[,;()<>`\n]| \.\.\.|$)",
    re.MULTILINE,
)
#: the same anywhere, where words of a sentence may follow
MENTIONED = re.compile(r"\bsfrunbook (?P<words>[a-z][^.;<>`\n]*)")


def texts_of_rows() -> Iterator[tuple[str, str]]:
    for code, entry in rows().items():
        for cause in entry.causes:
            remedies = [text for remedy in cause.remedies for text in (remedy.where, remedy.what)]
            yield from ((code, text) for text in (entry.what, entry.why, cause.summary, cause.tell, *remedies))
    for choice in choices().values():
        for step in choice.steps:
            yield from (
                ("unattended.toml", text) for text in (step.where(AppKind.CONNECTED_APP, connection="acme"), step.what)
            )


def texts_of_code() -> Iterator[tuple[str, str]]:
    """Every literal of the package with X for its gaps, but for docstrings, which no program prints."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.is_relative_to(PACKAGE / "practice"):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        passed_over = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if id(node) in passed_over:
                continue
            if isinstance(node, ast.JoinedStr):
                passed_over |= {id(part) for part in node.values}
                parts = [part.value if isinstance(part, ast.Constant) else "X" for part in node.values]
                yield path.name, "".join(map(str, parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path.name, node.value


TEXTS = sorted({(place, re.sub(r"\{\w+\}", "X", text)) for place, text in (*texts_of_rows(), *texts_of_code())})


def leaf(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the first words name, None where they name none, and the words after it."""
    command: Any = get_command(app)
    while hasattr(command, "commands"):
        if not words or words[0] not in command.commands:
            return None, words
        command, words = command.commands[words[0]], words[1:]
    return command, words


def fault_of(words: list[str]) -> str:
    command, rest = leaf(words)
    if command is None:
        return "" if words == [] or words[0].startswith("--") or words[0] == "X" else "no such command"
    try:
        command.make_context("sfrunbook", rest)
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return error.format_message()
    return ""


def test_a_command_to_run_parses_as_it_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("company.pem", "acme.toml", "reply.json"):
        (tmp_path / name).touch()
    found = [(place, match["words"]) for place, text in TEXTS for match in PRINTED.finditer(text)]
    assert len(found) > 60
    assert [(place, words, fault) for place, words in found if (fault := fault_of(words.split()))] == []


def test_a_command_in_a_sentence_has_the_options_that_it_is_said_to_have() -> None:
    faults = []
    for place, text in TEXTS:
        for match in MENTIONED.finditer(text):
            command, rest = leaf(match["words"].split())
            if command is None or command.name == "practice":  # a sentence about the program, or its own parser
                continue
            known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
            options = re.findall(r"(?<!\S)\(?(--[a-z-]+)", " ".join(rest))
            faults += [(place, match["words"], option) for option in options if option not in known]
    assert faults == []


def test_an_unknown_command_and_an_unknown_option_are_found() -> None:
    assert fault_of(["connexions", "list"]) == "no such command"
    assert "--nope" in fault_of(["check", "acme", "--nope"])
    assert fault_of(["check", "acme"]) == ""
