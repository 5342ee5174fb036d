"""The command: runs the subjects one after the other and prints a table, or JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import asdict

from bench import practice, refresh, startup
from bench.figures import Figure, table

_SUBJECTS: dict[str, Callable[..., list[Figure]]] = {
    "startup": startup.measure,
    "practice": practice.measure,
    "refresh": refresh.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures; asserts nothing.")
    parser.add_argument("--short", action="store_true", help="a few seconds in all, for continuous integration")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"any of {', '.join(_SUBJECTS)}; default: all")
    asked = parser.parse_args()
    unknown = sorted(set(asked.subjects) - set(_SUBJECTS))
    if unknown:
        parser.error(f"no such subject: {', '.join(unknown)}")
    figures = [figure for name in asked.subjects or _SUBJECTS for figure in _SUBJECTS[name](short=asked.short)]
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    if asked.json:
        print(json.dumps({**machine, "short": asked.short, "figures": [asdict(figure) for figure in figures]}))
    else:
        print(f"Python {machine['python']}, {machine['cores']} cores, load {_load()}\n\n{table(figures)}")
    return 0


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    sys.exit(main())
