"""Runs that meet a full disk, a read-only folder, a time limit or a bad parameter say so, whoever runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import (
    PROGRAM,
    Shell,
    make_shell,
    needs_proc,
    posix_only,
    session_of,
    wait_for,
    write_notebook,
)

PARAMETERS = 'connection: str = "practice"  # name of a connection\nlimit: int = 5'
BIND = "from sfrunbook import runbook\nbook = runbook.open_page(connection)\nbook.connection()"


@pytest.fixture
def shell(practice_world: Any, tmp_path: Path) -> Shell:
    shell = make_shell(tmp_path / "user", **session_of(practice_world, tmp_path / "session"))
    write_notebook(shell.work / "mine.ipynb", PARAMETERS, BIND, "limit", "book.summary()")
    return shell


def result(shell: Shell) -> dict[str, Any]:
    return json.loads((shell.work / "out" / "result.json").read_text())


def problems(shell: Shell) -> list[str]:
    return [one["diagnosis"]["what"] for one in result(shell)["findings"] if one["diagnosis"]]


def test_a_cell_that_takes_too_long_gives_no_verdict_and_a_report(shell: Shell) -> None:
    write_notebook(shell.work / "mine.ipynb", PARAMETERS, BIND, "import time\ntime.sleep(60)", "book.summary()")
    assert shell.run("run", "mine.ipynb", "--out", "out", "--cell-seconds", "3").returncode == 3
    told = "The notebook mine was stopped in cell [4]: the cell exceeded its time limit."
    assert problems(shell) == [told]
    (notebook,) = result(shell)["notebooks"]
    assert (notebook["ended"], notebook["stopped_in_cell"], notebook["stopped_by"]) == (False, 4, "timed-out")
    assert told in (shell.work / "out" / "report.html").read_text()
    assert (shell.work / "out" / "mine.ipynb").exists()


def test_a_run_that_takes_too_long_ends_in_all_its_notebooks(shell: Shell) -> None:
    write_notebook(shell.work / "mine.ipynb", PARAMETERS, "import time\ntime.sleep(60)")
    assert shell.run("run", "mine.ipynb", "--out", "out", "--run-seconds", "4").returncode == 3
    assert problems(shell) == ["The notebook mine was stopped in cell [3]: the run exceeded its time limit."]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("lmit=3", "The notebook has no parameter called lmit."),
        ("limit=many", "The parameter limit must be int, not str."),
        ("nothing", "The notebook has no parameter called nothing."),
        ("connection=00Dxx0000001gPF!" + "AQ8AQHzR7mWq2LxkV9bTn4CyPd6sJf3GhU1eK0oYi5Nv", "looks like a secret."),
    ],
)
def test_a_parameter_that_does_not_fit_is_a_fault_of_usage_and_nothing_is_written(
    shell: Shell, given: str, told: str
) -> None:
    done = shell.run("run", "mine.ipynb", "--out", "out", "-p", given)
    assert "AQ8AQHzR" not in done.stdout + done.stderr
    assert done.returncode == 2
    assert told in done.stderr
    assert not (shell.work / "out").exists()


def test_a_notebook_that_takes_no_connection_is_not_run_on_one(shell: Shell) -> None:
    write_notebook(shell.work / "mine.ipynb", "limit = 1")
    done = shell.run("run", "mine.ipynb", "--out", "out")
    assert done.returncode == 2
    assert "The notebook has no parameter called connection." in done.stderr


def test_a_parameter_reaches_its_cell(shell: Shell) -> None:
    assert shell.run("run", "mine.ipynb", "--out", "out", "-p", "limit=7").returncode == 0
    cells = json.loads((shell.work / "out" / "mine.ipynb").read_text())["cells"]
    assert [one["outputs"][0]["data"]["text/plain"] for one in cells if one["source"] == ["limit"]] == [["7"]]


def limited(shell: Shell, kilobytes: int) -> subprocess.CompletedProcess[str]:
    """A run in which no file may grow beyond a size, as on a disk that is full."""
    program = (
        "import resource, runpy, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024},) * 2)\n"
        "sys.argv[:] = ['sfrunbook', 'run', 'mine.ipynb', '--out', 'out']\n"
        "runpy.run_module('sfrunbook', run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-c", program], env=shell.environ, cwd=shell.work, capture_output=True, text=True, timeout=240,
        check=False,
    )  # fmt: skip


@posix_only
def test_a_disk_that_fills_up_with_the_notebook_leaves_a_report_without_verdict(shell: Shell) -> None:
    write_notebook(shell.work / "mine.ipynb", PARAMETERS, BIND, "print('x ' * 60000)", "book.summary()")
    done = limited(shell, 100)
    assert done.returncode == 3, done.stdout + done.stderr
    assert problems(shell) == ["The notebook mine stopped in cell [5]: its output couldn't be written: File too large."]
    assert "Traceback" not in done.stdout + done.stderr


@posix_only
def test_a_disk_that_is_full_from_the_start_is_told_where_it_can_be(shell: Shell) -> None:
    done = limited(shell, 0)
    assert done.returncode == 3, done.stdout + done.stderr
    told = " ".join(done.stderr.split())
    assert "The run ended (We couldn't run 1 of 1 check.), but out can't be written: File too large." in told
    assert "Code: report-not-written" in told
    assert "Traceback" not in done.stdout + done.stderr
    assert not (shell.work / "out" / "result.json").exists()
    assert not list((shell.work / "out").glob(".running-*"))


@needs_proc
@pytest.mark.parametrize("folder", ["/proc/sys/kernel/out", "file/out"])
def test_a_folder_that_nobody_can_write_to_is_told_before_anything_runs(shell: Shell, folder: str) -> None:
    (shell.work / "file").write_text("in the way")
    done = shell.run("run", "mine.ipynb", "--out", folder)
    assert done.returncode == 2
    assert "The output can't be written to" in done.stderr
    assert "[1/1]" not in done.stdout


def test_a_home_that_cannot_be_written_costs_the_history_and_not_the_verdict(shell: Shell) -> None:
    (shell.folder / "kept").write_text("in the way of the home folder")
    done = shell.run("run", "mine.ipynb", "--out", "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The run history at" in done.stderr
    assert result(shell)["status"] == "passed"


def test_a_run_that_is_killed_leaves_no_result_and_its_rest_is_swept_by_the_next(shell: Shell) -> None:
    (shell.work / "out").mkdir()
    (shell.work / "out" / "result.json").write_text("of an earlier run")
    write_notebook(
        shell.work / "slow.ipynb", PARAMETERS, "import pathlib, time\npathlib.Path('on').touch()\ntime.sleep(60)"
    )
    process = subprocess.Popen([*PROGRAM, "run", "slow.ipynb", "--out", "out"], env=shell.environ, cwd=shell.work)
    wait_for(process, shell.work / "on")
    process.kill()
    process.wait()
    assert not (shell.work / "out" / "result.json").exists()
    assert list((shell.work / "out").glob(".running-*"))
    assert shell.is_quiet(60)
    assert [name for name in shell.left_in_temporary() if name.startswith("sfrunbook-run-")] != []
    assert shell.run("run", "mine.ipynb", "--out", "out").returncode == 0
    assert not list((shell.work / "out").glob(".running-*"))
    assert [name for name in shell.left_in_temporary() if name.startswith("sfrunbook-run-")] == []
    assert result(shell)["exit_code"] == 0
