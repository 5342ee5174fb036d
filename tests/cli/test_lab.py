"""Working copies of the notebooks: a person's changes are theirs."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import taken

from sfrunbook.cli import lab
from sfrunbook.cli.lab import copy_notebooks
from sfrunbook.core.errors import RunbookError
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.headless.notebooks import notebooks_folder

NAME = "runbook.ipynb"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copies = tmp_path / "copies"
    copy_notebooks(copies)
    return copies


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Notebooks of another version: the first has one more sentence."""
    newer = tmp_path / "newer"
    newer.mkdir()
    for path in notebooks_folder().glob("*.ipynb"):
        (newer / path.name).write_bytes(path.read_bytes())
    change(newer / NAME, 0, " It is newer.")
    monkeypatch.setattr(lab, "notebooks_folder", lambda: newer)
    return newer


def book(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def change(path: Path, number: int, text: str) -> None:
    content = book(path)
    content["cells"][number]["source"] = "".join(content["cells"][number]["source"]) + text
    path.write_text(json.dumps(content), "utf-8")


def first_cell(path: Path) -> str:
    return "".join(book(path)["cells"][0]["source"])


def test_every_notebook_is_copied_without_what_another_machine_has_shown(folder: Path) -> None:
    copies = sorted(folder.glob("*.ipynb"))
    assert [path.name for path in copies] == sorted(path.name for path in notebooks_folder().glob("*.ipynb"))
    for path in copies:
        code = [cell for cell in book(path)["cells"] if cell["cell_type"] == "code"]
        assert code
        assert [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []


def test_a_copy_that_was_changed_is_kept(folder: Path, sources: Path) -> None:
    change(folder / NAME, 0, " Mine.")
    copy_notebooks(folder)
    assert first_cell(folder / NAME).endswith(" Mine.")


def test_a_copy_that_was_not_changed_is_renewed(folder: Path, sources: Path) -> None:
    copy_notebooks(folder)
    assert first_cell(folder / NAME).endswith(" It is newer.")


def test_a_copy_that_was_only_run_is_renewed_too(folder: Path, sources: Path) -> None:
    content = book(folder / NAME)
    content["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "ran"}]
    (folder / NAME).write_text(json.dumps(content))
    copy_notebooks(folder)
    assert first_cell(folder / NAME).endswith(" It is newer.")


def test_a_copy_keeps_its_outputs_when_there_is_nothing_new(folder: Path) -> None:
    content = book(folder / NAME)
    content["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "ran"}]
    (folder / NAME).write_text(json.dumps(content))
    copy_notebooks(folder)
    assert book(folder / NAME)["cells"][1]["outputs"]


def test_a_copy_that_was_deleted_comes_back(folder: Path) -> None:
    (folder / NAME).unlink()
    copy_notebooks(folder)
    assert (folder / NAME).exists()


@pytest.mark.parametrize("manifest", [None, "", "[]", "{"])
def test_an_unchanged_copy_is_renewed_even_after_the_list_of_copies_was_lost(
    folder: Path, request: pytest.FixtureRequest, manifest: str | None
) -> None:
    path = folder / ".sfrunbook.json"
    path.unlink() if manifest is None else path.write_text(manifest)
    copy_notebooks(folder)
    request.getfixturevalue("sources")
    copy_notebooks(folder)
    assert first_cell(folder / NAME).endswith(" It is newer.")


def test_a_copy_that_cannot_be_read_is_left_alone(folder: Path, sources: Path) -> None:
    (folder / NAME).write_text("half a note")
    copy_notebooks(folder)
    assert (folder / NAME).read_text() == "half a note"


def test_other_files_in_the_folder_are_left_alone(folder: Path) -> None:
    (folder / "mine.ipynb").write_text("mine")
    copy_notebooks(folder)
    assert (folder / "mine.ipynb").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunbookError) as told:
        copy_notebooks(tmp_path / "file" / "copies")
    assert diagnosis_of(told.value).code == "output-unwritable"
    assert "--folder" in diagnosis_of(told.value).causes[0].remedies[0].where


def test_a_port_that_is_in_use_gives_way_to_a_free_one() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert lab._free_port(port) == port
    with taken(port):
        assert lab._free_port(port) not in (port, 0)
