"""The progress of each connection, on disk, so that a closed browser or a restarted kernel loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

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
    #: by step and by check
    findings: Mapping[str, Mapping[str, StoredFinding]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


class Progress:
    """The latest findings of each step and the answers to the page's questions, in `<folder>/<name>.json`.

    The file holds `{"format": 2, "findings": {step: [{...}]}, "answers": {question: answer}}`. A damaged file counts as
    no progress, since every step can be checked again. Writers in several kernels take turns; a folder that cannot be
    written costs only the progress.
    """

    def __init__(self, folder: Path, connection: str) -> None:
        self._file = JsonFile(folder / f"{connection}.json", parse=_parsed, dump=_dumped, version=_FORMAT)

    def findings(self, step: str) -> tuple[StoredFinding, ...]:
        """The latest finding of each check of a step, in the order of their first runs."""
        return tuple(self._read().findings.get(step, {}).values())

    def answers(self) -> Mapping[str, str]:
        return self._read().answers

    def record(self, step: str, at: datetime, findings: Iterable[Finding]) -> None:
        """Write down the latest finding of each check of a step."""
        when = at.isoformat(timespec="seconds")
        new = {finding.check: _stored(finding, when) for finding in findings}

        def change(document: _Document) -> _Document:
            of_step = {**document.findings.get(step, {}), **new}
            return replace(document, findings={**document.findings, step: of_step})

        self._change(change)

    def drop(self, step: str, check: str) -> None:
        """Forget the finding of a check that no longer runs."""

        def change(document: _Document) -> _Document:
            others = {name: found for name, found in document.findings.get(step, {}).items() if name != check}
            return replace(document, findings={**document.findings, step: others})

        self._change(change)

    def answer(self, question: str, answer: str) -> None:
        """Remember an answer to a question of the page, such as whether the app is there already."""
        self._change(lambda document: replace(document, answers={**document.answers, question: redact(answer)}))

    def forget(self) -> None:
        self._file.delete()

    def _read(self) -> _Document:
        return self._file.read_or(_Document())

    def _change(self, change: Callable[[_Document], _Document]) -> None:
        self._file.try_change(change, default=_Document())


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


def _parsed(raw: Mapping[str, Any]) -> _Document:
    """A document out of JSON; raises ValueError, KeyError, TypeError or AttributeError for one that is damaged."""
    return _Document(
        findings={
            step: {finding["check"]: from_json(StoredFinding, finding) for finding in findings}
            for step, findings in raw["findings"].items()
        },
        answers={str(question): str(answer) for question, answer in raw.get("answers", {}).items()},
    )


def _dumped(document: _Document) -> dict[str, object]:
    return {
        "findings": {step: to_json(list(findings.values())) for step, findings in document.findings.items()},
        "answers": dict(document.answers),
    }
