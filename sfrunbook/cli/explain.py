"""`sfrunbook explain`: an error of Salesforce, from an error code, a pasted text or a file."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sfrunbook.cli.common import Json, answer, check_one_of, explained, opened_by, standard_input

if TYPE_CHECKING:
    from sfrunbook.core.model import Connection, Diagnosis
    from sfrunbook.partners import PartnerProfile
    from sfrunbook.report.links import Pages

__all__ = ["EPILOG", "explain"]

EPILOG = (
    "Examples: sfrunbook explain invalid_client_id    sfrunbook explain - < reply.json    "
    "sfrunbook explain redirect_uri_mismatch --connection acme --message"
)


#: names a file, whether it is there or not
_FILE = re.compile(r"[^\s:]*\.(?:csv|har|html?|json|log|out|txt|xml)", re.IGNORECASE)

Text = Annotated[
    str | None,
    typer.Argument(
        help="An error code, error: description, JSON body, address, Status of Login History, file, or - for stdin."
    ),
]


def explain(
    text: Text = None,
    connection: Annotated[
        str | None,
        typer.Option(
            "--connection", "-c", help="Show the screens of this connection's kind of app only, with their addresses."
        ),
    ] = None,
    ask: Annotated[
        bool,
        typer.Option("--ask", help="Look up facts in the connection's org. This changes nothing."),
    ] = False,
    message: Annotated[bool, typer.Option("--message", help="Print only the message for whoever fixes it.")] = False,
    to: Annotated[
        str, typer.Option(help="Recipient of the message: Salesforce administrator or Cyclr partner.")
    ] = "Salesforce administrator",
    every: Annotated[bool, typer.Option("--all", help="Show all steps of every cause, not one line each.")] = False,
    as_json: Json = False,
) -> None:
    """Explain a Salesforce error: what happened, why, and who fixes it on which screen."""
    from sfrunbook.diagnosis.diagnose import for_app_kind
    from sfrunbook.diagnosis.pasted.diagnose_text import diagnose_text, judge_as_written, written_about
    from sfrunbook.report.data import diagnosis_data
    from sfrunbook.report.letter import RECIPIENTS
    from sfrunbook.report.text import diagnosis_text

    check_one_of(to, RECIPIENTS, "--to")
    if ask and connection is None:
        raise typer.BadParameter("needs --connection.", param_hint="--ask")
    with explained(as_json=as_json, stores=False):
        known = _known_connection(connection)
        given = _given(text)
        diagnosis = diagnose_text(given, known)
        profile = _known_profile(known)
        if ask and connection is not None:
            diagnosis = opened_by(connection).explain_failure(diagnosis, written_about(given, known, profile))
        else:
            diagnosis = judge_as_written(diagnosis, given, known, profile)
        diagnosis = for_app_kind(diagnosis, known.app_kind if known else None)
        letter = _letter(diagnosis, to, known) if message else ""
        data = diagnosis_data(diagnosis) | ({"message": letter} if message else {})
        shown = letter or diagnosis_text(diagnosis, _pages(known, profile), every_step=every, width=_width())
        answer(data, [shown], as_json=as_json)


def _width() -> int:
    """Columns of the text: those of the terminal, within what can be read."""
    from shutil import get_terminal_size

    from sfrunbook.report.words import WIDTH

    return max(40, min(WIDTH, get_terminal_size((WIDTH, 0)).columns))


def _letter(diagnosis: Diagnosis, to: str, connection: Connection | None) -> str:
    from sfrunbook.report.letter import message

    letter = message(diagnosis, to=to, connection=connection, callbacks=_callbacks(connection))
    return letter or f"The {to} has nothing to do. Leave out --message to see who can fix it."


def _known_connection(name: str | None) -> Connection | None:
    """A connection of the book; the practice connection says nothing about a real app."""
    if name in (None, "practice"):
        return None
    from sfrunbook.store.connections import open_book

    return open_book(os.environ).get(name)


def _known_profile(connection: Connection | None) -> PartnerProfile | None:
    """The profile of a connection; one that can't be read costs its console's link and the comparison with it only."""
    from sfrunbook.core.errors import RunbookError

    try:
        return _profile(connection) if connection else None
    except RunbookError:
        return None


def _pages(connection: Connection | None, profile: PartnerProfile | None) -> Pages:
    """Where the screens of a connection are."""
    from sfrunbook.report.links import NO_PAGES, pages_of

    return pages_of(connection, profile) if connection else NO_PAGES


def _callbacks(connection: Connection | None) -> tuple[str, ...]:
    """The addresses that the app of a connection must list: the partner's and this runbook's own."""
    if connection is None:
        return ()
    return (*_profile(connection).callback_urls(connection.variables), connection.redirect_uri)


def _profile(connection: Connection) -> PartnerProfile:
    from sfrunbook import partners
    from sfrunbook.store.connections import home

    return partners.load(connection.profile, home(os.environ) / "profiles")


def _given(text: str | None) -> str:
    """The text itself, or the content of the file that it names or of standard input; never empty."""
    if text is None and (sys.stdin is None or sys.stdin.isatty()):
        raise _unusable(
            "Enter an error code, a text or the name of a file. Use - to paste the text, then press Ctrl-D."
        )
    given = standard_input() if text in (None, "-") else _of_file(text)
    if given.strip():
        return given
    raise _unusable(f"{text} is empty." if text and text != "-" else "There is no text to explain.")


def _of_file(text: str) -> str:
    """The content of the file that a text names, or the text."""
    path, is_there = Path(text), False
    with suppress(OSError):  # too long for the name of a file
        is_there = bool(text) and path.exists()
    if not is_there:
        if _FILE.fullmatch(text):
            raise _unusable(f"There is no file {text}.")
        return text
    if path.is_dir():
        raise _unusable(f"{text} is a folder. Name a file in it.")
    from sfrunbook.core.decoding import decoded
    from sfrunbook.core.errors import reason_of

    try:
        return decoded(path.read_bytes(), "replace")
    except OSError as error:
        raise _unusable(f"{text} can't be read: {reason_of(error)}.") from None


def _unusable(reason: str) -> typer.BadParameter:
    return typer.BadParameter(reason, param_hint="TEXT")
