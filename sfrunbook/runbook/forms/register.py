"""The forms of 01_register_app: what to enter in Salesforce, what someone attests of it, and the Consumer Key."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import AppKind, Mark, Status
from sfrunbook.core.secrets.shape import shape_of_client_id
from sfrunbook.core.words import marks_legend
from sfrunbook.partners import FilledField, PartnerProfile, RegistrationForm
from sfrunbook.report.cards import Card, card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.start_fields import EXISTING_APP

__all__ = ["attestation_list", "client_id_form", "points", "registration_sheet"]

_JUST_NOW, _EARLIER = "now", "earlier"
_FRESH = "A fresh app lets all users authorize and enforces IP restrictions (likely)."
_TICKS = {"ticked": "on", "cleared": "off"}


def registration_sheet(opened: OpenConnection) -> object:
    """Every field of the Salesforce screen with the value to enter and a button that copies it."""
    first = opened.profile.forms_for(opened.connection.app_kind)[0]
    forms = [_screen(opened, form, is_new=not _was_there(opened)) for form in opened.profile.forms]
    # a statement that is confirmed has no mark on this sheet
    sheet = widgets.Sheet(forms=forms, chosen=first.name, legend=marks_legend(marks=(Mark.LIKELY, Mark.GUESS)))
    return widgets.stack(*_lead(opened), sheet)


def _lead(opened: OpenConnection) -> list[object]:
    if opened.practice is not None:
        sentence = (
            "The practice app is registered already, so there is nothing to enter or to tick here: look at it, and go "
            "on with the link at the end. To rehearse the registration itself, make another app in Setup of the "
            "practice org, {}, and a connection of your own for it in 00_start, with that address as its login address."
        )
        return [widgets.link(sentence, opened.connection.login_url)]
    if _was_there(opened):
        compare = card(
            "The app is there already: compare each field with what it holds, and add what is missing.",
            "Nothing that another program uses needs to be taken away: an app may hold more Callback URLs than these.",
        )
        return [widgets.Outcome(compare)]
    return []


def _was_there(opened: OpenConnection) -> bool:
    return any(attested.point == EXISTING_APP for attested in opened.progress.attestations())


def _screen(opened: OpenConnection, form: RegistrationForm, *, is_new: bool) -> dict[str, object]:
    sections: dict[str, list[dict[str, str]]] = {}
    for field in opened.profile.fill(form, opened.connection.variables, (opened.connection.redirect_uri,)):
        if is_new or not field.names_app:
            sections.setdefault(field.section, []).append(_field(field, opened.profile))
    likely = "" if form.mark == "confirmed" else f" (The labels of this screen are {form.mark}.)"
    return {
        "name": form.name,
        "label": form.label,
        "when": form.when + likely if is_new else f"The screen of an app that is there already.{likely}",
        "path": form.path if is_new else f"{form.app_path}; press Edit there (likely)",
        "finish": f"{form.finish}." if is_new else "Save.",
        "reveal": f"{form.reveal}.",
        "delay": form.delay,
        "sections": [{"title": title, "fields": rows} for title, rows in sections.items()],
    }


def _field(field: FilledField, profile: PartnerProfile) -> dict[str, str]:
    wanted = {flag.label: flag.wanted for flag in profile.flags}.get(field.label) or _TICKS.get(field.value, "")
    picked = ("your own address", "\n".join(row.label for row in profile.scope_rows))
    kind = "tick" if wanted else "text" if field.value in picked else "copy"
    return {
        "label": field.label,
        "value": field.value,
        "why": field.why,
        "mark": field.mark.value,
        "kind": kind,
        "wanted": wanted,
    }


@dataclass(frozen=True, kw_only=True)
class Point:
    """Something about the app that only someone at Salesforce's screen can see."""

    name: str
    claim: str
    why: str


def points(profile: PartnerProfile, kind: AppKind) -> tuple[Point, ...]:
    """What someone has to look at: the scopes, the boxes that the partner needs, and who is let in."""
    on_screen = {field.flag for field in profile.forms_for(kind)[0].fields}
    labels = " and ".join(row.label for row in profile.scope_rows)
    found = [
        Point(
            name="scopes-are-selected",
            claim=f"Selected OAuth Scopes holds {labels}.",
            why="Salesforce names the scopes only after a login; the next notebooks then prove it.",
        )
    ]
    for flag in profile.flags:
        if flag.wanted != "leave" and flag.name in on_screen:
            claim = f"{flag.label} is {flag.value}."
            found.append(Point(name=f"{flag.name}-is-{flag.wanted}", claim=claim, why=flag.why))
    found.append(
        Point(
            name="users-are-admitted",
            claim="Permitted Users and IP Relaxation let in the user that the partner will work as.",
            why=f"{_policies(profile, kind)}. {_FRESH}",
        )
    )
    return tuple(found)


def _policies(profile: PartnerProfile, kind: AppKind) -> str:
    """Click path to the policies, for each screen that shows apps of this kind."""
    forms = profile.forms_for(kind)
    return "; or ".join(form.policies if len(forms) == 1 else f"{form.policies} ({form.label})" for form in forms)


def attestation_list(opened: OpenConnection) -> object:
    """Boxes for what cannot be seen from outside; a tick is stored as attested by this user, with the date."""
    known = points(opened.profile, opened.connection.app_kind)

    def rows() -> list[dict[str, str]]:
        by = {
            attested.point: f"attested by {attested.by}, {datetime.fromisoformat(attested.at):%Y-%m-%d}"
            for attested in opened.progress.attestations()
        }
        return [
            {"point": point.name, "claim": point.claim, "why": point.why, "attested": by.get(point.name, "")}
            for point in known
        ]

    def tick(point: str, on: bool) -> None:
        claim = next((wanted.claim for wanted in known if wanted.name == point), "")
        if claim and on:
            opened.progress.attest(point, claim, by=getpass.getuser(), at=opened.now())
        elif claim:
            opened.progress.withdraw(point)
        checklist.points = rows()

    intro = (
        "They cannot be seen from outside. Tick what you have seen; it is kept as attested by you, and goes into the "
        "hand-over sheet. A box that your screen does not have counts as cleared."
    )
    legend = marks_legend(*(point.why for point in known))
    checklist = widgets.Checklist(
        caption="Look at these yourself", intro=f"{intro} {legend}".strip(), points=rows(), on_tick=tick
    )
    return checklist


_KEY_FIELDS = (
    widgets.Field(
        name="client_id",
        label="Consumer Key",
        shape="client_id",
        help="Begins with 3MVG9 and is about 85 characters long. It is an identifier, not a secret.",
    ),
    widgets.Field(
        name="saved",
        label="App saved in Salesforce",
        kind="radio",
        options=(("Just now", _JUST_NOW), ("More than half an hour ago", _EARLIER)),
        help="A new or edited app takes minutes to work; with this the runbook can tell waiting from a wrong key.",
    ),
)


def client_id_form(opened: OpenConnection, check: Callable[[], Card | None], *, take_keys: bool = False) -> object:
    """A field for the Consumer Key, whose shape is checked while it is typed; `check` follows once it is stored.

    With `take_keys` the field has the focus at once, as where someone has just asked for it.
    """
    outcome = widgets.Outcome()

    def keep(values: Mapping[str, str]) -> None:
        text = values["client_id"]
        if faults := shape_of_client_id(text):
            outcome.show(card("Not kept: " + " ".join(faults), "Copy it again and paste it here.", Status.FAILED))
            return
        try:
            opened.keep_client_id(text, just_saved=values["saved"] == _JUST_NOW)
        except RunbookError as error:
            outcome.explain(error)
            return
        checked = check()
        outcome.show(card("The Consumer Key is kept.", status=Status.PASSED), checked or "")

    connection = opened.connection
    fresh = connection.registered_at is not None or not (connection.client_id or _was_there(opened))
    values = {"client_id": connection.client_id, "saved": _JUST_NOW if fresh else _EARLIER}
    form = widgets.Form(_KEY_FIELDS, values, action="Keep this key", on_submit=keep, take_keys=take_keys)
    return widgets.stack(form, outcome)
