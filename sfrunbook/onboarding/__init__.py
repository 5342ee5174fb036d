"""What a person sees and does in a notebook: the forms, and the desks where a step is begun and ended."""

from __future__ import annotations

from sfrunbook.onboarding.credentials import ask_for_secret, client_secret_form, credentials_form
from sfrunbook.onboarding.login_desk import LoginDesk, kernel_is_remote
from sfrunbook.onboarding.next_step import NextStep
from sfrunbook.onboarding.register import attestation_list, client_id_form, registration_sheet
from sfrunbook.onboarding.registration_desk import RegistrationDesk
from sfrunbook.onboarding.start import StartDesk

__all__ = [
    "LoginDesk",
    "NextStep",
    "RegistrationDesk",
    "StartDesk",
    "ask_for_secret",
    "attestation_list",
    "client_id_form",
    "client_secret_form",
    "credentials_form",
    "kernel_is_remote",
    "registration_sheet",
]
