"""Explain a failure of a connection: gather the facts that may be gathered and judge the causes by them."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import requests

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import (
    Connection,
    Diagnosis,
    Finding,
    Grant,
    GrantKind,
    Stage,
    Status,
)
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of
from sfrunbook.diagnosis.evidence import ASKED_BY_PARTNER, OF_ANY_USER, Evidence, gather
from sfrunbook.diagnosis.verdicts import facts_wanted, rank_causes
from sfrunbook.salesforce.approvals import app_name_of
from sfrunbook.salesforce.policies import ask_policy
from sfrunbook.store.what_worked import CREDENTIALS, History

__all__ = [
    "Subject",
    "investigate",
    "investigate_findings",
    "investigated",
    "note_answers",
    "note_app_name",
    "note_grant",
    "note_policy",
    "note_stage",
]

_P = ParamSpec("_P")
_R = TypeVar("_R")
_UNDECIDED = (Status.FAILED, Status.INCONCLUSIVE)
#: a warning, too, may have causes that evidence tells apart
_INVESTIGATED = (*_UNDECIDED, Status.WARNING)
#: the checks whose evidence is callback URLs and what was found of each
_CALLBACK_CHECKS = ("callback-urls-are-registered", "runbook-callback-is-registered")
#: the check that passes only where introspection has called a token active
_ACCESS_TOKEN_CHECK = "access-token-is-active"  # noqa: S105 -- the name of a check
_POLICY_VALID_FOR = timedelta(days=1)


class Subject(Protocol):
    """A connection whose failures can be investigated."""

    history: History

    @property
    def connection(self) -> Connection: ...
    @property
    def app_names(self) -> tuple[str, ...]: ...
    @property
    def http(self) -> requests.Session: ...
    def grant(self) -> Grant | None: ...
    def client_secret(self) -> Secret | None: ...
    def witnesses(self) -> tuple[Grant, ...]: ...
    def now(self) -> datetime: ...


class _HasRecords(Protocol):
    @property
    def records(self) -> Subject: ...


_S = TypeVar("_S", bound=_HasRecords)


def investigate(subject: Subject, diagnosis: Diagnosis, written: Evidence = MappingProxyType({})) -> Diagnosis:
    """The diagnosis with its causes judged; unchanged when there is nothing to tell apart, or they are judged already.

    `written` are facts that the user gave; what is looked up outweighs them. An outage is left alone, since no
    question would be answered, and so is what has no conditions on any fact.
    """
    diagnosis = _named(subject, diagnosis)
    if not _is_open(diagnosis):
        return diagnosis
    return rank_causes(diagnosis, {**written, **_evidence(subject, diagnosis)})


def investigate_findings(
    subject: Subject, findings: Iterable[Finding], *, of_partner: bool = False
) -> tuple[Finding, ...]:
    """The findings, those that did not pass with judged causes; facts about the same code and host are gathered once.

    Of a partner's calls only those are investigated whose causes depend on the org's data: what this connection's
    grant shows of itself shows nothing of the partner's.
    """
    gathered: dict[tuple[str, ...], Evidence] = {}

    def judged(finding: Finding) -> Finding:
        if finding.diagnosis is None or finding.status not in _INVESTIGATED:
            return finding
        diagnosis = _named(subject, finding.diagnosis)
        if not _is_open(diagnosis) or (of_partner and not _is_of_data(diagnosis)):
            return replace(finding, diagnosis=diagnosis)
        failure = diagnosis.failure
        key = (diagnosis.code, failure.host, failure.evidence.get("callback", ""))
        if key not in gathered:
            gathered[key] = _evidence(subject, diagnosis)
        return replace(finding, diagnosis=rank_causes(diagnosis, gathered[key]))

    return tuple(judged(finding) for finding in findings)


def investigated(method: Callable[Concatenate[_S, _P], _R]) -> Callable[Concatenate[_S, _P], _R]:
    """A method of an object with `records`, whose RunbookError carries the facts that tell its causes apart."""

    @functools.wraps(method)
    def wrapped(self: _S, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(self, *args, **kwargs)
        except RunbookError as error:
            diagnosis = _named(self.records, diagnosis_of(error))
            facts = _evidence(self.records, diagnosis) if _is_open(diagnosis) else error.facts
            raise RunbookError(diagnosis.failure, facts=facts) from error

    return wrapped  # type: ignore[return-value]  # functools.wraps keeps a type of its own


def note_grant(subject: Subject, grant: Grant, stage: str) -> None:
    """Remember that the issuer sent these tokens: host, Consumer Key, Consumer Secret and generation are right."""
    host, now = origin_of(grant.issuer).partition("://")[2], subject.now()
    for passed in (stage, CREDENTIALS) if _secret_is_ours(subject.connection) else (stage,):
        subject.history.note_success(passed, host=host, client_id=grant.client_id, at=now)
    subject.history.note_generation(grant.approved_at, grant.generation)


def note_stage(subject: Subject, stage: str, findings: Iterable[Finding]) -> None:
    """Remember that a stage of checks passed, if it did."""
    statuses, connection = {finding.status for finding in findings}, subject.connection
    if Status.PASSED not in statuses or statuses & set(_UNDECIDED):
        return
    if stage != CREDENTIALS or _secret_is_ours(connection):
        host = origin_of(connection.login_url).partition("://")[2]
        subject.history.note_success(stage, host=host, client_id=connection.client_id, at=subject.now())


def note_callbacks(subject: Subject, findings: Iterable[Finding]) -> None:
    """Remember which callback URLs are registered, for the next login."""
    answers = {
        callback: answer
        for finding in findings
        if finding.check in _CALLBACK_CHECKS
        for callback, answer in finding.evidence.items()
    }
    if answers:
        subject.history.note_callbacks(subject.connection.client_id, answers)


def note_answers(subject: Subject, findings: Iterable[Finding]) -> None:
    """Remember that introspection answers this app correctly, if it has just called a token active."""
    if any(finding.check == _ACCESS_TOKEN_CHECK and finding.status is Status.PASSED for finding in findings):
        subject.history.note_introspection(subject.now())


def note_app_name(subject: Subject) -> None:
    """Remember under which name the org lists the app, once; this needs a valid grant. Never raises."""
    with contextlib.suppress(RunbookError):
        grant = subject.grant()
        if grant is not None and grant.kind is GrantKind.AUTHORIZATION_CODE and not subject.history.app_name:
            subject.history.note_app_name(app_name_of(subject.http, grant))


def note_policy(subject: Subject) -> None:
    """Remember the app's Refresh Token Policy while a login may read it, once a day. Never raises.

    Later, when no login may, it tells an idle limit or a fixed lifetime from a revocation.
    """
    noted = subject.history.policy
    names = (subject.history.app_name,) if subject.history.app_name else subject.app_names
    if not names or (noted and subject.now() - noted[1] < _POLICY_VALID_FOR):
        return
    with contextlib.suppress(RunbookError):
        grant, connection = subject.grant(), subject.connection
        if grant is None or grant.kind is not GrantKind.AUTHORIZATION_CODE:
            return
        found = ask_policy(
            app_kind=connection.app_kind, names=names, witnesses=subject.witnesses(), ca_file=connection.ca_file
        )
        if found is not None:
            subject.history.note_policy(found, subject.now())


def _secret_is_ours(connection: Connection) -> bool:
    """Whether the secret is in our store; elsewhere it may be replaced without our knowledge."""
    return bool(connection.client_secret and connection.client_secret.startswith("store:"))


def _named(subject: Subject, diagnosis: Diagnosis) -> Diagnosis:
    """The diagnosis with the connection's name in its steps, where Salesforce's answer could not name it."""
    failure = diagnosis.failure
    if diagnosis.ranked or failure.stage is Stage.LOCAL or "connection" in failure.evidence:
        return diagnosis
    named = diagnose(replace(failure, evidence={**failure.evidence, "connection": subject.connection.name}))
    return named if named.code == diagnosis.code else diagnosis


def _is_open(diagnosis: Diagnosis) -> bool:
    return not (diagnosis.ranked or diagnosis.infrastructure) and bool(facts_wanted(diagnosis))


def _is_of_data(diagnosis: Diagnosis) -> bool:
    return ASKED_BY_PARTNER in diagnosis.failure.evidence and bool(facts_wanted(diagnosis) & OF_ANY_USER)


def _evidence(subject: Subject, diagnosis: Diagnosis) -> Evidence:
    try:
        grant, client_secret, logins = subject.grant(), subject.client_secret(), subject.witnesses()
    except RunbookError:  # the store cannot be read: what can be learnt without it still counts
        grant, client_secret, logins = None, None, ()
    return gather(
        diagnosis,
        connection=subject.connection,
        grant=grant,
        client_secret=client_secret,
        history=subject.history,
        logins=logins,
        app_names=subject.app_names,
        clock=subject.now,
    )
