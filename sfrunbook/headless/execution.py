"""Runs one notebook that papermill has prepared; a notebook without a proven end is an error."""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import zmq
from traitlets.config import Config

from sfrunbook.core.durable_file import write_durably
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.held_folder import held_folder
from sfrunbook.core.secrets.scan import scan_notebook
from sfrunbook.headless.client import Client, Manager
from sfrunbook.headless.parameters import check_parameters
from sfrunbook.headless.stopping import CELL_SECONDS, RUN_SECONDS, signals_interrupt
from sfrunbook.store import journal as journals
from sfrunbook.store.journal import JOURNAL_VARIABLE, Chapter, Journal
from sfrunbook.store.sealed_values import SealedValues

__all__ = ["execute"]

#: longest path of a Unix socket: sun_path has 104 bytes on macOS and 108 on Linux, and the last one ends the text
_SOCKET_PATH_BYTES = 103
#: how often a kernel is started where it may lose its port before its first word
_TCP_STARTS = 3
_NO_FIRST_WORD = ("Kernel died before replying to kernel_info", "Kernel didn't respond in ")


def execute(
    nb: nbformat.NotebookNode,
    kernel_name: str,
    output_path: str | None = None,
    progress_bar: bool | dict[str, Any] = True,
    log_output: bool = False,
    autosave_cell_every: int = 0,
    *,
    execution_timeout: float | None = None,
    run_seconds: float = RUN_SECONDS,
    stop_at: float | None = None,
    environ: Mapping[str, str] | None = None,
    sealed: SealedValues | None = None,
    start_timeout: int = 60,
    stdout_file: Any = None,  # noqa: ANN401 - papermill's option
    stderr_file: Any = None,  # noqa: ANN401 - papermill's option
    input_path: str | None = None,
) -> nbformat.NotebookNode:
    """Run a notebook that papermill has prepared; nothing is written before its parameters are checked.

    There is no `**options`, so that a mistyped option is an error. `stop_at` (monotonic clock) outranks `run_seconds`.
    Raises RunbookError: those of `check_parameters`, `notebook-failed`, `notebook-timed-out`, `secret-in-output`.
    """
    check_parameters(nb, nb.metadata.get("papermill", {}).get("parameters", {}))
    with signals_interrupt(), _private_folder() as private, _kernel_config(private) as config:
        own = {**(os.environ if environ is None else environ)}
        record = own.setdefault(JOURNAL_VARIABLE, str(private / "journal.jsonl"))
        client = Client(
            Manager(nb, output_path=None, log_output=log_output, progress_bar=progress_bar),
            journal=Journal(record),
            cell_seconds=execution_timeout or CELL_SECONDS,
            stop_at=time.monotonic() + run_seconds if stop_at is None else stop_at,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            log_output=log_output,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
            config=config,
        )
        name = Path(input_path or output_path or "notebook").stem
        fault = _run(client, name, own, sealed or SealedValues(private / "sealed"), Path(record))
    return _judged(nb, name, output_path, fault)


def _run(
    client: Client, name: str, environ: Mapping[str, str], sealed: SealedValues, record: Path
) -> BaseException | None:
    """Run every cell; returns why the notebook has no proven end, since the notebook is written before that is raised.

    None also where papermill itself raises for the cell that failed.
    """
    manager = client.nb_man
    manager.notebook_start()
    try:
        _start(client, {**environ, **sealed.environment})
    except BaseException as error:  # noqa: BLE001 - raised again when the notebook is written as far as it came
        fault: BaseException | None = error
    else:
        fault = None
    finally:
        manager.cleanup_pbar()
        manager.notebook_complete()
    sealed.learn()
    return fault or _stop_problem(name, client.stopped, journals.read(record))


def _start(client: Client, environ: Mapping[str, str]) -> None:
    """Execute; over TCP a kernel that dies or hangs before its first message is started again: no cell has run yet.

    jupyter_client chooses the ports, closes them, and the kernel opens them again, so another program may take one in
    between; a Unix socket has no such gap. Source: https://github.com/nteract/papermill/issues/511 (open in 2026-11).
    """
    starts = _TCP_STARTS if client.config.KernelManager.transport == "tcp" else 1
    for left in reversed(range(starts)):
        try:
            client.execute(env=environ)
            return
        except RuntimeError as error:
            if not left or client.begun or client.is_over or not any(word in str(error) for word in _NO_FIRST_WORD):
                raise
        time.sleep(random.uniform(0.1, 0.5))  # noqa: S311 - so that two runs do not collide again


def _judged(
    nb: nbformat.NotebookNode, name: str, output_path: str | None, fault: BaseException | None
) -> nbformat.NotebookNode:
    """The notebook for papermill to write; raises `fault`, and never lets a notebook with a secret be written."""
    leaks = scan_notebook(nb)
    if fault is not None and not leaks:
        _write(nb, output_path)
    if fault is not None and not (leaks and isinstance(fault, Exception)):
        raise fault
    if leaks:
        raise problem("secret-in-output", path=Path(output_path or name).name, where=leaks[0].where)
    return nb


def _private_folder(place: str = "") -> contextlib.AbstractContextManager[Path]:
    return held_folder("sfrunbook-run-", Path(place or tempfile.gettempdir()))


@contextlib.contextmanager
def _kernel_config(private: Path) -> Iterator[Any]:
    """How the kernel is reached: Unix sockets in a folder that only this user can read, else TCP (Windows).

    The connection file holds the key to the kernel. It and the sockets have a place of their own for each run: without
    one, jupyter_client numbers sockets in the working folder, and runs that share it read each other's messages.
    CurveZMQ is used where the kernel can, since over TCP every user of the machine can listen on loopback.
    Source: https://github.com/ipython/ipykernel/pull/1515 (2026-05).
    """
    options = {"transport": "tcp", "transport_encryption": "auto", "connection_file": str(private / "kernel.json")}
    with contextlib.ExitStack() as stack:
        if os.name == "posix" and zmq.has("ipc"):
            folder = private
            if not _fits_a_socket(folder) and Path("/tmp").is_dir():  # noqa: S108 - a private folder in it
                folder = stack.enter_context(_private_folder("/tmp"))  # noqa: S108 - private, and a short path
            if _fits_a_socket(folder):
                options |= {"transport": "ipc", "ip": str(folder / "socket")}
        yield Config({"KernelManager": options})


def _fits_a_socket(folder: Path) -> bool:
    return len(os.fsencode(folder / "socket-5")) <= _SOCKET_PATH_BYTES


def _stop_problem(name: str, stopped: tuple[int, str] | None, chapter: Chapter) -> RunbookError | None:
    """Why a notebook has no proven end; None where it has, or where papermill raises the error of its cell."""
    if stopped is not None:
        number, how = stopped
        if how.startswith("raised "):  # papermill raises for it, with the cell's traceback in the notebook
            return None
        code = "notebook-timed-out" if "timed-out" in how else "notebook-failed"
        return problem(code, notebook=name, cell=f"[{number}]", reason=journals.REASONS[how])
    if chapter.host and not chapter.ended:
        return problem("notebook-failed", notebook=name, cell="of its summary", reason=journals.REASONS["unfinished"])
    return None


def _write(nb: nbformat.NotebookNode, output_path: str | None) -> None:
    """Write, whole or not at all, the notebook that papermill does not write after an error."""
    if output_path and "://" not in output_path:
        text = nbformat.writes(nb)  # type: ignore[no-untyped-call]  # nbformat has no types
        write_durably(Path(output_path), f"{text}\n".encode())
