"""A run as monitoring reads it: OpenMetrics text, which Prometheus' node exporter takes from a file as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sfrunbook.core.model import Run, Status
from sfrunbook.report.words import counts_of

__all__ = ["run_metrics"]


def run_metrics(run: Run, *, exit_code: int) -> str:
    """Gauges only: the text file collector knows no other type of OpenMetrics than Prometheus has.

    Source: https://prometheus.io/docs/specs/om/open_metrics_spec/ (2026-11-23).
    """
    who = {"connection": run.connection}
    ended = run.started_at.timestamp() + run.duration_seconds
    lines = [
        *_gauge("sfrunbook_run_passed", "Whether the last run passed.", [(who, int(exit_code == 0))]),
        *_gauge("sfrunbook_run_exit_code", "Exit code of the last run.", [(who, exit_code)]),
        *_gauge("sfrunbook_run_end_timestamp_seconds", "When the last run ended.", [(who, round(ended, 3))]),
        *_gauge(
            "sfrunbook_run_duration_seconds", "How long the last run took.", [(who, round(run.duration_seconds, 3))]
        ),
        *_gauge(
            "sfrunbook_run_checks",
            "Checks of the last run by outcome.",
            [({**who, "status": status.value}, number) for status, number in counts_of(run).items()],
        ),
        *_gauge(
            "sfrunbook_check_passed",
            "Whether a check passed, warnings included; skipped ones are left out.",
            [({**who, "check": name}, int(good)) for name, good in _checks(run).items()],
        ),
        "# EOF",
    ]
    return "\n".join(lines) + "\n"


def _checks(run: Run) -> dict[str, bool]:
    good = (Status.PASSED, Status.WARNING)
    return {one.check: one.status in good for one in run.findings if one.status is not Status.SKIPPED}


def _gauge(name: str, help_text: str, samples: list[tuple[Mapping[str, str], float]]) -> Iterator[str]:
    yield f"# TYPE {name} gauge"
    yield f"# HELP {name} {help_text}"
    for labels, value in samples:
        told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{told}}} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
