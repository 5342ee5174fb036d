"""The forms of the partner's notebook: its API, the click path of its console, its login, a pasted response."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sfrunbook.connection import OpenConnection
from sfrunbook.connection.practice_connection import PracticeConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.partners.cyclr.regions import SUPPORT_ADDRESS
from sfrunbook.report.cards import Card, card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.partner_fields import plain_values, variable_faults, variable_hints

__all__ = [
    "access_form",
    "blocked_panel",
    "console_login",
    "console_steps",
    "fix_in_practice",
    "login_link",
    "response_form",
]

_OPENED = (
    "A link was made and opened. It works once, for five minutes; press again for another. After Allow the tab ends on "
    "a page of the partner, perhaps its login page: close it, and press I have allowed access."
)
_CREDENTIALS_HELP = "Settings > OAuth Client Credentials of the partner's console; not those of the Salesforce app."


def access_form(opened: OpenConnection, check: Callable[[], Card]) -> object:
    """Fields for the profile's variables and the API's Client ID, and one for its Client Secret.

    A button enters the credentials of the practice Cyclr unseen.
    """
    return _AccessForm(opened, check).widget


class _AccessForm:
    """The fields for access to the partner's API, and the outcome of the check."""

    def __init__(self, opened: OpenConnection, check: Callable[[], Card]) -> None:
        self._opened, self._check = opened, check
        self._outcome = widgets.Outcome()
        profile, connection, practice = opened.profile, opened.connection, opened.practice
        fields = [widgets.Field(name=field.name, label=field.label, help=field.help) for field in profile.variables]
        form = widgets.Form(
            [*fields, widgets.Field(name="partner_client_id", label="API Client ID", help=_CREDENTIALS_HELP)],
            {**plain_values(profile, connection.variables), "partner_client_id": connection.partner_client_id},
            action="Keep these values",
            on_submit=self._save,
            on_change=lambda typed: variable_hints(profile, typed),
        )
        field = widgets.SecretField(
            label="API Client Secret",
            placeholder="Paste the Client Secret",
            action="Keep this secret",
            on_secret=self._keep,
        )
        parts = [form, field, self._outcome]
        if practice:
            label = "Use the practice partner's credentials"
            parts.insert(2, widgets.button(label, lambda: field.enter(practice.partner_client_secret)))
        self.widget = widgets.stack(*parts)

    def _save(self, values: Mapping[str, str]) -> None:
        opened = self._opened
        if faults := variable_faults(opened.profile, values):
            self._outcome.show(card("Nothing was kept yet.", "\n".join(faults), Status.FAILED))
            return
        try:
            opened.partner.keep_variables({field.name: values[field.name] for field in opened.profile.variables})
            opened.change(partner_client_id=values["partner_client_id"])
            opened.partner.reset()
        except RunbookError as error:
            self._outcome.explain(error)
            return
        done = "Kept. Now enter the Client Secret of the API, if there is one."
        self._outcome.show(card(done, status=Status.PASSED))

    def _keep(self, secret: Secret) -> str:
        if not secret:
            return "Not kept: nothing was entered."
        try:
            self._opened.partner.keep_api(self._opened.connection.partner_client_id, secret)
            self._outcome.show(self._check())
        except RunbookError as error:
            return f"Not kept: {diagnosis_of(error).what}"
        return f"Kept, encrypted. {self._opened.store.protection}"


def console_steps(opened: OpenConnection) -> object:
    """The partner's own screens in order, each value beside its step; the secret is never shown, only where it is."""
    reveal = opened.profile.forms_for(opened.connection.app_kind)[0].reveal
    client_id = opened.connection.client_id
    values = {"client_id": client_id, "client_secret": f"not shown here: copy it from {reveal}", "": ""}
    rows = [
        {
            "label": f"{number}. {step.where}",
            "value": values[step.copies] or step.what,
            "why": step.what if step.copies else "",
            "copyable": step.copies == "client_id" and bool(client_id),
        }
        for number, step in enumerate(opened.profile.steps, 1)
    ]
    table = widgets.CopyTable(
        caption=f"What to do at {opened.profile.label}", heading="Where", place=opened.profile.label, rows=rows
    )
    return widgets.stack(_practice_console(opened.practice), table) if opened.practice else table


def _practice_console(practice: PracticeConnection) -> object:
    address, username = practice.partner_console
    sentence = (
        f"This is practice: do these steps in the practice Console, not in the real one. Log in there as {username}; "
        "the password stands on its login page. Open {}"
    )
    return widgets.link(sentence, address)


def login_link(make: Callable[[], Secret], check: Callable[[], Card], explain: Callable[[Secret], Card]) -> object:
    """A button that opens a fresh sign-in link, one that checks for the login, and a field for its last page."""
    outcome = widgets.Outcome()

    def wanted() -> tuple[Secret | None, str]:
        try:
            return make(), _OPENED
        except RunbookError as error:
            outcome.explain(error)
            return None, "No link could be made; the card says why."

    link = widgets.OneTimeLink(label="Log in to Salesforce for the partner (opens a new tab)", on_wanted=wanted)
    arrived = widgets.button("I have allowed access: look again", lambda: outcome.show(check()))
    return widgets.stack(link, arrived, outcome, *_page_field(explain))


def fix_in_practice(checked: Card, fix: Callable[[], None], check: Callable[[], Card]) -> object:
    """The checks before a practice login, and a button by which the practice administrator fixes the practice app."""
    outcome = widgets.Outcome(checked)
    why = card(
        "This is practice: the practice app stands as a new app would, with today's boxes and for the real Cyclr.",
        "The practice Cyclr comes back to an address of this machine and sends no proof key, so you see what a real "
        "org would show. There an administrator follows the cards above; here the practice administrator can do it.",
    )

    def pressed() -> None:
        try:
            fix()
            checked = check()
        except RunbookError as error:
            outcome.explain(error)
            return
        done = "The practice administrator has mended the practice app."
        outcome.show(checked, card(done, "Now choose Run > Run All Cells.", Status.PASSED))

    button = widgets.button("Let the practice administrator mend the app", pressed)
    return widgets.stack(outcome, widgets.Outcome(why), button)


def console_login(where: Card, explain: Callable[[Secret], Card]) -> object:
    """Where to log in for the partner, and a field for the last page of a login that failed."""
    return widgets.stack(widgets.Outcome(where), *_page_field(explain))


def _page_field(explain: Callable[[Secret], Card]) -> tuple[object, ...]:
    """For what a browser shows, since its address may hold a code."""
    return _pasting(
        explain,
        label="If it failed: what the last page shows",
        placeholder="Paste its address, or its words",
        action="Explain this",
        done="Looked at, and not kept.",
    )


def response_form(judge: Callable[[Secret], Card], before: Card | None = None) -> Any:  # noqa: ANN401 -- a widget
    """A field for a method's response; `before` is the judgement of an earlier one."""
    parts = _pasting(
        judge,
        before,
        label="Method Response",
        placeholder="Paste the whole response of the Test tab",
        action="Look at this response",
        done="Looked at; none of its rows is kept.",
    )
    return widgets.stack(*parts)


def _pasting(
    judge: Callable[[Secret], Card], before: Card | None = None, *, done: str, placeholder: str, **field: str
) -> tuple[object, object]:
    """A field whose text is a message and never part of the notebook, and the card of `judge` below it."""
    outcome = widgets.Outcome(before or "")

    def pasted(text: Secret) -> str:
        if not text.reveal().strip():
            return f"Nothing was pasted. {placeholder}."
        outcome.show(judge(text))
        return done

    return widgets.SecretField(on_secret=pasted, placeholder=placeholder, **field), outcome


def blocked_panel(checked: Card, account: str, api_host: str, judge: Callable[[Secret], Card]) -> object:
    """The check, the mail to send, and a field for the response that the console shows."""
    return widgets.stack(widgets.Outcome(checked), _block_letter(account, api_host), response_form(judge))


def _block_letter(account: str, api_host: str) -> widgets.CopyTable:
    """The mail that asks for this machine's address to be allowed, ready to be copied."""
    text = (
        f"Please allow our public IP address (enter it here) to execute and test methods by your API at {api_host} "
        f"for our account {account}. The API answers: Unknown client IP Address."
    )
    rows = [
        {"label": "To", "value": SUPPORT_ADDRESS, "why": "", "copyable": True},
        {
            "label": "Text",
            "value": text,
            "why": "Whoever runs your network knows the public address of this machine.",
            "copyable": True,
        },
    ]
    return widgets.CopyTable(
        caption="A mail that asks for this machine to be allowed", heading="Mail", place="your mail", rows=rows
    )
