"""The words, cards, pages and files that a run becomes."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from textwrap import dedent
from xml.etree import ElementTree

import pytest
from support.each import for_each

from sfrunbook.core.model import (
    Cause,
    Diagnosis,
    Failure,
    Finding,
    Mark,
    Remedy,
    Run,
    Stage,
    Status,
)
from sfrunbook.diagnosis.catalogue import rows
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.report.cards import (
    card,
    checks_card,
    connected_card,
    diagnosis_card,
    findings_card,
    run_card,
    run_page,
    table,
)
from sfrunbook.report.data import run_data, run_json, run_junit
from sfrunbook.report.text import diagnosis_text, finding_text, run_text
from sfrunbook.report.words import headline

DIAGNOSIS = Diagnosis(
    code="client-secret-refused",
    what="Salesforce refuses the Consumer Secret.",
    why="The key was accepted, the secret is wrong.",
    causes=(
        Cause(
            code="secret-wrong",
            summary="The secret was mistyped.",
            tell="It differs from the one in Setup.",
            remedies=(
                Remedy(who="Salesforce administrator", where="Setup > Apps > App Manager", what="Copy it."),
                Remedy(who="You", where="Enter the key and secret", what="Paste it again."),
            ),
        ),
        Cause(
            code="secret-rotated",
            summary="The secret was replaced.",
            tell="It worked before.",
            remedies=(Remedy(who="You", where="Enter the key and secret", what="Paste the new one."),),
        ),
    ),
    source="https://example.com/errors",
    mark=Mark.CONFIRMED,
    failure=Failure(stage=Stage.TOKEN, host="acme.my.salesforce.com", http_status=400, error="invalid_client"),
)
PASSED = Finding(check="host-is-salesforce", claim="The host is Salesforce", status=Status.PASSED, detail="It is.")
FAILED = Finding(
    check="consumer-secret-is-accepted",
    claim="The Consumer Secret is accepted",
    status=Status.FAILED,
    detail="Salesforce refused it.",
    diagnosis=DIAGNOSIS,
    duration_seconds=1.25,
)
SAID_TWICE = replace(FAILED, detail=DIAGNOSIS.what)
SKIPPED = Finding(check="query-works", claim="The test query works", status=Status.SKIPPED)
OPEN = Finding(check="callbacks-are-registered", claim="Callbacks are registered", status=Status.INCONCLUSIVE)
WARNING = Finding(check="limits-are-ample", claim="Limits are ample", status=Status.WARNING)
RUN = Run(
    title="Regression",
    connection="acme",
    host="https://acme.my.salesforce.com",
    started_at=datetime(2026, 11, 23, 8, 30, tzinfo=UTC),
    duration_seconds=3.5,
    findings=(PASSED, FAILED, SKIPPED),
)
FLOW_ERRORS = "https://help.salesforce.com/apex/HTViewHelpDoc?id=xcloud.remoteaccess_oauth_flow_errors.htm"
HOSTILE = "<script>alert('x')</script>\"&"


class _Reader(HTMLParser):
    """Collects tags with their attributes, and the text outside of style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def test_a_finding_that_passed_is_one_line():
    assert finding_text(PASSED) == "[PASS] host-is-salesforce  It is."


def test_a_finding_without_detail_shows_its_claim():
    assert finding_text(SKIPPED) == "[NOT CHECKED] query-works  The test query works"


def test_a_run_as_text():
    assert run_text(RUN) == dedent("""\
        Regression: acme at https://acme.my.salesforce.com: 1 of 3 checks failed.
        [PASS] host-is-salesforce  It is.
        [FAIL] consumer-secret-is-accepted  Salesforce refused it.
               What: Salesforce refuses the Consumer Secret.
               Why:  The key was accepted, the secret is wrong.
               Most likely cause: The secret was mistyped.
               How to recognize it: It differs from the one in Setup.
               1. Salesforce administrator: Setup > Apps > App Manager: Copy it.
               2. You: Enter the key and secret: Paste it again.
               Other possible cause: The secret was replaced. How to recognize it: It worked before.
                  Fix: You: Enter the key and secret: Paste the new one.
               Details: acme.my.salesforce.com, HTTP 400, invalid_client
               Source: https://example.com/errors (Confirmed by the linked source)
               Code: client-secret-refused
        [NOT CHECKED] query-works  The test query works""")


def test_an_unknown_error_as_text_keeps_all_that_was_seen():
    failure = Failure(
        stage=Stage.TOKEN,
        host="acme.my.salesforce.com",
        http_status=400,
        error="odd",
        description="Very odd.",
        evidence={"path": "/services/oauth2/token"},
    )
    assert diagnosis_text(diagnose(failure)) == dedent(f"""\
        What: acme.my.salesforce.com returned an error that this runbook doesn't recognize.
        Why:  The cause is unknown. The reply was: odd, Very odd.
        Most likely cause: This runbook doesn't know the cause.
        How to recognize it: Login History has an entry for every login and refresh, with a more detailed
                             Status.
        1. Salesforce administrator: Setup > Identity > Login History: Find this minute's entry for the user
           and the app, and read its Status column.
        Details: acme.my.salesforce.com, HTTP 400, odd, Very odd.
        Details: path: /services/oauth2/token
        Source: {FLOW_ERRORS} (Confirmed by Salesforce)
        Code: unrecognised-error""")


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ((), "No check ran."),
        ((PASSED,), "1 check passed."),
        ((PASSED, PASSED, SKIPPED), "All 2 checks passed (not checked: 1)."),
        ((SKIPPED, SKIPPED), "2 checks not run yet (not checked: 2)."),
        ((PASSED, WARNING), "Passed, with a warning in 1 of 2 checks."),
        ((PASSED, WARNING, OPEN), "We couldn't run 1 of 3 checks."),
        ((PASSED, OPEN, FAILED), "1 of 3 checks failed."),
    ],
)
def test_the_headline_tells_the_worst(findings, verdict):
    assert headline(replace(RUN, findings=findings)) == verdict


def test_a_card_is_text_and_html():
    bundle = card("Connected", "To Acme.\nWith 2 scopes.", Status.PASSED)._repr_mimebundle_()
    assert bundle["text/plain"] == "[PASS] Connected\n       To Acme.\n       With 2 scopes."
    read = _Reader(bundle["text/html"])
    assert read.text == "✓ Connected To Acme. With 2 scopes."
    assert ("div", {"class": "sfr sfr-card sfr-passed", "role": "status"}) in read.tags


def test_a_card_without_status_claims_none():
    made = card("Note")
    assert repr(made) == "Note"
    assert _Reader(made.html).text == "Note"


def test_a_table_shows_none_as_empty_and_keeps_the_order_of_columns():
    made = table([{"Id": "1", "Name": None}, {"Id": "2", "Owner": {"Name": "Ann"}, "Open": True}], caption="Accounts")
    assert made.text == dedent("""\
        Accounts
        Id  Name  Owner            Open
        --  ----  ---------------  ----
        1
        2         {"Name": "Ann"}  true""")
    read = _Reader(made.html)
    assert [attributes for tag, attributes in read.tags if tag == "th"] == [{"scope": "col"}] * 4
    assert "caption" in [tag for tag, _ in read.tags]
    assert read.text == 'Accounts IdNameOwnerOpen 1 2{"Name": "Ann"}true'


def test_a_table_of_chosen_columns_holds_those_only_and_shortens_long_values_in_text():
    made = table([{"Id": "1", "Note": "word " * 40}], columns=["Note"])
    assert made.text.splitlines()[2] == "word word word word word word word word word word word wor …"
    assert "word " * 39 in made.html


def test_several_findings_become_one_card():
    made = findings_card([PASSED, SKIPPED])
    assert made.text == f"{finding_text(PASSED)}\n{finding_text(SKIPPED)}"
    assert _Reader(made.html).text == "✓ passed: The host is Salesforce It is. - not checked: The test query works"


def test_a_table_without_rows_still_has_its_head():
    assert table([], columns=["Id", "Name"]).text == "Id  Name\n--  ----"


def _hostile_run():
    remedies = (Remedy(who=HOSTILE, where=HOSTILE, what=HOSTILE),)
    causes = tuple(replace(each, summary=HOSTILE, tell=HOSTILE, remedies=remedies) for each in DIAGNOSIS.causes)
    failure = replace(DIAGNOSIS.failure, host=HOSTILE, error=HOSTILE, description=HOSTILE)
    words = dict.fromkeys(("what", "why", "code", "source"), HOSTILE)
    diagnosis = replace(DIAGNOSIS, causes=causes, failure=failure, **words)
    findings = [replace(each, claim=HOSTILE, detail=HOSTILE) for each in (FAILED, PASSED, SKIPPED, WARNING)]
    findings[0] = replace(findings[0], diagnosis=diagnosis)
    return replace(RUN, title=HOSTILE, connection=HOSTILE, findings=tuple(findings))


@pytest.mark.parametrize(
    "html",
    [
        lambda run: findings_card(run.findings).html,
        lambda run: checks_card(run.findings).html,
        lambda run: diagnosis_card(run.findings[0].diagnosis).html,
        lambda run: run_card(run).html,
        run_page,
    ],
    ids=["findings", "checks", "error", "run", "page"],
)
def test_foreign_text_is_escaped(html):
    hostile = html(_hostile_run())
    assert "script" not in [tag for tag, _ in _Reader(hostile).tags]
    assert HOSTILE in _Reader(hostile).text and "<script" not in hostile


def test_a_table_and_a_plain_card_escape_foreign_text():
    for made in (table([{HOSTILE: HOSTILE}], caption=HOSTILE), card(HOSTILE, HOSTILE)):
        assert "script" not in [tag for tag, _ in _Reader(made.html).tags]
        assert HOSTILE in _Reader(made.html).text


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (PASSED, "✓ passed"),
        (FAILED, "✗ failed"),
        (WARNING, "! warning"),
        (SKIPPED, "- not checked"),
        (OPEN, "? couldn't check"),
    ],
    ids=lambda one: one if isinstance(one, str) else one.check,
)
def test_status_is_told_by_icon_and_word_and_not_by_colour_alone(finding, words):
    what = finding.diagnosis.what if finding.diagnosis else finding.claim
    assert _Reader(findings_card([finding]).html).text.startswith(f"{words}: {what}")


FIX = (
    "Most likely cause: The secret was mistyped. "
    "Salesforce administrator · Setup > Apps > App Manager (Open App Manager) Copy it. "
    "You · Enter the key and secret Paste it again. If the link doesn't open the page, search Setup for App Manager."
)


def _unfolded(html):
    return _Reader(re.sub("<details.*?</details>", "", html, flags=re.DOTALL)).text


def test_a_failed_check_is_a_headline_a_cause_and_its_fix_and_the_rest_is_folded():
    html = checks_card([PASSED, FAILED, SKIPPED]).html
    assert _unfolded(html) == f"✗ failed: Salesforce refuses the Consumer Secret. {FIX}"
    assert re.findall("<summary>(.*?)</summary>", html)[:3] == ["Why", "Other causes (1)", "Evidence"]
    folded = _Reader(html[html.index("<details") :]).text
    assert folded == (
        "Why Salesforce refused it. The key was accepted, the secret is wrong. "
        "How to recognize it: It differs from the one in Setup. "
        "Other causes (1) The secret was replaced. How to recognize it: It worked before. "
        "You · Enter the key and secret Paste the new one. "
        "Evidence Reply: acme.my.salesforce.com, HTTP 400, invalid_client "
        "Source: https://example.com/errors (Confirmed by the linked source) Code: client-secret-refused "
        "✓ 1 check passed The host is Salesforce It is. - 1 check not run The test query works"
    )


def test_the_end_card_says_what_is_connected_as_a_table_and_line_by_line():
    made = connected_card("Salesforce and Cyclr are connected", {"Org": "Northwind", "User": HOSTILE})
    assert made.text == f"Salesforce and Cyclr are connected\n       Org: Northwind\n       User: {HOSTILE}"
    read = _Reader(made.html)
    assert read.text == f"✓ Salesforce and Cyclr are connected What is connected OrgNorthwind User{HOSTILE}"
    assert [attributes for tag, attributes in read.tags if tag == "th"] == [{"scope": "row"}] * 2
    assert ("div", {"class": "sfr sfr-card sfr-passed", "role": "status"}) in read.tags


def test_a_failure_of_an_unattended_run_has_one_headline_and_the_messages():
    html = findings_card([FAILED]).html
    assert _unfolded(html) == f"✗ failed: Salesforce refuses the Consumer Secret. {FIX}"
    message = "Message to copy to the Salesforce administrator"
    assert re.findall("<summary>(.*?)</summary>", html) == ["Why", "Other causes (1)", message, "Evidence"]


def test_an_error_by_itself_reads_like_a_failed_check():
    html = diagnosis_card(DIAGNOSIS).html
    assert _unfolded(html) == f"Salesforce refuses the Consumer Secret {FIX}"
    message = "Message to copy to the Salesforce administrator"
    assert re.findall("<summary>(.*?)</summary>", html) == ["Why", "Other causes (1)", message, "Evidence"]


@for_each("code", rows())
def test_a_card_says_nothing_twice_and_folds_all_but_the_first_cause(code):
    failure = Failure(stage=rows()[code].stage, host="acme.my.salesforce.com", error=code)
    found = diagnose(failure)
    html = re.sub("<pre>.*?</pre>", "", diagnosis_card(found).html, flags=re.DOTALL)
    text = _Reader(html).text
    first, *others = found.causes
    for said in (found.what.rstrip("."), found.why, *(cause.summary for cause in found.causes)):
        assert text.count(" ".join(said.split())) == 1, said
    shown = _Reader(html.partition("<details>")[0]).text
    assert first.summary in shown and not any(cause.summary in shown for cause in others)
    assert "<details open" not in html and html.count("<summary>Evidence</summary>") == 1


def test_the_same_outcome_at_another_time_gives_the_same_card():
    later = replace(RUN, started_at=datetime(2027, 1, 1, tzinfo=UTC), duration_seconds=99.0)
    assert run_card(later) == run_card(RUN)


def test_the_page_needs_no_network_and_leads_with_the_verdict():
    page = run_page(RUN)
    read = _Reader(page)
    assert page.startswith("<!doctype html>")
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in read.tags}
    assert "url(" not in page and "@import" not in page
    assert ("svg", "1 passed, 1 failed, 1 not checked") in [(tag, found.get("aria-label")) for tag, found in read.tags]
    bars = [(found["x"], found["width"]) for tag, found in read.tags if tag == "rect"]
    assert bars == [("0", "1"), ("1", "1"), ("2", "1")]
    assert "begun 2026-11-23 08:30:00 UTC, 3.5 seconds." in read.text


def test_the_page_of_an_empty_run_draws_no_picture():
    assert "svg" not in [tag for tag, _ in _Reader(run_page(replace(RUN, findings=()))).tags]


def test_a_run_as_json():
    data = json.loads(run_json(RUN))
    assert data == run_data(RUN)
    assert list(data) == [
        "schema",
        "version",
        "made_by",
        "title",
        "connection",
        "host",
        "started_at",
        "duration_seconds",
        "status",
        "headline",
        "counts",
        "findings",
    ]
    assert (data["schema"], data["version"], data["status"]) == ("sfrunbook-run", 1, "failed")
    assert data["counts"] == {"passed": 1, "failed": 1, "warning": 0, "skipped": 1, "inconclusive": 0}
    assert data["findings"][0] == {
        "check": "host-is-salesforce",
        "claim": "The host is Salesforce",
        "status": "passed",
        "detail": "It is.",
        "evidence": {},
        "duration_seconds": 0.0,
        "diagnosis": None,
    }
    assert data["findings"][1]["diagnosis"]["causes"][1] == {
        "code": "secret-rotated",
        "summary": "The secret was replaced.",
        "tell": "It worked before.",
        "remedies": [
            {"who": "You", "where": "Enter the key and secret", "what": "Paste the new one.", "mark": "confirmed"}
        ],
        "verdict": None,
        "because": None,
    }


def test_a_run_as_junit():
    run = replace(RUN, findings=(PASSED, FAILED, SKIPPED, OPEN, WARNING))
    suite = ElementTree.fromstring(run_junit(run).split("\n", 1)[1])
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time", "timestamp")}
    assert counts == {
        "tests": "5",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
        "time": "3.500",
        "timestamp": "2026-11-23T08:30:00+00:00",
    }
    assert [[child.tag for child in case] for case in suite] == [
        [],
        ["failure"],
        ["skipped"],
        ["error"],
        ["system-out"],
    ]
    failure = suite[1][0]
    assert (failure.get("type"), failure.get("message")) == ("client-secret-refused", "Salesforce refused it.")
    assert failure.text == finding_text(FAILED)


def test_junit_drops_characters_that_xml_cannot_hold():
    finding = replace(FAILED, detail="bell \x07 and half \ud800 pair", diagnosis=None)
    suite = ElementTree.fromstring(run_junit(replace(RUN, findings=(finding,))).split("\n", 1)[1])
    assert suite[0][0].get("message") == "bell \ufffd and half \ufffd pair"


def test_what_a_finding_and_its_diagnosis_both_say_stands_once():
    times = [_Reader(findings_card([one]).html).text.count(DIAGNOSIS.what) for one in (FAILED, SAID_TWICE)]
    assert times[0] == times[1]


def test_cards_stand_one_below_the_other():
    both = card("First") + card("Second")
    assert (both.text, _Reader(both.html).text) == ("First\nSecond", "First Second")
