"""The notebooks under stock papermill, as a scheduled job would run them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import Shell, holding, log_in, make_shell, needs_proc, own_callback
from support.stock_papermill import LOST_PORT, stock_papermill, text_of_outputs


@needs_proc
def test_the_regression_passes_in_an_empty_folder_and_leaves_one_file(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    done = stock_papermill(shell)
    assert done.returncode == 0, done.stderr
    assert "Runbook: practice on this machine: " in text_of_outputs(shell)
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
    done = stock_papermill(shell, "-p", "connection", "acme")
    assert done.returncode == 0, done.stderr
    grant = shell.store().load("acme")
    assert grant is not None
    assert grant.refresh_token is not None
    assert "This run requested no access of its own." in text_of_outputs(shell)
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
    done = stock_papermill(shell, "-p", "connection", "acme")
    assert done.returncode != 0
    assert "doesn't accept connections." in text_of_outputs(shell), done.stderr
    assert "Traceback" not in text_of_outputs(shell)


def test_a_connection_that_does_not_exist_fails_with_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    done = stock_papermill(shell, "-p", "connection", "nobody")
    assert done.returncode != 0
    text = text_of_outputs(shell)
    assert "There is no connection called nobody." in text
    assert "sfrunbook connections add nobody" in " ".join(text.split())
    assert "Traceback" not in text
    assert ".py" not in text


def test_a_mistyped_parameter_fails_before_anything_is_checked(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    done = stock_papermill(shell, "-p", "conection", "acme", "-p", "steps", "app")
    assert done.returncode != 0
    text = text_of_outputs(shell)
    assert "parameter-unknown: The notebook has no parameter called conection." in text
    assert "login-host-is-salesforce" not in text


def kernel(shell: Shell, program: str) -> str:
    """A kernel of this user's that is a Python program; gives its name."""
    folder = shell.folder / "jupyter" / "kernels" / "own"
    folder.mkdir(parents=True)
    argv = [sys.executable, "-c", program, "-f", "{connection_file}"]
    (folder / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "own", "language": "python"}))
    shell.environ["JUPYTER_PATH"] = str(folder.parents[1])
    return "own"


def test_a_kernel_that_never_runs_a_cell_fails_the_test_with_what_it_printed(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    name = kernel(shell, "raise SystemExit('planted: no memory')")
    with pytest.raises(AssertionError) as failed:
        stock_papermill(shell, "-k", name)
    assert "papermill exited with 1" in str(failed.value)
    assert "planted: no memory" in str(failed.value)
    assert "Kernel died before replying to kernel_info" in str(failed.value)


#: a kernel that finds its first port taken, once; afterwards it is a kernel like any other
LOSES_A_PORT = """
import json, pathlib, socket, sys
from ipykernel.kernelapp import launch_new_instance
mark = pathlib.Path("lost")
if not mark.exists():
    mark.touch()
    taken = socket.create_server(("127.0.0.1", json.loads(pathlib.Path(sys.argv[2]).read_text())["shell_port"]))
launch_new_instance()
"""


@pytest.mark.long
def test_a_run_whose_kernel_lost_its_port_proves_nothing_and_is_made_once_more(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    done = stock_papermill(shell, "-k", kernel(shell, LOSES_A_PORT), "--start-timeout", "20")
    assert (shell.work / "lost").exists()
    assert LOST_PORT not in done.stderr
    assert done.returncode == 0, done.stderr
    assert "Runbook: practice on this machine: " in text_of_outputs(shell)
