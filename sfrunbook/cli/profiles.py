"""`sfrunbook profiles`: list, show and check what partners need."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfrunbook.cli.common import Json, answer, explained
from sfrunbook.core.words import counted

if TYPE_CHECKING:
    from sfrunbook.partners import PartnerProfile

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="List, show and check what partner platforms need in Salesforce.")


@app.command("list", epilog="Examples: sfrunbook profiles list    sfrunbook profiles list --json")
def profiles_list(as_json: Json = False) -> None:
    """List the profiles that come with sfrunbook and those in your own folder."""
    from sfrunbook import partners

    with explained(as_json=as_json):
        own = _own()
        profiles = [partners.load(name, own) for name in partners.names(own)]
        packaged = partners.names()
        rows = [
            {key: getattr(profile, key) for key in ("name", "label", "summary")}
            | {"yours": profile.name not in packaged}
            for profile in profiles
        ]
        lines = [
            f"{row['name']:12} {row['label']}: {row['summary']}{' (yours)' if row['yours'] else ''}" for row in rows
        ]
        answer(rows, [*lines, f"Put your own into {own}. docs/write-a-profile.md explains how."], as_json=as_json)


@app.command("show", epilog="Examples: sfrunbook profiles show n8n    sfrunbook profiles show ./acme.toml --json")
def profiles_show(
    name: Annotated[str, typer.Argument(help="Name of a profile, or path of its TOML file.")], as_json: Json = False
) -> None:
    """Show what a partner needs, with marks and sources."""
    from sfrunbook import partners

    with explained(as_json=as_json, entering=True):
        profile = partners.load(name, _own())
        answer(asdict(profile), [_text(profile)], as_json=as_json)


@app.command("check", epilog="Example: sfrunbook profiles check acme.toml")
def profiles_check(
    file: Annotated[Path, typer.Argument(help="A TOML file.", exists=True, dir_okay=False)], as_json: Json = False
) -> None:
    """Check a profile file. Each fault is shown with its line and field; exit code 2 if there is one."""
    from sfrunbook import partners

    source = file.read_text("utf-8", errors="replace").splitlines()
    rows = [
        {"line": fault.line(source), "field": fault.field, "reason": fault.reason} for fault in partners.faults(file)
    ]
    lines = []
    for row in rows:
        where = f"{file}:{row['line']}" if row["line"] else str(file)
        lines.append(": ".join(filter(None, (where, str(row["field"]), str(row["reason"])))))
    if not rows:
        profile = partners.load(file)
        counts = f"{counted(len(profile.callbacks), 'Callback URL')}, {counted(len(profile.scopes), 'scope')}"
        lines = [f"{file} is ready to use: {counts}."]
    answer({"file": str(file), "usable": not rows, "faults": rows}, lines, as_json=as_json)
    raise typer.Exit(2 if rows else 0)


def _own() -> Path:
    from sfrunbook.store.connections import home

    return home(os.environ) / "profiles"


def _text(profile: PartnerProfile) -> str:
    from sfrunbook.core.words import marks_legend

    lines = [f"{profile.label}: {profile.summary}", f"Guide: {profile.source}"]
    for title, rows in (
        ("Variables", [f"{variable.name}: {variable.help}" for variable in profile.variables]),
        ("Callback URLs", [f"{callback.url} ({callback.mark.value})" for callback in profile.callbacks]),
        ("Scopes", [f"{scope.label} ({scope.mark.value})" for scope in profile.scope_rows]),
        ("Boxes", [f"{flag.label}: {flag.value} ({flag.mark.value})" for flag in profile.flags]),
        ("Steps", [f"{step.where}: {step.what} ({step.mark.value})" for step in profile.steps]),
    ):
        lines += ["", title, *(f"  {row}" for row in rows)] if rows else []
    return "\n".join([*lines, "", marks_legend(*lines)])
