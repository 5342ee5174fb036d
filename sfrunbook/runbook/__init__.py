"""What notebooks call: `bind` gives the object of a notebook's step; the only module that notebooks import.

A verb does the same in all three ways of running. With someone there it shows forms and never raises; unattended it
needs no form, writes a journal, and `summary` raises when something was not proved.
"""

from __future__ import annotations

import os

from sfrunbook.connection import open_connection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.secrets.shape import looks_like_secret
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of, for_app_kind
from sfrunbook.diagnosis.read_text import explain_text
from sfrunbook.report.cards import Card, diagnosis_card
from sfrunbook.runbook.authorize import AuthorizeStep
from sfrunbook.runbook.credentials import CredentialsStep
from sfrunbook.runbook.health import HealthStep
from sfrunbook.runbook.notebook import Notebook, RunbookNotPassedError
from sfrunbook.runbook.partner import PartnerStep
from sfrunbook.runbook.query import QueryStep
from sfrunbook.runbook.register import RegisterStep
from sfrunbook.runbook.regression import RegressionStep
from sfrunbook.runbook.start import StartStep
from sfrunbook.store.connections import ConnectionBook, home

__all__ = ["RunbookNotPassedError", "bind", "explain"]

AnyStep = (
    StartStep | RegisterStep | CredentialsStep | AuthorizeStep | QueryStep | PartnerStep | HealthStep | RegressionStep
)
_STEPS: dict[str, type[AnyStep]] = {
    "start": StartStep,
    "register": RegisterStep,
    "credentials": CredentialsStep,
    "authorize": AuthorizeStep,
    "query": QueryStep,
    "partner": PartnerStep,
    "health": HealthStep,
    "regression": RegressionStep,
}
#: in place of a parameter that must not be repeated; no connection can have this name
_NOT_SHOWN = "(not shown, it looks like a secret)"


def bind(connection: str = "practice", *, step: str) -> AnyStep:
    """The object of a notebook's step for a connection; `practice` starts or joins a practice world.

    Never raises for a connection: an error is shown. A parameter that looks like a secret is not repeated.
    """
    if step not in _STEPS:
        raise ValueError(f"step is one of {', '.join(_STEPS)}")
    name = str(connection)
    return _STEPS[step](Notebook(_NOT_SHOWN if looks_like_secret(name) else name, step=step))


def explain(text: str, *, connection: str = "", ask: bool = False) -> Card:
    """Explain an error: a code, a sentence, a body, a pasted address, a Login History status.

    With the name of a connection only the screens of its kind of app are shown, and with `ask` a few requests to its
    org, which spend nothing, narrow the causes. Never raises: an error is shown.
    """
    try:
        known = ConnectionBook(home(os.environ)).get(connection) if connection not in ("", "practice") else None
        diagnosis = diagnose(explain_text(text, known))
        if ask and connection:
            diagnosis = open_connection(connection, os.environ).explain_failure(diagnosis)
    except RunbookError as error:
        return diagnosis_card(diagnosis_of(error))
    return diagnosis_card(for_app_kind(diagnosis, known.app_kind if known else None))
