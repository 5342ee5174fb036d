"""Unattended runs: start one, read their history, print the schema of their result."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfrunbook.cli.common import Json, explained

if TYPE_CHECKING:
    from sfrunbook.headless.runner import Outcome

__all__ = ["history", "run", "schema"]


Notebook = Annotated[str | None, typer.Argument(help="Name or path of a notebook. Default: the whole runbook.")]
RunOf = Annotated[str, typer.Option("--connection", "-c", help="Name of a connection.")]
Out = Annotated[Path | None, typer.Option(help="Folder for the report and notebooks. Default: IN/TIME-NAME.")]
Inside = Annotated[Path, typer.Option("--in", help="Folder for run folders, which are named by time.")]
Parameter = Annotated[
    list[str] | None, typer.Option("--parameter", "-p", help="NAME=VALUE for the notebook. Never a secret.")
]
CellSeconds = Annotated[int, typer.Option(min=1, help="Time limit for a cell.")]
RunSeconds = Annotated[int, typer.Option(min=1, help="Time limit for the whole run.")]
Wait = Annotated[int, typer.Option(min=0, help="Seconds to wait for another run of this connection.")]
Keep = Annotated[int | None, typer.Option(min=1, help="Keep this many run folders of the connection.")]
Notify = Annotated[
    list[str] | None,
    typer.Option(
        help="Send a notice if a run doesn't pass. Give the address as env:NAME, keyring:SERVICE/NAME or file:/PATH."
    ),
]


def run(
    notebook: Notebook = None,
    connection: RunOf = "practice",
    out: Out = None,
    inside: Inside = Path("runs"),
    parameter: Parameter = None,
    cell_seconds: CellSeconds = 120,
    run_seconds: RunSeconds = 1800,
    wait: Wait = 0,
    keep: Keep = None,
    notify: Notify = None,
    as_json: Json = False,
) -> None:
    """Run notebooks unattended and write a report."""
    from sfrunbook.headless import notices
    from sfrunbook.headless.folder import NAMED_BY_TIME
    from sfrunbook.headless.notebooks import ALL_NOTEBOOKS, read_parameters
    from sfrunbook.headless.runner import Limits, run_notebooks

    with explained(as_json=as_json):
        targets = notices.targets(notify or (), os.environ)
        names = [notebook] if notebook else list(ALL_NOTEBOOKS)
        outcome = run_notebooks(
            names,
            connection=connection,
            out=out or inside / f"{datetime.now(UTC):{NAMED_BY_TIME}}-{connection}",
            environ=os.environ,
            parameters=read_parameters(names, parameter or ()),
            limits=Limits(cell_seconds=cell_seconds, run_seconds=run_seconds, wait_seconds=wait, keep=keep),
            say=(lambda _line: None) if as_json else typer.echo,
        )
        _show(outcome, as_json=as_json)
        for remark in (*outcome.remarks, *notices.send(targets, outcome)):
            typer.echo(remark, err=True)
        raise typer.Exit(outcome.exit_code)


def _show(outcome: Outcome, *, as_json: bool) -> None:
    from sfrunbook.report.data import run_json
    from sfrunbook.report.text import run_text
    from sfrunbook.report.words import headline

    if as_json:
        typer.echo(run_json(outcome.run, exit_code=outcome.exit_code), nl=False)
    else:
        typer.echo(f"\n{run_text(outcome.run)}\n\nVerdict: {headline(outcome.run)}")
        typer.echo(f"Report:  {outcome.folder / 'report.html'}")


def history(
    connection: Annotated[str | None, typer.Argument(help="Name of a connection. Default: all.")] = None,
    newest: Annotated[int, typer.Option(min=1, max=500, help="How many runs.")] = 30,
    html: Annotated[Path | None, typer.Option(help="Also write a page with a chart to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Show how runs went: when a connection last passed, and what changed since."""
    from sfrunbook.report.trend import history_data, history_page, history_text, trend_of
    from sfrunbook.store.connections import check_name, home
    from sfrunbook.store.runs import RunHistory

    with explained(as_json=as_json):
        runs = RunHistory(home(os.environ))
        if connection is not None:
            check_name(connection)
        names = [connection] if connection else list(runs.connections())
        trends = [trend_of(runs.runs(name, newest=newest), runs.last_passed(name)) for name in names]
        known = [trend for trend in trends if trend]
        if html and len(known) == 1:
            html.write_text(history_page(known[0]), "utf-8")
        elif html:
            raise typer.BadParameter("a page shows one connection. Give its name.", param_hint="--html")
        if as_json:
            typer.echo(json.dumps([history_data(trend) for trend in known], indent=2, ensure_ascii=False))
        else:
            typer.echo("\n\n".join(history_text(trend) for trend in known) or "No run is recorded.")


def schema() -> None:
    """Print the JSON Schema of result.json."""
    from sfrunbook.report.data import run_schema

    typer.echo(run_schema(), nl=False)
