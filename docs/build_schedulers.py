"""Write docs/schedulers.md from the templates that `sfrunbook schedule` uses."""

from __future__ import annotations

import sys
from pathlib import Path

from sfrunbook.headless.schedules import JITTER_MINUTES, Schedule, Target, times_of, written_for

PAGE = Path(__file__).with_name("schedulers.md")
_NAMES = {
    Target.CRON: ("cron", "text"),
    Target.SYSTEMD: ("systemd timer", "ini"),
    Target.GITHUB: ("GitHub Actions", "yaml"),
    Target.GITLAB: ("GitLab CI", "yaml"),
    Target.AIRFLOW: ("Airflow", "python"),
    Target.KUBERNETES: ("Kubernetes CronJob", "yaml"),
}
_HEAD = f"""# In a scheduler

`sfrunbook schedule` prints a ready file for the scheduler that you have:

```console
$ sfrunbook schedule --for cron --connection acme --at 03:30
$ sfrunbook schedule --for kubernetes --connection acme --every 6h
```

`sfrunbook run` in it proves the connection again and tells by its exit code: 0 all passed, 1 a check failed, 2 usage or
configuration, 3 inconclusive or infrastructure, 4 a secret was found in what the run would have left.

- **Times** are in UTC but for cron, which goes by the clock of its machine. Each connection begins at minutes of its
  own: with `--at` up to {JITTER_MINUTES - 1} minutes later, with `--every` anywhere in the interval. They are drawn
  from its name, so they are the same on every machine and after every change.
- **Two runs of one connection do not overlap**: the second exits with 3, or waits with `--wait SECONDS`.
- **No person is needed, and none is asked**: a run never makes a new approval. A grant whose refresh token rotates
  belongs to the machine that keeps it; for machines that come and go use client credentials or JWT bearer.
- **The key** to what is kept is in the system's keyring; schedulers have none, so name a key file with `--key-file`.
- **A run that does not pass tells you**: `--notify env:ALERT_URL` sends two lines, what happened and who does what
  where, to the address in that variable: `jsons://host/path` for a webhook, `mailtos://user:password@host` for
  e-mail, and what else [apprise](https://github.com/caronc/apprise/wiki) knows (`pip install 'sfrunbook[notify]'`).
  The address is given by reference only, since everybody on a machine can read a command line.
- **Old run folders** are deleted with `--keep`; `sfrunbook history acme` remembers the runs all the same.
- **Monitoring**: `metrics.prom` in the run folder is OpenMetrics text; Prometheus' node exporter takes it as a
  text file.

This page is made from the same templates by `python docs/build_schedulers.py`. The files are tested as far as that goes
without the schedulers themselves: systemd's own checker reads the units, the DAG is run against a stand-in for Airflow,
the rest is read as YAML and held against what each scheduler documents.
"""


def page() -> str:
    parts = [_HEAD]
    for target, (name, language) in _NAMES.items():
        schedule = Schedule(
            connection="acme",
            times=times_of("acme", target=target.value, at="03:30"),
            program="/usr/local/bin/sfrunbook" if target in (Target.CRON, Target.SYSTEMD) else "sfrunbook",
            folder="runs" if target is Target.GITLAB else "/var/lib/sfrunbook/runs",
            home="/var/lib/sfrunbook",
            key_file="/etc/sfrunbook/key",
            notify="env:ALERT_URL",
        )
        parts.append(f"## {name}\n\n```{language}\n{written_for(target, schedule)}```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    sys.exit(0)
