"""The partner's part of the hand-over sheet, word for word, in each of the ways in which its side can stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from test_handover import KEY, NOW, facts, stored

from sfrunbook.core.model import Skip, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.report.handover.partner_side import PARTNER_STEP, PartnerFacts, partner_sections
from sfrunbook.report.handover.render import sheet_markdown, sheet_page
from sfrunbook.report.handover.sheet import Facts, StepFacts, fingerprint, make_sheet
from sfrunbook.store.partner_record import Attested
from sfrunbook.store.progress import STEPS, StoredFinding

QUERY = next(step for step in STEPS if step.name == "try_it")
PARTNER = next(step for step in STEPS if step.name == PARTNER_STEP)
ATTESTED = Attested(at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC), rows=3, ids=3)
NOT_PROVED = "Salesforce is verified; Cyclr isn't yet."


def with_partner(*found: StoredFinding, **connection: object) -> Facts:
    """A sheet's facts with a query that returned rows, and these findings of the partner's step."""
    base = facts()
    query = StepFacts(
        step=QUERY, findings=(stored("q", Status.PASSED, "The query returns rows.", "5 rows came back."),)
    )
    return replace(
        base,
        connection=replace(base.connection, variables={"service_domain": "acme-h.eu.cyclr.com"}, **connection),
        steps=(query, StepFacts(step=PARTNER, findings=found)),
        shown_elsewhere=(PARTNER_STEP,),
    )


def part(full: Facts, seen: PartnerFacts) -> str:
    """The Markdown of what the partner's part adds, from its first heading to the app."""
    text = sheet_markdown(make_sheet(full, more=partner_sections(full, seen)))
    return text[text.index("## Settings at") : text.index("## The app in Salesforce")]


# ruff: noqa: E501 -- a table of Markdown has one line for each row
WITH_API = r"""## Settings at Cyclr

| What | Value |
| --- | --- |
| Service Domain | acme-h.eu.cyclr.com |
| Console host | US: my.cyclr.com |
| Account | Northwind (north) |
| Connector | Salesforce, id 3301 |
| Where the Client ID is entered | Console: Cyclr Partner Console \> Connectors \> Application Connector Library \> Salesforce \> Client ID |
| Fingerprint of the Client ID | KEY (first 12 digits of its SHA-256, to compare keys); the partner sends it to Salesforce |
| Where the Client Secret is entered | Console: Cyclr Partner Console \> Connectors \> Application Connector Library \> Salesforce \> Client Secret; the secret isn't in this summary |
| API of Cyclr | used, with the Client ID API (fingerprint) |

## Checks at Cyclr

Salesforce and Cyclr are verified.

| Result | Check | Details | When |
| --- | --- | --- | --- |
| ✓ passed | It sends this key. | It sends 3MVG. | 2026-11-23 09:00 UTC |
| ✓ passed | Rows come. | 120 rows. | 2026-11-23 09:00 UTC |
| ? not verified | It lives on. | Look again later. | 2026-11-23 09:00 UTC |
| ✓ passed | Both sides are proved. | Salesforce and Cyclr are verified. | 2026-11-23 09:00 UTC |

## Next check at Cyclr

| What | Value |
| --- | --- |
| From 2026-11-24 10:00 UTC | Check again. Only then can we verify that Cyclr refreshes its access. |

"""

BY_HAND = r"""## Settings at Cyclr

| What | Value |
| --- | --- |
| Service Domain | acme-h.eu.cyclr.com |
| Console host | US: my.cyclr.com |
| Where the Client ID is entered | Console: Cyclr Partner Console \> Connectors \> Application Connector Library \> Salesforce \> Client ID |
| Fingerprint of the Client ID | KEY (first 12 digits of its SHA-256, to compare keys); we haven't seen the partner send it |
| Where the Client Secret is entered | Console: Cyclr Partner Console \> Connectors \> Application Connector Library \> Salesforce \> Client Secret; the secret isn't in this summary |
| API of Cyclr | not used: you set it up by hand |

## Checks at Cyclr

Salesforce and Cyclr are verified (confirmed by you).

| Result | Check | Details | When |
| --- | --- | --- | --- |
| ? not verified | The API can be asked. | No API credentials are kept. | 2026-11-23 09:00 UTC |
| ✓ passed | Both sides are proved. | Salesforce and Cyclr are verified (confirmed by you). | 2026-11-23 09:00 UTC |
| ✎ confirmed by you | A method of the connector returns rows. | You pasted 3 rows with 3 Ids; none is stored. | 2026-11-23 09:30 UTC |

## Next check at Cyclr

| What | Value |
| --- | --- |
| 1 day after the login | Check again. Only then can we verify that Cyclr refreshes its access. |

"""


def test_what_the_api_showed_word_for_word() -> None:
    full = with_partner(
        stored("partner-sends-this-consumer-key", Status.PASSED, "It sends this key.", "It sends 3MVG."),
        stored("a-method-returns-data", Status.PASSED, "Rows come.", "120 rows."),
        stored("refresh-works-later", Status.WARNING, "It lives on.", "Look again later."),
        stored(
            "both-sides-are-proved",
            Status.PASSED,
            "Both sides are proved.",
            "Salesforce and Cyclr are verified.",
        ),
        partner_client_id="11111111-2222-3333-4444-555555555555",
    )
    seen = PartnerFacts(
        account="Northwind (north)",
        connector="Salesforce, id 3301",
        retest_after=datetime(2026, 11, 24, 10, tzinfo=UTC),
    )
    api = fingerprint("11111111-2222-3333-4444-555555555555")
    assert part(full, seen) == WITH_API.replace("KEY", fingerprint(KEY)).replace("API (", f"{api} (")


def test_what_was_done_by_hand_and_attested_word_for_word() -> None:
    full = with_partner(
        stored("partner-api-can-be-asked", Status.SKIPPED, "The API can be asked.", "No API credentials are kept."),
        stored("connector-is-installed", Status.SKIPPED, "It is installed.", "Not looked at."),
        stored("a-method-response-was-shown", Status.PASSED, "A person has shown it.", "Attested by you."),
        stored(
            "both-sides-are-proved",
            Status.PASSED,
            "Both sides are proved.",
            "Salesforce and Cyclr are verified (confirmed by you).",
        ),
    )
    assert part(full, PartnerFacts(attested=ATTESTED)) == BY_HAND.replace("KEY", fingerprint(KEY))


@pytest.mark.parametrize(
    "found",
    [(), (stored("both-sides-are-proved", Status.WARNING, "Both sides are proved.", NOT_PROVED),)],
    ids=["never tried", "tried"],
)
def test_a_side_that_is_not_verified_is_said_in_those_words_and_is_an_open_point(
    found: tuple[StoredFinding, ...],
) -> None:
    full = with_partner(*found)
    sheet = make_sheet(full, more=partner_sections(full, PartnerFacts()))
    (evidence,) = [one for one in sheet.sections if one.title == "Checks at Cyclr"]
    assert evidence.intro == NOT_PROVED
    assert [row.outcome for row in evidence.rows] == ["not verified"]
    assert sheet.headline == "1 of 2 points of acme is open: 1 for you."


def test_by_hand_the_sheet_is_not_given_on_before_the_partners_side_is_proved() -> None:
    full = with_partner(
        replace(
            stored("partner-api-can-be-asked", Status.SKIPPED, "The API can be asked.", "None."), skip=Skip.OPTIONAL
        ),
        replace(stored("connector-is-installed", Status.SKIPPED, "It is installed.", "Not so."), skip=Skip.OPTIONAL),
        replace(stored("both-sides-are-proved", Status.SKIPPED, "Both are proved.", NOT_PROVED), skip=Skip.TO_DO),
    )
    sheet = make_sheet(full, more=partner_sections(full, PartnerFacts()))
    assert sheet.headline == "1 of 3 points of acme is open: 1 for you."
    assert sheet.next_step.startswith("Do your own steps first")
    (yours,) = [one for one in sheet.sections if one.title == "Next steps: you"]
    assert len(yours.rows) == 1


def test_without_a_query_that_returned_rows_neither_side_is_proved() -> None:
    full = replace(with_partner(), steps=(StepFacts(step=QUERY), StepFacts(step=PARTNER)))
    intro = partner_sections(full, PartnerFacts())[1].intro
    assert intro == "Neither Salesforce nor Cyclr is verified yet."


def test_an_account_with_a_client_id_of_its_own_says_so_and_gives_that_fingerprint() -> None:
    rows = partner_sections(with_partner(), PartnerFacts(account_client_id="another"))[0].rows
    told = {row.name: row.value for row in rows}
    assert told["Where the Client ID is entered"] == "Account: property ClientId of the installed connector"
    assert told["Fingerprint of the Client ID"].startswith(fingerprint("another"))
    assert told["Where the Client Secret is entered"].startswith(
        "Account: property ClientSecret of the installed connector"
    )


def test_once_both_sides_are_proved_nothing_is_left_to_do_at_the_partner() -> None:
    proved = stored("both-sides-are-proved", Status.PASSED, "Both sides are proved.", "They are.")
    by_api = stored("partner-api-can-be-asked", Status.PASSED, "The API can be asked.", "It gave a token.")
    open_, done, made_by_api = (
        next(one for one in make_sheet(each).sections if one.title == "Next steps: Cyclr partner")
        for each in (with_partner(), with_partner(proved), with_partner(by_api))
    )
    assert made_by_api.rows == ()
    assert [row.value for row in open_.rows] == ["Paste the Consumer Key.", "Paste the Consumer Secret."]
    assert (done.rows, done.intro) == ((), "Nothing to do.")


def test_a_refresh_that_is_proved_has_its_next_test_in_three_weeks() -> None:
    full = with_partner(stored("refresh-works-later", Status.PASSED, "It lives on.", "It was renewed."))
    assert partner_sections(full, PartnerFacts())[2].rows[0].name == "By 2026-12-14"
    assert NOW.date().isoformat() == "2026-11-23"


def test_no_secret_comes_through_whatever_the_partner_tells() -> None:
    canary = Secret("canary-of-the-partner-1a2b3c4d5e6f").reveal()
    token = "00DgK0000000BlP!" + "AQEAQ" * 19
    poison = f"{canary} {token}"
    full = with_partner(
        stored("partner-sends-this-consumer-key", Status.PASSED, poison, poison),
        stored("both-sides-are-proved", Status.WARNING, poison, poison),
        partner_client_id=poison,
    )
    full = replace(
        full,
        profile=replace(full.profile, label=poison),
        connection=replace(full.connection, variables={"service_domain": poison}),
    )
    seen = PartnerFacts(account=poison, connector=poison, account_client_id=poison, attested=ATTESTED)
    sheet = make_sheet(full, more=partner_sections(full, seen))
    for text in (sheet_page(sheet), sheet_markdown(sheet), repr(sheet)):
        assert canary not in text
        assert token not in text
