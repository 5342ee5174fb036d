"""The papermill engine: what it refuses before anything is written, and ends that are what they were."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.leak_variants import HEX_SECRET, TOKEN
from support.runbook_support import Shell, make_shell, posix_only, write_notebook
from traitlets.config import Config

from sfrunbook.core.errors import RunbookError
from sfrunbook.diagnosis.diagnose import explained
from sfrunbook.headless import execution
from sfrunbook.headless.papermill_engine import RunbookEngine
from sfrunbook.headless.parameters import check_parameters, declared_parameters

DECLARED = (
    'connection: str = "practice"  # name\n'
    "limit: int = 5\nshare: float = 0.5\nloud: bool = False\nnames: list = []\nfree = None\nyear = 2026"
)


def notebook(source: str = DECLARED) -> dict[str, Any]:
    return {"cells": [{"cell_type": "code", "source": source, "metadata": {"tags": ["parameters"]}, "outputs": []}]}


def test_the_parameters_cell_declares_names_and_types() -> None:
    assert declared_parameters(notebook()) == {
        "connection": "str", "limit": "int", "share": "float", "loud": "bool", "names": "list", "free": "",
        "year": "int",
    }  # fmt: skip
    assert declared_parameters(notebook("this is no Python (")) == {}
    assert declared_parameters({"cells": []}) == {}


@pytest.mark.parametrize(
    "given",
    [
        {}, {"connection": "acme"}, {"limit": 3}, {"share": 1}, {"loud": True}, {"names": ["a"]}, {"free": "x"},
        {"connection": "env:NAME"}, {"free": {"a": 1}}, {"connection": None},
        {"connection": "https://acme.my.salesforce.com/services/oauth2/token"},
    ],
    ids=str,
)  # fmt: skip
def test_parameters_that_fit_are_let_through(given: dict[str, object]) -> None:
    check_parameters(notebook(), given)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"conection": "acme"}, "parameter-unknown: The notebook has no parameter called conection."),
        ({"connection": 123}, "parameter-wrong-type: The parameter connection must be str, not int."),
        ({"limit": "5"}, "parameter-wrong-type: The parameter limit must be int, not str."),
        ({"limit": True}, "parameter-wrong-type: The parameter limit must be int, not bool."),
        ({"year": 20.5}, "parameter-wrong-type: The parameter year must be int, not float."),
        ({"connection": HEX_SECRET}, "parameter-looks-like-secret: The parameter connection looks like"),
        ({"free": {"deep": [TOKEN]}}, "parameter-looks-like-secret: The parameter free looks like"),
        ({"names": ["a", f"Bearer {TOKEN}"]}, "parameter-looks-like-secret: The parameter names looks"),
        ({"client_secret": "swordfish"}, "parameter-looks-like-secret: The parameter client_secret looks"),
        ({"free": 1234567890123456789}, "parameter-looks-like-secret: The parameter free looks like a"),
    ],
    ids=str,
)
def test_parameters_that_do_not_fit_are_told_without_their_value(given: dict[str, object], told: str) -> None:
    with pytest.raises(RunbookError) as caught:
        check_parameters(notebook(), given)
    assert str(explained(caught.value)).startswith(told)
    for value in (HEX_SECRET, TOKEN, "swordfish"):
        assert value not in str(caught.value) + str(explained(caught.value))


# --- stock papermill with our engine ---------------------------------------------------------------------------------


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return make_shell(tmp_path / "user")


def papermill(shell: Shell, *cells: str, words: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    write_notebook(shell.work / "in.ipynb", DECLARED, *cells)
    command = [sys.executable, "-m", "papermill", "--engine", "sfrunbook", "--no-progress-bar", "in.ipynb", "out.ipynb"]
    return subprocess.run(
        [*command, *words], env=shell.environ, cwd=shell.work, capture_output=True, text=True, timeout=240, check=False
    )


def cells_of(shell: Shell) -> list[dict[str, Any]]:
    book = json.loads((shell.work / "out.ipynb").read_text())
    return [cell for cell in book["cells"] if cell["cell_type"] == "code"]


def states(shell: Shell) -> list[str]:
    return [cell["metadata"]["papermill"]["status"] for cell in cells_of(shell)]


def test_a_secret_as_parameter_is_refused_before_anything_is_written(shell: Shell) -> None:
    done = papermill(shell, "1", words=("-r", "connection", TOKEN))
    assert done.returncode != 0
    assert "parameter-looks-like-secret: The parameter connection looks like a secret." in done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert [path.name for path in shell.work.iterdir()] == ["in.ipynb"]


def test_sys_exit_with_0_is_no_success_and_the_cells_after_it_never_ran(shell: Shell) -> None:
    done = papermill(shell, "import sys\nsys.exit(0)", "1")
    assert done.returncode != 0
    assert "notebook-failed: The notebook in stopped in cell [2]: it called sys.exit." in done.stderr
    assert states(shell) == ["completed", "failed", "pending"]


def test_a_cell_that_takes_too_long_has_failed_and_the_notebook_is_kept(shell: Shell) -> None:
    done = papermill(shell, "import time\nprint('begun')\ntime.sleep(60)", "1", words=("--execution-timeout", "2"))
    assert done.returncode != 0
    told = "notebook-timed-out: The notebook in was stopped in cell [2]: the cell exceeded its time limit."
    assert told in done.stderr
    assert states(shell) == ["completed", "failed", "pending"]
    assert cells_of(shell)[1]["outputs"][0]["text"] == ["begun\n"]


@posix_only
def test_a_kernel_that_is_killed_leaves_no_completed_cell_behind_it(shell: Shell) -> None:
    done = papermill(shell, "import os\nos._exit(7)", "1")
    assert done.returncode != 0
    assert "notebook-failed: The notebook in stopped in cell [2]: its kernel stopped." in done.stderr
    assert states(shell) == ["completed", "failed", "pending"]


def test_a_notebook_that_shows_a_secret_is_not_written(shell: Shell) -> None:
    done = papermill(shell, f"print({TOKEN[:30]!r} + {TOKEN[30:]!r})")
    assert done.returncode != 0
    assert "secret-in-output: out.ipynb would have contained a secret (cell 2 (code), output 1, " in done.stderr
    assert [path.name for path in shell.work.iterdir()] == ["in.ipynb"]


#: how the kernel that runs it is reached: the connection file, its modes, and the kernel's listening TCP sockets
LOOK = (
    "import ipykernel, json, os, pathlib, psutil, sys\n"
    "path = pathlib.Path(ipykernel.get_connection_file())\n"
    "info = json.loads(path.read_text())\n"
    # what programs started by a cell print comes in by a port that the kernel binds as it chooses it
    "printed = sys.stdout.pub_thread._pipe_port\n"
    "ports = [one.laddr.port for one in psutil.Process().net_connections('inet') if one.status == 'LISTEN']\n"
    "listening = [port for port in ports if port != printed]\n"
    "sockets = [pathlib.Path(f\"{info['ip']}-{info[name]}\") for name in sorted(info) if name.endswith('_port')]\n"
    "modes = {oct(one.stat().st_mode & 0o777) for one in (path.parent, *(one.parent for one in sockets))}\n"
    "print(json.dumps({'transport': info['transport'], 'listening': listening, 'path': str(path),\n"
    "    'file mode': oct(path.stat().st_mode & 0o777), 'folder modes': sorted(modes),\n"
    "    'are sockets': all(one.is_socket() for one in sockets), 'sockets': [str(one) for one in sockets],\n"
    "    'encrypted': 'curve_publickey' in info}))"
)


def kernel_seen_from_inside(shell: Shell) -> dict[str, Any]:
    done = papermill(shell, LOOK)
    assert done.returncode == 0, done.stderr
    return json.loads("".join(cells_of(shell)[1]["outputs"][0]["text"]))


@posix_only
def test_the_kernel_is_reached_by_encrypted_private_sockets_and_can_lose_no_port(shell: Shell) -> None:
    kernel = kernel_seen_from_inside(shell)
    assert (kernel["transport"], kernel["listening"], kernel["are sockets"]) == ("ipc", [], True)
    assert (kernel["file mode"], kernel["folder modes"], kernel["encrypted"]) == ("0o600", ["0o700"], True)
    assert len(set(kernel["sockets"])) == 5
    assert not any(Path(path).parent.exists() for path in (kernel["path"], *kernel["sockets"]))
    assert shell.left_in_temporary() == []
    assert [path.name for path in shell.work.iterdir() if path.suffix != ".ipynb"] == []


@posix_only
def test_a_temporary_folder_too_deep_for_a_socket_is_no_reason_to_use_a_port(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / ("d" * 100))
    kernel = kernel_seen_from_inside(shell)
    assert (kernel["transport"], kernel["listening"], kernel["folder modes"]) == ("ipc", [], ["0o700"])
    assert Path(kernel["path"]).is_relative_to(shell.temporary)
    assert not any(Path(path).parent.exists() for path in kernel["sockets"])


def test_without_unix_sockets_the_kernel_listens_on_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution.zmq, "has", lambda _capability: False)
    with execution._kernel_config(tmp_path) as config:
        assert config.KernelManager.transport == "tcp"
        assert "ip" not in config.KernelManager
        assert config.KernelManager.connection_file == str(tmp_path / "kernel.json")


def test_widgets_leave_no_state_and_what_is_asked_for_stays(shell: Shell) -> None:
    done = papermill(shell, "from ipywidgets import Password\nPassword(value='planted-' + 'value-1')", "limit")
    assert done.returncode == 0, done.stderr
    text = (shell.work / "out.ipynb").read_text()
    assert "planted-value-1" not in text
    assert "widgets" not in json.loads(text)["metadata"]


def test_an_option_that_the_engine_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError, match="store_widget_stat"):
        RunbookEngine.execute_notebook({}, "python3", store_widget_stat=False)


_DIED = "Kernel died before replying to kernel_info"


class _Starting:
    """A client whose kernel dies or hangs a number of times before its first word."""

    def __init__(
        self,
        deaths: int,
        *,
        begun: bool = False,
        is_over: bool = False,
        message: str = _DIED,
        transport: str = "tcp",
    ) -> None:
        self.deaths, self.begun, self.is_over, self.message, self.starts = deaths, begun, is_over, message, 0
        self.config = Config({"KernelManager": {"transport": transport}})

    def execute(self, *, env: dict[str, str]) -> None:
        self.starts += 1
        if self.starts <= self.deaths:
            raise RuntimeError(self.message)


@pytest.mark.parametrize(("deaths", "begun", "starts"), [(0, False, 1), (2, False, 3)])
def test_over_tcp_a_kernel_that_dies_at_its_start_is_started_again(deaths: int, begun: bool, starts: int) -> None:
    client = _Starting(deaths, begun=begun)
    execution._start(client, {})  # type: ignore[arg-type]
    assert client.starts == starts


def test_a_kernel_that_hangs_before_its_first_word_is_started_again_while_there_is_time() -> None:
    """As one does that could not bind its port: its process goes on without ever answering."""
    hung = _Starting(1, message="Kernel didn't respond in 60 seconds")
    execution._start(hung, {})  # type: ignore[arg-type]
    assert hung.starts == 2
    late = _Starting(1, message="Kernel didn't respond in 60 seconds", is_over=True)
    with pytest.raises(RuntimeError, match="didn't respond"):
        execution._start(late, {})  # type: ignore[arg-type]
    assert late.starts == 1


@pytest.mark.parametrize(("deaths", "begun", "starts"), [(3, False, 3), (1, True, 1)])
def test_it_is_not_started_for_ever_and_never_once_a_cell_has_run(deaths: int, begun: bool, starts: int) -> None:
    client = _Starting(deaths, begun=begun)
    with pytest.raises(RuntimeError):
        execution._start(client, {})  # type: ignore[arg-type]
    assert client.starts == starts


def test_over_unix_sockets_no_kernel_is_started_again() -> None:
    """No port can be lost there: whatever ended the kernel would end the next one too."""
    client = _Starting(1, transport="ipc")
    with pytest.raises(RuntimeError, match=_DIED):
        execution._start(client, {})  # type: ignore[arg-type]
    assert client.starts == 1
