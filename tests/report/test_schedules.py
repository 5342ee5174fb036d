"""The files for schedulers: what each scheduler would make of them, as far as that can be seen without it."""

from __future__ import annotations

import configparser
import datetime
import importlib.util
import inspect
import json
import re
import shutil
import subprocess
import sys
import types
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from support.each import for_each
from support.errors import raises_problem
from support.runbook_support import make_shell

from sfrunbook.report.schedules import JITTER_MINUTES, Schedule, Target, times_of, written_for

DOCS = Path(__file__).parents[2] / "docs"
COMMAND = (
    "/opt/sfrunbook run regression --connection acme --in runs --keep 30 --run-seconds 1800 --notify env:ALERT_URL"
)


def written(target: Target, **more: Any) -> str:
    times = times_of(more.get("connection", "acme"), target=target.value, every=more.pop("every", "6h"))
    given = {"connection": "acme", "program": "/opt/sfrunbook", "notify": "env:ALERT_URL", **more}
    return written_for(target, Schedule(times=times, **given))


# --- times -----------------------------------------------------------------------------------------------------------


def cron_minutes(line: str) -> set[int]:
    """The minutes of a day at which a line of cron runs, by the rules of crontab(5)."""
    minute, hour, *rest = line.split()
    assert rest == ["*", "*", "*"]

    def numbers(field: str, end: int) -> set[int]:
        found: set[int] = set()
        for part in field.split(","):
            span, _, step = part.partition("/")
            low, _, high = (f"0-{end - 1}" if span == "*" else span).partition("-")
            found |= set(range(int(low), int(high or low) + 1, int(step or 1)))
        assert found <= set(range(end))
        return found

    return {60 * one + other for one in numbers(hour, 24) for other in numbers(minute, 60)}


@for_each(
    ("every", "minutes"),
    [("5m", 5), ("10m", 10), ("15m", 15), ("20m", 20), ("30m", 30), ("1h", 60), ("2h", 120), ("3h", 180), ("4h", 240),
     ("6h", 360), ("8h", 480), ("12h", 720), ("1d", 1440)],
)  # fmt: skip
@for_each("connection", ["acme", "b", "Some.Other-Org_7"])
def test_an_interval_is_kept_to_the_minute_all_day(connection: str, every: str, minutes: int) -> None:
    (line,) = times_of(connection, target="cron", every=every).cron
    found = sorted(cron_minutes(line))
    assert len(found) == 1440 // minutes
    assert {after - before for before, after in pairwise(found)} <= {minutes}


def test_a_time_of_day_comes_a_little_later_always_the_same_and_not_all_at_once() -> None:
    drawn = {name: times_of(name, target="cron", at="23:55").minutes[0] for name in map(str, range(100))}
    assert drawn == {name: times_of(name, target="cron", at="23:55").minutes[0] for name in drawn}
    late = {(minute - (23 * 60 + 55)) % 1440 for minute in drawn.values()}
    assert late == set(range(JITTER_MINUTES))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"at": "24:00"}, "24:00 isn't a schedule for cron: it isn't a time of day."),
        ({"at": "3.30"}, "it isn't a time of day"),
        ({"every": "7m"}, "7m isn't a schedule for cron: it isn't a supported interval."),
        ({"at": "03:30", "every": "1h"}, "give one only"),
    ],
)
def test_times_that_not_every_scheduler_can_say_are_refused(words: dict[str, str], told: str) -> None:
    with raises_problem("schedule-not-possible", re.escape(told)):
        times_of("acme", target="cron", **words)


@pytest.mark.parametrize("name", ["../x", "a b", "a'; reboot", "{x}", "a%b", "$(x)", 'a"b', "a\nb"])
def test_a_name_that_could_be_read_as_something_else_is_refused(name: str) -> None:
    with raises_problem("connection-name-invalid"):
        times_of(name, target="cron")


@for_each("field", ["program", "folder", "home", "notebook", "key_file", "notify"])
@for_each("text", ["a b", "x;y", "$(x)", "a%b", "a\nb", "{{ x }}", '"'])
@for_each("target", Target)
def test_a_path_that_could_be_read_as_something_else_is_refused(target: Target, field: str, text: str) -> None:
    if target is Target.KUBERNETES and field in ("home", "key_file"):
        assert written(target, **{field: text}) == written(target)  # the pod's own are used
        return
    with raises_problem("schedule-not-possible"):
        written(target, **{field: text})


# --- files -----------------------------------------------------------------------------------------------------------


def test_the_crontab_has_variables_a_line_that_cron_reads_and_no_percent_sign() -> None:
    lines = [line for line in written(Target.CRON, home="/var/lib/x").splitlines() if not line.startswith("#")]
    assert lines[0] == "SFRUNBOOK_HOME=/var/lib/x"
    assert len(lines) == 2
    assert "%" not in lines[1]
    fields = lines[1].split(maxsplit=5)
    assert len(cron_minutes(" ".join(fields[:5]))) == 4
    assert fields[5] == f"{COMMAND} >> runs.log 2>&1"


def systemd_units(text: str) -> dict[str, str]:
    pieces = re.split(r"^# ~/\.config/systemd/user/(\S+)\n", text, flags=re.M)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def test_the_units_of_systemd_start_the_command_and_end_it_gently() -> None:
    units = systemd_units(written(Target.SYSTEMD))
    assert set(units) == {"sfrunbook-acme.service", "sfrunbook-acme.timer"}
    service, timer = (configparser.RawConfigParser(strict=False) for _ in range(2))
    service.read_string(units["sfrunbook-acme.service"])
    timer.read_string(units["sfrunbook-acme.timer"])
    assert service["Service"]["execstart"] == COMMAND
    assert service["Service"]["type"] == "oneshot"
    assert int(service["Service"]["timeoutstartsec"]) > 1800
    assert timer["Timer"]["oncalendar"] == "*-*-* 01,07,13,19:12:00 UTC"
    assert timer["Install"]["wantedby"] == "timers.target"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("every", ["5m", "6h", "1d"])
def test_systemd_itself_finds_nothing_wrong_with_the_units(tmp_path: Path, every: str) -> None:
    for name, text in systemd_units(written(Target.SYSTEMD, every=every, program="/bin/true")).items():
        (tmp_path / name).write_text(text)
    paths = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(
        ["systemd-analyze", "verify", *paths], capture_output=True, text=True, timeout=60, check=False
    )
    assert [line for line in (done.stdout + done.stderr).splitlines() if "sfrunbook-acme" in line] == []
    (when,) = re.findall(r"^OnCalendar=(.*)$", (tmp_path / "sfrunbook-acme.timer").read_text(), re.M)
    checked = subprocess.run(
        ["systemd-analyze", "calendar", when], capture_output=True, text=True, timeout=60, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_the_workflow_of_github_runs_the_command_one_at_a_time_and_keeps_the_report() -> None:
    flow = yaml.safe_load(written(Target.GITHUB))
    when = flow[True]  # YAML 1.1 reads `on` as true, and GitHub does not
    assert len(cron_minutes(when["schedule"][0]["cron"])) == 4
    assert set(flow) == {"name", True, "permissions", "concurrency", "jobs"}
    assert flow["permissions"] == {"contents": "read"}
    assert flow["concurrency"] == {"group": "sfrunbook-acme", "cancel-in-progress": False}
    job = flow["jobs"]["regression"]
    assert job["timeout-minutes"] > 30
    run, keep = job["steps"]
    assert run["run"] == COMMAND
    assert run["env"]["SFRUNBOOK_PASSPHRASE"] == "${{ secrets.SFRUNBOOK_PASSPHRASE }}"
    assert keep["if"] == "always()"
    assert re.fullmatch(r"actions/upload-artifact@v\d+", keep["uses"])


SECRETS = {
    Target.CRON: ([], "# Add a line with a value for each of: ALERT_URL"),
    Target.SYSTEMD: ([], "# a file that only you can read, with a line NAME=VALUE for each of: ALERT_URL"),
    Target.GITHUB: (["SFRUNBOOK_PASSPHRASE"], "ALERT_URL: ${{ secrets.ALERT_URL }}"),
    Target.GITLAB: (["SFRUNBOOK_PASSPHRASE"], "masked and protected: SFRUNBOOK_PASSPHRASE, ALERT_URL"),
    Target.KUBERNETES: (["SFRUNBOOK_PASSPHRASE"], "keys: SFRUNBOOK_PASSPHRASE, ALERT_URL"),
}


@pytest.mark.parametrize("target", SECRETS)
def test_a_secret_variable_is_asked_of_the_scheduler_and_one_in_a_file_is_not(target: Target) -> None:
    names, said = SECRETS[target]
    assert said in written(target)
    plain = written(target, notify="file:/etc/sfrunbook/alert-url")
    assert "ALERT_URL" not in plain and all(name in plain for name in names)
    with_key = written(target, key_file="/etc/sfrunbook/key", notify="")
    assert ("PASSPHRASE" in with_key) is (target is Target.KUBERNETES)  # there no key file is private enough


def test_the_job_of_gitlab_runs_when_scheduled_and_hands_over_junit() -> None:
    document = yaml.safe_load(written(Target.GITLAB))
    job = document["sfrunbook-acme"]
    assert job["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}]
    assert job["script"] == [COMMAND]
    assert job["resource_group"] == "sfrunbook-acme"
    assert job["artifacts"]["reports"]["junit"] == "runs/*/junit.xml"
    assert job["artifacts"]["when"] == "always"
    with raises_problem("schedule-not-possible", "GitLab keeps artifacts from the project's folder only"):
        written(Target.GITLAB, folder="/var/lib/runs")


class _Dag:
    made: ClassVar[list[_Dag]] = []

    def __init__(self, **options: Any) -> None:
        self.options = options
        _Dag.made.append(self)

    def __enter__(self) -> _Dag:
        return self

    def __exit__(self, *_: object) -> None: ...


class _PapermillOperator:
    """Takes what the operator of apache-airflow-providers-papermill 3.13 and the BaseOperator above it take.

    Source: https://github.com/apache/airflow, providers/papermill/src/.../operators/papermill.py (2026-11).
    """

    made: ClassVar[list[dict[str, Any]]] = []

    def __init__(
        self, *, input_nb: str, output_nb: str, parameters: dict[str, Any] | None = None,
        kernel_name: str | None = None, language_name: str | None = None,
        kernel_conn_id: str | None = None, log_output: bool = False,
        nbconvert: bool = False, nbconvert_args: list[str] | None = None,
        task_id: str, retries: int = 0, retry_delay: datetime.timedelta | None = None,
        execution_timeout: datetime.timedelta | None = None,
    ) -> None:  # fmt: skip
        given = inspect.currentframe()
        assert given is not None
        self.made.append(dict(given.f_locals))


def test_the_dag_of_airflow_runs_and_gives_the_operator_what_it_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    airflow = types.ModuleType("airflow")
    operators = types.ModuleType("airflow.providers.papermill.operators.papermill")
    airflow.DAG = _Dag  # type: ignore[attr-defined]
    operators.PapermillOperator = _PapermillOperator  # type: ignore[attr-defined]
    for name in ("airflow.providers", "airflow.providers.papermill", "airflow.providers.papermill.operators"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "airflow", airflow)
    monkeypatch.setitem(sys.modules, operators.__name__, operators)
    _Dag.made.clear()
    _PapermillOperator.made.clear()
    (tmp_path / "dag.py").write_text(written(Target.AIRFLOW, home="/var/lib/x", key_file="/etc/key"))
    spec = importlib.util.spec_from_file_location("dag", tmp_path / "dag.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (dag,), (task,) = _Dag.made, _PapermillOperator.made
    assert dag.options["dag_id"] == "sfrunbook-acme"
    assert dag.options["max_active_runs"] == 1
    assert dag.options["catchup"] is False
    assert len(cron_minutes(dag.options["schedule"])) == 4
    assert task["parameters"] == {"connection": "acme"}
    assert (task["input_nb"], task["output_nb"]) == ("notebooks/regression.ipynb", "runs/{{ ts_nodash }}.ipynb")
    assert task["execution_timeout"] < dag.options["dagrun_timeout"]
    assert "needs SFRUNBOOK_HOME=/var/lib/x and SFRUNBOOK_KEY_FILE=/etc/key." in (module.__doc__ or "")


def test_the_cron_job_of_kubernetes_is_forbidden_to_overlap_and_may_write_to_its_volumes_only() -> None:
    job = yaml.safe_load(written(Target.KUBERNETES, program="sfrunbook"))
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?", job["metadata"]["name"])
    spec = job["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["timeZone"] == "Etc/UTC"
    assert len(cron_minutes(spec["schedule"])) == 4
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 0
    pod = spec["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    (box,) = pod["containers"]
    assert box["command"][:4] == ["sfrunbook", "run", "regression", "--connection"]
    assert box["command"][box["command"].index("--in") + 1] == "/var/lib/sfrunbook/runs"
    assert box["securityContext"]["readOnlyRootFilesystem"] is True

    def key(name: str) -> dict[str, Any]:
        return {"secretKeyRef": {"name": "sfrunbook", "key": name}}

    assert {one["name"]: one.get("value") or one["valueFrom"] for one in box["env"]} == {
        "SFRUNBOOK_HOME": "/var/lib/sfrunbook", "SFRUNBOOK_PASSPHRASE": key("SFRUNBOOK_PASSPHRASE"),
        "ALERT_URL": key("ALERT_URL"), "HOME": "/tmp",
    }  # fmt: skip
    mounted = {one["name"] for one in box["volumeMounts"]}
    assert mounted == {one["name"] for one in pod["volumes"]}


@pytest.mark.parametrize("name", ["Acme", "acme.prod", "a_b", "x" * 63, "a--b", "a."])
def test_names_that_a_scheduler_would_not_take_stay_apart(name: str) -> None:
    units = {
        one: yaml.safe_load(written(Target.KUBERNETES, connection=one))["metadata"]["name"] for one in (name, "acme")
    }
    assert re.fullmatch(r"[a-z0-9][-a-z0-9]{0,50}[a-z0-9]", units[name])
    assert units[name] != units["acme"]


def test_every_command_line_in_a_file_is_one_that_the_program_takes(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    words = COMMAND.split()[1:]
    done = shell.run(*["nobody" if word == "acme" else word for word in words])
    assert done.returncode == 2
    assert "secret-not-found" in done.stderr or "There is no connection" in done.stderr


def test_the_command_prints_the_file_and_tells_of_mistakes(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    done = shell.run(
        "schedule", "--for", "gitlab", "--connection", "acme", "--every", "6h", "--notify", "env:ALERT_URL"
    )
    assert yaml.safe_load(done.stdout)["sfrunbook-acme"]["script"][0].startswith("sfrunbook run regression ")
    told = json.loads(shell.run("schedule", "--for", "cron", "--connection", "acme", "--at", "03:30", "--json").stdout)
    assert (told["target"], len(told["cron"])) == ("cron", 1)
    assert shell.run("schedule", "--for", "cron", "--connection", "acme", "--every", "7m").returncode == 2
    typed = shell.run("schedule", "--for", "cron", "--connection", "acme", "--notify", "mailto://a:b@c.example")
    assert typed.returncode == 2
    assert "is an address, not a reference" in typed.stderr
    assert "a:b" not in typed.stderr


def test_the_page_in_the_docs_is_made_from_the_same_templates() -> None:
    spec = importlib.util.spec_from_file_location("build_schedulers", DOCS / "build_schedulers.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "schedulers.md").read_text("utf-8") == module.page()
