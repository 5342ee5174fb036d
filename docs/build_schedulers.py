"""Write docs/schedulers.md from the templates that `sfrunbook schedule` uses."""

from __future__ import annotations

import sys
from pathlib import Path

from sfrunbook.report.schedules import JITTER_MINUTES, Schedule, Target, times_of, written_for

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

`sfrunbook schedule` prints a ready file for cron, systemd, GitHub Actions, GitLab CI, Airflow or Kubernetes:

```console
$ sfrunbook schedule --for cron --connection acme --at 03:30
$ sfrunbook schedule --for kubernetes --connection acme --every 6h
```

Each run checks the connection again with `sfrunbook run`. [Exit code](reference.md#exit-codes) 0 means that all checks
passed. A run refreshes access once, and stores the new tokens before it uses them.

## Prepare the machine

1. **Make a key file.** Schedulers have no keyring, so put the encryption key of the stored logins into a file:

    ```console
    $ sfrunbook grants key-file /etc/sfrunbook/key
    ```

    Pass it with `--key-file /etc/sfrunbook/key`. Kubernetes, and CI without your own runner, take a passphrase from
    their secrets instead: `SFRUNBOOK_PASSPHRASE`.

2. **Choose where alerts go.** Write the address into a file that only its owner can read, and pass
   `--notify file:/etc/sfrunbook/alert-url`. With `--notify env:ALERT_URL` the file says where to set that variable.
   When a run doesn't pass, two lines are sent: what happened, and who fixes it where.
   The address is `jsons://host/path` for a webhook, `mailtos://user:password@host` for e-mail, or any other that
   [apprise](https://github.com/caronc/apprise/wiki) knows (`pip install 'sfrunbook[notify]'`). Airflow sends its own
   alerts.

3. **Choose the grant.** A refresh token that rotates belongs to one machine. For machines that come and go,
   [choose another grant](unattended-grants.md).

## Know what a run does

- **Times** are in UTC; only cron uses the clock of its machine. Each connection starts at its own minute: with `--at`
  up to {JITTER_MINUTES - 1} minutes later, with `--every` anywhere in the interval. The minute follows from the
  connection's name, so it's the same on every machine.
- **Two runs of one connection don't overlap**: the second exits with 3, or waits with `--wait SECONDS`.
- **Approvals**: an unattended run never makes one in a real org.
- **Reports** are in a folder for each run. `--keep` deletes old folders; `sfrunbook history acme` still shows the runs.
- **Secrets**: a run searches what it wrote before it publishes it. To search other files, use `sfrunbook scan runs`, or
  the pre-commit hook `sfrunbook-scan`.
- **Monitoring**: `metrics.prom` in the run folder is OpenMetrics text, which Prometheus' node exporter reads.
- **Papermill** works too. Add `--engine sfrunbook` for time limits and for parameters that are checked first:
  `papermill notebooks/regression.ipynb out.ipynb -p connection acme`

The files below are printed with the options above. Tests check them without the schedulers: systemd's own checker reads
the units, and the DAG runs against a stand-in for Airflow. The rest is compared with what each scheduler documents.
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
            notify="env:ALERT_URL" if target is Target.KUBERNETES else "file:/etc/sfrunbook/alert-url",
        )
        parts.append(f"## {name}\n\n```{language}\n{written_for(target, schedule)}```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    sys.exit(0)
