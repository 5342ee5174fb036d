"""The hand-over sheet, word for word, and without any secret whatever is put in."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sfrunbook import partners
from sfrunbook.core.errors import problem
from sfrunbook.core.model import Connection, Finding, Org, OrgKind, Skip, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.file_names import safe_name
from sfrunbook.report.handover.render import file_stem, sheet_markdown, sheet_page
from sfrunbook.report.handover.sheet import Facts, Row, Section, StepFacts, fingerprint, make_sheet
from sfrunbook.salesforce.api import Identity
from sfrunbook.store.progress import STEPS, StoredFinding

KEY = "3MVG9" + "s7H8e9E0" * 10
NOW = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
AT = "2026-11-23T09:00:00+00:00"
ORG = Org(
    org_id="00DgK0000000BlPUAU",
    name="Acme",
    edition="Enterprise Edition",
    instance_name="NA224",
    instance_url="https://acme.my.salesforce.com",
    kind=OrgKind.PRODUCTION,
)
WHO = Identity(user_id="005", org_id=ORG.org_id, username="ada@acme.example", display_name="Ada")


def stored(check: str, status: Status, claim: str, detail: str) -> StoredFinding:
    return StoredFinding(check=check, claim=claim, status=status, detail=detail, at=AT)


def facts() -> Facts:
    start, register, *_ = STEPS
    return Facts(
        connection=Connection(name="acme", login_url="https://acme.my.salesforce.com", client_id=KEY),
        profile=replace(partners.load("cyclr"), steps=partners.load("cyclr").steps[1:3]),
        screen="Setup > External Client App Manager",
        app_names=("Cyclr",),
        callbacks=("https://my.cyclr.com/connector/callback",),
        made_at=NOW,
        org=ORG,
        who=WHO,
        steps=(
            StepFacts(step=start, findings=(stored("a", Status.PASSED, "The host answers.", "It is acme."),)),
            StepFacts(
                step=register,
                findings=(
                    stored("b", Status.FAILED, "Every Callback URL is in.", "One | is missing."),
                    stored("c", Status.INCONCLUSIVE, "The key is known.", "No answer."),
                ),
            ),
            StepFacts(step=STEPS[2]),
        ),
    )


# ruff: noqa: E501 -- a table of Markdown has one line for each row
MARKDOWN = r"""# Summary: acme

3 of 4 points of acme are open: 3 for you.

Do your own steps first, from the top: see “Next steps: you”. Then check again.

Created 2026-11-23 10:15 UTC. It contains no secret.

## What is connected

| What | Value |
| --- | --- |
| Name | Acme |
| Org ID | 00DgK0000000BlPUAU |
| Kind | production |
| Edition | Enterprise Edition |
| Address | https://acme.my.salesforce.com |
| Logged in as | Ada (ada@acme.example) |

## Next steps: Salesforce administrator

Nothing to do.

## Next steps: Cyclr partner

| What | Value |
| --- | --- |
| Step 1: Cyclr Partner Console \> Connectors \> Application Connector Library \> Salesforce \> Client ID | Paste the Consumer Key. [Open the Partner Console](https://my.cyclr.com) |
| Step 2: Cyclr Partner Console \> Connectors \> Application Connector Library \> Salesforce \> Client Secret | Paste the Consumer Secret. |

## Next steps: you

| What | Value |
| --- | --- |
| Register the app | Fix this, then check again: One \| is missing. |
| Register the app | Fix this, then check again: No answer. |
| Enter the key and secret | Do this step. |

## Next check

| What | Value |
| --- | --- |
| By 2026-12-14 | Check again by then. If the app limits idle refresh tokens, an unused one expires after 30 days (likely). |

## Checks

| Result | Check | Details | When |
| --- | --- | --- | --- |
| ✓ passed | The host answers. | It is acme. | 2026-11-23 09:00 UTC |
| ✗ failed | Every Callback URL is in. | One \| is missing. | 2026-11-23 09:00 UTC |
| ? not verified | The key is known. | No answer. | 2026-11-23 09:00 UTC |
| ? not verified | Enter the key and secret | Not done yet. |  |

## The app in Salesforce

| What | Value |
| --- | --- |
| App | Cyclr |
| Kind of app | External Client App |
| Registered at | Setup \> External Client App Manager [Open External Client App Manager](https://acme.my.salesforce.com/lightning/setup/ManageExternalClientApplication/home) |
| Login address | https://acme.my.salesforce.com |
| Consumer Key | 3MVG9s7H8…e9E0 |
| Fingerprint of the Consumer Key | FINGERPRINT (first 12 digits of its SHA-256, to compare keys) |
| Consumer Secret | saved encrypted; it isn't in this summary |
| Callback URL | https://my.cyclr.com/connector/callback |
| Selected OAuth Scope | Full access (full) |
| Selected OAuth Scope | Perform requests at any time (refresh\_token, offline\_access) |
| Partner | Cyclr |

If the link doesn't open the page, search Setup for External Client App Manager.

How sure we are: “likely” means reported by others.
"""


def test_the_sheet_as_markdown_word_for_word() -> None:
    assert sheet_markdown(make_sheet(facts())) == MARKDOWN.replace("FINGERPRINT", fingerprint(KEY))


def test_the_first_step_at_the_partner_leads_to_its_own_console() -> None:
    base = replace(facts(), profile=partners.load("cyclr"))
    for host, variables in (("my.cyclr.com", {}), ("eu.cyclr.com", {"console_host": "eu.cyclr.com"})):
        page = sheet_page(make_sheet(replace(base, connection=replace(base.connection, variables=variables))))
        link = f'(<a href="https://{host}" rel="noopener noreferrer" target="_blank">Open the Partner Console</a>)'
        assert page.count("Open the Partner Console") == page.count(link) == 1


def test_the_page_says_the_same_as_the_markdown() -> None:
    sheet = make_sheet(facts())
    page = html.unescape(re.sub(r"<[^>]+>", " ", sheet_page(sheet)))
    for section in sheet.sections:
        assert section.title in page
        for row in section.rows:
            assert row.name in page
            assert row.value in page
            assert row.outcome in page
    assert "http" not in re.sub(r"https://(acme\.my\.salesforce|my\.cyclr)\.com\S*", "", sheet_page(sheet))
    assert sheet_page(sheet).startswith("<!doctype html>")


def test_until_when_access_is_valid_is_told_where_it_is_known() -> None:
    rows = make_sheet(replace(facts(), valid_until="2026-12-20 10:15 UTC")).sections[0].rows
    assert rows[-1] == Row(name="Valid until", value="2026-12-20 10:15 UTC")


def test_a_sheet_without_anything_open_says_so() -> None:
    done = replace(facts(), steps=facts().steps[:1])
    assert make_sheet(done).headline == "All checks of acme are verified."


def with_steps(*found: StoredFinding, findings: tuple[Finding, ...] = ()) -> Facts:
    """The facts of one step with these latest findings."""
    return replace(facts(), steps=(StepFacts(step=STEPS[1], findings=found),), findings=findings)


def test_a_sheet_is_given_on_only_when_nothing_is_left_for_its_maker() -> None:
    passed = stored("a", Status.PASSED, "The host answers.", "It is acme.")
    assert make_sheet(with_steps(passed)).next_step == "Share it with whoever takes over."
    mine = make_sheet(with_steps(passed, stored("b", Status.FAILED, "It is in.", "It is missing.")))
    assert mine.headline == "1 of 2 points of acme is open: 1 for you."
    assert mine.next_step == "Do your own steps first, from the top: see “Next steps: you”. Then check again."


def test_what_somebody_else_has_to_close_is_theirs_and_the_sheet_leads_to_the_message() -> None:
    diagnosis = diagnosis_of(problem("scope-missing", missing="refresh_token", granted="full"))
    assert diagnosis.causes[0].remedies[0].who == "Salesforce administrator"
    failed = Finding(check="b", claim="Scopes.", status=Status.FAILED, diagnosis=diagnosis)
    sheet = make_sheet(with_steps(stored("b", Status.FAILED, "Scopes.", "One is missing."), findings=(failed,)))
    assert sheet.headline == "1 of 1 point of acme is open: 1 for the Salesforce administrator."
    assert sheet.next_step == (
        "Send the message under “Next steps: Salesforce administrator”. Share it with whoever takes over."
    )
    (yours,) = [one for one in sheet.sections if one.title == "Next steps: you"]
    assert yours.intro == "Nothing to do."


def test_what_only_time_can_close_is_left_to_the_next_test() -> None:
    sheet = make_sheet(with_steps(stored("refresh-works-later", Status.WARNING, "It lives on.", "Look again later.")))
    assert sheet.headline == "1 of 1 point of acme is open: 1 for the next check."
    assert sheet.next_step == "Share it with whoever takes over, who also does the next check."


def test_what_was_left_out_is_no_open_point_and_what_is_to_do_is_one() -> None:
    skips = {
        Skip.TO_DO: "to do",
        Skip.OPTIONAL: "optional",
        Skip.DOES_NOT_APPLY: "doesn't apply",
    }
    found = [
        replace(stored(skip.value, Status.SKIPPED, f"Claim of {skip.value}.", "Not looked at."), skip=skip)
        for skip in skips
    ]
    sheet = make_sheet(with_steps(*found))
    evidence = next(one for one in sheet.sections if one.title == "Checks")
    assert [row.outcome for row in evidence.rows] == list(skips.values())
    assert sheet.headline == "1 of 3 points of acme is open: 1 for you."
    mine = next(one for one in sheet.sections if one.title == "Next steps: you")
    assert [row.value for row in mine.rows] == ["1 check is still to do. The first: Claim of to_do."]
    assert "| ○ to do |" in sheet_markdown(sheet)
    assert "| - doesn't apply |" in sheet_markdown(sheet)


def test_an_org_that_was_not_asked_is_not_described() -> None:
    section = make_sheet(replace(facts(), org=None, who=None)).sections[0]
    assert section.rows == (
        Row(name="Org ID", value="not known"),
        Row(name="Name and kind", value="not known yet: log in to Salesforce first"),
    )


def test_what_failed_comes_as_a_message_to_whoever_mends_it() -> None:
    diagnosis = diagnosis_of(problem("scope-missing", missing="refresh_token", granted="full"))
    failed = Finding(check="x", claim="Scopes.", status=Status.FAILED, diagnosis=diagnosis)
    sheet = make_sheet(replace(facts(), findings=(failed, failed)))
    (administrator,) = [one for one in sheet.sections if one.title == "Next steps: Salesforce administrator"]
    (letter,) = administrator.letters
    assert letter.to == "Salesforce administrator"
    assert letter.text.startswith(
        "Hello, we're connecting Salesforce to a partner platform and need your help in Salesforce."
    )
    assert letter.text in sheet_markdown(sheet)
    assert administrator.intro == ""


def test_more_sections_come_after_the_checks() -> None:
    extra = Section(title="The partner", rows=(Row(name="Connector", value="installed"),))
    titles = [one.title for one in make_sheet(facts(), more=(extra,)).sections]
    assert titles.index("The partner") == titles.index("Checks") + 1


def test_no_secret_comes_through_whatever_input_holds_it() -> None:
    canary = Secret("canary-of-the-sheet-9f8e7d6c5b4a").reveal()
    token = "00DgK0000000BlP!" + "AQEAQ" * 19
    poison = f"{canary} {token}"
    base = facts()
    register = STEPS[1]
    diagnosis = diagnosis_of(problem("scope-missing", missing=poison, granted=poison))
    full = Facts(
        connection=replace(
            base.connection, name=canary, login_url=f"https://x/{poison}", client_id=canary, org_id=canary
        ),
        profile=replace(base.profile, label=poison),
        screen=poison,
        app_names=(poison,),
        callbacks=(poison,),
        made_at=NOW,
        org=replace(ORG, org_id=poison, name=poison, edition=poison, instance_url=poison),
        who=replace(WHO, display_name=poison, username=poison),
        steps=(StepFacts(step=register, findings=(stored("b", Status.FAILED, poison, poison),)),),
        findings=(Finding(check="x", claim=poison, status=Status.FAILED, detail=poison, diagnosis=diagnosis),),
    )
    sheet = make_sheet(full, more=(Section(title=poison, intro=poison, rows=(Row(name=poison, value=poison),)),))
    for text in (sheet_page(sheet), sheet_markdown(sheet), repr(sheet)):
        assert canary not in text
        assert token not in text


def test_html_and_markdown_in_a_name_stay_words() -> None:
    sheet = make_sheet(replace(facts(), app_names=("<script>alert(1)</script> [x](http://evil) | `a`",)))
    assert "<script>" not in sheet_page(sheet)
    assert r"\<script\>alert(1)\</script\> \[x\](http://evil) \| \`a\`" in sheet_markdown(sheet)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("acme", "hand-over-acme"),
        ("../../etc/passwd", "hand-over-etc-passwd"),
        ("Ä Ö", "hand-over-x-"),
        ("", "hand-over-x-"),
        ("con", "hand-over-x-con"),
        ("a" * 200, "hand-over-" + "a" * 60),
    ],
)
def test_the_files_name_is_safe_for_any_name(name: str, stem: str) -> None:
    assert file_stem(name) == stem
    assert re.fullmatch(r"[A-Za-z0-9_-]+", safe_name(name))


def test_no_key_has_no_fingerprint() -> None:
    assert fingerprint("") == "no Consumer Key is saved"
