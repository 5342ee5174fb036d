"""The link to a partner's own screens, beside a click path that begins there; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sfrunbook.core.errors import RunbookError
from sfrunbook.partners.profile import PartnerProfile
from sfrunbook.salesforce.setup_links import SetupLink

__all__ = ["console_link"]


def console_link(profile: PartnerProfile, variables: Mapping[str, str], where: str) -> SetupLink | None:
    """The partner's console, where `where` names it and its address is known; None where a variable is missing."""
    console = profile.console
    if console is None or not re.search(rf"\b(?:{'|'.join(map(re.escape, console.names))})\b", where):
        return None
    try:
        url = profile.console_address(variables)
    except RunbookError:
        return None
    return SetupLink(label=console.label, url=url, mark=console.mark)
