"""What notebooks call: `open_page` gives the page of a connection; the only module that notebooks import.

A section does the same in all three ways of running. With someone there it shows forms and never raises; unattended it
needs no form, writes a journal, and `summary` raises when something did not pass.
"""

from __future__ import annotations

import os

from sfrunbook.connection import open_connection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.secrets.shape import looks_like_secret
from sfrunbook.diagnosis.diagnose import diagnosis_of, for_app_kind
from sfrunbook.diagnosis.pasted.diagnose_text import diagnose_text, judge_as_written, written_about
from sfrunbook.report.cards import Card, diagnosis_card
from sfrunbook.runbook.injected import check_injected
from sfrunbook.runbook.page import Page, RunbookNotPassedError
from sfrunbook.store.connections import ConnectionBook, home

__all__ = ["Page", "RunbookNotPassedError", "explain", "open_page"]

#: in place of a parameter that must not be repeated; no connection can have this name
_NOT_SHOWN = "(not shown, it looks like a secret)"


def open_page(connection: str = "practice", *, steps: str = "all", forms: bool = True) -> Page:
    """The page of a connection; `practice` starts or joins a practice org.

    `steps` names the steps of an unattended run, separated by commas. With `forms=False` it runs unattended whoever is
    there. Never raises for a connection: the error is shown. A parameter that looks like a secret is not repeated.
    Raises RunbookError `step-unknown`, and `parameter-unknown` where papermill was given a mistyped one.
    """
    check_injected()
    name = str(connection)
    return Page(_NOT_SHOWN if looks_like_secret(name) else name, steps=steps, forms=forms)


def explain(text: str, *, connection: str = "", ask: bool = False) -> Card:
    """Explain an error: a code, a sentence, a body, a pasted address, a Login History status.

    With the name of a connection only the screens of its kind of app are shown, and with `ask` a few requests to its
    org, which spend nothing, narrow the causes. Never raises: an error is shown.
    """
    try:
        known = ConnectionBook(home(os.environ)).get(connection) if connection not in ("", "practice") else None
        profile = open_connection(connection, os.environ).profile if known else None
        diagnosis = diagnose_text(text, known)
        if ask and connection:
            written = written_about(text, known, profile)
            diagnosis = open_connection(connection, os.environ).explain_failure(diagnosis, written)
        else:
            diagnosis = judge_as_written(diagnosis, text, known, profile)
    except RunbookError as error:
        return diagnosis_card(diagnosis_of(error))
    return diagnosis_card(for_app_kind(diagnosis, known.app_kind if known else None))
