"""Ready files for schedulers that run the regression of a connection, each at minutes of the connection's own."""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfrunbook.core.errors import RunbookError

__all__ = ["Schedule", "Target", "Times", "times_of", "written_for"]


class Target(StrEnum):
    """A scheduler that a file can be written for."""

    CRON = "cron"
    SYSTEMD = "systemd"
    GITHUB = "github"
    GITLAB = "gitlab"
    AIRFLOW = "airflow"
    KUBERNETES = "kubernetes"


#: connections start up to this many minutes after the given time
JITTER_MINUTES = 15
_INTERVALS = {
    "5m": 5, "10m": 10, "15m": 15, "20m": 20, "30m": 30, "1h": 60, "2h": 120, "3h": 180, "4h": 240, "6h": 360,
    "8h": 480, "12h": 720, "1d": 1440,
}  # fmt: skip
_DAY = 1440
_TEMPLATES = Path(__file__).with_name("schedule_templates")
_PLAIN = re.compile(r"[\w./~@:+-]+", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Times:
    """When to run: minutes of the day in UTC, and the same in words."""

    minutes: tuple[int, ...]
    words: str

    @property
    def cron(self) -> tuple[str, ...]:
        """The fewest lines of a crontab for it: one for all hours that share their minutes."""
        hours_by_minutes: dict[tuple[int, ...], list[int]] = {}
        for hour in range(24):
            in_hour = tuple(minute % 60 for minute in self.minutes if minute // 60 == hour)
            if in_hour:
                hours_by_minutes.setdefault(in_hour, []).append(hour)
        return tuple(
            f"{','.join(map(str, in_hour))} {'*' if len(hours) == 24 else ','.join(map(str, hours))} * * *"
            for in_hour, hours in hours_by_minutes.items()
        )

    @property
    def calendar(self) -> tuple[str, ...]:
        """The same for systemd."""
        lines = [line.split() for line in self.cron]
        return tuple(
            f"*-*-* {hours if hours == '*' else _two_digits(hours)}:{_two_digits(minutes)}:00 UTC"
            for minutes, hours, *_ in lines
        )


def _two_digits(numbers: str) -> str:
    return ",".join(f"{int(number):02d}" for number in numbers.split(","))


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The values in a scheduler's file."""

    connection: str
    times: Times
    #: the program, by its full path where the scheduler has another PATH
    program: str = "sfrunbook"
    #: folder of the run folders
    folder: str = "runs"
    #: folder of sfrunbook's data; empty for its default
    home: str = ""
    #: file with the key to the stored secrets, for machines without a keyring
    key_file: str = ""
    #: for Airflow, which runs the notebook itself
    notebook: str = "notebooks/regression.ipynb"
    notify: str = ""
    keep: int = 30
    run_seconds: int = 1800


def times_of(connection: str, *, target: str, at: str = "", every: str = "") -> Times:
    """Times of a connection: `at` a time of day in UTC, or `every` so often; each with the connection's own jitter.

    The jitter is drawn from the name, so it is the same on every machine and after every change of the file.
    Raises RunbookError: `connection-name-invalid`, `schedule-not-possible`.
    """
    from sfrunbook.store.connections import check_name

    check_name(connection)
    if at and every:
        raise _not_possible(target, f"--at {at} --every {every}", "give one only")
    drawn = int.from_bytes(hashlib.sha256(connection.encode()).digest()[:8], "big")
    if at:
        found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", at)
        if found is None:
            raise _not_possible(target, at, "it isn't a time of day")
        minute = (int(found[1]) * 60 + int(found[2]) + drawn % JITTER_MINUTES) % _DAY
        return Times(minutes=(minute,), words=f"once a day about {at} UTC")
    interval = _INTERVALS.get(every or "1d")
    if interval is None:
        raise _not_possible(target, every, "it isn't a supported interval")
    first = drawn % min(interval, _DAY)
    return Times(minutes=tuple(range(first, _DAY, interval)), words=f"every {every or '1d'}")


def written_for(target: Target, schedule: Schedule) -> str:
    """The file's text; where a scheduler takes several files, each follows a line with its name.

    Raises RunbookError `schedule-not-possible`: a path that a shell or YAML would read otherwise, or times that need
    several lines of cron for a scheduler that takes a single line.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    schedule = _fitted(target, schedule)
    times = schedule.times
    if target in (Target.AIRFLOW, Target.KUBERNETES) and len(times.cron) > 1:
        raise _not_possible(target, times.words, "one line of cron can't express it")
    # the files are not HTML; what is put into them is checked above and by check_name
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    command, variables = _command(schedule), _variables(schedule)
    return environment.get_template(f"{target.value}.j2").render(
        vars(schedule),
        unit=_unit(schedule.connection),
        cron=times.cron,
        calendar=times.calendar,
        words=times.words,
        command=shlex.join(command),
        arguments=command,
        variables=variables,
        secrets=_secrets(target, schedule),
        needs=" and ".join(f"{name}={value}" for name, value in variables.items()) or "a keyring",
        run_minutes=-(-schedule.run_seconds // 60),
    )


def _not_possible(target: str, given: str, reason: str) -> RunbookError:
    from sfrunbook.core.errors import problem

    return problem("schedule-not-possible", given=given, target=str(target), reason=reason)


def _fitted(target: Target, schedule: Schedule) -> Schedule:
    """The schedule with what this scheduler prescribes, once its texts mean the same everywhere."""
    if target is Target.KUBERNETES:
        # The pod's claim is mounted there. A key file can't be: with fsGroup its group may read it.
        # Source: https://github.com/kubernetes/kubernetes/issues/57923 (likely)
        schedule = replace(schedule, home="/var/lib/sfrunbook", key_file="")
        if not schedule.folder.startswith("/"):
            schedule = replace(schedule, folder=f"/var/lib/sfrunbook/{schedule.folder}")
    texts = (getattr(schedule, field.name) for field in fields(schedule) if field.name not in ("connection", "times"))
    for text in texts:
        if isinstance(text, str) and text and not _PLAIN.fullmatch(text):
            raise _not_possible(target, text, "use only letters, digits and . _ - + @ ~ : /")
    if target is Target.GITLAB and schedule.folder.startswith(("/", "~")):
        raise _not_possible(target, schedule.folder, "GitLab keeps artifacts from the project's folder only")
    return schedule


def _variables(schedule: Schedule) -> dict[str, str]:
    given = {"SFRUNBOOK_HOME": schedule.home, "SFRUNBOOK_KEY_FILE": schedule.key_file}
    return {name: value for name, value in given.items() if value}


def _secrets(target: Target, schedule: Schedule) -> list[str]:
    """The variables whose values are secret, which the scheduler has to get from its own store."""
    # a keyring may be there where the machine is the user's own
    passphrase = [] if schedule.key_file or target in (Target.CRON, Target.SYSTEMD) else ["SFRUNBOOK_PASSPHRASE"]
    kind, _, name = schedule.notify.partition(":")
    return [*passphrase, name] if kind == "env" else passphrase


def _command(schedule: Schedule) -> list[str]:
    words = [schedule.program, "run", "regression", "--connection", schedule.connection, "--in", schedule.folder]
    words += ["--keep", str(schedule.keep), "--run-seconds", str(schedule.run_seconds)]
    return words + (["--notify", schedule.notify] if schedule.notify else [])


def _unit(connection: str) -> str:
    """A name that every scheduler takes: lower case letters, digits and hyphens, at most 52 characters (CronJob)."""
    plain = re.sub(r"[^a-z0-9]+", "-", connection.lower()).strip("-")
    name = f"sfrunbook-{plain}"
    if plain == connection and len(name) <= 52:
        return name
    return f"{name[:43].rstrip('-')}-{hashlib.sha256(connection.encode()).hexdigest()[:8]}"
