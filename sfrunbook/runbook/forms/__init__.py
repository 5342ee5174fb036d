"""What a person sees and does in a notebook: the forms, and the desks where a step is begun and ended."""

from __future__ import annotations

from sfrunbook.runbook.forms.credentials import ask_for_secret, client_secret_form, credentials_form
from sfrunbook.runbook.forms.login_desk import LoginDesk
from sfrunbook.runbook.forms.next_step import NextStep
from sfrunbook.runbook.forms.partner import (
    access_form,
    allowed_already,
    blocked_panel,
    console_login,
    console_steps,
    login_link,
    mend_in_practice,
    response_form,
)
from sfrunbook.runbook.forms.query_desk import QueryDesk
from sfrunbook.runbook.forms.register import attestation_list, client_id_form, registration_sheet
from sfrunbook.runbook.forms.registration_desk import RegistrationDesk
from sfrunbook.runbook.forms.sheet_view import sheet_view
from sfrunbook.runbook.forms.start import StartDesk

__all__ = [
    "LoginDesk",
    "NextStep",
    "QueryDesk",
    "RegistrationDesk",
    "StartDesk",
    "access_form",
    "allowed_already",
    "ask_for_secret",
    "attestation_list",
    "blocked_panel",
    "client_id_form",
    "client_secret_form",
    "console_login",
    "console_steps",
    "credentials_form",
    "login_link",
    "mend_in_practice",
    "registration_sheet",
    "remote_place",
    "response_form",
    "sheet_view",
]
