"""The chosen connection on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfrunbook.core.errors import RunbookError
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.store import current


def test_the_practice_connection_is_chosen_until_another_is(tmp_path: Path) -> None:
    assert current.chosen(tmp_path / "home") == "practice"
    current.choose(tmp_path / "home", "acme")
    assert current.chosen(tmp_path / "home") == "acme"


@pytest.mark.parametrize("content", [b"", b"../x", b"\xff\xfe", b"a" * 200, b"two words"])
def test_a_damaged_choice_counts_as_the_practice_connection(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "current").write_bytes(content)
    assert current.chosen(tmp_path) == "practice"


def test_a_choice_goes_with_its_connection_and_with_no_other(tmp_path: Path) -> None:
    current.choose(tmp_path, "acme")
    current.forget(tmp_path, "other")
    assert current.chosen(tmp_path) == "acme"
    current.forget(tmp_path, "acme")
    assert current.chosen(tmp_path) == "practice"


def test_a_choice_that_cannot_be_kept_says_where(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(RunbookError) as raised:
        current.choose(tmp_path / "home", "acme")
    assert diagnosis_of(raised.value).code == "store-unwritable"


def test_a_name_that_is_no_name_is_not_chosen(tmp_path: Path) -> None:
    with pytest.raises(RunbookError) as raised:
        current.choose(tmp_path, "../x")
    assert diagnosis_of(raised.value).code == "connection-name-invalid"
    assert not (tmp_path / "current").exists()
