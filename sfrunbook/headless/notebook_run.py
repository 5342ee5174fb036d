"""Runs one notebook with the engine, and reads its findings from its journal."""

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

__all__ = ["NotebookRun", "problem_finding", "read_run", "run_notebook"]


@dataclass(frozen=True, kw_only=True)
class NotebookRun:
    """The findings of one notebook of a run."""

    notebook: str
    chapter: Chapter
    #: the latest of each check, its name preceded by the notebook's, since several notebooks make the same check
    findings: tuple[Finding, ...]

    @property
    def leaked(self) -> bool:
        """Whether the engine did not write the notebook, since it contains a secret."""
        return any(finding.diagnosis and finding.diagnosis.code == "secret-in-output" for finding in self.findings)

    @property
    def counts(self) -> str:
        """How many findings have which status, in words."""
        words = [finding.status.value for finding in self.findings]
        return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words)) or "no result"


def problem_finding(check: str, error: RunbookError) -> Finding:
    """A problem of the run itself, as a finding."""
    return finding_of_error(check, check.replace("-", " ").capitalize() + ".", error)


def run_notebook(
    source: Path,
    *,
    into: Path,
    record: Path,
    parameters: Mapping[str, object],
    environ: Mapping[str, str],
    sealed: SealedValues,
    cell_seconds: float,
    stop_at: float,
) -> NotebookRun:
    """Execute one notebook into the folder `into`; however it ends, its journal `record` shows how far it came."""
    import papermill

    reason, fault = "", None
    try:
        papermill.execute_notebook(
            _literal(source),
            _literal(into / source.name),
            parameters=dict(parameters),
            engine_name="sfrunbook",
            progress_bar=False,
            execution_timeout=cell_seconds,
            stop_at=stop_at,
            environ={**environ, JOURNAL_VARIABLE: str(record)},
            sealed=sealed,
        )
    except RunbookError as error:
        fault = error
    except OSError as error:
        reason = f"its output couldn't be written: {reason_of(error)}"
    except Exception as error:  # noqa: BLE001 - a raising cell, a file that is no notebook: the journal decides
        reason = type(error).__name__
    return read_run(source, journal.read(record), reason, fault)


def _literal(path: Path) -> str:
    """A path as papermill takes it, which fills in parameters for names in braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def read_run(source: Path, chapter: Chapter, reason: str = "", fault: RunbookError | None = None) -> NotebookRun:
    """The findings of a chapter, and another where its end is not proven and no finding explains why."""
    latest = {finding.check: finding for finding in chapter.findings}
    if fault is not None:
        check = "no-secret-in-what-is-kept" if fault.code == "secret-in-output" else "notebook-ran-to-its-end"
        latest[check] = problem_finding(check, fault)
    else:
        explained = any(finding.status in (Status.FAILED, Status.INCONCLUSIVE) for finding in latest.values())
        if not chapter.ended or not (chapter.ran or explained) or (reason and not explained):
            number, how = chapter.stopped or (chapter.cells, "unfinished")
            why = journal.REASONS.get(how, f"it {how}") if chapter.stopped or not reason else reason
            stopped = problem("notebook-failed", notebook=source.stem, cell=f"[{number}]", reason=why)
            latest["notebook-ran-to-its-end"] = problem_finding("notebook-ran-to-its-end", stopped)
    named = tuple(replace(finding, check=f"{source.stem}/{finding.check}") for finding in latest.values())
    return NotebookRun(notebook=source.stem, chapter=chapter, findings=named)
