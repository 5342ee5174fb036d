"""The forms of 02_enter_credentials: the place where secrets are kept, the Consumer Key and the Consumer Secret."""

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
from sfrunbook.report.cards import Card, card, diagnosis_card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.register import client_id_form
from sfrunbook.store import secret_place
from sfrunbook.store.connections import home
from sfrunbook.store.secret_place import Offer, Place

__all__ = ["ask_for_secret", "client_secret_form", "credentials_form"]

_PRACTICE = "It goes when this practice session ends."
_OPEN_FIRST = "Enter it above and press Use this passphrase; then paste the Consumer Secret again."
_KEPT_ALREADY = "A Consumer Secret is kept already. Enter one only to put it in its place."


def credentials_form(
    opened: OpenConnection, check: Callable[[], Card], environ: Mapping[str, str] = os.environ
) -> object:
    """The fields for Consumer Key, place and Consumer Secret, one below the other."""
    if not shape_of_client_id(opened.connection.client_id):
        length = len(opened.connection.client_id)
        told = card(f"The Consumer Key is kept: {length} characters, beginning with 3MVG9.", status=Status.PASSED)
        change = widgets.again(
            "Enter another Consumer Key", lambda: client_id_form(opened, lambda: None, take_keys=True)
        )
        return widgets.stack(widgets.Outcome(told.html).widget, change, client_secret_form(opened, check, environ))
    return widgets.stack(client_id_form(opened, lambda: None), client_secret_form(opened, check, environ))


def client_secret_form(
    opened: OpenConnection, check: Callable[[], Card], environ: Mapping[str, str] = os.environ
) -> object:
    """A field for the Consumer Secret; what was kept is checked at once and the outcome shown below.

    For the practice app a button carries its secret over unseen.
    """
    outcome = widgets.Outcome()

    def unlocked() -> None:
        field.message = _already(opened)
        if field.message:
            outcome.show(_checked(check).html)

    places = None if opened.practice else _Places(opened, environ, unlocked)

    def keep(secret: Secret) -> str:
        outcome.show("")
        wrong = shape_of_client_secret(secret.reveal())
        if wrong:
            return "Not kept: " + " ".join(wrong) + " Copy it again and paste it here."
        try:
            if places:
                places.apply()
            opened.keep_client_secret(secret)
        except RunbookError as error:
            if error.code == "passphrase-needed":
                return f"Not kept: the passphrase comes first. {_OPEN_FIRST}"
            return f"Not kept: {diagnosis_of(error).what} {_first_step(error)}"
        outcome.show(_checked(check).html)
        return f"Kept, encrypted. {opened.store.protection if places else _PRACTICE}"

    field = widgets.SecretField(
        label="Consumer Secret",
        placeholder="Paste the Consumer Secret",
        action="Keep this secret",
        shape="client_secret",
        on_secret=keep,
        message=_already(opened),
    )
    practice = opened.practice
    if practice is None:
        return widgets.stack(*(places.parts if places else ()), field, outcome.widget)

    def carry_over() -> None:
        field.message = keep(practice.client_secret)

    return widgets.stack(field, widgets.button("Use the practice app's secret", carry_over), outcome.widget)


def _already(opened: OpenConnection) -> str:
    """That a secret is kept, where that can be seen; what a passphrase has closed cannot."""
    try:
        return "" if opened.lacks_client_secret() else _KEPT_ALREADY
    except RunbookError:
        return ""


def _checked(check: Callable[[], Card]) -> Card:
    try:
        return check()
    except RunbookError as error:
        return diagnosis_card(diagnosis_of(error))


class _Places:
    """The choice of the place, and the field for a passphrase while that place needs one."""

    def __init__(self, opened: OpenConnection, environ: Mapping[str, str], on_unlocked: Callable[[], None]) -> None:
        self._opened, self._environ, self._on_unlocked = opened, environ, on_unlocked
        self._folder, self._name = home(environ), opened.connection.name
        self._offers = secret_place.offers(environ)
        self._form = widgets.Form(
            [self._field()],
            {"place": self._first().value},
            action="",
            on_change=self._hints,
        )
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
        """Let the chosen place be the one; raises RunbookError `kept-elsewhere`, `passphrase-needed` and their kin."""
        secret_place.choose(self._folder, self._name, self._chosen, self._environ)
        self._opened.records.reopen_store()

    @property
    def _chosen(self) -> Place:
        return Place(self._form.values["place"])

    def _first(self) -> Place:
        """The place that was chosen before, or the best that can be had."""
        held = secret_place.chosen(self._folder, self._name)
        known = [one.place for one in self._offers if one.available]
        return held if held in known else known[0]

    def _field(self) -> widgets.Field:
        options = tuple((one.label, one.place.value) for one in self._offers if one.available)
        missing = " ".join(f"{one.label}: {one.meaning}" for one in self._offers if not one.available)
        return widgets.Field(
            name="place", label="Kept where", kind="radio", options=options, help=f"Always encrypted. {missing}".strip()
        )

    def _hints(self, values: Mapping[str, str]) -> dict[str, widgets.FieldHint]:
        offer: Offer = next(one for one in self._offers if one.place.value == values["place"])
        return {"place": widgets.FieldHint(status=Status.PASSED, told=offer.meaning)}

    def _arrange(self) -> None:
        self._passphrase.repeat = "Passphrase again" if secret_place.passphrase_is_new(self._folder) else ""
        self._box.children = (self._passphrase,) if self._chosen is Place.PASSPHRASE else ()

    def _unlock(self, passphrase: Secret) -> str:
        try:
            secret_place.unlock(self._folder, passphrase, self._environ)
        except RunbookError as error:
            return f"Not used: {diagnosis_of(error).what} {_first_step(error)}"
        self._opened.records.reopen_store()
        self._on_unlocked()
        return "The passphrase is used until this session ends. Write it down in your password manager."


def ask_for_secret(opened: OpenConnection, check: Callable[[], Card]) -> Card:
    """The same without widgets: the front end asks for the secret and shows dots; this cell waits for it."""
    try:
        secret = Secret(getpass.getpass("Consumer Secret: "))
    except (EOFError, KeyboardInterrupt):
        return card("Nothing was entered. Run this cell again to enter the Consumer Secret.", skip=Skip.TO_DO)
    wrong = shape_of_client_secret(secret.reveal())
    if wrong:
        told = "Copy it again, run this cell again, and paste it into the field that appears."
        return card("Not kept: " + " ".join(wrong), told, Status.FAILED)
    opened.keep_client_secret(secret)
    return check()


def _first_step(error: RunbookError) -> str:
    causes = diagnosis_of(error).causes
    return causes[0].remedies[0].what if causes and causes[0].remedies else ""
