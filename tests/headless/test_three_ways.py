"""One notebook by stock papermill, by our engine and by nbval: the same findings."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import NOTEBOOKS, Shell, make_shell

from sfrunbook import report
from sfrunbook.store import journal
from sfrunbook.store.journal import JOURNAL_VARIABLE

#: what differs from world to world and from second to second
_MOVING = re.compile(r"localhost:\d+|127\.0\.0\.1:\d+|00D\w{15}|\d{4}-\d\d-\d\d[T ][\d:.+]+|[\d,]+ of [\d,]+ API")
SANITIZE = Path(__file__).parents[1] / "notebooks" / "sanitize.cfg"


def commands(notebook: str) -> dict[str, list[str]]:
    path = str(NOTEBOOKS / f"{notebook}.ipynb")
    papermill = [sys.executable, "-m", "papermill", "--no-progress-bar"]
    nbval = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env"]
    return {
        "stock papermill": [*papermill, path, "out.ipynb"],
        "our engine": [*papermill, "--engine", "sfrunbook", path, "out.ipynb"],
        # what it shows is compared by the run over all notebooks; here it is what it found that counts
        "nbval": [*nbval, "--nbval-sanitize-with", str(SANITIZE), "-c", "/dev/null", path],
    }


def findings(shell: Shell, name: str, command: list[str]) -> list[dict[str, Any]]:
    record = shell.folder / f"{name.replace(' ', '-')}.jsonl"
    done = subprocess.run(
        command, env={**shell.environ, JOURNAL_VARIABLE: str(record)}, cwd=shell.work, capture_output=True, text=True,
        timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    chapter = journal.read(record)
    assert chapter.ended
    data = [report.finding_data(one) for one in chapter.findings]
    return [{**one, "duration_seconds": 0, "detail": _MOVING.sub("…", one["detail"]), "evidence": {}} for one in data]


@pytest.mark.parametrize("notebook", ["regression", pytest.param("04_test_query", marks=pytest.mark.long)])
def test_the_same_notebook_finds_the_same_three_ways(tmp_path: Path, notebook: str) -> None:
    found = {
        name: findings(make_shell(tmp_path / name.replace(" ", "-")), name, command)
        for name, command in commands(notebook).items()
    }
    assert len(found["stock papermill"]) > 5
    assert found["our engine"] == found["stock papermill"]
    assert found["nbval"] == found["stock papermill"]
