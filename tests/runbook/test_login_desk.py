"""The login desk without a browser: links opened by the scripted person, addresses pasted, buttons pressed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from support.runbook_support import port_of, taken, visit_as
from support.widget_support import press, shown, states, the, type_in

from sfrunbook import runbook
from sfrunbook.connection import OpenConnection, open_connection
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Connection, Grant, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.runbook import page, widgets
from sfrunbook.runbook.forms.answers import read_answer
from sfrunbook.runbook.forms.kernel_place import SIGNS
from sfrunbook.runbook.forms.login_desk import LoginDesk
from sfrunbook.runbook.sections.log_in import LogInSection
from sfrunbook.runbook.state import State
from sfrunbook.salesforce.approvals import Approvals, refuse_when_full
from sfrunbook.store.connections import ConnectionBook


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser is on the machine of the kernel."""
    for sign in SIGNS:
        monkeypatch.delenv(sign, raising=False)


class Desk:
    """A login desk, what it called for every grant, and the panel that it shows now."""

    def __init__(self, opened: OpenConnection) -> None:
        self.grants: list[Grant] = []
        self.desk = LoginDesk(opened, self.grants.append)
        self.panel: Any = None

    def open(self, *, again: bool = False) -> str:
        """Show the desk, or begin another login in it; gives the address behind its link."""
        if again:
            press(self.panel, "Start a new login")
        else:
            self.panel = self.desk.show()
        return self.address

    @property
    def address(self) -> str:
        return self.desk.address

    def paste(self, address: str) -> str:
        return type_in(the(self.panel, widgets.SecretField), address)

    def until(self, words: str) -> None:
        """Wait until the panel says something, from whichever thread."""
        deadline = time.monotonic() + 20
        while words not in shown(self.panel):
            assert time.monotonic() < deadline, shown(self.panel)
            time.sleep(0.02)


@pytest.fixture
def desk(opened: OpenConnection) -> Iterator[Desk]:
    opened.keep_client_secret(opened.practice.client_secret)
    made = Desk(opened)
    yield made
    made.desk.close()
    opened.grants.revoke()


@pytest.fixture
def visit(practice_world: Any) -> Callable[..., str]:
    return lambda address, **how: visit_as(practice_world, address, **how)


@pytest.fixture
def remote(here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser is on another machine than the kernel."""
    monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/ada/")


def test_a_login_is_received_by_itself(desk: Desk, opened: OpenConnection, visit: Any) -> None:
    visit(desk.open())
    desk.until("Access is allowed and stored, encrypted.")
    assert [opened.grants.stored()] == desk.grants
    assert desk.grants[0].received is True
    assert "Waiting for you to log in" not in shown(desk.panel)


def test_an_administrator_who_is_also_someone_else_than_last_time_gets_both_warnings(
    desk: Desk, session: Path, practice_world: Any, visit: Any
) -> None:
    state = State("practice", attended=True)
    state.opened.progress.answer("last_user", "ada@example.com")
    section = LogInSection(state)
    (panel,) = section.parts()
    visit(section._desk.address)
    user = practice_world.user()["username"]
    deadline = time.monotonic() + 20
    while (found := state.finding("log_in", "user-is-expected")) is None:
        assert time.monotonic() < deadline, shown(panel)
        time.sleep(0.02)
    assert found.status is Status.WARNING
    assert found.detail == (
        f"{user} logged in. Last time it was ada@example.com. "
        f"{user} is a System Administrator: the partner can do everything. Use an integration user."
    )


def test_an_address_is_pasted_where_the_browser_is_elsewhere(
    desk: Desk, opened: OpenConnection, visit: Any, remote: None, callback: str
) -> None:
    address = desk.open()
    with taken(port_of(callback)):
        pass
    landing = visit(address)
    assert desk.paste(landing) == "Access is allowed."
    assert opened.grants.stored().received is False
    code = parse_qs(urlsplit(landing).query)["code"][0]
    assert code not in states(desk.panel)
    assert opened.grants.stored().access_token.reveal() not in states(desk.panel)


def test_a_port_that_is_taken_leaves_the_way_by_pasting(desk: Desk, visit: Any, callback: str) -> None:
    with taken(port_of(callback)):
        address = desk.open()
        assert "Paste the address instead" in shown(desk.panel)
        assert "is taken by another program" in shown(desk.panel)
    assert desk.paste(visit(address)) == "Access is allowed."


def test_an_address_that_is_pasted_a_second_time_changes_nothing(
    desk: Desk, opened: OpenConnection, visit: Any, remote: None
) -> None:
    landing = visit(desk.open())
    field = the(desk.panel, widgets.SecretField)
    assert type_in(field, landing) == "Access is allowed."
    kept = opened.grants.stored()
    assert type_in(field, landing).startswith("This address didn't complete the login")
    assert "This address was already used at" in shown(desk.panel)
    with pytest.raises(RunbookError) as told:
        read_answer(opened, Secret(landing))
    assert diagnosis_of(told.value).code == "login-answer-used"
    assert opened.grants.stored() == kept
    assert len(desk.grants) == 1


def test_a_second_tab_with_the_same_login_is_told_that_it_is_over(
    desk: Desk, opened: OpenConnection, visit: Any, callback: str
) -> None:
    address = desk.open()
    landing = visit(address)
    desk.until("Access is allowed and stored")
    kept = opened.grants.stored()
    second = requests.get(landing, timeout=5)
    assert second.status_code == 410
    assert "This login is over" in second.text
    desk.desk.close()
    with taken(port_of(callback)):
        visit(address)
    assert opened.grants.stored() == kept
    assert len(desk.grants) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda landing: re.sub(r"state=[^&]*", "state=foreign", landing), "This answer belongs to another login"),
        (lambda landing: "", "The address field is empty"),
        (lambda landing: landing.split("?")[0], "holds neither a code nor an error"),
        (lambda landing: landing.replace("/callback", "/elsewhere"), ", but we expected "),
    ],
    ids=["foreign state", "nothing", "cut off", "another callback"],
)
def test_a_wrong_address_is_explained_and_the_right_one_still_works(
    desk: Desk, opened: OpenConnection, visit: Any, remote: None, change: Any, told: str
) -> None:
    landing = visit(desk.open())
    assert desk.paste(change(landing)).startswith("This address didn't complete the login")
    assert told in shown(desk.panel)
    assert opened.grants.stored() is None
    assert desk.paste(landing) == "Access is allowed."


def test_a_denied_login_is_explained_and_another_can_be_begun(desk: Desk, opened: OpenConnection, visit: Any) -> None:
    visit(desk.open(), allow=False)
    desk.until("denied")
    assert opened.grants.stored() is None
    visit(desk.open(again=True))
    desk.until("Access is allowed and stored")


def test_a_login_that_is_too_old_is_not_finished(desk: Desk, opened: OpenConnection, visit: Any, remote: None) -> None:
    landing = visit(desk.open())
    opened.records._clock = lambda: datetime.now(UTC) + timedelta(minutes=16)
    desk.paste(landing)
    assert "The login of practice for this answer is gone" in shown(desk.panel)
    assert opened.grants.stored() is None


def test_an_address_of_the_login_before_is_refused(
    desk: Desk, opened: OpenConnection, visit: Any, remote: None
) -> None:
    older = visit(desk.open())
    press(desk.panel, "Start a new login")
    desk.paste(older)
    assert "This answer belongs to another login" in shown(desk.panel)
    assert opened.grants.stored() is None


def test_opening_the_desk_again_frees_the_port_of_the_login_before(desk: Desk, callback: str, visit: Any) -> None:
    desk.open()
    visit(desk.open(again=True))
    desk.until("Access is allowed and stored")
    desk.desk.close()
    with taken(port_of(callback)):
        pass


def test_a_held_grant_is_said_and_another_login_is_begun_only_on_demand(
    desk: Desk, opened: OpenConnection, visit: Any
) -> None:
    visit(desk.open())
    desk.until("Access is allowed and stored")
    first = opened.grants.stored()
    desk.desk = LoginDesk(opened, desk.grants.append)
    desk.panel = desk.desk.show()
    assert "Access is allowed and stored on this computer." in shown(desk.panel)
    assert "oauth2/authorize" not in states(desk.panel)
    press(desk.panel, "Log in again")
    visit(desk.address)
    desk.until("Access is allowed and stored")
    assert opened.grants.stored().access_token != first.access_token
    assert len(desk.grants) == 2


def another_kernel(tmp_path: Path) -> Desk:
    return Desk(open_connection("practice", {"SFRUNBOOK_PRACTICE": str(tmp_path / "session")}))


def test_an_address_from_before_a_restart_works_in_the_new_kernel(
    desk: Desk, opened: OpenConnection, visit: Any, remote: None, tmp_path: Path
) -> None:
    landing = visit(desk.open())
    later = another_kernel(tmp_path)
    assert later.open() == desk.address
    assert "You started to log in at" in shown(later.panel)
    assert later.paste(landing) == "Access is allowed."
    assert opened.grants.stored() is not None


def test_a_link_that_was_opened_before_a_restart_is_received_by_the_new_kernel(
    desk: Desk, opened: OpenConnection, visit: Any, tmp_path: Path
) -> None:
    address = desk.open()
    desk.desk.close()
    later = another_kernel(tmp_path)
    later.open()
    visit(address)
    later.until("Access is allowed and stored, encrypted.")
    later.desk.close()
    assert [opened.grants.stored()] == later.grants


def test_a_login_from_before_a_restart_that_is_denied_does_not_wait_any_more(
    desk: Desk, visit: Any, tmp_path: Path
) -> None:
    address = desk.open()
    desk.desk.close()
    later = another_kernel(tmp_path)
    later.open()
    assert "You started to log in at" in shown(later.panel)
    visit(address, allow=False)
    later.until("Access wasn't allowed: someone pressed Deny")
    assert "You started to log in at" not in shown(later.panel)
    later.desk.close()


@pytest.mark.parametrize("pasted", ["hello there", "http://127.0.0.1:1/setup/home"])
def test_what_was_pasted_in_place_of_an_address_is_not_shown_again(desk: Desk, remote: None, pasted: str) -> None:
    desk.open()
    desk.paste(pasted)
    assert "The address that was given holds neither a code nor an error" in shown(desk.panel)


def test_running_the_cell_again_goes_on_with_the_same_login_in_the_newest_panel(
    desk: Desk, opened: OpenConnection, visit: Any
) -> None:
    address = desk.open()
    later = Desk(opened)
    assert later.open() == address
    visit(address)
    later.until("Access is allowed and stored, encrypted.")
    later.desk.close()
    assert "Access is allowed" not in shown(desk.panel)


def test_a_login_of_another_consumer_key_is_not_gone_on_with(desk: Desk, opened: OpenConnection) -> None:
    address = desk.open()
    opened.change(client_id="3MVG9" + "z9Y8x7W6" * 10)
    assert desk.open() != address
    assert "You started to log in at" not in shown(desk.panel)


def test_the_partners_own_callback_is_chosen_and_its_address_pasted(
    desk: Desk, opened: OpenConnection, visit: Any
) -> None:
    desk.open()
    import ipywidgets

    choice = the(desk.panel, ipywidgets.Dropdown, "Callback URL of this login")
    partners = opened.profile.callback_urls(opened.connection.variables)[0]
    choice.value = partners
    assert "Log in, then paste the address your browser shows" in shown(desk.panel)
    assert parse_qs(urlsplit(desk.address).query)["redirect_uri"] == [partners]


def test_a_browser_on_this_machine_after_all_is_heard_by_the_listener(
    desk: Desk, opened: OpenConnection, visit: Any, remote: None
) -> None:
    address = desk.open()
    assert "This notebook's kernel runs on JupyterHub (as JUPYTERHUB_SERVICE_PREFIX shows)" in shown(desk.panel)
    press(desk.panel, "My browser is on this computer")
    assert desk.address == address
    visit(address)
    desk.until("Access is allowed and stored")
    assert opened.grants.stored() is not None


def test_an_address_of_firefoxs_page_for_an_unreachable_host_is_read(desk: Desk, visit: Any, remote: None) -> None:
    from urllib.parse import quote

    landing = visit(desk.open())
    assert desk.paste(f"about:neterror?e=connectionFailure&u={quote(landing, safe='')}&c=UTF-8") == "Access is allowed."


def test_a_login_that_would_end_an_approval_is_begun_only_when_that_is_accepted(
    desk: Desk, opened: OpenConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = opened.login.begin

    def guarded(redirect_uri: str | None = None, *, accept_eviction: bool = False) -> Any:
        if not accept_eviction:
            refuse_when_full(Approvals(count=5, counted_by="the org"), connection="practice")
        return begin(redirect_uri, accept_eviction=accept_eviction)

    monkeypatch.setattr(opened.login, "begin", guarded)
    assert desk.open() == ""
    assert "A new login would remove the oldest approval" in shown(desk.panel)
    press(desk.panel, "Log in anyway: Salesforce revokes the oldest approval")
    assert "/services/oauth2/authorize" in desk.address


def legs(desk: Desk) -> dict[str, str]:
    return {leg["name"]: leg["state"] for leg in the(desk.panel, widgets.FlowDiagram).legs}


def test_the_picture_follows_a_login_leg_by_leg(desk: Desk, visit: Any) -> None:
    address = desk.open()
    waiting = {"login": "todo", "answer": "todo", "exchange": "todo", "keep": "todo", "identity": "todo"}
    assert legs(desk) == {"open": "now", **waiting}
    link = the(desk.panel, widgets.LoginLink)
    link._receive(link, {"ask": "opened"}, [])
    assert legs(desk) == {"open": "done", **waiting, "login": "unseen", "answer": "now"}
    visit(address)
    desk.until("Access is allowed and stored")
    done = dict.fromkeys(("open", "answer", "exchange", "keep", "identity"), "done")
    assert legs(desk) == {**done, "login": "unseen"}


def test_each_leg_shows_its_request_and_reply_without_a_secret(
    desk: Desk, opened: OpenConnection, visit: Any, practice_world: Any
) -> None:
    visit(desk.open())
    desk.until("Access is allowed and stored")
    found = {leg["name"]: leg for leg in the(desk.panel, widgets.FlowDiagram).legs}
    host, grant = practice_world.my_domain(), opened.grants.stored()
    assert grant is not None
    assert found["exchange"]["request"].splitlines()[0] == f"POST {host}/services/oauth2/token"
    assert "grant_type = authorization_code" in found["exchange"]["request"]
    for hidden in ("code", "code_verifier", "client_secret"):
        assert f"{hidden} = ***" in found["exchange"]["request"].splitlines()
    assert found["exchange"]["reply"].splitlines()[0] == "HTTP 200"
    assert "access_token = ***" in found["exchange"]["reply"].splitlines()
    assert "scope = refresh_token full" in found["exchange"]["reply"].splitlines()
    assert found["answer"]["request"].splitlines()[1:] == ["code = ***", "state = ***"]
    assert found["identity"]["request"].splitlines()[1] == "Authorization: ***"
    assert f"organization_id = {grant.org_id}" in found["identity"]["reply"].splitlines()
    assert found["identity"]["note"].endswith("logged in.")


def test_a_denied_login_marks_the_answer_as_failed(desk: Desk, visit: Any) -> None:
    visit(desk.open(), allow=False)
    desk.until("denied")
    assert legs(desk)["answer"] == "failed"
    assert legs(desk)["exchange"] == "todo"


def test_the_link_gives_its_address_only_when_it_is_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    address = desk.open()
    link = the(desk.panel, widgets.LoginLink)
    sent: list[Any] = []
    monkeypatch.setattr(link, "send", sent.append)
    assert urlsplit(address).query not in states(desk.panel)
    link._receive(link, {"ask": "address"}, [])
    assert sent == [{"address": address}]


def test_nothing_secret_is_ever_synchronised_with_the_browser(
    practice_world: Any, opened: OpenConnection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, visit: Any
) -> None:
    """All sections in the order of the page, and then every widget of them."""
    monkeypatch.setenv("SFRUNBOOK_PRACTICE", str(tmp_path / "session"))
    monkeypatch.setenv("SFRUNBOOK_HOME", str(tmp_path / "kept"))
    monkeypatch.setattr(page, "someone_is_there", lambda: True)
    book = runbook.open_page("practice")
    made = [book.connection(), book.app(), book.key()]
    type_in(the(made[-1], widgets.SecretField), practice_world.app()["client_secret"])
    panel = book.log_in()
    made += [panel, book.partner(), book.stay_connected()]
    seen = Desk(opened)
    seen.panel = panel
    visit(the(panel, widgets.LoginLink).address)
    seen.until("Access is allowed and stored")
    grant = opened.grants.stored()
    assert grant is not None
    assert grant.refresh_token is not None
    secrets = (practice_world.app()["client_secret"], practice_world.user()["password"])
    secrets += (grant.access_token.reveal(), grant.refresh_token.reveal())
    synchronised = " ".join(states(widget) for widget in made)
    assert "Callback URL" in synchronised
    assert [secret[:6] for secret in secrets if secret in synchronised] == []
    opened.grants.revoke()


def test_a_login_that_is_answered_after_the_page_has_switched_records_nothing_of_the_other_connection(
    with_person: Any, practice_world: Any, visit: Any, tmp_path: Path
) -> None:
    ConnectionBook(tmp_path / "kept").add(
        Connection(name="acme", login_url="http://127.0.0.1:9", client_id="", profile="cyclr")
    )
    book = with_person("practice")
    practice = book._state.opened
    practice.keep_client_secret(practice.practice.client_secret)
    address = the(book.log_in(), widgets.LoginLink).address
    desk = book._sections["log_in"]._desk
    book._state.open("acme")
    visit(address)
    deadline = time.monotonic() + 20
    while not desk._over:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    desk.close()
    assert book._state.current("log_in") == ()
    assert book._state.opened.progress.findings("log_in") == ()
    practice.grants.revoke()
