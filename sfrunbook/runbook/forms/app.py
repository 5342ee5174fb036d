"""The forms of Register the app: which app, what to enter in Salesforce, and the Consumer Key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sfrunbook import partners
from sfrunbook.connection.practice_org import PracticeOrg
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import DEFAULT_REDIRECT_URI, AppKind, Status
from sfrunbook.core.secrets.shape import shape_of_client_id
from sfrunbook.partners import FilledField, PartnerProfile, RegistrationForm
from sfrunbook.report.cards import card
from sfrunbook.report.drawing import form_drawing
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.partner_fields import VariableFields
from sfrunbook.runbook.forms.practice_button import practice_button
from sfrunbook.runbook.state import State
from sfrunbook.salesforce.oauth.redirect import can_receive

__all__ = ["EXISTING", "app_form", "client_id_form", "is_existing", "registration_sheet"]

_NEW, EXISTING = "new", "existing"
_JUST_NOW, _EARLIER = "now", "earlier"
_BOXES = {"checked": "on", "cleared": "off"}


def is_existing(state: State) -> bool:
    """Whether someone has answered that the app is there already."""
    return state.opened.progress.answers().get("app") == EXISTING


def app_form(state: State) -> object:
    """New or existing, which kind, which partner, and the partner's address in the Callback URLs."""
    return _AppForm(state).widget


class _AppForm:
    def __init__(self, state: State) -> None:
        self._state = state
        self._outcome = widgets.Outcome()
        self._profiles = {name: partners.load(name) for name in partners.names()}
        self._variables = {name: VariableFields(profile, in_callbacks=True) for name, profile in self._profiles.items()}
        self._form = form = widgets.Form(
            self._fields, self._values(), action="Save", on_submit=self._save, on_change=self._hints
        )
        self.widget = widgets.stack(*self._practice(), form, self._outcome)

    def _practice(self) -> list[object]:
        """While other addresses are entered, that the practice Cyclr has its own, and the button that enters them."""
        org = self._state.practice_org
        entered = not org or org.values.variables.items() <= self._state.opened.connection.variables.items()
        note = card("The practice Cyclr has its own addresses.", "Press Use practice values to enter them.")
        button = practice_button(self._state, "app", self._use_practice, entered=entered)
        return button if entered else [widgets.Outcome(note), *button]

    def _use_practice(self, org: PracticeOrg) -> None:
        """Enter the addresses of the practice Cyclr."""
        opened = self._state.opened
        opened.change(variables={**opened.connection.variables, **org.values.variables})
        opened.partner.reset()
        self._state.changed()

    def _fields(self, values: Mapping[str, str]) -> tuple[widgets.Field, ...]:
        return (
            widgets.Field(
                name="app",
                label="The app in Salesforce",
                kind="radio",
                options=(("Register a new app", _NEW), ("Use an existing app", EXISTING)),
            ),
            widgets.Field(
                name="app_kind",
                label="Kind of app",
                kind="radio",
                options=tuple((kind.label, kind.value) for kind in AppKind),
                help="Since Spring '26, new apps are External Client Apps. Existing Connected Apps keep working.",
            ),
            widgets.Field(
                name="profile",
                label="Partner",
                kind="choice",
                options=tuple((profile.label, name) for name, profile in self._profiles.items()),
            ),
            *self._variables[values["profile"]].fields(values),
            widgets.Field(
                name="redirect_uri",
                label="Callback URL of this runbook",
                placeholder=DEFAULT_REDIRECT_URI,
                help="Optional. If you add it to the app, you needn't paste an address when you log in.",
            ),
        )

    def _values(self) -> dict[str, str]:
        connection = self._state.opened.connection
        values = {
            "app": EXISTING if is_existing(self._state) else _NEW,
            "app_kind": connection.app_kind.value,
            "profile": connection.profile,
            "redirect_uri": connection.redirect_uri,
        }
        for name, variables in self._variables.items():
            values |= variables.values(connection.variables if connection.profile == name else {})
        return values

    def _hints(self, values: Mapping[str, str]) -> dict[str, widgets.FieldHint]:
        found = self._variables[values["profile"]].hints(values)
        if values["app"] == _NEW and values["app_kind"] == AppKind.CONNECTED_APP:
            found["app_kind"] = widgets.FieldHint(
                status=Status.WARNING,
                sentence="Only Salesforce Support can let you create a new Connected App.",
                use="Use an External Client App",
                fills={"app_kind": AppKind.EXTERNAL_CLIENT_APP.value},
            )
        if not can_receive(values["redirect_uri"] or DEFAULT_REDIRECT_URI):
            paste = "You'll paste the address after login: this computer can't receive it there."
            found["redirect_uri"] = widgets.FieldHint(status=Status.WARNING, sentence=paste)
        return found

    def _save(self, values: Mapping[str, str]) -> None:
        if faults := self._form.faults:
            self._outcome.show(card("Nothing was saved.", "\n".join(faults), Status.FAILED))
            return
        opened, profile = self._state.opened, values["profile"]
        entered = self._variables[profile].entered(values)
        kept = opened.connection.variables if opened.connection.profile == profile else {}
        try:
            opened.change(
                profile=profile,
                app_kind=AppKind(values["app_kind"]),
                redirect_uri=values["redirect_uri"] or DEFAULT_REDIRECT_URI,
                variables={name: value for name, value in {**kept, **entered}.items() if value},
            )
            opened.partner.reset()
            opened.progress.answer("app", values["app"])
        except RunbookError as error:
            self._outcome.explain(error)
            return
        self._outcome.show(card("Saved.", status=Status.PASSED))
        self._state.changed()


def registration_sheet(state: State) -> object:
    """Every field of the Salesforce screen with the value to enter and a button that copies it."""
    opened = state.opened
    first = opened.profile.forms_for(opened.connection.app_kind)[0]
    forms = [_screen(state, form) for form in opened.profile.forms]
    sheet = widgets.Sheet(forms=forms, chosen=first.name)
    filled = opened.profile.fill(first, opened.connection.variables, (opened.connection.redirect_uri,))
    drawing = widgets.Outcome(form_drawing(first, filled, marked="Callback URL"))
    path = first.app_path if is_existing(state) else first.path
    return widgets.stack(widgets.page_links(path, state.pages), sheet, widgets.Fold("See the screen", drawing))


def _screen(state: State, form: RegistrationForm) -> dict[str, object]:
    opened, is_new = state.opened, not is_existing(state)
    sections: dict[str, list[dict[str, str]]] = {}
    for field in opened.profile.fill(form, opened.connection.variables, (opened.connection.redirect_uri,)):
        if is_new or not field.names_app:
            sections.setdefault(field.section, []).append(_field(field, opened.profile))
    return {
        "name": form.name,
        "label": form.label,
        "when": form.when if is_new else "Compare each field with your app, and add what's missing.",
        "path": form.path if is_new else f"{form.app_path}, then Edit",
        "finish": f"{form.finish}." if is_new else "Save.",
        "reveal": f"{form.reveal}.",
        "delay": form.delay,
        "sections": [{"title": title, "fields": rows} for title, rows in sections.items()],
    }


def _field(field: FilledField, profile: PartnerProfile) -> dict[str, str]:
    wanted = {flag.label: flag.wanted for flag in profile.flags}.get(field.label) or _BOXES.get(field.value, "")
    picked = "\n".join(row.label for row in profile.scope_rows)
    kind = "tick" if wanted else "text" if field.value == picked or field.value.startswith("your ") else "copy"
    return {
        "label": field.label,
        "value": field.value,
        "why": field.why,
        "mark": field.mark.value,
        "kind": kind,
        "wanted": wanted,
    }


_KEY_FIELDS = (
    widgets.Field(
        name="client_id",
        label="Consumer Key",
        shape="client_id",
        help="Starts with 3MVG9 and has about 85 characters. It isn't a secret.",
    ),
    widgets.Field(
        name="saved",
        label="App saved in Salesforce",
        kind="radio",
        options=(("Just now", _JUST_NOW), ("More than 30 minutes ago", _EARLIER)),
        help="New apps can take up to 30 minutes to work. We then know whether to wait.",
    ),
)


def client_id_form(state: State, then: Callable[[], None]) -> object:
    """A field for the Consumer Key, whose shape is checked while it is typed; `then` is called once it is stored."""
    outcome = widgets.Outcome()
    opened = state.opened

    def save(values: Mapping[str, str]) -> None:
        text = values["client_id"]
        if faults := shape_of_client_id(text):
            # an empty text is one that the browser has held back, because it looks like a secret
            reasons = " ".join(faults) if text else "Paste the Consumer Key, which starts with 3MVG9."
            outcome.show(card("The key wasn't saved.", reasons, Status.FAILED))
            return
        try:
            opened.keep_client_id(text, just_saved=values["saved"] == _JUST_NOW)
        except RunbookError as error:
            outcome.explain(error)
            return
        outcome.show(card("The Consumer Key is saved.", status=Status.PASSED))
        for each in practice:  # there is another key now
            each.button_style = ""
        state.changed()
        then()

    connection = opened.connection
    fresh = connection.registered_at is not None or not (connection.client_id or is_existing(state))
    values = {"client_id": connection.client_id, "saved": _JUST_NOW if fresh else _EARLIER}
    form = widgets.Form(_KEY_FIELDS, values, action="Save key", on_submit=save)

    def use_practice(org: PracticeOrg) -> None:
        app = org.values.app
        key = app.name if app else org.client_id_of(connection.app_kind)
        form.values = {"client_id": key, "saved": _EARLIER}
        save(form.values)

    practice = practice_button(state, "app", use_practice, entered=bool(connection.client_id))
    return widgets.stack(*practice, form, outcome)
