"""Every notebook keeps the form that people and papermill rely on."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sfrunbook.headless.notebooks import ALL_NOTEBOOKS as ROAD
from sfrunbook.core.secrets.scan import scan_paths

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EVERY = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
#: `name: type = default  # help`, as papermill lists it
PARAMETER = re.compile(r"[a-z_]+: (?:str|int|float|bool) = .+  # .+")


def book(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in book(path)["cells"] if cell["cell_type"] == "code"]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def tags(cell: dict[str, Any]) -> list[str]:
    return cell["metadata"].get("tags", [])


def test_the_notebooks_are_those_of_the_road() -> None:
    assert {path.stem for path in NOTEBOOKS} == set(ROAD)


@EVERY
def test_a_code_cell_has_one_to_six_lines(path: Path) -> None:
    sizes = [len(source(cell).splitlines()) for cell in code_cells(path)]
    assert sizes
    assert [size for size in sizes if not 1 <= size <= 6] == []


@EVERY
def test_a_notebook_defines_nothing_and_catches_nothing(path: Path) -> None:
    forbidden = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try, ast.Lambda, ast.While)
    for cell in code_cells(path):
        found = [type(node).__name__ for node in ast.walk(ast.parse(source(cell))) if isinstance(node, forbidden)]
        assert found == [], source(cell)


@EVERY
def test_a_notebook_imports_the_runbook_and_nothing_else(path: Path) -> None:
    imports = []
    for cell in code_cells(path):
        nodes = ast.walk(ast.parse(source(cell)))
        imports += [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    assert imports == ["from sfrunbook import runbook"]


@EVERY
def test_a_notebook_begins_with_about_import_parameters_and_bind_and_ends_with_the_summary(path: Path) -> None:
    cells = book(path)["cells"]
    about = source(cells[0])
    assert cells[0]["cell_type"] == "markdown"
    for word in ("**End state:**", "**Takes:**", "**You need:**"):
        assert word in about
    code = code_cells(path)
    assert source(code[0]).startswith("from sfrunbook import runbook")
    assert "parameters" in tags(code[1])
    assert "runbook.bind(connection, step=" in source(code[2])
    assert source(code[-1]).strip() == "book.summary()"


@EVERY
def test_the_parameters_have_a_type_a_default_and_a_help(path: Path) -> None:
    (cell,) = [cell for cell in code_cells(path) if "parameters" in tags(cell)]
    lines = source(cell).splitlines()
    assert [line for line in lines if not PARAMETER.fullmatch(line)] == []
    assert lines[0].startswith(('connection: str = "current"  # ', 'connection: str = "practice"  # '))


@EVERY
def test_every_step_is_announced_before_its_code(path: Path) -> None:
    cells = book(path)["cells"]
    steps = [number for number, cell in enumerate(cells) if cell["cell_type"] == "code"][2:]
    for number in steps:
        heard = "\n".join(
            source(cell) for cell in cells[max(0, number - 2) : number] if cell["cell_type"] == "markdown"
        )
        assert heard.strip(), source(cells[number])
        if source(cells[number]).strip() != "book.summary()":
            assert re.search(r"^## ", heard, re.M), source(cells[number])


@EVERY
def test_cell_ids_are_unique_and_hand_made(path: Path) -> None:
    ids = [cell["id"] for cell in book(path)["cells"]]
    assert len(ids) == len(set(ids))
    assert [one for one in ids if not one.startswith(path.stem.replace("_", "-"))] == []


@EVERY
def test_what_is_stored_is_a_passed_rehearsal_without_widgets_paths_or_secrets(path: Path) -> None:
    content = book(path)
    outputs = [output for cell in code_cells(path) for output in cell["outputs"]]
    stored = json.dumps(outputs)
    assert "widgets" not in content["metadata"]
    assert content["nbformat"] == 4
    assert {output["output_type"] for output in outputs} == {"execute_result"}
    assert {kind for output in outputs for kind in output["data"]} == {"text/plain", "text/html"}
    assert [cell["execution_count"] for cell in code_cells(path)] == list(range(1, len(code_cells(path)) + 1))
    assert "checks passed" in stored or "1 check passed" in stored
    assert re.findall(r"(?<![\w/<])/(?:home|root|tmp|Users|work)/\w+", stored) == []
    assert scan_paths([path]) == ()


@EVERY
def test_papermill_lists_the_parameters_of_a_notebook(path: Path) -> None:
    command = [sys.executable, "-m", "papermill", "--help-notebook", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert re.search(r'connection: str \(default "(?:current|practice)"\)\s+name of a connection', done.stdout), done.stdout
