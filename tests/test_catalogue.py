"""The catalogue is complete, unambiguous, and tells the most specific row."""

import re
import tomllib
from pathlib import Path

import pytest

from sfrunbook import catalogue
from sfrunbook.catalogue import UNRECOGNISED, CatalogueError, find, parse, rows
from sfrunbook.model import Failure, Stage

FOLDER = Path(catalogue.__file__).with_name("catalogue_rows")
EVERY_ROW = pytest.mark.parametrize("entry", rows().values(), ids=lambda entry: entry.code)

ROW = """
[[row]]
code = "{code}"
what = "What."
why = "Why."
source = "https://example.com/errors"
mark = "confirmed"
{match}
[[row.cause]]
code = "a-cause"
summary = "Summary."
tell = "Tell."
remedy = [{{ who = "You", where = "here", what = "Do it." }}]
"""


def document(*matches: str, **replacements: str) -> dict[str, dict[str, object]]:
    text = "".join(ROW.format(code=f"row-{number}", match=match) for number, match in enumerate(matches))
    text += ROW.format(code=UNRECOGNISED, match="")
    for old, new in replacements.items():
        text = text.replace(f"{old} = ", f"{new} = ", 1)
    return {"token": tomllib.loads(text)}


@EVERY_ROW
def test_every_row_has_a_source_that_is_an_address(entry):
    assert re.fullmatch(r"https://[^\s/]+\.[a-z]+(/\S*)?", entry.source)


@EVERY_ROW
def test_every_remedy_says_who_does_what_where(entry):
    for cause in entry.causes:
        for remedy in cause.remedies:
            assert remedy.who in {"Salesforce administrator", "Cyclr partner", "You"}
            assert len(remedy.where) > 3 and not remedy.where.startswith("@")
            assert remedy.what[-1] not in ";:,"
            if remedy.who == "Salesforce administrator" and remedy.where.startswith("External Client App:"):
                assert "Connected App: Setup > " in remedy.where


@EVERY_ROW
def test_every_text_is_a_sentence(entry):
    texts = [entry.what, entry.why, *(text for cause in entry.causes for text in (cause.summary, cause.tell))]
    assert [text for text in texts if text[-1] not in ".}"] == []


@EVERY_ROW
def test_the_causes_of_a_row_have_codes_of_their_own(entry):
    codes = [cause.code for cause in entry.causes]
    assert len(codes) == len(set(codes))


def test_every_shared_place_cause_and_source_is_used():
    shared = tomllib.loads((FOLDER / "shared.toml").read_text(encoding="utf-8"))
    text = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.toml"))
    unused = [name for name in (*shared["places"], *shared["sources"]) if f'"@{name}"' not in text]
    unused += [name for name in shared["causes"] if f'use = "{name}"' not in text]
    assert unused == []


def test_a_documented_description_is_more_specific_than_the_error_alone():
    entries = parse(document('match = [{ error = "e" }]', 'match = [{ error = "e", description = "text" }]'))
    assert find(Failure(stage=Stage.TOKEN, error="E", description="some TEXT"), entries).code == "row-1"
    assert find(Failure(stage=Stage.TOKEN, error="e", description="other"), entries).code == "row-0"


def test_a_status_alone_counts_less_than_an_error():
    entries = parse(document("match = [{ status = 500 }]", 'match = [{ error = "e" }]'))
    assert find(Failure(stage=Stage.TOKEN, error="e", http_status=500), entries).code == "row-1"
    assert find(Failure(stage=Stage.TOKEN, error="f", http_status=500), entries).code == "row-0"


def test_an_oauth_error_is_recognised_at_another_oauth_endpoint_but_not_in_a_data_call():
    entries = parse(document('match = [{ error = "e" }]'))
    assert find(Failure(stage=Stage.REVOKE, error="e"), entries).code == "row-0"
    assert find(Failure(stage=Stage.DATA, error="e"), entries).code == UNRECOGNISED


def test_evidence_can_decide_between_rows():
    entries = parse(document('match = [{ error = "e" }]', 'match = [{ error = "e", evidence = { pkce = "yes" } }]'))
    assert find(Failure(stage=Stage.TOKEN, error="e", evidence={"pkce": "yes"}), entries).code == "row-1"


@pytest.mark.parametrize(
    "field", ["what", "why", "source", "mark", "summary", "tell", "who", "where", "remedy", "code"]
)
def test_a_row_that_lacks_a_field_is_refused(field):
    with pytest.raises(CatalogueError):
        parse(document("", **{field: f"not-{field}"}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"https://example.com/errors"', '"the manual"'),
        ('who = "You"', 'who = "Somebody"'),
        ('where = "here"', 'where = "@nowhere"'),
        ('code = "row-0"', 'code = "Row_0"'),
        ('code = "row-0"', f'code = "{UNRECOGNISED}"'),
        ('mark = "confirmed"', 'mark = "confirmed"\nmatch = [{ errors = "misspelt" }]'),
    ],
)
def test_a_row_with_a_wrong_value_is_refused(old, new):
    text = ROW.format(code="row-0", match="").replace(old, new) + ROW.format(code=UNRECOGNISED, match="")
    with pytest.raises(CatalogueError):
        parse({"token": tomllib.loads(text)})


def test_a_catalogue_without_the_row_for_the_unknown_is_refused():
    with pytest.raises(CatalogueError, match=UNRECOGNISED):
        parse({"token": tomllib.loads(ROW.format(code="row-0", match=""))})


@pytest.mark.parametrize("entry", [one for one in rows().values() if len(one.causes) > 1], ids=lambda one: one.code)
def test_each_of_several_causes_has_conditions_or_says_why_it_cannot_be_told_apart(entry):
    for cause in entry.causes:
        tells = entry.tells[cause.code]
        assert bool(tells.rules) != bool(tells.untold), cause.code
        assert tells.rules or (len(tells.untold) > 40 and tells.untold.endswith(".")), cause.code
