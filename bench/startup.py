"""CPU time of starting: importing the package and `sfrunbook --help`, beside an interpreter that does nothing."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from pathlib import Path

from bench.figures import Figure

__all__ = ["measure"]

_NOTHING = "python -c pass"
_SECONDS = 60


def measure(*, short: bool) -> list[Figure]:
    """Medians over rounds in which every command runs once, so that a busy machine hits all of them alike."""
    commands = {
        _NOTHING: [sys.executable, "-c", "pass"],
        "import sfrunbook": [sys.executable, "-c", "import sfrunbook"],
        "sfrunbook --help": [*_sfrunbook(), "--help"],
        "sfrunbook explain": [*_sfrunbook(), "explain", "invalid_grant: expired access/refresh token"],
        "import sfrunbook.runbook": [sys.executable, "-c", "import sfrunbook.runbook"],
    }
    goals = {
        "import sfrunbook": "under 150 ms",
        "sfrunbook --help": "under 400 ms",
        "sfrunbook explain": "under 300 ms",
    }
    seen: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(3 if short else 11):
        for name, command in commands.items():
            seen[name].append(_cpu_milliseconds(command))
    medians = {name: statistics.median(values) for name, values in seen.items()}
    return [
        Figure(
            name=name,
            value=median,
            unit="ms CPU",
            goal=goals.get(name, ""),
            beside=_NOTHING if name != _NOTHING else "",
            ratio=median / medians[_NOTHING] if name != _NOTHING else None,
            note=f"median of {len(seen[name])}, {min(seen[name]):.0f} to {max(seen[name]):.0f}",
        )
        for name, median in medians.items()
    ]


def _sfrunbook() -> list[str]:
    """The installed command, or the same call where the package is only on the path."""
    script = Path(sys.executable).with_name("sfrunbook")
    return [str(script)] if script.exists() else [sys.executable, "-c", "from sfrunbook.cli import main; main()"]


def _cpu_milliseconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
