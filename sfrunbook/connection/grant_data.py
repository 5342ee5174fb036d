"""Grants as data for programs and as lines of text, without tokens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sfrunbook.connection.health import GrantHealth
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.words import renewals
from sfrunbook.salesforce.oauth.endpoints import UserInfo
from sfrunbook.store.connections import home
from sfrunbook.store.grant_record import Quarantined, StoredGrant
from sfrunbook.store.secret_place import stored_grants

__all__ = ["grant_line", "grant_rows", "health_data", "moment", "owner_data"]


def moment(time: datetime | None) -> str | None:
    """A time to the second, as ISO 8601."""
    return time.isoformat(timespec="seconds") if time else None


def grant_rows(environ: Mapping[str, str]) -> list[dict[str, Any]]:
    """A row for every stored grant, or the `problem` of one that cannot be read; asks nothing of any org."""
    rows: list[dict[str, Any]] = []
    for name, stored in stored_grants(home(environ), environ):
        row = {"problem": stored.code} if isinstance(stored, RunbookError) else _row(stored)
        rows.append({"connection": name, **row})
    return rows


def _row(stored: StoredGrant) -> dict[str, Any]:
    return {
        "kind": stored.grant.kind.value,
        "org_id": stored.grant.org_id,
        "generation": stored.grant.generation,
        "issued_at": moment(stored.grant.issued_at),
        "undecided": stored.sent is not None,
        "quarantined": stored.quarantined is not None,
    }


def grant_line(row: Mapping[str, Any]) -> str:
    if "problem" in row:
        why = f"sfrunbook grants show {row['connection']} says why"
        return f"{row['connection']}  can't be read ({row['problem']}); {why}"
    doubt = "  a refresh has no reply" if row["undecided"] else ""
    doubt += "  new tokens are in quarantine" if row["quarantined"] else ""
    return f"{row['connection']}  {row['kind']}  {row['org_id']}  {renewals(row['generation'])}{doubt}"


def health_data(health: GrantHealth) -> dict[str, Any]:
    record, approvals = health.record, health.approvals
    grant = record.grant if record else None
    return {
        "connection": health.connection,
        "kind": health.grant_kind.value,
        "held": record is not None,
        **{name: getattr(grant, name, None) for name in ("org_id", "user_id", "generation", "rotates")},
        "approved_at": moment(grant.approved_at if grant else None),
        "issued_at": moment(grant.issued_at if grant else None),
        "used_at": moment(record.used_at if record else None),
        "of_this_machine": health.is_of_this_machine,
        "undecided_since": moment(record.sent.at if record and record.sent else None),
        "quarantined": _quarantine_data(record.quarantined) if record and record.quarantined else None,
        "protection": health.protection,
        "policy": health.policy.description if health.policy else None,
        "ends": moment(health.ends),
        "approvals": {
            "count": approvals.count,
            "limit": approvals.limit,
            "at_least": approvals.at_least,
            "counted_by": approvals.counted_by,
        },
        "next_steps": list(health.next_steps()),
    }


def owner_data(owner: UserInfo | None) -> dict[str, str] | None:
    """The org and user of the tokens in quarantine, as Salesforce names them."""
    return {"org_id": owner.org_id, "user_id": owner.user_id} if owner else None


def _quarantine_data(quarantined: Quarantined) -> dict[str, str | None]:
    return {
        "at": moment(quarantined.at),
        "reason": quarantined.reason,
        "claimed_org_id": quarantined.claimed_org_id or None,
        "claimed_user_id": quarantined.claimed_user_id or None,
    }
