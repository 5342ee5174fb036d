"""The forms of Enter the key and secret: where secrets are stored, and the Consumer Secret."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from sfrunbook.connection import OpenConnection
from sfrunbook.connection.practice_org import PracticeOrg
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.core.secrets.shape import shape_of_client_secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.practice_button import practice_button
from sfrunbook.runbook.state import State
from sfrunbook.store import secret_place
from sfrunbook.store.connections import home
from sfrunbook.store.secret_place import Place

__all__ = ["secret_form"]

_PRACTICE = "Encrypted, and deleted when you close this practice session."
_STORED = "A Consumer Secret is stored. Enter one only to replace it."


def secret_form(state: State, check: Callable[[], None], environ: Mapping[str, str] = os.environ) -> object:
    """A field for the Consumer Secret, and for a real org the choice where it is stored; `check` follows.

    For the practice app a button enters its secret unseen.
    """
    return _SecretForm(state, check, environ).widget


class _SecretForm:
    def __init__(self, state: State, check: Callable[[], None], environ: Mapping[str, str]) -> None:
        self._state, self._check, self._opened = state, check, state.opened
        self._field = widgets.SecretField(
            label="Consumer Secret",
            placeholder="Paste the Consumer Secret",
            action="Save secret",
            shape="client_secret",
            on_secret=self._save,
            message=(stored := self._stored_already()),
        )
        #: a secret that was entered before the passphrase
        self._waiting: Secret | None = None
        self._places = None if self._opened.practice else _Places(self._opened, environ, self._unlocked)
        places = self._places.parts if self._places else ()
        self._practice = practice_button(state, "key", self._use_practice, entered=bool(stored))
        self.widget = widgets.stack(*places, self._field, *self._practice)

    def _use_practice(self, org: PracticeOrg) -> None:
        """Enter the secret of this app as the practice org has it."""
        app = org.values.app
        if app is None:
            self._field.say(widgets.NotDone("The practice org has no app with this Consumer Key."))
        else:
            self._field.enter(app.secret)

    def _save(self, secret: Secret) -> str:
        if faults := shape_of_client_secret(secret.reveal()):
            return widgets.NotDone("Not saved. " + " ".join(faults) + " Copy it again and paste it here.")
        try:
            if self._places:
                self._places.apply()
            self._opened.keep_client_secret(secret)
        except RunbookError as error:
            if error.code == "passphrase-needed":
                self._waiting = secret
                return widgets.NotDone("Enter the passphrase above. Then the secret is saved.")
            return widgets.NotDone(f"Not saved. {_what_and_how(error)}")
        for each in self._practice:
            each.button_style = ""
        self._state.changed()
        self._check()
        return f"Saved. {self._opened.store.protection if self._places else _PRACTICE}"

    def _unlocked(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting:
            self._field.enter(waiting)
            return
        self._field.say(self._stored_already())
        self._state.changed()

    def _stored_already(self) -> str:
        """That a secret is stored already, where that is known: a locked store cannot be read."""
        try:
            return "" if self._opened.lacks_client_secret() else _STORED
        except RunbookError:
            return ""


class _Places:
    """The choice of where secrets are stored, and the field for a passphrase while that place needs one."""

    def __init__(self, opened: OpenConnection, environ: Mapping[str, str], on_unlocked: Callable[[], None]) -> None:
        self._opened, self._environ, self._on_unlocked = opened, environ, on_unlocked
        self._folder, self._name = home(environ), opened.connection.name
        self._offers = secret_place.offers(environ)
        self._form = widgets.Form([self._field()], {"place": self._first().value}, action="")
        self._passphrase = widgets.SecretField(
            label="Passphrase",
            placeholder="At least 12 characters, such as 4 words",
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
        meanings = " ".join(f"{offer.label}: {offer.meaning}" for offer in self._offers if offer.available)
        return widgets.Field(name="place", label="Where to store secrets", kind="radio", options=options, help=meanings)

    def _arrange(self) -> None:
        self._passphrase.repeat = "Passphrase again" if secret_place.passphrase_is_new(self._folder) else ""
        self._box.children = (self._passphrase,) if self._chosen is Place.PASSPHRASE else ()

    def _unlock(self, passphrase: Secret) -> str:
        try:
            secret_place.unlock(self._folder, passphrase, self._environ)
        except RunbookError as error:
            return widgets.NotDone(f"Not used. {_what_and_how(error)}")
        self._opened.records.reopen_store()
        self._on_unlocked()
        return "Unlocked for this session. Save the passphrase in your password manager."


def _what_and_how(error: RunbookError) -> str:
    """What went wrong, and the first step against it."""
    diagnosis = diagnosis_of(error)
    steps = [remedy.what for cause in diagnosis.causes[:1] for remedy in cause.remedies[:1]]
    return f"{diagnosis.what} {''.join(steps)}"
