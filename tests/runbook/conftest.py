"""The practice connection of a test's own session, opened or as a page, with and without someone there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import own_callback, session_of

from sfrunbook import runbook
from sfrunbook.connection import OpenConnection, open_connection
from sfrunbook.runbook import page
from sfrunbook.store.journal import JOURNAL_VARIABLE


@pytest.fixture
def callback(practice_world: Any) -> str:
    return own_callback(practice_world)


@pytest.fixture
def environment(practice_world: Any, tmp_path: Path, callback: str) -> dict[str, str]:
    """Joins a session of this test's own in the shared world."""
    return dict(session_of(practice_world, tmp_path / "session", callback_urls=[callback]))


@pytest.fixture
def opened(environment: dict[str, str]) -> OpenConnection:
    """The practice connection as a user finds it: nothing entered yet."""
    return open_connection("practice", environment)


@pytest.fixture
def session(environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the session, which every page joins."""
    for name, value in {**environment, "SFRUNBOOK_HOME": str(tmp_path / "kept")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(JOURNAL_VARIABLE, raising=False)
    return tmp_path / "session"


@pytest.fixture
def alone(session: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., runbook.Page]:
    """Open the page as an unattended run does."""
    monkeypatch.setattr(page, "someone_is_there", lambda: False)
    return runbook.open_page


@pytest.fixture
def with_person(session: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., runbook.Page]:
    """Open the page as a notebook with someone in front of it does."""
    monkeypatch.setattr(page, "someone_is_there", lambda: True)
    return runbook.open_page
