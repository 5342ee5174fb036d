"""The command line: each command a few lines over the package, which is imported only when a command runs."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from sfrunbook.cli import connections, grants, profiles, runs, scan, schedule
from sfrunbook.cli.common import Json, Name, check_one_of, explained, opened_by
from sfrunbook.cli.explain import EPILOG, explain

__all__ = ["app", "main"]

_EPILOG = (
    "Exit codes: 0 all passed, 1 a check failed, 2 usage or configuration, 3 couldn't check or infrastructure. "
    "Exit code 4: a secret was found in the output of a run."
)

app = typer.Typer(
    name="sfrunbook",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Connect Salesforce to your integration platform with OAuth: right the first time, and for good.",
    epilog=_EPILOG,
)
app.add_typer(connections.app, name="connections")
app.add_typer(grants.app, name="grants")
app.add_typer(profiles.app, name="profiles")


def main() -> None:
    """Run the command line; a problem becomes its explanation and an exit code, never a traceback."""
    app()


@app.command("lab", epilog="Example: sfrunbook lab --no-browser --port 9000")
def start_lab(
    folder: Annotated[Path, typer.Option(help="Folder for your copies of the notebooks.")] = Path(
        "sfrunbook-notebooks"
    ),
    port: Annotated[int, typer.Option(help="Port of JupyterLab. If it's in use, sfrunbook picks a free one.")] = 8888,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Open the runbook in JupyterLab, with a practice org ready."""
    from sfrunbook.cli.lab import open_lab

    with explained():
        code = open_lab(folder, port=port, browser=browser, environ=os.environ)
        raise typer.Exit(3 if code else 0)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog="Example: sfrunbook practice --tls --port-base 9400",
)
def practice(context: typer.Context) -> None:
    """Run a practice Salesforce until you stop it. --help lists its options."""
    command = [sys.executable, "-m", "sfrunbook.practice", *context.args]
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606 - our own module in place of this process
    import subprocess

    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own module


@app.command(epilog="Examples: sfrunbook check acme    sfrunbook check acme --stage registration --json")
def check(
    connection: Name = "practice",
    stage: Annotated[
        str | None,
        typer.Option(
            help="Check one stage: registration, credentials, grant, data or partner. partner runs only if you name it."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run all checks of a connection. In a real org this adds no approval."""
    from sfrunbook.checks import PARTNER, STAGES
    from sfrunbook.headless.verdict import exit_code
    from sfrunbook.report.data import run_json
    from sfrunbook.report.text import run_text

    if stage is not None:
        check_one_of(stage, (*STAGES, PARTNER), "--stage")
    with explained(as_json=as_json):
        opened = opened_by(connection)
        if stage != "registration":
            opened.prepare_practice(grant=stage in (None, "grant", "data", PARTNER))
        outcome = opened.checks.run_all([stage] if stage else STAGES)
        typer.echo(run_json(outcome) if as_json else run_text(outcome))
        raise typer.Exit(exit_code(outcome.findings))


@app.command(epilog="Examples: sfrunbook login acme    sfrunbook login acme --paste --no-browser")
def login(
    connection: Name,
    paste: Annotated[
        bool, typer.Option("--paste", help="Paste the address after login instead of receiving it.")
    ] = False,
    browser: Annotated[bool, typer.Option(help="Open a browser at the login page.")] = True,
    timeout: Annotated[int, typer.Option(min=5, help="Seconds to wait for the login.")] = 300,
    another_approval: Annotated[
        bool,
        typer.Option(
            "--another-approval", help="Log in even if Salesforce then revokes the oldest of the 5 approvals."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Log in once as the integration user. The login is stored encrypted."""
    with explained(as_json=as_json):
        opened = opened_by(connection)
        opened.prepare_practice(grant=False)
        if (approvals := opened.org.approvals()).is_near:
            typer.echo(f"{approvals.summary} This login adds 1.", err=True)

        def show(url: str) -> None:
            typer.echo(f"Open this address and allow access:\n\n{url}\n", err=True)
            if browser:
                typer.launch(url)

        def pasted() -> str:
            if sys.stdin.isatty():
                return str(typer.prompt("Address in your browser after login", hide_input=True, err=True))
            if line := sys.stdin.readline().rstrip("\r\n"):
                return line
            typer.echo("There is no terminal to paste the address into. Run this command in one.", err=True)
            raise typer.Exit(2)

        grant = opened.login.log_in(
            show, pasted, receive=not paste, timeout_seconds=timeout, accept_eviction=another_approval
        )
        data = {"connection": connection, "org_id": grant.org_id, "scopes": list(grant.scopes)}
        typer.echo(json.dumps(data) if as_json else f"Login to org {grant.org_id} is stored for {connection}.")
        if opened.practice and opened.practice.process:
            typer.echo(
                "This practice org and its login stop when the command ends. In lab they stay available.", err=True
            )


app.command(epilog=EPILOG)(explain)
app.command(epilog=scan.EPILOG)(scan.scan)
app.command(epilog="Examples: sfrunbook run    sfrunbook run regression --connection acme --keep 30")(runs.run)
app.command(epilog="Examples: sfrunbook history acme    sfrunbook history acme --html history.html")(runs.history)
app.command(epilog="Example: sfrunbook schema > run.schema.json")(runs.schema)
app.command(epilog=schedule.EPILOG)(schedule.schedule)


def _version(wanted: bool) -> None:
    if wanted:
        from sfrunbook import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None: ...
