"""What a partner needs of the app in Salesforce and of the user at the partner's screen, read from a TOML file."""

from __future__ import annotations

from sfrunbook.partners.loading import faults, load, names
from sfrunbook.partners.parts import FilledField, RegistrationForm, Variable
from sfrunbook.partners.profile import PartnerProfile

__all__ = ["FilledField", "PartnerProfile", "RegistrationForm", "Variable", "faults", "load", "names"]
