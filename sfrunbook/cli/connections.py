"""`sfrunbook connections`: add, list, show and remove."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfrunbook.cli.common import Json, Name, Yes, answer, confirmed, explained, standard_input

if TYPE_CHECKING:
    from sfrunbook.core.model import Connection
    from sfrunbook.core.secrets.secret import Secret

__all__ = ["app"]

#: the options without which there is no connection
_NEEDED = {"login_url": "--login-url", "client_id": "--client-id"}
#: the field of a connection that an option is about, where its name differs
_FIELDS = {
    "secret_ref": "client_secret",
    "private_key_ref": "private_key",
    "variable": "variables",
    "partner_account": "variables",
    "partner_secret_ref": "partner_client_secret",
    "just_saved": "registered_at",
}
_SECRET_LABELS = ("Consumer Secret", "Client Secret of the partner's API")

NewName = Annotated[str, typer.Argument(help="Use letters, digits, dots, dashes and underscores.")]
LoginUrl = Annotated[
    str, typer.Option(help="Login address: the org's My Domain, login.salesforce.com or test.salesforce.com.")
]
ClientId = Annotated[str, typer.Option(help="Consumer Key of the app.")]
SecretRef = Annotated[
    str | None, typer.Option(help="Where the Consumer Secret is: env:NAME, keyring:service/name or file:/path.")
]
SecretStdin = Annotated[bool, typer.Option("--secret-stdin", help="Read the Consumer Secret from standard input.")]
Public = Annotated[bool, typer.Option("--public", help="The app has no secret: Require Secret is cleared.")]
RedirectUri = Annotated[str, typer.Option(help="Callback URL for logins on this machine.")]
AppKindText = Annotated[str, typer.Option(help="external_client_app or connected_app.")]
GrantKindText = Annotated[str, typer.Option(help="authorization_code, client_credentials or jwt_bearer.")]
Username = Annotated[str | None, typer.Option(help="User for the JWT Bearer Flow.")]
PrivateKeyRef = Annotated[str | None, typer.Option(help="Reference to the private key for the JWT Bearer Flow.")]
Profile = Annotated[str, typer.Option(help="Partner profile.")]
Variables = Annotated[
    list[str] | None,
    typer.Option(help="Variable of the profile as NAME=VALUE, such as service_domain=app-h.cyclr.com."),
]
PartnerAccount = Annotated[
    str | None, typer.Option(help="API ID of your account at the partner, as --variable account_id=ID.")
]
PartnerClientId = Annotated[
    str | None, typer.Option(help="Client ID of the partner's API, not of the app in Salesforce.")
]
PartnerSecretRef = Annotated[
    str | None,
    typer.Option(help="Where the Client Secret of the partner's API is: env:NAME, keyring:... or file:/path."),
]
PartnerSecretStdin = Annotated[
    bool,
    typer.Option(
        "--partner-secret-stdin",
        help="Read that secret from standard input. With --secret-stdin, from its second line.",
    ),
]
JustSaved = Annotated[
    bool, typer.Option("--just-saved", help="You just saved the app in Salesforce. It can take a few minutes to work.")
]
CaFile = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="PEM file of an additional certificate authority to trust."),
]
Replace = Annotated[
    bool, typer.Option("--replace", help="Change the connection of this name. What you leave out stays.")
]

app = typer.Typer(no_args_is_help=True, help="Add, list, show and remove connections. Their files contain no secrets.")


@app.command(
    "add",
    epilog="Example: sfrunbook connections add acme --login-url acme.my.salesforce.com --client-id 3MVG9... "
    "--variable service_domain=app-h.cyclr.com",
)
def connections_add(
    context: typer.Context,
    name: NewName,
    login_url: LoginUrl = "",
    client_id: ClientId = "",
    secret_ref: SecretRef = None,
    secret_stdin: SecretStdin = False,
    public: Public = False,
    redirect_uri: RedirectUri = "http://localhost:17171/callback",
    app_kind: AppKindText = "external_client_app",
    grant_kind: GrantKindText = "authorization_code",
    username: Username = None,
    private_key_ref: PrivateKeyRef = None,
    profile: Profile = "cyclr",
    variable: Variables = None,
    partner_account: PartnerAccount = None,
    partner_client_id: PartnerClientId = None,
    partner_secret_ref: PartnerSecretRef = None,
    partner_secret_stdin: PartnerSecretStdin = False,
    just_saved: JustSaved = False,
    ca_file: CaFile = None,
    replace: Replace = False,
) -> None:
    """Add a connection, or with --replace change one: an option that you leave out stays as it is.

    Secrets stay hidden as you type. They are saved encrypted, or as references.
    """
    from sfrunbook.connection.manage import add_connection
    from sfrunbook.core.model import AppKind, Connection, GrantKind
    from sfrunbook.salesforce.oauth.hosts import login_url_of

    with explained(entering=True):
        if not partner_client_id and (partner_secret_ref or partner_secret_stdin):
            raise typer.BadParameter("give the Client ID of this secret.", param_hint="--partner-client-id")
        known = _known(name) if replace else None
        given = _given_fields(context)
        if known is None and (missing := [option for option in _NEEDED if option not in given]):
            raise typer.BadParameter(
                "A new connection needs this option.", param_hint=" and ".join(map(_NEEDED.__getitem__, missing))
            )
        has_secret = secret_ref or public or (known and (known.public or known.client_secret))
        asked = not has_secret, bool(partner_client_id and not partner_secret_ref)
        secret, partner_secret = _entered_secrets((secret_stdin, partner_secret_stdin), asked)
        _check_shape(client_id if "client_id" in given else None, secret)
        fields: dict[str, Any] = {
            "login_url": login_url_of(login_url) if login_url else "",
            "client_id": client_id.strip(),
            "client_secret": secret_ref,
            "redirect_uri": redirect_uri,
            "app_kind": _choice(AppKind, app_kind, "--app-kind"),
            "grant_kind": _choice(GrantKind, grant_kind, "--grant-kind"),
            "username": username,
            "private_key": private_key_ref,
            "profile": profile,
            "variables": _pairs(variable or []) | ({"account_id": partner_account} if partner_account else {}),
            "partner_client_id": (partner_client_id or "").strip(),
            "partner_client_secret": partner_secret_ref,
            "ca_file": str(ca_file.resolve()) if ca_file else None,
            "public": public,
            "registered_at": datetime.now(UTC) if just_saved else None,
        }
        if known:
            fields = {field: value for field, value in fields.items() if field in given}
            if "profile" not in given:
                fields["variables"] = {**known.variables, **fields.get("variables", {})}
        connection = dataclasses.replace(known or Connection(name=name, login_url="", client_id=""), **fields)
        add_connection(connection, secret, os.environ, partner_secret=partner_secret, replacing=replace)
        typer.echo(f"Connection {name} is saved. Next: sfrunbook check {name} --stage registration")


def _known(name: str) -> Connection | None:
    from sfrunbook.store.connections import open_book

    book = open_book(os.environ)
    return book.get(name) if name in book.names() else None


def _given_fields(context: typer.Context) -> set[str]:
    """The fields of a connection that the options on the command line are about."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = {name for name, source in sources.items() if source and source.name != "DEFAULT"}
    fields = {_FIELDS.get(name, name) for name in given}
    # an app is public or has a secret
    return fields | {"public", "client_secret"} if given & {"public", "secret_ref", "secret_stdin"} else fields


@app.command("list", epilog="Example: sfrunbook connections list --json")
def connections_list(as_json: Json = False) -> None:
    """List the names and hosts of all connections."""
    from sfrunbook.store.connections import open_book

    with explained(as_json=as_json):
        readable, damaged = open_book(os.environ).readable()
        lines = [f"{known.name}  {known.login_url}  {known.app_kind.label}" for known in readable]
        answer([_data(known) for known in readable], lines, as_json=as_json)
        for name in damaged:
            typer.echo(f"{name}  can't be read; sfrunbook connections show {name} says why", err=True)
        if not (readable or damaged or as_json):
            typer.echo(
                "No connection yet. Add one with: sfrunbook connections add NAME ...  (practice is always available)"
            )


@app.command("show", epilog="Example: sfrunbook connections show acme")
def connections_show(name: Name, as_json: Json = False) -> None:
    """Show everything saved for a connection, without secrets."""
    from sfrunbook.core.errors import problem
    from sfrunbook.store.connections import RESERVED_NAME, open_book

    with explained(as_json=as_json):
        if name == RESERVED_NAME:
            raise problem("connection-name-reserved", name=name)
        data = _data(open_book(os.environ).get(name))
        lines = (f"{key:<15} {value}" for key, value in data.items() if value not in (None, {}))
        answer(data, lines, as_json=as_json)


@app.command("remove", epilog="Example: sfrunbook connections remove acme --yes")
def connections_remove(
    name: Name,
    yes: Yes = False,
    force: Annotated[bool, typer.Option("--force", help="Remove it even if its login can't be revoked.")] = False,
) -> None:
    """Revoke a connection's login at Salesforce, then delete the connection, login and secret."""
    from sfrunbook.connection.manage import remove_connection

    with explained():
        confirmed(f"Revoke the login of {name} and remove the connection?", yes)
        for line in remove_connection(name, os.environ, force=force):
            typer.echo(line)


def _entered_secrets(from_stdin: tuple[bool, bool], missing: tuple[bool, bool]) -> list[Secret | None]:
    """The app's secret and the partner's: from standard input, a line each, else typed unseen at a terminal."""
    from sfrunbook.core.secrets.secret import Secret

    text = standard_input().strip() if any(from_stdin) else ""
    lines = text.partition("\n")[::2] if all(from_stdin) else (text, text)
    entered: list[Secret | None] = []
    for label, line, is_piped, is_missing in zip(_SECRET_LABELS, lines, from_stdin, missing, strict=True):
        if is_piped:
            entered.append(Secret(line.strip()))
        elif is_missing and sys.stdin.isatty():
            entered.append(Secret(typer.prompt(f"{label} (not shown)", hide_input=True, err=True).strip()))
        else:
            entered.append(None)
    return entered


def _check_shape(client_id: str | None, secret: Secret | None) -> None:
    """Refuse what cannot be a Consumer Key or Consumer Secret, such as the two swapped, before anything is stored."""
    from sfrunbook.core.errors import problem
    from sfrunbook.core.secrets.shape import shape_of_client_id, shape_of_client_secret

    if client_id is not None and (wrong := shape_of_client_id(client_id.strip())):
        raise problem("client-id-shape", reasons=" ".join(wrong))
    if secret is not None and (wrong := shape_of_client_secret(secret.reveal())):
        raise problem("client-secret-shape", reasons=" ".join(wrong))


def _choice(kind: Callable[[str], Any], text: str, option: str) -> Any:  # noqa: ANN401 - a member of `kind`
    try:
        return kind(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is unknown; see --help.", param_hint=option) from None


def _pairs(texts: list[str]) -> dict[str, str]:
    pairs = dict(text.partition("=")[::2] for text in texts)
    if any(not name or not value for name, value in pairs.items()):
        raise typer.BadParameter("write NAME=VALUE.", param_hint="--variable")
    return pairs


def _data(connection: Connection) -> dict[str, Any]:
    from pydantic import TypeAdapter

    return dict(TypeAdapter(type(connection)).dump_python(connection, mode="json"))
