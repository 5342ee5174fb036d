"""The verbs of 04 and the sheet in a plain process: with a person there files are written, without one nothing is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import holding
from support.widget_support import shown, states

from sfrunbook import runbook
from sfrunbook.report.cards import Card
from sfrunbook.runbook import notebook


@pytest.fixture
def folder(session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the notebook."""
    here = tmp_path / "notebooks"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def book(folder: Path, alone: Any) -> Iterator[Any]:
    """Bound without a person, with a grant."""
    book = alone("practice", step="query")
    book._notebook.opened.login.log_in_unattended()
    yield book
    book._notebook.opened.grants.revoke()


def test_without_a_person_the_sheet_is_shown_and_nothing_is_written(book: Any, folder: Path) -> None:
    sheet = book.hand_over()
    assert isinstance(sheet, Card)
    assert sheet.text.startswith("# Hand-over sheet: practice\n\n")
    assert "| User who allowed access | Ada Administrator (admin@first.practice.example) |" in sheet.text
    assert list(folder.iterdir()) == []


def test_a_named_folder_gets_both_files(book: Any, folder: Path, practice_world: Any) -> None:
    (folder / "out").mkdir()
    text = book.hand_over(folder="out").text
    assert text.startswith(
        "The sheet is written beside this notebook: hand-over-practice.html and hand-over-practice.md.\n"
    )
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "hand-over-practice.html",
        "hand-over-practice.md",
    ]
    grant = book._notebook.opened.grants.stored()
    assert grant is not None
    canaries = {"secret": practice_world.app()["client_secret"], "access": grant.access_token.reveal()}
    canaries |= {"password": practice_world.user()["password"], "key": practice_world.app()["client_id"]}
    assert holding(folder, canaries) == []


def test_a_folder_that_cannot_be_written_costs_the_files_and_not_the_sheet(book: Any, folder: Path) -> None:
    (folder / "out").write_text("in the way")
    text = book.hand_over(folder="out").text
    assert text.startswith("What: ")
    assert "# Hand-over sheet: practice" in text


def test_with_a_person_the_sheet_is_written_and_both_buttons_are_there(
    book: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook, "someone_is_there", lambda: True)
    screen = runbook.bind("practice", step="query").hand_over()
    assert sorted(path.name for path in folder.iterdir()) == ["hand-over-practice.html", "hand-over-practice.md"]
    assert "points of the connection practice are open: " in shown(screen)
    assert "Save as a page (HTML)" in states(screen)
    assert "Save as Markdown" in states(screen)


def test_without_a_login_the_sheet_says_that_the_org_was_not_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook, "someone_is_there", lambda: True)
    screen = runbook.bind("practice", step="query").hand_over()
    assert "The org was not asked: log in with 03_authorize.ipynb first." in shown(screen)


def test_with_a_person_a_query_that_fails_is_a_finding_of_the_summary(
    book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notebook, "someone_is_there", lambda: True)
    theirs = runbook.bind("practice", step="query")
    screen = theirs.query("SELECT Nothing FROM Account")
    assert "Row 1, column 8: No such column 'Nothing' on entity 'Account'." in states(screen)
    assert "1 of 1 check failed" in theirs.summary().text
    theirs.query("SELECT Id FROM Account LIMIT 1")
    assert "1 check passed" in theirs.summary().text


def test_the_org_card_says_kind_versions_user_and_what_is_left(book: Any) -> None:
    lines = dict(line.split("  ", 1) for line in book.org().text.splitlines()[3:])
    told = {name: value.strip() for name, value in lines.items()}
    assert told["Kind"] == "Production org, played by the practice world"
    assert told["API versions"] == "31.0 to 68.0 (Winter '27)"
    assert told["User"] == "Ada Administrator (admin@first.practice.example)"
    assert told["API requests"].endswith(" of 102,000 are left today")
    assert 'role="img" aria-label=' in book.org().html
