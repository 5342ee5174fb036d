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
from sfrunbook.report.cards import Card, card, diagnosis_card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.partner_fields import plain_values, variable_faults, variable_hints

__all__ = [
    "access_form",
    "allowed_already",
    "block_letter",
    "blocked_panel",
    "console_login",
    "console_steps",
    "login_link",
    "mend_in_practice",
    "response_form",
]

_OPENED = (
    "A link was made and opened. It works once, for five minutes; press again for another. After Allow the tab ends on "
    "a page of the partner, perhaps its login page: close it, and press I have allowed access."
)
_CREDENTIALS_HELP = "Settings > OAuth Client Credentials of the partner's console; not those of the Salesforce app."


def access_form(opened: OpenConnection, check: Callable[[], Card]) -> object:
    """Fields for the profile's variables and the API's Client ID, and one for its Client Secret.

    The practice partner's credentials come by a button, unseen.
    """
    outcome = widgets.Outcome()

    def save(values: Mapping[str, str]) -> None:
        if wrong := variable_faults(opened.profile, values):
            outcome.show(card("Nothing was kept yet.", "\n".join(wrong), Status.FAILED).html)
            return
        try:
            opened.partner.keep_variables({one.name: values[one.name] for one in variables})
            opened.change(partner_client_id=values["partner_client_id"])
            opened.partner.reset()
        except RunbookError as error:
            outcome.show(diagnosis_card(diagnosis_of(error)).html)
            return
        told = "Kept. Now enter the Client Secret of the API, if there is one."
        outcome.show(card(told, status=Status.PASSED).html)

    def keep(secret: Secret) -> str:
        if not secret:
            return "Not kept: nothing was entered."
        try:
            opened.partner.keep_api(opened.connection.partner_client_id, secret)
            outcome.show(check().html)
        except RunbookError as error:
            return f"Not kept: {diagnosis_of(error).what}"
        return f"Kept, encrypted. {opened.store.protection}"

    variables = opened.profile.variables
    fields = [widgets.Field(name=one.name, label=one.label, help=one.help) for one in variables]
    fields.append(widgets.Field(name="partner_client_id", label="API Client ID", help=_CREDENTIALS_HELP))
    values = plain_values(opened.profile, opened.connection.variables)
    values["partner_client_id"] = opened.connection.partner_client_id
    form = widgets.Form(
        fields,
        values,
        action="Keep these values",
        on_submit=save,
        on_change=lambda typed: variable_hints(opened.profile, typed),
    )
    field = widgets.SecretField(
        label="API Client Secret", placeholder="Paste the Client Secret", action="Keep this secret", on_secret=keep
    )
    practice = opened.practice
    if practice is None:
        return widgets.stack(form, field, outcome.widget)

    def carry_over() -> None:
        field.message = keep(practice.partner_client_secret)

    use = widgets.button("Use the practice partner's credentials", carry_over)
    return widgets.stack(form, field, use, outcome.widget)


def console_steps(opened: OpenConnection) -> object:
    """The partner's own screens in order, each value beside its step; the secret is never shown, only where it is."""
    reveal = opened.profile.forms_for(opened.connection.app_kind)[0].reveal
    values = {
        "client_id": opened.connection.client_id,
        "client_secret": f"not shown here: copy it from {reveal}",
        "": "",
    }
    rows = [
        {
            "label": f"{number}. {step.where}",
            "value": values[step.copies] or step.what,
            "why": step.what if step.copies else "",
            "copyable": step.copies == "client_id" and bool(values["client_id"]),
        }
        for number, step in enumerate(opened.profile.steps, 1)
    ]
    table = widgets.CopyTable(
        caption=f"What to do at {opened.profile.label}", heading="Where", place=opened.profile.label, rows=rows
    )
    return widgets.stack(_practice_console(opened.practice), table) if opened.practice else table


def _practice_console(practice: PracticeConnection) -> object:
    address, username = practice.partner_console
    told = (
        f"This is practice: do these steps in the practice Console, not in the real one. Log in there as {username}; "
        "the password stands on its login page. Open {}"
    )
    return widgets.link(told, address)


def login_link(make: Callable[[], Secret], look: Callable[[], Card], explain: Callable[[Secret], Card]) -> object:
    """A button that opens a fresh sign-in link, one that looks whether the login came, and a field for its end."""
    outcome = widgets.Outcome()

    def wanted() -> tuple[Secret | None, str]:
        try:
            return make(), _OPENED
        except RunbookError as error:
            outcome.show(diagnosis_card(diagnosis_of(error)).html)
            return None, "No link could be made; the card says why."

    link = widgets.OneTimeLink(label="Log in to Salesforce for the partner (opens a new tab)", on_wanted=wanted)
    arrived = widgets.button("I have allowed access: look again", lambda: outcome.show(look().html))
    return widgets.stack(link, arrived, outcome.widget, *_page_field(explain))


def allowed_already(told: Card, label: str, again: Callable[[], object]) -> object:
    """That access is allowed, and a button for another login."""
    return widgets.stack(widgets.Outcome(told.html).widget, widgets.again(label, again))


def mend_in_practice(told: Card, mend: Callable[[], None], look: Callable[[], Card]) -> object:
    """What was foreseen of a rehearsal, and a button by which the practice administrator mends the practice app."""
    outcome = widgets.Outcome(told.html)
    why = card(
        "This is practice: the practice app stands as a new app would, with today's boxes and for the real Cyclr.",
        "The practice Cyclr comes back to an address of this machine and sends no proof key, so you see what a real "
        "org would show. There an administrator follows the cards above; here the practice administrator can do it.",
    )

    def pressed() -> None:
        try:
            mend()
            seen = look()
        except RunbookError as error:
            outcome.show(diagnosis_card(diagnosis_of(error)).html)
            return
        done = card(
            "The practice administrator has mended the practice app.", "Now choose Run > Run All Cells.", Status.PASSED
        )
        outcome.show(seen.html + done.html)

    button = widgets.button("Let the practice administrator mend the app", pressed)
    return widgets.stack(outcome.widget, widgets.Outcome(why.html).widget, button)


def console_login(told: Card, explain: Callable[[Secret], Card]) -> object:
    """Where a person logs in for the partner, and a field for the page on which it ended when it failed."""
    return widgets.stack(widgets.Outcome(told.html).widget, *_page_field(explain))


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
    """A field for a method's response; `before` is what another response has shown already."""
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
    look: Callable[[Secret], Card], before: Card | None = None, *, done: str, placeholder: str, **field: str
) -> tuple[object, object]:
    """A field whose text is a message and never part of the notebook, and the place where `look` tells of it."""
    outcome = widgets.Outcome(before.html if before else "")

    def pasted(text: Secret) -> str:
        if not text.reveal().strip():
            return f"Nothing was pasted. {placeholder}."
        outcome.show(look(text).html)
        return done

    return widgets.SecretField(on_secret=pasted, placeholder=placeholder, **field), outcome.widget


def blocked_panel(told: Card, account: str, api_host: str, judge: Callable[[Secret], Card]) -> object:
    """What was found, the mail to send, and a field for the response that the console shows."""
    return widgets.stack(widgets.Outcome(told.html).widget, block_letter(account, api_host), response_form(judge))


def block_letter(account: str, api_host: str) -> widgets.CopyTable:
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
