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
_HEAD = f"""# Run it in a scheduler

`sfrunbook schedule` prints a ready file for the scheduler that you have:

```console
$ sfrunbook schedule --for cron --connection acme --at 03:30
$ sfrunbook schedule --for kubernetes --connection acme --every 6h
```

The file runs `sfrunbook run`, which checks the connection again. Its [exit code](reference.md#exit-codes) is the
result: 0 means that all checks passed. Each run refreshes access once and stores the new tokens before it uses them.

Papermill works too. Add `--engine sfrunbook` for time limits and for parameters that are checked first:

```console
$ papermill notebooks/regression.ipynb out.ipynb -p connection acme
```

- **Times** are in UTC; cron alone uses the clock of its machine. Each connection starts at its own minute: with `--at`
  up to {JITTER_MINUTES - 1} minutes later, with `--every` anywhere in the interval. The minute follows from its name,
  so it is the same on every machine.
- **Two runs of one connection don't overlap**: the second exits with 3, or waits with `--wait SECONDS`.
- **Approvals**: an unattended run never makes one in a real org. A refresh token that rotates belongs to one machine.
  For machines that are often replaced, [choose another grant](unattended-grants.md).
- **The encryption key** is usually in the system's keyring. A scheduler can't use the keyring, so name a key file with
`--key-file`.
- **Alerts**: when a run doesn't pass, `--notify env:ALERT_URL` sends two lines: what happened, and who does what where.
  The variable has the address: `jsons://host/path` for a webhook, `mailtos://user:password@host` for e-mail, or any
  other that [apprise](https://github.com/caronc/apprise/wiki) knows (`pip install 'sfrunbook[notify]'`).
  Name the address by reference only: everyone on a machine can read a command line.
- **Old run folders** are deleted with `--keep`; `sfrunbook history acme` still shows the runs.
- **Secrets**: a run searches what it wrote before it publishes it. To search other files, use `sfrunbook scan runs`, or
  the pre-commit hook `sfrunbook-scan`.
- **Monitoring**: `metrics.prom` in the run folder is OpenMetrics text, which Prometheus' node exporter reads.

`python docs/build_schedulers.py` makes this page from the same templates. Tests check the files without the
schedulers: systemd's own checker reads the units, and the DAG runs against a stand-in for Airflow. The rest is read as
YAML and compared with what each scheduler documents.
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
