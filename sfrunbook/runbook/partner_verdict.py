"""Whether the Salesforce side and the partner's side are verified, and what comes first where they are not."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from sfrunbook.checks import partner as partner_checks
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Finding, Skip, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card
from sfrunbook.runbook.needs import waiting
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.runbook.partner_by_hand import ATTESTED, PartnerByHand
from sfrunbook.runbook.verbs import finding

__all__ = ["DATA", "VERDICT", "PartnerVerdict"]

#: the check of a method that is run by the API
DATA = "a-method-returns-data"
VERDICT = ("both-sides-are-proved", "The Salesforce side and the partner's side are proved.")
#: in place of the claim where it does not hold: under a warning the claim would read as if it were true
_NOT_BOTH = (VERDICT[0], "The Salesforce side and the partner's side are not both proved yet.")


class PartnerVerdict:
    """The verdict of the partner's notebook, from its findings and one query to the org."""

    def __init__(self, notebook: Notebook, by_hand: PartnerByHand) -> None:
        self._notebook, self._by_hand = notebook, by_hand

    def is_reached(self) -> bool:
        """Whether the partner's side is verified and the verdict is shown: the step is not done before."""
        return self._partner_proof() is not None and VERDICT[0] in self._notebook.findings

    def failed_before_login(self) -> list[str]:
        """Claims of the checks that would make the partner's login fail."""
        names = (*partner_checks.ACCESS, *partner_checks.CONNECTOR, *partner_checks.LOGIN)
        found = [self._notebook.findings.get(name) for name in names]
        return [checked.claim for checked in found if checked and checked.status is Status.FAILED]

    def login_needed(self) -> Card | None:
        """What to do before whatever comes after the partner's login; None when no one is there, or it is done."""
        opened = self._notebook.opened
        side, label = opened.partner.side, opened.profile.label
        if not self._notebook.attended or side is None:
            return None
        if self.failed_before_login():
            what = f"The login for {label} comes first, and what failed above would make it fail."
            return waiting(what, "Mend what failed above; then choose Run > Run All Cells.")
        with contextlib.suppress(RunbookError):
            if not side.installed.authenticated:
                what = f"The login for {label} comes first: nobody has logged in yet."
                return waiting(what, "Log in above; then choose Run > Run All Cells.")
        return None

    def card(self) -> Card:
        """Which sides are verified."""
        ours, proof = self._is_salesforce_proved(), self._partner_proof()
        return self._not_proved(ours=ours) if proof is None else self._partner_proved(proof, ours=ours)

    def _partner_proved(self, proof: str, *, ours: bool) -> Card:
        """A registration in which something is missing still counts."""
        opened = self._notebook.opened
        label = opened.profile.label
        if not ours:
            detail = f"{label} side proved{proof}, Salesforce side not proved by this runbook's own login."
            return self._notebook.found([finding(*_NOT_BOTH, detail, Status.WARNING)])
        detail = f"Salesforce side proved, {label} side proved{proof}"
        registered = opened.progress.states().get("register")
        if not (self._notebook.attended and registered and registered.status is Status.FAILED):
            return self._notebook.found([finding(*VERDICT, f"{detail}.")])
        detail += ", but 01_register_app has found something missing."
        again = waiting("Run 01_register_app again, then this notebook.", notebook="01_register_app.ipynb")
        return self._notebook.found([finding(*_NOT_BOTH, detail, Status.WARNING)]) + again

    def _not_proved(self, *, ours: bool) -> Card:
        opened = self._notebook.opened
        code = "partner-side-not-proved" if ours else "no-side-proved"
        diagnosis = diagnosis_of(problem(code, partner=opened.profile.label))
        to_do = finding(*_NOT_BOTH, diagnosis.what, skip=Skip.TO_DO)
        if missing := self.login_needed():
            self._notebook.record([to_do])
            return missing
        by_api = opened.partner.side is not None
        if self._notebook.attended and not by_api and (next_card := self._next_by_hand(to_do, ours=ours)):
            return next_card
        status = Status.INCONCLUSIVE if by_api or not ours else Status.WARNING
        return self._notebook.found([replace(finding(*_NOT_BOTH, diagnosis.what, status), diagnosis=diagnosis)])

    def _next_by_hand(self, to_do: Finding, *, ours: bool) -> Card | None:
        """What to do next on the partner's screens; None where something is wrong instead."""
        if not ours:
            if self._notebook.opened.grants.stored() is not None:
                return None
            how = "Nobody has logged in with this runbook: do the notebooks before this one first, then come back."
            return waiting(to_do.detail, how, "03_authorize.ipynb")
        shown = self._notebook.found([to_do])
        if (response := self._notebook.findings.get(ATTESTED)) and response.diagnosis:
            how = "Mend what it tells of, run the method again, and paste the new response."
            return shown + waiting("The response that was pasted above proves nothing yet.", how)
        how = "Paste the Method Response above; this card then changes."
        return shown + waiting(f"Do the steps above in {self._by_hand.console}.", how)

    def _partner_proof(self) -> str | None:
        """How the partner's side is verified, to be added to a sentence; None when it is not."""
        by_api, by_hand = (self._notebook.findings.get(name) for name in (DATA, ATTESTED))
        if by_api and by_api.status is Status.PASSED:
            return ""
        return " (attested by you)" if by_hand and by_hand.status is Status.PASSED else None

    def _is_salesforce_proved(self) -> bool:
        """Whether a query with this runbook's own login returns rows."""
        opened = self._notebook.opened
        try:
            org = opened.org.api()
            return org is not None and org.query(opened.connection.test_query, max_rows=1).total_size > 0
        except RunbookError:
            return False
