"""How long a notebook may take when nothing else is said."""

from __future__ import annotations

__all__ = ["CELL_SECONDS", "RUN_SECONDS"]

#: how long a cell, and a whole run, may take unless something else is said
CELL_SECONDS = 120
RUN_SECONDS = 1800
