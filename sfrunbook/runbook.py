"""The few verbs that notebooks call; the only module notebooks import.

A verb does the same in all three ways of running. With a person there it shows forms and never raises; without one
it needs no form, writes a journal, and `summary` raises when something was not proved.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from sfrunbook import report
from sfrunbook.checks import credentials, data, grant, registration
from sfrunbook.checks.registry import finding_of_error
from sfrunbook.connections import ConnectionBook, home
from sfrunbook.diagnose import diagnose, for_app_kind, problem
from sfrunbook.explain import explain_text
from sfrunbook.journal import JOURNAL_VARIABLE, Journal
from sfrunbook.model import Diagnosis, Finding, Grant, GrantKind, Run, RunbookError, Status
from sfrunbook.oauth.endpoints import introspect
from sfrunbook.progress import STEPS
from sfrunbook.report import Card
from sfrunbook.transport import origin_of
from sfrunbook.workbench import Workbench, open_workbench

if TYPE_CHECKING:
    from sfrunbook import onboarding

__all__ = ["Runbook", "RunbookNotPassedError", "bind", "explain"]

_P = ParamSpec("_P")
_GOOD = (Status.PASSED, Status.WARNING)


class RunbookNotPassedError(RunbookError):
    """Raised by `summary` in a headless run; a notebook shows the verdict of it and no traceback."""

    def __init__(self, diagnosis: Diagnosis, text: str) -> None:
        super().__init__(diagnosis)
        self.args = (text.splitlines()[0],)
        self._text = text

    def _render_traceback_(self) -> list[str]:
        return self._text.splitlines()


def bind(connection: str = "practice", *, step: str) -> Runbook:
    """Bind a notebook to a connection by name; `practice` starts or joins a practice world.

    `step` names the notebook's place on the road (`start`, `register`, ...). Never raises: what is wrong is shown.
    """
    return Runbook(str(connection), step=step)


def explain(text: str, *, connection: str = "") -> Card:
    """Explain an error from whatever is at hand: a code, a sentence, a body, a pasted address, a Login History status.

    With the name of a connection only the screens of its kind of app are shown. Never raises: what is wrong is shown.
    """
    try:
        known = ConnectionBook(home(os.environ)).get(connection) if connection not in ("", "practice") else None
    except RunbookError as error:
        return report.diagnosis_card(error.diagnosis)
    diagnosis = diagnose(explain_text(text, known))
    return report.diagnosis_card(for_app_kind(diagnosis, known.app_kind if known else None))


def _forms() -> ModuleType:
    """The forms, loaded only where there is a person to fill them in: their libraries are half a kernel's start."""
    from sfrunbook import onboarding

    return onboarding


def _someone_is_there() -> bool:
    """Whether a person sits in front: only front ends ask a kernel to allow input, papermill and nbval do not."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    kernel = getattr(shell, "kernel", None)
    return bool(kernel and getattr(kernel, "_allow_stdin", False)) and not os.environ.get(JOURNAL_VARIABLE)


def _verb(
    check: str, claim: str
) -> Callable[[Callable[Concatenate[Runbook, _P], Any]], Callable[Concatenate[Runbook, _P], Any]]:
    """A verb whose errors become a finding named `check`; without a bound connection it says so and does nothing."""

    def wrap(method: Callable[Concatenate[Runbook, _P], Any]) -> Callable[Concatenate[Runbook, _P], Any]:
        @functools.wraps(method)
        def verb(self: Runbook, *args: _P.args, **kwargs: _P.kwargs) -> Any:  # noqa: ANN401 - a card or a widget
            if self._bench is None:
                return report.card(
                    "Not done: no connection is bound. See the cell that binds it.", status=Status.SKIPPED
                )
            try:
                return method(self, *args, **kwargs)
            except RunbookError as error:
                return self._found([finding_of_error(check, claim, error)])

        return verb  # type: ignore[return-value]  # functools.wraps keeps a type of its own

    return wrap


class Runbook:
    """A notebook's hold on one connection: its verbs, and what they have found so far."""

    def __init__(self, name: str, *, step: str) -> None:
        self._name = name
        self._step = step
        self._someone = _someone_is_there()
        self._journal = Journal(os.environ.get(JOURNAL_VARIABLE))
        self._findings: dict[str, Finding] = {}
        self._started_at, self._started = datetime.now(UTC), time.monotonic()
        self._bench: Workbench | None = None
        self._desk: onboarding.LoginDesk | None = None
        try:
            self._bench = open_workbench(name, os.environ)
        except RunbookError as error:
            self._found([finding_of_error("connection-is-bound", "The connection is known.", error)])
            return
        self._journal.bound(self._host)
        try:
            self._rehearse_credentials()
        except RunbookError as error:
            claim = "The Consumer Secret is kept where this runbook can reach it."
            self._found([finding_of_error("consumer-secret-is-kept", claim, error)])

    def __repr__(self) -> str:
        return self._card().text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return self._card()._repr_mimebundle_()

    def _card(self) -> Card:
        if self._bench is None:
            return report.finding_card(self._findings["connection-is-bound"])
        connection = self._bench.connection
        where = "a practice world on this machine" if self._bench.practice else "a real org"
        lines = (f"Host: {self._host}", f"App: {connection.app_kind.label}", f"Partner: {self._bench.profile.label}")
        return report.card(f"Connection {connection.name}: {where}", "\n".join(lines))

    @property
    def _host(self) -> str:
        return origin_of(self._bench.connection.login_url) if self._bench else ""

    # --- 00 start ----------------------------------------------------------------------------------------------

    @_verb("connection-is-chosen", "A connection is chosen.")
    def choose_connection(self) -> object:
        """The form that adds a connection, beside those that are known."""
        book = ConnectionBook(home(os.environ))
        names = ["practice", *book.names()]
        if self._someone:
            return _forms().connection_form(book, names)
        return report.table([{"Connection": self._name, "Host": self._host}], caption="The connection in use")

    @_verb("login-host-is-salesforce", "The login host names itself as a Salesforce issuer.")
    def check_host(self) -> Card:
        """Only the first check of the registration: is this a Salesforce host at all."""
        return self._found(self._the_bench.check(registration.STAGE, only=("login-host-is-salesforce",)))

    @_verb("road", "The road is shown.")
    def road(self) -> Card:
        """Every step, its notebook and its state on disk."""
        states = self._the_bench.progress.states()
        rows = [
            {
                "Step": step.outcome,
                "Notebook": report.Link(step.notebook, step.notebook),
                "State": states[step.name].status.value if step.name in states else "not yet",
            }
            for step in STEPS
        ]
        return report.table(rows, caption=f"The road of connection {self._name}")

    # --- 01 register -------------------------------------------------------------------------------------------

    @_verb("registration-is-shown", "What to register is shown.")
    def what_to_register(self) -> object:
        """The screen to open in Salesforce and every value to enter there."""
        if self._someone:
            return _forms().registration_form(self._the_bench)
        caption, fields = self._the_bench.registration()
        rows = [{"Field": one.label, "What to enter": one.value, "Why": one.why} for one in fields]
        return report.table(rows, caption=caption)

    @_verb("consumer-key-is-well-formed", "The Consumer Key looks like one.")
    def enter_client_id(self) -> object:
        """The field for the Consumer Key."""
        if self._someone:
            return _forms().client_id_form(self._the_bench, self.check_registration)
        return report.card("The Consumer Key of the connection is used.")

    @_verb("callback-urls-are-registered", "Every Callback URL of the partner is registered in the app.")
    def check_registration(self) -> Card:
        """All that can be learnt of the registration without a login."""
        return self._check(registration.STAGE)

    # --- 02 credentials ----------------------------------------------------------------------------------------

    @_verb("consumer-secret-is-kept", "The Consumer Secret is kept where this runbook can reach it.")
    def enter_credentials(self) -> object:
        """The fields for Consumer Key and Consumer Secret."""
        if self._someone:
            return _forms().credentials_form(self._the_bench, self.check_credentials)
        return report.card("Consumer Key and Consumer Secret that are kept for this connection are used.")

    @_verb("consumer-key-and-secret-are-accepted", "Salesforce accepts Consumer Key and Consumer Secret together.")
    def check_credentials(self) -> Card:
        """Shape of the secret, and what Salesforce says to key and secret."""
        if self._someone and self._the_bench.lacks_client_secret():
            return self._waiting("The Consumer Secret is not entered yet. Enter it above, then run this cell again.")
        return self._check(credentials.STAGE)

    # --- 03 authorize ------------------------------------------------------------------------------------------

    @_verb("access-is-allowed", "A person has allowed access.")
    def log_in(self, *, again: bool = False) -> object:
        """The link to log in with; where a grant is held already, what it is, and how to make another."""
        bench = self._the_bench
        if not self._someone:
            return self.use_grant()
        if bench.lacks_client_secret():
            return self._waiting("Enter the Consumer Secret in 02_enter_credentials.ipynb first.")
        if self._desk is None:
            self._desk = _forms().LoginDesk(bench, self._allowed)
        return self._desk.show(again=again)

    def use_grant(self) -> object:
        """A grant to work with, without a person: the one that is kept, or in rehearsal one by the scripted person."""
        return self._use_grant()

    @_verb("access-is-allowed", "A person has allowed access.")
    def _use_grant(self) -> Card:
        bench = self._the_bench
        held = bench.grant() or bench.make_grant_unattended()
        return self._found([_allowed_finding(held)])

    @_verb("grant-is-held", "A grant is held for this connection.")
    def check_grant(self) -> Card:
        """Is the grant what was asked for, alive, and of the right org."""
        if waiting := self._needs_grant():
            return waiting
        return self._check(grant.STAGE)

    # --- 04 query ----------------------------------------------------------------------------------------------

    @_verb("org-says-who-it-is", "The org says its name, edition and kind.")
    def org(self) -> Card:
        """Name, id, edition, kind and instance, as the org itself answers."""
        if waiting := self._needs_grant():
            return waiting
        salesforce = self._the_bench.salesforce_or_raise()
        org, who = salesforce.org(), salesforce.identity()
        facts = {
            "Name": org.name,
            "Org id": org.org_id,
            "Edition": org.edition,
            "Kind": org.kind.value,
            "Instance": org.instance_name,
            "Address": org.instance_url,
            "User": who.username,
        }
        return report.table([{"": name, "The org says": value} for name, value in facts.items()], caption="Org")

    @_verb("query-returns-rows", "The query returns rows.")
    def query(self, soql: str, *, max_rows: int = 200) -> Card:
        """Rows of a SOQL query as a table; an error of the query shows where in it the fault lies."""
        if waiting := self._needs_grant():
            return waiting
        rows = self._the_bench.salesforce_or_raise().query(soql, max_rows=max_rows)
        more = "" if rows.done else f" (the first {len(rows.records)})"
        self._keep([_query_finding(rows.total_size)])
        return report.table(rows.records, rows.columns, caption=f"{rows.total_size} rows{more}")

    @_verb("org-can-be-asked", "A grant is held to ask the org with.")
    def check_data(self) -> Card:
        """Versions, org, test query and daily limit."""
        if waiting := self._needs_grant():
            return waiting
        return self._check(data.STAGE)

    # --- regression --------------------------------------------------------------------------------------------

    @_verb("grant-can-be-renewed", "The grant can be renewed without a person.")
    def refresh(self) -> Card:
        """One refresh, kept before it is used; an unattended grant is asked for anew."""
        if waiting := self._needs_grant():
            return waiting
        before = self._the_bench.grant()
        after = self._the_bench.refresh()
        if after.kind is not GrantKind.AUTHORIZATION_CODE:
            told = "A new access token came."
        else:
            told = "A new access token came; the refresh token " + ("was replaced." if after.rotates else "stays.")
        changed = before is not None and before.access_token != after.access_token
        status = Status.PASSED if changed else Status.WARNING
        return self._found(
            [_finding("grant-can-be-renewed", "The grant can be renewed without a person.", told, status)]
        )

    @_verb("what-the-run-made-is-taken-back", "What this run made is taken back.")
    def take_back(self) -> Card:
        """Revoke a grant that the scripted person made; a grant that a person made is left alone."""
        name, claim = "what-the-run-made-is-taken-back", "What this run made is taken back."
        bench = self._the_bench
        held = bench.grant()
        if held is None or not bench.is_scripted(held):
            return self._found([_finding(name, claim, "This run made no grant; nothing is revoked.", Status.SKIPPED)])
        bench.revoke()
        if introspect(bench.http, held, bench.client_secret()).active:
            return self._found([_finding(name, claim, "The revoked grant still answers as active.", Status.FAILED)])
        told = "The grant was revoked, and Salesforce says that it is not active."
        return self._found([_finding(name, claim, told)])

    # --- the end -----------------------------------------------------------------------------------------------

    def summary(self) -> Card:
        """The verdict over everything this notebook found; raises RunbookNotPassedError in a headless run."""
        run = Run(
            title=self._step,
            connection=self._name,
            host=self._host,
            started_at=self._started_at,
            duration_seconds=time.monotonic() - self._started,
            findings=tuple(self._findings.values()),
        )
        self._journal.end()
        if not self._someone and run.status not in _GOOD:
            first = next((one.diagnosis for one in run.findings if one.diagnosis and one.status not in _GOOD), None)
            text = report.run_text(run)
            raise RunbookNotPassedError(first or problem("notebook-not-passed", notebook=self._step).diagnosis, text)
        return report.run_card(run)

    @property
    def _the_bench(self) -> Workbench:
        if self._bench is None:
            raise problem("connection-not-found", name=self._name, known="practice")
        return self._bench

    def _needs_grant(self) -> Card | None:
        """What to show instead when a grant is missing; without a person one is used or made."""
        if self._the_bench.grant() is not None:
            return None
        if self._someone:
            where = "above" if self._step == "authorize" else "in 03_authorize.ipynb"
            return self._waiting(f"Nobody has logged in yet. Log in {where}, then choose Run > Run All Cells again.")
        self._the_bench.make_grant_unattended()
        return None

    def _rehearse_credentials(self) -> None:
        """Without a person the practice app's secret is carried over, as a person would carry it."""
        if self._bench and self._bench.practice and not self._someone and self._bench.client_secret() is None:
            self._bench.keep_client_secret(self._bench.practice.client_secret)

    def _allowed(self, held: Grant) -> Card:
        self._keep([_allowed_finding(held)])
        return self._check(grant.STAGE)

    def _check(self, stage: str) -> Card:
        """The checks of a stage, in the light of what this notebook has found already."""
        return self._found(self._the_bench.check(stage, known=self._findings.values()))

    def _waiting(self, what: str) -> Card:
        return report.card(what, status=Status.SKIPPED)

    def _found(self, findings: Iterable[Finding]) -> Card:
        kept = self._keep(findings)
        return report.findings_card(kept)

    def _keep(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Remember findings, the latest of each check, in memory, in the journal and as progress on disk."""
        kept = self._bench.explain_findings(findings) if self._bench else tuple(findings)
        for finding in kept:
            self._findings[finding.check] = finding
            self._journal.finding(finding)
        if self._bench and any(step.name == self._step for step in STEPS):
            run = Run(
                title="",
                connection="",
                host="",
                started_at=self._started_at,
                duration_seconds=0.0,
                findings=tuple(self._findings.values()),
            )
            self._bench.progress.record(self._step, run.status, datetime.now(UTC))
        return kept


def _finding(check: str, claim: str, detail: str, status: Status = Status.PASSED) -> Finding:
    return Finding(check=check, claim=claim, status=status, detail=detail)


def _allowed_finding(held: Grant) -> Finding:
    told = f"A grant for org {held.org_id} is kept, encrypted."
    return _finding("access-is-allowed", "A person has allowed access.", told)


def _query_finding(rows: int) -> Finding:
    status = Status.PASSED if rows else Status.WARNING
    return _finding("query-returns-rows", "The query returns rows.", f"{rows} rows came back.", status)
