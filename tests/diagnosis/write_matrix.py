"""Writes the expected texts in tests/samples/matrix/ from what the flows show now.

Read every change before you commit it.

Run as: python tests/diagnosis/write_matrix.py [NAME ...]
With names it writes the texts of those lines of matrix.toml only; without, all of them, which takes 2 minutes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS))

from support.matrix_support import Site, rows_of_table, told  # noqa: E402 -- the helpers are beside this folder
from support.worlds import running_world  # noqa: E402 -- the same

from sfrunbook.core import http_session  # noqa: E402 -- the same

FOLDER = TESTS / "samples" / "matrix"


def main(*names: str) -> None:
    rows = {row.name: row for row in rows_of_table() if row.row}
    if unknown := sorted(set(names) - set(rows)):
        sys.exit(f"matrix.toml has no line with an error called {', '.join(unknown)}")
    http_session._READ_SECONDS = 0.4
    with running_world() as world, tempfile.TemporaryDirectory() as folder:
        site = Site(world, Path(folder))
        for name in names or rows:
            step = site.meet(rows[name], Path(folder) / "user")
            (FOLDER / f"{name}.txt").write_text(told(step, rows[name], world), encoding="utf-8")
    for path in FOLDER.glob("*.txt"):
        if path.stem not in rows:
            path.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
