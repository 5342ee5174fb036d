"""A store among processes: locked, whole after a kill, and no generation lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest
from support.grant_store_support import made_grant
from support.runbook_support import posix_only

from sfrunbook.core.errors import RunbookError
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.store.secret_place import open_store

_HEAD = """
import os, sys
from dataclasses import replace
from pathlib import Path
from sfrunbook.store.secret_place import open_store
from sfrunbook.core.secrets.secret import Secret
store = open_store(Path(sys.argv[1]), "acme", os.environ)
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
        assert diagnosis_of(caught.value).code == "grant-busy"
        assert caught.value.failure.evidence == {"connection": "acme", "seconds": "0.05"}
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
    with store.lock("acme"), open_store(tmp_path, "acme", environ).lock("acme", timeout_seconds=0):
        store.save(made_grant())
        store.delete("acme")


def test_the_lock_holds_between_threads(store):
    refused = []

    def second():
        try:
            with store.lock("acme", timeout_seconds=0.05):
                pass
        except RunbookError as error:
            refused.append(diagnosis_of(error).code)

    with store.lock("acme"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert refused == ["grant-busy"]


def test_two_processes_that_refresh_in_turn_lose_no_generation(store, tmp_path, environ):
    store.save(made_grant())
    running = [_start(_COUNTER, tmp_path, environ) for _ in range(2)]
    assert [one.wait(120) for one in running] == [0, 0]
    assert store.load("acme").generation == 51


@posix_only
def test_a_record_is_whole_and_never_older_however_often_its_writer_is_killed(store, tmp_path, environ):
    store.save(made_grant())
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
    store.save(made_grant(last + 1))
    assert store.load("acme").generation == last + 1
