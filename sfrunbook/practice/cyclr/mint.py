"""Ids and secrets of the practice Cyclr, apart from the orgs' own so that neither moves the other's."""

from __future__ import annotations

import string
import uuid
from random import Random

__all__ = ["CyclrMint"]

_LETTERS = string.ascii_letters + string.digits


class CyclrMint:
    """The same seed gives the same values in the same order."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"cyclr {seed}")  # noqa: S311 - practice values, repeatable on purpose
        self._number = 41_000

    def guid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def number(self) -> int:
        """The number of an installed connector or of a property."""
        self._number += 7
        return self._number

    def opaque(self, length: int = 43) -> str:
        return "".join(self._random.choices(_LETTERS, k=length))

    def password(self) -> str:
        return f"{''.join(self._random.choices(string.ascii_letters, k=10))}-{self._random.randrange(1000, 9999)}"
