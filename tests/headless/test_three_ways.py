"""One notebook by stock papermill, by our engine and by nbval: the same findings."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import NOTEBOOKS, Shell, make_shell
from support.stock_papermill import stock_papermill

from sfrunbook.report.data import finding_data
from sfrunbook.store import journal
from sfrunbook.store.journal import JOURNAL_VARIABLE

#: what differs from world to world and from second to second
_MOVING = re.compile(r"localhost:\d+|127\.0\.0\.1:\d+|00D\w{15}|\d{4}-\d\d-\d\d[T ][\d:.+]+|[\d,]+ of [\d,]+ API")
SANITIZE = Path(__file__).parents[1] / "notebooks" / "sanitize.cfg"
OTHERS = sorted({path.stem for path in NOTEBOOKS.glob("*.ipynb")} - {"regression"})


def run(shell: Shell, way: str, notebook: str) -> subprocess.CompletedProcess[str]:
    if way == "stock papermill":
        return stock_papermill(shell, "--no-progress-bar", notebook=notebook)
    path = str(NOTEBOOKS / f"{notebook}.ipynb")
    # what nbval compares is compared by the run over all notebooks; here its findings count
    nbval = ["-q", "-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env", "-c", "/dev/null", path]
    command = {
        "our engine": ["papermill", "--no-progress-bar", "--engine", "sfrunbook", path, "out.ipynb"],
        "nbval": ["pytest", "--nbval-sanitize-with", str(SANITIZE), *nbval],
    }[way]
    command = [sys.executable, "-m", *command]
    return subprocess.run(
        command, env=shell.environ, cwd=shell.work, capture_output=True, text=True, timeout=200, check=False
    )


def findings(folder: Path, way: str, notebook: str) -> list[dict[str, Any]]:
    record = folder / f"{way}.jsonl"
    done = run(make_shell(folder / way.replace(" ", "-"), **{JOURNAL_VARIABLE: str(record)}), way, notebook)
    assert done.returncode == 0, done.stdout + done.stderr
    chapter = journal.read(record)
    assert chapter.ended
    data = [finding_data(one) for one in chapter.findings]
    return [{**one, "duration_seconds": 0, "detail": _MOVING.sub("…", one["detail"]), "evidence": {}} for one in data]


@pytest.mark.parametrize("notebook", ["regression", pytest.param("runbook", marks=pytest.mark.long)])
def test_the_same_notebook_finds_the_same_three_ways(tmp_path: Path, notebook: str) -> None:
    found = {way: findings(tmp_path, way, notebook) for way in ("stock papermill", "our engine", "nbval")}
    assert found["stock papermill"]
    assert found["our engine"] == found["stock papermill"]
    assert found["nbval"] == found["stock papermill"]
