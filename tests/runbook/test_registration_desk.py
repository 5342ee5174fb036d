"""The forms and the desk of 01_register_app without a browser, against the practice world."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.widget_support import fill, shown, submit, the

from sfrunbook.connection import OpenConnection
from sfrunbook.core.model import AppKind, Finding, Status
from sfrunbook.report.cards import Card, card
from sfrunbook.runbook import widgets
from sfrunbook.runbook.background import PAUSES_SECONDS, Watch, WatchState
from sfrunbook.runbook.forms.register import attestation_list, client_id_form, registration_sheet
from sfrunbook.runbook.forms.registration_desk import RegistrationDesk
from sfrunbook.runbook.forms.start_fields import EXISTING_APP

KEY = "3MVG9" + "a1B2c3D4" * 10
SECRET = "0123456789ABCDEF" * 4
CYCLR = "https://app-h.cyclr.com/connector/callback"


# --- the form to fill in ---------------------------------------------------------------------------------------------


def sheet(opened: OpenConnection) -> widgets.Sheet:
    return the(registration_sheet(opened), widgets.Sheet)


def test_the_sheet_holds_the_three_screens_and_begins_with_the_one_of_this_kind_of_app(opened: OpenConnection) -> None:
    made = sheet(opened)
    assert [form["label"] for form in made.forms] == [
        "External Client App",
        "Connected App (Lightning)",
        "Connected App (Classic)",
    ]
    assert made.chosen == "external-client-app"
    opened.change(app_kind=AppKind.CONNECTED_APP)
    assert sheet(opened).chosen == "connected-app-lightning"


def test_every_screen_has_the_callbacks_to_copy_and_the_boxes_to_tick(opened: OpenConnection, callback: str) -> None:
    for form in sheet(opened).forms:
        fields = {one["label"]: one for section in form["sections"] for one in section["fields"]}
        assert fields["Callback URL"]["kind"] == "copy"
        assert fields["Callback URL"]["value"].splitlines()[-1] == callback
        assert len(fields["Callback URL"]["value"].splitlines()) == 3
        assert fields["Contact Email"]["kind"] == "text"
        assert fields["Selected OAuth Scopes"]["kind"] == "text"  # a list to choose from takes no paste
        secret = fields["Require Secret for Refresh Token Flow"]
        assert (secret["kind"], secret["wanted"], secret["mark"]) == ("tick", "off", "confirmed")
        assert fields["Require Secret for Web Server Flow"]["wanted"] == "on"
        pkce = fields["Require Proof Key for Code Exchange (PKCE) Extension for Supported Authorization Flows"]
        assert (pkce["wanted"], pkce["mark"]) == ("leave", "guess")
        assert all(one["why"] for one in fields.values() if one["kind"] == "tick" and one["label"][:9] != "Enable OA")


def test_an_external_client_app_has_its_sections_in_the_order_of_the_screen(opened: OpenConnection) -> None:
    assert [section["title"] for section in sheet(opened).forms[0]["sections"]] == [
        "Basic Information",
        "API (Enable OAuth Settings)",
        "API (Enable OAuth Settings) > App Settings",
        "Flow Enablement",
        "Security",
    ]


def test_of_an_app_that_is_there_already_its_own_page_is_shown_and_only_what_counts(opened: OpenConnection) -> None:
    new = {form["name"]: form for form in sheet(opened).forms}
    opened.progress.attest(EXISTING_APP, "There is one.", by="ada", at=opened.now())
    for form in sheet(opened).forms:
        labels = [one["label"] for section in form["sections"] for one in section["fields"]]
        assert form["path"].endswith("; press Edit there (likely)")
        assert "New" not in form["path"] and form["path"] != new[form["name"]]["path"]
        assert form["finish"] == "Save."
        assert form["when"].startswith("The screen of an app that is there already.")
        assert not {"API Name", "Contact Email", "Connected App Name", "External Client App Name"} & set(labels)
        assert {"Callback URL", "Selected OAuth Scopes", "Require Secret for Web Server Flow"} <= set(labels)
    assert sheet(opened).forms[2]["path"].startswith("Setup > Build > Create > Apps > Connected Apps > the app's name;")


# --- what a person attests -------------------------------------------------------------------------------------------


def test_a_tick_is_kept_as_attested_by_this_person_and_taken_back_again(opened: OpenConnection) -> None:
    listed: Any = attestation_list(opened)
    listed._receive(listed, {"do": "attest", "point": "secret-for-refresh-token-flow-is-off"}, [])
    (said,) = opened.progress.attestations()
    assert said.claim == "Require Secret for Refresh Token Flow is cleared."
    (row,) = [one for one in attestation_list(opened).points if one["attested"]]
    assert row["attested"] == f"attested by {said.by}, {said.at[:10]}"
    listed._receive(listed, {"do": "withdraw", "point": said.point}, [])
    assert opened.progress.attestations() == ()


def test_the_policies_are_named_on_every_screen_that_shows_this_kind_of_app(opened: OpenConnection) -> None:
    assert "; or " not in attestation_list(opened).points[-1]["why"]
    opened.change(app_kind=AppKind.CONNECTED_APP)
    why = attestation_list(opened).points[-1]["why"]
    assert "Manage Connected Apps > the app's name > Edit Policies (Connected App (Lightning)); or " in why
    assert "Manage Apps > Connected Apps > the app's name > Edit Policies (Connected App (Classic))." in why


def test_a_point_that_does_not_exist_is_not_attested(opened: OpenConnection) -> None:
    listed: Any = attestation_list(opened)
    listed._receive(listed, {"do": "attest", "point": "anything"}, [])
    assert opened.progress.attestations() == ()


# --- the Consumer Key ------------------------------------------------------------------------------------------------


def checked() -> Card:
    return card("It was checked.")


def test_a_key_is_kept_and_checked_at_once(opened: OpenConnection) -> None:
    stack = client_id_form(opened, checked)
    form = the(stack, widgets.Form)
    fill(form, client_id=KEY)
    submit(form)
    assert opened.connection.client_id == KEY
    assert "The Consumer Key is kept." in shown(stack)
    assert "It was checked." in shown(stack)


def test_an_app_that_was_saved_just_now_is_remembered_as_new(opened: OpenConnection) -> None:
    form = the(client_id_form(opened, checked), widgets.Form)
    fill(form, client_id=KEY)
    submit(form)
    assert opened.connection.registered_at is None
    fill(form, saved="now")
    submit(form)
    assert opened.connection.registered_at is not None


def test_a_new_app_is_taken_for_just_saved_and_one_that_was_there_for_older(opened: OpenConnection) -> None:
    opened.change(client_id="")
    assert the(client_id_form(opened, checked), widgets.Form).values["saved"] == "now"
    opened.progress.attest(EXISTING_APP, "It was there.", by="ada", at=datetime.now(UTC))
    assert the(client_id_form(opened, checked), widgets.Form).values["saved"] == "earlier"


@pytest.mark.parametrize("wrong", [KEY[:40], SECRET, "", "acme@example.com"])
def test_a_key_that_looks_wrong_is_not_kept_and_stays_in_the_field(opened: OpenConnection, wrong: str) -> None:
    before = opened.connection.client_id
    stack = client_id_form(opened, checked)
    form = the(stack, widgets.Form)
    fill(form, client_id=wrong)
    submit(form)
    assert opened.connection.client_id == before
    assert "Not kept" in shown(stack)
    assert "It was checked." not in shown(stack)
    assert form.values["client_id"] == wrong


# --- the desk --------------------------------------------------------------------------------------------------------


class Desk:
    """A desk whose watch looks every moment, and what it told."""

    def __init__(self, opened: OpenConnection, pauses_seconds: tuple[float, ...]) -> None:
        self.kept: list[tuple[Finding, ...]] = []
        self.desk = RegistrationDesk(opened, self._keep, pauses_seconds=pauses_seconds)
        self.board = self.desk.board

    def _keep(self, findings: Iterable[Finding]) -> Card:
        self.kept.append(tuple(findings))
        return card("Findings.")

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 30
        while not true():
            assert time.monotonic() < deadline, (self.board.status, self.board.sentence, self.board.rows)
            time.sleep(0.02)

    def answers(self) -> dict[str, str]:
        return {one["callback"]: one["word"] for one in self.board.rows}


@pytest.fixture
def desk(opened: OpenConnection) -> Iterator[Callable[..., Desk]]:
    made: list[Desk] = []

    def make(pauses_seconds: tuple[float, ...] = (0.05,) * 400) -> Desk:
        made.append(Desk(opened, pauses_seconds))
        return made[-1]

    yield make
    for one in made:
        one.desk.close()


def test_every_callback_is_looked_at_once_where_all_are_in(desk: Any, callback: str) -> None:
    seen = desk()
    seen.desk.show()
    seen.until(lambda: not seen.board.looking)
    assert seen.board.status == "passed"
    assert seen.board.sentence == "All 3 Callback URLs are registered, and a made-up one was refused. Go on."
    assert seen.answers() == {
        "https://my.cyclr.com/connector/callback": "registered",
        CYCLR: "registered",
        callback: "registered",
        "https://my.cyclr.com/connector/callback/__not_registered__": "refused, as it must be",
    }
    assert len(seen.kept) == 1


def test_a_missing_callback_is_named_and_turns_green_when_it_is_added(
    desk: Any, opened: OpenConnection, practice_world: Any
) -> None:
    key = opened.connection.client_id
    all_of_them = practice_world.control("GET", f"/apps/{key}")["callback_urls"]
    without = [one for one in all_of_them if one != CYCLR]
    practice_world.control("POST", f"/apps/{key}", {"callback_urls": without})
    try:
        seen = desk()
        seen.desk.show()
        seen.until(lambda: seen.board.status == "failed")
        assert seen.board.looking
        assert seen.board.sentence.startswith(
            f"{CYCLR} is not in the app, as far as Salesforce knows by now. If it is not"
        )
        assert seen.answers()[CYCLR] == "missing"
        beat = seen.board.beat
        seen.until(lambda: seen.board.beat > beat + 1)
        assert len(seen.kept) == 1
    finally:
        practice_world.control("POST", f"/apps/{key}", {"callback_urls": all_of_them})
    seen.until(lambda: seen.board.status == "passed")
    seen.until(lambda: not seen.board.looking)
    assert seen.answers()[CYCLR] == "registered"
    assert [finding.status for finding in seen.kept[-1]] == [Status.PASSED] * 6


def test_an_app_that_was_saved_just_now_is_waited_for(desk: Any, opened: OpenConnection) -> None:
    opened.change(client_id=KEY, registered_at=datetime.now(UTC) - timedelta(minutes=3))
    seen = desk()
    seen.desk.show()
    seen.until(lambda: bool(seen.board.rows) and seen.board.beat > 0)
    assert seen.board.status == "waiting"
    assert seen.board.sentence.startswith("Salesforce does not know the app yet.")
    assert 180 <= seen.board.seconds_since_saved < 240
    opened.change(registered_at=None)
    seen.until(lambda: "Either the app was saved a moment ago" in seen.board.sentence)


def test_without_a_key_nothing_is_asked(desk: Any, opened: OpenConnection) -> None:
    opened.change(client_id="")
    seen = desk()
    seen.desk.show()
    seen.until(lambda: seen.board.status == "skipped" and not seen.board.looking)
    assert seen.board.sentence == "Enter the Consumer Key above: with it the runbook looks at the app by itself."
    assert seen.board.rows == []
    assert seen.kept == []


def test_a_host_that_does_not_answer_is_told_and_looked_at_again(desk: Any, opened: OpenConnection) -> None:
    opened.change(login_url="http://127.0.0.1:9")
    seen = desk()
    seen.desk.show()
    seen.until(lambda: seen.board.beat > 1)
    assert seen.board.status == "inconclusive"
    assert "The card below says what to do." in seen.board.sentence


def test_the_countdown_can_be_cut_short_stopped_and_begun_again(desk: Any, opened: OpenConnection) -> None:
    opened.change(client_id=KEY)
    seen = desk((600.0, 600.0, 600.0))
    seen.desk.show()
    seen.until(lambda: seen.board.beat == 1)
    assert (seen.board.seconds_to_next, seen.board.seconds_to_end) == (600.0, 1800.0)
    seen.board._receive(seen.board, {"do": "now"}, [])
    seen.until(lambda: seen.board.beat == 2)
    seen.board._receive(seen.board, {"do": "stop"}, [])
    assert (seen.board.looking, seen.board.status) == (False, "warning")
    seen.board._receive(seen.board, {"do": "start"}, [])
    seen.until(lambda: seen.board.beat == 3)
    assert seen.board.looking
    seen.board._receive(seen.board, {"do": "anything"}, [])


def test_it_ends_by_itself_when_it_has_lasted_too_long(desk: Any, opened: OpenConnection) -> None:
    opened.change(client_id=KEY)
    seen = desk((0.01, 0.01))
    seen.desk.show()
    seen.until(lambda: not seen.board.looking)
    assert seen.board.status == "warning"
    assert seen.board.sentence.startswith("Half an hour has passed and it is not done.")


def test_the_pauses_grow_and_end_within_half_an_hour() -> None:
    assert list(PAUSES_SECONDS) == sorted(PAUSES_SECONDS)
    assert 1700 < sum(PAUSES_SECONDS) <= 1800


def test_a_second_watch_of_the_same_key_ends_the_first() -> None:
    told: dict[str, list[WatchState]] = {"first": [], "second": []}
    both = threading.Event()

    def hear(name: str) -> Callable[[WatchState], None]:
        def heard(beat: WatchState) -> None:
            told[name].append(beat)
            both.set()

        return heard

    first = Watch("one", lambda: True, hear("first"), (60.0,))
    first.start()
    assert both.wait(10)
    second = Watch("one", lambda: False, hear("second"), (60.0,))
    second.start()
    assert first._thread is not None
    assert second._thread is not None
    first._thread.join(10)
    second._thread.join(10)
    assert not first._thread.is_alive()
    assert [beat.looking for beat in told["first"]] == [True]
    assert [beat.looking for beat in told["second"]] == [False]
