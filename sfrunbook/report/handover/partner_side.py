"""The partner's part of the sheet: what was entered where, what is verified, and when to test again; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sfrunbook.core.errors import problem
from sfrunbook.core.model import Status
from sfrunbook.core.moments import local_and_utc
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.handover.open_points import BY_API, LATER, VERDICT
from sfrunbook.report.handover.sheet import (
    ATTESTED,
    RETEST_AFTER,
    Facts,
    Row,
    Section,
    StepFacts,
    finding_row,
    fingerprint,
    not_tried_row,
)
from sfrunbook.store.partner_record import Attested
from sfrunbook.store.progress import StoredFinding

__all__ = ["PARTNER_STEP", "PartnerFacts", "partner_sections"]

#: the step whose findings are in these sections
PARTNER_STEP = "partner"
_KEY = "partner-sends-this-consumer-key"
_SHOWN = "a-method-response-was-shown"


@dataclass(frozen=True, kw_only=True)
class PartnerFacts:
    """Facts from the partner's API and this machine's record, beside the findings; empty where unknown."""

    account: str = ""
    connector: str = ""
    #: Client ID that the account has of its own, in place of the one in the partner's console
    account_client_id: str = ""
    attested: Attested | None = None
    #: UTC, from when on a method that returns data proves a refresh
    retest_after: datetime | None = None


def partner_sections(facts: Facts, partner: PartnerFacts) -> tuple[Section, ...]:
    """The sections for the sheet; `facts.shown_elsewhere` names `PARTNER_STEP`, else its findings appear twice."""
    label = facts.profile.label
    found = {finding.check: finding for finding in _step(facts).findings}
    entered = tuple(_entered(facts, partner, found))
    return (
        Section(title=f"Settings at {label}", rows=entered),
        Section(title=f"Checks at {label}", intro=_verdict(facts, found), rows=tuple(_evidence(facts, partner))),
        Section(title=f"Next check at {label}", rows=(_next_test(facts, partner, found),)),
    )


def _step(facts: Facts) -> StepFacts:
    return next(tried for tried in facts.steps if tried.step.name == PARTNER_STEP)


def _entered(facts: Facts, partner: PartnerFacts, found: dict[str, StoredFinding]) -> Iterator[Row]:
    connection, profile = facts.connection, facts.profile
    for variable in profile.variables:
        value = connection.variables.get(variable.name, "") or variable.default
        known = next((option.label for option in variable.option if option.value == value), value)
        if value:
            yield Row(name=variable.label, value=known)
    if partner.account:
        yield Row(name="Account", value=partner.account)
    if partner.connector:
        yield Row(name="Connector", value=partner.connector)
    own = partner.account_client_id
    key = fingerprint(own or connection.client_id)
    yield Row(name="Where the Client ID is entered", value=_place(facts, "client_id", "ClientId" if own else ""))
    yield Row(
        name="Fingerprint of the Client ID",
        value=f"{key} (first 12 digits of its SHA-256, to compare keys); {_sent(found)}",
    )
    place = _place(facts, "client_secret", "ClientSecret" if own else "")
    yield Row(name="Where the Client Secret is entered", value=f"{place}; the secret isn't in this summary")
    api = "not used: you set it up by hand"
    if connection.partner_client_id:
        api = f"used, with the Client ID {fingerprint(connection.partner_client_id)} (fingerprint)"
    yield Row(name=f"API of {profile.label}", value=api)


def _place(facts: Facts, copies: str, account_property: str) -> str:
    """The screen of the partner that takes the value, or the account's own property in its place."""
    if account_property:
        return f"Account: property {account_property} of the installed connector"
    places = {str(step.copies): step.where for step in facts.profile.steps}
    return f"Console: {places.get(copies, 'not named by the partner profile')}"


def _sent(found: dict[str, StoredFinding]) -> str:
    """Whether the partner has used it, which is the only way to know what is entered in its console."""
    sent = found.get(_KEY)
    if sent is None or sent.status is not Status.PASSED:
        return "we haven't seen the partner send it"
    return "the partner sends it to Salesforce"


def _evidence(facts: Facts, partner: PartnerFacts) -> Iterator[Row]:
    step = _step(facts)
    if not step.findings:
        yield not_tried_row(step)
    asked = next((finding for finding in step.findings if finding.check == BY_API), None)
    by_hand = asked is not None and asked.status is Status.SKIPPED
    for finding in step.findings:
        if by_hand and finding.status is Status.SKIPPED and finding.check not in (BY_API, VERDICT):
            continue  # each would only repeat that the API cannot be asked
        if finding.check == _SHOWN and finding.status is Status.PASSED:
            continue  # the record below has it
        yield finding_row(finding, facts)
    if partner.attested:
        pasted = f"You pasted {partner.attested.shape}; none is stored."
        at = local_and_utc(partner.attested.at)
        yield Row(name="A method of the connector returns rows.", value=pasted, outcome=ATTESTED, at=at)


def _verdict(facts: Facts, found: dict[str, StoredFinding]) -> str:
    """The words of the verdict; without a verdict, those that follow from the steps."""
    if verdict := found.get(VERDICT):
        return verdict.detail
    ours = next((tried.findings for tried in facts.steps if tried.step.name == "try_it"), ())
    proved = bool(ours) and all(finding.status.is_good for finding in ours)
    code = "partner-side-not-proved" if proved else "no-side-proved"
    return diagnosis_of(problem(code, partner=facts.profile.label)).what


def _next_test(facts: Facts, partner: PartnerFacts, found: dict[str, StoredFinding]) -> Row:
    label, again = facts.profile.label, "Check again"
    later = found.get(LATER)
    if later is None or later.status is not Status.PASSED:
        day = f"From {local_and_utc(partner.retest_after)}" if partner.retest_after else "1 day after the login"
        return Row(name=day, value=f"{again}. Only then can we verify that {label} refreshes its access.")
    day = f"By {facts.made_at + RETEST_AFTER:%Y-%m-%d}"
    return Row(name=day, value=f"{again} by then, to see that {label}'s access is still valid.")
