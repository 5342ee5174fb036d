"""Notebooks without a person: papermill into a private folder, a search for secrets, then the report and a verdict."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from sfrunbook import journal, report
from sfrunbook.checks.registry import finding_of_error
from sfrunbook.connections import check_name
from sfrunbook.diagnose import problem
from sfrunbook.journal import JOURNAL_VARIABLE, Chapter
from sfrunbook.model import Finding, Run, RunbookError, Stage, Status
from sfrunbook.redaction import scan_paths
from sfrunbook.workbench import Workbench, open_workbench

__all__ = ["ROAD", "Outcome", "exit_code", "notebooks_folder", "run_notebooks", "told_to_stop"]

#: what a run without a notebook's name runs, in this order
ROAD = (
    "00_start",
    "01_register_app",
    "02_enter_credentials",
    "03_authorize",
    "04_test_query",
    "05_cyclr_setup",
    "06_grant_health",
    "regression",
)
_CELL_SECONDS = 120
#: what ended a notebook, by the name of papermill's or nbclient's exception
_REASONS = {
    "PapermillExecutionError": "it raised an error",
    "DeadKernelError": "its kernel died",
    "CellTimeoutError": f"it took longer than {_CELL_SECONDS} seconds",
}
_STOP_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
#: local problems that tell of the org or the run, and not of how this side is set up
_SEEN_NOT_SET = frozenset(
    {
        "wrong-org",
        "tokens-of-another-org",
        "issuer-mismatch",
        "not-a-salesforce-host",
        "notebook-failed",
        "secret-in-output",
    }
)
#: problems of another stage that tell of what a person entered
_ENTERED = frozenset({"nothing-pasted", "callback-without-code", "callback-for-another-address", "state-mismatch"})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A finished headless run."""

    run: Run
    folder: Path
    exit_code: int


def notebooks_folder() -> Path:
    """Where the notebooks are: inside the installed package, else beside it in a checkout."""
    here = Path(__file__).parent
    installed = here / "_notebooks"
    return installed if installed.exists() else here.parent / "notebooks"


def exit_code(findings: Sequence[Finding]) -> int:
    """0 all passed, 1 a check failed, 2 usage or configuration, 3 inconclusive or infrastructure.

    A fault of this side's set-up outranks the rest, since nothing after it means anything.
    """
    if any(_is_set_up(finding) for finding in findings):
        return 2
    statuses = {finding.status for finding in findings}
    if Status.FAILED in statuses:
        return 1
    if Status.INCONCLUSIVE in statuses or not statuses & {Status.PASSED, Status.WARNING}:
        return 3
    return 0


def _is_set_up(finding: Finding) -> bool:
    diagnosis = finding.diagnosis
    if finding.status is not Status.FAILED or diagnosis is None:
        return False
    if diagnosis.code in _ENTERED:
        return True
    return diagnosis.failure.stage is Stage.LOCAL and diagnosis.code not in _SEEN_NOT_SET


def run_notebooks(
    names: Sequence[str],
    *,
    connection: str,
    out: Path,
    environ: Mapping[str, str],
    say: Callable[[str], None] = lambda _line: None,
) -> Outcome:
    """Run notebooks one after the other on one connection and leave report, journal and notebooks in `out`.

    The practice connection gets one practice world for all of them, which is gone afterwards. What a notebook wrote
    is searched for secrets in a private folder and moved into `out` only when it is clean.
    Raises RunbookError: `notebook-not-found`, `connection-name-invalid`, `connection-not-found`, `output-unwritable`.
    """
    check_name(connection)
    sources = [_source(name) for name in names]
    with told_to_stop():
        bench = open_workbench(connection, environ)
        try:
            with _private_folder(out) as private:
                run = _run_all(sources, bench, private, environ, say)
                _publish(private, out)
        finally:
            if bench.practice:
                bench.practice.stop()
    return Outcome(run=run, folder=out, exit_code=exit_code(run.findings))


def _run_all(
    sources: Sequence[Path], bench: Workbench, private: Path, environ: Mapping[str, str], say: Callable[[str], None]
) -> Run:
    """Every notebook, then the search for secrets, then the reports; all of it in the private folder."""
    started_at, started = datetime.now(UTC), time.monotonic()
    connection = bench.connection
    joined = {**environ, **(bench.practice.environment if bench.practice else {})}
    findings: list[Finding] = []
    source = sources[0]
    try:
        for number, source in enumerate(sources, 1):
            say(f"[{number}/{len(sources)}] {source.stem} ...")
            chapter = _run_one(source, private, connection.name, joined)
            findings += _chapter_findings(source.stem, chapter)
            say(f"       {_told(chapter)}")
            _learn_secrets(bench)
    except KeyboardInterrupt:
        findings += _chapter_findings(source.stem, journal.read(_journal_of(source, private)))
        findings.append(_problem_finding("run-was-not-interrupted", problem("interrupted", what="The run")))
        _learn_secrets(bench)
    run = Run(
        title="Runbook",
        connection=connection.name,
        host=connection.login_url,
        started_at=started_at,
        duration_seconds=time.monotonic() - started,
        findings=_without_leaks(private, findings),
    )
    _write_reports(private, run)
    return run


def _source(name: str) -> Path:
    """The notebook at this path, or one of the runbook's own by its bare name."""
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path
    folder = notebooks_folder()
    bare = name.removesuffix(".ipynb")
    path = folder / f"{bare}.ipynb"
    if path.name != f"{bare}.ipynb" or not path.is_file():
        known = ", ".join(sorted(one.stem for one in folder.glob("*.ipynb")))
        raise problem("notebook-not-found", name=name, known=known)
    return path


def _run_one(source: Path, private: Path, connection: str, environ: Mapping[str, str]) -> Chapter:
    """Execute one notebook; whatever ends it, its journal tells how far it came."""
    import papermill
    from traitlets.config import Config

    record = _journal_of(source, private)
    with _environment({**environ, JOURNAL_VARIABLE: str(record)}):
        try:
            papermill.execute_notebook(
                str(source),
                str(private / source.name),
                parameters={"connection": connection},
                progress_bar=False,
                log_output=False,
                execution_timeout=_CELL_SECONDS,
                store_widget_state=False,
                extra_arguments=["--log-level=CRITICAL"],
                config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            )
        except Exception as error:  # noqa: BLE001 - a dead kernel, a time limit, a raising cell: the journal decides
            reason = _REASONS.get(type(error).__name__, type(error).__name__)
        else:
            reason = ""
    chapter = journal.read(record)
    told = any(finding.status in (Status.FAILED, Status.INCONCLUSIVE) for finding in chapter.findings)
    if not chapter.ended or (reason and not told):
        reason = reason or "it ended before its summary"
        stopped = problem("notebook-failed", notebook=source.stem, cell="the last that ran", reason=reason)
        chapter.findings.append(_problem_finding("notebook-ran-to-its-end", stopped))
    return chapter


def _journal_of(source: Path, private: Path) -> Path:
    return private / f"{source.stem}.jsonl"


def _learn_secrets(bench: Workbench) -> None:
    """Read every secret once while it is there: the search at the end looks for all that this process ever read.

    What cannot be read here cannot have been shown by a notebook either.
    """
    with contextlib.suppress(RunbookError):
        bench.known_secrets()


def _chapter_findings(notebook: str, chapter: Chapter) -> list[Finding]:
    """The findings under names that tell their notebook, since several notebooks make the same check."""
    latest = {finding.check: finding for finding in chapter.findings}
    return [replace(finding, check=f"{notebook}/{finding.check}") for finding in latest.values()]


def _told(chapter: Chapter) -> str:
    words = [status.value for status in (finding.status for finding in chapter.findings)]
    return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words)) or "nothing was found out"


def _problem_finding(check: str, error: RunbookError) -> Finding:
    return finding_of_error(check, check.replace("-", " ").capitalize() + ".", error)


def _without_leaks(private: Path, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings, and a failed one for each file that held a secret; a note stands in the place of such a file.

    Of findings whose journal held a secret only name, claim and status are kept.
    """
    kept, more = list(findings), []
    for path in sorted({Path(leak.path) for leak in scan_paths([private])}):
        more.append(_problem_finding("no-secret-in-what-is-kept", problem("secret-in-output", path=path.name)))
        path.unlink()
        note = path.with_name(f"{path.name}.removed.txt")
        note.write_text(f"{path.name} held a secret and was removed.\n", "utf-8")
        if path.suffix == ".jsonl":
            kept = [_emptied(one) if one.check.startswith(f"{path.stem}/") else one for one in kept]
    return (*kept, *more)


def _emptied(finding: Finding) -> Finding:
    return replace(finding, detail="What was seen held a secret and is not kept.", evidence={}, diagnosis=None)


def _write_reports(private: Path, run: Run) -> None:
    (private / "result.json").write_text(report.run_json(run), "utf-8")
    (private / "report.html").write_text(report.run_page(run), "utf-8")
    (private / "junit.xml").write_text(report.run_junit(run), "utf-8")


@contextlib.contextmanager
def _private_folder(out: Path) -> Iterator[Path]:
    """A folder that only this user can read, beside `out`, so that moving into place is one rename a file."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        private = Path(tempfile.mkdtemp(prefix=".running-", dir=out))
    except OSError as error:
        raise problem("output-unwritable", path=str(out), reason=os.strerror(error.errno or 0)) from None
    try:
        yield private
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _publish(private: Path, out: Path) -> None:
    try:
        for path in sorted(private.iterdir()):
            path.replace(out / path.name)
    except OSError as error:
        raise problem("output-unwritable", path=str(out), reason=os.strerror(error.errno or 0)) from None


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """The process's environment while a kernel is started, which inherits it; put back afterwards."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def told_to_stop() -> Iterator[None]:
    """SIGTERM, and the end of the terminal, count as Ctrl-C: what was started is ended, the report still written."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # only there can signals be heard
        yield
        return
    before = {number: signal.signal(number, stop) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
