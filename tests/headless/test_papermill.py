"""The notebooks under stock papermill, as a scheduled job would run them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import NOTEBOOKS, Shell, holding, log_in, make_shell, needs_proc, own_callback


def papermill(shell: Shell, *words: str, notebook: str = "regression") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "papermill", str(NOTEBOOKS / f"{notebook}.ipynb"), "out.ipynb", *words]
    return subprocess.run(
        command, env=shell.environ, cwd=shell.work, capture_output=True, text=True, timeout=120, check=False
    )


def shown(shell: Shell) -> str:
    """Everything that the executed notebook shows, as text."""
    book = json.loads((shell.work / "out.ipynb").read_text())
    lines = []
    for cell in book["cells"]:
        for output in cell.get("outputs", []):
            lines += output.get("text", [])
            lines += output.get("data", {}).get("text/plain", [])
            lines += output.get("traceback", [])
    return "".join(lines)


@needs_proc
def test_the_regression_passes_in_an_empty_folder_and_leaves_one_file(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    done = papermill(shell)
    assert done.returncode == 0, done.stderr
    assert "checks passed" in shown(shell)
    assert [path.name for path in shell.work.iterdir()] == ["out.ipynb"]
    assert shell.is_quiet()
    assert [name for name in shell.left_in_temporary() if "sfrunbook" in name] == []
    assert not shell.home.exists()


@pytest.fixture
def connected(start_world: Any, tmp_path: Path) -> Iterator[tuple[Shell, Any]]:
    """A user who has logged in to a world that was started by hand."""
    with start_world() as world:
        shell = make_shell(tmp_path / "user")
        shell.add(world, redirect_uri=own_callback(world))
        assert log_in(shell, world).returncode == 0
        yield shell, world


def test_a_connection_is_a_parameter_and_a_world_that_is_gone_fails_the_job(connected: tuple[Shell, Any]) -> None:
    shell, world = connected
    done = papermill(shell, "-p", "connection", "acme")
    assert done.returncode == 0, done.stderr
    grant = shell.store().load("acme")
    assert grant is not None
    assert grant.refresh_token is not None
    assert "This run made no grant; nothing is revoked." in shown(shell)
    secrets = {
        "secret": world.app()["client_secret"],
        "password": world.user()["password"],
        "access token": grant.access_token.reveal(),
        "refresh token": grant.refresh_token.reveal(),
    }
    assert holding(shell.folder, secrets) == []
    assert [name for name, value in secrets.items() if value in done.stdout + done.stderr] == []

    world.process.kill()
    world.process.wait()
    done = papermill(shell, "-p", "connection", "acme")
    assert done.returncode != 0
    assert "does not take connections." in shown(shell)
    assert "Traceback" not in shown(shell)


def test_a_connection_that_does_not_exist_fails_with_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    done = papermill(shell, "-p", "connection", "nobody")
    assert done.returncode != 0
    text = shown(shell)
    assert "There is no connection called nobody." in text
    assert "sfrunbook connections add nobody" in text
    assert "Traceback" not in text
    assert ".py" not in text
