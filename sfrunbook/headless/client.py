"""The nbclient of the engine: records the end of every cell, and what stopped a notebook early."""

from __future__ import annotations

import math
import time
from typing import Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.log import logger

from sfrunbook.core.secrets.redaction import redact
from sfrunbook.store.journal import Journal

__all__ = ["Client", "Manager"]

#: what ended a cell, by the name of the exception; anything else "raised"
_ENDS = {CellTimeoutError: "timed-out", DeadKernelError: "died", KeyboardInterrupt: "interrupted"}


class Manager(NotebookExecutionManager):  # type: ignore[misc]  # papermill has no types
    """Preserves the state of each cell: a cell that never ran stays pending, one that was cut off has failed."""

    def notebook_complete(self, **kwargs: Any) -> None:  # noqa: ANN401 - papermill's signature
        """Close the times and the bar; papermill would mark every cell that did not run as completed."""
        states = [cell.metadata.papermill["status"] for cell in self.nb.cells]
        super().notebook_complete(**kwargs)
        for cell, state in zip(self.nb.cells, states, strict=True):
            cell.metadata.papermill["status"] = state


class Client(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Runs the cells; afterwards `stopped` has the code cell that ended the notebook early, and how."""

    def __init__(self, manager: Manager, *, journal: Journal, cell_seconds: float, stop_at: float, **more: Any) -> None:  # noqa: ANN401
        super().__init__(
            manager,
            timeout_func=self._seconds_left,
            log=logger,
            store_widget_state=False,
            iopub_timeout=30,
            shell_timeout_interval=1,
            extra_arguments=["--log-level=CRITICAL", "--HistoryManager.enabled=False"],
            **more,
        )
        self._journal, self._cell_seconds, self._stop_at = journal, cell_seconds, stop_at
        self.stopped: tuple[int, str] | None = None
        #: whether a cell was sent to the kernel
        self.begun = False

    def _seconds_left(self, _cell: object) -> int:
        """Time for a cell: its own, or what is left of the whole run's; nbclient takes 0 for no limit."""
        return max(1, math.ceil(min(self._cell_seconds, self._stop_at - time.monotonic())))

    @property
    def is_over(self) -> bool:
        """Whether the whole run has used up its time."""
        return time.monotonic() >= self._stop_at

    def papermill_execute_cells(self) -> None:
        """Run every cell until a cell fails; raises only faults of this program, and Ctrl-C."""
        self.begun, number = True, 0
        for index, cell in enumerate(self.nb.cells):
            self.nb_man.cell_start(cell, index)
            number += cell.cell_type == "code"
            started = time.monotonic()
            try:
                self.execute_cell(cell, index)
            except (CellExecutionError, CellTimeoutError, DeadKernelError, KeyboardInterrupt) as error:
                self._stop(index, number, error, time.monotonic() - started)
                if isinstance(error, KeyboardInterrupt):
                    raise
                return
            finally:
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)
            if cell.cell_type == "code":
                self._journal.cell(number, "ran", time.monotonic() - started)
        self._journal.ran()

    def _stop(self, index: int, number: int, error: BaseException, seconds: float) -> None:
        how = next((word for kind, word in _ENDS.items() if isinstance(error, kind)), "")
        if not how:
            name = str(getattr(error, "ename", "")) or "an error"
            how = "left" if name == "SystemExit" else f"raised {name}"
        if how == "timed-out" and self.is_over:
            how = "run-timed-out"
        self.stopped = (number, how)
        self._journal.cell(number, how, seconds)
        self.nb_man.cell_exception(self.nb.cells[index], cell_index=index)

    def wait_for_reply(self, msg_id: str, cell: object = None) -> Any:  # noqa: ANN401 - nbclient's signature
        """Papermill asks the kernel for its language at the end, which a dead or busy kernel does not answer."""
        if cell is None and self.stopped is not None:
            return {"content": {"language_info": self.nb.metadata.get("language_info", {"name": "python"})}}
        return super().wait_for_reply(msg_id, cell)

    def log_output_message(self, output: Any) -> None:  # noqa: ANN401 - a notebook's output
        """Redact what `--log-output` and similar options repeat; the notebook itself is searched at the end."""
        masked = type(output)(output)
        if "text" in masked:
            masked["text"] = redact("".join(masked["text"]))
        if "data" in masked:
            masked["data"] = {"text/plain": redact("".join(masked["data"].get("text/plain", "")))}
        super().log_output_message(masked)
