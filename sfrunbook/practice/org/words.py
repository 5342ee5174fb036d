"""Names as one text, for lists that would be a page long with one name on a line."""

from __future__ import annotations

__all__ = ["words"]


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())
