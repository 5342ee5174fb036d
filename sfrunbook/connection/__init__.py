"""One connection opened for work: its records, secrets and grant in reach; what notebooks and command line share."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from sfrunbook import checks
from sfrunbook.checks import Context, run_checks
from sfrunbook.checks.registry import finding_of_error
from sfrunbook.connection import practice_connection
from sfrunbook.connection.logins import PENDING_LOGIN
from sfrunbook.connection.partners import API_SECRET, Partners
from sfrunbook.connection.unattended_logins import Unattended, signing_key_name
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Diagnosis, Finding, Grant, GrantKind, Run
from sfrunbook.diagnosis.diagnose import finding_for_app_kind
from sfrunbook.diagnosis.investigate import (
    investigate,
    investigate_findings,
    note_answers,
    note_app_name,
    note_policy,
    note_stage,
)
from sfrunbook.salesforce.oauth.probe import ProbeReport
from sfrunbook.store.connections import ConnectionBook, home
from sfrunbook.store.secret_place import open_store

__all__ = ["API_SECRET", "PENDING_LOGIN", "Workbench", "open_workbench", "signing_key_name"]


def open_workbench(name: str, environ: Mapping[str, str], *, at_partner: bool = False) -> Workbench:
    """Open a connection by name; the practice connection starts or joins a practice world.

    With `at_partner` it names the practice world's own partner, whose addresses are on this machine.
    Raises RunbookError: `connection-not-found` and its kin, `practice-world-did-not-start`.
    """
    if name == practice_connection.NAME:
        practice = practice_connection.join_or_start(environ)
        connection = practice.partner_connection if at_partner else practice.connection
        return Workbench(connection, folder=practice.folder, open_store=lambda: practice.store, practice=practice)
    folder = home(environ)
    book = ConnectionBook(folder)
    return Workbench(book.get(name), folder=folder, open_store=lambda: open_store(folder, name, environ), book=book)


class Workbench(Unattended, Partners):
    """Everything that can be done with one connection, each verb a line or two over the layers below."""

    def explain_failure(self, diagnosis: Diagnosis) -> Diagnosis:
        """The diagnosis with its causes told apart, as far as a few harmless questions can do that."""
        return investigate(self, diagnosis)

    def explain_findings(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The same for what did not pass among findings, with the screens of this connection's kind of app."""
        return self.placed_findings(investigate_findings(self, findings))

    def placed_findings(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Findings with the screens of this connection's kind of app.

        Those of the partner's side get little more: what this runbook's grant tells of itself is not said of another's.
        """
        return tuple(finding_for_app_kind(finding, self.connection.app_kind) for finding in findings)

    def _grant_to_check(self) -> Grant | None:
        """The grant that is kept; an unattended one is asked for, since that makes no approval."""
        held = self.grant()
        if held is None and self.connection.grant_kind is not GrantKind.AUTHORIZATION_CODE:
            return self.unattended_grant()
        return held

    def check_all(self, stages: Iterable[str]) -> Run:
        """The checks of several stages as one run; what a stage cannot have is a finding of its own, and the last."""
        started_at, started, findings = self._clock(), time.monotonic(), list[Finding]()
        for stage in stages:
            try:
                findings += self.check(stage, known=findings)
            except RunbookError as error:
                findings.append(finding_of_error(f"{stage}-can-be-checked", "The stage can be checked.", error))
                break
        return Run(
            title="Checks",
            connection=self.connection.name,
            host=origin_of(self.connection.login_url),
            started_at=started_at,
            duration_seconds=time.monotonic() - started,
            findings=tuple(findings),
        )

    def check(self, stage: str, *, only: Iterable[str] = (), known: Iterable[Finding] = ()) -> tuple[Finding, ...]:
        """Run the checks of a stage, or only those named, with what that stage may look at.

        Raises RunbookError when a secret or the grant is kept and cannot be read.
        """
        at_partner = stage == checks.partner.STAGE
        beyond_registration = stage != checks.registration.STAGE
        beyond_credentials = beyond_registration and stage != checks.credentials.STAGE and not at_partner
        context = Context(
            connection=self.connection,
            profile=self.profile,
            http=self.http,
            client_secret=self.client_secret() if beyond_registration else None,
            grant=self._grant_to_check() if beyond_credentials else None,
            salesforce=self.salesforce() if stage == checks.data.STAGE else None,
            partner=self.partner_side if at_partner else None,
            partner_record=self.partner_record if at_partner else None,
            approvals=self.approvals() if at_partner else None,
            end_sessions=self.end_partner_sessions if at_partner else None,
        )
        findings = run_checks(stage, context, only=only, known=known)
        if not only:
            note_stage(self, stage, findings)
        note_answers(self, findings)
        if context.salesforce is not None:
            note_app_name(self)
            note_policy(self)
        if at_partner:
            return self.placed_findings(investigate_findings(self, findings, of_partner=True))
        return self.explain_findings(findings)

    def look_at_registration(self) -> tuple[tuple[Finding, ...], ProbeReport | None]:
        """The checks of the registration, unexplained, and what the login host told; None when it was not asked.

        For looking again and again: what it finds is noted only by `noted_registration`.
        """
        context = Context(connection=self.connection, profile=self.profile, http=self.http)
        findings = run_checks(checks.registration.STAGE, context)
        return findings, context.__dict__.get("registration_probe")

    def noted_registration(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """The findings of a look, remembered for later diagnoses; gives them as they are."""
        note_stage(self, checks.registration.STAGE, findings)
        return findings
