"""What a check is, how it is registered, and how a stage of checks is run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import requests

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Connection, Diagnosis, Finding, Grant, Skip, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.partners import PartnerProfile
from sfrunbook.partners.cyclr.side import CyclrSide
from sfrunbook.salesforce.api import Salesforce
from sfrunbook.salesforce.approvals import Approvals
from sfrunbook.salesforce.oauth.probe import ProbeReport, probe_callbacks
from sfrunbook.store.partner_record import PartnerRecord

__all__ = ["Answer", "Check", "Context", "check", "checks_of", "finding_of_error", "local", "run_checks", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Context:
    """What checks may look at; what is None could not be had."""

    connection: Connection
    profile: PartnerProfile
    http: requests.Session
    client_secret: Secret | None = None
    grant: Grant | None = None
    salesforce: Salesforce | None = None
    #: the partner's side, where its API may be asked
    partner: CyclrSide | None = None
    #: what was seen of the partner's side before
    partner_record: PartnerRecord | None = None
    #: approvals of the app that the user of this runbook's own login holds
    approvals: Approvals | None = None
    #: ends the partner's session with Salesforce, where that can be done: in rehearsal
    end_sessions: Callable[[], None] | None = None

    @cached_property
    def registration_probe(self) -> ProbeReport:
        """What the authorize endpoint tells of the app; asked once, for all checks that read it."""
        wanted = self.profile.callback_urls(self.connection.variables)
        own = self.connection.redirect_uri
        return probe_callbacks(self.http, self.connection.login_url, self.connection.client_id, (*wanted, own))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one check found; the registry adds its name, claim and duration."""

    status: Status
    detail: str
    diagnosis: Diagnosis | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    #: why it was skipped, where it was
    skip: Skip | None = None


def skipped(why: Skip, told: str, evidence: Mapping[str, str] | None = None) -> Answer:
    """The answer of a check that was not made."""
    return Answer(status=Status.SKIPPED, detail=told, evidence=evidence or {}, skip=why)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A registered check."""

    name: str
    stage: str
    claim: str
    requires: tuple[str, ...]
    look: Callable[[Context], Answer]


_REGISTRY: dict[str, Check] = {}


def check(stage: str, *, requires: Iterable[str] = ()) -> Callable[[Callable[[Context], Answer]], Check]:
    """Register a function as a check of `stage`: its name is the check's name, its docstring the claim."""

    def register(look: Callable[[Context], Answer]) -> Check:
        name = look.__name__.replace("_", "-")
        claim = (look.__doc__ or "").strip().splitlines()[0]
        made = Check(name=name, stage=stage, claim=claim, requires=tuple(requires), look=look)
        _REGISTRY[name] = made
        return made

    return register


def checks_of(stage: str) -> tuple[Check, ...]:
    """The checks of a stage in the order they were written."""
    return tuple(one for one in _REGISTRY.values() if one.stage == stage)


def run_checks(
    stage: str, context: Context, *, only: Iterable[str] = (), known: Iterable[Finding] = ()
) -> tuple[Finding, ...]:
    """Run a stage, or the named checks of it; a check whose requirement did not pass is skipped.

    So one cause gives one complaint, over stages too: `known` is what earlier stages have found.
    """
    chosen = frozenset(only)
    outcome: dict[str, Finding] = {finding.check: finding for finding in known}
    findings = []
    for one in checks_of(stage):
        if chosen and one.name not in chosen:
            continue
        finding = _skipped(one, outcome) or _looked(one, context)
        outcome[one.name] = finding
        findings.append(finding)
    return tuple(findings)


def finding_of_error(name: str, claim: str, error: RunbookError) -> Finding:
    """An error as a finding: an outage leaves the claim undecided, anything else refutes it."""
    diagnosis = diagnosis_of(error)
    status = Status.INCONCLUSIVE if diagnosis.infrastructure else Status.FAILED
    return Finding(check=name, claim=claim, status=status, detail=diagnosis.what, diagnosis=diagnosis)


def _skipped(one: Check, outcome: Mapping[str, Finding]) -> Finding | None:
    """The finding of a check that cannot be made yet; where what it needs is left out for good, so is the check."""
    needed = [outcome[name] for name in one.requires if name in outcome]
    blocking = [found for found in needed if found.status not in (Status.PASSED, Status.WARNING)]
    if not blocking:
        return None
    first = _REGISTRY[blocking[0].check].claim.rstrip(".")
    left_out = blocking[0].skip in (Skip.OPTIONAL, Skip.DOES_NOT_APPLY)
    detail = f"Not looked at, because something else comes first: “{first}”."
    if left_out:
        detail = f"Not looked at, because it needs what was left out: “{first}”."
    skip = blocking[0].skip if left_out else Skip.TO_DO
    return Finding(check=one.name, claim=one.claim, status=Status.SKIPPED, detail=detail, skip=skip)


def _looked(one: Check, context: Context) -> Finding:
    started = time.monotonic()
    try:
        answer = one.look(context)
    except RunbookError as error:
        finding = finding_of_error(one.name, one.claim, error)
    else:
        finding = Finding(
            check=one.name,
            claim=one.claim,
            status=answer.status,
            detail=answer.detail,
            diagnosis=answer.diagnosis,
            evidence=answer.evidence,
            skip=answer.skip,
        )
    return replace(finding, duration_seconds=time.monotonic() - started)


def local(code: str, **facts: object) -> Diagnosis:
    """The diagnosis of something found wrong on this side of the wire."""
    return diagnosis_of(problem(code, **facts))
