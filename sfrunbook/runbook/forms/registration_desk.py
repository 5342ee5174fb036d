"""The desk of 01_register_app where the registration is watched until every Callback URL is in."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Finding, Status
from sfrunbook.core.secrets.shape import shape_of_client_id
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card, diagnosis_card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.background import PAUSES_SECONDS, Watch, WatchState
from sfrunbook.salesforce.oauth.probe import CallbackAnswer, CallbackProbe, ProbeReport

__all__ = ["RegistrationDesk"]

#: status, and words that say it without the sign
_ANSWERS = {
    CallbackAnswer.REGISTERED: ("passed", "registered"),
    CallbackAnswer.NOT_REGISTERED: ("failed", "missing"),
    CallbackAnswer.UNKNOWN_CLIENT: ("waiting", "app not known yet"),
    CallbackAnswer.INCONCLUSIVE: ("inconclusive", "not known"),
}


class RegistrationDesk:
    """The board of Callback URLs, the findings below it, and the watch that updates both.

    `record` gets the findings whenever an outcome has changed, in the watch's thread, and returns their card.
    """

    def __init__(
        self,
        opened: OpenConnection,
        record: Callable[[Iterable[Finding]], Card],
        *,
        pauses_seconds: tuple[float, ...] = PAUSES_SECONDS,
    ) -> None:
        self._opened, self._record = opened, record
        self._statuses: tuple[tuple[str, Status], ...] = ()
        self._outcome = widgets.Outcome()
        self.board = widgets.Board(on_press=self._press)
        self._watch = Watch(f"registration of {opened.connection.name}", self._look, self._show_state, pauses_seconds)

    def show(self) -> object:
        """The board, updated at once and then in the background."""
        self.start()
        return widgets.stack(self.board, self._outcome)

    def start(self) -> None:
        """Start again from the beginning, such as after another Consumer Key was entered."""
        self._statuses = ()
        self.board.looking = True
        self._watch.start()

    def close(self) -> None:
        """Stop looking."""
        self._watch.stop()
        self.board.looking = False

    def _press(self, pressed: str) -> None:
        if pressed == "now":
            self._watch.now()
        elif pressed == "start":
            self.start()
        else:
            self.close()
            self._say("warning", "You stopped it. What was seen last stands below; start again whenever you like.")

    def _say(self, status: str, sentence: str) -> None:
        self.board.status, self.board.sentence = status, sentence

    def _look(self) -> bool:
        """Look at the registration once; whether another look is worth while."""
        if shape_of_client_id(self._opened.connection.client_id):
            self._say("skipped", "Enter the Consumer Key above: with it the runbook looks at the app by itself.")
            return False
        try:
            findings, probe = self._opened.checks.look_at_registration()
            self._remember(findings)
        except RunbookError as error:
            diagnosis = diagnosis_of(error)
            self._outcome.show(diagnosis_card(diagnosis))
            self._say("inconclusive", diagnosis.what)
            return diagnosis.infrastructure
        return self._judge(findings, probe)

    def _remember(self, findings: tuple[Finding, ...]) -> None:
        statuses = tuple((finding.check, finding.status) for finding in findings)
        if statuses != self._statuses:
            self._statuses = statuses
            self._outcome.show(self._record(self._opened.checks.note_registration(findings)))

    def _judge(self, findings: tuple[Finding, ...], probe: ProbeReport | None) -> bool:
        if probe is None:
            detail = next((finding.detail for finding in findings if finding.status is not Status.PASSED), "")
            self._say("inconclusive", f"{detail} The card below says what to do.".strip())
            return True
        self.board.rows = [
            *(_row(probed, self._what_for(probed.callback)) for probed in probe.callbacks),
            _control_row(probe.control),
        ]
        unconfirmed = [probed for probed in probe.callbacks if probed.answer is not CallbackAnswer.REGISTERED]
        if not unconfirmed:
            count = len(probe.callbacks)
            self._say("passed", f"All {count} Callback URLs are registered, and a made-up one was refused. Go on.")
            return False
        missing = [probed.callback for probed in unconfirmed if probed.answer is CallbackAnswer.NOT_REGISTERED]
        if missing:
            self._say("failed", self._how_to_add(missing))
        elif probe.client_id_known is False:
            self._say("waiting", self._unknown_app())
        else:
            self._say("inconclusive", f"{unconfirmed[0].reason} The runbook looks again by itself.")
        return True

    def _what_for(self, callback: str) -> str:
        profile, variables = self._opened.profile, self._opened.connection.variables
        for wanted, url in zip(profile.callbacks, profile.filled_callbacks(variables), strict=True):
            if url == callback:
                return wanted.why
        return "The login of this runbook itself comes back here."

    def _how_to_add(self, missing: list[str]) -> str:
        which = " and ".join(missing)
        is_, it, each = ("is", "it is", "it") if len(missing) == 1 else ("are", "they are", "each")
        form = self._opened.profile.forms_for(self._opened.connection.app_kind)[0]
        return (
            f"{which} {is_} not in the app, as far as Salesforce knows by now. If {it} not there, open the app's OAuth "
            f"settings ({form.label}), add {each} on a line of its own to Callback "
            f"URL, and save. If {it} there already, wait: {_small(form.delay)} The runbook looks again by itself."
        )

    def _unknown_app(self) -> str:
        if self._opened.connection.registered_at is not None:
            form = self._opened.profile.forms_for(self._opened.connection.app_kind)[0]
            return f"Salesforce does not know the app yet. {form.delay} The runbook looks again by itself."
        return (
            "Salesforce does not know this Consumer Key at this host. Either the app was saved a moment ago, or the "
            "key is another org's: compare it with the screen. The runbook looks again by itself."
        )

    def _show_state(self, state: WatchState) -> None:
        board = self.board
        saved = self._opened.connection.registered_at
        board.seconds_since_saved = (self._opened.now() - saved).total_seconds() if saved else -1.0
        board.seconds_to_next, board.seconds_to_end = state.seconds_to_next, state.seconds_to_end
        board.looking = state.looking
        if state.too_long:
            sentence = f"Half an hour has passed and it is not done. {board.sentence} Or ask Salesforce Support."
            self._say("warning", sentence.replace(" The runbook looks again by itself.", ""))
        board.beat += 1


def _small(sentence: str) -> str:
    """A sentence as it is written after a colon."""
    return sentence[:1].lower() + sentence[1:]


def _row(probe: CallbackProbe, why: str) -> dict[str, str]:
    status, word = _ANSWERS[probe.answer]
    return {"callback": probe.callback, "answer": probe.answer.value, "status": status, "word": word, "why": why}


def _control_row(control: CallbackProbe) -> dict[str, str]:
    """The made-up Callback URL: the other answers count only where it is refused."""
    why = "Made up by the runbook and never to be registered: only if it is refused do the other answers count."
    row = _row(control, why) | {"answer": f"control-{control.answer.value}"}
    if control.answer is CallbackAnswer.NOT_REGISTERED:
        row |= {"status": "passed", "word": "refused, as it must be"}
    elif control.answer is CallbackAnswer.REGISTERED:
        row |= {"status": "warning", "word": "accepted, so nothing is proved"}
    return row
