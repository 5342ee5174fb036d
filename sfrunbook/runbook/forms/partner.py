"""The forms of Set up the partner: its API, the steps in its console, its login, and a pasted response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from sfrunbook.connection.practice_org import PracticeOrg
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.partners.cyclr.regions import SUPPORT_ADDRESS
from sfrunbook.partners.cyclr.side import CyclrSide
from sfrunbook.report.cards import Card, card
from sfrunbook.report.drawing import partner_drawing
from sfrunbook.runbook import widgets
from sfrunbook.runbook.background import Watch, WatchState
from sfrunbook.runbook.forms.partner_fields import VariableFields
from sfrunbook.runbook.forms.practice_button import practice_button
from sfrunbook.runbook.state import State

__all__ = ["access_form", "api_question", "blocked_panel", "console_steps", "login_link", "page_field", "response_form"]

_OPENED = (
    "The link opened in a new tab. It works once, for 5 minutes. After Allow, Cyclr may show its own login page: "
    "close it. We detect your login."
)
#: a sign-in link works for 5 minutes
_LOOKS_SECONDS = (*[3.0] * 20, *[10.0] * 24)


def api_question(state: State, *, by_api: bool) -> object:
    """Whether there are credentials of the partner's API: only the chosen way is shown."""
    label = state.opened.profile.label
    field = widgets.Field(
        name="api",
        label=f"Do you have {label} API credentials?",
        kind="radio",
        options=(("Yes: set it up from here", "yes"), (f"No: use the {label} Console", "no")),
        help=f"They are in the {label} Console: Settings > OAuth Client Credentials.",
    )

    def chosen(values: Mapping[str, str]) -> dict[str, widgets.FieldHint]:
        if (values["api"] == "yes") is not by_api:
            state.attempt("partner", lambda: state.opened.progress.answer("partner_api", values["api"]))
            state.changed()
        return {}

    return widgets.Form((field,), {"api": "yes" if by_api else "no"}, action="", on_change=chosen)


def access_form(state: State, check: Callable[[], None]) -> object:
    """Fields for the account and the API's Client ID, and one for its Client Secret; `check` follows.

    A button enters the credentials of the practice Cyclr unseen.
    """
    return _AccessForm(state, check).widget


_CLIENT_ID = widgets.Field(name="partner_client_id", label="API Client ID", help="Not the Consumer Key of Salesforce.")


class _AccessForm:
    def __init__(self, state: State, check: Callable[[], None]) -> None:
        self._state, self._check, self._opened = state, check, state.opened
        self._outcome = widgets.Outcome()
        profile, connection = self._opened.profile, self._opened.connection
        self._variables = variables = VariableFields(profile, in_callbacks=False)
        self._form = form = widgets.Form(
            lambda values: [*variables.fields(values), _CLIENT_ID],
            {**variables.values(connection.variables), "partner_client_id": connection.partner_client_id},
            action="Save",
            on_submit=self._save,
            on_change=variables.hints,
        )
        self._field = widgets.SecretField(
            label="API Client Secret",
            placeholder="Paste the Client Secret",
            action=f"Save and set up {profile.label}",
            on_secret=self._save_secret,
        )
        use = practice_button(state, "partner", self._use_practice, entered=state.opened.partner.side is not None)
        own = [widgets.Fold("Enter the values yourself", form, self._field)] if use else [form, self._field]
        self.widget = widgets.stack(*use, *own, self._outcome)

    def _use_practice(self, org: PracticeOrg) -> None:
        """Enter the account and the API credentials of the practice Cyclr."""
        values = org.values
        self._opened.partner.keep_variables(dict(values.variables))
        self._opened.change(partner_client_id=values.partner_api.name)
        self._field.enter(values.partner_api.secret)

    def _save(self, values: Mapping[str, str]) -> None:
        opened = self._opened
        if faults := self._form.faults:
            self._outcome.show(card("Nothing was saved.", "\n".join(faults), Status.FAILED))
            return
        try:
            opened.partner.keep_variables(self._variables.entered(values))
            opened.change(partner_client_id=values["partner_client_id"])
            opened.partner.reset()
        except RunbookError as error:
            self._outcome.explain(error)
            return
        self._outcome.show(card("Saved. Now enter the Client Secret of the API.", status=Status.PASSED))
        self._state.changed()

    def _save_secret(self, secret: Secret) -> str:
        if not secret:
            return widgets.NotDone("Not saved. Paste the Client Secret.")
        try:
            self._opened.partner.keep_api(self._opened.connection.partner_client_id, secret)
        except RunbookError as error:
            return widgets.NotDone(f"Not saved. {diagnosis_of(error).what}")
        self._state.changed()
        self._check()
        return f"Saved. {self._opened.store.protection}"


def console_steps(state: State) -> object:
    """The partner's own screens in order, each value beside its step; the secret is never shown, only where it is."""
    opened = state.opened
    reveal = opened.profile.forms_for(opened.connection.app_kind)[0].reveal
    client_id, label = opened.connection.client_id, opened.profile.label
    values = {"client_id": client_id, "client_secret": f"Copy it from {reveal}", "": ""}
    rows = [
        {
            "label": f"{number}. {step.where}",
            "value": values[step.copies] or step.what,
            "why": step.what if step.copies else "",
            "copyable": step.copies == "client_id" and bool(client_id),
        }
        for number, step in enumerate(opened.profile.steps, 1)
    ]
    table = widgets.CopyTable(caption=f"Do this in the {label} Console", heading="Where", place=label, rows=rows)
    where = "; ".join(step.where for step in opened.profile.steps)
    lead = widgets.page_links(where, state.pages)
    if state.practice_org:
        lead = _practice_console(state.practice_org)
    drawing = widgets.Outcome(partner_drawing(opened.profile))
    return widgets.stack(lead, table, widgets.Fold("See the screen", drawing))


def _practice_console(practice: PracticeOrg) -> object:
    values = practice.values
    user = values.console_user
    sentence = f"Practice mode: use the practice Console. Log in as {user}; its login page shows the password. {{}}"
    return widgets.link(sentence, values.console_url)


def login_link(label: str, side: CyclrSide, judge: Callable[[], None], explain: Callable[[Secret], Card]) -> object:
    """A button that opens a fresh sign-in link, one that checks for the login, and a field for its last page.

    Once the link is open, the login is noticed by itself; `judge` follows, also when none came while the link worked.
    """
    outcome = widgets.Outcome()

    def not_yet() -> bool:
        side.forget()
        with suppress(RunbookError):
            if side.installed.authenticated:
                judge()
                return False
        return True

    def looked(state: WatchState) -> None:
        if state.too_long:
            judge()

    watch = Watch("login for the partner", not_yet, looked, _LOOKS_SECONDS)

    def wanted() -> tuple[Secret | None, str]:
        try:
            opened = side.new_link()
            watch.start()
            return opened, _OPENED
        except RunbookError as error:
            outcome.explain(error)
            return None, "We couldn't create a link. See why below."

    link = widgets.OneTimeLink(label=f"Log in to Salesforce for {label} (opens a new tab)", on_wanted=wanted)
    done = widgets.button("I allowed access: check it", judge)
    return widgets.stack(link, done, outcome, widgets.Fold("The login failed?", widgets.stack(*page_field(explain))))


def page_field(explain: Callable[[Secret], Card]) -> tuple[object, ...]:
    """For what a browser shows at the end of a login, since its address may hold a code."""
    return _pasting(
        explain,
        label="Last page of the login",
        placeholder="Paste the address of the tab where the login stopped, or its text",
        action="Explain this",
        done="Done. Your text isn't stored.",
    )


def response_form(judge: Callable[[Secret], Card]) -> object:
    """A field for a method's response."""
    parts = _pasting(
        judge,
        label="Method Response",
        placeholder="Paste the whole response of the Test tab",
        action="Check this response",
        done="Checked. We store none of its records.",
    )
    return widgets.stack(*parts)


def _pasting(judge: Callable[[Secret], Card], *, done: str, placeholder: str, **field: str) -> tuple[object, object]:
    """A field whose text is a message and never part of the notebook, and the card of `judge` below it."""
    outcome = widgets.Outcome()

    def pasted(text: Secret) -> str:
        if not text.reveal().strip():
            return widgets.NotDone(f"{placeholder} first.")
        outcome.show(judge(text))
        return done

    return widgets.SecretField(on_secret=pasted, placeholder=placeholder, **field), outcome


def blocked_panel(account: str, api_host: str, judge: Callable[[Secret], Card]) -> object:
    """What to do where this computer may not run methods: a mail to send, and the response that the console shows."""
    how = card("This computer may not run methods.", "Run one in the Console, or ask Cyclr to allow your address.")
    return widgets.stack(widgets.Outcome(how), response_form(judge), _block_letter(account, api_host))


def _block_letter(account: str, api_host: str) -> widgets.CopyTable:
    """The mail that asks for this computer's address to be allowed, ready to be copied."""
    text = (
        f"Please allow our public IP address (enter it here) to execute and test methods with your API.  "
        f"API host: {api_host}. Account: {account}. The API answers: Unknown client IP Address."
    )
    rows = [
        {"label": "To", "value": SUPPORT_ADDRESS, "why": "", "copyable": True},
        {"label": "Text", "value": text, "why": "Your network team knows the public address.", "copyable": True},
    ]
    return widgets.CopyTable(caption="Ask Cyclr to allow this computer", heading="Mail", place="your mail", rows=rows)
