"""One setting of the practice world: a field with its default, and the reason for it."""

from __future__ import annotations

from dataclasses import field
from typing import Any

__all__ = ["knob"]


def knob(default: Any, why: str) -> Any:  # noqa: ANN401 - a dataclass field of any type
    """`why` names the mark (confirmed, likely, guess, conflict or own) and what is known."""
    return field(default=default, metadata={"why": why})
