"""Both notebooks keep the form that people and papermill rely on."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sfrunbook.core.secrets.scan import scan_paths
from sfrunbook.headless.notebooks import ALL_NOTEBOOKS
from sfrunbook.store.progress import STEPS

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EVERY = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
#: `name: type = default  # help`, as papermill lists it
PARAMETER = re.compile(r"[a-z_]+: (?:str|int|float|bool) = .+  # .+")
#: a task: what someone does, or what a check does
VERBS = ("Check", "Choose", "Connect", "Enter", "Log in", "Refresh", "Register", "Revoke", "Run", "Set up", "Share", "Stay")


def book(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in book(path)["cells"] if cell["cell_type"] == "code"]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def headings(path: Path) -> list[str]:
    texts = [source(cell) for cell in book(path)["cells"] if cell["cell_type"] == "markdown"]
    return [line.lstrip("# ") for text in texts for line in text.splitlines() if line.startswith("#")]


def parameters(path: Path) -> dict[str, Any]:
    (cell,) = [cell for cell in code_cells(path) if "parameters" in cell["metadata"].get("tags", [])]
    return cell


def test_the_notebooks_are_those_that_a_run_runs() -> None:
    assert {path.stem for path in NOTEBOOKS} == set(ALL_NOTEBOOKS)


@EVERY
def test_a_section_is_one_line_of_code(path: Path) -> None:
    about, imports, _, opens, *sections = [source(book(path)["cells"][0]), *map(source, code_cells(path))]
    assert about.startswith("# ")
    assert imports == "from sfrunbook import runbook"
    assert re.fullmatch(r"book = runbook\.open_page\(connection, .+\)\nbook", opens)
    assert [line for line in sections if not re.fullmatch(r"book\.[a-z_]+\((?:query)?\)", line)] == []
    assert sections[-1] == "book.summary()"


def test_the_runbook_has_a_section_for_every_step_in_their_order() -> None:
    sections = [source(cell) for cell in code_cells(FOLDER / "runbook.ipynb")][3:-1]
    assert [re.split(r"[.(]", line)[1] for line in sections] == [step.name for step in STEPS]


@EVERY
def test_a_notebook_imports_the_runbook_and_nothing_else(path: Path) -> None:
    nodes = [node for cell in code_cells(path) for node in ast.walk(ast.parse(source(cell)))]
    imports = [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    assert imports == ["from sfrunbook import runbook"]


@EVERY
def test_all_code_is_folded(path: Path) -> None:
    assert [cell["id"] for cell in code_cells(path) if cell["metadata"]["jupyter"] != {"source_hidden": True}] == []


@EVERY
def test_a_heading_is_a_task_and_stands_before_each_section(path: Path) -> None:
    assert [heading for heading in headings(path) if not heading.startswith(VERBS)] == []
    cells = book(path)["cells"]
    for before, cell in zip(cells, cells[1:], strict=False):
        if cell["cell_type"] == "code" and cell in code_cells(path)[3:-1]:
            assert source(before).startswith("## "), cell["id"]


@EVERY
def test_the_parameters_have_a_type_a_default_and_a_help(path: Path) -> None:
    lines = source(parameters(path)).splitlines()
    assert [line for line in lines if not PARAMETER.fullmatch(line)] == []
    assert lines[0].startswith('connection: str = "current"  # ')


@EVERY
def test_cell_ids_are_unique_and_hand_made(path: Path) -> None:
    ids = [cell["id"] for cell in book(path)["cells"]]
    assert len(ids) == len(set(ids))
    assert [cell_id for cell_id in ids if not cell_id.startswith(path.stem)] == []


@EVERY
def test_what_is_stored_is_a_passed_run_in_practice_without_widgets_paths_or_secrets(path: Path) -> None:
    content = book(path)
    outputs = [output for cell in code_cells(path) for output in cell["outputs"]]
    stored = json.dumps(outputs)
    assert "widgets" not in content["metadata"]
    assert content["nbformat"] == 4
    assert {output["output_type"] for output in outputs} == {"execute_result"}
    assert {kind for output in outputs for kind in output["data"]} == {"text/plain", "text/html"}
    assert [cell["execution_count"] for cell in code_cells(path)] == list(range(1, len(code_cells(path)) + 1))
    assert "Runbook: practice on this machine: " in stored
    assert "[FAIL]" not in stored
    assert re.findall(r"(?<![\w/<])/(?:home|root|tmp|Users|work)/\w+", stored) == []
    assert scan_paths([path]) == ()


@EVERY
def test_papermill_lists_the_parameters_of_a_notebook(path: Path) -> None:
    command = [sys.executable, "-m", "papermill", "--help-notebook", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert re.search(r'connection: str \(default "current"\)\s+name of a connection', done.stdout), done.stdout
