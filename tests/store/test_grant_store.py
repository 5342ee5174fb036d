"""Grants at rest: encrypted, bound to their name, never older; damage is a problem with a name."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from support.grant_store_support import NOW, made_grant, record_path, refusal
from support.runbook_support import posix_only

from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import WrappingKey

# --- what is kept --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "grant", [made_grant(), made_grant(7), made_grant(refresh="")], ids=["first", "refreshed", "no refresh"]
)
def test_a_grant_comes_back_as_it_was_saved_in_another_store_object(store, tmp_path, environ, grant):
    store.save(grant)
    assert open_store(tmp_path, "acme", environ).load("acme") == grant


def test_nothing_is_none(store):
    assert store.load("acme") is None
    assert store.get_secret("acme") is None
    store.delete("acme")
    store.delete_secret("acme")
    store.note_used("acme", NOW)


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
    assert [path.name for path in record_path(tmp_path, "").glob("*.secret")] == ["a%2F..%2F..%2Fb.secret"]
    for name in ("", "../b", ".", "x" * 300):
        with pytest.raises(ValueError, match="not a name"):
            store.put_secret(name, Secret("x"))


def test_no_byte_on_disk_shows_a_token_or_a_secret(store, tmp_path):
    store.save(made_grant())
    store.save(made_grant(2))
    store.put_secret("acme", Secret("client-canary"))
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"canary" not in everything
    assert base64.b64encode(b"client-canary")[:12] not in everything
    assert b"00Dxx" not in everything


@posix_only
def test_records_and_their_folder_are_for_their_owner_only(store, tmp_path):
    store.save(made_grant())
    store.put_secret("acme", Secret("x"))
    assert record_path(tmp_path, "").stat().st_mode & 0o777 == 0o700
    for path in (record_path(tmp_path), record_path(tmp_path, "acme.secret"), tmp_path / "key"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_the_store_says_how_the_key_is_kept_and_shows_no_key(store, environ):
    assert store.protection == f"Encrypted with the key file {environ['SFRUNBOOK_KEY_FILE']}."
    key = WrappingKey(lambda: b"k" * 32, "Somehow.")
    assert key.reveal() == b"k" * 32
    assert "kkk" not in repr(key)


# --- generations ---------------------------------------------------------------------------------------------------


def test_an_older_generation_is_refused_and_the_newer_one_stays(store):
    store.save(made_grant(3))
    assert refusal(store.save, made_grant(2)) == {"code": "grant-stale", "connection": "acme"}
    assert store.load("acme") == made_grant(3)


def test_the_same_generation_may_be_saved_again_with_other_facts(store):
    store.save(made_grant(1))
    store.save(made_grant(2))
    moved = replace(made_grant(2), instance_url="https://acme.my.salesforce.com.example")
    store.save(moved)
    assert store.load("acme") == moved


def test_a_new_approval_starts_at_one_again_even_when_a_clock_was_wrong(store):
    for approved_at in (NOW + timedelta(days=1), NOW - timedelta(days=1)):
        store.save(made_grant(5))
        again = made_grant(1, approved_at=approved_at, access="other")
        store.save(again)
        assert store.load("acme") == again
        store.delete("acme")


def test_a_refreshed_copy_of_an_older_approval_is_refused(store):
    store.save(made_grant(1, approved_at=NOW + timedelta(days=1)))
    assert refusal(store.save, made_grant(9))["code"] == "grant-stale"


# --- damage --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda raw: b"", "it is damaged, or isn't a file of this runbook"),
        (lambda raw: raw[:20], "it is damaged, or isn't a file of this runbook"),
        (lambda raw: b"XXXX" + raw[4:], "it is damaged, or isn't a file of this runbook"),
        (lambda raw: raw[:4] + b"\x09" + raw[5:], "another version of sfrunbook wrote it (format 9)"),
        (lambda raw: raw[:-1], "it is damaged, or was copied from another name"),
        (lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), "it is damaged, or was copied from another name"),
        (lambda raw: raw[:14] + bytes([raw[14] ^ 1]) + raw[15:], "it is damaged, or was copied from another name"),
    ],
)
def test_a_damaged_record_is_a_problem_and_stays_as_it_is(store, tmp_path, damage, reason):
    store.save(made_grant())
    path = record_path(tmp_path)
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    for call, argument in ((store.load, "acme"), (store.save, made_grant(2)), (store.adopt, "acme")):
        assert refusal(call, argument) == {"code": "store-unreadable", "path": str(path), "reason": reason}
    assert path.read_bytes() == damaged


def test_a_record_copied_to_another_name_or_kind_is_refused(store, tmp_path):
    store.save(made_grant())
    store.put_secret("acme", Secret("x"))
    raw = record_path(tmp_path).read_bytes()
    record_path(tmp_path, "globex.grant").write_bytes(raw)
    record_path(tmp_path, "acme.secret").write_bytes(raw)
    assert refusal(store.load, "globex")["code"] == "store-unreadable"
    assert refusal(store.get_secret, "acme")["code"] == "store-unreadable"


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path, environ):
    (tmp_path / "file").write_text("")
    store = open_store(tmp_path / "file", "acme", environ)
    assert refusal(store.save, made_grant())["code"] == "store-unwritable"
    assert refusal(store.put_secret, "acme", Secret("x"))["code"] == "store-unwritable"
    assert refusal(store.load, "acme")["code"] == "store-unreadable"
