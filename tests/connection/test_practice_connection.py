"""The practice world from outside: started, joined, visited, ended."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from support.runbook_support import free_port, make_shell, own_callback, port_of, session_of, taken

from sfrunbook.connection import OpenConnection, open_connection, practice_connection
from sfrunbook.connection.practice_connection import PracticeConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.salesforce.oauth.redirect import LoopbackReceiver


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeConnection]:
    world = practice_connection.start(tmp_path_factory.mktemp("practice") / "session")
    yield world
    world.stop()


def code_of(told: pytest.ExceptionInfo[RunbookError]) -> str:
    return diagnosis_of(told.value).code


def test_a_session_folder_belongs_to_this_user_only(started: PracticeConnection) -> None:
    assert stat.S_IMODE(started.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((started.folder / "ready.json").stat().st_mode) == 0o600


def test_the_connection_is_what_a_person_would_have_added(started: PracticeConnection) -> None:
    connection = started.connection
    app = next(one for one in started.ready["orgs"][0]["apps"] if one["kind"] == "external_client_app")
    assert (connection.name, connection.client_id) == ("practice", app["client_id"])
    assert connection.client_secret == "store:practice"
    assert connection.redirect_uri in app["callback_urls"]
    cyclr = started.ready["cyclr"]
    assert {f"http://{connection.variables[name]}" for name in ("console_host", "service_domain", "api_host")} == {
        cyclr[name] for name in ("console_url", "service_url", "api_url")
    }
    assert set(cyclr["callback_urls"]) < set(app["callback_urls"]), "the app is registered for the practice Cyclr"
    assert not set(cyclr["callback_urls"]) & set(started.redirect_uris)
    assert started.client_secret.reveal() == app["client_secret"]
    for secret in (app["client_secret"], started.ready["orgs"][0]["users"][0]["password"]):
        assert secret not in f"{connection!r} {started!r}"


def test_a_program_that_is_told_of_a_session_joins_it_and_shares_its_store(started: PracticeConnection) -> None:
    joined = practice_connection.join_or_start(started.environment)
    started.store.put_secret("shared", started.client_secret)
    assert joined.ready == started.ready
    assert joined.store.get_secret("shared") == started.client_secret


def test_ending_a_joined_world_leaves_it_running(started: PracticeConnection) -> None:
    practice_connection.join_or_start(started.environment).stop()
    assert requests.get(started.ready["control_url"] + "/clock", timeout=10).ok


@pytest.mark.parametrize("content", [None, "", "{"])
def test_a_session_that_is_gone_is_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "ready.json").write_text(content)
    with pytest.raises(RunbookError) as told:
        practice_connection.join_or_start({"SFRUNBOOK_PRACTICE": str(tmp_path)})
    assert code_of(told) == "practice-world-gone"


def test_the_store_of_a_session_that_is_gone_is_not_made_anew(started: PracticeConnection, tmp_path: Path) -> None:
    gone = PracticeConnection(folder=tmp_path / "gone", ready=started.ready)
    with pytest.raises(RunbookError) as told:
        _ = gone.store
    assert code_of(told) == "practice-world-gone"
    assert not (tmp_path / "gone").exists()


def test_a_world_that_cannot_start_says_why_and_leaves_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "session"
    folder.mkdir()
    (folder / "something").write_text("not empty")
    with pytest.raises(RunbookError) as told:
        practice_connection.start(folder)
    assert code_of(told) == "practice-world-did-not-start"
    assert "the session folder must exist and be empty" in diagnosis_of(told.value).what


def test_ending_a_world_ends_its_process_and_its_folder_and_twice_does_no_harm(tmp_path: Path) -> None:
    world = practice_connection.start(tmp_path / "session")
    process = world.process
    assert process is not None
    world.stop()
    world.stop()
    assert process.returncode is not None
    assert not (tmp_path / "session").exists()


def test_a_world_ends_with_the_program_that_started_it_even_when_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from sfrunbook.connection import practice_connection\n"
        "world = practice_connection.start(Path(sys.argv[1]))\n"
        "print(world.ready['control_url'], flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "session")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    address = done.stdout.strip()
    deadline = time.monotonic() + 20
    while (tmp_path / "session").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=10)


# --- the scripted person ---------------------------------------------------------------------------------------------


def connection_of(world: Any, folder: Path, *callbacks: str) -> OpenConnection:
    opened = open_connection("practice", session_of(world, folder, callback_urls=list(callbacks)))
    opened.prepare_practice(grant=True)
    assert opened.client_secret() is None, "nothing is entered in a practice org that was joined: its user does that"
    opened.keep_client_secret(opened.practice.client_secret)
    return opened


def test_the_scripted_person_brings_a_grant_through_the_pages(practice_world: Any, tmp_path: Path) -> None:
    opened = connection_of(practice_world, tmp_path / "session", own_callback(practice_world))
    grant = opened.login.log_in_unattended()
    assert grant.org_id == practice_world.org()["org_id"]
    assert opened.grants.stored() == grant
    opened.grants.revoke()
    assert opened.grants.stored() is None


def test_a_callback_port_that_was_taken_meanwhile_is_passed_over(practice_world: Any, tmp_path: Path) -> None:
    first, second = own_callback(practice_world), own_callback(practice_world)
    opened = connection_of(practice_world, tmp_path / "session", first, second)
    assert opened.connection.redirect_uri == first
    with taken(int(first.split(":")[2].split("/")[0])):
        opened.login.log_in_unattended()
    opened.grants.revoke()


def test_all_callback_ports_taken_meanwhile_are_told(practice_world: Any, tmp_path: Path) -> None:
    callback = own_callback(practice_world)
    opened = connection_of(practice_world, tmp_path / "session", callback)
    port = int(callback.split(":")[2].split("/")[0])
    with taken(port), pytest.raises(RunbookError) as told:
        opened.login.log_in_unattended()
    assert (code_of(told), told.value.failure.evidence["ports"]) == ("port-in-use", str(port))


def test_a_login_waits_at_the_first_registered_callback_whose_port_is_free(practice_world: Any, tmp_path: Path) -> None:
    """So that two kernels that log in at the same time do not meet at one port."""
    first, second = own_callback(practice_world), own_callback(practice_world)
    opened = connection_of(practice_world, tmp_path / "session", first, second)

    def grant_at(callback: str) -> None:
        pending, url = opened.login.begin()
        assert pending.redirect_uri == callback
        with LoopbackReceiver(pending.redirect_uri, pending=pending) as receiver:
            opened.practice.org.visit(url)
            opened.login.finish(receiver.wait())
        opened.grants.revoke()

    grant_at(first)
    with taken(port_of(first)):
        grant_at(second)
    with taken(port_of(first), port_of(second)):
        assert opened.login.begin()[0].redirect_uri == first, "what listens there is reported where it is listened at"


def test_a_login_of_an_own_connection_waits_at_its_one_registered_callback(practice_world: Any, tmp_path: Path) -> None:
    shell = make_shell(tmp_path / "user")
    shell.add(practice_world, redirect_uri=f"http://localhost:{free_port()}/callback")
    opened = open_connection("acme", shell.environ)
    with taken(port_of(opened.connection.redirect_uri)):
        assert opened.login.begin()[0].redirect_uri == opened.connection.redirect_uri


def test_a_person_whom_the_pages_refuse_is_told_in_a_sentence(fresh_world: Any, tmp_path: Path) -> None:
    opened = connection_of(fresh_world, tmp_path / "session", own_callback(fresh_world))
    fresh_world.control("POST", f"/users/{fresh_world.user()['username']}", {"is_frozen": True})
    with pytest.raises(RunbookError) as told:
        opened.login.log_in_unattended()
    assert code_of(told) == "practice-person-refused"
    assert ".." not in diagnosis_of(told.value).what
    assert fresh_world.user()["password"] not in json.dumps(told.value.failure.evidence)


def test_a_world_that_is_gone_is_no_fault_of_the_person(start_world: Any, tmp_path: Path) -> None:
    with start_world() as world:
        opened = connection_of(world, tmp_path / "session", f"http://localhost:{free_port()}/callback")
        world.process.kill()
        world.process.wait()
    with pytest.raises(RunbookError) as told:
        opened.login.log_in_unattended()
    assert code_of(told) == "practice-world-gone"
    assert diagnosis_of(told.value).infrastructure
