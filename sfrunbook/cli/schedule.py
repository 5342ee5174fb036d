"""`sfrunbook schedule` writes the file that a scheduler needs."""

from __future__ import annotations

import json
import shutil
from typing import Annotated

import typer

from sfrunbook.cli.common import Json, explained
from sfrunbook.report.schedules import Target

__all__ = ["EPILOG", "schedule"]

EPILOG = (
    "Examples: sfrunbook schedule --for cron --connection acme --at 03:30    "
    "sfrunbook schedule --for kubernetes --connection acme --every 6h"
)


def schedule(
    target: Annotated[Target, typer.Option("--for", help="The scheduler.")],
    connection: Annotated[str, typer.Option("--connection", "-c", help="Name of a connection.")],
    at: Annotated[str, typer.Option(help="Time of day in UTC, such as 03:30.")] = "",
    every: Annotated[str, typer.Option(help="Interval, such as 30m, 6h or 1d. Default: 1d.")] = "",
    folder: Annotated[str, typer.Option("--in", help="Folder for run folders.")] = "runs",
    home: Annotated[str, typer.Option(help="Folder of sfrunbook's data (SFRUNBOOK_HOME).")] = "",
    key_file: Annotated[str, typer.Option(help="Key file, for a machine without a keyring.")] = "",
    notebook: Annotated[str, typer.Option(help="Path of the notebook, for Airflow.")] = "notebooks/regression.ipynb",
    notify: Annotated[str, typer.Option(help="Reference to the address for notices, such as env:ALERT_URL.")] = "",
    keep: Annotated[int, typer.Option(min=1, help="Run folders to keep.")] = 30,
    run_seconds: Annotated[int, typer.Option(min=60, help="Time limit for a run.")] = 1800,
    program: Annotated[str, typer.Option(help="Path of sfrunbook on that machine. Default: the path here.")] = "",
    as_json: Json = False,
) -> None:
    """Print the file for a scheduler that checks a connection regularly."""
    from sfrunbook.core.errors import problem
    from sfrunbook.core.secrets.shape import is_reference
    from sfrunbook.report.schedules import Schedule, times_of, written_for

    with explained(as_json=as_json, entering=True, stores=False):
        if notify and not is_reference(notify):
            raise problem("notice-target-not-a-reference")
        times = times_of(connection, target=target.value, at=at, every=every)
        settings = Schedule(
            connection=connection,
            times=times,
            program=program or _program(target),
            folder=folder,
            home=home,
            key_file=key_file,
            notebook=notebook,
            notify=notify,
            keep=keep,
            run_seconds=run_seconds,
        )
        text = written_for(target, settings)
        data = {"target": target.value, "connection": connection, "cron": times.cron, "text": text}
        typer.echo(json.dumps(data, indent=2) if as_json else text, nl=False)


def _program(target: Target) -> str:
    """The path of sfrunbook on this machine, for the schedulers that run here."""
    path = shutil.which("sfrunbook") if target in (Target.CRON, Target.SYSTEMD) else None
    return path or "sfrunbook"
