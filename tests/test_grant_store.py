"""Grants at rest: encrypted, bound to their name, never older, whole after a kill, locked across processes."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked

from sfrunbook import wrapping_key as wrapping_key_module
from sfrunbook.grant_store import GrantStore, WrappingKey, create_key_file, open_store
from sfrunbook.model import Grant, GrantKind, RunbookError
from sfrunbook.secret import Secret

NOW = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=UTC)
posix_only = pytest.mark.skipif(os.name != "posix", reason="modes and signals are POSIX")


def _grant(
    generation=1, *, connection="acme", approved_at=NOW, access="access-canary", refresh="refresh-canary"
) -> Grant:
    return Grant(
        connection=connection,
        kind=GrantKind.AUTHORIZATION_CODE,
        issuer="https://acme.my.salesforce.com",
        client_id="3MVG9x",
        access_token=Secret(f"{access}-{generation}"),
        refresh_token=Secret(f"{refresh}-{generation}") if refresh else None,
        instance_url="https://acme.my.salesforce.com",
        identity_url="https://login.salesforce.com/id/00Dxx0000001gPFEAY/005xx000001Sv6AAAS",
        scopes=("full", "refresh_token"),
        org_id="00Dxx0000001gPFEAY",
        user_id="005xx000001Sv6AAAS",
        issued_at=NOW + timedelta(minutes=generation),
        approved_at=approved_at,
        generation=generation,
        rotates=None if generation == 1 else True,
    )


@pytest.fixture
def environ(tmp_path) -> dict[str, str]:
    create_key_file(tmp_path / "key")
    return {"SFRUNBOOK_KEY_FILE": str(tmp_path / "key")}


@pytest.fixture
def store(tmp_path, environ) -> GrantStore:
    return open_store(tmp_path, environ)


@pytest.fixture
def set_keyring():
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def _refused(call, *args, **kwargs) -> dict[str, str]:
    with pytest.raises(RunbookError) as caught:
        call(*args, **kwargs)
    return {"code": caught.value.diagnosis.code, **caught.value.diagnosis.failure.evidence}


def _record(tmp_path, name="acme.grant"):
    return tmp_path / "grants" / name


# --- what is kept --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grant", [_grant(), _grant(7), _grant(refresh="")], ids=["first", "refreshed", "no refresh"])
def test_a_grant_comes_back_as_it_was_saved_in_another_store_object(store, tmp_path, environ, grant):
    store.save(grant)
    assert open_store(tmp_path, environ).load("acme") == grant


def test_nothing_is_none(store):
    assert store.load("acme") is None
    assert store.previous("acme") is None
    assert store.get_secret("acme") is None
    store.delete("acme")
    store.delete_secret("acme")
    store.confirm("acme")


def test_a_named_secret_comes_back_and_can_be_replaced_and_forgotten(store):
    for name in ("acme", "pending-login:acme", "a/b"):
        store.put_secret(name, Secret("one"))
        store.put_secret(name, Secret(f"two {name} ü"))
    assert store.get_secret("pending-login:acme") == Secret("two pending-login:acme ü")
    store.delete_secret("pending-login:acme")
    assert store.get_secret("pending-login:acme") is None
    assert store.get_secret("acme") == Secret("two acme ü")


def test_no_name_leads_out_of_the_folder(store, tmp_path):
    store.put_secret("a/../../b", Secret("x"))
    assert [path.name for path in _record(tmp_path, "").glob("*.secret")] == ["a%2F..%2F..%2Fb.secret"]
    for name in ("", "../b", ".", "x" * 300):
        with pytest.raises(ValueError, match="not a name"):
            store.put_secret(name, Secret("x"))


def test_no_byte_on_disk_shows_a_token_or_a_secret(store, tmp_path):
    store.save(_grant())
    store.save(_grant(2))
    store.put_secret("acme", Secret("client-canary"))
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"canary" not in everything
    assert base64.b64encode(b"client-canary")[:12] not in everything
    assert b"00Dxx" not in everything


@posix_only
def test_records_and_their_folder_are_for_their_owner_only(store, tmp_path):
    store.save(_grant())
    store.put_secret("acme", Secret("x"))
    assert _record(tmp_path, "").stat().st_mode & 0o777 == 0o700
    for path in (_record(tmp_path), _record(tmp_path, "acme.secret"), tmp_path / "key"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_the_store_says_how_the_key_is_kept_and_shows_no_key(store, environ):
    assert store.protection == f"Encrypted with the key file {environ['SFRUNBOOK_KEY_FILE']}."
    key = WrappingKey(lambda: b"k" * 32, "Somehow.")
    assert key.reveal() == b"k" * 32
    assert "kkk" not in repr(key)


# --- generations ---------------------------------------------------------------------------------------------------


def test_an_older_generation_is_refused_and_the_newer_one_stays(store):
    store.save(_grant(3))
    assert _refused(store.save, _grant(2)) == {"code": "grant-stale", "connection": "acme"}
    assert store.load("acme") == _grant(3)


def test_the_same_generation_may_be_saved_again_with_other_facts(store):
    store.save(_grant(1))
    store.save(_grant(2))
    moved = replace(_grant(2), instance_url="https://acme.my.salesforce.com.example")
    store.save(moved)
    assert store.load("acme") == moved
    assert store.previous("acme") == _grant(1)


def test_the_previous_generation_is_kept_until_the_new_one_was_used(store):
    store.save(_grant(1))
    store.save(_grant(2))
    assert store.previous("acme") == _grant(1)
    store.confirm("acme")
    assert store.previous("acme") is None
    assert store.load("acme") == _grant(2)


def test_a_new_approval_starts_at_one_again_even_when_a_clock_was_wrong(store):
    for approved_at in (NOW + timedelta(days=1), NOW - timedelta(days=1)):
        store.save(_grant(5))
        again = _grant(1, approved_at=approved_at, access="other")
        store.save(again)
        assert store.load("acme") == again
        store.delete("acme")


def test_a_refreshed_copy_of_an_older_approval_is_refused(store):
    store.save(_grant(1, approved_at=NOW + timedelta(days=1)))
    assert _refused(store.save, _grant(9))["code"] == "grant-stale"


# --- damage --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda raw: b"", "it is damaged or no record of this runbook"),
        (lambda raw: raw[:20], "it is damaged or no record of this runbook"),
        (lambda raw: b"XXXX" + raw[4:], "it is damaged or no record of this runbook"),
        (lambda raw: raw[:4] + b"\x09" + raw[5:], "another version of sfrunbook wrote it (format 9)"),
        (lambda raw: raw[:-1], "it is damaged, or was copied from another name"),
        (lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), "it is damaged, or was copied from another name"),
        (lambda raw: raw[:14] + bytes([raw[14] ^ 1]) + raw[15:], "it is damaged, or was copied from another name"),
    ],
)
def test_a_damaged_record_is_a_problem_and_stays_as_it_is(store, tmp_path, damage, reason):
    store.save(_grant())
    path = _record(tmp_path)
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    for call, argument in ((store.load, "acme"), (store.save, _grant(2)), (store.confirm, "acme")):
        assert _refused(call, argument) == {"code": "store-unreadable", "path": str(path), "reason": reason}
    assert path.read_bytes() == damaged


def test_a_record_copied_to_another_name_or_kind_is_refused(store, tmp_path):
    store.save(_grant())
    store.put_secret("acme", Secret("x"))
    raw = _record(tmp_path).read_bytes()
    _record(tmp_path, "globex.grant").write_bytes(raw)
    _record(tmp_path, "acme.secret").write_bytes(raw)
    assert _refused(store.load, "globex")["code"] == "store-unreadable"
    assert _refused(store.get_secret, "acme")["code"] == "store-unreadable"


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path, environ):
    (tmp_path / "file").write_text("")
    store = open_store(tmp_path / "file", environ)
    assert _refused(store.save, _grant())["code"] == "store-unwritable"
    assert _refused(store.put_secret, "acme", Secret("x"))["code"] == "store-unwritable"
    assert _refused(store.load, "acme")["code"] == "store-unreadable"


# --- keys ----------------------------------------------------------------------------------------------------------


class MemoryKeyring(KeyringBackend):
    """A real keyring as far as callers can tell."""

    priority = 5
    name = "a keyring in memory"

    def __init__(self):
        super().__init__()
        self.entries = {}
        self.reads = 0

    def get_password(self, service, username):
        self.reads += 1
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        self.entries[service, username] = password

    def delete_password(self, service, username):
        del self.entries[service, username]


class PlaintextKeyring(MemoryKeyring):
    """Stands for the backend of keyrings.alt that writes clear text."""


class LockedKeyring(MemoryKeyring):
    def get_password(self, service, username):
        raise KeyringLocked("secret-detail")


def test_another_key_is_told_from_damage(store, tmp_path):
    store.save(_grant())
    create_key_file(tmp_path / "other")
    other = open_store(tmp_path, {"SFRUNBOOK_KEY_FILE": str(tmp_path / "other")})
    wrong = {"code": "wrapping-key-wrong", "path": str(_record(tmp_path))}
    assert _refused(other.load, "acme") == wrong
    assert _refused(other.save, _grant(2)) == wrong
    assert store.load("acme") == _grant()


@pytest.mark.parametrize("backend", [NoKeyring, NullKeyring, PlaintextKeyring])
def test_without_a_place_for_the_key_nothing_is_stored_and_the_choices_are_named(tmp_path, set_keyring, backend):
    set_keyring(backend())
    assert _refused(open_store, tmp_path, {}) == {
        "code": "no-wrapping-key",
        "choices": "the system's keyring, SFRUNBOOK_KEY_FILE or SFRUNBOOK_PASSPHRASE",
    }
    assert list(tmp_path.iterdir()) == []


def test_a_real_keyring_holds_one_key_that_is_read_once_by_a_store(tmp_path, set_keyring):
    backend = MemoryKeyring()
    set_keyring(backend)
    store = open_store(tmp_path, {})
    assert store.protection == "Encrypted with a key from the system's keyring (a keyring in memory)."
    store.save(_grant())
    reads = backend.reads
    assert open_store(tmp_path, {}).load("acme") == _grant()
    store.save(_grant(2))
    assert backend.reads == reads + 1
    assert len(backend.entries) == 1


def test_a_locked_keyring_is_a_problem_and_no_second_key_is_made(tmp_path, set_keyring):
    backend = LockedKeyring()
    set_keyring(backend)
    refused = _refused(open_store(tmp_path, {}).save, _grant())
    assert (refused["code"], refused["reason"]) == ("store-unreadable", "the keyring refused (KeyringLocked)")
    assert backend.entries == {}


def test_the_explicit_environment_comes_before_the_keyring(tmp_path, set_keyring, environ):
    backend = MemoryKeyring()
    set_keyring(backend)
    open_store(tmp_path, environ).save(_grant())
    open_store(tmp_path, {"SFRUNBOOK_PASSPHRASE": "correct horse"}).put_secret("x", Secret("y"))
    assert backend.reads == 0


def test_a_passphrase_opens_what_it_closed_and_another_does_not(tmp_path):
    environ = {"SFRUNBOOK_PASSPHRASE": "correct horse"}
    open_store(tmp_path, environ).save(_grant())
    assert open_store(tmp_path, environ).load("acme") == _grant()
    other = open_store(tmp_path, {"SFRUNBOOK_PASSPHRASE": "wrong horse"})
    assert _refused(other.load, "acme")["code"] == "wrapping-key-wrong"
    assert "horse" not in other.protection


def test_the_same_passphrase_gives_another_key_in_another_store(tmp_path):
    environ = {"SFRUNBOOK_PASSPHRASE": "correct horse"}
    stores = [open_store(tmp_path / name, environ) for name in ("one", "two")]
    assert stores[0]._key.reveal() != stores[1]._key.reveal()


def test_the_key_is_fetched_at_its_first_use_and_once(tmp_path):
    fetched = []
    store = GrantStore(tmp_path, WrappingKey(lambda: fetched.append(1) or b"k" * 32, "Somehow."))
    assert store.load("acme") is None
    assert fetched == []
    store.save(_grant())
    store.load("acme")
    assert fetched == [1]


@posix_only
def test_a_key_file_that_others_may_read_is_refused(tmp_path, environ):
    (tmp_path / "key").chmod(0o640)
    refused = _refused(open_store(tmp_path, environ).save, _grant())
    assert refused == {"code": "secret-file-open", "path": str(tmp_path / "key"), "mode": "0640"}


@pytest.mark.parametrize("content", ["", "short", "not base64 at all!", base64.b64encode(b"x" * 31).decode()])
def test_a_key_file_without_a_key_is_refused_and_not_repeated(tmp_path, environ, content):
    (tmp_path / "key").write_text(content)
    refused = _refused(open_store(tmp_path, environ).save, _grant())
    assert refused["reason"] == "a key file holds at least 32 random bytes in base64"


def test_a_missing_key_file_is_a_problem_and_none_is_made(tmp_path):
    path = tmp_path / "gone"
    refused = _refused(open_store(tmp_path, {"SFRUNBOOK_KEY_FILE": str(path)}).save, _grant())
    assert refused == {"code": "store-unreadable", "path": str(path), "reason": "No such file or directory"}
    assert not path.exists()


def test_a_key_file_is_never_overwritten(tmp_path, environ):
    before = (tmp_path / "key").read_bytes()
    assert _refused(create_key_file, tmp_path / "key")["code"] == "store-unwritable"
    assert (tmp_path / "key").read_bytes() == before


def test_the_heavy_libraries_are_loaded_when_they_are_needed_only():
    program = (
        "import sys, sfrunbook.grant_store, sfrunbook.references, sfrunbook.connections, sfrunbook.partner\n"
        "heavy = ('cryptography', 'keyring', 'filelock', 'pydantic', 'platformdirs')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_chain_of_keyrings_is_real_only_when_all_of_it_is():
    class Chain(MemoryKeyring):
        backends = ()

    Chain.__module__ = "keyring.backends.chainer"
    for backends, real in (([], False), ([MemoryKeyring()], True), ([MemoryKeyring(), PlaintextKeyring()], False)):
        chain = Chain()
        chain.backends = backends
        assert wrapping_key_module._is_real(chain) is real


# --- processes -----------------------------------------------------------------------------------------------------

_HEAD = """
import os, sys
from dataclasses import replace
from pathlib import Path
from sfrunbook.grant_store import open_store
from sfrunbook.secret import Secret
store = open_store(Path(sys.argv[1]), os.environ)
"""
_HOLDER = _HEAD + "with store.lock('acme'):\n    print('held', flush=True)\n    sys.stdin.read()\n"
_COUNTER = (
    _HEAD
    + """
for turn in range(25):
    with store.lock('acme'):
        grant = store.load('acme')
        store.save(replace(grant, generation=grant.generation + 1, access_token=Secret(f'{os.getpid()}-{turn}')))
"""
)
_WRITER = (
    _HEAD
    + """
grant = store.load('acme')
print('ready', flush=True)
while True:
    grant = replace(grant, generation=grant.generation + 1)
    store.save(grant)
    store.put_secret('acme', Secret('value ' * grant.generation))
"""
)


def _start(program, tmp_path, environ, **pipes):
    command = [sys.executable, "-c", program, str(tmp_path)]
    return subprocess.Popen(command, env={**os.environ, **environ}, text=True, **pipes)


def test_a_lock_held_by_another_process_is_waited_for_and_then_a_problem(store, tmp_path, environ):
    holder = _start(_HOLDER, tmp_path, environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunbookError) as caught, store.lock("acme", timeout_seconds=0.05):
            pytest.fail("the lock was given twice")
        assert caught.value.diagnosis.code == "grant-busy"
        assert caught.value.diagnosis.failure.evidence == {"connection": "acme", "seconds": "0.05"}
        with store.lock("globex", timeout_seconds=0.05):  # another connection is free
            pass
        holder.stdin.close()
    with store.lock("acme", timeout_seconds=10):
        pass


@posix_only
def test_a_killed_holder_lets_go_of_the_lock(store, tmp_path, environ):
    holder = _start(_HOLDER, tmp_path, environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    with store.lock("acme", timeout_seconds=10):
        pass


def test_the_lock_may_be_entered_again_while_held_also_by_another_store_object(store, tmp_path, environ):
    with store.lock("acme"), open_store(tmp_path, environ).lock("acme", timeout_seconds=0):
        store.save(_grant())
        store.delete("acme")


def test_the_lock_holds_between_threads(store):
    refused = []

    def second():
        try:
            with store.lock("acme", timeout_seconds=0.05):
                pass
        except RunbookError as error:
            refused.append(error.diagnosis.code)

    with store.lock("acme"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert refused == ["grant-busy"]


def test_two_processes_that_refresh_in_turn_lose_no_generation(store, tmp_path, environ):
    store.save(_grant())
    running = [_start(_COUNTER, tmp_path, environ) for _ in range(2)]
    assert [one.wait(120) for one in running] == [0, 0]
    assert store.load("acme").generation == 51


@posix_only
def test_a_record_is_whole_and_never_older_however_often_its_writer_is_killed(store, tmp_path, environ):
    store.save(_grant())
    last = 1
    for kill in range(24):
        with _start(_WRITER, tmp_path, environ, stdout=subprocess.PIPE) as writer:
            assert writer.stdout.readline() == "ready\n"
            # killed after some more generations than the time before, at whatever point that happens to be
            while store.load("acme").generation < last + 1 + kill % 5:
                assert writer.poll() is None
            writer.send_signal(signal.SIGKILL)
        held, secret = store.load("acme"), store.get_secret("acme")
        assert held.generation > last
        assert secret is None or secret.reveal() == "value " * secret.reveal().count("value")
        last = held.generation
    store.save(_grant(last + 1))
    assert store.load("acme").generation == last + 1
