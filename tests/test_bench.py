"""The benchmarks run in their short form; what they measure is nobody's pass or fail."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.long
def test_the_short_form_gives_every_subject_as_json() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bench", "--short", "--json"], cwd=ROOT, capture_output=True, text=True, timeout=280
    )
    assert run.returncode == 0, run.stderr
    figures = {each["name"]: each for each in json.loads(run.stdout)["figures"]}
    assert {
        "import sfrunbook",
        "sfrunbook --help",
        "refresh, rotation on",
        "query, 5 rows, same text",
        "our own time without the disk",
    } <= set(figures)
    assert all(each["value"] > 0 for each in figures.values())


def test_an_unknown_subject_is_named() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bench", "nonsense"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 2
    assert "no such subject: nonsense" in run.stderr
