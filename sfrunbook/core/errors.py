"""The error that users see. It carries the facts of a failure; the catalogue explains it where it is shown."""

from __future__ import annotations

import os
from collections.abc import Mapping

from sfrunbook.core.model import Failure, Known, Stage
from sfrunbook.core.secrets.redaction import redact

__all__ = ["RunbookError", "problem", "reason_of"]


class RunbookError(Exception):
    """A failure as a fact. `sfrunbook.diagnosis.diagnosis_of` explains it where it is shown or recorded."""

    def __init__(self, failure: Failure, *, facts: Mapping[str, Known] | None = None) -> None:
        super().__init__(_in_one_line(failure))
        self.failure = failure
        #: what was gathered afterwards to tell its causes apart, by name; None where nothing was gathered
        self.facts = facts

    @property
    def code(self) -> str:
        """The code of a local problem, or the error code of the host; code decides by it."""
        return self.failure.error


def problem(code: str, /, **facts: object) -> RunbookError:
    """The error to raise for the local problem `code`, with the facts that fill its row's placeholders.

    `host` becomes the failure's host; a list, tuple or set is written with commas; None is left out.
    """
    texts = {name: redact(_as_text(value)) for name, value in facts.items() if value is not None}
    host = texts.pop("host", "")
    return RunbookError(Failure(stage=Stage.LOCAL, host=host, error=code, evidence=texts))


def _in_one_line(failure: Failure) -> str:
    """The code, the description, and the evidence in brackets; free of secrets."""
    text = ": ".join(part for part in (failure.error, failure.description) if part)
    evidence = "; ".join(f"{name}: {value}" for name, value in failure.evidence.items())
    return redact(f"{text} ({evidence})" if evidence else text)


def reason_of(error: OSError) -> str:
    """Why the system refused, in its own words; without the path or the content that `str(error)` may repeat."""
    if error.errno:
        return os.strerror(error.errno)
    return str(error) if isinstance(error, TimeoutError) else type(error).__name__


def _as_text(value: object) -> str:
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(item) for item in value)
    return str(value)
