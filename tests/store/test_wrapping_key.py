"""The key of a store: from a key file, a keyring or a passphrase, fetched once, never from an unsafe place."""

from __future__ import annotations

import base64
import subprocess
import sys

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked
from support.grant_store_support import made_grant, record_path, refusal
from support.runbook_support import posix_only

from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store import wrapping_key as wrapping_key_module
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import WrappingKey, create_key_file


@pytest.fixture
def set_keyring():
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


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
    store.save(made_grant())
    create_key_file(tmp_path / "other")
    other = open_store(tmp_path, "acme", {"SFRUNBOOK_KEY_FILE": str(tmp_path / "other")})
    wrong = {"code": "wrapping-key-wrong", "path": str(record_path(tmp_path))}
    assert refusal(other.load, "acme") == wrong
    assert refusal(other.save, made_grant(2)) == wrong
    assert store.load("acme") == made_grant()


@pytest.mark.parametrize("backend", [NoKeyring, NullKeyring, PlaintextKeyring])
def test_without_a_place_for_the_key_nothing_is_stored_and_the_choices_are_named(tmp_path, set_keyring, backend):
    set_keyring(backend())
    assert refusal(open_store, tmp_path, "acme", {}) == {
        "code": "no-wrapping-key",
        "choices": "the system's keyring, SFRUNBOOK_KEY_FILE or SFRUNBOOK_PASSPHRASE",
    }
    assert list(tmp_path.iterdir()) == []


def test_a_real_keyring_holds_one_key_that_is_read_once_by_a_store(tmp_path, set_keyring):
    backend = MemoryKeyring()
    set_keyring(backend)
    store = open_store(tmp_path, "acme", {})
    assert store.protection == "Encrypted with a key from the system's keyring (a keyring in memory)."
    store.save(made_grant())
    reads = backend.reads
    assert open_store(tmp_path, "acme", {}).load("acme") == made_grant()
    store.save(made_grant(2))
    assert backend.reads == reads + 1
    assert len(backend.entries) == 1


def test_a_locked_keyring_is_a_problem_and_no_second_key_is_made(tmp_path, set_keyring):
    backend = LockedKeyring()
    set_keyring(backend)
    refused = refusal(open_store(tmp_path, "acme", {}).save, made_grant())
    assert (refused["code"], refused["reason"]) == ("store-unreadable", "the keyring returned an error (KeyringLocked)")
    assert backend.entries == {}


def test_the_explicit_environment_comes_before_the_keyring(tmp_path, set_keyring, environ):
    backend = MemoryKeyring()
    set_keyring(backend)
    open_store(tmp_path, "acme", environ).save(made_grant())
    open_store(tmp_path, "acme", {"SFRUNBOOK_PASSPHRASE": "correct horse"}).put_secret("x", Secret("y"))
    assert backend.reads == 0


def test_a_passphrase_opens_what_it_closed_and_another_does_not(tmp_path):
    environ = {"SFRUNBOOK_PASSPHRASE": "correct horse"}
    open_store(tmp_path, "acme", environ).save(made_grant())
    assert open_store(tmp_path, "acme", environ).load("acme") == made_grant()
    other = open_store(tmp_path, "acme", {"SFRUNBOOK_PASSPHRASE": "wrong horse"})
    assert refusal(other.load, "acme")["code"] == "wrapping-key-wrong"
    assert "horse" not in other.protection


def test_the_same_passphrase_gives_another_key_in_another_store(tmp_path):
    environ = {"SFRUNBOOK_PASSPHRASE": "correct horse"}
    stores = [open_store(tmp_path / name, "acme", environ) for name in ("one", "two")]
    assert stores[0]._files._key.reveal() != stores[1]._files._key.reveal()


def test_the_key_is_fetched_at_its_first_use_and_once(tmp_path):
    fetched = []
    store = GrantStore(tmp_path, WrappingKey(lambda: fetched.append(1) or b"k" * 32, "Somehow."), machine="aa" * 8)
    assert store.load("acme") is None
    assert fetched == []
    store.save(made_grant())
    store.load("acme")
    assert fetched == [1]


@posix_only
def test_a_key_file_that_others_may_read_is_refused(tmp_path, environ):
    (tmp_path / "key").chmod(0o640)
    refused = refusal(open_store(tmp_path, "acme", environ).save, made_grant())
    assert refused == {"code": "secret-file-open", "path": str(tmp_path / "key"), "mode": "0640"}


@pytest.mark.parametrize("content", ["", "short", "not base64 at all!", base64.b64encode(b"x" * 31).decode()])
def test_a_key_file_without_a_key_is_refused_and_not_repeated(tmp_path, environ, content):
    (tmp_path / "key").write_text(content)
    refused = refusal(open_store(tmp_path, "acme", environ).save, made_grant())
    assert refused["reason"] == "a key file holds at least 32 random bytes in base64"


def test_a_missing_key_file_is_a_problem_and_none_is_made(tmp_path):
    path = tmp_path / "gone"
    refused = refusal(open_store(tmp_path, "acme", {"SFRUNBOOK_KEY_FILE": str(path)}).save, made_grant())
    assert refused == {"code": "store-unreadable", "path": str(path), "reason": "No such file or directory"}
    assert not path.exists()


def test_a_key_file_is_never_overwritten(tmp_path, environ):
    before = (tmp_path / "key").read_bytes()
    assert refusal(create_key_file, tmp_path / "key")["code"] == "store-unwritable"
    assert (tmp_path / "key").read_bytes() == before


def test_the_heavy_libraries_are_loaded_when_they_are_needed_only():
    program = (
        "import sys, sfrunbook.store.grants, sfrunbook.store.references, sfrunbook.store.connections\n"
        "import sfrunbook.partners\n"
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
