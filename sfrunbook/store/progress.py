"""How far each connection has come, on disk, so that a closed browser or a restarted kernel loses nothing."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sfrunbook.core.durable_file import make_private_folder, write_durably
from sfrunbook.core.model import Finding, Skip, Status
from sfrunbook.core.secrets.redaction import redact

__all__ = ["ROAD", "STEPS", "Attestation", "KeptFinding", "Progress", "Step", "StepState"]

_FORMAT = 2
_LOCK_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the road: the notebook that does it and what is true when it is done."""

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

#: with what is done afterwards, again and again; the connection is proved without it
ROAD = (
    *STEPS,
    Step(
        name="health", notebook="06_grant_health.ipynb", outcome="Access can be renewed, and you know how long it lives"
    ),
)


@dataclass(frozen=True, kw_only=True)
class StepState:
    """How a step ended the last time it was tried."""

    status: Status
    #: UTC, ISO 8601
    at: str


@dataclass(frozen=True, kw_only=True)
class KeptFinding:
    """What a check found the last time it ran; no text of it holds a secret."""

    check: str
    claim: str
    status: Status
    detail: str
    #: UTC, ISO 8601
    at: str
    #: of one that was skipped: why; None where that was not kept
    skip: Skip | None = None


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """What cannot be seen from outside and a person says is so."""

    #: kebab-case name of the point
    point: str
    #: what is said to be so, as a sentence
    claim: str
    #: who said it: the name of their user on this machine
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
    """The steps, latest findings and attestations of one connection, in `<folder>/<name>.json`.

    The file holds `{"format": 2, "steps": {step: {...}}, "findings": {step: [{...}]}, "attestations": [{...}]}`; one
    of format 1, steps alone, is read too. A damaged file is treated as no progress: every step proves itself again, so
    nothing can be lost by it. Writers in several kernels take turns; a folder that cannot be written only costs the
    memory.
    """

    def __init__(self, folder: Path, connection: str) -> None:
        self._path = folder / f"{connection}.json"

    def states(self) -> Mapping[str, StepState]:
        """State of each step that was ever tried."""
        return self._read().states

    def findings(self, step: str) -> tuple[KeptFinding, ...]:
        """The latest finding of each check of a step, in the order in which they were first made."""
        return tuple(self._read().findings.get(step, {}).values())

    def attestations(self) -> tuple[Attestation, ...]:
        """Everything that a person has attested and not taken back, in the order it was first said."""
        return tuple(self._read().attestations.values())

    def record(self, step: str, status: Status, at: datetime, findings: Iterable[Finding] = ()) -> None:
        """Remember how `step` ended and what its checks found, each check's latest finding only."""
        when = at.isoformat(timespec="seconds")
        kept = {finding.check: _kept(finding, when) for finding in findings}

        def change(held: _Document) -> _Document:
            states = {**held.states, step: StepState(status=status, at=when)}
            return replace(
                held, states=states, findings={**held.findings, step: {**held.findings.get(step, {}), **kept}}
            )

        self._change(change)

    def drop(self, step: str, check: str) -> None:
        """Forget what a check found once, where nobody looks at it any more; the state of the step stays."""

        def change(held: _Document) -> _Document:
            kept = {name: one for name, one in held.findings.get(step, {}).items() if name != check}
            return replace(held, findings={**held.findings, step: kept})

        self._change(change)

    def attest(self, point: str, claim: str, *, by: str, at: datetime) -> None:
        """Remember that a person says a thing is so."""
        said = Attestation(point=point, claim=redact(claim), by=redact(by), at=at.isoformat(timespec="seconds"))
        self._change(lambda held: replace(held, attestations={**held.attestations, point: said}))

    def withdraw(self, point: str) -> None:
        """Forget what a person said of a point; nothing happens when nothing was said."""
        self._change(
            lambda held: replace(
                held, attestations={name: one for name, one in held.attestations.items() if name != point}
            )
        )

    def forget(self) -> None:
        """Forget everything."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> _Document:
        try:
            return _parsed(json.loads(self._path.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return _Document()

    def _change(self, change: Callable[[_Document], _Document]) -> None:
        with contextlib.suppress(OSError), self._writing():
            held = change(self._read())
            document = {
                "format": _FORMAT,
                "steps": {name: asdict(state) for name, state in held.states.items()},
                "findings": {step: [asdict(one) for one in kept.values()] for step, kept in held.findings.items()},
                "attestations": [asdict(one) for one in held.attestations.values()],
            }
            write_durably(self._path, json.dumps(document, indent=1).encode())

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the file against other kernels, so that none writes over what another has just kept."""
        from filelock import FileLock, Timeout

        make_private_folder(self._path.parent)
        try:
            with FileLock(self._path.with_name(f".{self._path.name}.lock"), timeout=_LOCK_SECONDS, is_singleton=True):
                yield
        except Timeout:
            raise OSError("another program holds the file") from None


def _kept(finding: Finding, when: str) -> KeptFinding:
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
    if "format" not in raw:
        return _Document(states=_states(raw))
    if raw["format"] != _FORMAT:
        raise ValueError("another version of sfrunbook wrote it")
    return _Document(
        states=_states(raw["steps"]),
        findings={
            step: {str(one["check"]): _finding_of(one) for one in kept} for step, kept in raw["findings"].items()
        },
        attestations={str(one["point"]): Attestation(**one) for one in raw["attestations"]},
    )


def _finding_of(raw: Mapping[str, Any]) -> KeptFinding:
    skip = Skip(raw["skip"]) if raw.get("skip") else None
    return KeptFinding(**{**raw, "status": Status(raw["status"]), "skip": skip})


def _states(raw: Mapping[str, Any]) -> dict[str, StepState]:
    return {name: StepState(status=Status(one["status"]), at=str(one["at"])) for name, one in raw.items()}
