"""Writes tests/samples/matrix/ anew from what the flows tell now; read every change of it before it is kept.

Run as: python tests/write_matrix.py
"""

import tempfile
from pathlib import Path

from support.matrix_support import Site, rows_of_table, told
from support.worlds import running_world

from sfrunbook.core import http_session

FOLDER = Path(__file__).parents[1] / "samples" / "matrix"


def main() -> None:
    http_session._READ_SECONDS = 0.4
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.txt"):
        path.unlink()
    with running_world() as world, tempfile.TemporaryDirectory() as folder:
        site = Site(world, Path(folder))
        for row in rows_of_table():
            if row.row:
                step = site.meet(row, Path(folder) / "user")
                (FOLDER / f"{row.name}.txt").write_text(told(step, row, world), encoding="utf-8")


if __name__ == "__main__":
    main()
