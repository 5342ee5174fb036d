"""A JupyterLab, or a Notebook 7, of a test's own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sfrunbook.cli.lab import copy_notebooks
from sfrunbook.connection.practice_connection import PracticeConnection
from sfrunbook.store.wrapping_key import create_key_file
from support.browser_support import Lab

__all__ = ["running_lab"]


def _lab(notebooks: Path) -> list[str]:
    return [sys.executable, "-m", "sfrunbook", "lab", "--no-browser", "--port", "0", "--folder", str(notebooks)]


def _notebook_7(notebooks: Path) -> list[str]:
    copy_notebooks(notebooks)
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [sys.executable, "-m", "notebook", "--no-browser", "--port=0", f"--ServerApp.root_dir={notebooks}", *root]


_COMMANDS = {"lab": _lab, "notebook": _notebook_7}


@contextmanager
def running_lab(
    folder: Path, world: PracticeConnection, *, key_file: bool = True, front_end: str = "lab"
) -> Iterator[Lab]:
    """A JupyterLab of its own, with home, settings and working copies in `folder`."""
    notebooks, home = folder / "notebooks", folder / "home"
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SFRUNBOOK")},
        **world.environment,
        "SFRUNBOOK_HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        "TMPDIR": str(folder / "tmp"),
    }
    (folder / "tmp").mkdir()
    if key_file:
        create_key_file(folder / "key")
        environ["SFRUNBOOK_KEY_FILE"] = str(folder / "key")
    log = folder / "lab.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            _COMMANDS[front_end](notebooks),
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield _ready(process, log, notebooks, home)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _ready(process: subprocess.Popen[bytes], log: Path, folder: Path, home: Path) -> Lab:
    for _ in range(600):
        found = re.search(r"(http://(?:localhost|127\.0\.0\.1):\d+)/(?:lab|tree)\S*\?token=(\w+)", log.read_text())
        if found:
            return Lab(url=found[1], token=found[2], folder=folder, home=home)
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())
