"""The files of a run folder that people, schedulers and monitoring read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sfrunbook.core.model import Run
from sfrunbook.headless.notebook_run import Passage
from sfrunbook.report.cards import run_page
from sfrunbook.report.data import run_json, run_junit
from sfrunbook.report.metrics import run_metrics
from sfrunbook.store.runs import RunRecord

__all__ = ["write_artefacts"]


def write_artefacts(folder: Path, run: Run, code: int, passages: Sequence[Passage], past: Sequence[RunRecord]) -> None:
    """Smallest and most needed first, so that a disk that fills up leaves the verdict. Raises OSError."""
    notebooks = [
        {
            "name": one.notebook,
            "ended": one.chapter.ended and one.chapter.ran,
            "cells": one.chapter.cells,
            "stopped_in_cell": one.chapter.stopped[0] if one.chapter.stopped else None,
            "stopped_by": one.chapter.stopped[1] if one.chapter.stopped else None,
        }
        for one in passages
    ]
    texts = {
        "result.json": run_json(run, exit_code=code, notebooks=notebooks),
        "metrics.prom": run_metrics(run, exit_code=code),
        "junit.xml": run_junit(run),
        "report.html": run_page(run, past=past),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
