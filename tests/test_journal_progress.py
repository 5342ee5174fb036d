"""What a notebook writes down while it runs, and how far a connection has come."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sfrunbook import journal
from sfrunbook.diagnose import problem
from sfrunbook.journal import Journal
from sfrunbook.model import Finding, Status
from sfrunbook.progress import STEPS, Progress, StepState

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FINDING = Finding(
    check="wrong-org-is-refused",
    claim="It is refused.",
    status=Status.FAILED,
    detail="“Ünïcode\u2028line”",
    diagnosis=problem("wrong-org", expected="00D1", seen="00D2").diagnosis,
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


def test_progress_keeps_the_last_state_of_each_step_across_programs(tmp_path: Path) -> None:
    Progress(tmp_path / "progress", "acme").record("start", Status.FAILED, AT)
    Progress(tmp_path / "progress", "acme").record("register", Status.PASSED, AT)
    Progress(tmp_path / "progress", "acme").record("start", Status.PASSED, AT)
    state = StepState(status=Status.PASSED, at="2026-11-23T12:00:00+00:00")
    assert Progress(tmp_path / "progress", "acme").states() == {"start": state, "register": state}
    assert Progress(tmp_path / "progress", "other").states() == {}


def test_progress_leaves_one_file_for_each_connection(tmp_path: Path) -> None:
    for step in STEPS:
        Progress(tmp_path, "acme").record(step.name, Status.PASSED, AT)
    assert [path.name for path in tmp_path.iterdir()] == ["acme.json"]


def test_progress_is_forgotten_on_demand_and_twice_does_no_harm(tmp_path: Path) -> None:
    progress = Progress(tmp_path, "acme")
    progress.record("start", Status.PASSED, AT)
    progress.forget()
    progress.forget()
    assert progress.states() == {}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"start": 3}', '{"start": {"status": "great", "at": ""}}'])
def test_a_damaged_progress_counts_as_none_and_is_written_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "acme.json").write_text(content)
    progress = Progress(tmp_path, "acme")
    assert progress.states() == {}
    progress.record("start", Status.PASSED, AT)
    assert list(json.loads((tmp_path / "acme.json").read_text())) == ["start"]


def test_progress_that_cannot_be_written_costs_nothing_but_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    progress = Progress(tmp_path / "file", "acme")
    progress.record("start", Status.PASSED, AT)
    assert progress.states() == {}


def test_every_step_names_a_notebook_that_exists() -> None:
    from sfrunbook.headless import notebooks_folder

    assert [step.notebook for step in STEPS if not (notebooks_folder() / step.notebook).is_file()] == []
