"""What a place that keeps grants must do: all that the rest of the program knows of one."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from sfrunbook.core.model import Grant
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store.grant_record import Kept

__all__ = ["Keeps"]


class Keeps(Protocol):
    """Grants by connection and secrets by name, as a folder keeps them today and a database could for a fleet.

    A database gives the same with one row for each connection: `lock` is an advisory lock, every write is one
    transaction that is durable when the method returns, and the associated data of the cipher are the same.
    """

    @property
    def protection(self) -> str:
        """A sentence on how the key is kept."""
        ...

    def lock(self, connection: str, timeout_seconds: float = ...) -> AbstractContextManager[None]:
        """Hold a grant against every other process; may be entered again while held."""
        ...

    def names(self) -> tuple[str, ...]:
        """Connections of which there is a record, readable or not."""
        ...

    def holds(self, connection: str) -> bool:
        """Whether there is a record of a grant, readable or not."""
        ...

    def kept(self, connection: str) -> Kept | None:
        """The whole record."""
        ...

    def load(self, connection: str) -> Grant | None:
        """The grant alone."""
        ...

    def save(self, grant: Grant) -> None:
        """Keep a newer grant; the one before stays until `confirm`."""
        ...

    def mark_sent(self, connection: str, at: datetime) -> None:
        """Write down that the refresh token is about to be sent; `save` and `clear_sent` end it."""
        ...

    def clear_sent(self, connection: str) -> None:
        """Write down that what was sent has been answered, and nothing came of it."""
        ...

    def confirm(self, connection: str, at: datetime | None = None) -> None:
        """Drop the grant before the current one, which has been used now."""
        ...

    def adopt(self, connection: str) -> None:
        """Take over a grant that was made on another machine."""
        ...

    def delete(self, connection: str) -> None:
        """Forget a grant."""
        ...

    def put_secret(self, name: str, secret: Secret) -> None:
        """Keep a named secret."""
        ...

    def get_secret(self, name: str) -> Secret | None:
        """A named secret."""
        ...

    def delete_secret(self, name: str) -> None:
        """Forget a named secret."""
        ...
