"""`sfrunbook grants`: look at grants, revoke them, and decide what no program decides by itself."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfrunbook.cli.common import Json, Name, Yes, answer, check_one_of, confirmed, explained, opened_by
from sfrunbook.core.words import renewals

if TYPE_CHECKING:
    from sfrunbook.connection import OpenConnection

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Show, revoke and manage stored logins (grants). No token is shown.")


@app.command("list", epilog="Example: sfrunbook grants list --json")
def grants_list(as_json: Json = False) -> None:
    """List every login stored on this machine. No org is contacted."""
    from sfrunbook.connection.grant_data import grant_line, grant_rows

    with explained(as_json=as_json):
        rows = grant_rows(os.environ)
        lines = [grant_line(row) for row in rows] or ["No login is stored. Log in with: sfrunbook login NAME"]
        answer(rows, lines, as_json=as_json)


@app.command("show", epilog="Example: sfrunbook grants show acme --json")
def grants_show(name: Name, as_json: Json = False) -> None:
    """Show a login: its kind, age, machine and policy, the used approvals, and your next step."""
    from sfrunbook.connection.grant_data import health_data, owner_data
    from sfrunbook.connection.health import grant_health

    with explained(as_json=as_json):
        opened = opened_by(name)
        health = grant_health(opened)
        active = opened.grants.refresh_token_is_active() if health.record and health.record.sent else None
        owner = opened.grants.owner_of_quarantined()
        rows = [*health.facts().items()]
        if active is not None:
            rows.append(("Salesforce says", f"the refresh token is {'still valid' if active else 'not valid'}"))
        if owner is not None:
            rows.append(("Salesforce says", f"the new tokens belong to org {owner.org_id}, user {owner.user_id}"))
        rows += [("Approvals", health.approvals.summary), *(("Next", step) for step in health.next_steps())]
        answers = {"refresh_token_active": active, "quarantined_belongs_to": owner_data(owner)}
        lines = (f"{key:<22} {value}" for key, value in rows)
        answer({**health_data(health), **answers}, lines, as_json=as_json)


@app.command("revoke", epilog="Example: sfrunbook grants revoke acme --yes")
def grants_revoke(name: Name, yes: Yes = False) -> None:
    """Revoke a connection's approval at Salesforce and delete its login. The connection stays."""
    with explained():
        confirmed(f"Revoke the login of {name}?", yes)
        opened = opened_by(name)
        had_grant = opened.grants.stored() is not None
        opened.grants.revoke()
        typer.echo(f"The login of {name} is revoked and deleted." if had_grant else f"{name} has no stored login.")


TryOnce = Annotated[
    bool, typer.Option("--try-once", help="Ask Salesforce whether the refresh token is valid, then send it once more.")
]
LogInAgain = Annotated[
    bool, typer.Option("--log-in-again", help="Discard this approval. Then log in with sfrunbook login NAME.")
]
AcceptNewTokens = Annotated[bool, typer.Option("--accept-new-tokens", help="Use the new tokens in quarantine.")]
DropNewTokens = Annotated[
    bool, typer.Option("--drop-new-tokens", help="Delete the new tokens in quarantine. Then log in again.")
]
RevokeToo = Annotated[
    bool | None,
    typer.Option(
        "--revoke/--no-revoke",
        help="With --drop-new-tokens: also revoke their approval at Salesforce. Without it, you are asked.",
    ),
]


@app.command(
    "resolve",
    epilog="Examples: sfrunbook grants resolve acme --try-once    sfrunbook grants resolve acme --accept-new-tokens",
)
def grants_resolve(
    name: Name,
    try_once: TryOnce = False,
    log_in_again: LogInAgain = False,
    accept: AcceptNewTokens = False,
    drop: DropNewTokens = False,
    revoke: RevokeToo = None,
) -> None:
    """Decide about a refresh whose reply was lost or failed the org check. No run decides this for you."""
    if [try_once, log_in_again, accept, drop].count(True) != 1:
        raise typer.BadParameter(
            "choose one of --try-once, --log-in-again, --accept-new-tokens or --drop-new-tokens.",
            param_hint="resolve",
        )
    with explained():
        opened = opened_by(name)
        if try_once:
            grant = opened.grants.try_refresh_once()
            typer.echo(f"The login of {name} is valid and stored: {renewals(grant.generation)}.")
        elif accept:
            opened.grants.accept_quarantined()
            typer.echo(f"{name} now uses the new tokens. Next: sfrunbook check {name}")
        elif drop:
            _drop(opened, revoke=revoke)
        else:
            _forgotten(name, revoked=opened.grants.give_up())


def _drop(opened: OpenConnection, *, revoke: bool | None) -> None:
    name = opened.connection.name
    if revoke is None and opened.grants.quarantined():
        question = f"Also revoke the approval of {name} at Salesforce? It uses 1 of 5."
        revoke = typer.confirm(question, default=True, err=True)
    _forgotten(name, revoked=opened.grants.drop_quarantined(revoking=bool(revoke)))


def _forgotten(name: str, *, revoked: bool) -> None:
    typer.echo(f"The login of {name} is deleted. Next: sfrunbook login {name}")
    if not revoked:
        typer.echo(
            "The approval isn't revoked. Revoke it in the user's OAuth Connected Apps, so that it doesn't count "
            "among the 5.",
            err=True,
        )


@app.command("key-file", epilog="Example: sfrunbook grants key-file ~/.config/sfrunbook/key")
def grants_key_file(
    path: Annotated[Path, typer.Argument(help="The new file. An existing file is never changed.")],
) -> None:
    """Create the key file for a machine without a keyring. Only you can read it."""
    from sfrunbook.store.wrapping_key import create_key_file

    with explained():
        whole = path.expanduser().absolute()
        create_key_file(whole)
        typer.echo(f"The key is in {whole}. Keep a copy in a safe place: only this key opens your secrets.")
        typer.echo(f"Now set it where sfrunbook runs:  export SFRUNBOOK_KEY_FILE={shlex.quote(str(whole))}")


@app.command("adopt", epilog="Example: sfrunbook grants adopt acme --yes")
def grants_adopt(name: Name, yes: Yes = False) -> None:
    """Take over a login from another machine, which must never use it again."""
    with explained():
        confirmed(f"Will the other machine never use the login of {name} again? If both use it, both lose access.", yes)
        opened_by(name).grants.adopt()
        typer.echo(f"The login of {name} now belongs to this machine.")


@app.command("key", epilog="Examples: sfrunbook grants key acme    sfrunbook grants key acme --anew")
def grants_key(
    name: Name,
    anew: Annotated[
        bool, typer.Option("--anew", help="Create a new key. The old certificate then stops working.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Create the key of the JWT Bearer Flow, saved encrypted, and the certificate file for the administrator."""
    from sfrunbook.connection.grant_data import moment

    with explained(as_json=as_json):
        opened = opened_by(name)
        certificate = opened.unattended.make_signing_key(anew=anew)
        data = {
            "certificate_file": str(opened.unattended.certificate_file),
            "valid_until": moment(certificate.not_after),
            "sha256": certificate.fingerprint,
        }
        labels = {"certificate_file": "Certificate", "valid_until": "Valid until", "sha256": "SHA-256"}
        lines = [f"{label:<12} {data[key]}" for key, label in labels.items()]
        then = f"sfrunbook grants unattended {name} jwt_bearer --username USER"
        answer(data, [*lines, f"Send the file to the administrator. Then run: {then}"], as_json=as_json)


@app.command(
    "unattended",
    epilog="Examples: sfrunbook grants unattended acme client_credentials    "
    "sfrunbook grants unattended acme jwt_bearer --username integration@acme.com",
)
def grants_unattended(
    name: Name,
    kind: Annotated[str, typer.Argument(help="client_credentials or jwt_bearer.")],
    username: Annotated[str, typer.Option(help="User of the JWT Bearer Flow, as Setup > Users shows it.")] = "",
    only_prove: Annotated[bool, typer.Option("--only-prove", help="Request access once and change nothing.")] = False,
) -> None:
    """Test unattended access and switch the connection to it. Its old approval is revoked."""
    from sfrunbook.core.model import GrantKind

    check_one_of(kind, GrantKind.unattended(), "KIND")
    with explained():
        opened = opened_by(name)
        if only_prove:
            grant = opened.unattended.prove(GrantKind(kind), username=username)
            whose = f"access as user {grant.user_id} in org {grant.org_id}"
            typer.echo(f"Salesforce gives {name} {whose}. Nothing changed.")
            return
        grant = opened.unattended.use(GrantKind(kind), username=username)
        typer.echo(f"{name} now uses {kind}, as user {grant.user_id} in org {grant.org_id}.")
