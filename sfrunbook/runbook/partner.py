"""The step of the partner's notebook: its API or its screens, its connector, its login, and data through it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sfrunbook.checks import PARTNER, partner_proof
from sfrunbook.checks import partner as partner_checks
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Mark, Skip, Status
from sfrunbook.core.words import APPROVAL, marks_legend
from sfrunbook.partners.cyclr.side import CyclrSide
from sfrunbook.report.cards import Card, card, table
from sfrunbook.runbook import hand_over as sheet
from sfrunbook.runbook.needs import waiting
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.runbook.partner_by_hand import PartnerByHand
from sfrunbook.runbook.partner_verdict import DATA, VERDICT, PartnerVerdict
from sfrunbook.runbook.verbs import OF_EVERY_STEP, verb

__all__ = ["FALLBACKS", "PartnerStep"]

_ACCESS = ("partner-api-can-be-asked", "The partner's API accepts the credentials of this connection.")
#: what to do where methods may not be run from here, in this order
FALLBACKS: tuple[Mapping[str, str], ...] = tuple(
    {"Way": way, "How": how, "How sure": mark}
    for way, how, mark in (
        ("Ask for this machine's address to be allowed", "Send the mail below.", "confirmed"),
        ("Run the method in the console", "Test tab of the method; paste Method Response below.", "likely"),
        (
            "Run a cycle once",
            "Done above where a template of this connector is there; make one with one step otherwise.",
            "likely",
        ),
        ("Run a lookup of the connector", "A drop-down of a step in the cycle builder fills.", "guess"),
        ("Ask Salesforce with this runbook's own login", "04_test_query; that is the Salesforce side only.", "likely"),
    )
)


class PartnerStep:
    """Install the partner's connector, log in for it, and check that data comes through it."""

    __repr__, _repr_mimebundle_, _ipython_display_, summary = OF_EVERY_STEP
    hand_over = sheet.hand_over

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._by_hand = PartnerByHand(notebook)
        self._verdict = PartnerVerdict(notebook, self._by_hand)
        notebook.require_for_done(self._verdict.is_reached)

    @verb(*_ACCESS)
    def partner_access(self) -> object:
        """Where the partner is and, where there are any, the credentials of its API."""
        opened = self._notebook.opened
        if self._notebook.attended:
            from sfrunbook.runbook.forms.partner import access_form

            return access_form(opened, self.check_partner)
        self._prepare_practice()
        if opened.partner.side is None:
            return card("No API credentials of the partner are kept: its side is done by hand, as told below.")
        return card("The partner's API is asked with the credentials that are kept for this connection.")

    @verb(*_ACCESS)
    def check_partner(self) -> Card:
        """The API answers, knows the account, and uses the host of the Callback URL."""
        return self._notebook.check(PARTNER, only=partner_checks.ACCESS)

    @verb("connector-is-installed", "The connector is installed in the account.")
    def install_connector(self) -> object:
        """Install the connector and set what it requires; without the API, the screens where it is done by hand."""
        opened = self._notebook.opened
        side = opened.partner.side
        if side is None:
            return self._by_hand.console_steps()
        side.install(opened.partner.properties(side))
        return self._notebook.check(PARTNER, only=partner_checks.CONNECTOR)

    @verb("partner-login-request-is-read", "The request that the partner sends to Salesforce can be read.")
    def foresee_login(self) -> object:
        """The request that the partner will send to Salesforce, compared with what is registered, before any login."""
        opened = self._notebook.opened
        if opened.partner.side is None:
            return self._by_hand.boxes_to_check()
        checked = self._check_login_request()
        practice = opened.practice
        if not (self._notebook.attended and practice and self._verdict.failed_before_login()):
            return checked
        from sfrunbook.runbook.forms.partner import fix_in_practice

        return fix_in_practice(checked, practice.open_for_partner, self._check_login_request)

    @verb("connector-is-authenticated", "The partner says that its connector is authenticated.")
    def authorize_partner(self) -> object:
        """A login for the partner, with a fresh link; in an unattended practice run, by the scripted user."""
        opened = self._notebook.opened
        side = opened.partner.side
        if side is None:
            return self._by_hand.log_in()
        if claims := self._verdict.failed_before_login():  # the cells below wait until these are fixed
            failed = ", ".join(f"“{claim.rstrip('.')}”" for claim in claims)
            return card(
                "Not authorized: what was foreseen would make the login, or a later refresh, fail.",
                f"Not so yet: {failed}. The cards above say how to mend it; then run the notebook again.",
                skip=Skip.TO_DO,
            )
        if self._notebook.attended:
            return self._login_link(side)
        if not side.installed.authenticated and opened.practice:
            opened.practice.visit(side.new_link().reveal())
        return self._check_authenticated()

    @verb(DATA, "A method of the partner's connector returns rows of the org.")
    def prove_method(self) -> object:
        """Run a method that lists something; where it may not be run from here, the ways around, in order."""
        side = self._notebook.opened.partner.side
        self._by_hand.forget_unproved()
        if side is None:
            return self._by_hand.prove_method()
        if missing := self._verdict.login_needed():
            return missing
        shown = self._notebook.check(PARTNER, only=partner_proof.PROOF[:2])
        if self._notebook.findings[DATA].status is not Status.INCONCLUSIVE:
            return shown
        legend = marks_legend(marks=Mark)
        shown += table(FALLBACKS, caption="What to do instead, in this order", note=legend)
        if not self._notebook.attended:
            return shown
        from sfrunbook.runbook.forms.partner import blocked_panel

        host = urlsplit(side.places.api_url).netloc
        return blocked_panel(shown, side.account_id, host, self._by_hand.judge_response)

    @verb("refresh-works-later", "The partner's connection works when the session of its login has ended.")
    def prove_refresh(self) -> Card:
        """A call after the session has ended, and whether another connector lost its access by this login."""
        if self._notebook.opened.partner.side is None:
            what = f"Run the method again tomorrow, in {self._by_hand.console}."
            return waiting(what, "Only then has the session of the login ended, and faults of its renewal show.")
        names = (partner_proof.PROOF[2], *partner_proof.NEIGHBOURS)
        return self._verdict.login_needed() or self._notebook.check(PARTNER, only=names)

    @verb(*VERDICT)
    def verdict(self) -> Card | None:
        """Which sides are verified; the card changes when a response is pasted above."""
        practice = self._notebook.opened.practice
        if practice and not self._notebook.attended:
            practice.close_after_partner()
        return self._notebook.show("verdict", self._verdict.card)

    def _check_login_request(self) -> Card:
        side = self._notebook.opened.partner.side
        if side is not None:
            side.forget()
        return self._notebook.check(PARTNER, only=partner_checks.LOGIN)

    def _login_link(self, side: CyclrSide) -> object:
        """The link to log in; where access is allowed already, that it is, since another login costs an approval."""
        from sfrunbook.runbook import widgets
        from sfrunbook.runbook.forms.partner import login_link

        def link() -> object:
            return login_link(side.new_link, self._check_authenticated, self._by_hand.explain_page)

        if not side.installed.authenticated:
            return link()
        label = self._notebook.opened.profile.label
        allowed = card(
            f"Access is allowed for {label} already.",
            f"A new login is needed only where a check asks for one. Another approval is made by it ({APPROVAL}).",
            Status.PASSED,
        )
        return widgets.stack(widgets.Outcome(allowed), widgets.again(f"Log in again for {label}", link))

    def _check_authenticated(self) -> Card:
        opened = self._notebook.opened
        side = opened.partner.side
        if side is not None:
            side.forget()
            with contextlib.suppress(RunbookError):
                if side.installed.authenticated:
                    opened.partner.record.note_authenticated(side.installed.number, datetime.now(UTC))
        checked = self._notebook.check(PARTNER, only=partner_proof.PROOF[:1])
        self._notebook.live.refresh("verdict")
        if not self._notebook.attended or self._notebook.findings[partner_proof.PROOF[0]].status is not Status.PASSED:
            return checked
        return checked + card("Now choose Run > Run All Cells: what comes after the login is then proved.")

    def _prepare_practice(self) -> None:
        """In an unattended practice run, what someone would have done before: log in, enter the secret, fix the app."""
        opened = self._notebook.opened
        if opened.practice is None:
            return
        if opened.grants.stored() is None:
            opened.login.log_in_unattended()
        opened.partner.keep_api(opened.connection.partner_client_id, opened.practice.partner_client_secret)
        opened.practice.open_for_partner()
