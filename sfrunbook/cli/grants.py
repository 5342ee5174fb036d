"""`sfrunbook grants`: look at grants, revoke them, and decide what no program decides by itself."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfrunbook.cli.common import Json, Name, Yes, answer, confirmed, explained
from sfrunbook.core.words import renewals

if TYPE_CHECKING:
    from sfrunbook.connection import OpenConnection

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Look at grants, revoke them, and decide about them; no token is shown.")


@app.command("list", epilog="Example: sfrunbook grants list --json")
def grants_list(as_json: Json = False) -> None:
    """Every grant that is kept on this machine, in a line each; nothing is asked of any org."""
    from sfrunbook.connection.grant_data import grant_line, grant_rows

    with explained(as_json=as_json):
        rows = grant_rows(os.environ)
        lines = [grant_line(row) for row in rows] or ["No grant is kept. Log in with: sfrunbook login NAME"]
        answer(rows, lines, as_json=as_json)


@app.command("show", epilog="Example: sfrunbook grants show acme --json")
def grants_show(name: Name, as_json: Json = False) -> None:
    """How a grant is: its kind, ages, machine and policy, the approvals that are used, and what to do next."""
    from sfrunbook.connection import open_connection
    from sfrunbook.connection.grant_data import health_data, owner_data
    from sfrunbook.connection.health import grant_health

    with explained(as_json=as_json):
        opened = open_connection(name, os.environ)
        health = grant_health(opened)
        active = opened.grants.refresh_token_is_active() if health.record and health.record.sent else None
        owner = opened.grants.owner_of_quarantined()
        if as_json:
            answers = {"refresh_token_active": active, "quarantined_belongs_to": owner_data(owner)}
            typer.echo(json.dumps({**health_data(health), **answers}, indent=2))
            return
        for key, value in health.facts().items():
            typer.echo(f"{key:<22} {value}")
        if active is not None:
            typer.echo(f"{'Salesforce says':<22} the refresh token is {'still active' if active else 'not active'}")
        if owner is not None:
            typer.echo(f"{'Salesforce says':<22} the new tokens belong to org {owner.org_id}, user {owner.user_id}")
        typer.echo(f"{'Approvals':<22} {health.approvals.summary}")
        for step in health.next_steps():
            typer.echo(f"{'Next':<22} {step}")


@app.command("revoke", epilog="Example: sfrunbook grants revoke acme --yes")
def grants_revoke(name: Name, yes: Yes = False) -> None:
    """Take the approval of a connection back at Salesforce, and forget its grant; the connection stays."""
    from sfrunbook.connection import open_connection

    with explained():
        confirmed(f"Revoke the grant of {name}?", yes)
        opened = open_connection(name, os.environ)
        had_grant = opened.grants.stored() is not None
        opened.grants.revoke()
        typer.echo(f"The grant of {name} was revoked and is forgotten." if had_grant else f"{name} holds no grant.")


TryOnce = Annotated[
    bool, typer.Option("--try-once", help="Ask Salesforce whether the refresh token lives, then send it once more.")
]
LogInAgain = Annotated[
    bool, typer.Option("--log-in-again", help="Give this approval up; then log in with sfrunbook login NAME.")
]
AcceptNewTokens = Annotated[
    bool, typer.Option("--accept-new-tokens", help="Take the new tokens out of quarantine and use them.")
]
DropNewTokens = Annotated[
    bool, typer.Option("--drop-new-tokens", help="Forget the new tokens in quarantine; then log in again.")
]
RevokeToo = Annotated[
    bool | None,
    typer.Option(
        "--revoke/--no-revoke",
        help="With --drop-new-tokens: revoke their approval at Salesforce, too. You are asked without it.",
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
    """Decide about a refresh whose answer was lost or failed the org check; no run decides that by itself."""
    from sfrunbook.connection import open_connection

    if [try_once, log_in_again, accept, drop].count(True) != 1:
        raise typer.BadParameter(
            "choose one of --try-once, --log-in-again, --accept-new-tokens and --drop-new-tokens.",
            param_hint="resolve",
        )
    with explained():
        opened = open_connection(name, os.environ)
        if try_once:
            grant = opened.grants.try_refresh_once()
            typer.echo(f"The grant of {name} lives and is kept: {renewals(grant.generation)}.")
        elif accept:
            opened.grants.accept_quarantined()
            typer.echo(f"The new tokens are the grant of {name} now. Next: sfrunbook check {name}")
        elif drop:
            _drop(opened, revoke=revoke)
        else:
            _forgotten(name, revoked=opened.grants.give_up())


def _drop(opened: OpenConnection, *, revoke: bool | None) -> None:
    name = opened.connection.name
    if revoke is None and opened.grants.quarantined():
        question = f"Revoke the approval of {name} at Salesforce too? It uses one of the five places."
        revoke = typer.confirm(question, default=True, err=True)
    _forgotten(name, revoked=opened.grants.drop_quarantined(revoking=bool(revoke)))


def _forgotten(name: str, *, revoked: bool) -> None:
    typer.echo(f"The grant of {name} is forgotten. Now: sfrunbook login {name}")
    if not revoked:
        typer.echo(
            "The approval was not revoked: revoke it in the user's OAuth Connected Apps, so that it does not count "
            "among the five.",
            err=True,
        )


@app.command("key-file", epilog="Example: sfrunbook grants key-file ~/.config/sfrunbook/key")
def grants_key_file(
    path: Annotated[Path, typer.Argument(help="The new file; one that is there already is never touched.")],
) -> None:
    """Make the key file that protects what is kept, for a machine without a keyring; only you can read it."""
    from sfrunbook.store.wrapping_key import create_key_file

    with explained():
        whole = path.expanduser().absolute()
        create_key_file(whole)
        typer.echo(f"The key is in {whole}. Keep a copy in a safe place: what is kept opens with nothing else.")
        typer.echo(f"Now set it where sfrunbook runs:  export SFRUNBOOK_KEY_FILE={shlex.quote(str(whole))}")


@app.command("adopt", epilog="Example: sfrunbook grants adopt acme --yes")
def grants_adopt(name: Name, yes: Yes = False) -> None:
    """Take over a grant that was made on another machine, which must never use it again."""
    from sfrunbook.connection import open_connection

    with explained():
        confirmed(f"Will the other machine never use the grant of {name} again? With two users it ends for both.", yes)
        open_connection(name, os.environ).grants.adopt()
        typer.echo(f"The grant of {name} belongs to this machine now.")


@app.command("key", epilog="Examples: sfrunbook grants key acme    sfrunbook grants key acme --anew")
def grants_key(
    name: Name,
    anew: Annotated[
        bool, typer.Option("--anew", help="Make another key; the old certificate is of no use then.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make the key of the JWT Bearer Flow, kept encrypted, and the certificate file for the administrator."""
    from sfrunbook.connection import open_connection
    from sfrunbook.connection.grant_data import moment

    with explained(as_json=as_json):
        opened = open_connection(name, os.environ)
        certificate = opened.unattended.make_signing_key(anew=anew)
        data = {
            "certificate_file": str(opened.unattended.certificate_file),
            "valid_until": moment(certificate.not_after),
            "sha256": certificate.fingerprint,
        }
        labels = {"certificate_file": "Certificate", "valid_until": "Valid until", "sha256": "SHA-256"}
        lines = [f"{label:<12} {data[key]}" for key, label in labels.items()]
        then = f"sfrunbook grants unattended {name} jwt_bearer --username USER"
        answer(data, [*lines, f"Send the file to the administrator; then: {then}"], as_json=as_json)


@app.command(
    "unattended",
    epilog="Examples: sfrunbook grants unattended acme client_credentials    "
    "sfrunbook grants unattended acme jwt_bearer --username integration@acme.com",
)
def grants_unattended(
    name: Name,
    kind: Annotated[str, typer.Argument(help="client_credentials or jwt_bearer.")],
    username: Annotated[str, typer.Option(help="User of the JWT Bearer Flow, as Setup > Users shows it.")] = "",
    only_prove: Annotated[bool, typer.Option("--only-prove", help="Ask for a grant once and change nothing.")] = False,
) -> None:
    """Prove a grant that needs no person, and let the connection work by it; its old approval is taken back."""
    from sfrunbook.connection import open_connection
    from sfrunbook.core.model import GrantKind

    if kind not in GrantKind.unattended():
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(GrantKind.unattended())}.", param_hint="KIND")
    with explained():
        opened = open_connection(name, os.environ)
        if only_prove:
            grant = opened.unattended.prove(GrantKind(kind), username=username)
            whose = f"a grant of user {grant.user_id} in org {grant.org_id}"
            typer.echo(f"Salesforce gives {name} {whose}. Nothing was changed.")
            return
        grant = opened.unattended.use(GrantKind(kind), username=username)
        typer.echo(f"{name} works by {kind} now, as user {grant.user_id} in org {grant.org_id}.")
