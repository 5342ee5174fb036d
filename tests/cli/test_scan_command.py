"""`sfrunbook scan`, and the hook that calls it before a commit."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from support.leak_variants import TOKEN
from typer.testing import CliRunner

from sfrunbook.cli import app

ROOT = Path(__file__).parents[2]


def scan(*arguments: object):
    return CliRunner().invoke(app, ["scan", *map(str, arguments)])


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    cell = {"cell_type": "code", "source": f"token = '{TOKEN}'", "metadata": {}, "outputs": [], "execution_count": None}
    path = tmp_path / "leaky.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_a_notebook_with_a_token_is_named_with_its_cell_and_without_the_token(notebook: Path) -> None:
    done = scan(notebook)
    assert done.exit_code == 4
    assert f"{notebook}: cell 1" in done.output
    assert TOKEN not in done.output
    assert "Remove it, and revoke it if anyone else has seen it." in done.output


def test_a_program_reads_where_it_stands(notebook: Path) -> None:
    done = scan(notebook, "--json")
    (leak,) = json.loads(done.stdout)["leaks"]
    assert done.exit_code == 4
    assert (leak["path"], leak["kind"]) == (str(notebook), "access token")
    assert TOKEN not in done.stdout


def test_clean_files_give_no_alarm(tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("an ordinary line\n")
    done = scan(tmp_path)
    assert (done.exit_code, done.stdout) == (0, "No secret was found.\n")


def test_a_file_that_is_not_there_is_an_error_of_usage_and_not_a_clean_one(tmp_path: Path) -> None:
    done = scan(tmp_path / "gone.txt")
    assert done.exit_code == 2
    assert "Code: file-to-scan-unreadable" in done.output


def test_the_hook_calls_what_is_installed_and_stops_a_commit(notebook: Path) -> None:
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    entry = next(line.partition("entry:")[2].strip() for line in hook.splitlines() if "entry:" in line)
    command, *rest = shlex.split(entry)
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert command in scripts
    done = subprocess.run([sys.executable, "-m", command, *rest, str(notebook)], capture_output=True, text=True)
    assert done.returncode == 4
