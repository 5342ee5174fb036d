"""The forms of Choose a connection: the known ones, and a form that adds one by its login address and a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace

from sfrunbook import partners
from sfrunbook.connection import practice_connection
from sfrunbook.connection.manage import add_connection, remove_connection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Connection, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import card, diagnosis_card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.finder import find, name_for
from sfrunbook.salesforce.oauth.hosts import classify, login_url_of
from sfrunbook.store.connections import CURRENT_NAME, ConnectionBook, check_name, home

__all__ = ["ConnectionForm", "slug"]

_FIELDS = (
    widgets.Field(
        name="login_url",
        label="Login address",
        placeholder="acme.my.salesforce.com",
        help="In Salesforce, open Setup > My Domain and copy Current My Domain URL.",
    ),
    widgets.Field(name="name", label="Name", help="Choose any name. It only helps you tell connections apart."),
)
_RESERVED = (practice_connection.NAME, CURRENT_NAME)


class ConnectionForm:
    """The known connections and the form; `on_use` gets the name of the connection that is now in use."""

    def __init__(self, environ: Mapping[str, str], on_use: Callable[[str], None]) -> None:
        self._environ, self._on_use = environ, on_use
        self._book = ConnectionBook(home(environ))
        self._stuck: set[str] = set()
        #: the values that were sent last
        self._saved: dict[str, str] | None = None
        self._outcome = widgets.Outcome()
        self._list = widgets.Connections(on_use=self._use, on_remove=self._remove)
        #: above the fields
        self.lead = widgets.stack()
        self._form = widgets.Form(
            _FIELDS,
            {"login_url": "", "name": ""},
            action="Save connection",
            on_submit=self._save,
            on_change=self._hints,
        )
        self.own_org = widgets.Fold("Add your own org", self.lead, self._form)
        self.widget = widgets.stack(self._list, self.own_org, self._outcome)
        self.refresh(self._book.current())

    def enter(self, **values: str) -> None:
        """Fill in the form."""
        self._form.values = {**self._form.values, **values}

    def _names(self) -> tuple[str, ...]:
        with suppress(RunbookError):
            return self._book.names()
        return ()

    def refresh(self, in_use: str) -> None:
        """List the connections that are on disk now; what is typed in the form stays."""
        self._list.rows = self._rows(in_use)

    def _rows(self, in_use: str) -> list[dict[str, object]]:
        try:
            known, damaged = self._book.readable()
        except RunbookError:
            known, damaged = (), ()
        return [
            _row(practice_connection.NAME, "on this computer", "Practice: nothing here touches a real org.", in_use),
            *(_row(each.name, origin_of(each.login_url), _kind_of(each), in_use, self._stuck) for each in known),
            *(_row(name, "", "Its file can't be read.", in_use, damaged) for name in damaged),
        ]

    def _hints(self, values: Mapping[str, str]) -> dict[str, widgets.FieldHint]:
        if self._saved is not None and dict(values) != self._saved:
            self._outcome.show()  # it was about other values
        if not any(values.values()):
            return {}
        found = find(values["login_url"])
        use = {"use": f"Use {found.use}", "fills": {"login_url": found.use}} if found.use else {}
        host = widgets.FieldHint(status=found.status, sentence=found.sentence, **use)  # type: ignore[arg-type]
        return {"login_url": host, "name": self._name_hint(values)}

    def _name_hint(self, values: Mapping[str, str]) -> widgets.FieldHint:
        name = _name_of(values)
        if not name:
            return widgets.FieldHint(status=Status.SKIPPED, sentence="Enter a name, such as acme-production.")
        if name in _RESERVED:
            return widgets.FieldHint(status=Status.FAILED, sentence=f"{name} is a name of the runbook. Choose another.")
        if name in self._names():
            return widgets.FieldHint(
                status=Status.WARNING, sentence=f"{name} exists. Saving changes its login address."
            )
        return widgets.FieldHint(status=Status.PASSED, sentence=f"It will be saved as {name}.")

    def _save(self, values: Mapping[str, str]) -> None:
        self._saved = dict(values)
        hints = self._hints(values) or {"": widgets.FieldHint(status=Status.FAILED, sentence="Enter a login address.")}
        if faults := [hint.sentence for hint in hints.values() if hint.stops]:
            self._outcome.show(card("Nothing was saved.", "\n".join(faults), Status.FAILED))
            return
        name = _name_of(values)
        try:
            check_name(name)
            self._write(name, login_url_of(values["login_url"]))
        except RunbookError as error:
            self._outcome.explain(error)
            return
        self._saved = {"login_url": "", "name": ""}
        self._form.values = dict(self._saved)
        self._use(name, f"Saved. You now work with {name}.")

    def _write(self, name: str, login_url: str) -> None:
        """Add the connection, or give a known one another login address: its app is then another one."""
        known = self._book.get(name) if name in self._names() else None
        if known and known.login_url == login_url:
            return
        base = known or Connection(name=name, login_url=login_url, client_id="", profile=partners.names()[0])
        changed = replace(base, login_url=login_url, client_id="", org_id=None, org_kind=classify(login_url).org_kind)
        add_connection(changed, None, self._environ, replacing=known is not None)

    def _use(self, name: str, sentence: str = "") -> None:
        if name != practice_connection.NAME and name not in self._names():
            self.refresh(self._book.current())
            return
        try:
            self._book.choose(name)
        except RunbookError as error:
            self._outcome.explain(error)
            return
        self.refresh(self._book.current())
        self._outcome.show(card(sentence or f"You now work with {name}.", status=Status.PASSED))
        self._on_use(name)

    def _remove(self, name: str, force: bool) -> None:
        try:
            sentences = remove_connection(name, self._environ, force=force)
        except RunbookError as error:
            self._stuck.add(name)
            self.refresh(self._book.current())
            again = "Remove it again to delete it here anyway. Its access in Salesforce then stays."
            self._outcome.show(diagnosis_card(diagnosis_of(error)), card(again))
            return
        self._stuck.discard(name)
        self.refresh(self._book.current())
        self._outcome.show(card(f"{name} was removed.", "\n".join(sentences), Status.PASSED))
        self._on_use(self._book.current())


def slug(text: str) -> str:
    """A name that can be the name of a file, made of what was typed: `My Acme Org` becomes `my-acme-org`."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text):
        return text
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")


def _name_of(values: Mapping[str, str]) -> str:
    """The name that was typed, or the My Domain's own."""
    return slug(values["name"]) or name_for(values["login_url"])


def _row(name: str, host: str, kind: str, in_use: str, stuck: Collection[str] = ()) -> dict[str, object]:
    return {
        "name": name,
        "host": host,
        "kind": kind,
        "chosen": name == in_use,
        "removable": name != practice_connection.NAME,
        "stuck": name in stuck,
        "warning": "This revokes its access in Salesforce and deletes everything stored here for it.",
    }


def _kind_of(connection: Connection) -> str:
    return f"{classify(connection.login_url).description[:1].upper()}{classify(connection.login_url).description[1:]}."
