"""Runs a notebook by stock papermill, and shows why when its kernel never ran a cell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from support.runbook_support import NOTEBOOKS, Shell

#: what a kernel prints when another program has the port that papermill chose for it
LOST_PORT = "Address already in use"


def stock_papermill(shell: Shell, *words: str, notebook: str = "regression") -> subprocess.CompletedProcess[str]:
    """Run a notebook of the runbook into `out.ipynb`; a run in which no cell ran fails the test and shows stderr.

    Stock papermill chooses the TCP ports of its kernel, closes them, and the kernel opens them a second later. When
    another program has one by then, the kernel dies or hangs, and papermill writes the notebook with empty outputs.
    Source: https://github.com/nteract/papermill/issues/511 (open in 2026-11). No notebook has a part in that, so a run
    whose kernel printed that its port is taken proves nothing, and is made once more. The ports cannot be avoided:
    papermill makes its kernel without reading any configuration, so that nothing can choose Unix sockets for it.
    """
    for last in (False, True):
        done = _run(shell, notebook, words)
        if _ran_a_cell(shell.work / "out.ipynb"):
            return done
        if last or LOST_PORT not in done.stderr:
            break
    raise AssertionError(
        f"No cell ran; papermill exited with {done.returncode}, and it and its kernel printed:\n{done.stderr}"
    )


def _run(shell: Shell, notebook: str, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    (shell.work / "out.ipynb").unlink(missing_ok=True)
    command = [sys.executable, "-m", "papermill", str(NOTEBOOKS / f"{notebook}.ipynb"), "out.ipynb", *words]
    return subprocess.run(
        command, env=shell.environ, cwd=shell.work, capture_output=True, text=True, timeout=200, check=False
    )


def _ran_a_cell(path: Path) -> bool:
    """Whether papermill noted the start of a code cell; the state of a cell that never ran is `completed` as well."""
    if not path.exists():
        return False
    cells = json.loads(path.read_text())["cells"]
    return any(cell["metadata"]["papermill"]["start_time"] for cell in cells if cell["cell_type"] == "code")


def text_of_outputs(shell: Shell) -> str:
    """Everything that the executed notebook shows, as text."""
    book = json.loads((shell.work / "out.ipynb").read_text())
    lines = []
    for cell in book["cells"]:
        for output in cell.get("outputs", []):
            lines += output.get("text", [])
            lines += output.get("data", {}).get("text/plain", [])
            lines += output.get("traceback", [])
    return "".join(lines)
