"""The forms of Stay connected: decide about a refresh without an answer, and set up access without a login."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sfrunbook.connection.unattended import choices
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import GrantKind, Mark, Status
from sfrunbook.core.moments import local_and_utc
from sfrunbook.core.words import marks_legend
from sfrunbook.report.cards import Card, card, table
from sfrunbook.runbook import widgets
from sfrunbook.runbook.state import State

__all__ = ["decision", "unattended_form"]

_ACTIVE = {True: "is still active", False: "isn't active", None: "can't be checked"}


def decision(state: State) -> list[object]:
    """Buttons for a refresh whose answer was lost, or for new tokens in quarantine; nothing where all is decided."""
    grants = state.opened.grants

    def button(label: str, act: Callable[[], object]) -> object:
        def press() -> None:
            state.attempt("stay_connected", act)
            state.changed()

        return widgets.button(label, press)

    if quarantined := grants.quarantined():
        why = card("New tokens need your decision.", quarantined.reason, Status.WARNING)
        accept = button("Use the new tokens", grants.accept_quarantined)
        drop = button("Delete them and log in again", lambda: grants.drop_quarantined(revoking=True))
        return [widgets.Outcome(why), accept, drop]
    if sent := grants.undecided():
        active = _ACTIVE[grants.refresh_token_is_active()]
        lost = f"A refresh was sent on {local_and_utc(sent.at)}, and its answer was lost."
        why = card(lost, f"The refresh token {active}. Sending it again may revoke the access.", Status.WARNING)
        once = button("Send it once more", grants.try_refresh_once)
        return [widgets.Outcome(why), once, button("Log in again instead", grants.give_up)]
    return []


def unattended_form(state: State) -> object:
    """Access without a login: which kind suits, what an administrator clicks, the certificate, and a test."""
    return widgets.Fold("Connect without a login (optional)", _UnattendedForm(state).widget)


_KINDS = tuple((each.label, each.kind) for each in choices().values() if each.steps)
_KIND = widgets.Field(name="kind", label="Way", kind="radio", options=_KINDS)
_USERNAME = widgets.Field(
    name="username", label="Username", help="The user that the JWT Bearer Flow acts as. See Setup > Users."
)
_USE = widgets.Field(
    name="use",
    label="If it works",
    kind="radio",
    options=(("Only test it", ""), ("Use it from now on, and revoke the login", "yes")),
)


def _fields(values: Mapping[str, str]) -> tuple[widgets.Field, ...]:
    return (_KIND, _USERNAME, _USE) if values["kind"] == GrantKind.JWT_BEARER else (_KIND, _USE)


class _UnattendedForm:
    def __init__(self, state: State) -> None:
        self._state = state
        self._steps, self._outcome = widgets.Outcome(), widgets.Outcome()
        rows = [{"Way": each.label, "Suits": each.suits, "Costs": each.costs} for each in choices().values()]
        form = widgets.Form(
            _fields,
            {"kind": _KINDS[0][1], "username": state.opened.connection.username or "", "use": ""},
            action="Test this way",
            on_submit=self._test,
            on_change=self._show_steps,
        )
        table_of_ways = widgets.Outcome(table(rows, caption="Ways to connect"))
        self.widget = widgets.stack(table_of_ways, form, self._steps, self._outcome)

    def _show_steps(self, values: Mapping[str, str]) -> dict[str, widgets.FieldHint]:
        chosen = next(each for each in choices().values() if each.kind == values["kind"])
        connection = self._state.opened.connection
        rows = [
            {
                "Who": step.who,
                "Where": step.where(connection.app_kind, connection=connection.name),
                "What": step.what + (f" ({step.mark.value})" if step.mark is not Mark.CONFIRMED else ""),
            }
            for step in chosen.steps
        ]
        legend = marks_legend(marks={step.mark for step in chosen.steps} - {Mark.CONFIRMED})
        self._steps.show(table(rows, caption=f"{chosen.label}: what to click in Salesforce", note=legend))
        return {}

    def _test(self, values: Mapping[str, str]) -> None:
        unattended, kind = self._state.opened.unattended, GrantKind(values["kind"])
        shown: list[Card] = []
        try:
            if kind is GrantKind.JWT_BEARER:
                shown.append(self._certificate())
            request = unattended.use if values["use"] else unattended.prove
            grant = request(kind, username=values["username"])
        except RunbookError as error:
            self._outcome.explain(error)
            return
        done = "It is in use now." if values["use"] else "Nothing was changed."
        granted = f"Salesforce allows access as user {grant.user_id}. {done}"
        self._outcome.show(*shown, card(granted, status=Status.PASSED))
        self._state.changed()

    def _certificate(self) -> Card:
        """The certificate of the JWT Bearer Flow, to be copied or sent as a file; the key is not shown."""
        unattended = self._state.opened.unattended
        key, file = unattended.make_signing_key(), unattended.certificate_file
        facts = f"File: {file}\nValid until: {key.not_after:%Y-%m-%d}\nSHA-256: {key.fingerprint}"
        return card("Upload this certificate", f"{facts}\n{file.read_text('ascii')}")
