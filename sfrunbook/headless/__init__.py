"""Notebooks without a person: a run folder, a search for secrets, a report, a verdict, and who is told of it."""

from __future__ import annotations

from sfrunbook.headless.notebooks import ROAD, notebooks_folder, read_parameters
from sfrunbook.headless.runner import Limits, Outcome, run_notebooks
from sfrunbook.headless.stopping import signals_interrupt
from sfrunbook.headless.verdict import exit_code

__all__ = [
    "ROAD",
    "Limits",
    "Outcome",
    "exit_code",
    "notebooks_folder",
    "read_parameters",
    "run_notebooks",
    "signals_interrupt",
]
