"""What the words of the trade mean, word for word, and that they are told wherever they are shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sfrunbook.core.model import Finding, Mark, Run, Skip, Status
from sfrunbook.core.words import how_sure, marks_legend, renewals, skip_word
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.diagnosis.pasted.read_text import explain_text
from sfrunbook.report.cards import diagnosis_card, findings_card, run_card, table
from sfrunbook.report.text import diagnosis_text, run_text

LIKELY = "“likely” means reported by others"
GUESS = "“guess” means our best guess"


@pytest.mark.parametrize(
    ("text", "legend"),
    [
        ("It is so.", ""),
        ("It may be likely that a guess is meant.", ""),
        ("Refused for its token only. (guess)", f"How sure we are: {GUESS}."),
        ("(The labels of this screen are likely.)", f"How sure we are: {LIKELY}."),
        ("Asia Pacific (likely), and a host (guess)", f"How sure we are: {LIKELY}; {GUESS}."),
        ("(A guess: nobody has confirmed this step.)", ""),
    ],
)
def test_only_marks_that_stand_there_unexplained_are_explained(text: str, legend: str) -> None:
    assert marks_legend(text) == legend


@pytest.mark.parametrize(
    ("mark", "source", "words"),
    [
        (Mark.CONFIRMED, "https://help.salesforce.com/s/articleView?id=1", "Confirmed by Salesforce"),
        (Mark.CONFIRMED, "https://github.com/forcedotcom/sfdx-core", "Confirmed by Salesforce"),
        (Mark.CONFIRMED, "https://docs.cyclr.com/connector-guides/salesforce", "Confirmed by Cyclr"),
        (Mark.CONFIRMED, "https://www.rfc-editor.org/rfc/rfc6749", "Confirmed by the linked source"),
        (Mark.LIKELY, "https://help.salesforce.com/s/articleView?id=1", "Reported by others"),
        (Mark.GUESS, "https://help.salesforce.com/s/articleView?id=1", "Our best guess"),
    ],
)
def test_a_mark_says_how_sure_we_are_and_whose_word_it_is(mark: Mark, source: str, words: str) -> None:
    assert how_sure(mark, source) == words


@pytest.mark.parametrize(
    ("generation", "words"),
    [
        (1, "not refreshed since the login"),
        (2, "refreshed once since the login"),
        (4, "refreshed 3 times since the login"),
    ],
)
def test_a_generation_is_told_as_how_often_access_was_renewed(generation: int, words: str) -> None:
    assert renewals(generation) == words


def test_a_check_that_was_skipped_says_why_in_a_word() -> None:
    assert [skip_word(Status.SKIPPED, skip) for skip in (*Skip, None)] == [
        "to do",
        "optional",
        "doesn't apply",
        "not checked",
    ]
    assert skip_word(Status.PASSED, None) == ""


def found(detail: str) -> Finding:
    return Finding(check="box-is-cleared", claim="The box is cleared.", status=Status.PASSED, detail=detail)


def test_a_finding_with_a_mark_has_the_legend_below_it_once(run: Run) -> None:
    for card in (findings_card(run.findings), run_card(run)):
        assert card.text.count(GUESS) == card.html.count(GUESS) == 1
    assert run_text(run).splitlines()[-1] == f"How sure we are: {GUESS}."
    assert "How sure we are" not in findings_card((found("It is."),)).html


@pytest.fixture
def run() -> Run:
    return Run(
        title="partner",
        connection="acme",
        host="https://acme.my.salesforce.com",
        started_at=datetime(2026, 11, 23, tzinfo=UTC),
        duration_seconds=1.0,
        findings=(found("So it seems. (guess)"), found("And so does this. (guess)")),
    )


def test_a_diagnosis_says_once_how_sure_we_are_in_text_and_on_the_card() -> None:
    found = diagnose(explain_text("invalid_client_id: client identifier invalid"))
    for shown in (diagnosis_text(found), diagnosis_card(found).html):
        assert shown.count("Confirmed by Salesforce") == 1


def test_a_note_stands_below_a_table_in_text_and_on_the_card() -> None:
    card = table([{"Way": "By hand"}], caption="Ways", note=marks_legend(marks=Mark))
    assert card.text.endswith("our best guess.")
    assert card.html.index("</table>") < card.html.index(GUESS)
