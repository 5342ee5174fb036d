"""The section of the partner: by its API, by hand, with someone there and unattended; and what it leaves."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.practice_support import Practice
from support.runbook_support import holding, log_in, make_shell, own_callback, session_of
from support.widget_support import press, the, type_in
from support.worlds import World, running_world

from sfrunbook.connection import open_connection
from sfrunbook.core.model import Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms import partner
from sfrunbook.runbook.forms.partner import login_link
from sfrunbook.runbook.sections.partner import PartnerSection
from sfrunbook.runbook.sections.partner_by_hand import SHOWN
from sfrunbook.runbook.state import State
from sfrunbook.store.connections import ConnectionBook

GOOD = json.dumps({"totalSize": 1, "records": [{"Id": "001gK00000Rm4cAQAR", "Name": "Very Private Ltd"}]})


@pytest.fixture(scope="module")
def world() -> Iterator[Any]:
    with running_world() as world:
        yield world


@pytest.fixture(scope="module")
def practice(module_world: World, tmp_path_factory: pytest.TempPathFactory) -> Practice:
    return Practice(module_world, tmp_path_factory.mktemp("notebook") / "session")


def parts(widget: Any) -> Iterator[Any]:
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def states(widget: Any) -> str:
    return json.dumps([part.get_state() for part in parts(widget)], default=str)


def words(widget: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", states(widget)))


@pytest.fixture
def acme(world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A real connection without API credentials of the partner, and a grant."""
    shell = make_shell(tmp_path / "user")
    shell.add(world, redirect_uri=own_callback(world))
    assert log_in(shell, world).returncode == 0
    for name, value in shell.environ.items():
        if name.startswith("SFRUNBOOK"):
            monkeypatch.setenv(name, value)
    return shell


def shown_of(state: State) -> Any:
    return state.finding("partner", SHOWN)


# --- without API credentials ---


def run_partner(shell: Any) -> Any:
    return shell.run("run", "runbook", "-p", "steps=partner", "--connection", "acme", "--out", str(shell.work / "out"))


def test_without_api_credentials_a_run_says_which_side_is_verified(acme):
    done = run_partner(acme)
    assert done.returncode == 0, done.stdout
    result = json.loads((acme.work / "out" / "result.json").read_text())
    found = {finding["check"]: finding for finding in result["findings"]}["runbook/both-sides-are-proved"]
    assert (found["status"], found["diagnosis"]["code"]) == ("warning", "partner-side-not-proved")


def test_without_a_login_of_its_own_neither_side_is_verified(world, tmp_path):
    shell = make_shell(tmp_path / "user")
    shell.add(world)
    done = run_partner(shell)
    assert done.returncode == 3
    assert "no-side-proved" in done.stdout


def test_by_hand_the_steps_have_the_key_to_copy_and_no_secret(acme, world):
    section = PartnerSection(State("acme", attended=True))
    steps = widgets.stack(*section.parts())
    assert world.app()["client_id"] in states(steps)
    assert world.app()["client_secret"] not in states(steps)
    assert "Require Secret for Refresh Token Flow" in words(steps)


def test_a_pasted_response_counts_until_another_one_or_another_app_and_none_of_its_rows_is_stored(acme):
    state = State("acme", attended=True)
    form = widgets.stack(*PartnerSection(state).parts())
    field = the(form, widgets.SecretField, "Method Response")
    type_in(field, f"Method Response\n{GOOD}")
    assert shown_of(state).status is Status.PASSED
    assert shown_of(state).detail.endswith("UTC: 1 row with 1 Id.")
    again = State("acme", attended=True)
    PartnerSection(again).check()
    assert shown_of(again).status is Status.PASSED
    assert "Very Private" not in states(form)
    assert holding(acme.home, {"row": "Very Private"}) == []
    again.opened.keep_client_id("3MVG9" + "z9Y8x7W6" * 10, just_saved=True)
    PartnerSection(again).check()
    assert shown_of(again) is None


def test_a_response_that_proves_nothing_takes_the_place_of_one_that_did(acme):
    state = State("acme", attended=True)
    section = PartnerSection(state)
    section._by_hand.judge_response(Secret(GOOD))
    section._by_hand.judge_response(Secret('{"records": [{"Id": "7"}]}'))
    section.check()
    assert shown_of(state).status is Status.INCONCLUSIVE
    assert shown_of(state).diagnosis.code == "cyclr-response-not-of-salesforce"


@pytest.mark.parametrize(
    ("pasted", "code", "status"),
    [
        (
            '{"error": "invalid_grant", "error_description": "expired access/refresh token"}',
            "cyclr-connector-lost-access",
            Status.FAILED,
        ),
        (
            '[{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]',
            "cyclr-session-refused",
            Status.FAILED,
        ),
        ("[]", "cyclr-method-without-rows", Status.INCONCLUSIVE),
        ('{"totalSize": 0, "records": []}', "cyclr-method-without-rows", Status.INCONCLUSIVE),
        ("it works!", "cyclr-response-not-of-salesforce", Status.INCONCLUSIVE),
    ],
)
def test_an_error_that_is_pasted_as_a_response_is_explained(acme, pasted, code, status):
    state = State("acme", attended=True)
    PartnerSection(state)._by_hand.judge_response(Secret(pasted))
    assert (shown_of(state).status, shown_of(state).diagnosis.code) == (status, code)


def test_nothing_is_judged_of_an_empty_field(acme):
    state = State("acme", attended=True)
    field = the(widgets.stack(*PartnerSection(state).parts()), widgets.SecretField, "Method Response")
    assert type_in(field, " ") == "Paste the whole response of the Test tab first."
    assert shown_of(state) is None


def test_the_page_on_which_the_partners_login_ended_is_explained_without_any_code(acme):
    panel = widgets.stack(*PartnerSection(State("acme", attended=True)).parts())
    page = (
        "https://app-h.cyclr.com/connector/callback?error=redirect_uri_mismatch&error_description=x&state=Very+Private"
    )
    type_in(the(panel, widgets.SecretField, "Last page of the login"), page)
    assert "Code: callback-not-registered" in re.sub(r"\s+", " ", words(panel))
    assert "Very" not in states(panel)


def test_only_the_chosen_way_of_the_partner_is_shown(acme):
    state = State("acme", attended=True)

    def labels() -> list[str]:
        section = widgets.stack(*PartnerSection(state).parts())
        return [part.label for part in parts(section) if isinstance(part, widgets.SecretField)]

    def answer(api: str) -> None:
        widget = widgets.stack(*PartnerSection(state).parts())
        forms = [part for part in parts(widget) if isinstance(part, widgets.Form)]
        forms[0].values = {"api": api}

    by_hand, by_api = ["Last page of the login", "Method Response"], ["API Client Secret"]
    assert labels() == by_hand
    answer("yes")
    assert labels() == by_api
    answer("no")
    assert labels() == by_hand


# --- with the API ---


def test_the_login_link_is_a_message_and_never_part_of_the_notebook(practice, monkeypatch):
    practice.back_to("installed")
    at = practice.opened.partner.side
    made: list[Secret] = []

    new_link = at.new_link

    def make(_side: Any) -> Secret:
        made.append(new_link())
        return made[-1]

    monkeypatch.setattr(type(at), "new_link", make)
    panel = login_link("Cyclr", at, lambda: None, lambda _page: None)
    link = panel.children[0]
    sent: list[Any] = []
    link.send = sent.append
    link._receive(None, {"wanted": True}, None)
    assert sent == [{"url": made[0].reveal()}]
    assert made[0].reveal() not in states(panel)


@pytest.fixture
def ready_to_log_in(practice: Practice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The page where the connector is installed, and no one has logged in for it."""
    practice.back_to("installed")
    for name, value in {**practice.environ, "SFRUNBOOK_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    state = State("practice", attended=True)
    state.forget_all()
    section = PartnerSection(state)
    section.check()
    assert state.finding("partner", "connector-is-authenticated") is None
    return section


def not_authenticated(section: PartnerSection) -> bool:
    found = section._state.finding("partner", "connector-is-authenticated")
    return bool(found and found.diagnosis and found.diagnosis.code == "cyclr-not-authenticated")


def test_a_login_that_someone_says_they_allowed_and_did_not_is_a_finding(ready_to_log_in: PartnerSection) -> None:
    press(widgets.stack(*ready_to_log_in.parts()), "I allowed access: check it")
    assert not_authenticated(ready_to_log_in)


def test_a_login_that_never_began_is_judged_when_its_link_has_stopped_working(
    ready_to_log_in: PartnerSection, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partner, "_LOOKS_SECONDS", (0.01,))
    link = the(widgets.stack(*ready_to_log_in.parts()), widgets.OneTimeLink)
    link._receive(None, {"wanted": True}, None)
    until(lambda: not_authenticated(ready_to_log_in))
    practice.log_in()
    link._receive(None, {"wanted": True}, None)
    passed = ("partner", "connector-is-authenticated")
    until(lambda: ready_to_log_in._state.finding(*passed).status is Status.PASSED)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_checking_again_after_a_failure_notices_that_the_box_was_cleared(fresh_world, tmp_path, monkeypatch):
    world = fresh_world
    environ = session_of(world, tmp_path / "session", callback_urls=[own_callback(world)])
    for name, value in {**environ, "SFRUNBOOK_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    state = State("practice", attended=True)
    state.opened.keep_client_secret(state.opened.practice.client_secret)
    api = state.opened.practice.org.values.partner_api
    state.opened.partner.keep_api(api.name, api.secret)
    state.opened.progress.answer("partner_api", "yes")
    app, section = f"/apps/{state.opened.connection.client_id}", PartnerSection(state)
    for required, status in ((True, Status.FAILED), (False, Status.PASSED)):
        world.control("POST", app, {"secret_required_for_refresh": required})
        section.check()
        assert state.finding("partner", "refresh-secret-box-fits-the-partner").status is status


# --- what a run leaves ---


def test_a_run_against_the_practice_partner_passes_and_stores_no_secret_of_either_side(fresh_world, tmp_path):
    world = fresh_world
    shell = make_shell(tmp_path / "user")
    environ = session_of(world, tmp_path / "session", callback_urls=[own_callback(world)])
    shell.environ.update(environ)
    done = shell.run("run", "runbook", "-p", "steps=partner", "--out", str(shell.work / "out"))
    assert done.returncode == 0, done.stdout
    secrets = {
        "secret of the app": world.app()["client_secret"],
        "secret of the partner's API": world.ready["cyclr"]["api_clients"][0]["client_secret"],
        "console password": world.ready["cyclr"]["console_user"]["password"],
        "sign-in token": "signintoken?token=",
        "bearer": "Bearer ",
    }
    assert holding(shell.work, secrets) == []
    assert holding(shell.home, secrets) == [] if shell.home.exists() else True
    (tmp_path / "session" / "ready.json").unlink()
    assert holding(tmp_path / "session", secrets) == []


def test_the_connection_keeps_a_reference_and_never_the_secret(acme, monkeypatch):
    opened = open_connection("acme", acme.environ)
    opened.partner.keep_api("98247330-0a5d-4c80-9347-4ae8dcf716b0", Secret("bT9JFzgYWRQ5iPLhFMwZrZcI1OOF2h3G"))
    kept = ConnectionBook(acme.home).get("acme")
    assert kept.partner_client_secret == "store:partner-api--acme"
    assert holding(acme.home, {"secret": "bT9JFzgYWRQ5iPLhFMwZrZcI1OOF2h3G"}) == []
    assert opened.partner.client_secret() == Secret("bT9JFzgYWRQ5iPLhFMwZrZcI1OOF2h3G")


def test_a_connection_that_is_removed_leaves_nothing_of_the_partner(acme):
    from sfrunbook.store.secret_place import open_store

    opened = open_connection("acme", acme.environ)
    opened.partner.keep_api("98247330-0a5d-4c80-9347-4ae8dcf716b0", Secret("bT9JFzgYWRQ5iPLhFMwZrZcI1OOF2h3G"))
    opened.partner.record.attest(opened.now(), rows=1, ids=1)
    done = acme.run("connections", "remove", "acme", "--yes")
    assert done.returncode == 0, done.stderr
    assert list(acme.home.glob("partner/*.json")) == []
    assert open_store(acme.home, "acme", acme.environ).get_secret("partner-api--acme") is None
