"""A run that did not pass tells somebody, by an address that nobody can read."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import free_port, make_shell, write_notebook

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Finding, Run, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of, explained
from sfrunbook.headless.notices import notice_of, send, targets
from sfrunbook.headless.runner import Outcome

# apprise imports it where Python has it
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class Receiver(HTTPServer):
    """A webhook on this machine; `got` are the bodies, `paths` the addresses."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.status = 200


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.paths.append(self.path)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def outcome(code: int, *findings: Finding) -> Outcome:
    run = Run(
        title="Runbook", connection="acme", host="https://acme.my.salesforce.com",
        started_at=datetime(2026, 11, 23, tzinfo=UTC), duration_seconds=2, findings=findings,
    )  # fmt: skip
    return Outcome(run=run, folder=Path("runs/x"), exit_code=code)


WRONG = diagnosis_of(problem("callback-without-code", address="http://localhost:1717/"))
FAILED = Finding(check="regression/one", claim="It is so.", status=Status.FAILED, diagnosis=WRONG)
PASSED = Finding(check="regression/two", claim="It is so.", status=Status.PASSED)


def test_a_notice_says_in_two_lines_what_happened_and_who_does_what_where() -> None:
    assert notice_of(outcome(1, PASSED, FAILED)) == (
        "sfrunbook: acme: 1 of 2 checks failed.",
        (
            "The address http://localhost:1717/ holds neither a code nor an error.\n"
            "You: the browser window of the login: Finish the login and press Allow. Then copy the whole address of "
            "the next page, even if it can't be shown."
        ),
    )
    assert notice_of(outcome(3))[1] == "No check ran.\nSee the report in x."


def test_a_webhook_is_told_of_a_run_that_failed_and_not_of_one_that_passed(receiver: Receiver) -> None:
    environ = {"ALERT": f"json://127.0.0.1:{receiver.server_port}/hook/planted-token-1"}
    addresses = targets(["env:ALERT"], environ)
    assert list(send(addresses, outcome(0, PASSED))) == []
    assert receiver.got == []
    assert list(send(addresses, outcome(1, FAILED))) == []
    (got,) = receiver.got
    assert receiver.paths == ["/hook/planted-token-1"]
    assert got["title"] == "sfrunbook: acme: 1 of 1 check failed."
    assert got["message"].splitlines()[0] == "The address http://localhost:1717/ holds neither a code nor an error."
    assert len(got["message"].splitlines()) == 2


def test_a_notice_that_cannot_be_sent_is_told_and_names_no_address(receiver: Receiver) -> None:
    receiver.status = 500
    refused = targets(["env:A"], {"A": f"json://127.0.0.1:{receiver.server_port}/planted-token-1"})
    gone = targets(["env:A"], {"A": f"json://127.0.0.1:{free_port()}/planted-token-1"})
    for addresses in (refused, gone):
        assert list(send(addresses, outcome(1, FAILED))) == [
            "The notice of this run couldn't be sent to every address."
        ]


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("json://127.0.0.1/planted-token-1", "notice-target-not-a-reference: "),
        ("cmd:cat address", "notice-target-not-a-reference: "),
        ("env:NOT_THERE", "secret-not-found: "),
        ("env:NONSENSE", "notice-not-possible: Notices can't be sent: apprise doesn't know an address."),
    ],
)
def test_a_target_that_is_wrong_is_told_before_the_run(reference: str, told: str) -> None:
    with pytest.raises(RunbookError) as caught:
        targets([reference], {"NONSENSE": "planted-token-1"})
    assert str(explained(caught.value)).startswith(told)
    assert "planted-token-1" not in str(caught.value) + str(explained(caught.value))


def test_a_run_that_fails_sends_its_notice_and_keeps_its_exit_code(tmp_path: Path, receiver: Receiver) -> None:
    address = f"json://127.0.0.1:{receiver.server_port}/planted-token-1"
    shell = make_shell(tmp_path / "user", ALERT=address)
    write_notebook(shell.work / "mine.ipynb", 'connection: str = "practice"', "1 / 0")
    done = shell.run("run", "mine.ipynb", "--out", "out", "--notify", "env:ALERT")
    assert done.returncode == 3
    (got,) = receiver.got
    assert got["title"] == "sfrunbook: practice: We couldn't run 1 of 1 check."
    assert got["message"].splitlines()[0] == "The notebook mine stopped in cell [3]: it raised ZeroDivisionError."
    kept = b"".join(path.read_bytes() for path in (shell.work / "out").iterdir())
    assert b"planted-token-1" not in kept
    assert "planted-token-1" not in done.stdout + done.stderr
