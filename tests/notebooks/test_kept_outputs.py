"""Every notebook still shows what is kept in it: nbval runs it and compares, as `pytest --nbval notebooks` does."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.runbook_support import NOTEBOOKS

ROOT = Path(__file__).parents[2]
SANITIZE = Path(__file__).with_name("sanitize.cfg")


@pytest.mark.parametrize("notebook", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_notebook_shows_what_is_kept_in_it(notebook: str) -> None:
    # What nbval leaves open in its own process is not ours to judge: our code runs in the kernel that it starts.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:unraisableexception"]
    command += ["--nbval", "--nbval-current-env"]
    done = subprocess.run(
        [*command, "--nbval-sanitize-with", str(SANITIZE), str(NOTEBOOKS / notebook)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_copy_of_the_regression_passes_as_a_customer_runs_it(tmp_path: Path) -> None:
    shutil.copy(NOTEBOOKS / "regression.ipynb", tmp_path)
    command = [sys.executable, "-m", "pytest", "--nbval", "regression.ipynb"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
