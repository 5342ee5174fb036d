"""The forms of 02_enter_credentials: the place where secrets are stored, the Consumer Key and the Consumer Secret."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Mapping

from sfrunbook.connection import OpenConnection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Skip, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.core.secrets.shape import shape_of_client_id, shape_of_client_secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card, card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.register import client_id_form
from sfrunbook.store import secret_place
from sfrunbook.store.connections import home
from sfrunbook.store.secret_place import Place

__all__ = ["ask_for_secret", "client_secret_form", "credentials_form"]

_PRACTICE = "It goes when this practice session ends."
_OPEN_FIRST = "Enter it above and press Use this passphrase; then paste the Consumer Secret again."
_KEPT_ALREADY = "A Consumer Secret is kept already. Enter one only to put it in its place."


def credentials_form(
    opened: OpenConnection, check: Callable[[], Card], environ: Mapping[str, str] = os.environ
) -> object:
    """The fields for Consumer Key, place and Consumer Secret, one below the other."""
    secret_form = client_secret_form(opened, check, environ)
    if shape_of_client_id(opened.connection.client_id):
        return widgets.stack(client_id_form(opened, lambda: None), secret_form)
    length = len(opened.connection.client_id)
    entered = card(f"The Consumer Key is kept: {length} characters, beginning with 3MVG9.", status=Status.PASSED)
    change = widgets.again("Enter another Consumer Key", lambda: client_id_form(opened, lambda: None, take_keys=True))
    return widgets.stack(widgets.Outcome(entered), change, secret_form)


def client_secret_form(
    opened: OpenConnection, check: Callable[[], Card], environ: Mapping[str, str] = os.environ
) -> object:
    """A field for the Consumer Secret, which is checked as soon as it is stored; the outcome is shown below.

    For the practice app a button enters its secret unseen.
    """
    return _SecretForm(opened, check, environ).widget


class _SecretForm:
    """The field for the Consumer Secret, for a real org the place to store it, and the outcome of the check."""

    def __init__(self, opened: OpenConnection, check: Callable[[], Card], environ: Mapping[str, str]) -> None:
        self._opened, self._check = opened, check
        self._outcome = widgets.Outcome()
        self._field = widgets.SecretField(
            label="Consumer Secret",
            placeholder="Paste the Consumer Secret",
            action="Keep this secret",
            shape="client_secret",
            on_secret=self._keep,
            message=self._stored_already(),
        )
        practice = opened.practice
        self._places = None if practice else _Places(opened, environ, self._unlocked)
        if practice:
            use = widgets.button("Use the practice app's secret", lambda: self._field.enter(practice.client_secret))
            self.widget = widgets.stack(self._field, use, self._outcome)
        else:
            self.widget = widgets.stack(*(self._places.parts if self._places else ()), self._field, self._outcome)

    def _keep(self, secret: Secret) -> str:
        self._outcome.show()
        if faults := shape_of_client_secret(secret.reveal()):
            return "Not kept: " + " ".join(faults) + " Copy it again and paste it here."
        try:
            if self._places:
                self._places.apply()
            self._opened.keep_client_secret(secret)
        except RunbookError as error:
            if error.code == "passphrase-needed":
                return f"Not kept: the passphrase comes first. {_OPEN_FIRST}"
            return f"Not kept: {_what_and_how(error)}"
        self._show_checked()
        return f"Kept, encrypted. {self._opened.store.protection if self._places else _PRACTICE}"

    def _unlocked(self) -> None:
        self._field.message = self._stored_already()
        if self._field.message:
            self._show_checked()

    def _stored_already(self) -> str:
        """That a secret is stored already, where that is known: a locked store cannot be read."""
        try:
            return "" if self._opened.lacks_client_secret() else _KEPT_ALREADY
        except RunbookError:
            return ""

    def _show_checked(self) -> None:
        try:
            self._outcome.show(self._check())
        except RunbookError as error:
            self._outcome.explain(error)


class _Places:
    """The choice of where secrets are stored, and the field for a passphrase while that place needs one."""

    def __init__(self, opened: OpenConnection, environ: Mapping[str, str], on_unlocked: Callable[[], None]) -> None:
        self._opened, self._environ, self._on_unlocked = opened, environ, on_unlocked
        self._folder, self._name = home(environ), opened.connection.name
        self._offers = secret_place.offers(environ)
        self._form = widgets.Form([self._field()], {"place": self._first().value}, action="", on_change=self._hints)
        self._passphrase = widgets.SecretField(
            label="Passphrase",
            placeholder="At least 12 characters: four words",
            action="Use this passphrase",
            on_secret=self._unlock,
        )
        self._box = widgets.stack()
        self._form.observe(lambda _change: self._arrange(), "values")
        self._arrange()
        self.parts = (self._form, self._box)

    def apply(self) -> None:
        """Use the chosen place; raises RunbookError such as `kept-elsewhere` and `passphrase-needed`."""
        secret_place.choose(self._folder, self._name, self._chosen, self._environ)
        self._opened.records.reopen_store()

    @property
    def _chosen(self) -> Place:
        return Place(self._form.values["place"])

    def _first(self) -> Place:
        """The place that was chosen before, or the best that is available."""
        chosen = secret_place.chosen(self._folder, self._name)
        available = [offer.place for offer in self._offers if offer.available]
        return chosen if chosen in available else available[0]

    def _field(self) -> widgets.Field:
        options = tuple((offer.label, offer.place.value) for offer in self._offers if offer.available)
        missing = " ".join(f"{offer.label}: {offer.meaning}" for offer in self._offers if not offer.available)
        return widgets.Field(
            name="place", label="Kept where", kind="radio", options=options, help=f"Always encrypted. {missing}".strip()
        )

    def _hints(self, values: Mapping[str, str]) -> dict[str, widgets.FieldHint]:
        offer = next(offer for offer in self._offers if offer.place.value == values["place"])
        return {"place": widgets.FieldHint(status=Status.PASSED, sentence=offer.meaning)}

    def _arrange(self) -> None:
        self._passphrase.repeat = "Passphrase again" if secret_place.passphrase_is_new(self._folder) else ""
        self._box.children = (self._passphrase,) if self._chosen is Place.PASSPHRASE else ()

    def _unlock(self, passphrase: Secret) -> str:
        try:
            secret_place.unlock(self._folder, passphrase, self._environ)
        except RunbookError as error:
            return f"Not used: {_what_and_how(error)}"
        self._opened.records.reopen_store()
        self._on_unlocked()
        return "The passphrase is used until this session ends. Write it down in your password manager."


def ask_for_secret(opened: OpenConnection, check: Callable[[], Card]) -> Card:
    """The same without widgets: the front end asks for the secret and shows dots while this cell waits."""
    try:
        secret = Secret(getpass.getpass("Consumer Secret: "))
    except (EOFError, KeyboardInterrupt):
        return card("Nothing was entered. Run this cell again to enter the Consumer Secret.", skip=Skip.TO_DO)
    if faults := shape_of_client_secret(secret.reveal()):
        how = "Copy it again, run this cell again, and paste it into the field that appears."
        return card("Not kept: " + " ".join(faults), how, Status.FAILED)
    opened.keep_client_secret(secret)
    return check()


def _what_and_how(error: RunbookError) -> str:
    """What went wrong, and the first step against it."""
    diagnosis = diagnosis_of(error)
    steps = [remedy.what for cause in diagnosis.causes[:1] for remedy in cause.remedies[:1]]
    return f"{diagnosis.what} {''.join(steps)}"
