"""Runs notebooks one after the other on one connection, searches for secrets, and writes reports and verdict."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sfrunbook.connection import OpenConnection, open_connection
from sfrunbook.core.errors import RunbookError, problem, reason_of
from sfrunbook.core.model import Finding, Run
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.headless.folder import forget_older, private_folder, publish, write_reports
from sfrunbook.headless.leak_gate import clean_files, clean_findings, clean_journal, leave_note
from sfrunbook.headless.lock import only_run
from sfrunbook.headless.notebook_run import NotebookRun, problem_finding, read_run, run_notebook
from sfrunbook.headless.notebooks import find_source
from sfrunbook.headless.parameters import check_parameters
from sfrunbook.headless.stopping import CELL_SECONDS, RUN_SECONDS, signals_interrupt
from sfrunbook.headless.verdict import exit_code
from sfrunbook.report.words import headline
from sfrunbook.store import journal
from sfrunbook.store.connections import check_name, home
from sfrunbook.store.runs import RunHistory, RunRecord, record_of
from sfrunbook.store.sealed_values import SealedValues

__all__ = ["Limits", "Outcome", "run_notebooks"]

_PAST_RUNS = 30


@dataclass(frozen=True, kw_only=True)
class Outcome:
    run: Run
    folder: Path
    exit_code: int
    #: what could not be done beside the run itself: its history, old folders
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long a run may take, how long it waits for another of the same connection, and how many folders stay."""

    cell_seconds: float = CELL_SECONDS
    run_seconds: float = RUN_SECONDS
    wait_seconds: float = 0
    #: run folders of this connection to keep beside each other; None keeps all
    keep: int | None = None


def run_notebooks(
    names: Sequence[str],
    *,
    connection: str,
    out: Path,
    environ: Mapping[str, str],
    parameters: Mapping[str, object] | None = None,
    limits: Limits | None = None,
    say: Callable[[str], None] = lambda _line: None,
) -> Outcome:
    """Run notebooks one after the other on one connection and leave notebooks, journal and reports in `out`.

    The practice connection gets one practice org for all of them, ended afterwards. What a notebook wrote is searched
    for secrets in a private folder and moved into `out` only when it is clean.
    Raises RunbookError: `notebook-not-found`, `connection-name-invalid`, `connection-not-found`, `output-unwritable`,
    `run-already-going`, and those of `check_parameters`, all before anything is written.
    """
    check_name(connection)
    limits = limits or Limits()
    given = {**(parameters or {}), "connection": connection}
    sources = [find_source(name) for name in names]
    for source in sources:
        _check(source, parameters or {})
        _check(source, given)
    with signals_interrupt(), only_run(connection, environ, wait_seconds=limits.wait_seconds):
        try:
            opened = open_connection(connection, environ)
        except OSError as error:  # not even a temporary folder for a practice org
            raise problem("output-unwritable", path="temporary files", reason=reason_of(error)) from None
        try:
            with private_folder(out) as private:
                outcome = _Job(opened, private, out, environ, given, limits, say).run(sources)
                publish(private, out)
        except OSError as error:  # no folder, or a disk that was full before the first report
            raise problem("output-unwritable", path=str(out), reason=reason_of(error)) from None
        finally:
            if opened.practice:
                opened.practice.stop()
        return replace(outcome, remarks=(*outcome.remarks, *_delete_old(out, connection, limits.keep)))


def _check(source: Path, given: Mapping[str, object]) -> None:
    """Check now what can be read as a notebook; the run reports what cannot."""
    with contextlib.suppress(OSError, ValueError):
        document = json.loads(source.read_text("utf-8"))
        if isinstance(document, dict):
            check_parameters(document, given)


def _delete_old(out: Path, connection: str, keep: int | None) -> tuple[str, ...]:
    if keep is None:
        return ()
    try:
        deleted = forget_older(out, connection, keep)
    except OSError as error:
        return (f"Old run folders weren't deleted: {reason_of(error)}.",)
    return (f"Deleted: {', '.join(path.name for path in deleted)}.",) if deleted else ()


@dataclass
class _Job:
    opened: OpenConnection
    private: Path
    out: Path
    environ: Mapping[str, str]
    parameters: Mapping[str, object]
    limits: Limits
    say: Callable[[str], None]

    def __post_init__(self) -> None:
        self._history = RunHistory(home(self.environ))
        # journals and sealed values have a folder of their own, which is never published
        self._scratch = self.private / "scratch"
        self._scratch.mkdir(mode=0o700)
        self._sealed = SealedValues(self._scratch / "sealed")
        self._notebook_runs: list[NotebookRun] = []
        self._remarks: list[str] = []

    def run(self, sources: Sequence[Path]) -> Outcome:
        started_at, started = datetime.now(UTC), time.monotonic()
        findings = self._findings(sources, started + self.limits.run_seconds)
        connection = self.opened.connection
        lines, leaks = clean_journal(self._journal_lines())
        shutil.rmtree(self._scratch)
        self._write_journal(lines)
        run = Run(
            title="Runbook",
            connection=connection.name,
            host=connection.login_url,
            started_at=started_at,
            duration_seconds=time.monotonic() - started,
            findings=(*clean_findings(findings), *leaks, *clean_files(self.private)),
        )
        return self._reported(run, [source.stem for source in sources])

    def _findings(self, sources: Sequence[Path], stop_at: float) -> list[Finding]:
        """Run every notebook in turn; an interrupt keeps the findings before it."""
        source = sources[0]
        findings: list[Finding] = []
        try:
            for number, source in enumerate(sources, 1):
                self.say(f"[{number}/{len(sources)}] {source.stem} ...")
                notebook_run = self._run_notebook(source, stop_at)
                findings += notebook_run.findings
                self.say(f"       {notebook_run.counts}")
        except KeyboardInterrupt:
            cut_off = read_run(source, journal.read(self._record(source)))
            self._notebook_runs.append(cut_off)
            findings += [
                finding for finding in cut_off.findings if not finding.check.endswith("/notebook-ran-to-its-end")
            ]
            findings.append(problem_finding("run-was-not-interrupted", problem("interrupted", what="The run")))
        self._learn_secrets()
        return findings

    def _run_notebook(self, source: Path, stop_at: float) -> NotebookRun:
        practice = self.opened.practice
        notebook_run = run_notebook(
            source,
            into=self.private,
            record=self._record(source),
            parameters=self.parameters,
            environ={**self.environ, **(practice.environment if practice else {})},
            sealed=self._sealed,
            cell_seconds=self.limits.cell_seconds,
            stop_at=stop_at,
        )
        self._notebook_runs.append(notebook_run)
        if notebook_run.leaked:
            leave_note(self.private / source.name)
        self._learn_secrets()
        return notebook_run

    def _record(self, source: Path) -> Path:
        return self._scratch / f"{source.stem}.jsonl"

    def _learn_secrets(self) -> None:
        """Read every secret while it exists: the search is for every secret that this process has read.

        Kernels hand over theirs sealed; those of the store are read as well, in case a kernel could not write.
        """
        self._sealed.learn()
        with contextlib.suppress(RunbookError):
            self.opened.known_secrets()

    def _journal_lines(self) -> list[str]:
        lines = []
        for notebook_run in self._notebook_runs:
            lines.append(json.dumps({"kind": "notebook", "name": notebook_run.notebook}))
            path = self._scratch / f"{notebook_run.notebook}.jsonl"
            if path.exists():
                lines += path.read_text("utf-8", errors="replace").splitlines()
        return lines

    def _write_journal(self, lines: Sequence[str]) -> None:
        try:
            (self.private / "journal.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        except OSError as error:
            self._remarks.append(f"The journal couldn't be saved: {reason_of(error)}.")

    def _reported(self, run: Run, notebooks: Sequence[str]) -> Outcome:
        """Write the reports, and remove a report that contains a secret all the same. Raises `report-not-written`."""
        code = exit_code(run.findings)
        past = self._remembered(run, notebooks, code)
        try:
            write_reports(self.private, run, code, self._notebook_runs, past)
        except OSError as error:
            raise problem(
                "report-not-written",
                path=str(self.out),
                reason=reason_of(error),
                verdict=headline(run),
            ) from None
        if leaks := clean_files(self.private):
            run = replace(run, findings=(*run.findings, *leaks))
            code = exit_code(run.findings)
        return Outcome(run=run, folder=self.out, exit_code=code, remarks=tuple(self._remarks))

    def _remembered(self, run: Run, notebooks: Sequence[str], code: int) -> tuple[RunRecord, ...]:
        """Add the run to the history and return the newest runs; a history that fails does not change the verdict."""
        record = record_of(run, notebooks=notebooks, exit_code=code, headline=headline(run), folder=self.out)
        try:
            self._history.add(record)
            return self._history.runs(run.connection, newest=_PAST_RUNS)
        except RunbookError as error:
            self._remarks.append(diagnosis_of(error).what)
            return (record,)
