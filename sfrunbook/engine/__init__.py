"""Execute one notebook so that a scheduler can trust its outcome: the papermill engine `sfrunbook`.

`sfrunbook run` uses it, and so can anybody: `papermill --engine sfrunbook in.ipynb out.ipynb -p connection acme`.
"""

from __future__ import annotations

from sfrunbook.engine.parameters import check_parameters, declared_parameters
from sfrunbook.engine.stopping import told_to_stop

__all__ = ["CELL_SECONDS", "RUN_SECONDS", "check_parameters", "declared_parameters", "told_to_stop"]

#: how long a cell, and a whole run, may take unless something else is said
CELL_SECONDS = 120
RUN_SECONDS = 1800
