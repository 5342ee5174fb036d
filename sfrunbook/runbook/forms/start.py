"""The forms of 00_start: which connection is worked on, and adding one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path

from sfrunbook import partners
from sfrunbook.connection import practice_connection
from sfrunbook.connection.manage import add_connection, remove_connection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http import origin_of
from sfrunbook.core.model import Connection, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card, card, diagnosis_card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms import start_fields
from sfrunbook.store.connections import ConnectionBook, home
from sfrunbook.store.progress import Progress

__all__ = ["StartDesk"]


class StartDesk:
    """The connections that are known, and the form that adds or changes one and chooses it for every notebook.

    `on_chosen` gets the name of the connection that is now in use and returns a card about it.
    """

    def __init__(self, environ: Mapping[str, str], on_chosen: Callable[[str], Card]) -> None:
        self._environ = environ
        self._folder: Path = home(environ)
        self._book = ConnectionBook(self._folder)
        self._on_chosen = on_chosen
        self._stuck: set[str] = set()
        self._outcome = widgets.Outcome()
        self._list = widgets.Connections(on_use=self._use, on_remove=self._remove, rows=self._rows())
        self._form = widgets.Form(
            start_fields.fields(),
            self._values(self._book.current()),
            action="Save and use this connection",
            on_submit=self._save,
            on_change=lambda values: start_fields.hints(values, known=self._names()),
        )

    def show(self) -> object:
        """The list, the form, and the outcome below them."""
        return widgets.stack(self._list, self._form, self._outcome)

    def _names(self) -> tuple[str, ...]:
        try:
            return self._book.names()
        except RunbookError:
            return ()

    def _values(self, name: str) -> dict[str, str]:
        known = None
        with suppress(RunbookError):
            known = self._known(name)
        return start_fields.values_of(known)

    def _rows(self) -> list[dict[str, object]]:
        in_use = self._book.current()
        try:
            known, damaged = self._book.readable()
        except RunbookError:
            known, damaged = (), ()
        practice = "A practice Salesforce; nothing real is touched."
        return [
            _row(practice_connection.NAME, "on this machine", practice, in_use),
            *(_row(each.name, origin_of(each.login_url), _kind_of(each), in_use, self._stuck) for each in known),
            *(_row(name, "", "Its file cannot be read.", in_use, damaged) for name in damaged),
        ]

    def _save(self, values: Mapping[str, str]) -> None:
        if values["mode"] == start_fields.PRACTICE:
            self._use(practice_connection.NAME)
            return
        if faults := start_fields.faults(values, known=self._names()):
            self._outcome.show(card("Nothing was saved yet.", "\n".join(faults), Status.FAILED))
            return
        name = start_fields.name_of(values)
        try:
            self._write(start_fields.connection_of(values, self._known(name)))
            self._book.choose(name)
        except RunbookError as error:
            self._outcome.explain(error)
            return
        start_fields.note_app(self._progress(name), existing=values["app"] == start_fields.EXISTING)
        self._chosen(name, f"Connection {name} is kept and in use in every notebook.")

    def _known(self, name: str) -> Connection | None:
        return self._book.get(name) if name in self._names() else None

    def _write(self, connection: Connection) -> None:
        """Write it; what was verified of another org or another app does not count for this one."""
        old = self._known(connection.name)
        add_connection(connection, None, self._environ, replacing=old is not None)
        if old and start_fields.is_another(old, connection):
            self._progress(connection.name).forget()

    def _progress(self, name: str) -> Progress:
        return Progress(self._folder / "progress", name)

    def _use(self, name: str) -> None:
        if name != practice_connection.NAME and name not in self._names():
            self._refresh()
            return
        try:
            self._book.choose(name)
        except RunbookError as error:
            self._outcome.explain(error)
            return
        self._form.values = self._values(name)
        self._chosen(name, f"Connection {name} is in use in every notebook.")

    def _chosen(self, name: str, sentence: str) -> None:
        self._refresh()
        checked = self._on_chosen(name)
        how = "A notebook that still names another connection takes it up when you choose Run > Run All Cells there."
        self._outcome.show(card(sentence, how, Status.PASSED), checked)

    def _remove(self, name: str, force: bool) -> None:
        try:
            sentences = remove_connection(name, self._environ, force=force)
        except RunbookError as error:
            self._stuck.add(name)
            self._refresh()
            again = "Remove it again to forget it all the same; what is at Salesforce then stays there."
            self._outcome.show(diagnosis_card(diagnosis_of(error)), card(again))
            return
        self._stuck.discard(name)
        self._refresh()
        checked = self._on_chosen(self._book.current())
        self._outcome.show(card(f"{name} is removed.", "\n".join(sentences), Status.PASSED), checked)

    def _refresh(self) -> None:
        self._list.rows = self._rows()


def _row(name: str, host: str, kind: str, in_use: str, stuck: Collection[str] = ()) -> dict[str, object]:
    return {
        "name": name,
        "host": host,
        "kind": kind,
        "chosen": name == in_use,
        "removable": name != practice_connection.NAME,
        "stuck": name in stuck,
        "warning": "Its grant is revoked at Salesforce, and everything that is kept here of it is forgotten.",
    }


def _kind_of(connection: Connection) -> str:
    with suppress(RunbookError):
        return f"{partners.load(connection.profile).label}, {connection.app_kind.label}."
    return f"{connection.app_kind.label}."
