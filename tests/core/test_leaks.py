"""The leak gate finds what is planted, wherever and however, and raises no alarm for ordinary content."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.leak_variants import BOOKS, FILES, HEX_SECRET, PEM_BODY, SECRET, TEXTS, TOKEN, ordinary_notebook
from support.tails import long_or
from test_project import tracked_files

from sfrunbook.core.secrets.scan import Leak, scan_notebook, scan_paths, scan_text


def _notebook(**parts):
    cell = {
        "cell_type": "code", "id": "a", "metadata": parts.get("cell_metadata", {}), "execution_count": 1,
        "source": parts.get("source", ["1 + 1"]), "outputs": parts.get("outputs", []),
        "attachments": parts.get("attachments", {}),
    }  # fmt: skip
    markdown = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "# Title"}
    return {"cells": [markdown, cell], "metadata": parts.get("metadata", {}), "nbformat": 4, "nbformat_minor": 5}


def _shown(data):
    return {"outputs": [{"output_type": "display_data", "metadata": {}, "data": data}]}


def _failed(evalue="", traceback=()):
    return {"outputs": [{"output_type": "error", "ename": "E", "evalue": evalue, "traceback": list(traceback)}]}


_STREAM = {"outputs": [{"output_type": "stream", "name": "stdout", "text": ["nb-canary-", "4711"]}]}
_STATE = "application/vnd.jupyter.widget-state+json"
_ATTACHED = {"a.txt": {"text/plain": base64.b64encode(b"nb-canary-4711").decode()}}
_WIDGETS = {_STATE: {"state": {"m1": {"state": {"value": "nb-canary-4711"}}}}}


@pytest.mark.parametrize(
    ("where", "parts"),
    [
        ("cell 2 (code), source, line 2", {"source": ["a = 1\n", "b = 'nb-canary-4711'\n"]}),
        ("cell 2 (code), output 1, text", _STREAM),
        ("cell 2 (code), output 1, data, text/html", _shown({"text/html": "<p>nb-canary-4711</p>"})),
        ("cell 2 (code), output 1, evalue", _failed(evalue="nb-canary-4711")),
        ("cell 2 (code), output 1, traceback", _failed(traceback=["nb-\x1b[31mcanary\x1b[0m-4711"])),
        ("cell 2 (code), metadata, x", {"cell_metadata": {"x": "nb-canary-4711"}}),
        ("metadata, papermill, parameters, p", {"metadata": {"papermill": {"parameters": {"p": "nb-canary-4711"}}}}),
        (f"metadata, widget state, {_STATE}, state, m1, state, value", {"metadata": {"widgets": _WIDGETS}}),
        ("cell 2 (code), attachments, a.txt, text/plain", {"attachments": _ATTACHED}),
    ],
)  # fmt: skip
def test_a_notebook_is_searched_in_all_its_parts(tmp_path, where, parts):
    path = tmp_path / "run.ipynb"
    path.write_text(json.dumps(_notebook(**parts)), "utf-8")
    leaks = scan_paths([path], ["nb-canary-4711"])
    assert [(leak.path, leak.where) for leak in leaks] == [(str(path), where)]
    assert "canary" not in repr(leaks)


def test_a_secret_in_metadata_is_known_by_the_name_it_stands_under(tmp_path):
    path = tmp_path / "run.ipynb"
    document = _notebook(metadata={"papermill": {"parameters": {"password": "swordfish", "client_secret": "env:ACME"}}})
    path.write_text(json.dumps(document), "utf-8")
    (leak,) = scan_paths([path])
    assert leak == Leak(path=str(path), where="metadata, papermill, parameters, password", kind="value of password")


def test_image_data_is_left_out(tmp_path):
    path = tmp_path / "run.ipynb"
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" + HEX_SECRET}}
    path.write_text(json.dumps(_notebook(outputs=[picture])), "utf-8")
    assert scan_paths([path]) == ()


def test_folders_other_files_and_damaged_notebooks_are_read_as_text(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "run.log").write_text(f"one\ntoken {TOKEN}\n")
    (tmp_path / "cut.ipynb").write_text('{"cells": [{"source": "nb-canary-4711')
    (tmp_path / "data.bin").write_bytes(b"\x00\xffnb-canary-4711\x00")
    (tmp_path / "clean.txt").write_text("nothing here")
    found = {
        (leak.path.rpartition("/")[2], leak.where, leak.kind) for leak in scan_paths([tmp_path], ["nb-canary-4711"])
    }
    assert found == {
        ("run.log", "line 2", "access token"),
        ("cut.ipynb", "line 1", "known value"),
        ("data.bin", "line 1", "known value"),
    }


def test_a_file_that_cannot_be_read_is_not_taken_for_a_clean_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        scan_paths([tmp_path / "gone.txt"])


# --- planted variants and ordinary content ---------------------------------------------------------------------------

ROOT = Path(__file__).parents[2]


def test_there_are_more_than_sixty_planted_variants():
    assert len(TEXTS) + len(FILES) + len(BOOKS) >= 60


@pytest.mark.parametrize("name", TEXTS)
def test_a_known_value_is_found_in_every_text_it_is_planted_in(name):
    planted = TEXTS[name](SECRET)
    leaks = scan_text(f"one ordinary line\nanother\n{planted}\nand a last one\n", [SECRET])
    assert leaks
    assert leaks[0].where == "line 3" or "\n" in planted
    for leak in leaks:
        assert not scan_text(leak.excerpt, [SECRET])


@pytest.mark.parametrize("value", [HEX_SECRET, TOKEN], ids=["hexadecimal secret", "token"])
def test_other_kinds_of_values_are_found_in_every_text_too(value):
    assert [name for name, plant in TEXTS.items() if not scan_text(plant(value), [value])] == []


@pytest.mark.parametrize("name", FILES)
def test_a_known_value_is_found_in_every_file_it_is_planted_in(tmp_path, name):
    (tmp_path / "a.bin").write_bytes(FILES[name](SECRET))
    assert scan_paths([tmp_path], [SECRET])


@pytest.mark.parametrize("name", BOOKS)
def test_a_known_value_is_found_in_every_notebook_it_is_planted_in(tmp_path, name):
    (tmp_path / "a.ipynb").write_text(json.dumps(BOOKS[name](SECRET)))
    leaks = scan_paths([tmp_path], [SECRET])
    assert leaks
    assert all(leak.where.startswith(("cell ", "metadata")) for leak in leaks)
    assert scan_notebook(BOOKS[name](SECRET)) == () or "parameters" in name


@pytest.mark.parametrize("name", ["raw", "URL-encoded", "URL-encoded twice", "in JSON in JSON", "base64 of JSON"])
def test_a_token_that_nobody_knows_is_found_by_its_shape_beneath_encodings(name):
    (leak, *_) = scan_text(f"one\n{TEXTS[name](TOKEN)}")
    assert leak.where == "line 2"
    assert leak.kind.startswith("access token")


def test_a_private_key_is_found_by_a_piece_of_its_body_and_not_by_its_prelude():
    prelude = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
    key = f"-----BEGIN PRIVATE KEY-----\n{prelude}\n{PEM_BODY}\n-----END PRIVATE KEY-----\n"
    assert scan_text(f"seen: {PEM_BODY[10:32]}", [key])
    assert scan_text(f"seen: {prelude[:40]}", [key]) == ()


def test_the_part_of_a_token_that_is_the_orgs_id_is_no_secret():
    assert scan_text(f"org {TOKEN[:15]}, again {TOKEN[:15]}", [TOKEN]) == ()


def test_a_passphrase_of_words_is_found_whole_and_its_words_are_left_alone():
    passphrase = "correct horse battery staple"
    assert scan_text("a battery staple for a correct horse", [passphrase]) == ()
    assert scan_text("it is correct\nhorse battery\nstaple", [passphrase])


def test_an_excerpt_shows_the_line_without_the_value():
    (leak,) = scan_text(f"first\nlogin with {SECRET} at acme", [SECRET])
    assert (leak.where, leak.excerpt) == ("line 2", "login with *** at acme")


def test_this_repository_gives_no_alarm_but_for_what_its_tests_make_up():
    files = tracked_files()
    assert len(files) > 100
    # in a process of its own, which knows none of the values that other tests have made up
    command = [sys.executable, "-m", "sfrunbook", "scan", "--json", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=250)
    assert done.returncode in (0, 4), done.stderr
    alarms = [Path(leak["path"]) for leak in json.loads(done.stdout)["leaks"]]
    assert [path for path in alarms if "/tests/" not in path.as_posix()] == []
    # texts with made-up secrets
    assert {path.parent.name for path in alarms if path.suffix != ".py"} <= {"field-texts"}


def test_folders_and_files_may_be_left_out_by_pattern(tmp_path):
    for name in ("kept/a.txt", "left/a.txt", "kept/b.log", ".venv/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(SECRET)
    leaks = scan_paths([tmp_path], [SECRET], exclude=("*/left", "*.log", ".venv"))
    assert [leak.path for leak in leaks] == [str(tmp_path / "kept" / "a.txt")]


def test_ordinary_notebooks_give_no_alarm_also_when_values_are_known():
    values = frozenset({SECRET, HEX_SECRET, TOKEN})
    books = [ordinary_notebook(number) for number in range(long_or(200, 50))]
    assert sum(len(json.dumps(book)) for book in books) > 10_000 * len(books)
    assert [leak for book in books for leak in scan_notebook(book, values)] == []
