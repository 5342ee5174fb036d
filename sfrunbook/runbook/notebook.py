"""A notebook at work on a connection: what every step needs, and what its verbs found so far."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sfrunbook.checks import PARTNER
from sfrunbook.checks.registry import finding_of_error
from sfrunbook.connection import OpenConnection, open_connection
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Failure, Finding, Run, Status
from sfrunbook.report.cards import Card, Link, finding_card, findings_card, run_card
from sfrunbook.report.cards import card as plain_card
from sfrunbook.report.text import run_text
from sfrunbook.report.words import headline
from sfrunbook.runbook.background import LiveCards
from sfrunbook.runbook.display_guard import guard_displays
from sfrunbook.runbook.kernel import someone_is_there
from sfrunbook.runbook.needs import login_needed, passphrase_needed, waiting
from sfrunbook.salesforce.oauth.hosts import HostKind, classify
from sfrunbook.store.connections import CURRENT_NAME, RESERVED_NAME, ConnectionBook, home
from sfrunbook.store.journal import JOURNAL_VARIABLE, Journal
from sfrunbook.store.progress import ROAD
from sfrunbook.store.sealed_values import tell_runner

if TYPE_CHECKING:
    from sfrunbook.runbook.widgets import GoOn

__all__ = ["GOOD", "Notebook", "RunbookNotPassedError"]

GOOD = (Status.PASSED, Status.WARNING)
_ORDER = tuple(step.name for step in ROAD)
_FIRST = _ORDER[0]


class RunbookNotPassedError(RunbookError):
    """Raised by `summary` in an unattended run; a notebook shows the verdict in place of a traceback."""

    def __init__(self, failure: Failure, text: str) -> None:
        super().__init__(failure)
        self.args = (text.splitlines()[0],)
        self._text = text

    def _render_traceback_(self) -> list[str]:
        return self._text.splitlines()


class Notebook:
    """One connection opened for one notebook, with the findings, the journal and the cards that change.

    `attended` says whether someone is there to fill in forms. Until the predicate given to `require_for_done` holds,
    a step that has passed is still to do.
    """

    def __init__(self, name: str, *, step: str) -> None:
        tell_runner(os.environ)
        guard_displays()
        self.step = step
        self.attended = someone_is_there()
        self.live = LiveCards()
        self.findings: dict[str, Finding] = {}
        self._may_be_done: Callable[[], bool] = lambda: True
        self._next: GoOn | None = None
        self._journal = Journal(os.environ.get(JOURNAL_VARIABLE))
        self._started_at, self._started = datetime.now(UTC), time.monotonic()
        if name == CURRENT_NAME:
            name = ConnectionBook(home(os.environ)).current() if self.attended else RESERVED_NAME
        self.open(name)

    def open(self, name: str) -> None:
        """Work on this connection and forget the findings about another; an error becomes a finding."""
        self.name = name
        self._opened: OpenConnection | None = None
        self.findings.clear()
        try:
            self._opened = open_connection(name, os.environ, at_partner=self.step == PARTNER)
        except RunbookError as error:
            self.found([finding_of_error("connection-is-bound", "The connection is known.", error)])
            return
        self._journal.bound(self.host)
        try:
            self._fill_in_practice_secret()
        except RunbookError as error:
            claim = "The Consumer Secret is kept where this runbook can reach it."
            self.found([finding_of_error("consumer-secret-is-kept", claim, error)])

    def _fill_in_practice_secret(self) -> None:
        """Store the secret of the practice app when no one is there to enter it."""
        opened = self._opened
        if opened and opened.practice and not self.attended and opened.client_secret() is None:
            opened.keep_client_secret(opened.practice.client_secret)

    def require_for_done(self, holds: Callable[[], bool]) -> None:
        """A condition for this step to count as done, beside its findings."""
        self._may_be_done = holds

    # the connection

    @property
    def is_open(self) -> bool:
        """Whether there is a connection to work on."""
        return self._opened is not None

    @property
    def opened(self) -> OpenConnection:
        """The open connection; raises RunbookError `connection-not-found` where there is none."""
        if self._opened is None:
            raise problem("connection-not-found", name=self.name, known="practice")
        return self._opened

    @property
    def host(self) -> str:
        """Origin of the login host; empty without a connection."""
        return origin_of(self._opened.connection.login_url) if self._opened else ""

    @property
    def in_practice(self) -> bool:
        """Whether the org is a practice org on this machine."""
        return classify(self.host).kind is HostKind.LOOPBACK

    def display(self) -> None:
        """Show the card of the connection, which changes when someone chooses another one."""
        if not self.attended:
            raise NotImplementedError  # IPython then shows it as it shows everything
        self.live.show("bound", self.card)

    def card(self) -> Card:
        """Which connection this notebook works with, and how to choose another."""
        go = Link("Open 00_start.ipynb", "00_start.ipynb") if self.attended and self.step != _FIRST else None
        if self._opened is None:
            fault = finding_card(self.findings["connection-is-bound"])
            return fault + plain_card("Connections are chosen in 00_start.", go=go) if go else fault
        connection = self._opened.connection
        what = "It is practice: nothing real is touched." if self.in_practice else "It is a real Salesforce org."
        lines = (
            f"It logs in at {self.host}, {classify(self.host).description}.",
            f"App in Salesforce: {connection.app_kind.label}.",
            f"Partner: {self._opened.profile.label}.",
            self._how_to_change(),
        )
        title = f"This notebook works with the connection “{connection.name}”. {what}"
        return plain_card(title, "\n".join(lines), go=go)

    def _how_to_change(self) -> str:
        if not self.attended:
            return "Another one is chosen by its name, in the parameter connection."
        if self.step == _FIRST:
            return "Not the one you mean? Choose another below; it is then used by every notebook."
        return "Not the one you mean? Choose another in 00_start, come back, and choose Run > Run All Cells."

    # what a step needs

    def missing_login(self) -> Card | None:
        """What to show where no login is stored; unattended, one is requested where that is possible."""
        if self.opened.grants.stored() is not None:
            return None
        if self.attended:
            return login_needed(self.opened, self.step)
        self.opened.login.log_in_unattended()
        return None

    def missing_passphrase(self, error: RunbookError) -> Card | None:
        """What to show where the store is locked; None for any other error, or when no one is there to unlock it."""
        return passphrase_needed(error, self.opened, self.step) if self.attended else None

    # cards that change

    def show(self, name: str, make: Callable[[], Card]) -> Card | None:
        """A card that changes in place; a plain one when unattended."""
        return self.live.show(name, lambda: self._unless_locked(make)) if self.attended else make()

    def _unless_locked(self, make: Callable[[], Card]) -> Card:
        try:
            return make()
        except RunbookError as error:
            if missing := self.missing_passphrase(error):
                return missing
            raise

    def in_short(self, name: str, card: Card) -> Card:
        """The headline alone where the card `name` shows every check a little further down."""
        if not self.live.shows(name):
            return card
        run = self.run()
        return plain_card(headline(run), "Each check is shown a little further down.", run.status)

    # findings

    def check(self, stage: str, *, only: Iterable[str] = ()) -> Card:
        """Run the checks of a stage, or some of them, with this notebook's findings so far."""
        return self.found(self.opened.checks.run(stage, only=only, known=self.findings.values()))

    def found(self, findings: Iterable[Finding]) -> Card:
        """Record findings and show them."""
        return findings_card(self.record(findings))

    def record(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Explain findings and record them, the latest of each check: in memory, in the journal and as progress."""
        explained = self._explained(findings)
        for finding in explained:
            self.findings[finding.check] = finding
            self._journal.finding(finding)
        if self._opened and self.step in _ORDER:
            self._opened.progress.record(self.step, self.standing(), datetime.now(UTC), explained)
        self.live.refresh("summary")
        self.update_next_link()
        return explained

    def _explained(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        if self._opened is None:
            return tuple(findings)
        if self.step == PARTNER:
            return self._opened.checks.place(findings)
        return self._opened.checks.explain(findings)

    def standing(self) -> Status:
        """The status of the step; `skipped` while it is still to do."""
        status = self.run().status
        if self._nothing_checked() or (status in GOOD and not self._may_be_done()):
            return Status.SKIPPED
        return status

    def _nothing_checked(self) -> bool:
        return all(finding.status is Status.SKIPPED for finding in self.findings.values())

    def run(self) -> Run:
        """Everything that this notebook has found."""
        return Run(
            title=self.step,
            connection=self.name,
            host=self.host,
            started_at=self._started_at,
            duration_seconds=time.monotonic() - self._started,
            findings=tuple(self.findings.values()),
        )

    # the end of the notebook

    def summary(self) -> Card | None:
        """The verdict over everything this notebook found; raises RunbookNotPassedError when no one is there.

        With someone there it changes as they go on, and a link leads to the next notebook.
        """
        run = self.run()
        self._journal.end()
        if not self.attended and run.status not in GOOD:
            causes = (found.diagnosis.failure for found in run.findings if found.diagnosis and found.status not in GOOD)
            not_passed = problem("notebook-not-passed", notebook=self.step).failure
            raise RunbookNotPassedError(next(causes, not_passed), run_text(run))
        shown = self.show("summary", self.verdict)
        if self.attended and shown is None:
            self.show_next_link()
        return shown

    def verdict(self) -> Card:
        """The verdict as things are now; while nothing is done, what to do."""
        run = self.run()
        if not self.attended or self.standing() is not Status.SKIPPED:
            return run_card(run)
        if self._nothing_checked():
            what = "Nothing could be checked yet." if run.findings else "Nothing was checked yet."
            return waiting(what, "What you can do stands above; this card then changes.")
        how = "What could be checked stands below, what is to do above."
        return waiting("This step is not done yet.", how) + run_card(run)

    def show_next_link(self) -> None:
        """Below the verdict, the link to the next notebook, once this step is done."""
        if self.step not in _ORDER[:-1]:
            return
        from IPython.display import display

        from sfrunbook.runbook.widgets import GoOn

        self._next = GoOn()
        self.update_next_link()
        display(self._next)  # type: ignore[no-untyped-call]

    def update_next_link(self) -> None:
        """The link as things are now."""
        if self._next:
            self._next.offer(self._next_notebook(), done=self.standing() in GOOD)

    def _next_notebook(self) -> str:
        """The notebook that comes next; from the first notebook, that of the first step that is not done.

        When all is done it is the last notebook, where the login is refreshed.
        """
        states = self._opened.progress.states() if self._opened and self.step == _FIRST else {}
        done = {name for name, state in states.items() if state.status in GOOD}
        later = ROAD[_ORDER.index(self.step) + 1 :]
        return next((step for step in later if step.name not in done), later[-1]).notebook
