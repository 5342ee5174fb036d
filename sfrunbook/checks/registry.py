"""What a check is, how it is registered, and how a stage of checks is run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import requests

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Connection, Diagnosis, Failure, Finding, Grant, Skip, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of
from sfrunbook.partners import PartnerProfile
from sfrunbook.partners.cyclr.side import CyclrSide
from sfrunbook.salesforce.api import Salesforce
from sfrunbook.salesforce.approvals import Approvals
from sfrunbook.salesforce.oauth.probe import ProbeReport, probe_callbacks
from sfrunbook.store.partner_record import PartnerRecord

__all__ = [
    "Answer",
    "Check",
    "Context",
    "check",
    "checks_of",
    "failed",
    "finding_of_error",
    "local",
    "passed",
    "required",
    "run_checks",
    "skipped",
    "undecided",
]

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Context:
    """What checks may look at; None is what is not available."""

    connection: Connection
    profile: PartnerProfile
    http: requests.Session
    client_secret: Secret | None = None
    grant: Grant | None = None
    salesforce: Salesforce | None = None
    #: the partner's side, where its API may be asked
    partner: CyclrSide | None = None
    #: what earlier checks noted of the partner's side
    partner_record: PartnerRecord | None = None
    #: approvals of the app of the user of this runbook's own login
    approvals: Approvals | None = None
    #: ends the partner's session with Salesforce, where that can be done: in rehearsal
    end_sessions: Callable[[], None] | None = None

    @cached_property
    def registration_probe(self) -> ProbeReport:
        """What the authorize endpoint shows of the app; asked once, for all checks that read it."""
        wanted = self.profile.callback_urls(self.connection.variables)
        own = self.connection.redirect_uri
        return probe_callbacks(self.http, self.connection.login_url, self.connection.client_id, (*wanted, own))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The result of a check; the registry adds its name, claim and duration."""

    status: Status
    detail: str
    diagnosis: Diagnosis | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    #: why it was skipped, where it was
    skip: Skip | None = None


def passed(detail: str, evidence: Mapping[str, str] | None = None) -> Answer:
    return Answer(status=Status.PASSED, detail=detail, evidence=evidence or {})


def failed(
    code: str,
    detail: str = "",
    *,
    status: Status = Status.FAILED,
    evidence: Mapping[str, str] | None = None,
    **facts: object,
) -> Answer:
    """The local problem `code` with its facts; `detail` is what the diagnosis says, unless another text is given."""
    diagnosis = local(code, **facts)
    return Answer(status=status, detail=detail or diagnosis.what, diagnosis=diagnosis, evidence=evidence or {})


def undecided(
    detail: str, failure: Failure | None = None, *, failed: bool = False, evidence: Mapping[str, str] | None = None
) -> Answer:
    """A claim that could not be checked, with the diagnosis of what came instead; with `failed` that refutes it."""
    return Answer(
        status=Status.FAILED if failed else Status.INCONCLUSIVE,
        detail=detail,
        diagnosis=diagnose(failure) if failure else None,
        evidence=evidence or {},
    )


def skipped(reason: Skip, detail: str, evidence: Mapping[str, str] | None = None) -> Answer:
    return Answer(status=Status.SKIPPED, detail=detail, evidence=evidence or {}, skip=reason)


def required(value: _T | None) -> _T:
    """What the context has by the check's `requires=`, which runs the check only where it is there."""
    if value is None:
        raise AssertionError("requires= runs this check only when it is there")
    return value


@dataclass(frozen=True, kw_only=True)
class Check:
    name: str
    stage: str
    claim: str
    requires: tuple[str, ...]
    look: Callable[[Context], Answer]


_REGISTRY: dict[str, Check] = {}


def check(stage: str, *, requires: Iterable[Check] = ()) -> Callable[[Callable[[Context], Answer]], Check]:
    """Register a function as a check of `stage`: its name is the check's name, its docstring the claim."""

    def register(look: Callable[[Context], Answer]) -> Check:
        name = look.__name__.replace("_", "-")
        claim = (look.__doc__ or "").strip().splitlines()[0]
        needed = tuple(each.name for each in requires)
        _REGISTRY[name] = Check(name=name, stage=stage, claim=claim, requires=needed, look=look)
        return _REGISTRY[name]

    return register


def checks_of(stage: str) -> tuple[Check, ...]:
    """The checks of a stage in the order they were written."""
    return tuple(entry for entry in _REGISTRY.values() if entry.stage == stage)


def run_checks(
    stage: str, context: Context, *, only: Iterable[str] = (), known: Iterable[Finding] = ()
) -> tuple[Finding, ...]:
    """Run a stage, or the named checks of it; a check whose requirement did not pass is skipped.

    So one cause has one complaint, over stages too: `known` is what earlier stages have found.
    """
    chosen = frozenset(only)
    outcome: dict[str, Finding] = {finding.check: finding for finding in known}
    findings = []
    for entry in checks_of(stage):
        if chosen and entry.name not in chosen:
            continue
        finding = _skipped(entry, outcome) or _looked(entry, context)
        outcome[entry.name] = finding
        findings.append(finding)
    return tuple(findings)


def finding_of_error(name: str, claim: str, error: RunbookError) -> Finding:
    """An error as a finding: an outage leaves the claim undecided, anything else refutes it."""
    diagnosis = diagnosis_of(error)
    status = Status.INCONCLUSIVE if diagnosis.infrastructure else Status.FAILED
    return Finding(check=name, claim=claim, status=status, detail=diagnosis.what, diagnosis=diagnosis)


def _skipped(entry: Check, outcome: Mapping[str, Finding]) -> Finding | None:
    """The finding of a check whose requirement did not pass; left out for good where the requirement was."""
    needed = [outcome[name] for name in entry.requires if name in outcome]
    blocking = next((found for found in needed if found.status not in (Status.PASSED, Status.WARNING)), None)
    if blocking is None:
        return None
    first = _REGISTRY[blocking.check].claim
    detail, skip = f"Waiting for: {first}", Skip.TO_DO
    if blocking.skip in (Skip.OPTIONAL, Skip.DOES_NOT_APPLY):
        detail, skip = f"Skipped, because it needs: {first}", blocking.skip
    return Finding(check=entry.name, claim=entry.claim, status=Status.SKIPPED, detail=detail, skip=skip)


def _looked(entry: Check, context: Context) -> Finding:
    started = time.monotonic()
    try:
        answer = entry.look(context)
    except RunbookError as error:
        finding = finding_of_error(entry.name, entry.claim, error)
    else:
        finding = Finding(check=entry.name, claim=entry.claim, **vars(answer))
    return replace(finding, duration_seconds=time.monotonic() - started)


def local(code: str, **facts: object) -> Diagnosis:
    """The diagnosis of something found wrong on this side of the wire."""
    return diagnosis_of(problem(code, **facts))
