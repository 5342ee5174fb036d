"""What of the partner's side is done on its screens by hand, and what a person shows of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sfrunbook import report
from sfrunbook.checks import partner_proof
from sfrunbook.core.errors import problem
from sfrunbook.core.model import Diagnosis, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.core.words import marks_legend
from sfrunbook.diagnosis.catalogue import UNRECOGNISED
from sfrunbook.diagnosis.diagnose import diagnose, diagnosis_of, for_app_kind
from sfrunbook.diagnosis.read_text import explain_text
from sfrunbook.partners.cyclr import MethodResponse, judge_text
from sfrunbook.report import Card
from sfrunbook.runbook.bound import Bound, finding, forms

__all__ = ["ATTESTED", "PartnerByHand"]

#: the check that a person's evidence makes
ATTESTED = "a-method-response-was-shown"
_ATTESTED_CLAIM = "A person has shown a response of a method with rows of the org."
#: what these rows would say of a response is less than that it is none
_TOO_GENERAL = (UNRECOGNISED, "not-json", "nothing-pasted")


class PartnerByHand(Bound):
    """The partner's side without its API."""

    def attest_response(self, text: Secret) -> Card:
        """Judge a response that was pasted; its shape is kept as evidence, its rows are not."""
        pasted = text.reveal()
        seen = judge_text(pasted)
        if seen.is_proof:
            self._open_connection.partner.record.attest(datetime.now(UTC), rows=seen.rows or 0, ids=seen.ids)
            shown = self._attested()
        else:
            wrong, status = self._not_proof(pasted, seen)
            self._open_connection.partner.record.take_back()
            made = finding(ATTESTED, _ATTESTED_CLAIM, wrong.what, status)
            shown = report.findings_card(self._keep([replace(made, diagnosis=wrong)]))
        self._live.refresh("verdict")
        return shown

    def _not_proof(self, pasted: str, seen: MethodResponse) -> tuple[Diagnosis, Status]:
        """Why a response proves nothing: it tells of an error that is known, holds no rows, or is something else."""
        if not seen.ids:
            opened, place = self._open_connection, "in the account where it was run"
            told = partner_proof.said_to_partner(
                pasted, connector="Salesforce", account=place, approvals=opened.org.approvals
            )
            if told.code not in _TOO_GENERAL:
                return for_app_kind(told, opened.connection.app_kind), Status.FAILED
        if seen.rows == 0 and not seen.doubts:
            return diagnosis_of(problem("cyclr-method-without-rows")), Status.INCONCLUSIVE
        doubts = " ".join(seen.doubts)
        return diagnosis_of(problem("cyclr-response-not-of-salesforce", doubts=doubts)), Status.INCONCLUSIVE

    def _explain_page(self, text: Secret) -> Card:
        """What a page that a person saw at the end of a login says of its cause."""
        return report.diagnosis_card(self._told_by(text.reveal()))

    def _told_by(self, text: str) -> Diagnosis:
        connection = self._open_connection.connection
        return for_app_kind(diagnose(explain_text(text, connection)), connection.app_kind)

    @property
    def _console(self) -> str:
        opened = self._open_connection
        if opened.practice:
            return f"the practice Console, {opened.practice.partner_console[0]}"
        return f"the Console of {opened.profile.label}"

    def _by_hand(self) -> object:
        if self._someone:
            return forms().console_steps(self._open_connection)
        rows = [{"Where": step.where, "What": step.what} for step in self._open_connection.profile.steps]
        return report.table(rows, caption=f"What to do at {self._open_connection.profile.label}")

    def _foresee_by_hand(self) -> Card:
        """Without the API only the app can be asked: boxes that the partner's guide wants otherwise are told."""
        flags = [flag for flag in self._open_connection.profile.flags if flag.wanted == "off" or flag.name == "pkce"]
        rows = [
            {
                "Box in Salesforce": flag.label,
                "It must be": flag.value,
                "Why": flag.why,
                "How sure": flag.mark.value,
            }
            for flag in flags
        ]
        legend = marks_legend(marks=[flag.mark for flag in flags])
        return report.table(rows, caption="Look at these boxes before anybody logs in for the partner", note=legend)

    def _log_in_by_hand(self) -> object:
        """Where the login is made, and a field that explains the page on which it ended."""
        label = self._open_connection.profile.label
        told = self._waiting(f"The login for {label} is made in {self._console}: see the steps above.")
        return forms().console_login(told, self._explain_page) if self._someone else told

    def _forget_what_proved_nothing(self) -> None:
        """What an earlier response told of: the method is proved anew, by its API or by another response."""
        if self._open_connection.partner.record.attested is None:
            self._findings.pop(ATTESTED, None)
            self._open_connection.progress.drop(self._step, ATTESTED)

    def _prove_by_hand(self) -> object:
        """What was attested before holds until another response is shown; without a person there is no field."""
        if not self._someone:
            return self._attested()
        before = self._attested() if self._open_connection.partner.record.attested else None
        return forms().response_form(self.attest_response, before)

    def _attested(self) -> Card:
        seen = self._open_connection.partner.record.attested
        if seen is None:
            return self._waiting("No response of a method was shown yet.", "Run one in the Console and paste it above.")
        told = f"Attested by you on {seen.at:%Y-%m-%d %H:%M} UTC: {seen.told} of Salesforce."
        return self._found([finding(ATTESTED, _ATTESTED_CLAIM, told)])
