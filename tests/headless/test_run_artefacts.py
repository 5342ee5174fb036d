"""What a run leaves for programs: a result that fits its schema, metrics, a history; and what it throws away."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from filelock import FileLock
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as prometheus_families
from support.errors import raises_problem
from support.runbook_support import make_shell, posix_only
from support.zones import in_zone, needs_zones

from sfrunbook.core.errors import problem
from sfrunbook.core.held_folder import sweep
from sfrunbook.core.model import Finding, Run, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.headless.folder import forget_older, private_folder
from sfrunbook.headless.leak_gate import clean_files, clean_findings, clean_journal
from sfrunbook.headless.lock import only_run
from sfrunbook.report.cards import run_page
from sfrunbook.report.data import run_data, run_json, run_schema
from sfrunbook.report.metrics import run_metrics
from sfrunbook.report.trend import history_page, history_text, trend_of
from sfrunbook.store.runs import Change, RunHistory, RunRecord, changes, record_of

MOMENT = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
BROKEN = diagnosis_of(problem("wrong-org", expected="00Dxx0000001gPFEAY", seen="00Dxx0000001gPGEAY"))


def run_of(*findings: Finding, connection: str = "acme", at: datetime = MOMENT, seconds: float = 2.5) -> Run:
    return Run(
        title="Runbook", connection=connection, host="https://acme.my.salesforce.com", started_at=at,
        duration_seconds=seconds, findings=findings,
    )  # fmt: skip


def finding(check: str, status: Status = Status.PASSED, **more: Any) -> Finding:
    return Finding(check=f"regression/{check}", claim="It is so.", status=status, **more)


EVERY_STATUS = run_of(
    finding("one"), finding("two", Status.FAILED, diagnosis=BROKEN, evidence={"seen": "x"}),
    finding("three", Status.WARNING), finding("four", Status.SKIPPED), finding('fi"ve\\', Status.INCONCLUSIVE),
)  # fmt: skip
NOTEBOOKS = [{"name": "regression", "ended": True, "cells": 11, "stopped_in_cell": None, "stopped_by": None}]


# --- schema ----------------------------------------------------------------------------------------------------------


def schema() -> jsonschema.Draft202012Validator:
    document = json.loads(run_schema())
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document, format_checker=jsonschema.FormatChecker())


def test_the_schema_command_prints_the_schema(tmp_path: Path) -> None:
    done = make_shell(tmp_path / "user").run("schema")
    assert json.loads(done.stdout) == json.loads(run_schema())


@pytest.mark.parametrize("run", [run_of(), EVERY_STATUS], ids=["without findings", "with every status"])
def test_a_result_fits_its_schema(run: Run) -> None:
    schema().validate(json.loads(run_json(run, exit_code=1, notebooks=NOTEBOOKS)))
    schema().validate(json.loads(run_json(run)))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2}, {"status": "ok"}, {"exit_code": 5}, {"findings": [{}]}, {"counts": {"broken": 1}},
        {"duration_seconds": "2"}, {"notebooks": [{"name": "x"}]},
    ],
    ids=str,
)  # fmt: skip
def test_the_schema_refuses_what_is_no_result(change: dict[str, Any]) -> None:
    data = {**run_data(EVERY_STATUS, exit_code=1, notebooks=NOTEBOOKS), **change}
    with pytest.raises(jsonschema.ValidationError):
        schema().validate(data)


def test_every_field_of_a_result_is_described_by_the_schema() -> None:
    data = run_data(EVERY_STATUS, exit_code=1, notebooks=NOTEBOOKS)
    document = json.loads(run_schema())
    assert set(data) == set(document["properties"])
    assert set(data["findings"][1]) == set(document["$defs"]["finding"]["properties"])
    assert set(data["findings"][1]["diagnosis"]) == set(document["$defs"]["diagnosis"]["properties"])


# --- metrics ---------------------------------------------------------------------------------------------------------


def test_the_metrics_are_openmetrics_and_what_prometheus_reads_as_well() -> None:
    text = run_metrics(EVERY_STATUS, exit_code=1)
    families = {one.name: one for one in text_string_to_metric_families(text)}
    assert {one.name for one in prometheus_families(text)} == set(families)
    samples = {
        (sample.name, *(value for key, value in sorted(sample.labels.items()) if key != "connection")): sample.value
        for family in families.values()
        for sample in family.samples
    }
    assert samples["sfrunbook_run_passed",] == 0
    assert samples["sfrunbook_run_exit_code",] == 1
    assert samples["sfrunbook_run_duration_seconds",] == 2.5
    assert samples["sfrunbook_run_end_timestamp_seconds",] == MOMENT.timestamp() + 2.5
    assert samples["sfrunbook_run_checks", "failed"] == 1
    assert samples["sfrunbook_check_passed", "regression/one"] == 1
    assert samples["sfrunbook_check_passed", 'regression/fi"ve\\'] == 0
    assert ("sfrunbook_check_passed", "regression/four") not in samples


# --- history ---------------------------------------------------------------------------------------------------------


def remembered(*codes: int, connection: str = "acme") -> list[RunRecord]:
    bad = {0: Status.PASSED, 1: Status.FAILED, 3: Status.INCONCLUSIVE}
    return [
        record_of(
            run_of(
                finding("one"), finding("two", bad[code], diagnosis=BROKEN if code else None), connection=connection,
                at=MOMENT + timedelta(days=day), seconds=2.0 + day,
            ),
            notebooks=["regression"], exit_code=code, headline="All is said.", folder=Path("runs") / str(day),
        )
        for day, code in enumerate(codes)
    ]  # fmt: skip


def test_a_history_gives_back_what_it_was_told_oldest_first(tmp_path: Path) -> None:
    history = RunHistory(tmp_path)
    assert history.runs("acme") == ()
    assert history.last_passed("acme") is None
    records = remembered(0, 0, 1, 3)
    for one in records:
        history.add(one)
    history.add(remembered(0, connection="other")[0])
    assert history.runs("acme") == tuple(records)
    assert history.runs("acme", newest=2) == tuple(records[2:])
    assert history.last_passed("acme") == records[1]
    assert history.connections() == ("acme", "other")
    assert (tmp_path / "runs.sqlite").stat().st_mode & 0o077 == 0


def test_a_damaged_history_is_told_and_a_newer_one_is_left_alone(tmp_path: Path) -> None:
    history = RunHistory(tmp_path)
    (tmp_path / "runs.sqlite").write_text("this is no database " * 100)
    with raises_problem("run-history-unreadable", " can't be read: "):
        history.runs("acme")
    (tmp_path / "runs.sqlite").unlink()
    history.add(remembered(0)[0])
    import sqlite3

    with sqlite3.connect(tmp_path / "runs.sqlite") as db:
        db.execute("PRAGMA user_version = 9")
    db.close()
    with raises_problem("run-history-unreadable", "a newer version of sfrunbook wrote it"):
        history.add(remembered(0)[0])


def test_changes_name_every_check_with_another_outcome_and_no_other_notebooks_checks() -> None:
    good, bad = remembered(0, 1)
    assert changes(good, bad) == (
        Change(check="regression/two", before=Status.PASSED, after=Status.FAILED, code="wrong-org"),
    )
    assert changes(good, good) == ()


def test_the_history_of_a_terminal_says_when_it_last_passed_and_what_changed() -> None:
    trend = trend_of(remembered(0, 0, 1, 3))
    assert trend is not None
    assert history_text(trend) == (
        "acme: The last run, 2026-11-26 03:30 UTC, did not pass. The last run that passed was 2026-11-24 03:30 UTC.\n\n"
        "  outcome   ✓✓✗?\n"
        "  duration  ▄▅▇█  up to 5.0 s\n\n"
        "  2026-11-26 03:30 UTC  [INCONCLUSIVE]       5.0 s  exit 3  All is said.\n"
        "  2026-11-25 03:30 UTC  [FAIL]               4.0 s  exit 1  All is said.\n"
        "  2026-11-24 03:30 UTC  [PASS]               3.0 s  exit 0  All is said.\n"
        "  2026-11-23 03:30 UTC  [PASS]               2.0 s  exit 0  All is said.\n\n"
        "What changed since 2026-11-24 03:30 UTC:\n"
        "  regression/two: passed -> couldn't check (wrong-org)"
    )


@needs_zones
def test_the_history_of_a_terminal_has_the_time_of_this_machine() -> None:
    with in_zone("CET-1"):
        trend = trend_of(remembered(0))
    assert trend is not None
    assert trend.sentence == "The last run, 2026-11-23 04:30 CET (03:30 UTC), passed."


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        ((0,), "The last run, 2026-11-23 03:30 UTC, passed."),
        ((0, 0), "The last run, 2026-11-24 03:30 UTC, passed, as did the one before it."),
        ((1, 0, 0, 0), "The last run, 2026-11-26 03:30 UTC, passed, as did the 2 before it."),
        ((1,), "The last run, 2026-11-23 03:30 UTC, did not pass, and no earlier run on record passed."),
    ],
)
def test_the_sentence_over_a_history(codes: tuple[int, ...], sentence: str) -> None:
    trend = trend_of(remembered(*codes))
    assert trend is not None
    assert trend.sentence == sentence


def test_the_picture_stands_in_the_page_of_a_history_and_in_the_report_of_a_run() -> None:
    past = remembered(0, 0, 1)
    trend = trend_of(past)
    assert trend is not None
    page = history_page(trend)
    assert page.count("<rect class=") == 3
    assert 'aria-label="The last 3 runs, oldest first: passed, passed, failed"' in page
    assert "http" not in page.replace("http-equiv", "")
    told = run_page(EVERY_STATUS, past=past)
    assert 'class="trend"' in told
    assert "What changed since 2026-11-24 03:30 UTC" in told
    assert 'class="trend"' not in run_page(EVERY_STATUS, past=past[:1])


def test_the_history_command_answers_in_text_in_json_and_as_a_page(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    assert shell.run("history").stdout == "No run is recorded.\n"
    for one in remembered(0, 1):
        RunHistory(shell.home).add(one)
    assert shell.run("history").stdout.startswith("acme: The last run, 2026-11-24 03:30 UTC, did not pass.")
    (told,) = json.loads(shell.run("history", "acme", "--json", "--html", "page.html").stdout)
    assert (told["schema"], [one["exit_code"] for one in told["runs"]]) == ("sfrunbook-history", [0, 1])
    assert told["changes"] == [{"check": "regression/two", "before": "passed", "after": "failed", "code": "wrong-org"}]
    assert "Runs of the connection acme" in (shell.work / "page.html").read_text()
    assert shell.run("history", "../x").returncode == 2


# --- folders, lock, gate ---------------------------------------------------------------------------------------------


def run_folder(parent: Path, name: str, connection: str) -> Path:
    (parent / name).mkdir()
    (parent / name / "result.json").write_text(json.dumps({"connection": connection}))
    return parent / name


def test_only_the_oldest_run_folders_of_the_same_connection_are_deleted(tmp_path: Path) -> None:
    mine = [run_folder(tmp_path, f"2026112{day}-033000-acme", "acme") for day in range(5)]
    others = [
        run_folder(tmp_path, "20261101-033000-other", "other"),
        run_folder(tmp_path, "20261102-033000-acme", "not what the name says"),
        run_folder(tmp_path, "acme", "acme"),
    ]
    (tmp_path / "20261103-033000-acme").mkdir()
    assert forget_older(mine[-1], "acme", 2) == tuple(reversed(mine[:3]))
    assert [path.name for path in mine if path.exists()] == [path.name for path in mine[3:]]
    assert all(path.exists() for path in others)
    assert forget_older(mine[-1], "acme", 0) == (mine[3],)
    assert mine[4].exists()


def test_what_a_killed_run_left_is_swept_and_an_older_result_tells_of_no_new_run(tmp_path: Path) -> None:
    (tmp_path / ".running-abc123").mkdir()
    (tmp_path / "result.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("mine")
    with private_folder(tmp_path) as private:
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([private.name, "notes.txt"])
        assert private.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_what_killed_runs_left_in_folders_named_by_time_is_swept_and_what_runs_stays(tmp_path: Path) -> None:
    killed, had_a_result, going, chosen = (
        tmp_path / name for name in ("20261128-000000-a", "20261128-000001-a", "20261128-000002-b", "by-hand")
    )
    for folder in (killed, had_a_result, chosen):
        (folder / ".running-abc123").mkdir(parents=True)
    (had_a_result / "result.json").write_text("{}")
    with private_folder(going) as held, private_folder(tmp_path / "20261129-000000-a"):
        assert held.is_dir()
    assert not killed.exists()
    assert [path.name for path in had_a_result.iterdir()] == ["result.json"]
    assert (chosen / ".running-abc123").is_dir()


@posix_only
def test_a_folder_is_held_until_its_process_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from sfrunbook.core.held_folder import held_folder\n"
        "with held_folder('run-', Path(sys.argv[1])) as folder: print(folder, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    sweep("run-", tmp_path)
    assert folder.is_dir()
    process.kill()
    process.communicate()
    sweep("run-", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_two_runs_of_one_connection_do_not_overlap(tmp_path: Path) -> None:
    environ = {"SFRUNBOOK_HOME": str(tmp_path)}
    refused = raises_problem("run-already-going", "^Another run of the connection acme is in progress")
    with only_run("acme", environ), only_run("other", environ), refused:
        only_run("acme", environ).__enter__()
    with only_run("acme", environ), only_run("practice", environ), only_run("practice", environ):
        pass


def test_a_second_run_exits_with_3_or_waits(tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    (shell.home / "locks").mkdir(parents=True)
    with FileLock(shell.home / "locks" / "run-acme.lock"):
        done = shell.run("run", "regression", "--connection", "acme", "--out", "out")
        assert done.returncode == 3
        assert "Another run of the connection acme is in progress." in done.stderr
        assert shell.run("run", "regression", "--connection", "acme", "--wait", "1").returncode == 3
        assert not (shell.work / "out").exists()
    done = shell.run("run", "regression", "--connection", "acme", "--wait", "5")
    assert "There is no connection called acme." in done.stderr


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", "{x}", "a'b", 'a"b', "..", "", " a", "a\nb", "%2e%2e"])
def test_a_name_that_is_none_makes_no_folder_anywhere(tmp_path: Path, name: str) -> None:
    from sfrunbook.headless.runner import run_notebooks

    with raises_problem("connection-name-invalid"):
        run_notebooks(["regression"], connection=name, out=tmp_path / "out", environ={"SFRUNBOOK_HOME": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []


PLANTED = "plant-" + "Qr7xK2mV9bT4nZ1w"


def test_the_gate_keeps_what_is_clean_and_says_where_it_was_not(tmp_path: Path) -> None:
    from sfrunbook.core.secrets.secret import Secret

    Secret(PLANTED)
    (tmp_path / "clean.txt").write_text("nothing")
    (tmp_path / "bad.txt").write_text(f"one\n{PLANTED}\n")
    (leak,) = clean_files(tmp_path)
    assert leak.detail == "bad.txt would have contained a secret (line 2): not saved."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.txt.removed.txt", "clean.txt"]
    kept, (lost,) = clean_journal(['{"kind": "end"}', f'{{"x": "{PLANTED}"}}'])
    assert kept == ['{"kind": "end"}', '{"kind": "removed", "lines": 1}']
    assert lost.diagnosis is not None
    good, bad = clean_findings([finding("one", detail="fine"), finding("two", detail=f"saw {PLANTED}")])
    assert (good.detail, bad.detail) == ("fine", "The details contained a secret and aren't saved.")
