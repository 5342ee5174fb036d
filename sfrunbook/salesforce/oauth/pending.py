"""A login that waits for its answer, with the state and the PKCE verifier that only its answer fits."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Self

from sfrunbook.core.errors import problem
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store.json_file import from_json, to_json

__all__ = ["LOGIN_LIFE", "Clock", "PendingLogin", "challenge_of", "new_verifier", "utc_now"]

Clock = Callable[[], datetime]
#: how long the code and the login that waits for it are valid
LOGIN_LIFE = timedelta(minutes=15)


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_verifier() -> Secret:
    """A PKCE verifier: 64 characters of A-Z, a-z, 0-9, `-` and `_`.

    RFC 7636 allows `~` as well, and oauthlib's generator uses it, but Salesforce refuses it.
    Source: https://github.com/cognizant-ai-lab/nsflow/issues/249 (likely).
    """
    return Secret(secrets.token_urlsafe(48))


def challenge_of(verifier: Secret) -> str:
    """The S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.reveal().encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, kw_only=True)
class PendingLogin:
    """A login that was started and not answered; stored in the grant store, so that a new kernel can finish it."""

    connection: str
    #: origin of the host that was asked; the code is spent there and nowhere else
    issuer: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str = field(repr=False)
    verifier: Secret
    started_at: datetime
    #: the parameter `prompt` of the request; empty sends none
    prompt: str = ""

    def to_secret(self) -> Secret:
        """All of it as one JSON object, the verifier in plain text: for encrypted storage only."""
        return Secret(json.dumps(to_json(self, reveal=True)))

    @classmethod
    def from_secret(cls, stored: Secret | None, *, connection: str, now: datetime) -> Self:
        """Read what `to_secret` wrote.

        Raises RunbookError `pending-login-lost` when there is none, when it cannot be read, belongs to another
        connection, or is older than 15 minutes.
        """
        try:
            pending: Self = from_json(cls, json.loads(stored.reveal() if stored else ""))
        except (ValueError, TypeError, AttributeError):
            raise problem("pending-login-lost", connection=connection) from None
        if pending.connection != connection:
            raise problem("pending-login-lost", connection=connection)
        pending.check_alive(now)
        return pending

    def check_alive(self, now: datetime) -> None:
        """Raise RunbookError `pending-login-lost` when the login is older than 15 minutes, as its code would be."""
        if not timedelta(minutes=-1) <= now - self.started_at <= LOGIN_LIFE:
            raise problem("pending-login-lost", connection=self.connection)
