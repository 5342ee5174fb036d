"""A grant and the state of its refresh, as the JSON that is encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sfrunbook.core.model import Grant
from sfrunbook.store.json_file import from_json, to_json

__all__ = ["Quarantined", "SentMark", "StoredGrant", "stored_grant_from_json", "stored_grant_to_json"]


@dataclass(frozen=True, kw_only=True)
class SentMark:
    """A refresh token that was sent, or was about to be, without an answer on record."""

    at: datetime
    generation: int


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """New tokens from a refresh whose reply failed the org check; no run uses them until someone decides."""

    at: datetime
    #: the grant that an acceptance makes current: the new tokens, at the org, user and addresses of the grant before
    grant: Grant
    #: what the reply names as the owner of the tokens; empty where it names none
    claimed_org_id: str = ""
    claimed_user_id: str = ""

    @property
    def reason(self) -> str:
        """Why the tokens are not used, as a clause."""
        if not self.claimed_org_id:
            return "the reply named no org"
        user = f" (user {self.claimed_user_id})" if self.claimed_user_id else ""
        return f"the reply named the org {self.claimed_org_id}{user} instead of {self.grant.org_id}"


@dataclass(frozen=True, kw_only=True)
class StoredGrant:
    """One record: the grant, the state of its refresh, and the machine that it belongs to."""

    grant: Grant
    #: set while a refresh is under way; when it is still set afterwards, the outcome is unknown
    sent: SentMark | None = None
    #: set after a refresh that failed the org check; the refresh token of `grant` is spent then
    quarantined: Quarantined | None = None
    #: when the access token last worked, to the hour or better
    used_at: datetime | None = None
    #: the id of the machine; the store fills it in
    machine: str = ""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """Org, user, app and machine: what the record is bound to."""
        return self.grant.org_id[:15], self.grant.user_id[:15], self.grant.client_id, self.machine


def stored_grant_to_json(stored: StoredGrant) -> dict[str, object]:
    """The record as JSON with its tokens revealed, to be encrypted."""
    content = to_json(stored, reveal=True)
    return {"current": content.pop("grant"), **content}


def stored_grant_from_json(content: Mapping[str, Any]) -> StoredGrant:
    """The record in JSON. Raises KeyError, TypeError, ValueError or AttributeError for what is no record."""
    stored: StoredGrant = from_json(StoredGrant, {"grant": content["current"], **content})
    return stored
