"""A grant with what must be remembered beside it, as the JSON that is encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sfrunbook.core.model import Grant, GrantKind
from sfrunbook.core.secrets.secret import Secret

__all__ = ["Kept", "Quarantined", "Sent", "kept_from_json", "kept_to_json", "tokens_of"]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A refresh token that was sent, or was about to be, and of which no answer has been written down."""

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
class Kept:
    """One record: the grant, the generation before it until the new one was used, and the state of its refresh."""

    grant: Grant
    previous: Grant | None = None
    #: there while a refresh is under way; there afterwards, its outcome is unknown
    sent: Sent | None = None
    #: there after a refresh that failed the org check; the refresh token of `grant` is spent then
    quarantined: Quarantined | None = None
    #: when the access token last worked, to the hour or better
    used_at: datetime | None = None
    #: machine that the grant belongs to; empty in a record of an earlier version, which the next write adopts
    machine: str = ""

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """Org, user, app and machine: what the record is bound to."""
        return self.grant.org_id[:15], self.grant.user_id[:15], self.grant.client_id, self.machine


def tokens_of(grant: Grant) -> tuple[Secret, Secret | None]:
    return grant.access_token, grant.refresh_token


def kept_to_json(kept: Kept) -> dict[str, object]:
    return {
        "current": _grant_to_json(kept.grant),
        "previous": _grant_to_json(kept.previous) if kept.previous else None,
        "sent": {"at": _moment_to_json(kept.sent.at), "generation": kept.sent.generation} if kept.sent else None,
        "quarantined": _quarantined_to_json(kept.quarantined) if kept.quarantined else None,
        "used_at": _moment_to_json(kept.used_at) if kept.used_at else None,
        "machine": kept.machine,
    }


def kept_from_json(content: Mapping[str, Any]) -> Kept:
    """Raises KeyError, TypeError or ValueError for what is no record."""
    previous, sent, used_at = content.get("previous"), content.get("sent"), content.get("used_at")
    quarantined = content.get("quarantined")
    return Kept(
        grant=_grant_from_json(content["current"]),
        previous=_grant_from_json(previous) if previous else None,
        sent=Sent(at=datetime.fromisoformat(sent["at"]), generation=int(sent["generation"])) if sent else None,
        quarantined=_quarantined_from_json(quarantined) if quarantined else None,
        used_at=datetime.fromisoformat(used_at) if used_at else None,
        machine=str(content.get("machine", "")),
    )


def _moment_to_json(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _quarantined_to_json(quarantined: Quarantined) -> dict[str, object]:
    return {
        "at": _moment_to_json(quarantined.at),
        "grant": _grant_to_json(quarantined.grant),
        "claimed_org_id": quarantined.claimed_org_id,
        "claimed_user_id": quarantined.claimed_user_id,
    }


def _quarantined_from_json(content: Mapping[str, Any]) -> Quarantined:
    return Quarantined(
        at=datetime.fromisoformat(content["at"]),
        grant=_grant_from_json(content["grant"]),
        claimed_org_id=str(content["claimed_org_id"]),
        claimed_user_id=str(content["claimed_user_id"]),
    )


def _grant_to_json(grant: Grant) -> dict[str, object]:
    return {
        "connection": grant.connection,
        "kind": grant.kind.value,
        "issuer": grant.issuer,
        "client_id": grant.client_id,
        "access_token": grant.access_token.reveal(),
        "refresh_token": grant.refresh_token.reveal() if grant.refresh_token else None,
        "instance_url": grant.instance_url,
        "identity_url": grant.identity_url,
        "scopes": list(grant.scopes),
        "org_id": grant.org_id,
        "user_id": grant.user_id,
        "issued_at": _moment_to_json(grant.issued_at),
        "approved_at": _moment_to_json(grant.approved_at),
        "generation": grant.generation,
        "rotates": grant.rotates,
        "signature_valid": grant.signature_valid,
        "missing_scopes": list(grant.missing_scopes),
        "moved_from": grant.moved_from,
    }


def _grant_from_json(content: Mapping[str, Any]) -> Grant:
    refresh_token = content["refresh_token"]
    return Grant(
        connection=content["connection"],
        kind=GrantKind(content["kind"]),
        issuer=content["issuer"],
        client_id=content["client_id"],
        access_token=Secret(content["access_token"]),
        refresh_token=Secret(refresh_token) if refresh_token else None,
        instance_url=content["instance_url"],
        identity_url=content["identity_url"],
        scopes=tuple(content["scopes"]),
        org_id=content["org_id"],
        user_id=content["user_id"],
        issued_at=datetime.fromisoformat(content["issued_at"]),
        approved_at=datetime.fromisoformat(content["approved_at"]),
        generation=int(content["generation"]),
        rotates=content["rotates"],
        signature_valid=content["signature_valid"],
        missing_scopes=tuple(content["missing_scopes"]),
        moved_from=str(content.get("moved_from", "")),
    )
