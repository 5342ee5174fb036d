"""The command line: each command a few lines over the package, which is imported only when a command runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from sfrunbook.model import Connection, RunbookError
    from sfrunbook.secret import Secret

__all__ = ["app", "main"]

_EPILOG = "Exit codes: 0 all passed, 1 a check failed, 2 usage or configuration, 3 inconclusive or infrastructure."

app = typer.Typer(
    name="sfrunbook",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Connect Salesforce to a partner platform by OAuth, rightly, the first time, and keep it connected.",
    epilog=_EPILOG,
)
connections = typer.Typer(
    no_args_is_help=True, help="Add, list, show and remove connections; none of them holds a secret."
)
app.add_typer(connections, name="connections")

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
Name = Annotated[str, typer.Argument(help="Name of a connection; practice is always there.")]


def main() -> None:
    """Run the command line; a problem becomes its explanation and an exit code, never a traceback."""
    app()


@contextmanager
def _explained(*, as_json: bool = False, entering: bool = False) -> Iterator[None]:
    """A problem as its explanation; with `entering`, whatever is refused was entered wrongly and is a usage error."""
    from sfrunbook.model import RunbookError

    try:
        yield
    except RunbookError as error:
        _give_up(error, as_json=as_json, entering=entering)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        typer.echo("\nStopped before its end; what was kept before is as it was.", err=True)
        raise typer.Exit(3) from None


def _give_up(error: RunbookError, *, as_json: bool, entering: bool) -> NoReturn:
    from sfrunbook import headless, report
    from sfrunbook.checks.registry import finding_of_error

    if as_json:
        typer.echo(json.dumps({"problem": report.diagnosis_data(error.diagnosis)}, indent=2))
    else:
        typer.echo(report.diagnosis_text(error.diagnosis), err=True)
    code = headless.exit_code([finding_of_error("command", "The command can be carried out.", error)])
    raise typer.Exit(2 if entering and code == 1 else code)


@app.command(epilog="Example: sfrunbook lab --no-browser --port 9000")
def lab(
    folder: Annotated[Path, typer.Option(help="Working copies of the notebooks go here.")] = Path(
        "sfrunbook-notebooks"
    ),
    port: Annotated[int, typer.Option(help="Port of JupyterLab; the next free one is taken when it is in use.")] = 8888,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Open JupyterLab on the runbook, with a practice world ready."""
    from sfrunbook import lab as jupyter

    with _explained():
        code = jupyter.open_lab(folder, port=port, browser=browser, environ=os.environ)
        raise typer.Exit(3 if code else 0)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    epilog="Example: sfrunbook practice --tls --port-base 9400",
)
def practice(context: typer.Context) -> None:
    """Serve a practice Salesforce until it is told to stop; --help lists its options."""
    command = [sys.executable, "-m", "sfrunbook.practice", *context.args]
    if os.name == "posix":
        os.execv(sys.executable, command)  # noqa: S606 - our own module in place of this process
    import subprocess

    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own module


@app.command(epilog="Examples: sfrunbook run    sfrunbook run regression --connection acme --out runs/acme")
def run(
    notebook: Annotated[
        str | None, typer.Argument(help="Name or path of one notebook; without it, the whole runbook.")
    ] = None,
    connection: Annotated[str, typer.Option("--connection", "-c", help="Name of a connection.")] = "practice",
    out: Annotated[Path | None, typer.Option(help="Folder for report and notebooks; default runs/TIME-NAME.")] = None,
    as_json: Json = False,
) -> None:
    """Run notebooks without a person and leave a report."""
    from sfrunbook import headless, report

    with _explained(as_json=as_json):
        folder = out or Path("runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{connection}"
        outcome = headless.run_notebooks(
            [notebook] if notebook else headless.ROAD,
            connection=connection,
            out=folder,
            environ=os.environ,
            say=(lambda _line: None) if as_json else typer.echo,
        )
        if as_json:
            typer.echo(report.run_json(outcome.run))
        else:
            typer.echo(f"\n{report.run_text(outcome.run)}\n\nVerdict: {report.headline(outcome.run)}")
            typer.echo(f"Report:  {outcome.folder / 'report.html'}")
        raise typer.Exit(outcome.exit_code)


@app.command(epilog="Examples: sfrunbook check acme    sfrunbook check acme --stage registration --json")
def check(
    connection: Name = "practice",
    stage: Annotated[str | None, typer.Option(help="Only one stage: registration, credentials, grant or data.")] = None,
    as_json: Json = False,
) -> None:
    """Make every check of a connection without a notebook; makes no approval on a real org."""
    from sfrunbook import headless, report
    from sfrunbook.checks import STAGES
    from sfrunbook.workbench import open_workbench

    if stage is not None and stage not in STAGES:
        raise typer.BadParameter(f"{stage!r} is none of {', '.join(STAGES)}.", param_hint="--stage")
    with _explained(as_json=as_json):
        bench = open_workbench(connection, os.environ)
        if stage != "registration":
            bench.rehearse(grant=stage in (None, "grant", "data"))
        outcome = bench.check_all([stage] if stage else STAGES)
        typer.echo(report.run_json(outcome) if as_json else report.run_text(outcome))
        raise typer.Exit(headless.exit_code(outcome.findings))


@app.command(epilog="Examples: sfrunbook login acme    sfrunbook login acme --paste --no-browser")
def login(
    connection: Name,
    paste: Annotated[
        bool, typer.Option("--paste", help="Paste the address after login instead of receiving it.")
    ] = False,
    browser: Annotated[bool, typer.Option(help="Open a browser at the login page.")] = True,
    timeout: Annotated[int, typer.Option(min=5, help="Seconds to wait for the login.")] = 300,
    as_json: Json = False,
) -> None:
    """Log in once as the user whose data the connection shall see, and keep the grant, encrypted."""
    from sfrunbook.workbench import open_workbench

    with _explained(as_json=as_json):
        bench = open_workbench(connection, os.environ)
        bench.rehearse(grant=False)

        def show(url: str) -> None:
            typer.echo(f"Open this address and allow access:\n\n{url}\n", err=True)
            if browser:
                typer.launch(url)

        def pasted() -> str:
            return str(typer.prompt("Address after login (any page it ends on)", hide_input=True, err=True))

        grant = bench.log_in(show, pasted, receive=not paste, timeout_seconds=timeout)
        told = {"connection": connection, "org_id": grant.org_id, "scopes": list(grant.scopes)}
        typer.echo(json.dumps(told) if as_json else f"Access to org {grant.org_id} is kept for {connection}.")


@connections.command(
    "add",
    epilog="Example: sfrunbook connections add acme --login-url acme.my.salesforce.com --client-id 3MVG9... "
    "--variable service_domain=app-h.cyclr.com",
)
def connections_add(
    name: Annotated[str, typer.Argument(help="Letters, digits, dot, dash and underscore.")],
    login_url: Annotated[
        str, typer.Option(help="Where people log in: the org's My Domain, login. or test.salesforce.com.")
    ],
    client_id: Annotated[str, typer.Option(help="Consumer Key of the app.")],
    secret_ref: Annotated[
        str | None, typer.Option(help="Where the Consumer Secret is: env:NAME, keyring:service/name or file:/path.")
    ] = None,
    secret_stdin: Annotated[
        bool, typer.Option("--secret-stdin", help="Read the Consumer Secret from standard input.")
    ] = False,
    public: Annotated[
        bool, typer.Option("--public", help="The app has no secret (Require Secret is not ticked).")
    ] = False,
    redirect_uri: Annotated[
        str, typer.Option(help="Callback URL of the app that this machine logs in with.")
    ] = "http://localhost:17171/callback",
    app_kind: Annotated[str, typer.Option(help="external_client_app or connected_app.")] = "external_client_app",
    grant_kind: Annotated[
        str, typer.Option(help="authorization_code, client_credentials or jwt_bearer.")
    ] = "authorization_code",
    username: Annotated[str | None, typer.Option(help="User of the JWT bearer grant.")] = None,
    private_key_ref: Annotated[
        str | None, typer.Option(help="Reference to the private key of the JWT bearer grant.")
    ] = None,
    profile: Annotated[str, typer.Option(help="Partner profile.")] = "cyclr",
    variable: Annotated[
        list[str] | None,
        typer.Option(help="Variable of the profile as NAME=VALUE, such as service_domain=app-h.cyclr.com."),
    ] = None,
    ca_file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="PEM file of a certificate authority to trust as well."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Change a connection of this name.")] = False,
) -> None:
    """Add a connection; the Consumer Secret is asked for unseen and kept encrypted, or referred to."""
    from sfrunbook.bookkeeping import add_connection
    from sfrunbook.model import AppKind, Connection, GrantKind
    from sfrunbook.oauth.hosts import login_url_of
    from sfrunbook.secret import Secret

    with _explained(entering=True):
        secret: Secret | None = None
        if secret_stdin:
            secret = Secret(_standard_input().strip())
        elif not (secret_ref or public) and sys.stdin.isatty():
            secret = Secret(typer.prompt("Consumer Secret (not shown)", hide_input=True, err=True).strip())
        _look_at_shape(client_id, secret)
        made = Connection(
            name=name,
            login_url=login_url_of(login_url),
            client_id=client_id.strip(),
            client_secret=secret_ref,
            public=public,
            redirect_uri=redirect_uri,
            app_kind=_choice(AppKind, app_kind, "--app-kind"),
            grant_kind=_choice(GrantKind, grant_kind, "--grant-kind"),
            username=username,
            private_key=private_key_ref,
            profile=profile,
            variables=_pairs(variable or []),
            ca_file=str(ca_file.resolve()) if ca_file else None,
        )
        add_connection(made, secret, os.environ, replacing=replace)
        typer.echo(f"Connection {name} is kept. Next: sfrunbook check {name} --stage registration")


@connections.command("list", epilog="Example: sfrunbook connections list --json")
def connections_list(as_json: Json = False) -> None:
    """Names and hosts of all connections."""
    from sfrunbook.connections import open_book

    with _explained(as_json=as_json):
        book = open_book(os.environ)
        known, damaged = book.readable()
        if as_json:
            typer.echo(json.dumps([_shown(one) for one in known], indent=2))
        for one in [] if as_json else known:
            typer.echo(f"{one.name}  {one.login_url}  {one.app_kind.label}")
        for name in damaged:
            typer.echo(f"{name}  cannot be read; sfrunbook connections show {name} says why", err=True)
        if not (known or damaged or as_json):
            typer.echo(
                "No connection yet. Add one with: sfrunbook connections add NAME ...  (practice is always there)"
            )


@connections.command("show", epilog="Example: sfrunbook connections show acme")
def connections_show(name: Name, as_json: Json = False) -> None:
    """Everything that is kept of a connection; it holds no secret."""
    from sfrunbook.connections import RESERVED_NAME, open_book
    from sfrunbook.diagnose import problem

    with _explained(as_json=as_json):
        if name == RESERVED_NAME:
            raise problem("connection-name-reserved", name=name)
        shown = _shown(open_book(os.environ).get(name))
        if as_json:
            typer.echo(json.dumps(shown, indent=2))
        else:
            typer.echo("\n".join(f"{key:<15} {value}" for key, value in shown.items() if value not in (None, {})))


@connections.command("remove", epilog="Example: sfrunbook connections remove acme --yes")
def connections_remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Forget it even when the grant cannot be revoked.")] = False,
) -> None:
    """Revoke the grant of a connection at Salesforce, then forget connection, grant and secret."""
    from sfrunbook.bookkeeping import remove_connection

    with _explained():
        if not yes:
            typer.confirm(f"Revoke the grant of {name} and forget the connection?", abort=True, err=True)
        for line in remove_connection(name, os.environ, force=force):
            typer.echo(line)


@app.command(
    epilog="Examples: sfrunbook explain invalid_client_id    sfrunbook explain - < reply.json    "
    "sfrunbook explain redirect_uri_mismatch --connection acme --message"
)
def explain(
    text: Annotated[
        str,
        typer.Argument(
            help="An error code, error: description, JSON body, pasted address, Status of Login History, a file, or - "
            "to read it."
        ),
    ],
    connection: Annotated[
        str | None, typer.Option("--connection", "-c", help="Show the screens of this connection's kind of app only.")
    ] = None,
    message: Annotated[bool, typer.Option("--message", help="Only a message to copy to whoever must act.")] = False,
    to: Annotated[
        str, typer.Option(help="Whom the message is for: Salesforce administrator or Cyclr partner.")
    ] = "Salesforce administrator",
    as_json: Json = False,
) -> None:
    """Explain an error of Salesforce: what happened, why, and who does what on which screen."""
    from sfrunbook import report
    from sfrunbook.diagnose import diagnose, for_app_kind
    from sfrunbook.explain import explain_text
    from sfrunbook.message import RECIPIENTS

    if to not in RECIPIENTS:
        raise typer.BadParameter(f"{to!r} is none of {', '.join(RECIPIENTS)}.", param_hint="--to")
    with _explained(as_json=as_json):
        known = _known_connection(connection)
        failure = explain_text(_said(text), known)
        diagnosis = for_app_kind(diagnose(failure), known.app_kind if known else None)
        letter = ""
        if message:
            letter = report.message(diagnosis, to=to, connection=known, callbacks=_callbacks(known))
            letter = letter or f"Nothing in this asks anything of a {to}; see it without --message."
        if as_json:
            shown = report.diagnosis_data(diagnosis) | ({"message": letter} if message else {})
            typer.echo(json.dumps(shown, indent=2))
        else:
            typer.echo(letter or report.diagnosis_text(diagnosis))


def _known_connection(name: str | None) -> Connection | None:
    """A connection of the book; the practice connection says nothing about a real app."""
    if name in (None, "practice"):
        return None
    from sfrunbook.connections import open_book

    return open_book(os.environ).get(name)


def _callbacks(connection: Connection | None) -> tuple[str, ...]:
    """The addresses that the app of a connection must list: the partner's and this runbook's own."""
    if connection is None:
        return ()
    from sfrunbook import partner

    return (*partner.load(connection.profile).callback_urls(connection.variables), connection.redirect_uri)


def _said(text: str) -> str:
    """The text itself, or what stands in the file that it names or on standard input."""
    if text == "-":
        return _standard_input()
    try:
        if len(text) < 256 and Path(text).is_file():
            return Path(text).read_text("utf-8", errors="replace")
    except OSError as error:
        raise typer.BadParameter(f"{text} cannot be read: {error.strerror}.", param_hint="TEXT") from None
    return text


def _standard_input() -> str:
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")


def _look_at_shape(client_id: str, secret: Secret | None) -> None:
    """Refuse what cannot be a Consumer Key or Consumer Secret, such as the two swapped, before anything is kept."""
    from sfrunbook.credential_shape import shape_of_client_id, shape_of_client_secret
    from sfrunbook.diagnose import problem

    if wrong := shape_of_client_id(client_id.strip()):
        raise problem("client-id-shape", reasons=" ".join(wrong))
    if secret is not None and (wrong := shape_of_client_secret(secret.reveal())):
        raise problem("client-secret-shape", reasons=" ".join(wrong))


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


def _choice(kind: Callable[[str], Any], text: str, option: str) -> Any:  # noqa: ANN401 - a member of `kind`
    try:
        return kind(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not known; see --help.", param_hint=option) from None


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs = dict(text.partition("=")[::2] for text in texts)
    if any(not name or not value for name, value in pairs.items()):
        raise typer.BadParameter("write NAME=VALUE.", param_hint="--variable")
    return pairs


def _shown(connection: Connection) -> dict[str, Any]:
    from pydantic import TypeAdapter

    from sfrunbook.model import Connection as Model

    return dict(TypeAdapter(Model).dump_python(connection, mode="json"))
