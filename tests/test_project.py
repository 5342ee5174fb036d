"""The project's own files agree with each other, and what is installed is whole."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import sfrunbook

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
#: folders that belong to one machine
MACHINE_PATH = re.compile(rb"(?<![\w.:/<-])/(?:(?:home|Users)/(?!Ann\b)|root/|tmp/|work/|var/folders/)[A-Za-z][\w.-]+")


def dependencies() -> dict[str, Requirement]:
    return {canonicalize_name(one.name): one for one in map(Requirement, PROJECT["project"]["dependencies"])}


def tracked_files() -> list[Path]:
    """Every file under version control; outside a checkout, every file of the package and its tests."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout:
        return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    folders = ("sfrunbook", "tests", "notebooks")
    return [
        path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".ipynb", ".toml")
    ]


def test_the_version_is_the_same_in_package_and_project() -> None:
    assert sfrunbook.__version__ == PROJECT["project"]["version"]


def test_the_conda_environment_names_what_the_project_needs() -> None:
    text = (ROOT / "environment.yml").read_text("utf-8")
    lines = text.partition("dependencies:\n")[2].splitlines()
    entries = [line.strip().removeprefix("- ").partition("#")[0].strip() for line in lines if line.startswith("  - ")]
    entries.remove("pip:")
    conda = {canonicalize_name(one.name): one.specifier for one in map(Requirement, entries)}
    assert str(conda.pop("python")) == PROJECT["project"]["requires-python"]
    assert str(conda.pop("pip")) == ""
    assert conda == {name: one.specifier for name, one in dependencies().items()}
    assert "--editable ." in lines[-1]


def test_the_constraints_hold_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", line)] == []
    names = [canonicalize_name(line.partition("==")[0]) for line in lines]
    assert len(names) == len(set(names))


def test_the_constraints_pin_every_dependency_to_a_version_that_is_wanted() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = {canonicalize_name(line.partition("==")[0]): line.partition("==")[2] for line in lines}
    groups = [text for texts in PROJECT["dependency-groups"].values() for text in texts]
    wanted = [*dependencies().values(), *map(Requirement, groups)]
    for one in wanted:
        assert pins[canonicalize_name(one.name)] in one.specifier, one
    assert PROJECT["build-system"]["requires"][0].startswith("hatchling")
    assert "hatchling" in pins


def test_no_tracked_file_names_a_folder_of_one_machine() -> None:
    found = []
    for path in tracked_files():
        hits = MACHINE_PATH.findall(path.read_bytes())
        found += [f"{path.relative_to(ROOT)}: {hit.decode()}" for hit in hits if path != Path(__file__)]
    assert len(tracked_files()) > 50
    assert found == []


def test_make_names_every_command_of_the_readme() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = set(re.findall(r"(?:^\$? ?|`)make ([a-z-]+)\b", (ROOT / "README.md").read_text("utf-8"), re.M))
    assert {"lab", "run", "test", "test-all", "check"} <= targets
    assert named <= targets


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in the wheel that is built from this folder."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = out.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_everything_that_the_program_reads(wheel: set[str]) -> None:
    inside = {path.relative_to(ROOT).as_posix() for path in tracked_files()}
    wanted = {path for path in inside if path.startswith("sfrunbook/")}
    notebooks = {f"sfrunbook/_{path}" for path in inside if path.startswith("notebooks/") and path.endswith(".ipynb")}
    assert wanted
    assert notebooks
    assert (wanted | notebooks) - wheel == set()


def test_the_wheel_holds_the_licence_and_no_tests(wheel: set[str]) -> None:
    assert [name for name in wheel if name.endswith("licenses/LICENSE")]
    assert [name for name in wheel if "tests/" in name or "__pycache__" in name] == []


def test_every_name_that_a_module_exports_exists() -> None:
    missing = []
    for found in pkgutil.walk_packages(sfrunbook.__path__, "sfrunbook."):
        if not found.name.endswith("__main__"):
            module = importlib.import_module(found.name)
            missing += [f"{found.name}.{name}" for name in getattr(module, "__all__", ()) if not hasattr(module, name)]
    assert missing == []


def test_what_an_unattended_run_imports_has_no_widgets() -> None:
    """Their libraries take half of a kernel's start."""
    libraries = "{'ipywidgets', 'anywidget', 'sfrunbook.runbook.forms', 'sfrunbook.runbook.widgets'}"
    code = f"import sys, sfrunbook.runbook; print(sorted({libraries} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
