"""Building the sheet from what is known; pure, and no text of it holds a secret."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sfrunbook.core.model import Connection, Finding, Org, Status
from sfrunbook.core.moments import moment
from sfrunbook.core.secrets.redaction import redact, shortened
from sfrunbook.core.words import marks_legend, skip_word
from sfrunbook.partners import PartnerProfile
from sfrunbook.report.handover.open_points import BY_API, VERDICT, YOU, is_open, next_step, standing, whose
from sfrunbook.report.letter import RECIPIENTS, message
from sfrunbook.salesforce.api import Identity
from sfrunbook.store.progress import Attestation, KeptFinding, Step

__all__ = [
    "ATTESTED",
    "NOT_PROVED",
    "Facts",
    "Letter",
    "Row",
    "Section",
    "Sheet",
    "StepFacts",
    "finding_row",
    "fingerprint",
    "make_sheet",
    "not_tried_row",
]

#: where the app limits idle refresh tokens, one that nobody uses ends after 30 days (likely); a test in good time uses
#: it. Source: https://help.salesforce.com/s/articleView?id=xcloud.eca_limit_idle_refresh_token_ttl.htm
_RETEST = timedelta(days=21)
_GOOD = (Status.PASSED, Status.WARNING)
NOT_PROVED = "not proved"
ATTESTED = "attested by you"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line: what it is about, what is said of it, and where it is a check, how that ended and when."""

    name: str
    value: str
    #: a word of `Status`, why it was skipped, `not proved` or `attested by you`; empty where nothing was checked
    outcome: str = ""
    #: who can close it, of a line that is open: `YOU`, `NEXT_TEST`, or one of `message.RECIPIENTS`
    open_for: str = ""
    #: UTC, in words; empty where no time belongs to it
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message to copy to somebody who has to act."""

    to: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading, a sentence, lines and letters."""

    title: str
    rows: tuple[Row, ...]
    intro: str = ""
    letters: tuple[Letter, ...] = ()
    #: whether whoever makes the sheet has something to do first, so that it stands open
    is_yours: bool = False

    @property
    def is_evidence(self) -> bool:
        """Whether its rows tell outcomes."""
        return any(row.outcome for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The whole sheet, in the order in which it is read."""

    connection: str
    #: UTC
    made_at: datetime
    headline: str
    #: what whoever reads this does next
    next_step: str
    sections: tuple[Section, ...]
    #: what the marks on it mean; empty where it bears none
    legend: str = ""


@dataclass(frozen=True, kw_only=True)
class StepFacts:
    """A step of the road, and the latest finding of each of its checks; none where it was never tried."""

    step: Step
    findings: tuple[KeptFinding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that the sheet is made of."""

    connection: Connection
    profile: PartnerProfile
    #: screen of Salesforce where the app is registered
    screen: str
    app_names: tuple[str, ...]
    callbacks: tuple[str, ...]
    made_at: datetime
    org: Org | None = None
    who: Identity | None = None
    steps: tuple[StepFacts, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    #: findings of this session with their diagnoses, for the letters
    findings: tuple[Finding, ...] = field(default=())
    #: names of steps whose evidence stands in a section that is added to the sheet
    told_elsewhere: tuple[str, ...] = ()


def fingerprint(client_id: str) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of a Consumer Key."""
    return hashlib.sha256(client_id.encode()).hexdigest()[:12] if client_id else "no Consumer Key is kept"


def make_sheet(facts: Facts, *, more: Iterable[Section] = ()) -> Sheet:
    """The sheet; `more` sections stand before what remains."""
    evidence, added = _evidence(facts), tuple(more)
    told = [row for section in (evidence, *added) for row in section.rows if row.outcome]
    owners = Counter(row.open_for for row in told if row.open_for)
    sections = (_registered(facts), _org(facts), evidence, *added, *_remains(facts), _next_test(facts))
    return Sheet(
        connection=redact(facts.connection.name),
        made_at=facts.made_at,
        headline=redact(standing(facts.connection.name, owners, len(told))),
        next_step=next_step(owners),
        sections=tuple(_clean(section) for section in sections),
        legend=marks_legend(*(row.value for section in sections for row in section.rows)),
    )


def _registered(facts: Facts) -> Section:
    connection, profile = facts.connection, facts.profile
    rows = [
        Row(name="App", value=", ".join(facts.app_names) or "not named by the partner profile"),
        Row(name="Kind of app", value=connection.app_kind.label),
        Row(name="Registered at", value=facts.screen),
        Row(name="Login address", value=connection.login_url),
        Row(name="Consumer Key", value=shortened(connection.client_id) if connection.client_id else "none is kept"),
        Row(
            name="Fingerprint of the Consumer Key",
            value=f"{fingerprint(connection.client_id)} (to compare keys by: first 12 digits of its SHA-256)",
        ),
        Row(name="Consumer Secret", value="It stands on no sheet; it is kept where the notebook 02 put it."),
        *(Row(name="Callback URL that the app must list", value=callback) for callback in facts.callbacks),
        *(Row(name="Selected OAuth Scope", value=scope.label) for scope in profile.scope_rows),
        Row(name="Partner", value=profile.label),
    ]
    return Section(title="What was registered, and where", rows=tuple(rows))


def _org(facts: Facts) -> Section:
    org, who = facts.org, facts.who
    if org is None:
        rows = [
            Row(name="Org id", value=facts.connection.org_id or "not known"),
            Row(name="Name and kind", value="The org was not asked: log in with 03_authorize.ipynb first."),
        ]
    else:
        rows = [
            Row(name="Name", value=org.name),
            Row(name="Org id", value=org.org_id),
            Row(name="Kind", value=org.kind.value),
            Row(name="Edition", value=org.edition),
            Row(name="Address", value=org.instance_url),
            Row(name="User who allowed access", value=f"{who.display_name} ({who.username})" if who else "not told"),
        ]
    return Section(title="The org", rows=tuple(rows))


def _evidence(facts: Facts) -> Section:
    rows: list[Row] = []
    for one in (each for each in facts.steps if each.step.name not in facts.told_elsewhere):
        if not one.findings:
            rows.append(not_tried_row(one))
        rows += [finding_row(finding, facts) for finding in one.findings]
    rows += [
        Row(
            name=said.claim,
            value=f"{said.by} says so; it cannot be seen from here.",
            outcome=ATTESTED,
            at=_when(said.at),
        )
        for said in facts.attestations
    ]
    intro = (
        "Each line is a claim, how its check ended, and what was seen. What failed, is not proved or is still to do "
        "is an open point."
    )
    return Section(title="Evidence", intro=intro, rows=tuple(rows))


def not_tried_row(one: StepFacts) -> Row:
    """A step that nobody has tried, as a line of the evidence."""
    todo = f"This step was not tried. Open {one.step.notebook} and choose Run > Run All Cells."
    return Row(name=one.step.outcome, value=todo, outcome=NOT_PROVED, open_for=YOU)


def finding_row(finding: KeptFinding, facts: Facts) -> Row:
    """A check's latest finding as a line of the evidence; what could not be checked is not proved."""
    outcome = finding.status.value
    if finding.skip:
        outcome = skip_word(finding.status, finding.skip)
    elif is_open(finding) and finding.status is not Status.FAILED:
        outcome = NOT_PROVED
    return Row(
        name=finding.claim,
        value=finding.detail or finding.claim,
        outcome=outcome,
        at=_when(finding.at),
        open_for=whose(finding, facts.findings) if is_open(finding) else "",
    )


def _remains(facts: Facts) -> Iterator[Section]:
    letters = [
        Letter(to=to, text=message(one.diagnosis, to=to, connection=facts.connection, callbacks=facts.callbacks))
        for one in facts.findings
        if one.diagnosis and one.status not in _GOOD
        for to in RECIPIENTS
    ]
    letters = list({(letter.to, letter.text): letter for letter in letters if letter.text}.values())
    administrator, partner = RECIPIENTS
    yield _part_of(administrator, [], letters, "Nothing is known that the administrator has left to do.")
    passed = {one.check for step in facts.steps for one in step.findings if one.status is Status.PASSED}
    todo = () if passed & {VERDICT, BY_API} else facts.profile.steps
    steps = [Row(name=f"Step {number}: {one.where}", value=one.what) for number, one in enumerate(todo, 1)]
    yield _part_of(partner, steps, letters, "Nothing is known that the partner has left to do.")
    yield _part_of(YOU, list(_yours(facts)), [], "Nothing is left to do in these notebooks.")


def _part_of(to: str, rows: list[Row], letters: list[Letter], nothing: str) -> Section:
    own = tuple(letter for letter in letters if letter.to == to)
    title = f"What remains: {to.lower() if to == YOU else to}"
    yours = to == YOU and bool(rows)
    return Section(title=title, rows=tuple(rows), letters=own, intro="" if rows or own else nothing, is_yours=yours)


def _yours(facts: Facts) -> Iterator[Row]:
    for one in facts.steps:
        if not one.findings:
            yield Row(name=one.step.notebook, value="Run this notebook: its step was not tried.")
        mine = [finding for finding in one.findings if is_open(finding) and whose(finding, facts.findings) == YOU]
        waiting = [finding for finding in mine if finding.status is Status.SKIPPED]
        for finding in mine:
            if finding not in waiting:
                yield Row(name=one.step.notebook, value=f"Mend and run again: {finding.detail or finding.claim}")
        if waiting:
            points = f"{len(waiting)} {'point is' if len(waiting) == 1 else 'points are'} still to do"
            yield Row(name=one.step.notebook, value=f"Run this notebook: {points}. The first: {waiting[0].claim}")


def _next_test(facts: Facts) -> Section:
    day = (facts.made_at + _RETEST).strftime("%Y-%m-%d")
    why = (
        "Run the notebook 04_test_query again by then. Where the app limits idle refresh tokens, one that nobody uses "
        "ends after 30 days (likely)."
    )
    return Section(title="Next test", rows=(Row(name=f"By {day}", value=why),))


def _when(at: str) -> str:
    """`2026-11-23T10:15:30+00:00` as `2026-11-23 10:15 UTC`."""
    found = moment(at)
    return f"{found:%Y-%m-%d %H:%M} UTC" if found else ""


def _clean(section: Section) -> Section:
    rows = (replace(row, name=redact(row.name), value=redact(row.value)) for row in section.rows)
    letters = (replace(letter, text=redact(letter.text)) for letter in section.letters)
    return replace(
        section, title=redact(section.title), intro=redact(section.intro), rows=tuple(rows), letters=tuple(letters)
    )
