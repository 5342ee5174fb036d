"""What a person sees and does in a notebook: the forms, and the desk where a login is begun and ended."""

from __future__ import annotations

from sfrunbook.onboarding.credentials import client_secret_form, credentials_form
from sfrunbook.onboarding.kernel_place import remote_place
from sfrunbook.onboarding.login_desk import LoginDesk
from sfrunbook.onboarding.partner import access_form, blocked_panel, console_steps, login_link, response_form
from sfrunbook.onboarding.query_desk import QueryDesk
from sfrunbook.onboarding.register import client_id_form, registration_form
from sfrunbook.onboarding.sheet_view import sheet_view
from sfrunbook.onboarding.start import connection_form

__all__ = [
    "LoginDesk",
    "QueryDesk",
    "access_form",
    "blocked_panel",
    "client_id_form",
    "client_secret_form",
    "connection_form",
    "console_steps",
    "credentials_form",
    "login_link",
    "registration_form",
    "remote_place",
    "response_form",
    "sheet_view",
]
