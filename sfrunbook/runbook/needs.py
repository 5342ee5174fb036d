"""Cards that ask someone to do first what a step needs: enter the Consumer Key or Secret or a passphrase, or log in."""

from __future__ import annotations

from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Skip
from sfrunbook.report.cards import Card, Link, card

__all__ = ["NO_KEY", "credentials_needed", "login_needed", "passphrase_needed", "waiting"]

NO_KEY = "The Consumer Key is not entered yet."
_CREDENTIALS = "02_enter_credentials.ipynb"
_ENTER = "Enter it in 02_enter_credentials, come back here, and choose Run > Run All Cells."


def waiting(what: str, how: str = "", notebook: str = "") -> Card:
    """What is missing, how to provide it, and a link to the notebook for it."""
    link = Link(f"Open {notebook}", notebook) if notebook else None
    return card(what, how, go=link, skip=Skip.TO_DO)


def credentials_needed(opened: OpenConnection) -> Card | None:
    """What is missing before anyone can log in; None when nothing is."""
    if not opened.connection.client_id:
        return waiting(NO_KEY, _ENTER, _CREDENTIALS)
    if opened.lacks_client_secret():
        return waiting("The Consumer Secret is not entered yet.", _ENTER, _CREDENTIALS)
    return None


def passphrase_needed(error: RunbookError, opened: OpenConnection, step: str) -> Card | None:
    """What to do where the store is locked or has no place yet; None for an error of another kind."""
    if error.code == "no-wrapping-key":
        return credentials_needed(opened)
    if error.code != "passphrase-needed":
        return None
    what = "The passphrase of this connection is to be entered once in each session."
    if step == "credentials":
        return waiting(what, "Enter it above, in the field Passphrase; this card then changes.")
    return waiting(what, _ENTER, _CREDENTIALS)


def login_needed(opened: OpenConnection, step: str) -> Card:
    """What to do before there is a stored login."""
    if missing := credentials_needed(opened):
        return missing
    if step == "authorize":
        return waiting("Nobody has logged in yet. Log in above; this card changes then.")
    how = "Log in with 03_authorize, come back here, and choose Run > Run All Cells."
    return waiting("Nobody has logged in yet.", how, "03_authorize.ipynb")
