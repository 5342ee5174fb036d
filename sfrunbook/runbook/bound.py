"""A notebook bound to a connection: what every verb stands on."""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sfrunbook import report
from sfrunbook.checks import PARTNER
from sfrunbook.checks.registry import finding_of_error
from sfrunbook.connection import open_workbench
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Failure, Finding, Run, Skip, Status
from sfrunbook.report import Card, Link
from sfrunbook.runbook.display_guard import guard_displays
from sfrunbook.runbook.forms.background import Live
from sfrunbook.runbook.needs import Needs
from sfrunbook.salesforce.oauth.hosts import HostKind, classify
from sfrunbook.store.connections import CURRENT_NAME, RESERVED_NAME, open_book
from sfrunbook.store.journal import JOURNAL_VARIABLE, Journal
from sfrunbook.store.progress import ROAD, Step
from sfrunbook.store.sealed_values import tell_runner

if TYPE_CHECKING:
    from sfrunbook.runbook import forms as onboarding


__all__ = ["Bound", "RunbookNotPassedError", "finding", "forms", "verb"]

_P = ParamSpec("_P")
_B = TypeVar("_B", bound="Bound")
_GOOD = (Status.PASSED, Status.WARNING)


class RunbookNotPassedError(RunbookError):
    """Raised by `summary` in a headless run; a notebook shows the verdict of it and no traceback."""

    def __init__(self, failure: Failure, text: str) -> None:
        super().__init__(failure)
        self.args = (text.splitlines()[0],)
        self._text = text

    def _render_traceback_(self) -> list[str]:
        return self._text.splitlines()


def forms() -> ModuleType:
    """The forms, loaded only where there is a person to fill them in: their libraries are half a kernel's start."""
    from sfrunbook.runbook import forms

    return forms


def _someone_is_there() -> bool:
    """Whether a person sits in front: only front ends ask a kernel to allow input, papermill and nbval do not."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)
    return bool(kernel and getattr(kernel, "_allow_stdin", False)) and not os.environ.get(JOURNAL_VARIABLE)


def verb(check: str, claim: str) -> Callable[[Callable[Concatenate[_B, _P], Any]], Callable[Concatenate[_B, _P], Any]]:
    """A verb whose errors become a finding named `check`; without a bound connection it says so and does nothing."""

    def wrap(method: Callable[Concatenate[_B, _P], Any]) -> Callable[Concatenate[_B, _P], Any]:
        @functools.wraps(method)
        def wrapped(self: _B, *args: _P.args, **kwargs: _P.kwargs) -> Any:  # noqa: ANN401 - a card or a widget
            if self._bench is None:
                return report.card(
                    "Not done: this notebook has no connection to work with.",
                    "The first card above says why, and what to do.",
                    skip=Skip.TO_DO,
                )
            try:
                return method(self, *args, **kwargs)
            except RunbookError as error:
                return self._needs_key(error) or self._found([finding_of_error(check, claim, error)])

        return wrapped  # type: ignore[return-value]  # functools.wraps keeps a type of its own

    return wrap


class Bound(Needs):
    """A notebook's hold on one connection, and what its verbs have found so far."""

    def __init__(self, name: str, *, step: str) -> None:
        self._step = step
        tell_runner(os.environ)
        guard_displays()
        self._someone = _someone_is_there()
        self._live = Live()
        self._next: onboarding.NextStep | None = None
        self._journal = Journal(os.environ.get(JOURNAL_VARIABLE))
        self._findings: dict[str, Finding] = {}
        self._started_at, self._started = datetime.now(UTC), time.monotonic()
        self._desk: onboarding.LoginDesk | None = None
        self._bind(self._resolved(name))

    def _bind(self, name: str) -> None:
        """Work on this connection; what was found of another one is not true of it."""
        self._name = name
        self._bench = None
        self._findings.clear()
        try:
            self._bench = open_workbench(name, os.environ, at_partner=self._step == PARTNER)
        except RunbookError as error:
            self._found([finding_of_error("connection-is-bound", "The connection is known.", error)])
            return
        self._journal.bound(self._host)
        try:
            self._rehearse_credentials()
        except RunbookError as error:
            claim = "The Consumer Secret is kept where this runbook can reach it."
            self._found([finding_of_error("consumer-secret-is-kept", claim, error)])

    def _resolved(self, name: str) -> str:
        """What `current` stands for: a person's choice, and without a person always the practice world."""
        if name != CURRENT_NAME:
            return name
        return open_book(os.environ).current() if self._someone else RESERVED_NAME

    def __repr__(self) -> str:
        return self._card().text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self._card()._repr_mimebundle_()

    def _ipython_display_(self) -> None:
        """With a person there, the card changes when they choose another connection."""
        if not self._someone:
            raise NotImplementedError  # IPython then shows it as it shows everything
        self._live.show("bound", self._card)

    def _shown(self, name: str, make: Callable[[], Card]) -> Card | None:
        """A card that stays true while a person looks at it, and a plain one where nobody does."""
        return self._live.show(name, lambda: self._unless_locked(make)) if self._someone else make()

    def _in_short(self, name: str, card: Card) -> Card:
        """What to show beside a form of what the live card `name` tells in full a little further down."""
        if not self._live.shows(name):
            return card
        run = self._run()
        return report.card(report.headline(run), "Each check is shown a little further down.", run.status)

    def _card(self) -> Card:
        if self._bench is None:
            told = report.finding_card(self._findings["connection-is-bound"])
            if not self._someone or self._step == ROAD[0].name:
                return told
            there = report.card("Connections are chosen in 00_start.", go=Link("Open 00_start.ipynb", "00_start.ipynb"))
            return told + there
        connection = self._bench.connection
        what = "It is practice: nothing real is touched." if self._rehearsed else "It is a real Salesforce org."
        lines = [f"It logs in at {self._host}, {classify(self._host).told}."]
        lines += [
            f"App in Salesforce: {connection.app_kind.label}.",
            f"Partner: {self._bench.profile.label}.",
            self._how_to_change,
        ]
        go = Link("Open 00_start.ipynb", "00_start.ipynb") if self._someone and self._step != ROAD[0].name else None
        return report.card(
            f"This notebook works with the connection “{connection.name}”. {what}", "\n".join(lines), go=go
        )

    @property
    def _rehearsed(self) -> bool:
        """Whether the org is one on this machine."""
        return classify(self._host).kind is HostKind.LOOPBACK

    @property
    def _how_to_change(self) -> str:
        if not self._someone:
            return "Another one is chosen by its name, in the parameter connection."
        if self._step == ROAD[0].name:
            return "Not the one you mean? Choose another below; it is then used by every notebook."
        return "Not the one you mean? Choose another in 00_start, come back, and choose Run > Run All Cells."

    @property
    def _host(self) -> str:
        return origin_of(self._bench.connection.login_url) if self._bench else ""

    def _rehearse_credentials(self) -> None:
        """Without a person the practice app's secret is carried over, as a person would carry it."""
        if self._bench and self._bench.practice and not self._someone and self._bench.client_secret() is None:
            self._bench.keep_client_secret(self._bench.practice.client_secret)

    def _check(self, stage: str) -> Card:
        """The checks of a stage, in the light of what this notebook has found already."""
        return self._found(self._the_bench.check(stage, known=self._findings.values()))

    def _found(self, findings: Iterable[Finding]) -> Card:
        kept = self._keep(findings)
        return report.findings_card(kept)

    def _keep(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Remember findings, the latest of each check, in memory, in the journal and as progress on disk."""
        kept = self._explained(findings)
        for finding in kept:
            self._findings[finding.check] = finding
            self._journal.finding(finding)
        if self._bench and any(step.name == self._step for step in ROAD):
            self._bench.progress.record(self._step, self._standing(), datetime.now(UTC), kept)
        self._live.refresh("summary")
        self._lead_anew()
        return kept

    def _standing(self) -> Status:
        """How the step stands on the road; where nothing could be looked at yet, it is still to do."""
        run = self._run()
        return Status.SKIPPED if all(one.status is Status.SKIPPED for one in run.findings) else run.status

    def _explained(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        if self._bench is None:
            return tuple(findings)
        if self._step == PARTNER:
            return self._bench.placed_findings(findings)
        return self._bench.explain_findings(findings)

    def summary(self) -> Card | None:
        """The verdict over everything this notebook found; raises RunbookNotPassedError in a headless run.

        With a person there it stays true while they go on, and leads to the next notebook.
        """
        run = self._run()
        self._journal.end()
        if not self._someone and run.status not in _GOOD:
            first = next((one.diagnosis for one in run.findings if one.diagnosis and one.status not in _GOOD), None)
            not_passed = problem("notebook-not-passed", notebook=self._step).failure
            raise RunbookNotPassedError(first.failure if first else not_passed, report.run_text(run))
        shown = self._shown("summary", self._verdict_card)
        if self._someone and shown is None:
            self._lead_on()
        return shown

    def _verdict_card(self) -> Card:
        """The verdict; before a person has done anything, that it is their turn."""
        run = self._run()
        if self._someone and all(one.status is Status.SKIPPED for one in run.findings):
            what = "Nothing could be checked yet." if run.findings else "Nothing was checked yet."
            return self._waiting(what, "What you can do stands above; this card then changes.")
        shown = report.run_card(run)
        if self._someone and self._standing() is Status.SKIPPED:
            todo = self._waiting(
                "This step is not done yet.", "What could be checked stands below, what is to do above."
            )
            return todo + shown
        return shown

    def _run(self) -> Run:
        return Run(
            title=self._step,
            connection=self._name,
            host=self._host,
            started_at=self._started_at,
            duration_seconds=time.monotonic() - self._started,
            findings=tuple(self._findings.values()),
        )

    def _lead_on(self) -> None:
        """Below the verdict, the link to the notebook that comes next, once this step is done."""
        names = [step.name for step in ROAD]
        after = ROAD[names.index(self._step) + 1 :] if self._step in names else ()
        if after:
            self._next = forms().NextStep(lambda: self._after(after))
            self._next.show(done=self._standing() in _GOOD)

    def _lead_anew(self) -> None:
        """The link as things stand now."""
        if self._next:
            self._next.change(done=self._standing() in _GOOD)

    def _after(self, steps: Sequence[Step]) -> str:
        """The notebook that comes next; the first one leads to where the connection stands, as its road does.

        When all is done that is the last one, which keeps the connection alive.
        """
        states = self._bench.progress.states() if self._bench and self._step == ROAD[0].name else {}
        done = {name for name, state in states.items() if state.status in _GOOD}
        return next((step for step in steps if step.name not in done), steps[-1]).notebook


def finding(
    check: str, claim: str, detail: str, status: Status = Status.PASSED, *, skip: Skip | None = None
) -> Finding:
    """A finding of a verb; with `skip` of something that was not done."""
    return Finding(check=check, claim=claim, status=Status.SKIPPED if skip else status, detail=detail, skip=skip)
