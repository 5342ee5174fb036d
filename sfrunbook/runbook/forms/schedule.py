"""The form of the end screen that shows the file by which a scheduler checks the connection."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.schedules import Schedule, Target, times_of, written_for
from sfrunbook.runbook import widgets

__all__ = ["schedule_form"]

_SCHEDULERS = {
    Target.CRON: "cron, on this computer",
    Target.SYSTEMD: "systemd, on this computer",
    Target.GITHUB: "GitHub Actions",
    Target.GITLAB: "GitLab CI/CD",
    Target.AIRFLOW: "Apache Airflow",
    Target.KUBERNETES: "Kubernetes",
}
_HERE = (Target.CRON, Target.SYSTEMD)
_FIELDS = (
    widgets.Field(
        name="target",
        label="Scheduler",
        kind="choice",
        options=tuple((label, target.value) for target, label in _SCHEDULERS.items()),
    ),
    widgets.Field(
        name="at",
        label="Time of day",
        placeholder="03:30",
        help="The checks run once a day. cron goes by this computer's clock, the others by UTC.",
    ),
)


def schedule_form(connection: str) -> object:
    """The choice of a scheduler and a time, and what to copy into it."""
    file = widgets.CopyTable(caption="Schedule checks", heading="Scheduler", place="your scheduler")

    def show(values: Mapping[str, str]) -> dict[str, widgets.FieldHint]:
        target = Target(values["target"])
        try:
            text = _text(connection, target, values["at"])
        except RunbookError as error:
            file.rows = []
            return {"at": widgets.FieldHint(status=Status.FAILED, sentence=diagnosis_of(error).what)}
        file.rows = [{"label": _SCHEDULERS[target], "value": text, "why": "", "copyable": True}]
        return {}

    return widgets.stack(widgets.Form(_FIELDS, {"target": Target.CRON, "at": "03:30"}, action="", on_change=show), file)


def _text(connection: str, target: Target, at: str) -> str:
    """The file; a scheduler on this computer gets what this kernel goes by."""
    schedule = Schedule(connection=connection, times=times_of(connection, target=target, at=at))
    if target in _HERE:
        program = Path(sys.executable).with_name("sfrunbook")
        schedule = replace(
            schedule,
            program=str(program) if program.exists() else "sfrunbook",
            home=os.environ.get("SFRUNBOOK_HOME", ""),
            key_file=os.environ.get("SFRUNBOOK_KEY_FILE", ""),
        )
    return written_for(target, schedule)
