"""A whole run without a person, what it leaves, and notebooks that end badly."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from support.errors import raises_problem
from support.runbook_support import (
    Shell,
    end,
    free_port,
    holding,
    make_shell,
    needs_proc,
    posix_only,
    session_of,
    taken,
    wait_for,
    watching,
    write_notebook,
)
from support.worlds import World

from sfrunbook.checks.registry import finding_of_error
from sfrunbook.connection.practice_connection import PracticeConnection
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Finding, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.headless.notebooks import ALL_NOTEBOOKS
from sfrunbook.headless.runner import run_notebooks
from sfrunbook.headless.verdict import exit_code
from sfrunbook.report.words import headline

PARAMETERS = 'connection: str = "practice"  # name of a connection'
BIND = "from sfrunbook import runbook\nbook = runbook.open_page(connection)\nbook.connection()"
#: shapes of what Salesforce issues: access token, refresh token, code
TOKEN_LIKE = re.compile(rb"00D[A-Za-z0-9]{12,15}!|5Aep861|aPrx[A-Za-z0-9_.%-]{20}")


@dataclass
class WholeRun:
    """One run of the whole runbook, and all that was seen of it from outside."""

    shell: Shell
    done: subprocess.CompletedProcess[str]
    canaries: dict[str, str] = field(repr=False)
    command_lines: frozenset[str] = field(repr=False)
    #: ids of the approvals that the run left
    approvals: frozenset[str]

    @property
    def out(self) -> Path:
        return self.shell.work / "out"

    @property
    def result(self) -> dict[str, Any]:
        return json.loads((self.out / "result.json").read_text())


@pytest.fixture(scope="module")
def practice_world(module_world: World) -> World:
    """A world of these tests' own: a run counts approvals, and those that other tests made would be among them."""
    return module_world


@pytest.fixture(scope="module")
def whole_run(practice_world, tmp_path_factory: pytest.TempPathFactory) -> WholeRun:
    folder = tmp_path_factory.mktemp("whole-run")
    session = folder / "session"
    shell = make_shell(folder / "user", **session_of(practice_world, session))
    app, user = practice_world.app(), practice_world.user()
    canaries = {"consumer secret": app["client_secret"], "password": user["password"]}
    command_lines: set[str] = set()
    store = PracticeConnection(folder=session, ready=practice_world.ready).store

    def look() -> None:
        command_lines.update(shell.processes())
        # the writer may be between two files
        try:
            grant, pending = store.load("practice"), store.get_secret("pending-login:practice")
        except RunbookError:
            return
        if grant and grant.refresh_token:
            canaries[f"access token {grant.generation}"] = grant.access_token.reveal()
            canaries[f"refresh token {grant.generation}"] = grant.refresh_token.reveal()
        if pending:
            canaries["verifier"] = json.loads(pending.reveal())["verifier"]

    before = approvals(practice_world)
    with watching(look):
        done = shell.run("run", "--out", "out", seconds=240, process=True)
    made = approvals(practice_world) - before
    return WholeRun(shell=shell, done=done, canaries=canaries, command_lines=frozenset(command_lines), approvals=made)


def approvals(world: Any) -> frozenset[str]:
    return frozenset(one["approval_id"] for one in world.control("GET", "/approvals"))


def test_the_whole_runbook_passes_in_the_practice_world(whole_run: WholeRun) -> None:
    assert whole_run.done.returncode == 0, whole_run.done.stdout
    result = whole_run.result
    assert [finding["check"] for finding in result["findings"] if finding["status"] == "warning"] == []
    counts = result["counts"]
    assert counts["passed"] > 60
    assert counts["passed"] + counts["skipped"] == len(result["findings"])
    assert f"Verdict: All {counts['passed']} checks passed" in whole_run.done.stdout


def test_every_notebook_has_findings_and_its_own_lines_in_the_output(whole_run: WholeRun) -> None:
    notebooks = {finding["check"].partition("/")[0] for finding in whole_run.result["findings"]}
    assert notebooks == set(ALL_NOTEBOOKS)
    for number, name in enumerate(ALL_NOTEBOOKS, 1):
        assert f"[{number}/{len(ALL_NOTEBOOKS)}] {name} ..." in whole_run.done.stdout


def test_a_run_leaves_report_result_junit_notebooks_and_journals_and_nothing_else(whole_run: WholeRun) -> None:
    expected = {"report.html", "result.json", "junit.xml", "journal.jsonl", "metrics.prom"}
    expected |= {f"{name}.ipynb" for name in ALL_NOTEBOOKS}
    assert {path.name for path in whole_run.out.iterdir()} == expected


def test_the_report_says_the_verdict_and_names_the_connection(whole_run: WholeRun) -> None:
    page = (whole_run.out / "report.html").read_text()
    assert re.search(r"All \d+ checks passed", page)
    assert "practice" in page


def test_the_junit_file_has_a_case_for_every_finding(whole_run: WholeRun) -> None:
    suite = ElementTree.parse(whole_run.out / "junit.xml").getroot()
    assert int(suite.get("tests", "0")) == len(whole_run.result["findings"]) == len(suite.findall("testcase"))
    assert suite.get("failures") == suite.get("errors") == "0"


def test_the_executed_notebooks_hold_what_was_seen(whole_run: WholeRun) -> None:
    book = json.loads((whole_run.out / "runbook.ipynb").read_text())
    outputs = json.dumps([cell.get("outputs", []) for cell in book["cells"]])
    assert "Northwind Outfitters" in outputs
    assert "test-query-returns-rows" in outputs


def test_the_grant_that_a_run_made_is_revoked_at_its_end(whole_run: WholeRun, practice_world: Any) -> None:
    store = PracticeConnection(
        folder=Path(whole_run.shell.environ["SFRUNBOOK_PRACTICE"]), ready=practice_world.ready
    ).store
    assert "access token 1" in whole_run.canaries
    assert store.load("practice") is None
    # what is left is the login of the partner's own connector, which goes on working
    connectors = [one for region in practice_world.control("GET", "/cyclr") for one in region["connectors"]]
    assert len(whole_run.approvals) == len(connectors) == 1
    assert connectors[0]["identity_url"]


@needs_proc
def test_a_run_leaves_no_process_and_no_temporary_folder(whole_run: WholeRun) -> None:
    assert whole_run.shell.is_quiet()
    assert whole_run.shell.left_in_temporary() == []


def test_no_secret_is_left_in_any_file_or_said(whole_run: WholeRun) -> None:
    # a refreshed token is revoked soon after, too soon to be seen for sure; the next test finds any by its shape
    assert {"consumer secret", "password", "verifier", "access token 1", "refresh token 1"} <= set(whole_run.canaries)
    said = whole_run.done.stdout + whole_run.done.stderr
    assert [name for name, value in whole_run.canaries.items() if value in said] == []
    assert holding(whole_run.shell.folder, whole_run.canaries) == []


def test_nothing_that_looks_like_a_token_or_a_code_is_left_in_any_file(whole_run: WholeRun) -> None:
    files = [path for path in whole_run.shell.folder.rglob("*") if path.is_file()]
    assert len(files) >= 10
    assert [path.name for path in files if TOKEN_LIKE.search(path.read_bytes())] == []


@needs_proc
def test_no_secret_stands_in_the_process_list_while_a_run_goes(whole_run: WholeRun) -> None:
    seen = "\n".join(whole_run.command_lines)
    assert "ipykernel" in seen
    assert "sfrunbook.practice.visitor" in seen
    assert [name for name, value in whole_run.canaries.items() if value in seen] == []
    assert not TOKEN_LIKE.search(seen.encode())


@pytest.fixture
def shell(practice_world, tmp_path: Path) -> Shell:
    """A user whose runs join a world that is there already."""
    return make_shell(tmp_path / "user", **session_of(practice_world, tmp_path / "session"))


def findings_of(shell: Shell) -> dict[str, dict[str, Any]]:
    result = json.loads((shell.work / "out" / "result.json").read_text())
    return {finding["check"]: finding for finding in result["findings"]}


def test_a_notebook_that_does_not_come_to_its_end_is_never_passed(shell: Shell) -> None:
    kill = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    cells = {
        "raises": ("1 / 0", "book.summary()"),
        "killed": (kill, "book.summary()"),
        "leaves": ("import sys\nsys.exit(0)", "book.summary()"),
        "late": ("book.summary()", "1 / 0"),
    }
    reasons = {
        "raises": "cell [4]: it raised ZeroDivisionError",
        "killed": "cell [4]: its kernel stopped",
        "leaves": "cell [4]: it called sys.exit",
        "late": "cell [5]: it raised ZeroDivisionError",
    }
    paths = [str(write_notebook(shell.work / f"{name}.ipynb", PARAMETERS, BIND, *cells[name])) for name in cells]
    outcome = run_notebooks(paths, connection="practice", out=shell.work / "out", environ=shell.environ)
    findings = findings_of(shell)
    assert outcome.exit_code == 3
    assert headline(outcome.run) == "We couldn't run 4 of 8 checks."
    assert {findings[f"{name}/login-host-is-salesforce"]["status"] for name in cells} == {"passed"}
    stopped = {name: findings[f"{name}/notebook-ran-to-its-end"] for name in cells}
    assert {finding["status"] for finding in stopped.values()} == {"inconclusive"}
    assert {name: finding["detail"] for name, finding in stopped.items()} == {
        name: f"The notebook {name} stopped in {reason}." for name, reason in reasons.items()
    }


def test_a_notebook_that_prints_a_secret_fails_and_is_not_kept(shell: Shell, practice_world) -> None:
    secret = practice_world.app()["client_secret"]
    show = "print(book._state.opened.client_secret().reveal())"
    write_notebook(shell.work / "mine.ipynb", PARAMETERS, BIND, show, "book.summary()")
    done = shell.run("run", "mine.ipynb", "--out", "out")
    assert done.returncode == 4
    finding = findings_of(shell)["mine/no-secret-in-what-is-kept"]
    assert (finding["status"], finding["diagnosis"]["code"]) == ("failed", "secret-in-output")
    out = shell.work / "out"
    assert not (out / "mine.ipynb").exists()
    assert (out / "mine.ipynb.removed.txt").read_text() == "mine.ipynb had a secret in it and was removed.\n"
    assert holding(shell.folder, {"secret": secret}) == []
    assert secret not in done.stdout + done.stderr


def test_a_secret_in_what_a_check_saw_reaches_neither_journal_nor_report(shell: Shell, practice_world) -> None:
    secret = practice_world.app()["client_secret"]
    show = (
        "from sfrunbook.core.model import Finding, Status\n"
        "told = book._state.opened.client_secret().reveal()\n"
        "found = Finding(check='it-talks', claim='It talks.', status=Status.PASSED, detail=told)\n"
        "book._state.record('try_it', [found])\n"
        "None"
    )
    write_notebook(shell.work / "mine.ipynb", PARAMETERS, BIND, show, "book.summary()\nNone")
    assert shell.run("run", "mine.ipynb", "--out", "out").returncode == 4
    assert findings_of(shell)["mine/it-talks"]["detail"] == "The details contained a secret and aren't saved."
    assert holding(shell.folder, {"secret": secret}) == []


def test_something_that_is_no_notebook_gives_no_verdict(shell: Shell) -> None:
    (shell.work / "mine.ipynb").write_text("this is no notebook")
    assert shell.run("run", "mine.ipynb", "--out", "out").returncode == 3
    assert findings_of(shell)["mine/notebook-ran-to-its-end"]["status"] == "inconclusive"


def test_all_callback_ports_in_use_is_told_with_their_numbers(practice_world, tmp_path: Path) -> None:
    port = free_port()
    session = session_of(practice_world, tmp_path / "session", callback_urls=[f"http://localhost:{port}/callback"])
    shell = make_shell(tmp_path / "user", **session)
    with taken(port):
        done = shell.run("run", "runbook", "--out", "out")
    assert done.returncode == 2
    assert f"Port {port} is taken by another program." in done.stdout


def test_a_port_that_is_taken_is_passed_over_for_the_next_one(practice_world, tmp_path: Path) -> None:
    app = practice_world.app()
    busy, free = free_port(), free_port()
    added = [f"http://localhost:{port}/callback" for port in (busy, free)]
    registered = practice_world.control("GET", f"/apps/{app['client_id']}")["callback_urls"]
    practice_world.control("POST", f"/apps/{app['client_id']}", {"callback_urls": [*registered, *added]})
    shell = make_shell(tmp_path / "user", **session_of(practice_world, tmp_path / "session", callback_urls=added))
    with taken(busy):
        done = shell.run("run", "runbook", "-p", "steps=connection,log_in", "--out", "out")
    assert done.returncode == 0, done.stdout


@pytest.fixture
def killable(tmp_path: Path, start_world) -> Iterator[tuple[Shell, Any]]:
    with start_world() as world:
        yield make_shell(tmp_path / "user", **session_of(world, tmp_path / "session")), world


def test_a_world_that_dies_in_the_middle_of_a_run_gives_no_verdict_and_a_report(killable: tuple[Shell, Any]) -> None:
    shell, world = killable
    waits = (
        "import pathlib, time\n"
        "pathlib.Path('waiting').touch()\n"
        "while not pathlib.Path('gone').exists():\n"
        "    time.sleep(0.05)"
    )
    steps = "book.key()\nbook.stay_connected()\nbook.log_in()\nbook.try_it()"
    write_notebook(shell.work / "mine.ipynb", PARAMETERS, BIND, waits, steps, "book.take_back()\nbook.summary()")
    process = shell.start("run", "mine.ipynb", "--out", "out")
    wait_for(process, shell.work / "waiting")
    world.process.kill()
    world.process.wait()
    (shell.work / "gone").touch()
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 3, stdout
    assert "Traceback" not in stdout + stderr
    findings = findings_of(shell)
    assert findings["mine/login-host-is-salesforce"]["status"] == "passed"
    accepted = findings["mine/consumer-key-and-secret-are-accepted"]
    assert (accepted["status"], accepted["diagnosis"]["code"]) == ("inconclusive", "connection-refused")
    renewed = findings["mine/stay-connected-can-be-done"]
    assert (renewed["status"], renewed["diagnosis"]["code"]) == ("inconclusive", "practice-world-gone")
    assert not [check for check, finding in findings.items() if finding["status"] == "failed"]
    session = Path(shell.environ["SFRUNBOOK_PRACTICE"])
    assert PracticeConnection(folder=session, ready=world.ready).store.get_secret("practice") is not None


@posix_only
@needs_proc
@pytest.mark.parametrize(
    ("number", "group"), [(signal.SIGINT, True), (signal.SIGTERM, False)], ids=["Ctrl-C", "SIGTERM"]
)
def test_a_run_that_is_stopped_ends_kernels_and_world_and_still_reports(
    tmp_path: Path, number: int, group: bool
) -> None:
    shell = make_shell(tmp_path / "user")
    sleeps = "import time, pathlib\npathlib.Path('asleep').touch()\ntime.sleep(300)"
    write_notebook(shell.work / "mine.ipynb", PARAMETERS, BIND, sleeps, "book.summary()")
    process = shell.start("run", "mine.ipynb", "--out", "out")
    wait_for(process, shell.work / "asleep")
    stdout, stderr = end(process, number, group=group)
    assert process.returncode == 3, stdout + stderr
    assert "Traceback" not in stdout + stderr
    findings = findings_of(shell)
    assert findings["run-was-not-interrupted"]["detail"] == "The run was interrupted."
    assert findings["mine/login-host-is-salesforce"]["status"] == "passed"
    assert shell.is_quiet()
    assert shell.left_in_temporary() == []
    assert not list((shell.work / "out").glob(".running-*"))


# --- the verdict -----------------------------------------------------------------------------------------------------


def finding(status: Status, code: str = "") -> Finding:
    if not code:
        return Finding(check="one", claim="One.", status=status)
    diagnosis = diagnosis_of(problem(code))
    return Finding(check="one", claim="One.", status=status, diagnosis=diagnosis)


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([finding(Status.PASSED)], 0),
        ([finding(Status.PASSED), finding(Status.WARNING), finding(Status.SKIPPED)], 0),
        ([finding(Status.PASSED), finding(Status.FAILED)], 1),
        ([finding(Status.FAILED), finding(Status.INCONCLUSIVE)], 1),
        ([finding(Status.PASSED), finding(Status.INCONCLUSIVE)], 3),
        ([finding(Status.SKIPPED)], 3),
        ([], 3),
        ([finding(Status.FAILED), finding(Status.FAILED, "connection-not-found")], 2),
        ([finding(Status.FAILED, "wrong-org")], 1),
        ([finding(Status.FAILED, "secret-in-output")], 4),
        ([finding(Status.FAILED, "secret-in-output"), finding(Status.FAILED, "connection-not-found")], 4),
        ([finding(Status.INCONCLUSIVE, "practice-world-gone")], 3),
    ],
)
def test_the_exit_code_tells_the_worst_that_matters(findings: list[Finding], code: int) -> None:
    assert exit_code(findings) == code


def test_an_outage_leaves_a_claim_undecided_and_a_refusal_refutes_it() -> None:
    assert finding_of_error("one", "One.", problem("practice-world-gone", host="x")).status is Status.INCONCLUSIVE
    assert finding_of_error("one", "One.", problem("wrong-org")).status is Status.FAILED


def test_nothing_is_started_for_a_notebook_that_does_not_exist(tmp_path: Path) -> None:
    for name in ("nothing", "nowhere/regression.ipynb", "../regression", ""):
        with raises_problem("notebook-not-found", "^There is no notebook called"):
            run_notebooks([name], connection="practice", out=tmp_path / "out", environ={})
    assert not (tmp_path / "out").exists()


def test_an_out_folder_that_cannot_be_written_is_told_before_anything_runs(tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "file").write_text("in the way")
    done = shell.run("run", "runbook", "--out", str(tmp_path / "file" / "out"))
    assert done.returncode == 2
    assert "The output can't be written to" in done.stderr
    assert "1/1" not in done.stdout


# --- some steps of the runbook ----------------------------------------------------------------------------------------


def test_only_the_steps_that_a_parameter_names_are_run(shell: Shell) -> None:
    done = shell.run("run", "runbook", "-p", "steps=app,key,log_in", "--out", "out")
    assert done.returncode == 0, done.stdout
    checks = {check.partition("/")[2] for check in findings_of(shell)}
    assert {"callback-urls-are-registered", "consumer-key-and-secret-are-accepted", "access-token-is-active"} <= checks
    assert not checks & {"test-query-returns-rows", "a-method-returns-data", "grant-can-be-renewed"}


def test_an_unknown_step_is_a_fault_of_usage_and_the_known_ones_are_named(shell: Shell) -> None:
    done = shell.run("run", "runbook", "-p", "steps=app,login", "--out", "out")
    assert done.returncode == 2, done.stdout
    unknown = findings_of(shell)["runbook/steps-are-known"]
    assert (unknown["status"], unknown["diagnosis"]["code"]) == ("failed", "step-unknown")
    assert "The runbook has no step called login." in done.stdout
    known = "connection, app, key, log_in, try_it, partner, stay_connected"
    assert known in json.dumps(unknown["diagnosis"])
