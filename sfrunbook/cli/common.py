"""What the commands share: common options, questions, output, and the explanation of problems."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from sfrunbook.connection import OpenConnection
    from sfrunbook.core.errors import RunbookError

__all__ = ["Json", "Name", "Yes", "answer", "check_one_of", "confirmed", "explained", "opened_by", "standard_input"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Name = Annotated[str, typer.Argument(help="Name of a connection. practice is always available.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask for confirmation.")]


def answer(data: object, lines: Iterable[str], *, as_json: bool) -> None:
    """Print `data` as JSON, or the lines."""
    for line in [json.dumps(data, indent=2)] if as_json else lines:
        typer.echo(line)


def opened_by(name: str) -> OpenConnection:
    from sfrunbook.connection import open_connection

    return open_connection(name, os.environ)


def check_one_of(text: str, known: Iterable[str], option: str) -> None:
    if text not in (known := tuple(known)):
        raise typer.BadParameter(f"{text!r} is none of {', '.join(known)}.", param_hint=option)


def confirmed(question: str, yes: bool) -> None:
    """Ask before an act that cannot be undone; any answer but yes ends the command."""
    if not yes:
        typer.confirm(question, abort=True, err=True)


@contextmanager
def explained(*, as_json: bool = False, entering: bool = False, stores: bool = True) -> Iterator[None]:
    """Explain a problem and exit; with `entering`, a failed check is a usage error, since the input was wrong.

    A command that `stores` needs a folder for its data before it begins.
    """
    from sfrunbook.core.errors import RunbookError
    from sfrunbook.store.connections import home

    try:
        if stores:
            home(os.environ)
        yield
    except RunbookError as error:
        _give_up(error, as_json=as_json, entering=entering)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        typer.echo("\nStopped. What was saved before is unchanged.", err=True)
        raise typer.Exit(3) from None


def _give_up(error: RunbookError, *, as_json: bool, entering: bool) -> NoReturn:
    from sfrunbook.checks.registry import finding_of_error
    from sfrunbook.diagnosis.diagnose import diagnosis_of
    from sfrunbook.headless.verdict import exit_code
    from sfrunbook.report.data import diagnosis_data
    from sfrunbook.report.text import diagnosis_text

    if as_json:
        typer.echo(json.dumps({"problem": diagnosis_data(diagnosis_of(error))}, indent=2))
    else:
        typer.echo(diagnosis_text(diagnosis_of(error)), err=True)
    code = exit_code([finding_of_error("command", "The command can run.", error)])
    raise typer.Exit(2 if entering and code == 1 else code)


def standard_input() -> str:
    from sfrunbook.core.decoding import decoded

    return decoded(sys.stdin.buffer.read(), "replace")
