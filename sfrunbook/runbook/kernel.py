"""The kernel that runs this notebook, if any, and whether someone is in front of it."""

from __future__ import annotations

import os
import sys
from typing import Any

from sfrunbook.store.journal import JOURNAL_VARIABLE

__all__ = ["shell", "someone_is_there"]


def shell() -> Any:  # noqa: ANN401 - IPython has no types
    """IPython's shell of this process; None outside one."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def someone_is_there() -> bool:
    """Whether someone is in front: only front ends ask a kernel to allow input, papermill and nbval do not."""
    kernel = getattr(shell(), "kernel", None)
    return bool(kernel and getattr(kernel, "_allow_stdin", False)) and not os.environ.get(JOURNAL_VARIABLE)
