"""The partner's side where it is done on the partner's screens, and judged by what is pasted from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sfrunbook.checks import partner_proof
from sfrunbook.core.errors import problem
from sfrunbook.core.model import Diagnosis, Finding, Status
from sfrunbook.core.moments import local_and_utc
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.catalogue import UNRECOGNISED
from sfrunbook.diagnosis.diagnose import diagnosis_of, for_app_kind
from sfrunbook.diagnosis.pasted.diagnose_text import diagnose_text, judge_as_written
from sfrunbook.partners.cyclr.response import MethodResponse, judge_text
from sfrunbook.report.cards import Card, diagnosis_card, table
from sfrunbook.runbook.section import finding
from sfrunbook.runbook.state import State

__all__ = ["SHOWN", "PartnerByHand"]

#: the check of a pasted response
SHOWN = "a-method-response-was-shown"
_SHOWN = (SHOWN, "The pasted method response has records.")
#: less helpful than that the text is no response of Salesforce
_TOO_GENERAL = (UNRECOGNISED, "not-json", "nothing-pasted")


class PartnerByHand:
    """The same work as by the partner's API, without it."""

    def __init__(self, state: State, step: str) -> None:
        self._state, self._step = state, step

    def parts(self) -> Sequence[object]:
        """The partner's own screens in order, the boxes to check before, and the response of a method."""
        from sfrunbook.runbook import widgets
        from sfrunbook.runbook.forms.partner import console_steps, page_field, response_form

        return [
            console_steps(self._state),
            widgets.Fold("Check these boxes in Salesforce first", widgets.Outcome(self._boxes())),
            widgets.Fold("The login failed?", widgets.stack(*page_field(self.explain_page))),
            response_form(self.judge_response),
        ]

    def check(self) -> None:
        """What was shown last counts while it is about the app and the partner as they are now."""
        if any(found.check == SHOWN for found in self._state.stored(self._step)):
            self._record_shown()

    def _record_shown(self) -> None:
        if found := self._stored():
            self._state.record(self._step, [found])

    def _stored(self) -> Finding | None:
        shown = self._state.opened.partner.record.attested
        if shown is None:
            return None
        return finding(*_SHOWN, f"Confirmed by you on {local_and_utc(shown.at)}: {shown.shape}.")

    def _boxes(self) -> Card:
        """The boxes in Salesforce that the partner wants otherwise than a new app has them."""
        flags = [flag for flag in self._state.opened.profile.flags if flag.wanted == "off" or flag.name == "pkce"]
        rows = [{"Box in Salesforce": flag.label, "Set it to": flag.value, "Why": flag.why} for flag in flags]
        return table(rows, caption="Boxes of the app")

    def judge_response(self, text: Secret) -> Card:
        """Judge a pasted response; its shape is stored as evidence, its rows are not."""
        pasted, record = text.reveal(), self._state.opened.partner.record
        response = judge_text(pasted)
        if response.is_proof:
            record.attest(datetime.now(UTC), rows=response.rows or 0, ids=response.ids)
            self._record_shown()
            return Card(text="", html="")
        diagnosis, status = self._not_proof(pasted, response)
        record.take_back()
        self._state.record(self._step, [replace(finding(*_SHOWN, diagnosis.what, status), diagnosis=diagnosis)])
        return Card(text="", html="")

    def explain_page(self, text: Secret) -> Card:
        """The diagnosis of the last page of a login."""
        connection, profile = self._state.opened.connection, self._state.opened.profile
        pasted = text.reveal()
        diagnosis = judge_as_written(diagnose_text(pasted, connection), pasted, connection, profile)
        return diagnosis_card(for_app_kind(diagnosis, connection.app_kind))

    def _not_proof(self, pasted: str, response: MethodResponse) -> tuple[Diagnosis, Status]:
        """Why a response verifies nothing: it has a known error, it has no rows, or it is something else."""
        if not response.ids:
            opened = self._state.opened
            diagnosis = partner_proof.diagnosis_at_partner(
                pasted,
                connector="Salesforce",
                account="in the account where it was run",
                approvals=opened.org.approvals,
            )
            if diagnosis.code not in _TOO_GENERAL:
                return for_app_kind(diagnosis, opened.connection.app_kind), Status.FAILED
        if response.rows == 0 and not response.doubts:
            return diagnosis_of(problem("cyclr-method-without-rows")), Status.INCONCLUSIVE
        doubts = " ".join(response.doubts)
        return diagnosis_of(problem("cyclr-response-not-of-salesforce", doubts=doubts)), Status.INCONCLUSIVE
