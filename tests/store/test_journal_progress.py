"""What a notebook writes down while it runs, and how far a connection has come."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sfrunbook.core.errors import problem
from sfrunbook.core.model import Finding, Skip, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.store import journal
from sfrunbook.store.journal import Journal
from sfrunbook.store.progress import STEPS, Progress, StoredFinding

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FINDING = Finding(
    check="wrong-org-is-refused",
    claim="It is refused.",
    status=Status.FAILED,
    detail="“Ünïcode\u2028line”",
    diagnosis=diagnosis_of(problem("wrong-org", expected="00D1", seen="00D2")),
    evidence={"seen": "00D2"},
    duration_seconds=0.25,
)


def written(path: Path) -> Path:
    book = Journal(str(path))
    book.bound("https://acme.my.salesforce.com")
    book.finding(FINDING)
    book.end()
    return path


def test_a_journal_reads_back_what_was_written_with_its_diagnosis(tmp_path: Path) -> None:
    chapter = journal.read(written(tmp_path / "one.jsonl"))
    assert chapter.host == "https://acme.my.salesforce.com"
    assert chapter.findings == [FINDING]
    assert chapter.ended


def test_a_journal_without_a_file_writes_nothing_and_reads_as_not_ended(tmp_path: Path) -> None:
    written_nowhere = Journal(None)
    written_nowhere.finding(FINDING)
    written_nowhere.end()
    assert journal.read(tmp_path / "none.jsonl") == journal.Chapter()


@pytest.mark.parametrize("cut", [1, 5, 200])
def test_a_journal_that_was_cut_off_has_no_end(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path / "one.jsonl")
    path.write_bytes(path.read_bytes()[: -1 - cut])
    chapter = journal.read(path)
    assert not chapter.ended
    assert chapter.host == "https://acme.my.salesforce.com"


@pytest.mark.parametrize(
    "line", ["17", "null", '"end"', "[]", "{}{}", '{"kind": "finding"}', '{"kind": "finding", "finding": {"check": 3}}']
)
def test_nothing_is_believed_after_a_line_that_no_verb_wrote(tmp_path: Path, line: str) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(f'{line}\n{{"kind": "end"}}\n')
    assert not journal.read(path).ended


def test_a_line_of_an_unknown_kind_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"kind": "later version"}\n{"kind": "end"}\n')
    assert journal.read(path).ended


def test_a_journal_that_is_no_text_is_not_ended(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_bytes(b"\xff\xfe\x00\n")
    assert journal.read(path) == journal.Chapter()


def a_finding(check: str, status: Status = Status.PASSED, detail: str = "It was looked at.") -> Finding:
    return Finding(check=check, claim="A claim.", status=status, detail=detail, about={"host": "https://acme"})


def test_the_latest_finding_of_each_check_is_stored_for_the_next_program(tmp_path: Path) -> None:
    Progress(tmp_path, "acme").record("app", AT, [a_finding("a", Status.FAILED), FINDING])
    Progress(tmp_path, "acme").record("app", AT, [a_finding("a")])
    stored = Progress(tmp_path, "acme").findings("app")
    assert [(found.check, found.status) for found in stored] == [("a", Status.PASSED), (FINDING.check, FINDING.status)]
    assert stored[0] == StoredFinding(
        check="a",
        claim="A claim.",
        status=Status.PASSED,
        detail="It was looked at.",
        at="2026-11-23T12:00:00+00:00",
        about={"host": "https://acme"},
    )
    assert Progress(tmp_path, "acme").findings("key") == ()
    assert Progress(tmp_path, "other").findings("app") == ()


def test_a_finding_is_dropped_alone_and_dropping_it_twice_does_no_harm(tmp_path: Path) -> None:
    progress = Progress(tmp_path, "acme")
    progress.record("app", AT, [a_finding("a"), a_finding("b")])
    progress.drop("app", "a")
    progress.drop("app", "a")
    progress.drop("key", "never")
    assert [found.check for found in Progress(tmp_path, "acme").findings("app")] == ["b"]


def test_an_answer_is_remembered_and_the_next_one_takes_its_place(tmp_path: Path) -> None:
    Progress(tmp_path, "acme").answer("app", "existing")
    Progress(tmp_path, "acme").answer("last_user", "ada@acme.example")
    Progress(tmp_path, "acme").answer("app", "new")
    assert Progress(tmp_path, "acme").answers() == {"app": "new", "last_user": "ada@acme.example"}


def test_progress_leaves_one_file_for_each_connection(tmp_path: Path) -> None:
    for step in STEPS:
        Progress(tmp_path, "acme").record(step.name, AT, [a_finding("a")])
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == ["acme.json"]


def test_progress_is_forgotten_on_demand_and_twice_does_no_harm(tmp_path: Path) -> None:
    progress = Progress(tmp_path, "acme")
    progress.record("app", AT, [a_finding("a")])
    progress.forget()
    progress.forget()
    assert progress.findings("app") == ()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"findings": 3}', '{"format": 2, "findings": {"app": [{"check": "a", "status": "great"}]}}'],
)
def test_a_damaged_progress_counts_as_none_and_is_written_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "acme.json").write_text(content)
    progress = Progress(tmp_path, "acme")
    assert (progress.findings("app"), progress.answers()) == ((), {})
    progress.record("app", AT, [a_finding("a")])
    assert list(json.loads((tmp_path / "acme.json").read_text())["findings"]) == ["app"]


def test_no_secret_of_a_finding_or_an_answer_reaches_the_disk(tmp_path: Path) -> None:
    secret = Secret("0123456789ABCDEF" * 4)
    progress = Progress(tmp_path, "acme")
    progress.record("app", AT, [a_finding("a", Status.FAILED, f"It was {secret.reveal()}.")])
    progress.answer("app", secret.reveal())
    assert secret.reveal() not in (tmp_path / "acme.json").read_text()
    assert progress.findings("app")[0].detail == "It was ***."


def test_writers_in_several_threads_lose_nothing_of_each_other(tmp_path: Path) -> None:
    def write(number: int) -> None:
        Progress(tmp_path, "acme").record("app", AT, [a_finding(f"check-{number}")])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Progress(tmp_path, "acme").findings("app")) == 12


def test_progress_that_cannot_be_written_costs_nothing_but_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    progress = Progress(tmp_path / "file", "acme")
    progress.record("app", AT, [a_finding("a")])
    assert progress.findings("app") == ()


def test_why_a_check_was_skipped_is_stored_and_a_file_that_does_not_say_is_read(tmp_path: Path) -> None:
    skipped = Finding(check="a", claim="A claim.", status=Status.SKIPPED, detail="Not needed.", skip=Skip.OPTIONAL)
    Progress(tmp_path, "acme").record("app", AT, [skipped])
    assert [found.skip for found in Progress(tmp_path, "acme").findings("app")] == [Skip.OPTIONAL]
    document = json.loads((tmp_path / "acme.json").read_text())
    del document["findings"]["app"][0]["skip"]
    (tmp_path / "acme.json").write_text(json.dumps(document))
    assert [found.skip for found in Progress(tmp_path, "acme").findings("app")] == [None]
