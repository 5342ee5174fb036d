"""Set up the partner: its connector and its login, by its API or on its own screens, and data through it."""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sfrunbook.checks import PARTNER, partner_proof
from sfrunbook.checks import partner as partner_checks
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.partners.cyclr.side import CyclrSide
from sfrunbook.report.cards import Card, card, findings_card
from sfrunbook.runbook.section import finding, missing, waiting
from sfrunbook.runbook.sections.partner_by_hand import SHOWN, PartnerByHand
from sfrunbook.runbook.state import State
from sfrunbook.store.progress import STEPS

__all__ = ["PartnerSection"]

_AUTHENTICATED, _DATA, _LATER = partner_proof.PROOF
_BEFORE_LOGIN = (*partner_checks.ACCESS, *partner_checks.CONNECTOR, *partner_checks.LOGIN)
_VERDICT = ("both-sides-are-proved", "Salesforce and the partner both return data.")


class PartnerSection:
    step = STEPS[5]

    def __init__(self, state: State) -> None:
        self._state = state
        self._by_hand = PartnerByHand(state, self.step.name)

    def situation(self) -> Hashable:
        opened = self._state.opened
        if first := missing(opened):
            return self._state.name, first
        data = self._state.finding(self.step.name, _DATA)
        blocked = data is not None and data.status is not Status.PASSED
        return (
            self._state.name,
            opened.connection.client_id,
            *self._state.subject(self.step.name).values(),
            self._by_api(),
            opened.partner.side is not None,
            self._ready_to_log_in(),
            self._passed(_AUTHENTICATED),
            self._passed(SHOWN),
            blocked,
        )

    def parts(self) -> Sequence[object]:
        from sfrunbook.runbook import widgets
        from sfrunbook.runbook.forms.partner import access_form, api_question

        opened = self._state.opened
        if first := missing(opened):
            return [widgets.Outcome(waiting(f"Waiting for: {first}."))]
        fork = [api_question(self._state, by_api=self._by_api())] if opened.profile.api else []
        if not self._by_api():
            return [*fork, *self._by_hand.parts()]
        side = opened.partner.side
        form = access_form(self._state, self.check)
        return [*fork, form, *(self._login_parts(side) if side and self._ready_to_log_in() else ())]

    def _login_parts(self, side: CyclrSide) -> Sequence[object]:
        from sfrunbook.runbook import widgets
        from sfrunbook.runbook.forms.partner import blocked_panel, login_link

        label = self._state.opened.profile.label
        link = login_link(label, side, self.check, self._by_hand.explain_page)
        if not self._passed(_AUTHENTICATED):
            return [link]
        allowed = card(f"{label} is logged in to Salesforce.", status=Status.PASSED)
        parts: list[object] = [widgets.Outcome(allowed), widgets.fold(f"Log in again for {label}", link)]
        data = self._state.finding(self.step.name, _DATA)
        if data and data.status is not Status.PASSED:
            host = urlsplit(side.places.api_url).netloc
            parts.append(blocked_panel(side.account_id, host, self._by_hand.judge_response))
        return parts

    def can_check(self) -> bool:
        return not missing(self._state.opened)

    def check(self) -> None:
        """By the API: access, connector, login request, and once someone has logged in, data and later refreshes."""
        side = self._state.opened.partner.side
        if side is None or not self._by_api():
            self._by_hand.check()
            return
        side.forget()
        self._check(*partner_checks.ACCESS)
        if self._has_failed(*partner_checks.ACCESS):
            return
        self._install(side)
        self._check(*partner_checks.CONNECTOR, *partner_checks.LOGIN)
        with contextlib.suppress(RunbookError):
            if side.installed.authenticated:
                self._check(_AUTHENTICATED, _DATA, _LATER, *partner_proof.NEIGHBOURS)

    def _check(self, *names: str) -> None:
        self._state.check(self.step.name, PARTNER, only=names)

    def _install(self, side: CyclrSide) -> None:
        try:
            side.install(self._state.opened.partner.properties(side))
        except RunbookError as error:
            self._state.failed(self.step.name, "connector-is-installed", "The connector is installed.", error)

    def run(self) -> Card:
        """Everything by the API; without credentials of it nothing is done, and what someone has shown counts."""
        opened = self._state.opened
        if opened.practice:
            api = opened.practice.org.values.partner_api
            opened.partner.keep_api(api.name, api.secret)
            if opened.grants.stored() is None:
                opened.login.log_in_unattended()
        side = opened.partner.side
        if side is not None:
            self.check()
            self._log_in_in_practice(side)
        else:
            self._by_hand.check()
        self._record_verdict()
        return findings_card(self._state.current(self.step.name))

    def _log_in_in_practice(self, side: CyclrSide) -> None:
        """In an unattended practice run the scripted user logs in for the partner."""
        opened = self._state.opened
        if opened.practice and not self._has_failed(*_BEFORE_LOGIN) and not side.installed.authenticated:
            opened.practice.org.visit(side.new_link().reveal())
            side.forget()
            opened.partner.record.note_authenticated(side.installed.number, datetime.now(UTC))
            self._check(_AUTHENTICATED, _DATA, _LATER, *partner_proof.NEIGHBOURS)

    def _record_verdict(self) -> None:
        """Whether both sides are verified, which an unattended run ends with."""
        data = self._state.finding(self.step.name, _DATA)
        ours, theirs = self._is_salesforce_verified(), self._passed(_DATA) or self._passed(SHOWN)
        if ours and data and data.status is Status.WARNING:
            found = finding(*_VERDICT, f"Salesforce returns records. {data.detail}", Status.WARNING)
        elif ours and theirs:
            found = finding(*_VERDICT, "Both sides return records.")
        else:
            code = "partner-side-not-proved" if ours else "no-side-proved"
            diagnosis = diagnosis_of(problem(code, partner=self._state.opened.profile.label))
            by_hand_only = ours and self._state.opened.partner.side is None
            status = Status.WARNING if by_hand_only or theirs else Status.INCONCLUSIVE
            found = replace(finding(*_VERDICT, diagnosis.what, status), diagnosis=diagnosis)
        self._state.record(self.step.name, [found])

    def _is_salesforce_verified(self) -> bool:
        """Whether a query with the runbook's own login returns rows."""
        opened = self._state.opened
        with contextlib.suppress(RunbookError):
            org = opened.org.api()
            return org is not None and org.query(opened.connection.test_query, max_rows=1).total_size > 0
        return False

    def _by_api(self) -> bool:
        """Whether the partner's API is used: as someone has answered, else where there are credentials."""
        opened = self._state.opened
        answer = opened.progress.answers().get("partner_api")
        has_api = bool(opened.profile.api)
        return has_api and (answer == "yes" if answer else bool(opened.connection.partner_client_id))

    def _passed(self, check: str) -> bool:
        found = self._state.finding(self.step.name, check)
        return found is not None and found.status.is_good

    def _has_failed(self, *names: str) -> bool:
        found = [self._state.finding(self.step.name, name) for name in names]
        return any(checked and checked.status is Status.FAILED for checked in found)

    def _ready_to_log_in(self) -> bool:
        return self._passed("connector-is-installed") and not self._has_failed(*_BEFORE_LOGIN)
