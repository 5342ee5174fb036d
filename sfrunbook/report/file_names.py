"""Names of files that are made of other names; pure."""

from __future__ import annotations

import re

__all__ = ["safe_name"]

_LONGEST = 60
#: names that Windows keeps for devices
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """A part of a file name that every system takes and no folder is left by, whatever `name` is."""
    made = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:_LONGEST].strip("-")
    return f"x-{made}" if not made or _DEVICES.fullmatch(made) else made
