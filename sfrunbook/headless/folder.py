"""The folder of a run: written in private, moved into place as a whole, deleted when it is old."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from sfrunbook.core.held_folder import held_folder, sweep
from sfrunbook.core.model import Run
from sfrunbook.headless.notebook_run import NotebookRun
from sfrunbook.report.cards import run_page
from sfrunbook.report.data import run_json, run_junit
from sfrunbook.report.metrics import run_metrics
from sfrunbook.store.runs import RunRecord

__all__ = ["NAMED_BY_TIME", "forget_older", "private_folder", "publish", "write_reports"]

#: name of a run folder that was not chosen by hand; only such a folder is ever deleted
NAMED_BY_TIME = "%Y%m%d-%H%M%S"
_BY_TIME = re.compile(r"\d{8}-\d{6}-(?P<connection>.+)")
_RUNNING = ".running-"
#: the reports of a run; an older run's must not be taken for those of a run that was killed
_REPORTS = ("result.json", "report.html", "junit.xml", "metrics.prom", "journal.jsonl")


@contextlib.contextmanager
def private_folder(out: Path) -> Iterator[Path]:
    """A folder that only this user can read, inside `out`, so that moving into place is one rename a file.

    The reports of an earlier run in `out` are deleted first, so that none is left if this run is killed, and so is
    what killed runs left in `out` and in the run folders beside it. Raises OSError.
    """
    out.mkdir(parents=True, exist_ok=True)
    _sweep_beside(out.absolute())
    for name in _REPORTS:
        (out / name).unlink(missing_ok=True)
    with held_folder(_RUNNING, out) as private:
        yield private


def _sweep_beside(out: Path) -> None:
    """Remove what killed runs left in the run folders beside `out`, and the folder where it has nothing else."""
    for beside in out.parent.iterdir() if _BY_TIME.fullmatch(out.name) else ():
        if beside != out and _BY_TIME.fullmatch(beside.name) and any(beside.glob(f"{_RUNNING}*")):
            sweep(_RUNNING, beside)
            with contextlib.suppress(OSError):  # it has more in it
                beside.rmdir()


def write_reports(
    folder: Path, run: Run, code: int, notebook_runs: Sequence[NotebookRun], past: Sequence[RunRecord]
) -> None:
    """Write what people, schedulers and monitoring read, the verdict first: a disk may fill up. Raises OSError."""
    notebooks = [
        {
            "name": notebook_run.notebook,
            "ended": notebook_run.chapter.ended and notebook_run.chapter.ran,
            "cells": notebook_run.chapter.cells,
            **dict(zip(("stopped_in_cell", "stopped_by"), notebook_run.chapter.stopped or (None, None), strict=True)),
        }
        for notebook_run in notebook_runs
    ]
    texts = {
        "result.json": run_json(run, exit_code=code, notebooks=notebooks),
        "metrics.prom": run_metrics(run, exit_code=code),
        "junit.xml": run_junit(run),
        "report.html": run_page(run, past=past),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")


def publish(private: Path, out: Path) -> None:
    """Move every file into place, the result last: when it is there, the others are. Raises OSError."""
    files = [path for path in private.iterdir() if path.is_file()]
    for path in sorted(files, key=lambda path: (path.name == "result.json", path)):
        path.replace(out / path.name)


def forget_older(out: Path, connection: str, keep: int) -> tuple[Path, ...]:
    """Delete the oldest run folders of this connection beside `out`, so that `keep` are left; returns those deleted.

    Only folders that a run named by time and connection, and that hold a result of it, are counted and deleted.
    """
    beside = [path for path in out.absolute().parent.iterdir() if _is_run_of(path, connection)]
    old = sorted(beside, reverse=True)[max(keep, 1) :]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return tuple(old)


def _is_run_of(path: Path, connection: str) -> bool:
    found = _BY_TIME.fullmatch(path.name)
    if found is None or found["connection"] != connection or path.is_symlink():
        return False
    try:
        result = json.loads((path / "result.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(result, dict) and result.get("connection") == connection
