"""JupyterLab on the runbook: working copies of the notebooks, our settings, and a practice org beside it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from sfrunbook.connection import practice_connection
from sfrunbook.core.errors import problem, reason_of
from sfrunbook.headless.notebooks import notebooks_folder
from sfrunbook.headless.stopping import signals_interrupt
from sfrunbook.store import secret_place

__all__ = ["copy_notebooks", "open_lab"]

_MANIFEST = ".sfrunbook.json"
#: how long JupyterLab may take to end its kernels
_END_SECONDS = 15
#: runs the page when it is opened; JupyterLab takes it from this folder, and nothing is installed
_EXTENSIONS = Path(__file__).with_name("lab_extension")
#: settings of JupyterLab: no news from the network, the kernel starts by itself, the whole page is laid out at once,
#: and widget state is never saved
_OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"autoStartDefaultKernel": True, "windowingMode": "none"},
    "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": False},
}


def open_lab(folder: Path, *, port: int, browser: bool, environ: Mapping[str, str]) -> int:
    """Serve until JupyterLab ends, then end the practice org too; returns JupyterLab's exit code.

    Raises RunbookError `output-unwritable` and `practice-world-did-not-start`.
    """
    copy_notebooks(folder)
    with signals_interrupt():
        practice = practice_connection.join_or_start(environ)
        settings = Path(tempfile.mkdtemp(prefix="sfrunbook-lab-"))
        session = Path(tempfile.mkdtemp(prefix="sfrunbook-session-"))
        try:
            (settings / "overrides.json").write_text(json.dumps(_OVERRIDES), "utf-8")
            command = [sys.executable, "-m", "jupyter", "lab", "runbook.ipynb", f"--ServerApp.port={_free_port(port)}"]
            command += [f"--ServerApp.root_dir={folder.resolve()}", f"--LabApp.app_settings_dir={settings}"]
            command += ["--LabApp.default_url=/lab/tree/runbook.ipynb"]  # what is printed leads there too
            command += [f"--LabApp.extra_labextensions_path={_EXTENSIONS}"]
            command += ["--LabApp.news_url="] + ([] if browser else ["--no-browser"]) + _as_root()
            shared = {**practice.environment, **secret_place.session_environment(session)}
            return _serve(command, folder, {**environ, **shared})
        except KeyboardInterrupt:
            return 0
        finally:
            shutil.rmtree(settings, ignore_errors=True)
            shutil.rmtree(session, ignore_errors=True)
            practice.stop()


def _serve(command: list[str], folder: Path, environ: Mapping[str, str]) -> int:
    """JupyterLab in a process session of its own: Ctrl-C arrives only here, and ends it with all its kernels."""
    process = subprocess.Popen(command, cwd=folder, env=environ, start_new_session=True)  # noqa: S603 - our arguments
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def copy_notebooks(folder: Path) -> None:
    """Put the notebooks into a working folder; a copy that its user changed stays as it is."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        manifest = folder / _MANIFEST
        known = _known(manifest)
        for source in sorted(notebooks_folder().glob("*.ipynb")):
            copy, wanted = folder / source.name, _sources_digest(source)
            current = _sources_digest(copy) if copy.exists() else ""
            if current in ("", wanted, known.get(source.name)):
                if current != wanted:
                    copy.write_text(_without_outputs(source), "utf-8")
                known[source.name] = wanted
        manifest.write_text(json.dumps(known, indent=1), "utf-8")
    except OSError as error:
        raise problem("output-unwritable", path=str(folder), reason=reason_of(error)) from None


def _without_outputs(notebook: Path) -> str:
    """A fresh copy: the outputs of a run on another machine would mislead."""
    book = json.loads(notebook.read_text("utf-8"))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def _known(manifest: Path) -> dict[str, str]:
    try:
        return {str(name): str(digest) for name, digest in json.loads(manifest.read_text("utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _sources_digest(notebook: Path) -> str:
    """A digest of the cells without their outputs, since running a notebook does not change it."""
    try:
        cells = json.loads(notebook.read_text("utf-8"))["cells"]
        text = "\0".join("".join(cell["source"]) for cell in cells)
    except (ValueError, KeyError, TypeError):
        return "unreadable"
    return hashlib.sha256(text.encode()).hexdigest()


def _free_port(wanted: int) -> int:
    """The wanted port, or a free port when another program listens there."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted


def _as_root() -> list[str]:
    """JupyterLab refuses to run as root without this; containers often have no other user."""
    return ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
