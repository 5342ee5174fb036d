"""The command line as a person or a job meets it: words, exit codes, and what stays behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from runbook_support import (
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

from sfrunbook.grant_store import GrantStore, open_store

COMMANDS = (
    "lab",
    "run",
    "check",
    "login",
    "explain",
    "connections add",
    "connections list",
    "connections show",
    "connections remove",
    "profiles list",
    "profiles show",
    "profiles check",
)
KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "0123456789ABCDEF" * 4
VARIABLE = ("--variable", "service_domain=app-h.cyclr.com")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return make_shell(tmp_path / "user")


@pytest.fixture(scope="module")
def world(start_world_for_module: Any) -> Any:
    return start_world_for_module


@pytest.fixture(scope="module")
def start_world_for_module() -> Iterator[Any]:
    from worlds import running_world

    with running_world() as world:
        yield world


def store_of(shell: Shell) -> GrantStore:
    return open_store(shell.home, {"SFRUNBOOK_KEY_FILE": shell.environ["SFRUNBOOK_KEY_FILE"]})


def connection_file(shell: Shell, name: str = "acme") -> dict[str, Any]:
    return json.loads((shell.home / "connections" / f"{name}.json").read_text())


# --- help and versions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example_that_names_it(shell: Shell, command: str) -> None:
    done = shell.run(*command.split(), "--help")
    assert done.returncode == 0
    assert re.search(rf"Examples?: sfrunbook {command}\b", done.stdout), done.stdout


def test_the_help_of_the_program_names_every_command_and_every_exit_code(shell: Shell) -> None:
    done = shell.run("--help")
    assert done.returncode == 0
    for command in ("practice", "connections", *COMMANDS[:5]):
        assert re.search(rf"\b{command}\b", done.stdout)
    assert "0 all passed, 1 a check failed, 2 usage or configuration, 3 inconclusive or infrastructure" in done.stdout


def test_the_help_of_practice_is_that_of_the_practice_world(shell: Shell) -> None:
    done = shell.run("practice", "--help")
    assert done.returncode == 0
    assert "--port-base" in done.stdout
    assert "examples:" in done.stdout


@pytest.mark.parametrize("words", [["frobnicate"], ["check", "--stage", "moon"], ["login"], ["run", "--nothing"]])
def test_a_command_that_is_not_understood_is_a_usage_error(shell: Shell, words: list[str]) -> None:
    assert shell.run(*words).returncode == 2


# --- connections -----------------------------------------------------------------------------------------------------


def add(shell: Shell, *more: str, said: str = SECRET, **changes: str) -> subprocess.CompletedProcess[str]:
    given = {"login-url": "acme.my.salesforce.com", "client-id": KEY, "variable": VARIABLE[1]} | changes
    words = [word for name, value in given.items() for word in (f"--{name}", value)]
    return shell.run("connections", "add", "acme", *words, "--secret-stdin", *more, said=said)


def test_a_connection_is_added_listed_shown_and_removed(shell: Shell) -> None:
    added = add(shell)
    assert added.returncode == 0
    assert added.stdout == "Connection acme is kept. Next: sfrunbook check acme --stage registration\n"
    assert shell.run("connections", "list").stdout == ("acme  https://acme.my.salesforce.com  External Client App\n")
    shown = json.loads(shell.run("connections", "show", "acme", "--json").stdout)
    assert shown["client_secret"] == "store:acme"
    assert [one["name"] for one in json.loads(shell.run("connections", "list", "--json").stdout)] == ["acme"]
    assert "login_url       https://acme.my.salesforce.com" in shell.run("connections", "show", "acme").stdout
    removed = shell.run("connections", "remove", "acme", "--yes")
    assert (removed.returncode, removed.stdout) == (0, "Connection acme is forgotten.\n")
    assert json.loads(shell.run("connections", "list", "--json").stdout) == []
    assert "sfrunbook connections add" in shell.run("connections", "list").stdout


def test_the_secret_of_a_connection_is_kept_encrypted_and_only_there(shell: Shell) -> None:
    done = add(shell)
    assert store_of(shell).get_secret("acme").reveal() == SECRET
    files = [path for path in shell.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
    assert SECRET not in done.stdout + done.stderr


def test_a_removed_connection_leaves_no_secret_behind(shell: Shell) -> None:
    add(shell)
    shell.run("connections", "remove", "acme", "--yes")
    assert store_of(shell).get_secret("acme") is None
    assert not list(shell.home.rglob("*.secret"))


def test_removing_asks_first_and_a_no_changes_nothing(shell: Shell) -> None:
    add(shell)
    done = shell.run("connections", "remove", "acme", said="n\n")
    assert done.returncode == 3
    assert "Stopped before its end; what was kept before is as it was." in done.stderr
    assert connection_file(shell)["client_id"] == KEY


def test_a_connection_whose_store_cannot_be_opened_is_forgotten_by_force_only(shell: Shell) -> None:
    add(shell)
    del shell.environ["SFRUNBOOK_KEY_FILE"]
    shell.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    refused = shell.run("connections", "remove", "acme", "--yes")
    assert refused.returncode == 2
    assert "There is no place on this machine to keep the key" in refused.stderr
    assert connection_file(shell)["client_id"] == KEY
    done = shell.run("connections", "remove", "acme", "--yes", "--force")
    assert done.returncode == 0
    assert done.stdout.endswith("Connection acme is forgotten.\n")
    assert not list(shell.home.rglob("*.secret"))


def test_a_second_connection_of_a_name_is_refused_and_the_first_stays(shell: Shell) -> None:
    add(shell)
    done = add(shell, said="F" * 64)
    assert done.returncode == 2
    assert "There is already a connection called acme." in done.stderr
    assert store_of(shell).get_secret("acme").reveal() == SECRET


@pytest.mark.parametrize(
    ("changes", "said", "told"),
    [
        ({"login-url": "example.com"}, SECRET, "example.com is not a host at which Salesforce gives tokens"),
        (
            {"login-url": "https://acme.lightning.force.com/lightning/page/home"},
            SECRET,
            "Use https://acme.my.salesforce.com instead.",
        ),
        ({"login-url": "ada@acme.com"}, SECRET, "This looks like a username; the address of the login page is needed."),
        ({"client-id": KEY[:40]}, SECRET, "It has 40 characters where a Consumer Key has about 85"),
        ({"client-id": SECRET}, KEY, "the Consumer Key and the Consumer Secret may be swapped."),
        ({}, KEY, "the Consumer Key and the Consumer Secret may be swapped."),
        ({}, SECRET[:-1], "It has 63 characters where a Consumer Secret has 64: part of it may be missing."),
        ({}, "", "The Consumer Secret is empty."),
        ({"profile": "nobody"}, SECRET, "There is no partner profile called nobody."),
        ({"app-kind": "rocket"}, SECRET, "--app-kind"),
        ({"variable": "service_domain"}, SECRET, "write NAME=VALUE"),
        ({"variable": "service_domain=https://x"}, SECRET, "it must be a host name only"),
        ({"ca-file": "nowhere.pem"}, SECRET, "nowhere.pem"),
        ({"redirect-uri": " "}, SECRET, "redirect_uri"),
    ],
)
def test_what_was_entered_wrongly_is_told_and_nothing_is_kept(
    shell: Shell, changes: dict[str, str], said: str, told: str
) -> None:
    done = add(shell, said=said, **changes)
    assert done.returncode == 2, done.stdout
    assert told in " ".join(done.stderr.split())
    assert ".." not in done.stderr.replace("...", "")
    assert SECRET not in done.stderr
    assert json.loads(shell.run("connections", "list", "--json").stdout) == []


def test_without_a_place_for_the_key_a_secret_is_refused_and_no_half_connection_stays(shell: Shell) -> None:
    del shell.environ["SFRUNBOOK_KEY_FILE"]
    shell.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    done = add(shell)
    assert done.returncode == 2
    assert "There is no place on this machine to keep the key" in done.stderr
    assert "SFRUNBOOK_KEY_FILE" in done.stderr
    assert json.loads(shell.run("connections", "list", "--json").stdout) == []


@pytest.mark.parametrize(
    "words",
    [
        ["check", "../x"],
        ["login", "../x"],
        ["run", "--connection", "../x"],
        ["connections", "show", "../x"],
        ["connections", "remove", "../x", "--yes"],
    ],
)
def test_a_name_that_would_leave_its_folder_is_refused(shell: Shell, words: list[str]) -> None:
    done = shell.run(*words)
    assert done.returncode == 2
    assert "“../x” cannot be the name of a connection." in done.stderr
    assert list(shell.work.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [["check", "nobody"], ["login", "nobody"], ["run", "--connection", "nobody"], ["connections", "show", "nobody"]],
)
def test_a_connection_that_does_not_exist_is_told_with_those_that_do(shell: Shell, words: list[str]) -> None:
    add(shell)
    done = shell.run(*words)
    assert done.returncode == 2
    assert "There is no connection called nobody." in done.stderr
    assert "known are: acme." in " ".join(done.stderr.split())
    assert list(shell.work.iterdir()) == []


@pytest.mark.parametrize("words", [["connections", "show", "practice"], ["connections", "remove", "practice", "--yes"]])
def test_the_practice_connection_is_neither_shown_nor_removed(shell: Shell, words: list[str]) -> None:
    done = shell.run(*words)
    assert done.returncode == 2
    assert "The name practice is kept for this runbook itself." in done.stderr


def test_a_problem_in_json_is_one_object_with_its_code(shell: Shell) -> None:
    for words in (["check", "nobody"], ["run", "--connection", "nobody"], ["connections", "show", "nobody"]):
        done = shell.run(*words, "--json")
        assert json.loads(done.stdout)["problem"]["code"] == "connection-not-found"
        assert done.stderr == ""


# --- a world started by hand -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def connected(world: Any, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A user with a connection to a world in another process, who has logged in once."""
    shell = make_shell(tmp_path_factory.mktemp("connected") / "user")
    shell.add(world, redirect_uri=own_callback(world))
    done = log_in(shell, world)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Access to org {world.org()['org_id']} is kept for acme.\n"
    return shell


def test_a_login_keeps_the_grant_encrypted_and_pins_the_org(connected: Shell, world: Any) -> None:
    grant = store_of(connected).load("acme")
    assert grant.org_id == world.org()["org_id"]
    assert connection_file(connected)["org_id"] == grant.org_id
    secrets = [grant.access_token.reveal(), grant.refresh_token.reveal(), world.app()["client_secret"]]
    files = [path.read_bytes() for path in connected.folder.rglob("*") if path.is_file()]
    assert not [secret for secret in secrets if any(secret.encode() in content for content in files)]


def test_every_check_passes_on_a_world_that_was_started_by_hand(connected: Shell) -> None:
    done = connected.run("check", "acme")
    assert done.returncode == 0, done.stdout
    assert "All 20 checks passed." in done.stdout.splitlines()[0]


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
    assert taken_back["detail"] == "This run made no grant; nothing is revoked."
    assert store_of(connected).load("acme").generation >= 2
    assert (connected.work / "regression" / "report.html").exists()


def test_removing_a_connection_revokes_its_grant_at_the_org(shell: Shell, world: Any) -> None:
    shell.add(world, redirect_uri=own_callback(world))
    before = {one["approval_id"] for one in world.control("GET", "/approvals")}
    assert log_in(shell, world).returncode == 0
    assert {one["approval_id"] for one in world.control("GET", "/approvals")} > before
    done = shell.run("connections", "remove", "acme", "--yes")
    assert done.stdout == "The grant was revoked at Salesforce.\nConnection acme is forgotten.\n"
    assert {one["approval_id"] for one in world.control("GET", "/approvals")} == before


def test_a_denied_login_fails_and_says_that_it_was_denied(shell: Shell, world: Any) -> None:
    shell.add(world, redirect_uri=own_callback(world))
    process = shell.start("login", "acme", "--no-browser")
    visit_as(world, address_in(process.stderr), allow=False)
    _stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Code: access-denied" in stderr or "denied" in stderr.lower()
    assert store_of(shell).load("acme") is None


def test_a_login_port_that_is_taken_is_told(shell: Shell, world: Any) -> None:
    callback = own_callback(world)
    shell.add(world, redirect_uri=callback)
    with taken(port_of(callback)):
        done = shell.run("login", "acme", "--no-browser")
    assert done.returncode == 2
    assert f"The port {port_of(callback)} on this machine is taken by another program." in done.stderr


def test_a_login_that_nobody_finishes_is_given_up_without_a_verdict(shell: Shell, world: Any) -> None:
    shell.add(world, redirect_uri=own_callback(world))
    done = shell.run("login", "acme", "--no-browser", "--timeout", "5")
    assert done.returncode == 3
    assert "No answer came back from the browser within 5 seconds." in done.stderr


# --- the pasted address ----------------------------------------------------------------------------------------------


@pytest.fixture
def pasting(shell: Shell, world: Any) -> Shell:
    shell.add(world, redirect_uri="https://app-h.cyclr.com/connector/callback")
    return shell


def paste(shell: Shell, answer: Any) -> tuple[int, str]:
    """`sfrunbook login --paste` with standard input to type at; `answer` makes an address of the printed one."""
    process = subprocess.Popen(
        [*shell_program(), "login", "acme", "--paste", "--no-browser"],
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


def shell_program() -> list[str]:
    from runbook_support import PROGRAM

    return PROGRAM


def test_an_address_that_is_pasted_brings_the_grant(pasting: Shell, world: Any) -> None:
    code, said = paste(pasting, lambda address: visit_as(world, address))
    assert code == 0, said
    assert store_of(pasting).load("acme").org_id == world.org()["org_id"]


@posix_only
def test_a_terminal_asks_for_the_address_and_does_not_show_it(pasting: Shell, world: Any) -> None:
    import pty

    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [*shell_program(), "login", "acme", "--paste", "--no-browser"],
        env=pasting.environ,
        cwd=pasting.work,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = read_until(mine, "Address after login")
    landing = visit_as(world, address_in(iter(shown.splitlines())))
    os.write(mine, landing.encode() + b"\n")
    shown += read_until(mine, "is kept for acme")
    assert process.wait(timeout=30) == 0
    os.close(mine)
    assert parse_qs(urlsplit(landing).query)["code"][0] not in shown
    assert "state=" not in shown.split("Address after login")[1]


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
        (lambda landing: "", 3, "Stopped before its end"),
        (lambda landing: "   ", 2, "The field for the address is empty."),
        (lambda landing: re.sub(r"state=[^&]*", "state=foreign", landing), 2, "the state of another login"),
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
    assert store_of(pasting).load("acme") is None
    assert connection_file(pasting)["org_id"] is None


# --- wrong credentials and worlds that go away -----------------------------------------------------------------------


def test_a_wrong_secret_fails_the_check_of_key_and_secret(shell: Shell, world: Any) -> None:
    shell.add(world)
    shell.run("connections", "add", "acme", *entered(world), "--secret-stdin", "--replace", said=SECRET)
    done = shell.run("check", "acme", "--stage", "credentials")
    assert done.returncode == 1
    assert "The host knows the Consumer Key and refuses the Consumer Secret." in done.stdout


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
    assert f"{address.removeprefix('http://')} does not take connections." in done.stdout


def test_a_proxy_that_is_not_there_gives_no_verdict(shell: Shell) -> None:
    add(shell)
    shell.environ["HTTPS_PROXY"] = f"http://127.0.0.1:{free_port()}"
    done = shell.run("check", "acme", "--stage", "registration")
    assert done.returncode == 3
    assert "The proxy on the way to acme.my.salesforce.com refused or did not answer" in " ".join(done.stdout.split())


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
    assert "ca.pem cannot be used: No such file or directory." in " ".join(done.stdout.split())


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
    assert "does not take connections." in said
    assert store_of(shell).load("acme") is None
    assert store_of(shell).get_secret("acme") is not None


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
    assert "does not take connections." in done.stdout
    assert store_of(shell).load("acme").generation == 1


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
    assert next(line for line in process.stderr if "/lab?token=" in line)
    assert (shell.work / "notebooks" / "00_start.ipynb").exists()
    _stdout, stderr = end(process, number, group=number == signal.SIGINT)
    assert process.returncode == 0, stderr
    assert "Traceback" not in stderr
    assert shell.is_quiet()
    assert shell.left_in_temporary() == []


def test_a_lab_folder_that_cannot_be_written_is_told(shell: Shell) -> None:
    (shell.work / "file").write_text("in the way")
    done = shell.run("lab", "--no-browser", "--folder", "file/notebooks")
    assert done.returncode == 2
    assert "The output cannot be written to file/notebooks" in done.stderr


# --- explain ---------------------------------------------------------------------------------------------------------


CODE = "aPrxSECRETcodeSECRETcodeSECRETcodeSECRETcode1234567890abcdefghij=="


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("redirect_uri_mismatch", "callback-not-registered"),
        ('{"error":"invalid_client_id","error_description":"client identifier invalid"}', "client-id-not-known"),
        (f"https://app-h.cyclr.com/connector/callback?code={CODE}&state=x", "address-holds-a-code"),
        ("no such thing at all", "unrecognised-error"),
    ],
)
def test_an_error_is_explained_from_whatever_is_at_hand(shell: Shell, text: str, code: str) -> None:
    done = shell.run("explain", text, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["code"] == code
    assert CODE not in done.stdout + done.stderr


def test_an_explanation_reads_a_file_or_standard_input_and_says_the_same(shell: Shell) -> None:
    reply = '{"error":"invalid_grant","error_description":"expired access/refresh token"}'
    (shell.work / "reply.json").write_text(reply)
    said = shell.run("explain", reply)
    assert "What: " in said.stdout
    assert "1. " in said.stdout
    assert shell.run("explain", "reply.json").stdout == said.stdout
    assert shell.run("explain", "-", said=reply).stdout == said.stdout


def test_what_is_no_text_is_explained_as_unknown(shell: Shell) -> None:
    done = subprocess.run(
        [*shell_program(), "explain", "-", "--json"],
        input=b"\xff\xfe\x00",
        env=shell.environ | {"PYTHONUTF8": "1"},
        cwd=shell.work,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["code"] == "unrecognised-error"


def test_only_what_a_command_needs_is_imported(shell: Shell) -> None:
    done = subprocess.run(
        [*shell_program()[:1], "-X", "importtime", "-m", "sfrunbook", "--help"],
        env=shell.environ,
        cwd=shell.work,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "sfrunbook.cli" in imported
    assert imported.isdisjoint({"requests", "papermill", "pydantic", "cryptography", "ipywidgets", "jinja2"})
