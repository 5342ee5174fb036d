"""The page: what the cells of the notebook call, one method for each section."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Failure, Skip, Status
from sfrunbook.report.cards import Card, card, findings_card, run_card
from sfrunbook.report.text import run_text
from sfrunbook.report.words import place_of
from sfrunbook.runbook.background import follow
from sfrunbook.runbook.display_guard import guard_displays
from sfrunbook.runbook.kernel import someone_is_there
from sfrunbook.runbook.section import OPENED, Section, SectionView, waiting
from sfrunbook.runbook.sections.app import AppSection
from sfrunbook.runbook.sections.connection import ConnectionSection
from sfrunbook.runbook.sections.key import KeySection
from sfrunbook.runbook.sections.log_in import LogInSection
from sfrunbook.runbook.sections.partner import PartnerSection
from sfrunbook.runbook.sections.stay_connected import StayConnectedSection
from sfrunbook.runbook.sections.taken_back import take_back
from sfrunbook.runbook.sections.try_it import TryItSection
from sfrunbook.runbook.state import State
from sfrunbook.store.progress import STEPS
from sfrunbook.store.sealed_values import tell_runner

if TYPE_CHECKING:
    from sfrunbook.runbook.finish import FinishView
    from sfrunbook.runbook.header import HeaderView

__all__ = ["Page", "RunbookNotPassedError"]

_EVERY = "all"
_KNOWN = ("steps-are-known", "Every step in the parameter steps exists.")


class RunbookNotPassedError(RunbookError):
    """Raised by `summary` in an unattended run; a notebook shows the verdict in place of a traceback."""

    def __init__(self, failure: Failure, text: str) -> None:
        super().__init__(failure)
        self.args = (text.splitlines()[0],)
        self._text = text

    def _render_traceback_(self) -> list[str]:
        return self._text.splitlines()


class Page:
    """The runbook on one connection. With someone there a section shows its forms, unattended it does its work.

    `forms=False` runs unattended whoever is there, as the regression does. No method raises for what goes wrong at
    Salesforce or at the partner: it becomes a finding; `summary` raises unattended when something did not pass.
    """

    def __init__(self, name: str, *, steps: str = _EVERY, forms: bool = True) -> None:
        tell_runner(os.environ)
        guard_displays()
        self._state = State(name, attended=forms and someone_is_there())
        self._wanted = self._steps(steps)
        self._connection = ConnectionSection(self._state, self._check_everything)
        self._try_it = TryItSection(self._state)
        sections: tuple[Section, ...] = (
            self._connection,
            AppSection(self._state),
            KeySection(self._state),
            LogInSection(self._state),
            self._try_it,
            PartnerSection(self._state),
            StayConnectedSection(self._state),
        )
        self._sections = {section.step.name: section for section in sections}
        self._views: dict[str, SectionView] = {}
        self._header: HeaderView | None = None
        self._finish: FinishView | None = None

    def _steps(self, steps: str) -> Sequence[str]:
        """The wanted steps; an unknown one is recorded, so that a run reports it as a fault of its parameters."""
        try:
            return _wanted(steps)
        except RunbookError as error:
            self._state.failed("connection", *_KNOWN, error)
            raise

    # the sections

    def connection(self) -> object:
        """Choose the org, and check that its login address is Salesforce's."""
        return self._show("connection")

    def app(self) -> object:
        """Register the app, and check the registration without a login."""
        return self._show("app")

    def key(self) -> object:
        """Enter the Consumer Secret, and check it with the Consumer Key."""
        return self._show("key")

    def log_in(self) -> object:
        """Log in and allow access, and check what was granted."""
        return self._show("log_in")

    def try_it(self, query: str = "") -> object:
        """Read records; `query` is SOQL, by default the connection's test query."""
        self._try_it.query = query
        return self._show("try_it")

    def partner(self) -> object:
        """Set up the partner's connector, and check that data comes through it."""
        return self._show("partner")

    def stay_connected(self) -> object:
        """Refresh access, and show until when it is valid."""
        return self._show("stay_connected")

    def take_back(self) -> Card:
        """Revoke what an unattended run has requested for itself."""
        return self._unattended("log_in", lambda: take_back(self._state))

    def _show(self, name: str) -> object:
        if name not in self._wanted:
            return card("Skipped: this step isn't in the parameter steps.", skip=Skip.OPTIONAL)
        section = self._sections[name]
        if not self._state.attended:
            return self._unattended(name, section.run)
        if name not in self._views:
            self._views[name] = SectionView(self._state, section)
        return self._views[name].widget

    def _check_everything(self, *also: str) -> None:
        """Check again what was checked before, and `also` these steps, since the org itself was changed."""
        checked = [each for name, each in self._sections.items() if name in also or self._state.current(name)]
        self._state.forget_all()
        for section in checked:
            self._state.attempt(section.step.name, section.check)

    def _unattended(self, name: str, work: Callable[[], Card]) -> Card:
        state = self._state
        if not state.is_open:
            return waiting(f"Waiting for: {OPENED}.")
        try:
            return work()
        except RunbookError as error:
            return findings_card(state.not_done(name, error))

    # the end

    def summary(self) -> object:
        """What was set up, as whom and until when; raises RunbookNotPassedError when unattended and not passed."""
        state = self._state
        if state.attended:
            from sfrunbook.runbook.finish import FinishView

            self._finish = self._finish or FinishView(state, self._start_own_org)
            return self._finish.widget
        run = state.run()
        state.end()
        if not run.status.is_good:
            causes = (f.diagnosis.failure for f in run.findings if f.diagnosis and not f.status.is_good)
            not_passed = problem("notebook-not-passed", notebook="runbook").failure
            raise RunbookNotPassedError(next(causes, not_passed), run_text(run))
        return run_card(run)

    def _start_own_org(self) -> None:
        """Open the form that adds an org, and show it."""
        self._connection.open_form()
        if self._header:
            self._header.widget.go_to(self._connection.step.name)

    # the header

    def _ipython_display_(self) -> None:
        if not self._state.attended:
            raise NotImplementedError  # IPython then shows it as it shows everything
        from IPython.display import display

        from sfrunbook.runbook.header import HeaderView

        if self._header is None:
            self._header = HeaderView(self._state)
            follow(self._state.on_disk, self._state.follow_disk)
        display(self._header.widget)  # type: ignore[no-untyped-call]

    def __repr__(self) -> str:
        return self._card().text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self._card()._repr_mimebundle_()

    def _card(self) -> Card:
        """Which connection an unattended run works with."""
        state = self._state
        if not state.is_open:
            return findings_card(state.run().findings)
        mode = "Practice: nothing here touches a real org." if state.in_practice else "Live: this is a real org."
        return card(f"Connection {state.name}{place_of(state.host)}", mode, Status.PASSED)


def _wanted(steps: str) -> Sequence[str]:
    """The steps of a comma-separated list; raises RunbookError `step-unknown`."""
    known = [step.name for step in STEPS]
    names = [name.strip() for name in steps.split(",") if name.strip()]
    if names in ([], [_EVERY]):
        return known
    if unknown := [name for name in names if name not in known]:
        raise problem("step-unknown", names=", ".join(unknown), known=", ".join(known))
    return names
