"""A run as monitoring reads it: OpenMetrics text, which Prometheus' node exporter takes from a file as well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sfrunbook.core.model import Run, Status
from sfrunbook.report.words import counts_of

__all__ = ["run_metrics"]


def run_metrics(run: Run, *, exit_code: int) -> str:
    """Gauges only: the text file collector knows no other type of OpenMetrics than Prometheus has.

    Source: https://prometheus.io/docs/specs/om/open_metrics_spec/ (2026-11-23).
    """
    from prometheus_client import CollectorRegistry, Gauge
    from prometheus_client.openmetrics.exposition import generate_latest

    registry = CollectorRegistry()

    def gauge(name: str, help_text: str, samples: Iterable[tuple[float, Mapping[str, str]]]) -> None:
        samples = [(value, {"connection": run.connection, **labels}) for value, labels in samples]
        labels = tuple(samples[0][1]) if samples else ()
        family = Gauge(name, help_text, labels, registry=registry)
        for value, labelled in samples:
            family.labels(**labelled).set(value)

    ended = run.started_at.timestamp() + run.duration_seconds
    counts = [(number, {"status": status.value}) for status, number in counts_of(run).items()]
    outcomes = {
        finding.check: finding.status.is_good for finding in run.findings if finding.status is not Status.SKIPPED
    }
    checks = [(good, {"check": name}) for name, good in outcomes.items()]
    gauge("sfrunbook_run_passed", "Whether the last run passed.", [(exit_code == 0, {})])
    gauge("sfrunbook_run_exit_code", "Exit code of the last run.", [(exit_code, {})])
    gauge("sfrunbook_run_end_timestamp_seconds", "When the last run ended.", [(round(ended, 3), {})])
    gauge("sfrunbook_run_duration_seconds", "How long the last run took.", [(round(run.duration_seconds, 3), {})])
    gauge("sfrunbook_run_checks", "Checks of the last run by outcome.", counts)
    if checks:
        gauge("sfrunbook_check_passed", "Whether a check passed, warnings included; skipped ones are left out.", checks)
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]  # the library has no type here
    return text.decode()
