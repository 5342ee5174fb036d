"""`sfrunbook scan` searches files and notebooks for secrets."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sfrunbook.cli.common import Json, explained, opened_by

__all__ = ["EPILOG", "scan"]

EPILOG = (
    "Examples: sfrunbook scan runs/acme    sfrunbook scan . --exclude 'tests/*' --connection acme. "
    "Exit codes: 0 nothing found, 2 a file can't be read, 3 a part can't be opened, 4 a secret was found."
)
#: folders that hold other people's files
_ALWAYS_LEFT_OUT = (".git", ".venv", "node_modules", "__pycache__")


def scan(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Files and folders. Notebooks are searched completely.")
    ],
    connection: Annotated[
        str | None,
        typer.Option("--connection", "-c", help="Also search for the values of this connection's secrets."),
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Skip paths that match, such as 'tests/*'.")] = None,
    as_json: Json = False,
) -> None:
    """Search files and notebooks for secrets: by format, by name and, with a connection, by value."""
    from sfrunbook.core.errors import problem, reason_of
    from sfrunbook.core.secrets.scan import NOT_LOOKED_INTO, scan_paths

    with explained(as_json=as_json, stores=False):
        values = opened_by(connection).known_secrets() if connection else ()
        try:
            found = scan_paths(paths, values, exclude=(*_ALWAYS_LEFT_OUT, *(exclude or ())))
        except OSError as error:
            reason = reason_of(error)
            raise problem("file-to-scan-unreadable", path=str(error.filename), reason=reason) from None
        leaks = [leak for leak in found if leak.kind != NOT_LOOKED_INTO]
        unread = [leak for leak in found if leak.kind == NOT_LOOKED_INTO]
        if as_json:
            places = [{"path": leak.path, "where": leak.where} for leak in unread]
            data = {"schema": "sfrunbook-scan", "version": 1, "leaks": list(map(asdict, leaks))}
            typer.echo(json.dumps({**data, "not_looked_into": places}, indent=2))
        else:
            for leak in found:
                typer.echo(f"{leak.path}: {leak.where}: {leak.kind}" + (f": {leak.excerpt}" if leak.excerpt else ""))
            typer.echo(_verdict(len(leaks), len(unread)), err=bool(found))
        raise typer.Exit(4 if leaks else 3 if unread else 0)


def _verdict(number: int, unread: int) -> str:
    from sfrunbook.core.words import counted

    if not number and unread:
        return f"No secret was found, but {counted(unread, 'place')} couldn't be opened."
    if not number:
        return "No secret was found."
    seems = (
        "A possible secret was found in 1 place" if number == 1 else f"Possible secrets were found in {number} places"
    )
    return f"{seems}. Remove it, and revoke it if anyone else has seen it."
