"""The few verbs that notebooks call; the only module notebooks import.

A verb does the same in all three ways of running. With a person there it shows forms and never raises; without one
it needs no form, writes a journal, and `summary` raises when something was not proved.
"""

from __future__ import annotations

import os

from sfrunbook import report
from sfrunbook.connection import open_connection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.secrets.shape import looks_like_secret
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of, for_app_kind
from sfrunbook.diagnosis.read_text import explain_text
from sfrunbook.report import Card
from sfrunbook.runbook.authorize import Authorize
from sfrunbook.runbook.bound import RunbookNotPassedError
from sfrunbook.runbook.hand_over import HandOver
from sfrunbook.runbook.health import Health
from sfrunbook.runbook.partner import Partner
from sfrunbook.runbook.query import Query
from sfrunbook.runbook.register import Register
from sfrunbook.runbook.regression import Regression
from sfrunbook.runbook.road import Road
from sfrunbook.store.connections import ConnectionBook, home

__all__ = ["Runbook", "RunbookNotPassedError", "bind", "explain"]


#: stands for a parameter that must not be shown; no connection can be called so
_NOT_SHOWN = "(not shown, it looks like a secret)"


class Runbook(Road, Register, Authorize, Query, HandOver, Partner, Health, Regression):
    """A notebook's hold on one connection: its verbs, and what they have found so far."""


def bind(connection: str = "practice", *, step: str) -> Runbook:
    """Bind a notebook to a connection by name; `practice` starts or joins a practice world.

    `step` names the notebook's place on the road (`start`, `register`, ...). Never raises: what is wrong is shown. A
    parameter that looks like a secret is no name, and is not repeated.
    """
    name = str(connection)
    return Runbook(_NOT_SHOWN if looks_like_secret(name) else name, step=step)


def explain(text: str, *, connection: str = "", ask: bool = False) -> Card:
    """Explain an error from whatever is at hand: a code, a sentence, a body, a pasted address, a Login History status.

    With the name of a connection only the screens of its kind of app are shown, and with `ask` a few questions to its
    org, which spend nothing, tell the causes apart. Never raises: what is wrong is shown.
    """
    try:
        known = ConnectionBook(home(os.environ)).get(connection) if connection not in ("", "practice") else None
        diagnosis = diagnose(explain_text(text, known))
        if ask and connection:
            diagnosis = open_connection(connection, os.environ).explain_failure(diagnosis)
    except RunbookError as error:
        return report.diagnosis_card(diagnosis_of(error))
    return report.diagnosis_card(for_app_kind(diagnosis, known.app_kind if known else None))
