"""The OAuth scopes as the boxes Available and Selected OAuth Scopes name them."""

from __future__ import annotations

from sfrunbook.practice.org.tokens import order_scopes
from sfrunbook.practice.setup.labels import LABELS

__all__ = ["SCOPES", "label_of", "rows_of", "scopes_of"]

SCOPES: dict[str, str] = LABELS["scopes"]
_SEVERAL = {"id": ("id", "profile", "email", "address", "phone")}
_ROW_OF = {"offline_access": "refresh_token", **{scope: row for row, several in _SEVERAL.items() for scope in several}}


def label_of(row: str) -> str:
    return SCOPES.get(row, row)


def rows_of(scopes: tuple[str, ...]) -> list[str]:
    """The rows that show these scopes, each once; a scope without a row of its own is its own row."""
    return list(dict.fromkeys(_ROW_OF.get(scope, scope) for scope in scopes))


def scopes_of(rows: list[str]) -> tuple[str, ...]:
    """The scopes that these rows stand for, in the server's order."""
    return order_scopes(frozenset(scope for row in rows for scope in _SEVERAL.get(row, (row,))))
