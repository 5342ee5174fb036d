"""`sfrunbook scan`, and the hook that calls it before a commit."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import shlex
import sqlite3
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from support.leak_variants import TOKEN
from typer.testing import CliRunner

from sfrunbook.cli import app

ROOT = Path(__file__).parents[2]


def scan(*arguments: object):
    return CliRunner().invoke(app, ["scan", *map(str, arguments)])


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    cell = {"cell_type": "code", "source": f"token = '{TOKEN}'", "metadata": {}, "outputs": [], "execution_count": None}
    path = tmp_path / "leaky.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_a_notebook_with_a_token_is_named_with_its_cell_and_without_the_token(notebook: Path) -> None:
    done = scan(notebook)
    assert done.exit_code == 4
    assert f"{notebook}: cell 1" in done.output
    assert TOKEN not in done.output
    assert "Remove it, and revoke it if anyone else has seen it." in done.output


def test_a_program_reads_where_it_stands(notebook: Path) -> None:
    done = scan(notebook, "--json")
    (leak,) = json.loads(done.stdout)["leaks"]
    assert done.exit_code == 4
    assert (leak["path"], leak["kind"]) == (str(notebook), "access token")
    assert TOKEN not in done.stdout


def test_clean_files_give_no_alarm(tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("an ordinary line\n")
    done = scan(tmp_path)
    assert (done.exit_code, done.stdout) == (0, "No secret was found.\n")


def test_a_file_that_is_not_there_is_an_error_of_usage_and_not_a_clean_one(tmp_path: Path) -> None:
    done = scan(tmp_path / "gone.txt")
    assert done.exit_code == 2
    assert "Code: file-to-scan-unreadable" in done.output


def test_the_hook_calls_what_is_installed_and_stops_a_commit(notebook: Path) -> None:
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    entry = next(line.partition("entry:")[2].strip() for line in hook.splitlines() if "entry:" in line)
    command, *rest = shlex.split(entry)
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert command in scripts
    done = subprocess.run([sys.executable, "-m", command, *rest, str(notebook)], capture_output=True, text=True)
    assert done.returncode == 4


def _tar(data: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("logs/run.log")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def _zip(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("logs/run.log", data)
    return packed.getvalue()


def _sqlite(data: bytes) -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE logins (name, line)")
        database.execute("INSERT INTO logins VALUES ('acme', ?)", (data.decode(),))
        database.commit()
        return database.serialize()


LINE = f"seen {TOKEN} there\n".encode()
PACKED = {
    "gzip": (gzip.compress(LINE), "line 1"),
    "bzip2": (bz2.compress(LINE), "line 1"),
    "xz": (lzma.compress(LINE), "line 1"),
    "zip": (_zip(LINE), "logs/run.log, line 1"),
    "tar": (_tar(LINE), "logs/run.log, line 1"),
    "tar in gzip": (gzip.compress(_tar(LINE)), "logs/run.log, line 1"),
    "zip in zip": (_zip(_zip(LINE)), "logs/run.log/logs/run.log, line 1"),
    "SQLite": (_sqlite(LINE), "logins, row 1, line 2"),
    "UTF-16": (LINE.decode().encode("utf-16"), "line 1"),
    "UTF-16 without a mark": (LINE.decode().encode("utf-16-le"), "line 1"),
    "UTF-32": (LINE.decode().encode("utf-32"), "line 1"),
}


@pytest.mark.parametrize("name", PACKED)
def test_a_token_that_nobody_knows_is_found_in_what_is_packed(tmp_path: Path, name: str) -> None:
    data, where = PACKED[name]
    (tmp_path / "file").write_bytes(data)
    done = scan(tmp_path, "--json")
    assert done.exit_code == 4
    assert (where, "access token") in [(leak["where"], leak["kind"]) for leak in json.loads(done.stdout)["leaks"]]
    assert TOKEN not in done.stdout


CLOSED = {
    "damaged gzip": gzip.compress(LINE)[:30],
    "damaged xz": lzma.compress(LINE)[:50],
    "damaged zip": _zip(LINE)[:60],
    "damaged SQLite": _sqlite(LINE)[:1000],
    "damaged tar": _tar(LINE)[:520],
    "zip with a password": _zip(LINE)
    .replace(b"PK\x03\x04\x14\0\0", b"PK\x03\x04\x14\0\1")
    .replace(b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\1"),
    "7z": b"7z\xbc\xaf'\x1c" + bytes(40),
    "PDF": b"%PDF-1.7\n",
    "archives in archives": gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(LINE))))),
}


@pytest.mark.parametrize("name", CLOSED)
def test_what_cannot_be_opened_is_never_called_clean(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(CLOSED[name])
    done = scan(tmp_path)
    assert done.exit_code == 3
    assert "not looked into" in done.stdout
    assert "No secret was found, but 1 place couldn't be opened." in done.output
