"""The verbs of the partner's notebook: its API or its screens, its connector, its login, and data through it."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sfrunbook import report
from sfrunbook.checks import PARTNER, partner_proof
from sfrunbook.checks import partner as before
from sfrunbook.core.errors import RunbookError, problem
from sfrunbook.core.model import Finding, Mark, Skip, Status
from sfrunbook.core.words import APPROVAL, marks_legend
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.partners.cyclr.side import CyclrSide
from sfrunbook.report import Card
from sfrunbook.runbook.bound import finding, forms, verb
from sfrunbook.runbook.partner_by_hand import ATTESTED, PartnerByHand

__all__ = ["FALLBACKS", "Partner"]

_DATA = "a-method-returns-data"
_PROVED = "both-sides-are-proved"
_PROVED_CLAIM = "The Salesforce side and the partner's side are proved."
#: said in its place where it is not so: under a warning the claim would read as if it were true
_NOT_BOTH = "The Salesforce side and the partner's side are not both proved yet."
_GOOD = (Status.PASSED, Status.WARNING)
#: what to do where methods may not be run from here, in this order
FALLBACKS: tuple[Mapping[str, str], ...] = (
    {
        "Way": "Ask for this machine's address to be allowed",
        "How": "Send the mail below.",
        "How sure": "confirmed",
    },
    {
        "Way": "Run the method in the console",
        "How": "Test tab of the method; paste Method Response below.",
        "How sure": "likely",
    },
    {
        "Way": "Run a cycle once",
        "How": "Done above where a template of this connector is there; make one with one step otherwise.",
        "How sure": "likely",
    },
    {
        "Way": "Run a lookup of the connector",
        "How": "A drop-down of a step in the cycle builder fills.",
        "How sure": "guess",
    },
    {
        "Way": "Ask Salesforce with this runbook's own login",
        "How": "04_test_query; that is the Salesforce side only.",
        "How sure": "likely",
    },
)


class Partner(PartnerByHand):
    """The partner's side."""

    @verb("partner-api-can-be-asked", "The partner's API accepts the credentials of this connection.")
    def partner_access(self) -> object:
        """Where the partner is and, where there are any, the credentials of its API."""
        if self._someone:
            return forms().access_form(self._open_connection, self.check_partner)
        self._rehearse_partner()
        return self._way()

    @verb("partner-api-can-be-asked", "The partner's API accepts the credentials of this connection.")
    def check_partner(self) -> Card:
        """The API answers, knows the account, and comes back to the host of the Callback URL."""
        return self._look(before.ACCESS)

    @verb("connector-is-installed", "The connector is installed in the account.")
    def install_connector(self) -> object:
        """Install the connector and set what it requires; without the API, the screens where it is done by hand."""
        side = self._open_connection.partner.side
        if side is None:
            return self._by_hand()
        side.install(self._open_connection.partner.properties(side))
        return self._look(before.CONNECTOR)

    @verb("partner-login-request-is-read", "The request that the partner sends to Salesforce can be read.")
    def foresee_login(self) -> object:
        """What the partner will send to Salesforce, against what is registered: what would fail is told now."""
        if self._open_connection.partner.side is None:
            return self._foresee_by_hand()
        seen = self._foresee()
        practice = self._open_connection.practice
        if self._someone and practice and self._foreseen():
            return forms().mend_in_practice(seen, practice.open_for_partner, self._foresee)
        return seen

    @verb("connector-is-authenticated", "The partner says that its connector is authenticated.")
    def authorize_partner(self) -> object:
        """A login for the partner: by a person, with a fresh link; in rehearsal by the scripted one."""
        opened, side = self._open_connection, self._open_connection.partner.side
        if side is None:
            return self._log_in_by_hand()
        if refused := self._foreseen():  # a person mends it above, and the cells below wait for that
            told = ", ".join(f"“{claim.rstrip('.')}”" for claim in refused)
            return report.card(
                "Not authorized: what was foreseen would make the login, or a later refresh, fail.",
                f"Not so yet: {told}. The cards above say how to mend it; then run the notebook again.",
                skip=Skip.TO_DO,
            )
        if self._someone:
            return self._log_in_by_link(side)
        if not side.installed.authenticated and opened.practice:
            opened.practice.visit(side.new_link().reveal())
        return self._authenticated()

    @verb(_DATA, "A method of the partner's connector returns rows of the org.")
    def prove_method(self) -> object:
        """A method that lists something is run; where it may not be, the ways around, in order."""
        side = self._open_connection.partner.side
        self._forget_what_proved_nothing()
        if side is None:
            return self._prove_by_hand()
        if waiting := self._needs_login():
            return waiting
        shown = self._look(partner_proof.PROOF[:2])
        blocked = self._findings[_DATA].status is Status.INCONCLUSIVE
        if not blocked:
            return shown
        legend = marks_legend(marks=Mark)
        ways = report.table(FALLBACKS, caption="What to do instead, in this order", note=legend)
        if not self._someone:
            return shown + ways
        host = urlsplit(side.places.api_url).netloc
        return forms().blocked_panel(shown + ways, side.account_id, host, self.attest_response)

    @verb("refresh-works-later", "The partner's connection works when the session of its login has ended.")
    def prove_refresh(self) -> Card:
        """A call after the session has ended, and whether another connector lost its access by this login."""
        if self._open_connection.partner.side is None:
            what = f"Run the method again tomorrow, in {self._console}."
            return self._waiting(what, "Only then has the session of the login ended, and faults of its renewal show.")
        if waiting := self._needs_login():
            return waiting
        return self._look((partner_proof.PROOF[2], *partner_proof.NEIGHBOURS))

    @verb(_PROVED, _PROVED_CLAIM)
    def verdict(self) -> Card | None:
        """Which sides are proved; the card changes when a response is shown above."""
        self._close_rehearsal()
        return self._shown("verdict", self._both_sides)

    def _both_sides(self) -> Card:
        ours, theirs = self._salesforce_proved(), self._partner_proved()
        return self._not_proved(ours=ours) if theirs is None else self._partner_side_proved(theirs, ours=ours)

    def _partner_side_proved(self, how: str, *, ours: bool) -> Card:
        """The verdict where the partner's side is proved; a registration that lacks something is not outweighed."""
        label = self._open_connection.profile.label
        if not ours:
            told = f"{label} side proved{how}, Salesforce side not proved by this runbook's own login."
            return self._found([finding(_PROVED, _NOT_BOTH, told, Status.WARNING)])
        told = f"Salesforce side proved, {label} side proved{how}"
        if not (self._someone and self._register_failed()):
            return self._found([finding(_PROVED, _PROVED_CLAIM, f"{told}.")])
        told += ", but 01_register_app has found something missing."
        again = self._waiting("Run 01_register_app again, then this notebook.", notebook="01_register_app.ipynb")
        return self._found([finding(_PROVED, _NOT_BOTH, told, Status.WARNING)]) + again

    def _not_proved(self, *, ours: bool) -> Card:
        error = problem(
            "partner-side-not-proved" if ours else "no-side-proved", partner=self._open_connection.profile.label
        )
        asked = self._open_connection.partner.side is not None
        status = Status.INCONCLUSIVE if asked or not ours else Status.WARNING
        if waiting := self._needs_login():
            self._keep([finding(_PROVED, _NOT_BOTH, diagnosis_of(error).what, skip=Skip.TO_DO)])
            return waiting
        if self._someone and not asked and (waiting := self._still_to_do(diagnosis_of(error).what, ours=ours)):
            return waiting
        return self._found([_with(finding(_PROVED, _NOT_BOTH, diagnosis_of(error).what, status), error)])

    def _still_to_do(self, what: str, *, ours: bool) -> Card | None:
        """What a person does next where the partner's side is proved by hand; None where something is wrong instead."""
        if ours:
            seen = self._found([finding(_PROVED, _NOT_BOTH, what, skip=Skip.TO_DO)])
            how = "Paste the Method Response above; this card then changes."
            todo = self._waiting(f"Do the steps above in {self._console}.", how)
            if (shown := self._findings.get(ATTESTED)) and shown.diagnosis:
                how = "Mend what it tells of, run the method again, and paste the new response."
                todo = self._waiting("The response that was pasted above proves nothing yet.", how)
            return seen + todo
        if self._open_connection.grants.stored() is None:
            how = "Nobody has logged in with this runbook: do the notebooks before this one first, then come back."
            return self._waiting(what, how, "03_authorize.ipynb")
        return None

    def _standing(self) -> Status:
        """Nothing at the partner is done before its side is proved."""
        standing = super()._standing()
        if self._step != PARTNER:
            return standing
        proved = self._partner_proved() is not None and _PROVED in self._findings
        return standing if proved or standing not in _GOOD else Status.SKIPPED

    # what the verbs stand on

    def _look(self, names: Iterable[str]) -> Card:
        """Some of the checks at the partner, in the light of what was found already."""
        return self._found(self._open_connection.checks.run(PARTNER, only=names, known=self._findings.values()))

    def _way(self) -> Card:
        if self._open_connection.partner.side is None:
            return report.card("No API credentials of the partner are kept: its side is done by hand, as told below.")
        return report.card("The partner's API is asked with the credentials that are kept for this connection.")

    def _foresee(self) -> Card:
        side = self._open_connection.partner.side
        if side is not None:
            side.forget()
        return self._look(before.LOGIN)

    def _log_in_by_link(self, side: CyclrSide) -> object:
        """The link for a person; where access is allowed already, that it is, since another login costs an approval."""
        make = functools.partial(forms().login_link, side.new_link, self._authenticated, self._explain_page)
        if not side.installed.authenticated:
            return make()
        label = self._open_connection.profile.label
        told = report.card(
            f"Access is allowed for {label} already.",
            f"A new login is needed only where a check asks for one. Another approval is made by it ({APPROVAL}).",
            Status.PASSED,
        )
        return forms().allowed_already(told, f"Log in again for {label}", make)

    def _needs_login(self) -> Card | None:
        """What a person is told of whatever comes after the partner's login before that was made."""
        side, label = self._open_connection.partner.side, self._open_connection.profile.label
        if not self._someone or side is None:
            return None
        if self._foreseen():
            what = f"The login for {label} comes first, and what failed above would make it fail."
            return self._waiting(what, "Mend what failed above; then choose Run > Run All Cells.")
        with contextlib.suppress(RunbookError):
            if not side.installed.authenticated:
                what = f"The login for {label} comes first: nobody has logged in yet."
                return self._waiting(what, "Log in above; then choose Run > Run All Cells.")
        return None

    def _foreseen(self) -> list[str]:
        names = (*before.ACCESS, *before.CONNECTOR, *before.LOGIN)
        found = [self._findings[name] for name in names if name in self._findings]
        return [one.claim for one in found if one.status is Status.FAILED]

    def _authenticated(self) -> Card:
        side = self._open_connection.partner.side
        if side is not None:
            side.forget()
            with contextlib.suppress(RunbookError):
                if side.installed.authenticated:
                    self._open_connection.partner.record.note_authenticated(side.installed.number, datetime.now(UTC))
        seen = self._look(partner_proof.PROOF[:1])
        self._live.refresh("verdict")
        if not self._someone or self._findings[partner_proof.PROOF[0]].status is not Status.PASSED:
            return seen
        go_on = report.card("Now choose Run > Run All Cells: what comes after the login is then proved.")
        return seen + go_on

    def _partner_proved(self) -> str | None:
        """How it is proved, to be added to a sentence; None when it is not."""
        seen = self._findings.get(_DATA)
        if seen and seen.status is Status.PASSED:
            return ""
        shown = self._findings.get(ATTESTED)
        return " (attested by you)" if shown and shown.status is Status.PASSED else None

    def _salesforce_proved(self) -> bool:
        """Whether a query with this runbook's own login returns rows."""
        opened = self._open_connection
        try:
            asked = opened.org.api()
            return asked is not None and asked.query(opened.connection.test_query, max_rows=1).total_size > 0
        except RunbookError:
            return False

    def _register_failed(self) -> bool:
        """Whether the registration was incomplete when it was last looked at, which a pasted response cannot undo."""
        state = self._open_connection.progress.states().get("register")
        return state is not None and state.status is Status.FAILED

    def _rehearse_partner(self) -> None:
        """Without a person, what a person would have done before: logged in, carried the secret, mended the app."""
        opened = self._open_connection
        if opened.practice is None:
            return
        if opened.grants.stored() is None:
            opened.login.log_in_unattended()
        opened.partner.keep_api(opened.connection.partner_client_id, opened.practice.partner_client_secret)
        opened.practice.open_for_partner()

    def _close_rehearsal(self) -> None:
        if self._open_connection.practice and not self._someone:
            self._open_connection.practice.close_after_partner()


def _with(made: Finding, error: RunbookError) -> Finding:
    return replace(made, diagnosis=diagnosis_of(error))
