"""File names built from other names; pure."""

from __future__ import annotations

import re

__all__ = ["safe_name"]

_LONGEST = 60
#: names that Windows reserves for devices
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


def safe_name(name: str) -> str:
    """A part of a file name that every system accepts and that stays in its folder, whatever `name` is."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:_LONGEST].strip("-")
    return f"x-{safe}" if not safe or _DEVICES.fullmatch(safe) else safe
