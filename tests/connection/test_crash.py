"""A process that is killed at any step of a refresh with rotation on never costs a grant whose answer had arrived."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.crash_zygote import connection_of
from support.evidence_support import Bench
from support.runbook_support import posix_only
from support.tails import long_or
from support.worlds import running_world

from sfrunbook.core.errors import RunbookError
from sfrunbook.diagnosis.diagnose import diagnosis_of

pytestmark = posix_only

AT_STEPS = long_or(260, 40)
AT_RANDOM = long_or(60, 15)
TIMES = long_or(200, 15)


class Crashing:
    """One user whose process is killed again and again, and what became of the grant each time."""

    def __init__(self, world: Any, folder: Path) -> None:
        self.user = Bench(world, folder)
        self.user.logged_in("acme", profile="System Administrator")
        self.folder = folder
        self.outcomes = Counter[str]()
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).parents[1] / "support" / "crash_zygote.py"), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout.readline() == "ready\n"

    def order(self, **order: float) -> dict[str, Any]:
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def outcome(self) -> str:
        """What the next process finds, and does as a person would have it do."""
        opened = connection_of(self.folder)
        if opened.grants.undecided() is None:
            generation = opened.grants.stored().generation
            assert opened.grants.refresh().generation == generation + 1
            opened.org.api_or_raise().versions()
            return "alive"
        self.user.clear_journal()
        assert _refusal(opened.grants.refresh) == "refresh-undecided"
        assert [path for _, path, _ in self.user.asked() if path == "/services/oauth2/token"] == []
        if opened.grants.refresh_token_is_active():
            opened.org.api_or_raise().versions()  # the access token that is held still works
            opened.grants.try_refresh_once()
            opened.org.api_or_raise().versions()
            return "alive, and a person was asked"
        assert _refusal(opened.grants.try_refresh_once) == "refresh-token-spent"
        assert opened.grants.undecided() is not None
        opened.grants.give_up()
        self._log_in_anew()
        return "answer lost, and the state says so"

    def _log_in_anew(self) -> None:
        """With the approvals of before out of the way, since they are another test's matter."""
        for approval in self.user.world.control("GET", "/approvals"):
            self.user.world.control("DELETE", "/approvals", {"approval_id": approval["approval_id"]})
        (self.folder / "approvals.json").unlink(missing_ok=True)
        self.user.log_in(connection_of(self.folder), profile="System Administrator")

    def close(self) -> None:
        self.process.stdin.close()
        assert self.process.wait(timeout=10) == 0
        self.process.stdout.close()


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is one: a kill does not care for the disk, and thousands of waits for it do."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def crashing() -> Iterator[Crashing]:
    with running_world() as world, quick_folder() as folder:
        made = Crashing(world, folder)
        yield made
        made.close()


@pytest.mark.timeout(600)
def test_a_kill_at_any_step_costs_nothing_but_an_answer_that_was_lost(crashing):
    steps = crashing.order()["steps"]
    sent = steps.index(next(one for one in steps if one.startswith("client:send:")))
    renamed = [number for number, one in enumerate(steps) if one.startswith("durable_file:_sync_folder:")]
    marked, written = renamed[0], next(number for number in renamed if number > sent)
    used = len(steps) - next(n for n, one in enumerate(reversed(steps)) if one.startswith("client:send:"))
    assert 0 < marked < sent < written < used < len(steps)
    kills = sorted({*range(marked, written + 1, long_or(1, 8)), *range(1, len(steps), max(1, len(steps) // AT_STEPS))})
    seen: dict[str, list[int]] = {}
    for at in kills:
        assert crashing.order(at=at)["killed"]
        outcome = crashing.outcome()
        seen.setdefault(outcome, []).append(at)
    assert len(kills) >= AT_STEPS
    lost = seen["answer lost, and the state says so"]
    assert sent < min(lost)
    assert max(lost) <= written + 1
    asked = seen["alive, and a person was asked"]
    assert marked - 5 < min(asked)
    assert max(asked) < min(lost)
    assert min(seen["alive"]) < marked
    assert max(seen["alive"]) > used
    assert not [at for at in seen["alive"] if min(asked) < at < max(lost)]


@pytest.mark.timeout(600)
def test_a_kill_at_any_moment_costs_nothing_but_an_answer_that_was_lost(crashing):
    seen = Counter[str]()

    @settings(max_examples=AT_RANDOM, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(after_seconds=st.floats(min_value=0.0, max_value=0.04))
    def kill(after_seconds: float) -> None:
        crashing.order(after_seconds=after_seconds)
        seen[crashing.outcome()] += 1

    kill()
    assert seen.total() >= AT_RANDOM
    assert set(seen) <= {"alive", "alive, and a person was asked", "answer lost, and the state says so"}


@pytest.mark.timeout(900)
def test_eight_processes_renew_one_grant_many_times_each_and_nothing_is_replayed(fresh_world):
    with quick_folder() as folder:
        _renew_together(fresh_world, folder)


def _renew_together(fresh_world: Any, folder: Path) -> None:
    user = Bench(fresh_world, folder)
    user.logged_in("acme", profile="System Administrator")
    (approval,) = fresh_world.control("GET", "/approvals")
    script = str(Path(__file__).parents[1] / "support" / "crash_zygote.py")
    done = subprocess.run(
        [sys.executable, script, str(folder), "8", str(TIMES)], capture_output=True, text=True, timeout=800, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    opened = connection_of(folder)
    assert opened.grants.stored().generation == 1 + 8 * TIMES
    assert opened.grants.undecided() is None
    assert [one["approval_id"] for one in fresh_world.control("GET", "/approvals")] == [approval["approval_id"]]
    assert opened.grants.refresh().generation == 2 + 8 * TIMES


def _refusal(call: Any) -> str:
    with pytest.raises(RunbookError) as caught:
        call()
    return diagnosis_of(caught.value).code
