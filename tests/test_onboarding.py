"""The login desk without a browser: values are set, buttons pressed, messages sent."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from runbook_support import own_callback, port_of, session_of, taken, visit_as
from widget_support import parts, press, shown, states, the, type_in

from sfrunbook import runbook, widgets
from sfrunbook.diagnose import problem
from sfrunbook.model import Grant
from sfrunbook.onboarding import LoginDesk, credentials, kernel_is_remote, login_desk
from sfrunbook.report import Card, card
from sfrunbook.runbook import bound
from sfrunbook.workbench import Workbench, open_workbench


@pytest.fixture
def callback(practice_world: Any) -> str:
    return own_callback(practice_world)


@pytest.fixture
def bench(practice_world: Any, tmp_path: Path, callback: str, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """The practice connection as a person finds it: nothing entered yet."""
    for sign in login_desk._REMOTE_SIGNS:
        monkeypatch.delenv(sign, raising=False)
    return open_workbench("practice", session_of(practice_world, tmp_path / "session", callback_urls=[callback]))


# --- the login desk --------------------------------------------------------------------------------------------------


class Desk:
    """A login desk, what it called for every grant, and the panel that it shows now."""

    def __init__(self, bench: Workbench) -> None:
        self.grants: list[Grant] = []
        self.desk = LoginDesk(bench, self._granted)
        self.panel: Any = None

    def _granted(self, grant: Grant) -> Card:
        self.grants.append(grant)
        return card(f"Grant for {grant.org_id}.")

    def open(self, *, again: bool = False) -> str:
        """Show the desk; gives the address behind its link."""
        self.panel = self.desk.show(again=again)
        return self.address

    @property
    def address(self) -> str:
        links = re.findall(r'href="([^"]+/services/oauth2/authorize[^"]*)"', " ".join(self._values()))
        return html.unescape(links[-1])

    def _values(self) -> list[str]:
        return [str(getattr(part, "value", "")) for part in parts(self.panel)]

    def paste(self, address: str) -> str:
        return type_in(the(self.panel, widgets.SecretField), address)

    def until(self, words: str) -> None:
        """Wait until the panel says something, from whichever thread."""
        deadline = time.monotonic() + 20
        while words not in shown(self.panel):
            assert time.monotonic() < deadline, shown(self.panel)
            time.sleep(0.02)


@pytest.fixture
def desk(bench: Workbench) -> Iterator[Desk]:
    bench.keep_client_secret(bench.practice.client_secret)
    made = Desk(bench)
    yield made
    made.desk.close()
    bench.revoke()


@pytest.fixture
def visit(practice_world: Any) -> Callable[..., str]:
    return lambda address, **how: visit_as(practice_world, address, **how)


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser is on another machine than the kernel."""
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")


def test_a_login_is_received_by_itself(desk: Desk, bench: Workbench, visit: Any) -> None:
    visit(desk.open())
    desk.until("Access is allowed and kept, encrypted.")
    assert [bench.grant()] == desk.grants
    assert f"Grant for {desk.grants[0].org_id}." in shown(desk.panel)
    assert "Waiting for you to log in" not in shown(desk.panel)


def test_an_address_is_pasted_where_the_browser_is_elsewhere(
    desk: Desk, bench: Workbench, visit: Any, remote: None, callback: str
) -> None:
    address = desk.open()
    with taken(port_of(callback)):
        pass
    landing = visit(address)
    assert desk.paste(landing) == "Access is allowed."
    assert bench.grant() is not None
    code = parse_qs(urlsplit(landing).query)["code"][0]
    assert code not in states(desk.panel)
    assert bench.grant().access_token.reveal() not in states(desk.panel)


def test_a_port_that_is_taken_leaves_the_way_by_pasting(desk: Desk, visit: Any, callback: str) -> None:
    with taken(port_of(callback)):
        address = desk.open()
        assert "Paste the address instead." in shown(desk.panel)
    assert desk.paste(visit(address)) == "Access is allowed."


def test_an_address_that_is_pasted_a_second_time_changes_nothing(
    desk: Desk, bench: Workbench, visit: Any, remote: None
) -> None:
    landing = visit(desk.open())
    field = the(desk.panel, widgets.SecretField)
    assert type_in(field, landing) == "Access is allowed."
    kept = bench.grant()
    assert type_in(field, landing).startswith("That address did not bring access")
    assert "is not known any more" in shown(desk.panel)
    assert bench.grant() == kept
    assert len(desk.grants) == 1


def test_a_link_that_is_clicked_a_second_time_changes_nothing(desk: Desk, bench: Workbench, visit: Any) -> None:
    address = desk.open()
    visit(address)
    desk.until("Access is allowed and kept")
    kept = bench.grant()
    visit(address)
    assert bench.grant() == kept
    assert len(desk.grants) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda landing: re.sub(r"state=[^&]*", "state=foreign", landing), "the state of another login"),
        (lambda landing: "", "The field for the address is empty."),
        (lambda landing: landing.split("?")[0], "holds neither a code nor an error"),
        (lambda landing: landing.replace("/callback", "/elsewhere"), "but this login waits at"),
    ],
    ids=["foreign state", "nothing", "cut off", "another callback"],
)
def test_a_wrong_address_is_explained_and_the_right_one_still_works(
    desk: Desk, bench: Workbench, visit: Any, remote: None, change: Any, told: str
) -> None:
    landing = visit(desk.open())
    assert desk.paste(change(landing)).startswith("That address did not bring access")
    assert told in shown(desk.panel)
    assert bench.grant() is None
    assert desk.paste(landing) == "Access is allowed."


def test_a_denied_login_is_explained_and_another_can_be_begun(desk: Desk, bench: Workbench, visit: Any) -> None:
    visit(desk.open(), allow=False)
    desk.until("denied")
    assert bench.grant() is None
    visit(desk.open(again=True))
    desk.until("Access is allowed and kept")


def test_a_login_that_is_too_old_is_not_finished(desk: Desk, bench: Workbench, visit: Any, remote: None) -> None:
    landing = visit(desk.open())
    bench._clock = lambda: datetime.now(UTC) + timedelta(minutes=16)
    desk.paste(landing)
    assert "is not known any more" in shown(desk.panel)
    assert bench.grant() is None


def test_an_address_of_the_login_before_is_refused(desk: Desk, bench: Workbench, visit: Any, remote: None) -> None:
    older = visit(desk.open())
    desk.open()
    desk.paste(older)
    assert "the state of another login" in shown(desk.panel)
    assert bench.grant() is None


def test_opening_the_desk_again_frees_the_port_of_the_login_before(desk: Desk, callback: str, visit: Any) -> None:
    desk.open()
    visit(desk.open())
    desk.until("Access is allowed and kept")
    desk.desk.close()
    with taken(port_of(callback)):
        pass


def test_a_held_grant_is_said_and_another_login_is_begun_only_on_demand(
    desk: Desk, bench: Workbench, visit: Any
) -> None:
    visit(desk.open())
    desk.until("Access is allowed and kept")
    first = bench.grant()
    desk.panel = desk.desk.show(again=False)
    assert "a grant is kept" in shown(desk.panel)
    assert "oauth2/authorize" not in states(desk.panel)
    press(desk.panel, "Log in again")
    visit(desk.address)
    desk.until("Access is allowed and kept")
    assert bench.grant().access_token != first.access_token
    assert len(desk.grants) == 2


def test_a_login_that_waits_survives_a_new_kernel(
    desk: Desk, bench: Workbench, visit: Any, remote: None, tmp_path: Path
) -> None:
    landing = visit(desk.open())
    later = Desk(open_workbench("practice", {"SFRUNBOOK_PRACTICE": str(tmp_path / "session")}))
    later.panel = desk.panel
    callback = login_desk.parse_address(landing, later.desk._bench.pending_login())
    assert later.desk._finish(callback)
    assert bench.grant() is not None


def test_a_kernel_is_taken_for_remote_only_where_something_says_so() -> None:
    assert not kernel_is_remote({"HOME": "/"})
    assert kernel_is_remote({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"})


def test_nothing_secret_is_ever_synchronised_with_the_browser(
    practice_world: Any, bench: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, visit: Any
) -> None:
    """The whole road of a person, and then every widget that was made on it."""
    monkeypatch.setenv("SFRUNBOOK_PRACTICE", str(tmp_path / "session"))
    monkeypatch.setenv("SFRUNBOOK_HOME", str(tmp_path / "kept"))
    monkeypatch.setattr(bound, "_someone_is_there", lambda: True)
    road = runbook.bind("practice", step="authorize")
    made = [
        road.choose_connection(),
        road.what_to_register(),
        road.attest(),
        road.enter_client_id(),
        road.enter_credentials(),
    ]
    type_in(the(made[-1], widgets.SecretField), practice_world.app()["client_secret"])
    panel = road.log_in()
    made.append(panel)
    seen = Desk(bench)
    seen.panel = panel
    visit(seen.address)
    seen.until("Access is allowed and kept")
    grant = bench.grant()
    assert grant is not None
    assert grant.refresh_token is not None
    secrets = (practice_world.app()["client_secret"], practice_world.user()["password"])
    secrets += (grant.access_token.reveal(), grant.refresh_token.reveal())
    synchronised = " ".join(states(widget) for widget in made)
    assert "Callback URL" in synchronised
    assert [secret[:6] for secret in secrets if secret in synchronised] == []
    bench.revoke()


def test_a_problem_without_a_remedy_has_no_first_step() -> None:
    assert credentials._first_step(problem("no-wrapping-key")) != ""
