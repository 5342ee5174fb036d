"""The health of one connection's grant: what is stored, how old it is, by when to refresh it, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sfrunbook.connection import OpenConnection
from sfrunbook.core.model import GrantKind
from sfrunbook.core.moments import local_and_utc
from sfrunbook.core.words import renewals
from sfrunbook.salesforce.approvals import Approvals
from sfrunbook.salesforce.oauth.signing import CertificateFacts
from sfrunbook.store.grant_record import StoredGrant
from sfrunbook.store.what_worked import Policy

__all__ = ["GrantHealth", "grant_health"]

_SOON = timedelta(days=7)
_CERTIFICATE_SOON = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class GrantHealth:
    """What is known about a grant without any request that spends something; it contains no token."""

    connection: str
    grant_kind: GrantKind
    #: None when no grant is stored
    record: StoredGrant | None
    #: whether the record belongs to this machine
    is_of_this_machine: bool
    protection: str
    approvals: Approvals
    policy: Policy | None
    certificate: CertificateFacts | None
    now: datetime

    @property
    def ends(self) -> datetime | None:
        """When the grant ends unless it is refreshed before; None for never or not known."""
        if self.record is None or self.policy is None or self.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            return None
        return self.policy.ends(self.record.grant)

    def facts(self) -> dict[str, str]:
        """The facts as label and text, in the order in which people ask."""
        if self.record is None:
            return {"Kind": _kind(self.grant_kind), "Grant": "no login is stored yet"}
        grant, now = self.record.grant, self.now
        facts = {
            "Kind": _kind(grant.kind),
            "Org ID": grant.org_id,
            "User ID": grant.user_id,
            "Machine": "this one" if self.is_of_this_machine else "another one",
            "Approved": _ago(grant.approved_at, now),
            "Access token": f"issued {_ago(grant.issued_at, now)}",
            "Refresh token": _refresh_token(self.record),
            "Last used": _ago(self.record.used_at, now) if self.record.used_at else "never on this machine",
            "Stored": self.protection,
        }
        if self.record.quarantined:
            quarantined = self.record.quarantined
            since = local_and_utc(quarantined.at)
            facts["Quarantine"] = f"new tokens since {since}, unused until you decide: {quarantined.reason}"
        if grant.moved_from:
            facts["Address changed"] = f"from {grant.moved_from} to {grant.instance_url} at the last refresh"
        if grant.kind is GrantKind.AUTHORIZATION_CODE:
            facts["Refreshed"] = renewals(grant.generation).removeprefix("refreshed ")
            facts["Refresh Token Policy"] = self._policy_text()
        if self.certificate:
            facts["Certificate"] = f"valid until {self.certificate.not_after:%Y-%m-%d}"
        return facts

    def _policy_text(self) -> str:
        if self.policy is None:
            return "unknown: your logins can't read it. An administrator sees it in the app's OAuth policies."
        if self.ends is None:
            return self.policy.description
        verb = "refresh by" if self.policy.is_idle_limit else "valid until"
        return f"{self.policy.description}; {verb} {local_and_utc(self.ends)}"

    def next_steps(self) -> tuple[str, ...]:
        """What to do, most urgent first; empty when all is well."""
        name = self.connection
        if self.record is None:
            if self.grant_kind is GrantKind.AUTHORIZATION_CODE:
                return (f"Log in once in “Log in to Salesforce”, or with: sfrunbook login {name}.",)
            return (f"Request unattended access: sfrunbook check {name}.",)
        steps = []
        if self.record.sent:
            steps.append(
                "The reply to a refresh was lost. Decide: "
                f"sfrunbook grants resolve {name} --try-once, or --log-in-again."
            )
        if self.record.quarantined:
            steps.append(
                "New tokens are in quarantine. Decide: "
                f"sfrunbook grants resolve {name} --accept-new-tokens, or --drop-new-tokens."
            )
        if self.ends and self.ends - self.now < _SOON:
            renew = self.policy is not None and self.policy.is_idle_limit
            steps.append(
                f"Refresh before {local_and_utc(self.ends)}: check again, or sfrunbook run regression."
                if renew
                else f"Log in again before {local_and_utc(self.ends)}, when the app's policy expires this login."
            )
        if self.approvals.is_full or self.approvals.is_near:
            steps.append(f"{self.approvals.summary} Revoke unused ones before the next login.")
        if self.certificate and self.certificate.not_after - self.now < _CERTIFICATE_SOON:
            steps.append(f"The certificate expires on {self.certificate.not_after:%Y-%m-%d}. Create a new key.")
        return tuple(steps)


def grant_health(opened: OpenConnection) -> GrantHealth:
    """The health of a connection's grant; raises RunbookError when its record cannot be read."""
    record = opened.grants.record()
    return GrantHealth(
        connection=opened.connection.name,
        grant_kind=opened.connection.grant_kind,
        record=record,
        is_of_this_machine=record is None or record.machine in ("", opened.records.machine),
        protection=opened.store.protection,
        approvals=opened.org.approvals(),
        policy=opened.org.token_policy(),
        certificate=opened.unattended.certificate(),
        now=opened.now(),
    )


def _kind(kind: GrantKind) -> str:
    return kind.label if kind in GrantKind.unattended() else "a user's login (Refresh Token)"


def _refresh_token(record: StoredGrant) -> str:
    if record.grant.refresh_token is None:
        return "none; a new access token is requested instead"
    if record.quarantined:
        return "used, not sent again; the new one is in quarantine"
    if record.sent:
        return f"sent {local_and_utc(record.sent.at)} without a reply; not sent again until you decide"
    words = {True: "stored, and replaced at every refresh", False: "stored, and stays the same", None: "stored"}
    return words[record.grant.rotates]


def _ago(moment: datetime, now: datetime) -> str:
    span = max(now - moment, timedelta(0))
    if span < timedelta(minutes=2):
        return "just now"
    if span < timedelta(hours=2):
        return f"{span / timedelta(minutes=1):.0f} minutes ago"
    if span < timedelta(days=2):
        return f"{span / timedelta(hours=1):.0f} hours ago"
    return f"{span / timedelta(days=1):.0f} days ago, on {moment:%Y-%m-%d}"
