"""Parameters that papermill injected into this notebook, and that no cell of it reads.

Papermill only warns of a mistyped parameter, and the run would go on with the default, on another connection.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from sfrunbook.core.errors import problem
from sfrunbook.diagnosis.diagnose import explained
from sfrunbook.runbook.kernel import shell

__all__ = ["check_injected"]

#: how the cell begins that papermill adds after the cell of the parameters
_INJECTED = "# Parameters\n"


def check_injected() -> None:
    """Raise `parameter-unknown` for a name that the injected cell sets and no cell before it declares."""
    cells = [str(cell) for cell in getattr(shell(), "user_ns", {}).get("In", ()) if str(cell).strip()]
    place = next((number for number, cell in enumerate(cells) if cell.startswith(_INJECTED)), 0)
    declared = _names(cells[:place])
    for name in _names(cells[place : place + 1]) if declared else ():
        if name not in declared:
            raise explained(problem("parameter-unknown", name=name, known=declared))


def _names(cells: Sequence[str]) -> list[str]:
    """The names that cells assign, in order; a cell that isn't Python alone, such as one with a magic, assigns none."""
    found: list[str] = []
    for cell in cells:
        try:
            statements = ast.parse(cell).body
        except SyntaxError:
            continue
        for statement in statements:
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                    found.append(name)
    return found
