"""One notebook run by the engine, and what its journal proves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sfrunbook.checks.registry import finding_of_error
from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.core.model import Finding, Status
from sfrunbook.store import journal
from sfrunbook.store.journal import JOURNAL_VARIABLE, Chapter
from sfrunbook.store.sealed_values import SealedValues

__all__ = ["Passage", "problem_finding", "run_one"]


@dataclass(frozen=True, kw_only=True)
class Passage:
    """What there is to know of one notebook of a run."""

    notebook: str
    chapter: Chapter
    #: the latest of each check, under a name that tells the notebook, since several make the same check
    findings: tuple[Finding, ...]

    @property
    def leaked(self) -> bool:
        """Whether the engine kept the notebook back, since it holds a secret."""
        return any(one.diagnosis is not None and one.diagnosis.code == "secret-in-output" for one in self.findings)

    @property
    def told(self) -> str:
        """How many of which status, each check counted once."""
        words = [finding.status.value for finding in self.findings]
        return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words)) or "nothing was found out"


def problem_finding(check: str, error: RunbookError) -> Finding:
    """A problem of the run itself, as a finding."""
    return finding_of_error(check, check.replace("-", " ").capitalize() + ".", error)


def run_one(
    source: Path,
    *,
    into: Path,
    record: Path,
    parameters: Mapping[str, object],
    environ: Mapping[str, str],
    sealed: SealedValues,
    cell_seconds: float,
    stop_at: float,
) -> Passage:
    """Execute one notebook into the folder `into`; whatever ends it, its journal `record` tells how far it came."""
    import papermill

    from sfrunbook.headless import papermill_engine

    reason, fault = "", None
    try:
        papermill.execute_notebook(
            _literal(source),
            _literal(into / source.name),
            parameters=dict(parameters),
            engine_name=papermill_engine.register(),
            progress_bar=False,
            execution_timeout=cell_seconds,
            stop_at=stop_at,
            environ={**environ, JOURNAL_VARIABLE: str(record)},
            sealed=sealed,
        )
    except RunbookError as error:
        fault = error
    except OSError as error:
        reason = f"what it left could not be written: {reason_of(error)}"
    except Exception as error:  # noqa: BLE001 - a raising cell, a file that is no notebook: the journal decides
        reason = type(error).__name__
    return passage_of(source, journal.read(record), reason, fault)


def _literal(path: Path) -> str:
    """A path as papermill takes it: it puts parameters in the place of names in braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def passage_of(source: Path, chapter: Chapter, reason: str = "", fault: RunbookError | None = None) -> Passage:
    """The findings of a chapter, and one more where its end is not proved and nothing in it says why."""
    latest = {finding.check: finding for finding in chapter.findings}
    if fault is not None:
        leaked = fault.code == "secret-in-output"
        check = "no-secret-in-what-is-kept" if leaked else "notebook-ran-to-its-end"
        latest[check] = problem_finding(check, fault)
    else:
        told = any(one.status in (Status.FAILED, Status.INCONCLUSIVE) for one in latest.values())
        if not chapter.ended or not (chapter.ran or told) or (reason and not told):
            number, how = chapter.stopped or (chapter.cells, "unfinished")
            why = journal.REASONS.get(how, f"it {how}") if chapter.stopped or not reason else reason
            stopped = problem("notebook-failed", notebook=source.stem, cell=f"[{number}]", reason=why)
            latest["notebook-ran-to-its-end"] = problem_finding("notebook-ran-to-its-end", stopped)
    named = tuple(replace(finding, check=f"{source.stem}/{finding.check}") for finding in latest.values())
    return Passage(notebook=source.stem, chapter=chapter, findings=named)
