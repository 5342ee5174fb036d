"""What a partner needs of the app in Salesforce and of the person at the partner's screen, read from a TOML file."""

from __future__ import annotations

from sfrunbook.partners.loading import Fault, faults, load, names
from sfrunbook.partners.parts import (
    Callback,
    Doubt,
    Field,
    FilledField,
    Flag,
    Mistake,
    Option,
    RegistrationForm,
    Scope,
    Shape,
    Step,
    Variable,
)
from sfrunbook.partners.profile import PartnerProfile

__all__ = [
    "Callback",
    "Doubt",
    "Fault",
    "Field",
    "FilledField",
    "Flag",
    "Mistake",
    "Option",
    "PartnerProfile",
    "RegistrationForm",
    "Scope",
    "Shape",
    "Step",
    "Variable",
    "faults",
    "load",
    "names",
]
