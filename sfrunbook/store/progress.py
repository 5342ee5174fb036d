"""The progress of each connection, on disk, so that a closed browser or a restarted kernel loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from sfrunbook.core.model import Finding, Skip, Status
from sfrunbook.core.secrets.redaction import redact
from sfrunbook.store.json_file import JsonFile, from_json, to_json, toml_rows

__all__ = ["STEPS", "Progress", "Step", "StoredFinding"]

_FORMAT = 2


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of the runbook, as `steps.toml` explains it."""

    name: str
    title: str
    label: str
    minutes: int
    proof: tuple[str, ...]


STEPS = toml_rows(Path(__file__).with_name("steps.toml"), "step", Step)


@dataclass(frozen=True, kw_only=True)
class StoredFinding:
    """What a check found the last time it ran; its texts hold no secret."""

    check: str
    claim: str
    status: Status
    detail: str
    #: UTC, ISO 8601
    at: str
    #: why it was skipped; None where that is not known
    skip: Skip | None = None
    #: what it was checked against; empty in files of earlier versions
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Document:
    #: by step, the latest of each check
    findings: Mapping[str, tuple[StoredFinding, ...]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


_ByCheck = Mapping[str, StoredFinding]


class Progress:
    """The latest findings of each step and the answers to the page's questions, in `<folder>/<name>.json`.

    The file holds `{"format": 2, "findings": {step: [{...}]}, "answers": {question: answer}}`. A damaged file counts as
    no progress, since every step can be checked again. Writers in several kernels take turns; a folder that cannot be
    written costs only the progress.
    """

    def __init__(self, folder: Path, connection: str) -> None:
        self._file = JsonFile[_Document](
            folder / f"{connection}.json",
            parse=partial(from_json, _Document),
            dump=to_json,
            default=_Document(),
            version=_FORMAT,
        )

    def findings(self, step: str) -> tuple[StoredFinding, ...]:
        """The latest finding of each check of a step, in the order of their first runs."""
        return self._file.load().findings.get(step, ())

    def answers(self) -> Mapping[str, str]:
        return self._file.load().answers

    def record(self, step: str, at: datetime, findings: Iterable[Finding]) -> None:
        when = at.isoformat(timespec="seconds")
        new = {finding.check: _stored(finding, when) for finding in findings}
        self._change_step(step, lambda known: {**known, **new})

    def drop(self, step: str, check: str) -> None:
        """Forget the finding of a check that no longer runs."""
        self._change_step(step, lambda known: {name: found for name, found in known.items() if name != check})

    def answer(self, question: str, answer: str) -> None:
        """Remember an answer to a question of the page, such as whether the app is there already."""
        self._file.try_change(
            lambda document: replace(document, answers={**document.answers, question: redact(answer)})
        )

    def forget(self) -> None:
        self._file.delete()

    def _change_step(self, step: str, change: Callable[[_ByCheck], _ByCheck]) -> None:
        def changed(document: _Document) -> _Document:
            of_step = change({found.check: found for found in document.findings.get(step, ())})
            return replace(document, findings={**document.findings, step: tuple(of_step.values())})

        self._file.try_change(changed)


def _stored(finding: Finding, when: str) -> StoredFinding:
    return StoredFinding(
        check=finding.check,
        claim=redact(finding.claim),
        status=finding.status,
        detail=redact(finding.detail),
        at=when,
        skip=finding.skip,
        about=dict(finding.about),
    )
