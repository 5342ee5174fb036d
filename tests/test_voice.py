"""The check of words finds each kind of fault in each kind of text."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))
import voice  # noqa: E402 - a tool beside the pages, not a module of the package
import voice_texts  # noqa: E402

GOOD = "Paste the Consumer Key, then press Save."
LONG = "One two three four five six seven eight nine ten one two three four five six seven eight nine ten again."


def tree(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    return folder


def found(words: str, kind: str = "interface", **more: Any) -> list[str]:
    text = voice_texts.Text(path="x", line=1, kind=voice_texts.Kind(kind), words=words, **more)
    return [one.what for one in voice.findings(text)]


SOURCES = {
    "sfrunbook/diagnosis/catalogue_rows/token.toml": '[[row]]\nwhy = "The catalogue row is read."',
    "sfrunbook/partners/profiles/acme.toml": 'summary = "The partner profile is read."',
    "sfrunbook/checks/data.py": '@check(STAGE)\ndef rows_return():\n    """The claim of a check is read."""',
    "sfrunbook/cli/runs.py": 'def run():\n    """The help of a command is read."""',
    "sfrunbook/cli/grants.py": 'Name = typer.Option(help="The help of an option is read.")',
    "sfrunbook/report/words.py": 'label = "Two words"',
    "sfrunbook/report/schemas/run-1.schema.json": '{"title": "A run", "x": {"description": "The schema is read."}}',
    "sfrunbook/report/text.py": 'said = f"The {number} literals of a module are read."',
    "sfrunbook/report/templates/card.html.j2": '<p>The template of a card is read.</p><a title="{{ x }}">x</a>',
    "sfrunbook/practice/templates/setup/home.html": "<h1>The page of the practice org is read.</h1>",
    "sfrunbook/practice/rest/query.py": 'error = "The answer of Salesforce is left out."',
    "sfrunbook/practice/setup/apps.py": 'error = "The form of the practice org is read."',
    "sfrunbook/report/schedule_templates/cron.j2": "# The comment of a schedule is read.\n* * * * * run",
    "sfrunbook/runbook/widgets/js/board.js": "show(`The ${name} of a widget is read.`);",
    "notebooks/runbook.ipynb": json.dumps(
        {"cells": [{"cell_type": "markdown", "source": ["## Register the app\n", "The notebook is read."]}]}
    ),
    "README.md": "# The first page is read\n\n```console\n$ this is code and no text\n```\n",
    "docs/tutorial.md": "| The page of the docs | is read |",
    "docs/build_errors.py": '_HEAD = "The words of a generator are read."',
}


def test_every_kind_of_text_is_collected_with_its_file(tmp_path: Path) -> None:
    collected = list(voice_texts.texts(tree(tmp_path, SOURCES)))
    assert {one.path for one in collected} == SOURCES.keys() - {"sfrunbook/practice/rest/query.py"}
    assert [one.words for one in collected if one.heading] == ["Register the app"]
    words = {one.words for one in collected}
    assert {"Two words", "A run", "The schema is read."} <= words
    assert {"The claim of a check is read.", "The help of a command is read.", "The … of a widget is read."} <= words
    assert not any("code and no text" in one for one in words)


def test_docstrings_that_no_one_is_shown_are_left_out(tmp_path: Path) -> None:
    files = {"sfrunbook/core/http.py": '"""A module of the core."""\ndef send():\n    """Send one request only."""\n'}
    assert list(voice_texts.texts(tree(tmp_path, files))) == []


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("Mend it in Setup.", "“Mend”, write “fix”"),
        ("The token was kept.", "“kept”, write “stored”"),
        ("It runs without a person.", "“without a person”, write “unattended; no one”"),
        ("Ask a person.", "“person”, write “someone, the user, you”"),
        ("None but the owner reads it.", "“None but”: say what it is"),
        ("Revoke the grant.", "“the grant”, write “the stored login”"),
        (LONG, "a sentence of 21 words"),
    ],
)
def test_each_fault_of_a_sentence_is_found_once(words: str, what: str) -> None:
    assert found(words) == [what]


#: a text for each row of the table of words to avoid
AVOIDED = """
Your road is long. / It mends itself. / The card told you. / Three causes tell of it. / It stands in Setup.
We proved it.
You attest it. / Nobody is asked. / It runs without a person. / A person logs in. / The reply came back.
It can be had.
Look again now. / It was held here. / The token lives long. / The old token ends. / Access was renewed.
Start the practice world. / The grant is old. / Each is foreseen. / A refusal is shown. / Use a made-up callback.
The box is looked at. / It is inconclusive.
"""


def test_every_word_of_the_table_is_found() -> None:
    sentences = [one.strip() for one in re.split(r"[/\n]", AVOIDED) if one.strip()]
    assert len(sentences) >= len(voice.WORDS) + len(voice.INTERFACE_WORDS)
    assert {one: len(found(one)) for one in sentences} == dict.fromkeys(sentences, 1)


def test_good_words_code_and_lists_are_no_fault() -> None:
    assert found(GOOD) == []
    assert found(f"{GOOD} {GOOD} {GOOD} {GOOD}") == []
    assert found("Run `sfrunbook road kept` and read <code>told</code>.") == []
    assert found("The grant type is a word of OAuth.") == []


def test_a_path_of_screens_and_a_label_count_as_one_word() -> None:
    path = "Setup > Apps > External Client Apps > External Client App Manager > your app > Settings tab"
    label = "“Require Proof Key for Code Exchange (PKCE) Extension for Supported Authorization Flows”"
    assert found(f"Open {path} and clear {label}, press Save, then log in again as the user.") == []
    assert found(f"Open {path}, {LONG}") == ["a sentence of 22 words"]


def test_docs_may_say_grant_and_take_25_words_a_sentence() -> None:
    assert found("Revoke the grant.", "docs") == []
    assert found(LONG, "docs") == []
    assert found(LONG.replace(" again", " 1 2 3 4 5"), "docs") == []
    assert found(LONG.replace(" again", " 1 2 3 4 5 6"), "docs") == ["a sentence of 26 words"]


def test_a_heading_of_a_notebook_begins_with_a_verb() -> None:
    assert found("Check the callback URLs", "notebook", heading=True) == []
    assert found("Every callback URL is registered", "notebook", heading=True) == [
        "a heading that does not begin with a verb"
    ]


def test_words_of_others_styles_and_patterns_are_left_alone(tmp_path: Path) -> None:
    assert [words for words in voice.QUOTED if found(words)] == []
    files = {
        "sfrunbook/diagnosis/catalogue_rows/a.toml": 'match = [{ description = "host was kept|name was told" }]',
        "sfrunbook/report/templates/a.html.j2": "{% macro style() %}\nbody { margin: 0 auto of kept; }\n{% endmacro %}",
    }
    assert list(voice_texts.texts(tree(tmp_path, files))) == []


def test_a_planted_sentence_fails_the_check_and_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tree(tmp_path, {"README.md": GOOD})
    assert voice.main([], root) == 0
    tree(root, {"README.md": f"{GOOD}\n\nThe road is mended."})
    assert voice.main([], root) == 1
    assert capsys.readouterr().out == (
        "README.md:3: “road”, write “your progress; step 3 of 7”: The road is mended.\n"
        "README.md:3: “mended”, write “fix”: The road is mended.\n"
    )


def test_one_command_writes_every_text_with_its_source(tmp_path: Path) -> None:
    root = tree(tmp_path, {"README.md": f"# sfrunbook\n\n{GOOD}"})
    assert voice.main(["--write", str(root / "texts")], root) == 0
    assert (root / "texts").read_text("utf-8") == f"README.md:1\tsfrunbook\nREADME.md:3\t{GOOD}\n"


def test_the_texts_of_this_project_are_read_from_every_folder_that_has_some() -> None:
    paths = {one.path for one in voice_texts.texts(ROOT)}
    for folder in ("notebooks", "docs", "sfrunbook/cli", "sfrunbook/checks", "sfrunbook/diagnosis/catalogue_rows"):
        assert any(path.startswith(f"{folder}/") for path in paths), folder
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "sfrunbook/diagnosis/facts.toml"):
        assert name in paths
