"""A JSON file is read as its type, replaced as a whole, and changed by one writer at a time."""

from __future__ import annotations

import errno
import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from support.grant_store_support import refusal

from sfrunbook.core.durable_file import locked
from sfrunbook.core.errors import reason_of
from sfrunbook.core.model import Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store.json_file import JsonFile, to_json
from sfrunbook.store.partner_record import PartnerRecord
from sfrunbook.store.what_worked import History

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path) -> JsonFile[list[int]]:
    path = tmp_path / "folder" / "numbers.json"
    return JsonFile(
        path,
        parse=lambda raw: [int(one) for one in raw["numbers"]],
        dump=lambda n: {"numbers": n},
        default=[7],
        version=1,
    )


def test_what_is_written_is_read_and_nothing_is_none(file):
    assert file.read() is None
    file.write([1, 2])
    assert file.read() == [1, 2]
    file.change(lambda numbers: [*numbers, 3])
    assert file.read() == [1, 2, 3]
    file.delete()
    file.delete()
    assert file.load() == [7]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file does not hold JSON"),
        (b"\xff\xfe", "the file does not hold JSON"),
        (b"[]", "the file does not hold a JSON object"),
        (b'{"format": 2, "numbers": []}', "another version of sfrunbook wrote it"),
        (b'{"format": 1}', "a field is missing or holds a wrong value"),
        (b'{"format": 1, "numbers": ["x"]}', "a field is missing or holds a wrong value"),
    ],
)
def test_a_damaged_file_is_a_problem_with_a_reason_and_stays_as_it_is(file, content, reason):
    file.write([1])
    file.path.write_bytes(content)
    assert refusal(file.read) == {"code": "store-unreadable", "path": str(file.path), "reason": reason}
    assert file.load() == [7]
    assert file.path.read_bytes() == content


def test_a_file_that_another_thread_holds_is_a_problem_after_a_while(file, monkeypatch):
    monkeypatch.setattr("sfrunbook.store.json_file._LOCK_SECONDS", 0.05)
    refused = []
    with file.locked():
        thread = threading.Thread(target=lambda: refused.append(refusal(file.change, lambda numbers: numbers)))
        thread.start()
        thread.join()
    assert refused[0]["code"] == "store-unwritable"
    assert refused[0]["reason"] == "another process has been writing there for 0.05 seconds"


@pytest.mark.parametrize("kind", ["history", "partner"])
def test_writers_in_several_threads_lose_nothing_of_each_other(tmp_path, kind):
    def write(number: int) -> None:
        if kind == "history":
            History(tmp_path, "acme").note_success(f"stage-{number}", host="h", client_id="c", at=AT)
        else:
            PartnerRecord(tmp_path, "acme").note_authenticated(str(number), AT)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    known = [PartnerRecord(tmp_path, "acme").authenticated_at(str(number)) for number in range(12)]
    assert len(History(tmp_path, "acme").successes()) == 12 if kind == "history" else None not in known


def test_a_lock_that_is_not_free_in_time_says_so_and_is_not_taken(tmp_path):
    errors = []

    def second() -> None:
        try:
            with locked(tmp_path / "lock", 0.05):
                pytest.fail("the lock was given twice")
        except TimeoutError as error:
            errors.append(reason_of(error))

    with locked(tmp_path / "lock", 1), locked(tmp_path / "lock", 0):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert errors == ["another process has been writing there for 0.05 seconds"]


def test_the_reason_of_an_error_repeats_no_path_and_no_content():
    assert reason_of(OSError(errno.ENOSPC, "canary", "/canary")) == "No space left on device"
    assert reason_of(OSError("canary")) == "OSError"


@dataclass(frozen=True)
class _Note:
    at: datetime
    status: Status
    token: Secret | None = None


def test_a_record_becomes_json_by_field_and_a_secret_only_when_it_is_asked_for():
    note = {"notes": (_Note(AT, Status.PASSED),)}
    assert to_json(note) == {"notes": [{"at": "2026-11-23T12:00:00+00:00", "status": "passed", "token": None}]}
    secret = _Note(AT, Status.PASSED, Secret("canary"))
    assert to_json(secret, reveal=True)["token"] == "canary"
    with pytest.raises(TypeError):
        json.dumps(to_json(secret))
