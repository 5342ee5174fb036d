"""The form of Choose a connection without a browser: what is said while one types, saved, used and removed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import holding
from support.widget_support import fill, hint, parts, press, shown, the, use

from sfrunbook.core.model import AppKind, Connection, OrgKind
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.connection import ConnectionForm, slug
from sfrunbook.store import secret_place
from sfrunbook.store.connections import ConnectionBook

KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "0123456789ABCDEF" * 4


class Start:
    """The form of someone whose home is a folder of the test."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "kept"
        self.environ = {"SFRUNBOOK_HOME": str(self.home)}
        self.book = ConnectionBook(self.home)
        self.used: list[str] = []
        self.shown = ConnectionForm(self.environ, self.used.append).widget

    @property
    def form(self) -> Any:
        return the(self.shown, widgets.Form)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return the(self.shown, widgets.Connections).rows

    def save(self, **values: str) -> None:
        fill(self.form, **{"name": "", **values})
        self.form._receive(self.form, {"do": "submit"}, [])

    def press(self, do: str, name: str, *, force: bool = False) -> None:
        known = the(self.shown, widgets.Connections)
        known._receive(known, {"do": do, "name": name, "force": force}, [])


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return Start(tmp_path)


def test_an_address_and_a_name_are_all_that_is_asked(start: Start) -> None:
    assert [field["label"] for field in start.form.fields] == ["Login address", "Name"]
    assert start.form.hints == {}
    assert [(row["name"], row["chosen"], row["removable"]) for row in start.rows] == [("practice", True, False)]


def test_a_saved_connection_is_in_use(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com/lightning")
    saved = start.book.get("acme")
    assert saved.login_url == "https://acme.my.salesforce.com"
    assert (saved.app_kind, saved.org_kind) == (AppKind.EXTERNAL_CLIENT_APP, OrgKind.PRODUCTION)
    assert (start.book.current(), start.used) == ("acme", ["acme"])
    assert "Saved. You now work with acme." in shown(start.shown)
    assert [(row["name"], row["chosen"]) for row in start.rows] == [("practice", False), ("acme", True)]


@pytest.mark.parametrize(
    ("typed", "name"),
    [("My Acme Org", "my-acme-org"), ("Acme_1.dev", "Acme_1.dev"), ("  Ünï côdé  ", "n-c-d"), ("…", "")],
)
def test_a_name_is_made_into_one_that_a_file_can_have(typed: str, name: str) -> None:
    assert slug(typed) == name


def test_any_name_is_taken_and_how_it_is_saved_is_shown_before(start: Start) -> None:
    fill(start.form, login_url="acme.my.salesforce.com", name="My Acme Org")
    assert hint(start.form, "name")["sentence"] == "It will be saved as my-acme-org."
    start.save(login_url="acme.my.salesforce.com", name="My Acme Org")
    assert start.book.names() == ("my-acme-org",)


def test_a_wrong_host_is_fixed_by_one_press(start: Start) -> None:
    fill(start.form, login_url="acme.lightning.force.com")
    assert hint(start.form, "login_url")["status"] == "failed"
    assert hint(start.form, "login_url")["use"] == "Use acme.my.salesforce.com"
    use(start.form, "login_url")
    assert hint(start.form, "login_url")["status"] == "passed"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"login_url": "login.salesforce.com"},
        {"login_url": "acme.my.salesforce.com", "name": "practice"},
        {"login_url": "acme.my.salesforce.com", "name": "Current"},
        {"login_url": "acme.my.salesforce.com", "name": SECRET},
        {"name": "acme"},
        {"name": "acme", "login_url": "ada@acme.com"},
        {"name": "acme", "login_url": "acme.lightning.force.com"},
        {"name": "acme", "login_url": "example.com"},
        {"name": "acme", "login_url": SECRET},
    ],
)
def test_nothing_that_is_wrong_is_saved_and_what_was_typed_stays(
    start: Start, tmp_path: Path, values: dict[str, str]
) -> None:
    start.save(**values)
    assert (start.book.names(), start.used) == ((), [])
    assert {name: start.form.values[name] for name in values} == values
    assert holding(tmp_path, {"secret": SECRET}) == []
    assert len(shown(start.shown).split()) > 4


def test_another_address_keeps_the_name_and_forgets_the_key_of_another_orgs_app(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com")
    start.book.update("acme", client_id=KEY)
    start.save(login_url="acme.my.salesforce.com", name="acme")
    assert start.book.get("acme").client_id == KEY
    fill(start.form, login_url="other.my.salesforce.com", name="acme")
    assert hint(start.form, "name")["sentence"] == "acme exists. Saving changes its login address."
    start.save(login_url="other.my.salesforce.com", name="acme")
    assert (start.book.get("acme").login_url, start.book.get("acme").client_id) == (
        "https://other.my.salesforce.com",
        "",
    )


def test_a_known_connection_is_used_by_one_press(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com")
    start.press("use", "practice")
    start.press("use", "acme")
    assert start.book.current() == "acme"
    assert start.used == ["acme", "practice", "acme"]


def test_a_name_that_went_away_meanwhile_is_not_used(start: Start) -> None:
    start.press("use", "gone")
    assert (start.used, start.book.current()) == ([], "practice")


def test_a_connection_is_removed_with_everything_that_was_stored_of_it(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com")
    secret_place.choose(start.home, "acme", secret_place.Place.PASSPHRASE, {})
    start.press("remove", "acme", force=True)
    assert (start.book.names(), start.book.current()) == ((), "practice")
    assert secret_place.chosen(start.home, "acme") is secret_place.Place.MACHINE
    assert "acme was removed." in shown(start.shown)
    assert [row["name"] for row in start.rows] == ["practice"]
    assert start.used == ["acme", "practice"]


def test_a_connection_whose_grant_cannot_be_read_is_removed_on_the_second_press(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com")
    secret_place.choose(start.home, "acme", secret_place.Place.PASSPHRASE, {})
    start.book.update("acme", client_secret="store:acme")
    start.press("remove", "acme")
    assert "Remove it again to delete it here anyway." in shown(start.shown)
    assert [row["stuck"] for row in start.rows] == [False, True]
    start.press("remove", "acme", force=True)
    assert start.book.names() == ()


def test_a_file_that_cannot_be_read_is_listed_and_can_be_removed(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com")
    (start.home / "connections" / "acme.json").write_text("{")
    again = Start(start.home.parent)
    assert [(row["name"], row["kind"]) for row in again.rows][1] == ("acme", "Its file can't be read.")
    again.press("remove", "acme", force=True)
    assert again.book.names() == ()


def test_a_button_that_is_pressed_before_the_last_change_has_come_saves_what_is_seen(start: Start) -> None:
    seen = {"login_url": "acme.my.salesforce.com", "name": "acme"}
    start.form._receive(start.form, {"do": "submit", "values": seen}, [])
    assert start.book.get("acme").login_url == "https://acme.my.salesforce.com"


# --- what the page shows of it ---------------------------------------------------------------------------------------


def test_the_page_works_with_the_connection_that_was_chosen(with_person: Callable[..., Any], session: Path) -> None:
    page = with_person("practice")
    widget = page.connection()
    form = connection_form(widget)
    fill(form, login_url="acme.my.salesforce.com", name="acme")
    page._state.check = lambda *_args, **_how: ()  # no request to a real org
    form._receive(form, {"do": "submit"}, [])
    assert page._state.name == "acme"
    assert ConnectionBook(Path(os.environ["SFRUNBOOK_HOME"])).current() == "acme"


def connection_form(widget: Any) -> Any:
    return next(part for part in parts(widget) if isinstance(part, widgets.Form) and part.action == "Save connection")


def rows(widget: Any) -> list[tuple[str, bool]]:
    return [(row["name"], row["chosen"]) for row in the(widget, widgets.Connections).rows]


@pytest.fixture
def acme(session: Path, practice_world: Any) -> Path:
    """The file of a connection that someone has added."""
    folder = Path(os.environ["SFRUNBOOK_HOME"])
    known = Connection(name="acme", login_url=practice_world.my_domain(), client_id="", profile="cyclr")
    ConnectionBook(folder).add(known)
    return folder / "connections" / "acme.json"


def test_choosing_a_connection_keeps_what_was_typed(with_person: Callable[..., Any], acme: Path) -> None:
    page = with_person("practice")
    widget = page.connection()
    fill(connection_form(widget), login_url="example.my.salesforce.com")
    known = the(widget, widgets.Connections)
    for name in ("acme", "practice"):
        known._receive(known, {"do": "use", "name": name}, [])
        assert page._state.name == name
    assert connection_form(widget).values["login_url"] == "example.my.salesforce.com"


def test_the_connection_of_the_page_is_the_one_in_use(with_person: Callable[..., Any], acme: Path) -> None:
    assert rows(with_person("acme").connection()) == [("practice", False), ("acme", True)]


def test_a_chosen_connection_that_is_gone_leaves_the_list_to_choose_another(
    with_person: Callable[..., Any], acme: Path
) -> None:
    page = with_person("acme")
    connection, app = page.connection(), page.app()
    before, text = page._state.on_disk(), acme.read_text()
    acme.unlink()
    assert page._state.on_disk() != before
    page._state.follow_disk()
    assert "There is no connection called acme." in shown(connection)
    assert rows(connection) == [("practice", False)]
    assert "Waiting for: a connection that can be opened." in shown(app)

    gone = page._state.on_disk()
    acme.write_text(text)
    assert page._state.on_disk() != gone
    page._state.follow_disk()
    assert page._state.is_open
    assert rows(connection) == [("practice", False), ("acme", True)]
    assert "Waiting for: a connection that can be opened." not in shown(app)

    acme.unlink()
    page._state.follow_disk()
    known = the(connection, widgets.Connections)
    known._receive(known, {"do": "use", "name": "practice"}, [])
    assert page._state.name == "practice"
    assert the(app, widgets.Board)
    page._sections["app"]._watch.close()


def test_a_connection_that_cannot_be_opened_is_opened_when_someone_checks_again(
    with_person: Callable[..., Any], acme: Path
) -> None:
    page, text = with_person("acme"), acme.read_text()
    acme.write_text("{")
    page._state.open("acme")
    widget = page.connection()
    press(widget, "Check again")
    assert not page._state.is_open
    assert len(page._state.every_current()) == 1
    acme.write_text(text)
    press(widget, "Check again")
    assert page._state.is_open


def test_the_practice_org_can_be_added_as_an_org_of_ones_own(
    with_person: Callable[..., Any], practice_world: Any
) -> None:
    page = with_person("practice")
    widget = page.connection()
    press(widget, "Use practice values")
    form = connection_form(widget)
    assert hint(form, "login_url")["status"] == hint(form, "name")["status"] == "passed"
    form._receive(form, {"do": "submit"}, [])
    assert page._state.name == "my-practice-org"
    assert page._state.host == practice_world.my_domain()
    assert page._state.practice_org is not None
