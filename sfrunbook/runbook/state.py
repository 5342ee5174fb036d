"""The state of the page: the open connection and what is known of it. Every output of the page is a view of this."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum

from sfrunbook.checks.registry import finding_of_error
from sfrunbook.connection import OpenConnection, open_connection
from sfrunbook.connection.practice_org import PracticeOrg
from sfrunbook.connection.subject import subject_of
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Finding, Run, Skip, Status
from sfrunbook.report.links import NO_PAGES, Pages, pages_of
from sfrunbook.salesforce.oauth.hosts import HostKind, classify
from sfrunbook.store.connections import CURRENT_NAME, RESERVED_NAME, ConnectionBook, home
from sfrunbook.store.journal import JOURNAL_VARIABLE, Journal
from sfrunbook.store.progress import STEPS, Step, StoredFinding

__all__ = ["State", "StepState"]

_OPENED = ("connection-is-bound", "The connection can be opened.")
_SECRET = ("consumer-secret-is-kept", "The Consumer Secret is stored where the runbook can read it.")


class StepState(StrEnum):
    """How far a step is."""

    TO_DO = "to do"
    DONE = "done"
    WARNING = "done, with a warning"
    FAILED = "failed"
    COULD_NOT_CHECK = "couldn't check"
    #: it was done, and something that it depends on has changed since
    CHECK_AGAIN = "check again"

    @property
    def is_done(self) -> bool:
        return self in (StepState.DONE, StepState.WARNING)


class State:
    """One connection opened for the page, and the findings about it.

    A finding is shown only while it is about the connection as it is now: `current` leaves out every finding whose
    `about` differs, whoever has changed what.
    """

    def __init__(self, name: str, *, attended: bool) -> None:
        self.attended = attended
        self._lock = threading.RLock()
        self._findings: dict[str, dict[str, Finding]] = {}
        #: one lock for all views, so that two threads cannot wait for each other's
        self._showing = threading.RLock()
        self._updating = self._stale = False
        #: counts the changes that no view made itself
        self.round = 0
        self._views: list[Callable[[], None]] = []
        self._journal = Journal(os.environ.get(JOURNAL_VARIABLE))
        self._started_at, self._started = datetime.now(UTC), time.monotonic()
        if name == CURRENT_NAME:
            name = ConnectionBook(home(os.environ)).current() if attended else RESERVED_NAME
        self.open(name)

    # the connection

    def open(self, name: str) -> None:
        """Work on this connection from now on; an error becomes a finding of the first step."""
        with self._lock:
            self.name = name
            self._opened: OpenConnection | None = None
            self._practice_org: PracticeOrg | None = None
            self._findings = {step.name: {} for step in STEPS}
            try:
                self._opened = open_connection(name, os.environ)
            except RunbookError as error:
                self._record("connection", [finding_of_error(*_OPENED, error)], {})
            else:
                self._journal.bound(self.host)
                self._practice_org = self._find_practice_org()
                if self.attended:
                    self._read_progress()
                else:
                    self._prepare_practice()
        self.changed()

    def on_disk(self) -> Hashable:
        """What another window or the command line may change: the connections, and what every step depends on."""
        book, names = ConnectionBook(home(os.environ)), tuple[str, ...]()
        with contextlib.suppress(RunbookError):
            names = book.names()
            known = None if self.opened.practice else book.get(self.name)
            subjects = tuple(tuple(self.subject(step.name).values()) for step in STEPS)
            return names, repr(known), subjects
        return names

    def follow_disk(self) -> None:
        """Take up what others have changed on disk."""
        with contextlib.suppress(RunbookError):
            if self.opened.practice or ConnectionBook(home(os.environ)).get(self.name) == self.opened.connection:
                self.changed()
                return
        self.open(self.name)

    def _find_practice_org(self) -> PracticeOrg | None:
        with contextlib.suppress(RunbookError):  # one that is gone is reported by the checks
            return self.opened.practice_org
        return None

    def _read_progress(self) -> None:
        for step in STEPS:
            stored = self.opened.progress.findings(step.name)
            self._findings[step.name] = {found.check: _finding(found) for found in stored}

    def _prepare_practice(self) -> None:
        """Store the secret of the practice app when no one is there to enter it."""
        practice = self.opened.practice
        try:
            if practice and self.opened.client_secret() is None:
                self.opened.keep_client_secret(practice.client_secret)
        except RunbookError as error:
            self._record("key", [finding_of_error(*_SECRET, error)], self.subject("key"))

    @property
    def is_open(self) -> bool:
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

    @property
    def practice_org(self) -> PracticeOrg | None:
        """The practice org that the connection logs in to, whatever its name, met with its app; None for a real org."""
        return self._practice_org and replace(self._practice_org, client_id=self.opened.connection.client_id)

    @property
    def pages(self) -> Pages:
        """Where the screens of this org and of its partner are, for links."""
        if self._opened is None:
            return NO_PAGES
        opened, address, app_id = self._opened, "", ""
        with contextlib.suppress(RunbookError):
            app_id = opened.history.app_id(opened.connection.client_id)
            if grant := opened.grants.stored():
                address = grant.instance_url
        return pages_of(opened.connection, opened.profile, instance_url=address, app_id=app_id)

    # findings

    def subject(self, step: str) -> Mapping[str, str]:
        """What findings of this step are about now; to be read before anything is checked."""
        return subject_of(self._opened, step) if self._opened else {}

    def check(self, step: str, stage: str, *, only: Iterable[str] = ()) -> tuple[Finding, ...]:
        """Run the checks of a stage, or some of them, and record what they find."""
        opened, about = self.opened, self.subject(step)
        found = opened.checks.run(stage, only=only, known=self.every_current())
        return self.record(step, found, about, of=opened)

    def record(
        self,
        step: str,
        findings: Iterable[Finding],
        about: Mapping[str, str] | None = None,
        *,
        of: OpenConnection | None = None,
    ) -> tuple[Finding, ...]:
        """Explain findings and record them, the latest of each check: here, in the journal and as progress.

        `about` is the subject as it was before the check began, without it the present one, for what took no time. `of`
        is the connection that was checked: nothing is recorded when the page has changed to another one since.
        """
        about = self.subject(step) if about is None else about
        with self._lock:
            if of is not None and of is not self._opened:
                return ()
            recorded = self._record(step, self._explained(findings), about)
        self.changed()
        return recorded

    def _record(self, step: str, findings: Iterable[Finding], about: Mapping[str, str]) -> tuple[Finding, ...]:
        stamped = tuple(replace(finding, about=about) for finding in findings)
        for finding in stamped:
            self._findings[step][finding.check] = finding
            self._journal.finding(finding)
        if self._opened:
            self._opened.progress.record(step, datetime.now(UTC), stamped)
        return stamped

    def _explained(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return self._opened.checks.explain(findings) if self._opened else tuple(findings)

    def failed(self, step: str, check: str, claim: str, error: RunbookError) -> None:
        """Record an error as a finding."""
        self.record(step, [finding_of_error(check, claim, error)])

    def attempt(self, step: str, work: Callable[[], object]) -> bool:
        """Do what a button asks for; an error becomes a finding of the step until the next attempt.

        Returns whether it could be done.
        """
        try:
            work()
        except RunbookError as error:
            self.not_done(step, error)
            return False
        if self.finding(step, _can_be_done(step)):
            self.forget(step, _can_be_done(step))
        return True

    def not_done(self, step: str, error: RunbookError) -> tuple[Finding, ...]:
        """Record why a step could not be done."""
        claim = next(f"{each.title}." for each in STEPS if each.name == step)
        return self.record(step, [finding_of_error(_can_be_done(step), claim, error)])

    def forget(self, step: str, *checks: str) -> None:
        """Forget findings that do not apply any more."""
        with self._lock:
            for check in checks:
                self._findings[step].pop(check, None)
                if self._opened:
                    self._opened.progress.drop(step, check)
        self.changed()

    def forget_all(self) -> None:
        """Forget every finding, since the org itself was changed."""
        for step in STEPS:
            self.forget(step.name, *list(self._findings[step.name]))

    def current(self, step: str) -> tuple[Finding, ...]:
        """The findings of a step that are about the connection as it is now."""
        with self._lock:
            about = self.subject(step)
            return tuple(found for found in self._findings[step].values() if found.about == about)

    def stored(self, step: str) -> tuple[StoredFinding, ...]:
        """The current findings of a step as they are on disk, with their times."""
        about = self.subject(step)
        return tuple(found for found in self.opened.progress.findings(step) if found.about == about)

    def every_current(self) -> tuple[Finding, ...]:
        """The current findings of all steps; in an unattended run everything that was found, whatever changed since."""
        if self.attended:
            return tuple(found for step in STEPS for found in self.current(step.name))
        return tuple(found for of_step in self._findings.values() for found in of_step.values())

    def finding(self, step: str, check: str) -> Finding | None:
        """The latest finding of a check, while it is current."""
        return next((found for found in self.current(step) if found.check == check), None)

    def state_of(self, step: Step) -> StepState:
        """How far a step is, by its current findings alone."""
        found = self.current(step.name)
        statuses = {finding.status for finding in found}
        if Status.FAILED in statuses:
            return StepState.FAILED
        if Status.INCONCLUSIVE in statuses:
            return StepState.COULD_NOT_CHECK
        if any(finding.check in step.proof and _is_good(finding) for finding in found):
            return StepState.WARNING if Status.WARNING in statuses else StepState.DONE
        with self._lock:
            was_good = any(finding.status.is_good for finding in self._findings[step.name].values())
        return StepState.CHECK_AGAIN if was_good and not found else StepState.TO_DO

    def next_step(self) -> Step | None:
        """The first step that is not done; None when all are."""
        return next((step for step in STEPS if not self.state_of(step).is_done), None)

    def run(self) -> Run:
        """The findings as one run."""
        return Run(
            title="Runbook",
            connection=self.name,
            host=self.host,
            started_at=self._started_at,
            duration_seconds=time.monotonic() - self._started,
            findings=self.every_current(),
        )

    def end(self) -> None:
        """The journal's mark that the notebook ran to its end."""
        self._journal.end()

    # views

    def on_change(self, view: Callable[[], None]) -> None:
        """Call `view` now and after each change, one view at a time."""
        self._views.append(view)
        with self._showing:
            view()

    def changed(self) -> None:
        """Update every view; a change that a view makes itself is shown by another round, in the same thread."""
        with self._showing:
            self._stale = True
            if self._updating:
                return
            self._updating = True
            self.round += 1
            try:
                while self._stale:
                    self._stale = False
                    for view in tuple(self._views):
                        view()
            finally:
                self._updating = False


def _can_be_done(step: str) -> str:
    return f"{step.replace('_', '-')}-can-be-done"


def _finding(stored: StoredFinding) -> Finding:
    return Finding(
        check=stored.check,
        claim=stored.claim,
        status=stored.status,
        detail=stored.detail,
        skip=stored.skip,
        about=dict(stored.about),
    )


def _is_good(finding: Finding) -> bool:
    return finding.status.is_good or finding.skip is Skip.DOES_NOT_APPLY
