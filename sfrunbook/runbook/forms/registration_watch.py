"""The board of Callback URLs in Register the app, watched until every one of the partner's is registered."""

from __future__ import annotations

from collections.abc import Mapping

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Finding, Status
from sfrunbook.core.secrets.shape import shape_of_client_id
from sfrunbook.core.words import counted
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.runbook import widgets
from sfrunbook.runbook.background import PAUSES_SECONDS, Watch, WatchState
from sfrunbook.runbook.state import State
from sfrunbook.salesforce.oauth.probe import CallbackAnswer, CallbackProbe, ProbeReport

__all__ = ["RegistrationWatch"]

#: status, and words that say it without the sign
_ANSWERS = {
    CallbackAnswer.REGISTERED: ("passed", "registered"),
    CallbackAnswer.NOT_REGISTERED: ("failed", "missing"),
    CallbackAnswer.UNKNOWN_CLIENT: ("waiting", "app not found yet"),
    CallbackAnswer.INCONCLUSIVE: ("inconclusive", "couldn't check"),
}
_AGAIN = "We'll check again automatically."


class RegistrationWatch:
    """The board, and the watch that updates it and records the findings, in a thread of its own."""

    def __init__(self, state: State, step: str, *, pauses_seconds: tuple[float, ...] = PAUSES_SECONDS) -> None:
        self._state, self._step, self._opened = state, step, state.opened
        self._statuses: tuple[tuple[str, Status], ...] = ()
        self.board = widgets.Board(on_press=self._press)
        # one watch for the page: another connection's takes its place
        self._watch = Watch("registration", self._check, self._show_state, pauses_seconds)

    def start(self) -> None:
        """Start from the beginning, such as after another Consumer Key was entered."""
        self._statuses = ()
        self.board.looking = True
        self._watch.start()

    def close(self) -> None:
        """Stop checking."""
        self._watch.stop()
        self.board.looking = False

    def _press(self, pressed: str) -> None:
        if pressed == "now":
            self._watch.now()
        elif pressed == "start":
            self.start()
        else:
            self.close()
            self._say("warning", "You stopped the checks. Start them again any time.")

    def _say(self, status: str, sentence: str) -> None:
        self.board.status, self.board.sentence = status, sentence

    def _check(self) -> bool:
        """Check the registration once; whether another check is worth while."""
        if shape_of_client_id(self._opened.connection.client_id):
            self._say("skipped", "Save the Consumer Key above. Then the checks start.")
            return False
        about = self._state.subject(self._step)
        try:
            findings, probe = self._opened.checks.look_at_registration()
            self._record(findings, about)
        except RunbookError as error:
            diagnosis = diagnosis_of(error)
            self._say("inconclusive", diagnosis.what)
            return diagnosis.infrastructure
        return self._judge(findings, probe)

    def _record(self, findings: tuple[Finding, ...], about: Mapping[str, str]) -> None:
        statuses = tuple((finding.check, finding.status) for finding in findings)
        if statuses != self._statuses:
            self._statuses = statuses
            noted = self._opened.checks.note_registration(findings)
            self._state.record(self._step, noted, about, of=self._opened)

    def _judge(self, findings: tuple[Finding, ...], probe: ProbeReport | None) -> bool:
        if probe is None:
            detail = next((finding.detail for finding in findings if finding.status is not Status.PASSED), "")
            self._say("inconclusive", f"{detail} See the checks below.".strip())
            return True
        self.board.rows = [_row(probed, self._what_for(probed.callback)) for probed in probe.callbacks]
        wanted = self._opened.profile.callback_urls(self._opened.connection.variables)
        open_ones = [p for p in probe.callbacks if p.callback in wanted and p.answer is not CallbackAnswer.REGISTERED]
        if not open_ones:
            self._say("passed", f"All {counted(len(wanted), 'callback URL')} of the partner are registered.")
            return False
        missing = [probed.callback for probed in open_ones if probed.answer is CallbackAnswer.NOT_REGISTERED]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            self._say("failed", f"{counted(len(missing), 'callback URL')} {verb} missing. {_AGAIN}")
        elif probe.client_id_known is False:
            self._say("waiting", f"Salesforce doesn't know this Consumer Key yet. {_AGAIN}")
        else:
            self._say("inconclusive", f"{open_ones[0].reason} {_AGAIN}")
        return True

    def _what_for(self, callback: str) -> str:
        profile, variables = self._opened.profile, self._opened.connection.variables
        for wanted, url in zip(profile.callbacks, profile.filled_callbacks(variables), strict=True):
            if url == callback:
                return wanted.why
        return "Optional: with it, you needn't paste an address when you log in here."

    def _show_state(self, state: WatchState) -> None:
        board = self.board
        saved = self._opened.connection.registered_at
        board.seconds_since_saved = (self._opened.now() - saved).total_seconds() if saved else -1.0
        board.seconds_to_next, board.seconds_to_end = state.seconds_to_next, state.seconds_to_end
        board.looking = state.looking
        if state.too_long:
            sentence = board.sentence.replace(_AGAIN, "").strip()
            self._say("warning", f"30 minutes have passed. {sentence} If all is right, ask Salesforce Support.")
        board.beat += 1


def _row(probe: CallbackProbe, why: str) -> dict[str, str]:
    status, word = _ANSWERS[probe.answer]
    return {"callback": probe.callback, "answer": probe.answer.value, "status": status, "word": word, "why": why}
