"""The progress of each connection, on disk, so that a closed browser or a restarted kernel loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sfrunbook.core.model import Finding, Skip, Status
from sfrunbook.core.secrets.redaction import redact
from sfrunbook.store.json_file import JsonFile, from_json, to_json

__all__ = ["ROAD", "STEPS", "Attestation", "KeptFinding", "Progress", "Step", "StepState"]

_FORMAT = 2


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step: the notebook that does it and what is true when it is done."""

    name: str
    notebook: str
    outcome: str


STEPS = (
    Step(name="start", notebook="00_start.ipynb", outcome="A connection is chosen and its host answers"),
    Step(name="register", notebook="01_register_app.ipynb", outcome="The app is registered with every Callback URL"),
    Step(
        name="credentials",
        notebook="02_enter_credentials.ipynb",
        outcome="Consumer Key and Consumer Secret are kept and accepted",
    ),
    Step(name="authorize", notebook="03_authorize.ipynb", outcome="A person has allowed access, and it is kept"),
    Step(name="query", notebook="04_test_query.ipynb", outcome="A test query returns rows"),
    Step(name="partner", notebook="05_cyclr_setup.ipynb", outcome="A method of the partner's connector returns data"),
)

#: with the step that is repeated afterwards; the connection works without it
ROAD = (
    *STEPS,
    Step(
        name="health", notebook="06_grant_health.ipynb", outcome="Access can be renewed, and you know how long it lives"
    ),
)


@dataclass(frozen=True, kw_only=True)
class StepState:
    status: Status
    #: UTC, ISO 8601
    at: str


@dataclass(frozen=True, kw_only=True)
class KeptFinding:
    """What a check found the last time it ran; its texts hold no secret."""

    check: str
    claim: str
    status: Status
    detail: str
    #: UTC, ISO 8601
    at: str
    #: why it was skipped; None where that is not known
    skip: Skip | None = None


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """What a program cannot see and a user has confirmed."""

    #: kebab-case name of the point
    point: str
    #: what is confirmed, as a sentence
    claim: str
    #: who confirmed it: the name of their user on this machine
    by: str
    #: UTC, ISO 8601
    at: str


@dataclass(frozen=True, kw_only=True)
class _Document:
    states: Mapping[str, StepState] = field(default_factory=dict)
    #: by step and by check
    findings: Mapping[str, Mapping[str, KeptFinding]] = field(default_factory=dict)
    attestations: Mapping[str, Attestation] = field(default_factory=dict)


class Progress:
    """The steps, latest findings and confirmations of one connection, in `<folder>/<name>.json`.

    The file holds `{"format": 2, "steps": {step: {...}}, "findings": {step: [{...}]}, "attestations": [{...}]}`. A
    damaged file counts as no progress, since every step can be checked again. Writers in several kernels take turns; a
    folder that cannot be written costs only the progress.
    """

    def __init__(self, folder: Path, connection: str) -> None:
        self._file = JsonFile(folder / f"{connection}.json", parse=_parsed, dump=_dumped, version=_FORMAT)

    def states(self) -> Mapping[str, StepState]:
        """State of each step that was ever tried."""
        return self._read().states

    def findings(self, step: str) -> tuple[KeptFinding, ...]:
        """The latest finding of each check of a step, in the order of their first runs."""
        return tuple(self._read().findings.get(step, {}).values())

    def attestations(self) -> tuple[Attestation, ...]:
        return tuple(self._read().attestations.values())

    def record(self, step: str, status: Status, at: datetime, findings: Iterable[Finding] = ()) -> None:
        """Write down how `step` ended and the latest finding of each of its checks."""
        when = at.isoformat(timespec="seconds")
        new = {finding.check: _stored(finding, when) for finding in findings}

        def change(document: _Document) -> _Document:
            states = {**document.states, step: StepState(status=status, at=when)}
            of_step = {**document.findings.get(step, {}), **new}
            return replace(document, states=states, findings={**document.findings, step: of_step})

        self._change(change)

    def drop(self, step: str, check: str) -> None:
        """Forget the finding of a check that no longer runs; the state of the step stays."""

        def change(document: _Document) -> _Document:
            others = {name: found for name, found in document.findings.get(step, {}).items() if name != check}
            return replace(document, findings={**document.findings, step: others})

        self._change(change)

    def attest(self, point: str, claim: str, *, by: str, at: datetime) -> None:
        """Write down that a user has confirmed a point."""
        new = Attestation(point=point, claim=redact(claim), by=redact(by), at=at.isoformat(timespec="seconds"))
        self._change(lambda document: replace(document, attestations={**document.attestations, point: new}))

    def withdraw(self, point: str) -> None:
        """Forget the confirmation of a point; nothing happens without one."""

        def change(document: _Document) -> _Document:
            others = {name: given for name, given in document.attestations.items() if name != point}
            return replace(document, attestations=others)

        self._change(change)

    def forget(self) -> None:
        self._file.delete()

    def _read(self) -> _Document:
        return self._file.read_or(_Document())

    def _change(self, change: Callable[[_Document], _Document]) -> None:
        self._file.try_change(change, default=_Document())


def _stored(finding: Finding, when: str) -> KeptFinding:
    return KeptFinding(
        check=finding.check,
        claim=redact(finding.claim),
        status=finding.status,
        detail=redact(finding.detail),
        at=when,
        skip=finding.skip,
    )


def _parsed(raw: Mapping[str, Any]) -> _Document:
    """A document out of JSON; raises ValueError, KeyError, TypeError or AttributeError for one that is damaged."""
    return _Document(
        states={name: from_json(StepState, state) for name, state in raw["steps"].items()},
        findings={
            step: {finding["check"]: from_json(KeptFinding, finding) for finding in findings}
            for step, findings in raw["findings"].items()
        },
        attestations={point["point"]: from_json(Attestation, point) for point in raw["attestations"]},
    )


def _dumped(document: _Document) -> dict[str, object]:
    return {
        "steps": to_json(document.states),
        "findings": {step: to_json(list(findings.values())) for step, findings in document.findings.items()},
        "attestations": to_json(list(document.attestations.values())),
    }
