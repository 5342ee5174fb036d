"""Builds the summary from the facts handed over; pure, and no text in it contains a secret."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sfrunbook.core.model import Connection, Finding, Org, Status
from sfrunbook.core.moments import local_and_utc, moment
from sfrunbook.core.secrets.redaction import redact, shortened
from sfrunbook.core.words import counted, marks_legend, skip_word
from sfrunbook.partners import PartnerProfile
from sfrunbook.report.handover.open_points import BY_API, VERDICT, YOU, is_open, next_step, standing, who_acts
from sfrunbook.report.letter import RECIPIENTS, message
from sfrunbook.report.links import Pages, links_for, pages_of
from sfrunbook.salesforce.api import Identity
from sfrunbook.salesforce.setup_links import SetupLink, search_hint
from sfrunbook.store.progress import Step, StoredFinding

__all__ = [
    "ATTESTED",
    "NOT_PROVED",
    "RETEST_AFTER",
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

#: where the app limits idle refresh tokens, an unused one expires after 30 days (likely); a test in good time uses
#: it. Source: https://help.salesforce.com/s/articleView?id=xcloud.eca_limit_idle_refresh_token_ttl.htm
RETEST_AFTER = timedelta(days=21)
NOT_PROVED = "not verified"
ATTESTED = "confirmed by you"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line: what it is about, its value, and for a check how that ended and when."""

    name: str
    value: str
    #: a word of `Status`, why it was skipped, `not verified` or `confirmed by you`; empty where nothing was checked
    outcome: str = ""
    #: who can close it, where the line is open: `YOU`, `NEXT_TEST`, or one of `letter.RECIPIENTS`
    open_for: str = ""
    #: a time in words; empty where no time belongs to it
    at: str = ""
    #: to the screens that it names
    links: tuple[SetupLink, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Letter:
    to: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Section:
    title: str
    rows: tuple[Row, ...]
    intro: str = ""
    letters: tuple[Letter, ...] = ()

    @property
    def is_evidence(self) -> bool:
        return any(row.outcome for row in self.rows)

    @property
    def hint(self) -> str:
        """What to do where a link of its rows doesn't open its page; empty without links into Setup."""
        return search_hint(tuple(link for row in self.rows for link in row.links))


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The whole sheet, in the order in which it is read."""

    connection: str
    #: UTC
    made_at: datetime
    headline: str
    #: what the reader does next
    next_step: str
    sections: tuple[Section, ...]
    #: what the marks on it mean; empty where it has none
    legend: str = ""


@dataclass(frozen=True, kw_only=True)
class StepFacts:
    """A step and the latest finding of each of its checks; no findings where it was never tried."""

    step: Step
    findings: tuple[StoredFinding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Facts:
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
    #: findings of this session with their diagnoses, for the letters
    findings: tuple[Finding, ...] = field(default=())
    #: until when access is valid, in words; empty where that is not known
    valid_until: str = ""
    #: names of steps whose evidence is in a section that is added to the sheet
    shown_elsewhere: tuple[str, ...] = ()

    @property
    def pages(self) -> Pages:
        return pages_of(self.connection, self.profile, instance_url=self.org.instance_url if self.org else "")


def fingerprint(client_id: str) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of a Consumer Key."""
    return hashlib.sha256(client_id.encode()).hexdigest()[:12] if client_id else "no Consumer Key is saved"


def make_sheet(facts: Facts, *, more: Iterable[Section] = ()) -> Sheet:
    """The summary, results first; `more` sections come after the checks."""
    evidence, added = _evidence(facts), tuple(more)
    points = [row for section in (evidence, *added) for row in section.rows if row.outcome]
    owners = Counter(row.open_for for row in points if row.open_for)
    sections = (_org(facts), *_remains(facts), _next_test(facts), evidence, *added, _registered(facts))
    return Sheet(
        connection=redact(facts.connection.name),
        made_at=facts.made_at,
        headline=redact(standing(facts.connection.name, owners, len(points))),
        next_step=next_step(owners),
        sections=tuple(_clean(section) for section in sections),
        legend=marks_legend(*(row.value for section in sections for row in section.rows)),
    )


def _registered(facts: Facts) -> Section:
    connection, profile = facts.connection, facts.profile
    rows = [
        Row(name="App", value=", ".join(facts.app_names) or "not named by the partner profile"),
        Row(name="Kind of app", value=connection.app_kind.label),
        Row(name="Registered at", value=facts.screen, links=links_for(facts.screen, facts.pages)),
        Row(name="Login address", value=connection.login_url),
        Row(name="Consumer Key", value=shortened(connection.client_id) if connection.client_id else "none is saved"),
        Row(
            name="Fingerprint of the Consumer Key",
            value=f"{fingerprint(connection.client_id)} (first 12 digits of its SHA-256, to compare keys)",
        ),
        Row(name="Consumer Secret", value="saved encrypted; it isn't in this summary"),
        *(Row(name="Callback URL", value=callback) for callback in facts.callbacks),
        *(Row(name="Selected OAuth Scope", value=scope.label) for scope in profile.scope_rows),
        Row(name="Partner", value=profile.label),
    ]
    return Section(title="The app in Salesforce", rows=tuple(rows))


def _org(facts: Facts) -> Section:
    org, who = facts.org, facts.who
    if org is None:
        rows = [
            Row(name="Org ID", value=facts.connection.org_id or "not known"),
            Row(name="Name and kind", value="not known yet: log in to Salesforce first"),
        ]
    else:
        rows = [
            Row(name="Name", value=org.name),
            Row(name="Org ID", value=org.org_id),
            Row(name="Kind", value=org.kind.value),
            Row(name="Edition", value=org.edition),
            Row(name="Address", value=org.instance_url),
            Row(name="Logged in as", value=f"{who.display_name} ({who.username})" if who else "not reported"),
        ]
    if facts.valid_until:
        rows.append(Row(name="Valid until", value=facts.valid_until))
    return Section(title="What is connected", rows=tuple(rows))


def _evidence(facts: Facts) -> Section:
    rows: list[Row] = []
    for tried in facts.steps:
        if tried.step.name not in facts.shown_elsewhere:
            rows += [finding_row(finding, facts) for finding in tried.findings] or [not_tried_row(tried)]
    return Section(title="Checks", rows=tuple(rows))


def not_tried_row(step_facts: StepFacts) -> Row:
    """A step that was not tried, as a line of the checks."""
    step = step_facts.step
    return Row(name=step.title, value="Not done yet.", outcome=NOT_PROVED, open_for=YOU)


def finding_row(finding: StoredFinding, facts: Facts) -> Row:
    """A check's latest finding as a line of the checks; what could not be checked is not verified."""
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
        open_for=who_acts(finding, facts.findings) if is_open(finding) else "",
    )


def _remains(facts: Facts) -> Iterator[Section]:
    letters = [
        Letter(to=to, text=message(finding.diagnosis, to=to, connection=facts.connection, callbacks=facts.callbacks))
        for finding in facts.findings
        if finding.diagnosis and not finding.status.is_good
        for to in RECIPIENTS
    ]
    letters = list({(letter.to, letter.text): letter for letter in letters if letter.text}.values())
    administrator, partner = RECIPIENTS
    yield _part_of(administrator, [], letters)
    passed = {found.check for step in facts.steps for found in step.findings if found.status is Status.PASSED}
    todo = () if passed & {VERDICT, BY_API} else facts.profile.steps
    steps, linked = list[Row](), set[SetupLink]()
    for number, step in enumerate(todo, 1):
        new = tuple(link for link in links_for(step.where, facts.pages) if link not in linked)
        linked.update(new)
        steps.append(Row(name=f"Step {number}: {step.where}", value=step.what, links=new))
    yield _part_of(partner, steps, letters)
    yield _part_of(YOU, list(_yours(facts)), [])


def _part_of(to: str, rows: list[Row], letters: list[Letter]) -> Section:
    own = tuple(letter for letter in letters if letter.to == to)
    title = f"Next steps: {to.lower() if to == YOU else to}"
    return Section(title=title, rows=tuple(rows), letters=own, intro="" if rows or own else "Nothing to do.")


def _yours(facts: Facts) -> Iterator[Row]:
    for tried in facts.steps:
        notebook = tried.step.title
        if not tried.findings:
            yield Row(name=notebook, value="Do this step.")
        mine = [finding for finding in tried.findings if is_open(finding) and who_acts(finding, facts.findings) == YOU]
        waiting = [finding for finding in mine if finding.status is Status.SKIPPED]
        for finding in mine:
            if finding not in waiting:
                yield Row(name=notebook, value=f"Fix this, then check again: {finding.detail or finding.claim}")
        if waiting:
            points = f"{counted(len(waiting), 'check is', 'checks are')} still to do"
            yield Row(name=notebook, value=f"{points}. The first: {waiting[0].claim}")


def _next_test(facts: Facts) -> Section:
    day = (facts.made_at + RETEST_AFTER).strftime("%Y-%m-%d")
    why = "Check again by then. If the app limits idle refresh tokens, an unused one expires after 30 days (likely)."
    return Section(title="Next check", rows=(Row(name=f"By {day}", value=why),))


def _when(at: str) -> str:
    found = moment(at)
    return local_and_utc(found) if found else ""


def _clean(section: Section) -> Section:
    rows = (replace(row, name=redact(row.name), value=redact(row.value)) for row in section.rows)
    letters = (replace(letter, text=redact(letter.text)) for letter in section.letters)
    return replace(
        section, title=redact(section.title), intro=redact(section.intro), rows=tuple(rows), letters=tuple(letters)
    )
