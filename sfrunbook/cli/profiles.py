"""`sfrunbook profiles`: list, show and check what partners need."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfrunbook import partners
from sfrunbook.cli.common import Json, explained
from sfrunbook.core.words import counted

if TYPE_CHECKING:
    from sfrunbook.partners import Fault, PartnerProfile

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="What partner platforms need of the app in Salesforce: list, show, check.")


@app.command("list", epilog="Examples: sfrunbook profiles list    sfrunbook profiles list --json")
def profiles_list(as_json: Json = False) -> None:
    """List the profiles that come with sfrunbook and those in your own folder."""
    own = _own()
    with explained(as_json=as_json):
        found = [(name, partners.load(name, own), name in partners.names()) for name in partners.names(own)]
        rows = [
            {"name": name, "label": one.label, "summary": one.summary, "yours": not packaged}
            for name, one, packaged in found
        ]
        if as_json:
            typer.echo(json.dumps(rows, indent=2))
            return
        for row in rows:
            typer.echo(f"{row['name']:12} {row['label']}: {row['summary']}{' (yours)' if row['yours'] else ''}")
        typer.echo(f"Your own go into {own}; docs/write-a-profile.md tells how.")


@app.command("show", epilog="Examples: sfrunbook profiles show n8n    sfrunbook profiles show ./acme.toml --json")
def profiles_show(
    name: Annotated[str, typer.Argument(help="Name of a profile, or path of its TOML file.")], as_json: Json = False
) -> None:
    """Show what a partner needs, with marks and sources."""
    with explained(as_json=as_json, entering=True):
        profile = partners.load(name, _own())
        typer.echo(json.dumps(_data(profile), indent=2) if as_json else _text(profile))


@app.command("check", epilog="Example: sfrunbook profiles check acme.toml")
def profiles_check(
    file: Annotated[Path, typer.Argument(help="A TOML file.", exists=True, dir_okay=False)], as_json: Json = False
) -> None:
    """Check a profile's file; every fault is told with its line and field. Exit code 2 when there is one."""
    lines = file.read_text("utf-8", errors="replace").splitlines()
    rows = [{"line": _line(lines, one), "field": _field(one), "reason": one.reason} for one in partners.faults(file)]
    if as_json:
        typer.echo(json.dumps({"file": str(file), "usable": not rows, "faults": rows}, indent=2))
    elif rows:
        for row in rows:
            where = f"{file}:{row['line']}" if row["line"] else str(file)
            typer.echo(": ".join(filter(None, (where, str(row["field"]), str(row["reason"])))))
    else:
        profile = partners.load(file)
        typer.echo(
            f"{file} can be used: {counted(len(profile.callbacks), 'Callback URL')}, "
            f"{counted(len(profile.scopes), 'scope')}."
        )
    raise typer.Exit(2 if rows else 0)


def _own() -> Path:
    from sfrunbook.store.connections import home

    return home(os.environ) / "profiles"


def _data(profile: PartnerProfile) -> dict[str, Any]:
    return asdict(profile)


def _text(profile: PartnerProfile) -> str:
    from sfrunbook.core.words import marks_legend

    lines = [f"{profile.label}: {profile.summary}", f"Guide: {profile.source}"]
    for title, rows in (
        ("Variables", [f"{one.name}: {one.help}" for one in profile.variables]),
        ("Callback URLs", [f"{one.url} ({one.mark.value})" for one in profile.callbacks]),
        ("Scopes", [f"{one.label} ({one.mark.value})" for one in profile.scope_rows]),
        ("Boxes", [f"{one.label}: {one.value} ({one.mark.value})" for one in profile.flags]),
        ("Steps", [f"{one.where}: {one.what} ({one.mark.value})" for one in profile.steps]),
    ):
        lines += ["", title, *(f"  {row}" for row in rows)] if rows else []
    return "\n".join([*lines, "", marks_legend(*lines)])


def _field(fault: Fault) -> str:
    """The way to the field, tables counted from one."""
    return ".".join(str(one + 1) if isinstance(one, int) else one for one in fault.place)


def _line(lines: list[str], fault: Fault) -> int | None:
    """The line of the field, else of its table, else the one that the words of a TOML error name."""
    if not fault.place:
        found = re.search(r"at line (\d+)", fault.reason)
        return int(found.group(1)) if found else None
    table, *rest = fault.place
    if not rest:
        return _first(lines, 0, len(lines), f"{table}")
    number = rest[0] if isinstance(rest[0], int) else 0
    heads = [at for at, line in enumerate(lines) if line.split("#")[0].strip() == f"[[{table}]]"]
    if number >= len(heads):
        return None
    end = next((at for at in range(heads[number] + 1, len(lines)) if lines[at].startswith("[")), len(lines))
    named = [one for one in rest[1:] if isinstance(one, str)]
    return _first(lines, heads[number], end, named[0]) if named else heads[number] + 1


def _first(lines: list[str], start: int, end: int, name: str) -> int | None:
    for at in range(start, end):
        if re.match(rf"\s*{re.escape(name)}\s*=", lines[at]):
            return at + 1
    return start + 1 if start else None
