"""Wall and CPU time of a run without a person beside stock papermill on the same notebook, and of `sfrunbook check`."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import Figure

__all__ = ["measure"]

_NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "regression.ipynb"
_STOCK = "papermill regression"
_SECONDS = 300


def measure(*, short: bool) -> list[Figure]:
    """Medians over rounds in which every command runs once; each makes a practice world of its own, or joins none."""
    papermill = [sys.executable, "-m", "papermill", "--no-progress-bar"]
    sfrunbook = [sys.executable, "-m", "sfrunbook"]
    commands = {
        _STOCK: [*papermill, str(_NOTEBOOK), "out.ipynb"],
        "papermill --engine sfrunbook": [*papermill, "--engine", "sfrunbook", str(_NOTEBOOK), "out.ipynb"],
        "sfrunbook run regression": [*sfrunbook, "run", "regression", "--out", "out"],
        "sfrunbook check": [*sfrunbook, "check"],
    }
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "SFRUNBOOK_HOME": f"{folder}/kept", "HOME": folder}
        for _ in range(1 if short else 5):
            for name, command in commands.items():
                seen[name].append(_seconds(command, folder, environ))
    return [figure for kind in (0, 1) for figure in _figures(seen, kind)]


def _figures(seen: dict[str, list[tuple[float, float]]], kind: int) -> list[Figure]:
    medians = {name: statistics.median(pair[kind] for pair in pairs) for name, pairs in seen.items()}
    return [
        Figure(
            name=name,
            value=median,
            unit=("s", "s CPU")[kind],
            beside=_STOCK if name != _STOCK else "",
            ratio=median / medians[_STOCK] if name != _STOCK else None,
            note=f"median of {len(seen[name])}",
        )
        for name, median in medians.items()
    ]


def _seconds(command: list[str], folder: str, environ: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command and all that it started and waited for."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        command, check=True, cwd=folder, env=environ, timeout=_SECONDS, stdin=subprocess.DEVNULL, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.perf_counter() - started, cpu
