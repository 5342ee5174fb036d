"""What a person sees and does in a notebook: the forms, and the desk where a login is begun and ended."""

from __future__ import annotations

from sfrunbook.onboarding.credentials import client_secret_form, credentials_form
from sfrunbook.onboarding.login_desk import LoginDesk, kernel_is_remote
from sfrunbook.onboarding.partner import access_form, blocked_panel, console_steps, login_link, response_form
from sfrunbook.onboarding.register import client_id_form, registration_form
from sfrunbook.onboarding.start import connection_form

__all__ = [
    "LoginDesk",
    "access_form",
    "blocked_panel",
    "client_id_form",
    "client_secret_form",
    "connection_form",
    "console_steps",
    "credentials_form",
    "kernel_is_remote",
    "login_link",
    "registration_form",
    "response_form",
]
