"""What a grant is bound to, what becomes of a refresh without an answer, and what a disk that refuses may cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.grant_store_support import made_grant
from support.runbook_support import posix_only

from sfrunbook.connection.refreshing import refresh_stored
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Grant, GrantKind
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.store.grant_record import Quarantined, SentMark, StoredGrant, stored_grant_to_json
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.machine_id import MACHINE_VARIABLE, machine_id
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import WrappingKey, create_key_file

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY = WrappingKey(lambda: b"k" * 32, "For a test.")
HERE, THERE = "aa" * 8, "bb" * 8


def _grant(generation: int = 1, **changes) -> Grant:
    return replace(made_grant(generation, access="access", refresh="refresh", approved_at=NOW), **changes)


@pytest.fixture
def store(tmp_path) -> GrantStore:
    return GrantStore(tmp_path, KEY, machine=HERE)


def _code(call, *args, **kwargs) -> str:
    with pytest.raises(RunbookError) as caught:
        call(*args, **kwargs)
    return diagnosis_of(caught.value).code


def _answering():
    """A refresh that Salesforce answers; it remembers which refresh tokens it was sent."""
    sent: list[Secret | None] = []

    def request(held: Grant, keep) -> Grant:
        sent.append(held.refresh_token)
        fresh = _grant(held.generation + 1, approved_at=held.approved_at)
        keep(fresh)
        return fresh

    return request, sent


def _silent(held: Grant, keep) -> Grant:
    raise problem("refresh-outcome-unknown", connection=held.connection)


def _refusing(held: Grant, keep) -> Grant:
    raise problem("refresh-token-refused", connection=held.connection)


def _refresh(store, request, **changes) -> Grant:
    return refresh_stored(store, "acme", request, now=lambda: NOW, sleep=lambda _seconds: None, **changes)


def _quarantined() -> Quarantined:
    return Quarantined(at=NOW, grant=_grant(2), claimed_org_id="00D000000000009AAA", claimed_user_id="005other")


def _mixed_up(held: Grant, keep) -> Grant:
    keep(_quarantined())
    raise problem("tokens-of-another-org", expected=held.org_id, seen="00D000000000009AAA")


# --- what a record is bound to ---------------------------------------------------------------------------------------


def test_a_grant_copied_to_another_machine_is_refused_with_its_own_key_or_another(store, tmp_path):
    store.save(_grant())
    there = GrantStore(tmp_path, KEY, machine=THERE)
    assert _code(there.load, "acme") == "grant-of-another-machine"
    assert _code(there.save, _grant(2)) == "grant-of-another-machine"
    stranger = GrantStore(tmp_path, WrappingKey(lambda: b"x" * 32, ""), machine=THERE)
    assert _code(stranger.load, "acme") == "grant-of-another-machine"
    assert store.load("acme") == _grant()


def test_a_login_on_the_other_machine_replaces_the_copy(store, tmp_path):
    store.save(_grant(3))
    there = GrantStore(tmp_path, KEY, machine=THERE)
    own = _grant(approved_at=NOW + timedelta(days=1))
    there.save(own)
    assert there.load("acme") == own
    assert _code(store.load, "acme") == "grant-of-another-machine"


def test_a_moved_store_is_adopted_when_a_person_says_so(store, tmp_path):
    store.save(_grant(2))
    there = GrantStore(tmp_path, KEY, machine=THERE)
    there.adopt("acme")
    assert there.load("acme") == _grant(2)
    assert there.record("acme").machine == THERE


def test_a_grant_without_a_refresh_token_may_be_read_anywhere_since_nothing_can_be_spent(store, tmp_path):
    store.save(_grant(refresh_token=None, kind=GrantKind.CLIENT_CREDENTIALS))
    assert GrantStore(tmp_path, KEY, machine=THERE).load("acme") is not None


def test_a_record_that_holds_more_than_is_known_is_read(store, tmp_path):
    """Such as the tokens of the generation before, which earlier records held."""
    content = stored_grant_to_json(StoredGrant(grant=_grant(), machine=HERE))
    content |= {"previous": content["current"], "current": {**content["current"], "colour": "red"}}
    binding = bytes.fromhex(HERE) + store._identity(StoredGrant(grant=_grant(), machine=HERE))
    with store.lock("acme"):
        store._files.write("acme", "grant", content, binding=binding)
    assert store.record("acme") == StoredGrant(grant=_grant(), machine=HERE)


@pytest.mark.parametrize("changed", [{"org_id": "00Dother"}, {"user_id": "005other"}, {"client_id": "3MVG9other"}])
def test_a_record_stands_for_no_other_org_user_or_app(store, changed):
    other = StoredGrant(grant=_grant(**changed), machine=HERE)
    content = stored_grant_to_json(StoredGrant(grant=_grant(), machine=HERE))
    with store.lock("acme"):
        store._files.write("acme", "grant", content, binding=bytes.fromhex(HERE) + store._identity(other))
    assert _code(store.load, "acme") == "store-unreadable"


def test_the_machine_is_told_by_the_environment_or_the_system_and_never_in_clear():
    first, again = machine_id({}), machine_id({})
    assert first == again
    assert len(first) == 16
    named = machine_id({MACHINE_VARIABLE: "nightly"})
    assert named == machine_id({MACHINE_VARIABLE: " nightly "}) != first
    system = Path("/etc/machine-id")
    assert not system.exists() or first not in system.read_text()


def test_the_store_lists_its_grants(store):
    store.save(_grant())
    store.save(_grant(connection="a/b"))
    store.put_secret("other", Secret("x"))
    assert store.names() == ("a/b", "acme")


# --- a refresh without an answer -------------------------------------------------------------------------------------


def test_the_mark_is_on_the_disk_before_anything_is_sent_and_gone_with_the_answer(store, tmp_path):
    store.save(_grant())
    seen = []

    def request(held, keep):
        seen.append(GrantStore(tmp_path, KEY, machine=HERE).record("acme").sent)
        keep(_grant(2))
        return _grant(2)

    assert _refresh(store, request) == _grant(2)
    assert seen == [SentMark(at=NOW, generation=1)]
    assert store.record("acme").sent is None


def test_after_a_lost_answer_no_refresh_token_is_sent_by_itself(store, tmp_path):
    store.save(_grant())
    assert _code(_refresh, store, _silent) == "refresh-outcome-unknown"
    request, sent = _answering()
    for opened in (store, GrantStore(tmp_path, KEY, machine=HERE)):
        assert _code(_refresh, opened, request) == "refresh-undecided"
    assert sent == []
    assert store.load("acme").access_token == Secret("access-1")


def test_an_undecided_refresh_names_both_ways_out(store):
    store.save(_grant())
    store.mark_sent("acme", NOW)
    with pytest.raises(RunbookError) as caught:
        _refresh(store, _silent)
    told = diagnosis_of(caught.value)
    assert told.what == ("The reply to a refresh of acme was lost.")
    assert told.why.startswith("The refresh token was sent at 2026-11-23 09:00 UTC. ")
    steps = " ".join(remedy.where for cause in told.causes for remedy in cause.remedies)
    assert "sfrunbook grants resolve acme --try-once" in steps
    assert "sfrunbook grants resolve acme --log-in-again" in steps


def test_a_refusal_is_an_answer_and_leaves_no_mark(store):
    store.save(_grant())
    assert _code(_refresh, store, _refusing) != "refresh-undecided"
    assert store.record("acme").sent is None


def test_a_new_login_ends_the_doubt(store):
    store.save(_grant())
    store.mark_sent("acme", NOW)
    store.save(_grant(approved_at=NOW + timedelta(days=1), access_token=Secret("new")))
    assert store.record("acme").sent is None
    request, sent = _answering()
    _refresh(store, request)
    assert len(sent) == 1


def test_a_refresh_is_not_repeated_for_one_who_saw_an_older_generation(store):
    store.save(_grant())
    request, sent = _answering()
    _refresh(store, request, last_known=_grant())
    assert _refresh(store, request, last_known=_grant()).generation == 2
    assert len(sent) == 1


def test_the_use_of_a_grant_is_noted_to_the_hour(store):
    store.save(_grant())
    store.note_used("acme", NOW)
    assert store.record("acme").used_at == NOW
    store.note_used("acme", NOW + timedelta(minutes=59))
    assert store.record("acme").used_at == NOW
    store.note_used("acme", NOW + timedelta(hours=1))
    assert store.record("acme") == StoredGrant(grant=_grant(), used_at=NOW + timedelta(hours=1), machine=HERE)


# --- a disk that refuses ---------------------------------------------------------------------------------------------


def _in_a_process(tmp_path: Path, body: str) -> list[str]:
    """Run `body` in a process of its own, where limits may be set; gives what it prints as JSON."""
    program = (
        "import json, os, resource, sys\n"
        f"sys.path[:0] = {[str(folder) for folder in Path(__file__).parents[:2]]!r}\n"
        "from test_keeping_a_grant import HERE, KEY, NOW, GrantStore, Path\n"
        "from test_keeping_a_grant import _answering, _code, _grant, _mixed_up, _quarantined, _refresh\n"
        "from sfrunbook.connection.refreshing import _unwritten, current_grant, refresh_stored\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "store = GrantStore(folder, KEY, machine=HERE)\n"
        f"{body}"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


FULL = "def full(bytes_left): resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, resource.RLIM_INFINITY))\n"


@posix_only
def test_on_a_full_disk_nothing_is_sent(store, tmp_path):
    store.save(_grant())
    told = _in_a_process(
        tmp_path,
        FULL + "request, sent = _answering()\nfull(10)\n"
        "print(json.dumps([_code(_refresh, store, request), len(sent), store.load('acme').generation]))",
    )
    assert told == ["store-unwritable", 0, 1]
    assert store.record("acme") == StoredGrant(grant=_grant(), machine=HERE)
    assert [path.name for path in (tmp_path / "grants").iterdir() if path.suffix == ".tmp"] == []


@posix_only
def test_tokens_that_come_when_the_disk_has_become_full_are_held_and_written_as_soon_as_there_is_room(store, tmp_path):
    store.save(_grant())
    told = _in_a_process(
        tmp_path,
        FULL + "def request(held, keep):\n"
        "    full(10)\n"
        "    keep(_grant(2))\n"
        "codes = [_code(_refresh, store, request)]\n"
        "again, sent = _answering()\n"
        "codes.append(_code(_refresh, store, again))\n"
        "held = [current_grant(store, 'acme').generation, store.load('acme').generation, len(sent)]\n"
        "full(resource.RLIM_INFINITY)\n"
        "after = _refresh(store, again).generation\n"
        "print(json.dumps([codes, held, after, not _unwritten]))",
    )
    assert told == [["refreshed-but-not-kept", "refreshed-but-not-kept"], [2, 1, 0], 3, True]
    assert store.load("acme").generation == 3


@posix_only
def test_if_that_process_ends_the_state_says_that_the_answer_is_lost(store, tmp_path):
    store.save(_grant())
    _in_a_process(
        tmp_path,
        FULL + "def request(held, keep):\n    full(10)\n    keep(_grant(2))\n"
        "print(json.dumps([_code(_refresh, store, request)]))",
    )
    request, sent = _answering()
    assert _code(_refresh, store, request) == "refresh-undecided"
    assert sent == []


@posix_only
def test_a_full_disk_for_a_moment_costs_nothing(store, tmp_path):
    store.save(_grant())
    told = _in_a_process(
        tmp_path,
        FULL + "def request(held, keep):\n    full(10)\n    keep(_grant(2))\n    return _grant(2)\n"
        "waits = []\n"
        "def sleep(seconds):\n    waits.append(seconds)\n    full(resource.RLIM_INFINITY)\n"
        "made = refresh_stored(store, 'acme', request, now=lambda: NOW, sleep=sleep)\n"
        "print(json.dumps([made.generation, store.load('acme').generation, waits]))",
    )
    assert told == [2, 2, [0.2]]


@posix_only
def test_in_a_folder_that_may_only_be_read_nothing_is_sent_and_the_access_token_is_still_there():
    body = "request, sent = _answering()\n"
    with tempfile.TemporaryDirectory() as name:
        home, folder = Path(name), Path(name, "grants")
        GrantStore(home, KEY, machine=HERE).save(_grant())
        (folder / "acme.lock").unlink(missing_ok=True)
        if os.geteuid() == 0:  # root may write anywhere, so another user tries
            home.chmod(0o755)
            for path in (folder, *folder.iterdir()):
                os.chown(path, 65534, 65534)
            body += "os.setgid(65534); os.setuid(65534)\n"
        folder.chmod(0o500)
        try:
            told = _in_a_process(
                home,
                body + "print(json.dumps([_code(_refresh, store, request), len(sent), store.load('acme').generation]))",
            )
        finally:
            folder.chmod(0o700)
    assert told == ["store-unwritable", 0, 1]


def test_an_opened_store_takes_its_machine_from_the_environment(tmp_path):
    create_key_file(tmp_path / "key")
    opened = open_store(tmp_path, "acme", {"SFRUNBOOK_KEY_FILE": str(tmp_path / "key"), MACHINE_VARIABLE: "nightly"})
    opened.save(_grant())
    assert opened.record("acme").machine == machine_id({MACHINE_VARIABLE: "nightly"})


# --- new tokens in quarantine ----------------------------------------------------------------------------------------


def test_new_tokens_in_quarantine_stay_beside_the_grant_until_another_grant_is_saved(store, tmp_path):
    store.save(_grant())
    assert _code(_refresh, store, _mixed_up) == "tokens-of-another-org"
    opened = GrantStore(tmp_path, KEY, machine=HERE)
    assert opened.record("acme") == StoredGrant(grant=_grant(), quarantined=_quarantined(), machine=HERE)
    opened.save(_grant())
    opened.adopt("acme")
    assert opened.record("acme").quarantined == _quarantined()
    request, sent = _answering()
    assert _code(_refresh, opened, request) == "grant-quarantined"
    assert sent == []
    opened.save(_quarantined().grant)
    assert opened.record("acme").quarantined is None
    assert _refresh(opened, request).generation == 3
    assert sent == [_grant(2).refresh_token]


def test_a_file_of_the_format_before_quarantine_opens(store):
    content = stored_grant_to_json(StoredGrant(grant=_grant(), machine=HERE))
    del content["quarantined"]
    binding = bytes.fromhex(HERE) + store._identity(StoredGrant(grant=_grant(), machine=HERE))
    with store.lock("acme"):
        store._files.write("acme", "grant", content, binding=binding)
    assert store.record("acme") == StoredGrant(grant=_grant(), machine=HERE)


def test_tokens_of_a_grant_that_is_gone_or_replaced_are_not_put_beside_another(store):
    assert _code(store.quarantine, _quarantined()) == "grant-stale"
    store.save(_grant(approved_at=NOW + timedelta(days=1)))
    assert _code(store.quarantine, _quarantined()) == "grant-stale"


def test_a_process_that_ends_right_after_the_write_leaves_the_tokens_in_quarantine(store, tmp_path):
    store.save(_grant())
    _in_a_process(
        tmp_path,
        "def request(held, keep):\n"
        "    keep(_quarantined())\n"
        "    print('[]', flush=True)\n"
        "    os._exit(0)\n"
        "_refresh(store, request)\n",
    )
    assert store.record("acme") == StoredGrant(grant=_grant(), quarantined=_quarantined(), machine=HERE)
    request, sent = _answering()
    assert _code(_refresh, store, request) == "grant-quarantined"
    assert sent == []


@pytest.mark.parametrize("keeping", ["save", "quarantine"])
def test_a_token_whose_successor_could_not_be_written_is_not_sent_again(store, monkeypatch, keeping):
    store.save(_grant())
    request, sent = _answering()

    def refuse(_arrived):
        raise problem("store-unreadable", path="here", reason="Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(store, keeping, refuse)
        assert _code(_refresh, store, request if keeping == "save" else _mixed_up) == "store-unreadable"
    sent.clear()
    assert _code(_refresh, store, request) == "refresh-undecided"
    assert sent == []


@posix_only
def test_tokens_for_quarantine_that_come_when_the_disk_is_full_are_written_as_soon_as_there_is_room(store, tmp_path):
    store.save(_grant())
    told = _in_a_process(
        tmp_path,
        FULL + "def request(held, keep):\n    full(10)\n    return _mixed_up(held, keep)\n"
        "again, sent = _answering()\n"
        "codes = [_code(_refresh, store, request), _code(_refresh, store, again)]\n"
        "full(resource.RLIM_INFINITY)\n"
        "codes.append(_code(_refresh, store, again))\n"
        "print(json.dumps([codes, len(sent), not _unwritten]))",
    )
    assert told == [["refreshed-but-not-kept", "refreshed-but-not-kept", "grant-quarantined"], 0, True]
    assert store.record("acme").quarantined == _quarantined()
