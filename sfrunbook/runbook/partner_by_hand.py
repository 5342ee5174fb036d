"""The partner's side where it is done on the partner's screens, and judged by what is pasted from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sfrunbook.checks import partner_proof
from sfrunbook.core.errors import problem
from sfrunbook.core.model import Diagnosis, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.core.words import marks_legend
from sfrunbook.diagnosis.catalogue import UNRECOGNISED
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of, for_app_kind
from sfrunbook.diagnosis.read_text import explain_text
from sfrunbook.partners.cyclr.response import MethodResponse, judge_text
from sfrunbook.report.cards import Card, diagnosis_card, table
from sfrunbook.runbook.needs import waiting
from sfrunbook.runbook.notebook import Notebook
from sfrunbook.runbook.verbs import finding

__all__ = ["ATTESTED", "PartnerByHand"]

#: the check of a pasted response
ATTESTED = "a-method-response-was-shown"
_ATTESTED = (ATTESTED, "A person has shown a response of a method with rows of the org.")
#: less helpful than that the text is no response of Salesforce
_TOO_GENERAL = (UNRECOGNISED, "not-json", "nothing-pasted")


class PartnerByHand:
    """The same work as by the partner's API, without it."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook

    @property
    def console(self) -> str:
        """Where the steps are done, for a sentence."""
        opened = self._notebook.opened
        if opened.practice:
            return f"the practice Console, {opened.practice.partner_console[0]}"
        return f"the Console of {opened.profile.label}"

    def console_steps(self) -> object:
        """The partner's own screens, in order."""
        opened = self._notebook.opened
        if self._notebook.attended:
            from sfrunbook.runbook.forms.partner import console_steps

            return console_steps(opened)
        rows = [{"Where": step.where, "What": step.what} for step in opened.profile.steps]
        return table(rows, caption=f"What to do at {opened.profile.label}")

    def boxes_to_check(self) -> Card:
        """The boxes in Salesforce that the partner's guide wants otherwise than a new app has them."""
        flags = [flag for flag in self._notebook.opened.profile.flags if flag.wanted == "off" or flag.name == "pkce"]
        rows = [
            {"Box in Salesforce": flag.label, "It must be": flag.value, "Why": flag.why, "How sure": flag.mark.value}
            for flag in flags
        ]
        legend = marks_legend(marks=[flag.mark for flag in flags])
        return table(rows, caption="Look at these boxes before anybody logs in for the partner", note=legend)

    def log_in(self) -> object:
        """Where to log in, and a field that explains the page on which the login ended."""
        label = self._notebook.opened.profile.label
        where = waiting(f"The login for {label} is made in {self.console}: see the steps above.")
        if not self._notebook.attended:
            return where
        from sfrunbook.runbook.forms.partner import console_login

        return console_login(where, self.explain_page)

    def prove_method(self) -> object:
        """The judgement of an earlier response; when attended, with a field to paste another."""
        if not self._notebook.attended:
            return self._attested()
        from sfrunbook.runbook.forms.partner import response_form

        before = self._attested() if self._notebook.opened.partner.record.attested else None
        return response_form(self.judge_response, before)

    def judge_response(self, text: Secret) -> Card:
        """Judge a pasted response; its shape is stored as evidence, its rows are not."""
        pasted, record = text.reveal(), self._notebook.opened.partner.record
        response = judge_text(pasted)
        if response.is_proof:
            record.attest(datetime.now(UTC), rows=response.rows or 0, ids=response.ids)
            shown = self._attested()
        else:
            diagnosis, status = self._not_proof(pasted, response)
            record.take_back()
            shown = self._notebook.found([replace(finding(*_ATTESTED, diagnosis.what, status), diagnosis=diagnosis)])
        self._notebook.live.refresh("verdict")
        return shown

    def explain_page(self, text: Secret) -> Card:
        """The diagnosis of the last page of a login."""
        connection = self._notebook.opened.connection
        diagnosis = diagnose(explain_text(text.reveal(), connection))
        return diagnosis_card(for_app_kind(diagnosis, connection.app_kind))

    def forget_unproved(self) -> None:
        """Forget the finding about a response that verified nothing: the method is about to be checked again."""
        opened = self._notebook.opened
        if opened.partner.record.attested is None:
            self._notebook.findings.pop(ATTESTED, None)
            opened.progress.drop(self._notebook.step, ATTESTED)

    def _not_proof(self, pasted: str, response: MethodResponse) -> tuple[Diagnosis, Status]:
        """Why a response verifies nothing: it has a known error, it has no rows, or it is something else."""
        if not response.ids:
            opened = self._notebook.opened
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

    def _attested(self) -> Card:
        attested = self._notebook.opened.partner.record.attested
        if attested is None:
            return waiting("No response of a method was shown yet.", "Run one in the Console and paste it above.")
        detail = f"Attested by you on {attested.at:%Y-%m-%d %H:%M} UTC: {attested.shape} of Salesforce."
        return self._notebook.found([finding(*_ATTESTED, detail)])
