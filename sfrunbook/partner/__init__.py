"""What a partner needs of the app in Salesforce and of the person at the partner's screen, read from a TOML file."""

from __future__ import annotations

from sfrunbook.partner.loading import Fault, faults, load, names
from sfrunbook.partner.parts import (
    Callback,
    Field,
    FilledField,
    Flag,
    Mistake,
    Option,
    RegistrationForm,
    Scope,
    Step,
    Variable,
)
from sfrunbook.partner.profile import PartnerProfile

__all__ = [
    "Callback",
    "Fault",
    "Field",
    "FilledField",
    "Flag",
    "Mistake",
    "Option",
    "PartnerProfile",
    "RegistrationForm",
    "Scope",
    "Step",
    "Variable",
    "faults",
    "load",
    "names",
]
