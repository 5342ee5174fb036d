"""The checks run against one connection: each stage gets what it may look at, and what failed is explained."""

from __future__ import annotations

import time
from collections.abc import Iterable

from sfrunbook import checks
from sfrunbook.checks import Context, run_checks
from sfrunbook.checks.registry import finding_of_error
from sfrunbook.connection.grants import Grants
from sfrunbook.connection.org import Org
from sfrunbook.connection.partner import Partner
from sfrunbook.connection.records import Records
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Finding, Grant, GrantKind, Run
from sfrunbook.diagnosis.diagnose import finding_for_app_kind
from sfrunbook.diagnosis.investigate import (
    investigate_findings,
    note_answers,
    note_app_name,
    note_callbacks,
    note_policy,
    note_stage,
)
from sfrunbook.salesforce.oauth.probe import ProbeReport

__all__ = ["CheckRuns"]


class CheckRuns:
    def __init__(self, records: Records, grants: Grants, org: Org, partner: Partner) -> None:
        self._records, self._grants, self._org, self._partner = records, grants, org, partner

    def run_all(self, stages: Iterable[str]) -> Run:
        """The checks of several stages as one run; a stage that cannot be checked ends the run with a finding."""
        started_at, started, findings = self._records.now(), time.monotonic(), list[Finding]()
        for stage in stages:
            try:
                findings += self.run(stage, known=findings)
            except RunbookError as error:
                findings.append(finding_of_error(f"{stage}-can-be-checked", "The stage can be checked.", error))
                break
        return Run(
            title="Checks",
            connection=self._records.connection.name,
            host=origin_of(self._records.connection.login_url),
            started_at=started_at,
            duration_seconds=time.monotonic() - started,
            findings=tuple(findings),
        )

    def run(self, stage: str, *, only: Iterable[str] = (), known: Iterable[Finding] = ()) -> tuple[Finding, ...]:
        """Run the checks of a stage, or only those named, with what that stage may look at.

        Raises RunbookError when a secret or the grant is stored and cannot be read.
        """
        context = self._context(stage)
        findings = run_checks(stage, context, only=only, known=known)
        if not only:
            note_stage(self._records, stage, findings)
        note_callbacks(self._records, findings)
        note_answers(self._records, findings)
        if context.salesforce is not None:
            note_app_name(self._records)
            note_policy(self._records)
        return self.explain(findings, of_partner=stage == checks.partner.STAGE)

    def explain(self, findings: Iterable[Finding], *, of_partner: bool = False) -> tuple[Finding, ...]:
        """Findings with those that did not pass explained.

        Findings of the partner's side get little more: what this runbook's grant shows says nothing about another's.
        """
        return self.place(investigate_findings(self._records, findings, of_partner=of_partner))

    def place(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Findings with the screens of this connection's kind of app."""
        return tuple(finding_for_app_kind(finding, self._records.connection.app_kind) for finding in findings)

    def look_at_registration(self) -> tuple[tuple[Finding, ...], ProbeReport | None]:
        """The checks of the registration, unexplained, and the login host's answer; None when it was not asked.

        For looking again and again: what it finds is noted only by `note_registration`.
        """
        context = self._context(checks.registration.STAGE)
        findings = run_checks(checks.registration.STAGE, context)
        return findings, context.__dict__.get("registration_probe")

    def note_registration(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Remember the findings of `look_at_registration` for later diagnoses; returns them as they are."""
        note_stage(self._records, checks.registration.STAGE, findings)
        note_callbacks(self._records, findings)
        return findings

    def _context(self, stage: str) -> Context:
        records = self._records
        at_partner = stage == checks.partner.STAGE
        beyond_registration = stage != checks.registration.STAGE
        beyond_credentials = beyond_registration and stage != checks.credentials.STAGE and not at_partner
        grant = self._grant() if beyond_credentials else None
        return Context(
            connection=records.connection,
            profile=records.profile,
            http=records.http,
            client_secret=records.client_secret() if beyond_registration else None,
            grant=grant,
            salesforce=self._org.api(grant) if grant and stage == checks.data.STAGE else None,
            partner=self._partner.side if at_partner else None,
            partner_record=self._partner.record if at_partner else None,
            approvals=self._org.approvals() if at_partner else None,
            end_sessions=self._partner.end_sessions if at_partner else None,
        )

    def _grant(self) -> Grant | None:
        """The stored grant; without it an unattended grant is requested, since that uses no approval."""
        grant = self._grants.stored()
        if grant is None and self._records.connection.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            return self._grants.request_unattended()
        return grant
