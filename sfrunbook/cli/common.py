"""What the commands share: problems explained, and the arguments that several of them take."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from sfrunbook.diagnosis.diagnose import diagnosis_of

if TYPE_CHECKING:
    from sfrunbook.core.errors import RunbookError

__all__ = ["Json", "Name", "explained", "standard_input"]

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
Name = Annotated[str, typer.Argument(help="Name of a connection; practice is always there.")]


@contextmanager
def explained(*, as_json: bool = False, entering: bool = False) -> Iterator[None]:
    """A problem as its explanation; with `entering`, whatever is refused was entered wrongly and is a usage error."""
    from sfrunbook.core.errors import RunbookError

    try:
        yield
    except RunbookError as error:
        _give_up(error, as_json=as_json, entering=entering)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        typer.echo("\nStopped before its end; what was kept before is as it was.", err=True)
        raise typer.Exit(3) from None


def _give_up(error: RunbookError, *, as_json: bool, entering: bool) -> NoReturn:
    from sfrunbook import headless
    from sfrunbook.checks.registry import finding_of_error
    from sfrunbook.report.data import diagnosis_data
    from sfrunbook.report.text import diagnosis_text

    if as_json:
        typer.echo(json.dumps({"problem": diagnosis_data(diagnosis_of(error))}, indent=2))
    else:
        typer.echo(diagnosis_text(diagnosis_of(error)), err=True)
    code = headless.exit_code([finding_of_error("command", "The command can be carried out.", error)])
    raise typer.Exit(2 if entering and code == 1 else code)


def standard_input() -> str:
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")
