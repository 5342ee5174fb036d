"""The form of 00_start without a browser: what applies, what is said while one types, and what is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import holding
from support.widget_support import fill, hint, shown, states, submit, the, use

from sfrunbook.core.model import AppKind, OrgKind, Status
from sfrunbook.report.cards import Card, card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.start import StartDesk
from sfrunbook.runbook.forms.start_fields import EXISTING_APP
from sfrunbook.store import secret_place
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.progress import Progress

KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "0123456789ABCDEF" * 4


class Start:
    """The desk of a person whose home is a folder of the test."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "kept"
        self.book = ConnectionBook(self.home)
        self.chosen: list[str] = []
        self.shown = StartDesk({"SFRUNBOOK_HOME": str(self.home)}, self._on_chosen).show()

    def _on_chosen(self, name: str) -> Card:
        self.chosen.append(name)
        return card(f"{name} was looked at.")

    @property
    def form(self) -> widgets.Form:
        return the(self.shown, widgets.Form)

    @property
    def known(self) -> widgets.Connections:
        return the(self.shown, widgets.Connections)

    def real(self, **values: str) -> None:
        fill(self.form, mode="real", **values)

    def save(self, **values: str) -> None:
        self.real(**values)
        submit(self.form)

    def press(self, do: str, name: str, *, force: bool = False) -> None:
        self.known._receive(self.known, {"do": do, "name": name, "force": force}, [])


@pytest.fixture
def start(tmp_path: Path) -> Start:
    return Start(tmp_path)


def visible(form: widgets.Form) -> list[str]:
    return [one["label"] for one in form.fields if one["name"] in form.shown]


def test_practice_needs_no_answer_and_shows_no_other_question(start: Start) -> None:
    assert visible(start.form) == ["Where"]
    assert start.form.hints == {}
    submit(start.form)
    assert start.chosen == ["practice"]
    assert "Connection practice is in use in every notebook." in shown(start.shown)


def test_a_real_org_shows_only_the_questions_that_apply(start: Start) -> None:
    start.real()
    assert visible(start.form) == [
        "Where",
        "The app in Salesforce",
        "Kind of app",
        "Kind of org",
        "Login address",
        "Name",
        "Partner",
        "Service Domain",
        "Console host, by region",
        "Account API ID",
        "API host",
        "Callback URL of this runbook",
    ]
    fill(start.form, **{"cyclr.console_host?": "other"})
    assert "Console host" in visible(start.form)


def test_a_saved_connection_is_in_use_and_can_be_told_from_others(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com/lightning", org_kind="production")
    made = start.book.get("acme")
    assert made.login_url == "https://acme.my.salesforce.com"
    assert (made.app_kind, made.org_kind) == (AppKind.EXTERNAL_CLIENT_APP, OrgKind.PRODUCTION)
    assert dict(made.variables) == {"console_host": "my.cyclr.com"}
    assert start.book.current() == "acme"
    assert start.chosen == ["acme"]
    assert "Connection acme is kept and in use in every notebook." in shown(start.shown)
    assert "acme was looked at." in shown(start.shown)
    assert [(row["name"], row["chosen"]) for row in start.known.rows] == [("practice", False), ("acme", True)]
    assert start.form.hints["cyclr.account_id"]["sentence"] == "This may stay empty, and can be entered later."


def test_the_region_fills_the_console_host_and_a_host_of_ones_own_can_be_entered(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com", **{"cyclr.console_host?": "eu.cyclr.com"})
    assert start.book.get("acme").variables["console_host"] == "eu.cyclr.com"
    start.real(**{"cyclr.console_host?": "other", "cyclr.console_host": "cyclr.acme.example"})
    assert hint(start.form, "cyclr.console_host")["use"] == "My Partner Console is at cyclr.acme.example"
    use(start.form, "cyclr.console_host")
    start.save()
    assert start.book.get("acme").variables["console_host"] == "cyclr.acme.example"


def test_a_wrong_host_is_mended_by_one_press(start: Start) -> None:
    start.real(login_url="acme.lightning.force.com")
    told = hint(start.form, "login_url")
    assert told["status"] == "failed"
    assert told["use"] == "Use acme.my.salesforce.com"
    use(start.form, "login_url")
    assert start.form.values["login_url"] == "acme.my.salesforce.com"
    assert hint(start.form, "login_url")["status"] == "passed"


def test_another_kind_of_org_and_another_region_are_mended_by_one_press(start: Start) -> None:
    start.real(login_url="acme--dev.sandbox.my.salesforce.com", **{"cyclr.service_domain": "acme-h.eu.cyclr.com"})
    assert hint(start.form, "login_url")["use"] == "Kind of org: Sandbox"
    use(start.form, "login_url")
    assert start.form.values["org_kind"] == "sandbox"
    assert hint(start.form, "cyclr.service_domain")["status"] == "warning"
    use(start.form, "cyclr.service_domain")
    assert start.form.values["cyclr.console_host?"] == "eu.cyclr.com"
    assert hint(start.form, "cyclr.service_domain")["status"] == "passed"


def test_a_doubtful_service_domain_is_kept_once_a_person_stands_by_it_and_never_asked_for_again(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com", **{"cyclr.service_domain": "https://acme.cyclr.com/connector"})
    assert "Service Domain: This is a host at Cyclr, but not one of a shape that" in shown(start.shown)
    assert start.book.names() == ()
    assert hint(start.form, "cyclr.service_domain")["use"] == "The Partner Console shows acme.cyclr.com"
    use(start.form, "cyclr.service_domain")
    start.save()
    assert start.book.get("acme").variables["service_domain"] == "acme.cyclr.com"
    again = Start(start.home.parent)
    assert hint(again.form, "cyclr.service_domain")["status"] == "passed"
    fill(again.form, **{"cyclr.service_domain": "acme2.cyclr.com"})
    assert hint(again.form, "cyclr.service_domain")["status"] == "warning"


def test_a_new_connected_app_is_warned_of_and_an_existing_one_is_not(start: Start) -> None:
    start.real(app="new", app_kind="connected_app")
    told = "A new Connected App can be made only where Salesforce Support has allowed it."
    assert hint(start.form, "app_kind")["sentence"] == told
    fill(start.form, app="existing")
    assert hint(start.form, "app_kind") == {}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"login_url": "acme.my.salesforce.com", "name": "../x"}, "cannot be the name of a connection"),
        ({"login_url": "login.salesforce.com"}, "Enter a name, such as acme-production."),
        ({"login_url": "acme.my.salesforce.com", "name": "practice"}, "is kept for this runbook itself"),
        ({"login_url": "acme.my.salesforce.com", "name": "Current"}, "is kept for this runbook itself"),
        ({"login_url": "acme.my.salesforce.com", "name": SECRET}, "cannot be the name of a connection"),
        ({"name": "acme"}, "Enter the org's own login address."),
        ({"name": "acme", "login_url": "ada@acme.com"}, "This is a user name"),
        ({"name": "acme", "login_url": "acme.lightning.force.com"}, "not of a login"),
        ({"name": "acme", "login_url": "example.com"}, "not a host of a Salesforce org"),
        ({"login_url": "acme.my.salesforce.com", "cyclr.service_domain": "api.cyclr.com"}, "the host of Cyclr's API"),
        (
            {"login_url": "acme.my.salesforce.com", "redirect_uri": "http://acme.com/back"},
            "It must begin with https://",
        ),
        ({"name": "acme", "login_url": SECRET}, ""),
    ],
)
def test_nothing_that_is_wrong_is_saved_and_what_was_typed_stays(
    start: Start, tmp_path: Path, values: dict[str, str], told: str
) -> None:
    start.save(**values)
    assert "Nothing was saved yet." in shown(start.shown)
    assert told in shown(start.shown)
    assert start.book.names() == ()
    assert start.chosen == []
    assert {name: start.form.values[name] for name in values} == values
    assert holding(tmp_path, {"secret": SECRET}) == []


def test_a_change_keeps_key_and_secret_and_forgets_what_was_proved_of_another_org(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com", name="acme")
    start.book.update("acme", client_id=KEY, client_secret="store:acme")
    progress = Progress(start.home / "progress", "acme")
    progress.record("start", Status.PASSED, start_of_time())
    start.save(redirect_uri="http://localhost:17172/callback")
    changed = start.book.get("acme")
    assert (changed.client_id, changed.client_secret) == (KEY, "store:acme")
    assert progress.states() == {}
    assert hint(start.form, "name")["sentence"] == "There is a connection acme already: saving changes it."
    start.save(login_url="other.my.salesforce.com")
    assert start.book.get("acme").client_id == ""


def start_of_time() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 11, 23, tzinfo=UTC)


def test_an_app_that_is_there_already_is_remembered_for_the_next_notebook(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com", app="existing")
    said = Progress(start.home / "progress", "acme").attestations()
    assert [one.point for one in said] == [EXISTING_APP]
    start.save(app="new")
    assert Progress(start.home / "progress", "acme").attestations() == ()


def test_a_known_connection_is_used_by_one_press_and_its_answers_come_back(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com")
    start.save(login_url="other--dev.sandbox.my.salesforce.com", name="", org_kind="sandbox")
    start.press("use", "acme")
    assert start.book.current() == "acme"
    assert start.form.values["login_url"] == "acme.my.salesforce.com"
    assert start.form.values["org_kind"] == "production"
    start.press("use", "practice")
    assert start.book.current() == "practice"
    assert start.chosen == ["acme", "other--dev", "acme", "practice"]


def test_a_connection_is_removed_with_everything_that_was_kept_of_it(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com")
    secret_place.choose(start.home, "acme", secret_place.Place.PASSPHRASE, {})
    start.press("remove", "acme", force=True)
    assert start.book.names() == ()
    assert start.book.current() == "practice"
    assert secret_place.chosen(start.home, "acme") is secret_place.Place.MACHINE
    assert "acme is removed." in shown(start.shown)
    assert [row["name"] for row in start.known.rows] == ["practice"]


def test_a_connection_whose_grant_cannot_be_reached_can_be_forgotten_all_the_same(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com")
    secret_place.choose(start.home, "acme", secret_place.Place.PASSPHRASE, {})
    start.book.update("acme", client_secret="store:acme")
    start.press("remove", "acme")
    assert "Remove it again to forget it all the same" in shown(start.shown)
    assert [row["stuck"] for row in start.known.rows] == [False, True]
    start.press("remove", "acme", force=True)
    assert start.book.names() == ()


def test_a_name_that_went_away_meanwhile_is_not_used(start: Start) -> None:
    start.press("use", "gone")
    assert start.chosen == []
    assert start.book.current() == "practice"


def test_a_file_that_cannot_be_read_is_listed_and_can_be_removed(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com")
    (start.home / "connections" / "acme.json").write_text("{")
    again = Start(start.home.parent)
    assert [(row["name"], row["kind"]) for row in again.known.rows][1] == ("acme", "Its file cannot be read.")
    again.press("remove", "acme", force=True)
    assert again.book.names() == ()


def test_nothing_of_a_form_holds_more_than_was_typed(start: Start) -> None:
    start.save(login_url="acme.my.salesforce.com")
    start.book.update("acme", client_secret="store:acme")
    assert "store:acme" not in states(Start(start.home.parent).shown)


def test_a_button_that_is_pressed_before_the_last_change_has_come_saves_what_is_seen(start: Start) -> None:
    start.real()
    seen = {**start.form.values, "login_url": "acme.my.salesforce.com", "name": "acme"}
    start.form._handle_custom_msg({"do": "submit", "values": seen}, [])
    assert start.chosen == ["acme"]
    assert start.book.get("acme").login_url == "https://acme.my.salesforce.com"
