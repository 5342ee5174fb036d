"""The command line with an org to talk to: logins, checks, worlds that go away, and what a stop leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from support.runbook_support import (
    PROGRAM,
    Shell,
    address_in,
    end,
    free_port,
    log_in,
    make_shell,
    needs_proc,
    own_callback,
    port_of,
    posix_only,
    taken,
    visit_as,
)

from sfrunbook.checks import STAGES, checks_of

VARIABLE = ("--variable", "service_domain=app-h.cyclr.com")
KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "0123456789ABCDEF" * 4


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return make_shell(tmp_path / "user")


@pytest.fixture(scope="module")
def world(module_world: Any) -> Any:
    return module_world


# --- a world started by hand -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def connected(world: Any, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A user with a connection to a world in another process, who has logged in once."""
    shell = make_shell(tmp_path_factory.mktemp("connected") / "user")
    shell.add(world, redirect_uri=own_callback(world))
    done = log_in(shell, world)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Login to org {world.org()['org_id']} is stored for acme.\n"
    return shell


def test_a_login_keeps_the_grant_encrypted_and_pins_the_org(connected: Shell, world: Any) -> None:
    grant = connected.store().load("acme")
    assert grant.org_id == world.org()["org_id"]
    assert connected.connection_file()["org_id"] == grant.org_id
    secrets = [grant.access_token.reveal(), grant.refresh_token.reveal(), world.app()["client_secret"]]
    files = [path.read_bytes() for path in connected.folder.rglob("*") if path.is_file()]
    assert not [secret for secret in secrets if any(secret.encode() in content for content in files)]


def test_every_check_passes_on_a_world_that_was_started_by_hand(connected: Shell) -> None:
    done = connected.run("check", "acme")
    assert done.returncode == 0, done.stdout
    checks = sum(len(checks_of(stage)) for stage in STAGES)
    assert f"All {checks} checks passed." in done.stdout.splitlines()[0]


def test_the_checks_in_json_are_a_run_with_its_findings(connected: Shell, world: Any) -> None:
    run = json.loads(connected.run("check", "acme", "--stage", "registration", "--json").stdout)
    assert (run["schema"], run["connection"], run["host"]) == ("sfrunbook-run", "acme", world.my_domain())
    assert [finding["status"] for finding in run["findings"]] == ["passed"] * 6


def test_a_check_makes_no_approval(connected: Shell, world: Any) -> None:
    before = {one["approval_id"] for one in world.control("GET", "/approvals")}
    connected.run("check", "acme")
    assert {one["approval_id"] for one in world.control("GET", "/approvals")} == before


def test_the_regression_runs_on_a_connection_and_leaves_its_grant_alone(connected: Shell) -> None:
    done = connected.run("run", "regression", "--connection", "acme", "--out", "regression", "--json")
    run = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert run["status"] == "passed"
    taken_back = next(one for one in run["findings"] if one["check"].endswith("what-the-run-made-is-taken-back"))
    assert taken_back["detail"] == "This run requested no access of its own."
    assert connected.store().load("acme").generation >= 2
    assert (connected.work / "regression" / "report.html").exists()


def test_removing_a_connection_revokes_its_grant_at_the_org(shell: Shell, world: Any) -> None:
    shell.add(world, redirect_uri=own_callback(world))
    before = {one["approval_id"] for one in world.control("GET", "/approvals")}
    assert log_in(shell, world).returncode == 0
    assert {one["approval_id"] for one in world.control("GET", "/approvals")} > before
    done = shell.run("connections", "remove", "acme", "--yes")
    assert done.stdout == "The login is revoked at Salesforce.\nConnection acme is removed.\n"
    assert {one["approval_id"] for one in world.control("GET", "/approvals")} == before


def test_a_denied_login_fails_and_says_that_it_was_denied(shell: Shell, world: Any) -> None:
    shell.add(world, redirect_uri=own_callback(world))
    process = shell.start("login", "acme", "--no-browser")
    visit_as(world, address_in(process.stderr), allow=False)
    _stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Code: access-denied" in stderr or "denied" in stderr.lower()
    assert shell.store().load("acme") is None


def test_a_login_port_that_is_taken_is_told(shell: Shell, world: Any) -> None:
    callback = own_callback(world)
    shell.add(world, redirect_uri=callback)
    with taken(port_of(callback)):
        done = shell.run("login", "acme", "--no-browser")
    assert done.returncode == 2
    assert f"Port {port_of(callback)} is taken by another program." in done.stderr


def test_a_login_that_nobody_finishes_is_given_up_without_a_verdict(shell: Shell, world: Any) -> None:
    shell.add(world, redirect_uri=own_callback(world))
    done = shell.run("login", "acme", "--no-browser", "--timeout", "5")
    assert done.returncode == 3
    assert "No login arrived within 5 seconds." in done.stderr


# --- the pasted address ----------------------------------------------------------------------------------------------


@pytest.fixture
def pasting(shell: Shell, world: Any) -> Shell:
    shell.add(world, redirect_uri="https://app-h.cyclr.com/connector/callback")
    return shell


def paste(shell: Shell, answer: Any) -> tuple[int, str]:
    """`sfrunbook login --paste` with standard input to type at; `answer` makes an address of the printed one."""
    process = subprocess.Popen(
        [*PROGRAM, "login", "acme", "--paste", "--no-browser"],
        env=shell.environ,
        cwd=shell.work,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    said = answer(address_in(process.stderr))
    stdout, stderr = process.communicate(said + "\n", timeout=60)
    assert "Traceback" not in stdout + stderr
    for code in parse_qs(urlsplit(said).query).get("code", []):
        assert code not in stdout + stderr
    return process.returncode, stdout + stderr


def test_an_address_that_is_pasted_brings_the_grant(pasting: Shell, world: Any) -> None:
    code, said = paste(pasting, lambda address: visit_as(world, address))
    assert code == 0, said
    assert pasting.store().load("acme").org_id == world.org()["org_id"]


@posix_only
def test_a_terminal_asks_for_the_address_and_does_not_show_it(pasting: Shell, world: Any) -> None:
    import pty

    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "login", "acme", "--paste", "--no-browser"],
        env=pasting.environ,
        cwd=pasting.work,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = read_until(mine, "Address in your browser after login")
    landing = visit_as(world, address_in(iter(shown.splitlines())))
    os.write(mine, landing.encode() + b"\n")
    shown += read_until(mine, "is stored for acme")
    assert process.wait(timeout=30) == 0
    os.close(mine)
    assert parse_qs(urlsplit(landing).query)["code"][0] not in shown
    assert "state=" not in shown.split("Address in your browser after login")[1]


def test_without_a_terminal_a_login_to_paste_into_ends_in_one_line(pasting: Shell) -> None:
    done = pasting.run("login", "acme", "--paste", "--no-browser", process=True)
    assert done.returncode == 2
    assert done.stdout == ""
    _, url, line = [line for line in done.stderr.splitlines() if line]
    assert url.startswith("http")
    assert line == "There is no terminal to paste the address into. Run this command in one."


def read_until(handle: int, wanted: str) -> str:
    shown = b""
    while wanted.encode() not in shown:
        try:
            piece = os.read(handle, 4096)
        except OSError:
            piece = b""
        assert piece, shown.decode(errors="replace")
        shown += piece
    return shown.decode(errors="replace")


@pytest.mark.parametrize(
    ("answer", "exit_code", "told"),
    [
        (lambda landing: "", 2, "There is no terminal to paste the address into."),
        (lambda landing: "   ", 2, "The address field is empty."),
        (lambda landing: re.sub(r"state=[^&]*", "state=foreign", landing), 2, "This answer belongs to another login."),
        (
            lambda landing: landing.replace("app-h.cyclr.com/connector", "localhost:17171"),
            2,
            "The answer came to https://localhost:17171/callback",
        ),
        (
            lambda landing: "https://acme.lightning.force.com/lightning/page/home",
            2,
            "holds neither a code nor an error",
        ),
        (lambda landing: landing.split("?")[0], 2, "holds neither a code nor an error"),
        (
            lambda landing: "http://x.invalid/?error=access_denied&error_description=end-user+denied+authorization",
            1,
            "denied",
        ),
        (lambda landing: re.sub(r"code=[^&]*", "code=aPrxnothing", landing), 1, "Code: "),
    ],
    ids=[
        "end of input",
        "blanks",
        "foreign state",
        "another callback",
        "a page",
        "cut off",
        "an error",
        "a false code",
    ],
)
def test_a_pasted_address_that_brings_nothing_is_explained(
    pasting: Shell, world: Any, answer: Any, exit_code: int, told: str
) -> None:
    code, said = paste(pasting, lambda address: answer(visit_as(world, address)))
    assert code == exit_code, said
    assert told in " ".join(said.split())
    assert pasting.store().load("acme") is None
    assert pasting.connection_file()["org_id"] is None


# --- wrong credentials and worlds that go away -----------------------------------------------------------------------


def test_a_wrong_secret_fails_the_check_of_key_and_secret(shell: Shell, world: Any) -> None:
    shell.add(world)
    shell.run("connections", "add", "acme", *entered(world), "--secret-stdin", "--replace", said=SECRET)
    done = shell.run("check", "acme", "--stage", "credentials")
    assert done.returncode == 1
    assert "Salesforce knows the Consumer Key but rejects the Consumer Secret." in done.stdout


def test_a_wrong_key_fails_the_check_of_the_registration(shell: Shell, world: Any) -> None:
    words = ["--login-url", world.my_domain(), "--client-id", KEY, *VARIABLE, "--public"]
    shell.run("connections", "add", "acme", *words)
    done = shell.run("check", "acme", "--stage", "registration", "--json")
    findings = {one["check"]: one for one in json.loads(done.stdout)["findings"]}
    assert done.returncode == 1
    assert findings["consumer-key-is-known"]["status"] == "failed"
    assert findings["callback-urls-are-registered"]["status"] == "skipped"


def test_a_host_that_does_not_answer_gives_no_verdict(shell: Shell, world: Any) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    words = ["--login-url", address, "--client-id", KEY, *VARIABLE, "--public"]
    shell.run("connections", "add", "acme", *words)
    done = shell.run("check", "acme", "--stage", "registration")
    assert done.returncode == 3
    assert f"{address.removeprefix('http://')} doesn't accept connections." in done.stdout


def test_a_proxy_that_is_not_there_gives_no_verdict(shell: Shell) -> None:
    shell.run(
        *("connections", "add", "acme", "--login-url", "acme.my.salesforce.com", "--client-id", KEY, *VARIABLE),
        "--secret-stdin",
        said=SECRET,
    )
    shell.environ["HTTPS_PROXY"] = f"http://127.0.0.1:{free_port()}"
    done = shell.run("check", "acme", "--stage", "registration")
    assert done.returncode == 3
    assert "The proxy can't be reached." in " ".join(done.stdout.split())


def test_a_host_that_is_no_salesforce_fails_the_first_check_only(shell: Shell, world: Any) -> None:
    words = ["--login-url", world.ready["control_url"], "--client-id", KEY, *VARIABLE, "--public"]
    shell.run("connections", "add", "acme", *words)
    done = shell.run("check", "acme", "--stage", "registration", "--json")
    findings = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert findings[0]["diagnosis"]["code"] == "not-a-salesforce-host"
    assert [one["status"] for one in findings] == ["failed", "passed", "skipped", "skipped", "skipped", "skipped"]


def test_a_certificate_file_that_has_gone_is_told(shell: Shell, practice_world_tls: Any) -> None:
    words = ["--login-url", practice_world_tls.my_domain(), "--client-id", KEY, *VARIABLE, "--public"]
    (shell.work / "ca.pem").write_text(Path(practice_world_tls.ca_file).read_text())
    shell.run("connections", "add", "acme", *words, "--ca-file", "ca.pem")
    assert shell.run("check", "acme", "--stage", "registration").returncode == 1  # the key is made up
    (shell.work / "ca.pem").unlink()
    done = shell.run("check", "acme", "--stage", "registration")
    assert done.returncode == 2
    assert "ca.pem can't be used: No such file or directory." in " ".join(done.stdout.split())


def test_a_world_that_dies_between_login_and_exchange_leaves_the_store_readable(shell: Shell, start_world: Any) -> None:
    with start_world() as world:
        shell.add(world, redirect_uri="https://app-h.cyclr.com/connector/callback")

        def killed_after(address: str) -> str:
            landing = visit_as(world, address)
            world.process.kill()
            world.process.wait()
            return landing

        code, said = paste(shell, killed_after)
    assert code == 3
    assert "doesn't accept connections." in said
    assert shell.store().load("acme") is None
    assert shell.store().get_secret("acme") is not None


def test_a_world_that_dies_between_two_checks_gives_no_verdict_and_the_grant_stays(
    shell: Shell, start_world: Any
) -> None:
    with start_world() as world:
        shell.add(world, redirect_uri=own_callback(world))
        assert log_in(shell, world).returncode == 0
        assert shell.run("check", "acme", "--stage", "grant").returncode == 0
        world.process.kill()
        world.process.wait()
        done = shell.run("check", "acme")
    assert done.returncode == 3
    assert "doesn't accept connections." in done.stdout
    assert shell.store().load("acme").generation == 1


def entered(world: Any) -> list[str]:
    return ["--login-url", world.my_domain(), "--client-id", world.app()["client_id"], *VARIABLE]


# --- the practice connection -----------------------------------------------------------------------------------------


@needs_proc
def test_the_checks_of_the_practice_connection_pass_by_themselves_and_leave_nothing(shell: Shell) -> None:
    done = shell.run("check")
    assert done.returncode == 0, done.stdout
    assert shell.is_quiet()
    assert shell.left_in_temporary() == []


# --- stopping --------------------------------------------------------------------------------------------------------


@posix_only
@needs_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_login_that_is_stopped_ends_at_once_and_frees_its_port(shell: Shell, world: Any, number: int) -> None:
    callback = own_callback(world)
    shell.add(world, redirect_uri=callback)
    process = shell.start("login", "acme", "--no-browser")
    address_in(process.stderr)
    _stdout, stderr = end(process, number, group=number == signal.SIGINT)
    assert process.returncode == (3 if number == signal.SIGINT else -signal.SIGTERM)
    assert "Traceback" not in stderr
    assert shell.is_quiet()
    with taken(port_of(callback)):
        pass


@posix_only
@needs_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_practice_world_that_is_stopped_ends_with_0_and_leaves_nothing(shell: Shell, number: int) -> None:
    process = shell.start("practice", "--tls")
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert Path(ready["ca_file"]).exists()
    _stdout, stderr = end(process, number)
    assert process.returncode == 0
    assert "Traceback" not in stderr
    assert shell.left_in_temporary() == []


def test_a_port_base_that_is_taken_is_told(shell: Shell) -> None:
    port = free_port()
    with taken(port):
        done = shell.run("practice", "--port-base", str(port))
    assert done.returncode == 2
    assert f"Port {port} on 127.0.0.1 (for the login) cannot be used: address already in use." in done.stderr


@posix_only
@needs_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_lab_that_is_stopped_ends_jupyterlab_and_world_and_leaves_nothing(shell: Shell, number: int) -> None:
    process = shell.start("lab", "--no-browser", "--port", "0", "--folder", "notebooks")
    assert process.stderr is not None
    assert next(line for line in process.stderr if "/lab/tree/runbook.ipynb?token=" in line)
    assert (shell.work / "notebooks" / "runbook.ipynb").exists()
    _stdout, stderr = end(process, number, group=number == signal.SIGINT)
    assert process.returncode == 0, stderr
    assert "Traceback" not in stderr
    assert shell.is_quiet()
    assert shell.left_in_temporary() == []


def test_a_lab_folder_that_cannot_be_written_is_told(shell: Shell) -> None:
    (shell.work / "file").write_text("in the way")
    done = shell.run("lab", "--no-browser", "--folder", "file/notebooks")
    assert done.returncode == 2
    assert "The output can't be written to file/notebooks" in done.stderr
