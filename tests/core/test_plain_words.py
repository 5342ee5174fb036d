"""What the words of the trade mean, word for word, and that they are told wherever they are shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sfrunbook.core.model import Finding, Mark, Run, Skip, Status, Verdict
from sfrunbook.core.words import marked, marks_legend, renewals, skip_word, verdicts_legend
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.diagnosis.read_text import explain_text
from sfrunbook.report.cards import diagnosis_card, findings_card, run_card, table
from sfrunbook.report.text import diagnosis_text, run_text

LIKELY = "“likely”: others report it, or it follows from what is written"
GUESS = "“guess”: nothing public says so, it is what fits best"


@pytest.mark.parametrize(
    ("text", "legend"),
    [
        ("It is so.", ""),
        ("It may be likely that a guess is meant.", ""),
        ("Refused for its token only. (guess)", f"How sure it is: {GUESS}."),
        ("(The labels of this screen are likely.)", f"How sure it is: {LIKELY}."),
        ("Asia Pacific (likely), and a host (guess)", f"How sure it is: {LIKELY}; {GUESS}."),
        ("(A guess: nobody has confirmed this step.)", ""),
    ],
)
def test_only_marks_that_stand_there_unexplained_are_explained(text: str, legend: str) -> None:
    assert marks_legend(text) == legend


def test_every_mark_has_a_meaning_that_can_stand_in_brackets() -> None:
    assert [marked(mark) for mark in Mark] == [
        "confirmed: those who decide it say so themselves",
        "likely: others report it, or it follows from what is written",
        "guess: nothing public says so, it is what fits best",
    ]


def test_only_verdicts_that_were_given_are_explained() -> None:
    assert verdicts_legend((Verdict.RULED_OUT, Verdict.POSSIBLE)) == (
        "How the causes were judged: “possible”: what was gathered decides neither for nor against it; "
        "“ruled out”: what was gathered speaks against it."
    )


@pytest.mark.parametrize(
    ("generation", "words"),
    [
        (1, "not renewed since the login"),
        (2, "renewed once since the login"),
        (4, "renewed 3 times since the login"),
    ],
)
def test_a_generation_is_told_as_how_often_access_was_renewed(generation: int, words: str) -> None:
    assert renewals(generation) == words


def test_a_check_that_was_skipped_says_why_in_a_word() -> None:
    assert [skip_word(Status.SKIPPED, skip) for skip in (*Skip, None)] == [
        "to do",
        "optional",
        "does not apply",
        "not looked at",
    ]
    assert skip_word(Status.PASSED, None) == ""


def found(detail: str) -> Finding:
    return Finding(check="box-is-cleared", claim="The box is cleared.", status=Status.PASSED, detail=detail)


def test_a_finding_with_a_mark_has_the_legend_below_it_once(run: Run) -> None:
    for card in (findings_card(run.findings), run_card(run)):
        assert card.text.count(GUESS) == card.html.count(GUESS) == 1
    assert run_text(run).splitlines()[-1] == f"How sure it is: {GUESS}."
    assert "How sure it is" not in findings_card((found("It is."),)).html


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


def test_a_diagnosis_says_what_its_mark_means_in_text_and_on_the_card() -> None:
    found = diagnose(explain_text("invalid_client_id: client identifier invalid"))
    assert f"({marked(found.mark)})" in diagnosis_text(found)
    assert f"({marked(found.mark)})" in diagnosis_card(found).html


def test_a_note_stands_below_a_table_in_text_and_on_the_card() -> None:
    card = table([{"Way": "by hand (guess)"}], caption="Ways", note=marks_legend(marks=Mark))
    assert card.text.endswith("what fits best.")
    assert card.html.index("</table>") < card.html.index(GUESS)
