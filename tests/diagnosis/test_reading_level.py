"""A person who never used Setup can follow the steps: each names the screen and the label; none is only a help desk."""

import re
import tomllib
from pathlib import Path

import pytest
from support.each import for_each

from sfrunbook.core.errors import problem
from sfrunbook.core.model import AppKind, Failure, Mark, Stage
from sfrunbook.diagnosis import catalogue
from sfrunbook.diagnosis.catalogue import UNRECOGNISED, rows
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of, for_app_kind
from sfrunbook.diagnosis.pasted.read_text import explain_text
from sfrunbook.report.cards import diagnosis_card
from sfrunbook.report.data import diagnosis_data
from sfrunbook.report.text import diagnosis_text

FOLDER = Path(catalogue.__file__).with_name("catalogue_rows")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
NOTEBOOKS = {path.stem for path in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb")}
EVERY_ROW = for_each("entry", rows().values(), ids=lambda entry: entry.code)
#: pages that are reached otherwise than from Setup
NAMED_PAGES = (
    "the user's picture > Settings > ",
    "the Dev Hub org: App Launcher > ",
    "the install link, then Setup > ",
)
SALESFORCE_SIDE = (
    *("api-answers", "approvals", "authorize", "data", "endpoints", "families", "login-history", "login-statuses"),
    *("refresh", "server-codes", "single-sign-on", "token"),
)
SALESFORCE_ROWS = [
    rows()[row["code"]]
    for name in (*SALESFORCE_SIDE, "transport", "unknown")
    for row in tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["row"]
]
#: words that read like a translation, or that mean something else to who reads English as a second language
AVOIDED = re.compile(
    r"\b(the road|mend\w*|told|stands?|nobody|somebody|look again|held|kept|lives?|dies|renew\w*|refus\w*|made-up|shall"
    r"|notebook|anew)\b",
    re.IGNORECASE,
)
HELP_DESK = re.compile(r"^(Cyclr support|Salesforce Help > Contact Support|Salesforce support)$", re.IGNORECASE)


def steps(entry, who=None):
    return [one for cause in entry.causes for one in cause.remedies if who in (None, one.who)]


@EVERY_ROW
def test_a_step_of_an_administrator_begins_in_setup_or_on_a_named_page(entry):
    for one in steps(entry, "Salesforce administrator"):
        for kind in AppKind:
            assert one.place(kind).startswith(("Setup > ", *NAMED_PAGES))


@EVERY_ROW
def test_a_step_of_an_administrator_names_the_label(entry):
    for one in steps(entry, "Salesforce administrator"):
        after_the_first_word = one.what.partition(" ")[2]
        assert one.mark is Mark.GUESS or re.search(r"“|\b[A-Z][a-z]+", after_the_first_word), one.what


@EVERY_ROW
def test_the_screens_of_both_kinds_are_told_together_or_apart(entry):
    for one in steps(entry):
        if one.where_external_client_app or one.where_connected_app:
            assert one.place(None) == (
                f"External Client App: {one.place(AppKind.EXTERNAL_CLIENT_APP)}. "
                f"Connected App: {one.place(AppKind.CONNECTED_APP)}"
            )
        else:
            assert "Connected App: Setup" not in one.where


@EVERY_ROW
def test_no_row_sends_people_to_a_help_desk_only(entry):
    assert [one for one in steps(entry) if not HELP_DESK.match(one.where)]


@EVERY_ROW
def test_a_notebook_that_a_step_names_is_there(entry):
    named = {
        name for one in steps(entry) for name in re.findall(r"\b(0\d_\w+|regression)\b", f"{one.where} {one.what}")
    }
    assert named <= NOTEBOOKS


@for_each("entry", SALESFORCE_ROWS, ids=lambda entry: entry.code)
def test_a_row_of_salesforces_side_is_short_and_in_plain_words(entry):
    assert len(entry.what.split()) <= 10, entry.what
    short = [text for cause in entry.causes for text in (cause.summary, cause.tell)]
    short += [one.what for one in steps(entry)]
    too_long = [one for text in short for one in SENTENCE_END.split(text) if len(one.split()) > 20]
    too_long += [one for one in SENTENCE_END.split(entry.why) if len(one.split()) > 25]
    assert too_long == []
    texts = [entry.what, entry.why, *short, *(one.where for one in steps(entry))]
    assert [text for text in texts if AVOIDED.search(text)] == []


@EVERY_ROW
def test_the_steps_against_a_guessed_failure_are_guesses(entry):
    if entry.mark is Mark.GUESS:
        assert {one.mark for one in steps(entry)} == {Mark.GUESS}


def test_a_known_kind_of_app_leaves_its_screens_only():
    both = diagnosis_of(problem("client-secret-refused"))
    assert "External Client App: Setup" in diagnosis_text(both) and "Connected App: Setup" in diagnosis_text(both)
    one = for_app_kind(both, AppKind.CONNECTED_APP)
    assert one.causes[0].remedies[0].where == (
        "Setup > Apps > App Manager > your app > arrow > View > Manage Consumer Details"
    )
    assert "External Client App" not in diagnosis_text(one)
    assert for_app_kind(both, None) == both


def test_a_guess_is_marked_in_text_card_and_json():
    found = diagnosis_of(problem("dpop-required"))
    said = "if your company's rules allow that. (Our best guess: this step isn't confirmed.)"
    assert said in " ".join(diagnosis_text(found).split())
    assert said.replace("'", "&#39;") in diagnosis_card(found).html
    assert diagnosis_data(found)["causes"][0]["remedies"][0]["mark"] == "guess"


@pytest.mark.parametrize("stage", list(Stage))
def test_an_unknown_error_keeps_what_was_seen_and_points_to_login_history_only(stage):
    token = "00D000000000001!AQEAQPlantedAccessToken0123456789abcdefABCDEF.PlantedAccessToken0123456789"
    failure = Failure(
        stage=stage, error="odd_thing", description=f"Never seen {token}.", evidence={"body": "raw words"}
    )
    found = diagnose(failure)
    assert found.code == UNRECOGNISED
    assert [one.where for cause in found.causes for one in cause.remedies] == ["Setup > Identity > Login History"]
    text = diagnosis_text(found)
    assert "odd_thing" in text and "Never seen" in text and "raw words" in text and token not in text


def test_an_unknown_text_is_shown_whole():
    text = diagnosis_text(diagnose(explain_text("a sentence that nobody has written down")))
    assert "a sentence that nobody has written down" in " ".join(text.split())
