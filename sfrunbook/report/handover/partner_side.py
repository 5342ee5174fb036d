"""The partner's part of the sheet: what was entered where, what is proved of its side, and when to look again; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sfrunbook.core.errors import problem
from sfrunbook.core.model import Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.handover.open_points import BY_API, LATER, VERDICT
from sfrunbook.report.handover.sheet import (
    ATTESTED,
    Facts,
    Row,
    Section,
    StepFacts,
    finding_row,
    fingerprint,
    not_tried_row,
)
from sfrunbook.store.partner_record import Attested
from sfrunbook.store.progress import KeptFinding

__all__ = ["PARTNER_STEP", "PartnerSeen", "partner_sections"]

#: the step of the road whose findings stand in these sections
PARTNER_STEP = "partner"
#: an installation that nobody uses may lose its refresh token after 30 days (likely); three weeks are in good time
_RETEST = timedelta(days=21)
_KEY = "partner-sends-this-consumer-key"
_SHOWN = "a-method-response-was-shown"
_GOOD = (Status.PASSED, Status.WARNING)


@dataclass(frozen=True, kw_only=True)
class PartnerSeen:
    """What the partner's API and this machine's record tell beside the findings; empty where they tell nothing."""

    account: str = ""
    connector: str = ""
    #: Client ID that the account has of its own, in place of the one in the partner's console
    account_client_id: str = ""
    attested: Attested | None = None
    #: UTC, from when on a method that returns data proves a refresh
    retest_after: datetime | None = None


def partner_sections(facts: Facts, seen: PartnerSeen) -> tuple[Section, ...]:
    """The sections for the sheet; `facts.told_elsewhere` names `PARTNER_STEP`, or its findings would stand twice."""
    label = facts.profile.label
    found = {one.check: one for one in _step(facts).findings}
    entered = tuple(_entered(facts, seen, found))
    return (
        Section(title=f"What was entered at {label}, and where", rows=entered),
        Section(
            title=f"Evidence of the {label} side", intro=_verdict(facts, found), rows=tuple(_evidence(facts, seen))
        ),
        Section(title=f"Next test at {label}", rows=(_next_test(facts, seen, found),)),
    )


def _step(facts: Facts) -> StepFacts:
    return next(one for one in facts.steps if one.step.name == PARTNER_STEP)


def _entered(facts: Facts, seen: PartnerSeen, found: dict[str, KeptFinding]) -> Iterator[Row]:
    connection, profile = facts.connection, facts.profile
    for variable in profile.variables:
        value = connection.variables.get(variable.name, "") or variable.default
        known = next((one.label for one in variable.option if one.value == value), value)
        if value:
            yield Row(name=variable.label, value=known)
    if seen.account:
        yield Row(name="Account", value=seen.account)
    if seen.connector:
        yield Row(name="Connector", value=seen.connector)
    own = seen.account_client_id
    key = fingerprint(own or connection.client_id)
    yield Row(name="Where the Client ID is entered", value=_place(facts, "client_id", "ClientId" if own else ""))
    yield Row(
        name="Fingerprint of the Client ID",
        value=f"{key} (to compare keys by: first 12 digits of its SHA-256); {_sent(found)}",
    )
    place = _place(facts, "client_secret", "ClientSecret" if own else "")
    yield Row(name="Where the Client Secret is entered", value=f"{place}; the secret stands on no sheet")
    told = "no API credentials are kept, so its side is done by hand"
    if connection.partner_client_id:
        told = f"Client ID with the fingerprint {fingerprint(connection.partner_client_id)}; its secret is kept apart"
    yield Row(name=f"API of {profile.label}", value=told)


def _place(facts: Facts, copies: str, account_property: str) -> str:
    """The screen of the partner that takes the value, or the account's own property in its place."""
    if account_property:
        return f"account level: property {account_property} of the installed connector"
    places = {str(step.copies): step.where for step in facts.profile.steps}
    return f"console: {places.get(copies, 'not named by the partner profile')}"


def _sent(found: dict[str, KeptFinding]) -> str:
    """Whether the partner was seen to use it, which is the only way to know what its console holds."""
    sent = found.get(_KEY)
    if sent is None or sent.status is not Status.PASSED:
        return "the partner was not seen to send it"
    return "the partner was seen to send it to Salesforce"


def _evidence(facts: Facts, seen: PartnerSeen) -> Iterator[Row]:
    step = _step(facts)
    if not step.findings:
        yield not_tried_row(step)
    asked = next((one for one in step.findings if one.check == BY_API), None)
    by_hand = asked is not None and asked.status is Status.SKIPPED
    for one in step.findings:
        if by_hand and one.status is Status.SKIPPED and one.check not in (BY_API, VERDICT):
            continue  # each would only say again that the API cannot be asked
        if one.check == _SHOWN and one.status is Status.PASSED:
            continue  # the record below tells it
        yield finding_row(one, facts)
    if seen.attested:
        told = f"A person pasted {seen.attested.shape} of Salesforce; none is kept."
        at = f"{seen.attested.at:%Y-%m-%d %H:%M} UTC"
        yield Row(name="A method of the connector returned rows of the org.", value=told, outcome=ATTESTED, at=at)


def _verdict(facts: Facts, found: dict[str, KeptFinding]) -> str:
    """The words of the notebook's verdict; before there is one, those that follow from the steps."""
    if said := found.get(VERDICT):
        return said.detail
    ours = next((one.findings for one in facts.steps if one.step.name == "query"), ())
    proved = bool(ours) and all(one.status in _GOOD for one in ours)
    code = "partner-side-not-proved" if proved else "no-side-proved"
    return diagnosis_of(problem(code, partner=facts.profile.label)).what


def _next_test(facts: Facts, seen: PartnerSeen, found: dict[str, KeptFinding]) -> Row:
    label, again = facts.profile.label, f"Run the notebook {_step(facts).step.notebook.removesuffix('.ipynb')} again"
    later = found.get(LATER)
    if later is None or later.status is not Status.PASSED:
        day = f"From {seen.retest_after:%Y-%m-%d %H:%M} UTC on" if seen.retest_after else "A day after the login"
        return Row(name=day, value=f"{again}: only then is it proved that {label} can renew its session.")
    day = f"By {facts.made_at + _RETEST:%Y-%m-%d}"
    return Row(name=day, value=f"{again} by then: it proves that the refresh token of {label} lives.")
