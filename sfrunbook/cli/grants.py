"""`sfrunbook grants`: look at what is held, revoke it, and decide what no program decides by itself."""

from __future__ import annotations

import json
import os
import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfrunbook.cli.common import Json, Name, explained
from sfrunbook.diagnosis.diagnose import diagnosis_of

if TYPE_CHECKING:
    from sfrunbook.connection.health import GrantHealth

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Look at grants, revoke them, and decide about them; no token is shown.")

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command("list", epilog="Example: sfrunbook grants list --json")
def grants_list(as_json: Json = False) -> None:
    """Every grant that is kept on this machine, in a line each; nothing is asked of any org."""
    from sfrunbook.core.errors import RunbookError
    from sfrunbook.store.connections import home
    from sfrunbook.store.secret_place import stored_grants

    with explained(as_json=as_json):
        lines: list[dict[str, Any]] = []
        for name, stored in stored_grants(home(os.environ), os.environ):
            if isinstance(stored, RunbookError):
                lines.append({"connection": name, "problem": diagnosis_of(stored).code})
                continue
            lines.append(
                {
                    "connection": name,
                    "kind": stored.grant.kind.value,
                    "org_id": stored.grant.org_id,
                    "generation": stored.grant.generation,
                    "issued_at": _moment(stored.grant.issued_at),
                    "undecided": stored.sent is not None,
                }
            )
        if as_json:
            typer.echo(json.dumps(lines, indent=2))
        for line in [] if as_json else lines:
            typer.echo(_line(line))
        if not lines and not as_json:
            typer.echo("No grant is kept. Log in with: sfrunbook login NAME")


@app.command("show", epilog="Example: sfrunbook grants show acme --json")
def grants_show(name: Name, as_json: Json = False) -> None:
    """How a grant is: its kind, ages, machine and policy, the approvals that are used, and what to do next."""
    from sfrunbook.connection import open_workbench
    from sfrunbook.connection.health import look_at

    with explained(as_json=as_json):
        bench = open_workbench(name, os.environ)
        health = look_at(bench)
        active = bench.refresh_token_is_active() if health.kept and health.kept.sent else None
        if as_json:
            typer.echo(json.dumps({**_data(health), "refresh_token_active": active}, indent=2))
            return
        for key, value in health.facts().items():
            typer.echo(f"{key:<22} {value}")
        if active is not None:
            typer.echo(f"{'Salesforce says':<22} the refresh token is {'still active' if active else 'not active'}")
        typer.echo(f"{'Approvals':<22} {health.approvals.told}")
        for step in health.next_steps():
            typer.echo(f"{'Next':<22} {step}")


@app.command("revoke", epilog="Example: sfrunbook grants revoke acme --yes")
def grants_revoke(name: Name, yes: Yes = False) -> None:
    """Take the approval of a connection back at Salesforce, and forget its grant; the connection stays."""
    from sfrunbook.connection import open_workbench

    with explained():
        if not yes:
            typer.confirm(f"Revoke the grant of {name}?", abort=True, err=True)
        bench = open_workbench(name, os.environ)
        held = bench.grant() is not None
        bench.revoke()
        typer.echo(f"The grant of {name} was revoked and is forgotten." if held else f"{name} holds no grant.")


@app.command(
    "resolve",
    epilog="Examples: sfrunbook grants resolve acme --try-once    sfrunbook grants resolve acme --log-in-again",
)
def grants_resolve(
    name: Name,
    try_once: Annotated[
        bool, typer.Option("--try-once", help="Ask Salesforce whether the refresh token lives, then send it once more.")
    ] = False,
    log_in_again: Annotated[
        bool, typer.Option("--log-in-again", help="Give this approval up; then log in with sfrunbook login NAME.")
    ] = False,
) -> None:
    """Decide about a refresh whose answer was lost; no run decides that by itself."""
    from sfrunbook.connection import open_workbench

    if try_once == log_in_again:
        raise typer.BadParameter("choose one of --try-once and --log-in-again.", param_hint="resolve")
    with explained():
        bench = open_workbench(name, os.environ)
        if try_once:
            from sfrunbook.core.words import renewals

            made = bench.try_refresh_once()
            typer.echo(f"The grant of {name} lives and is kept: {renewals(made.generation)}.")
            return
        taken_back = bench.give_up_grant()
        typer.echo(f"The grant of {name} is forgotten. Now: sfrunbook login {name}")
        if not taken_back:
            typer.echo(
                "Salesforce did not take the approval back: revoke it in the user's OAuth Connected Apps, so that it "
                "does not count among the five.",
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
    from sfrunbook.connection import open_workbench

    with explained():
        if not yes:
            typer.confirm(
                f"Will the other machine never use the grant of {name} again? With two users it ends for both.",
                abort=True,
                err=True,
            )
        open_workbench(name, os.environ).adopt_grant()
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
    from sfrunbook.connection import open_workbench

    with explained(as_json=as_json):
        bench = open_workbench(name, os.environ)
        made = bench.make_signing_key(anew=anew)
        told = {
            "certificate_file": str(bench.certificate_file),
            "valid_until": _moment(made.not_after),
            "sha256": made.fingerprint,
        }
        if as_json:
            typer.echo(json.dumps(told, indent=2))
            return
        labels = {"certificate_file": "Certificate", "valid_until": "Valid until", "sha256": "SHA-256"}
        for key, label in labels.items():
            typer.echo(f"{label:<12} {told[key]}")
        typer.echo(
            f"Send the file to the administrator; then: sfrunbook grants unattended {name} jwt_bearer --username USER"
        )


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
    from sfrunbook.connection import open_workbench
    from sfrunbook.core.model import GrantKind

    if kind not in (GrantKind.CLIENT_CREDENTIALS, GrantKind.JWT_BEARER):
        raise typer.BadParameter(f"{kind!r} is none of client_credentials, jwt_bearer.", param_hint="KIND")
    with explained():
        bench = open_workbench(name, os.environ)
        if only_prove:
            made = bench.prove_unattended(GrantKind(kind), username=username)
            typer.echo(
                f"Salesforce gives {name} a grant of user {made.user_id} in org {made.org_id}. Nothing was changed."
            )
            return
        made = bench.use_unattended(GrantKind(kind), username=username)
        typer.echo(f"{name} works by {kind} now, as user {made.user_id} in org {made.org_id}.")


def _data(health: GrantHealth) -> dict[str, Any]:
    kept, approvals = health.kept, health.approvals
    return {
        "connection": health.connection,
        "kind": health.grant_kind.value,
        "held": kept is not None,
        "org_id": kept.grant.org_id if kept else None,
        "user_id": kept.grant.user_id if kept else None,
        "generation": kept.grant.generation if kept else None,
        "rotates": kept.grant.rotates if kept else None,
        "approved_at": _moment(kept.grant.approved_at) if kept else None,
        "issued_at": _moment(kept.grant.issued_at) if kept else None,
        "used_at": _moment(kept.used_at) if kept else None,
        "of_this_machine": health.is_of_this_machine,
        "undecided_since": _moment(kept.sent.at) if kept and kept.sent else None,
        "protection": health.protection,
        "policy": health.policy.told if health.policy else None,
        "ends": _moment(health.ends),
        "approvals": {
            "count": approvals.count,
            "limit": approvals.limit,
            "at_least": approvals.at_least,
            "counted_by": approvals.counted_by,
        },
        "next_steps": list(health.next_steps()),
    }


def _line(line: dict[str, Any]) -> str:
    if "problem" in line:
        why = f"sfrunbook grants show {line['connection']} says why"
        return f"{line['connection']}  cannot be read ({line['problem']}); {why}"
    from sfrunbook.core.words import renewals

    doubt = "  a refresh is undecided" if line["undecided"] else ""
    return f"{line['connection']}  {line['kind']}  {line['org_id']}  {renewals(line['generation'])}{doubt}"


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
