"""Values that a kernel meets reach its runner and nobody else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sfrunbook.core.secrets.secret import Secret, known_values
from sfrunbook.store.sealed_values import VARIABLE, SealedValues

KERNEL = """
import os, sys
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.store.sealed_values import tell_runner
Secret("met-before-" + sys.argv[1])
tell_runner(os.environ)
tell_runner(os.environ)
Secret("met-after-" + sys.argv[1]); Secret("met-after-" + sys.argv[1]); Secret("")
"""


def kernel(values: SealedValues, word: str) -> None:
    command = [sys.executable, "-c", KERNEL, word]
    subprocess.run(command, check=True, env={"PYTHONPATH": ":".join(sys.path), **values.environment}, timeout=60)


def test_what_a_kernel_met_before_and_after_is_known_to_the_runner_and_not_on_disk(tmp_path: Path) -> None:
    values = SealedValues(tmp_path / "sealed")
    kernel(values, "4f1")
    assert b"met-" not in (tmp_path / "sealed").read_bytes()
    assert (tmp_path / "sealed").stat().st_mode & 0o077 == 0
    assert values.learn() == 2
    assert {"met-before-4f1", "met-after-4f1"} <= known_values()


def test_only_the_runner_that_asked_can_open_them(tmp_path: Path) -> None:
    values = SealedValues(tmp_path / "sealed")
    kernel(values, "9c3")
    assert SealedValues(tmp_path / "sealed").learn() == 0
    assert "met-after-9c3" not in known_values()


def test_a_line_that_was_cut_off_by_a_kill_is_passed_over(tmp_path: Path) -> None:
    values = SealedValues(tmp_path / "sealed")
    kernel(values, "77e")
    whole = (tmp_path / "sealed").read_bytes().splitlines()
    (tmp_path / "sealed").write_bytes(whole[0] + b"\n" + whole[1][:40] + b"\n\n???")
    assert values.learn() == 1


def test_the_environment_of_a_kernel_holds_no_private_key(tmp_path: Path) -> None:
    values = SealedValues(tmp_path / "sealed")
    key, _, path = values.environment[VARIABLE].partition(":")
    assert bytes.fromhex(key) == values._private.public_key().public_bytes_raw()
    assert path == str(tmp_path / "sealed")


def test_a_secret_is_told_once_to_each_listener() -> None:
    from sfrunbook.core.secrets import secret

    seen: list[str] = []
    secret.listen(seen.append)
    try:
        Secret("told-once-5d2")
        Secret("told-once-5d2")
    finally:
        secret._listeners.remove(seen.append)
    assert seen.count("told-once-5d2") == 1
