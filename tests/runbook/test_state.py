"""Whatever someone changes, the page shows no finding about something else than what is there now."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.grant_store_support import NOW, made_grant
from support.widget_support import shown as words_on

from sfrunbook import partners
from sfrunbook.core.model import AppKind, Connection, Finding, Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.runbook import finish
from sfrunbook.runbook.header import HeaderView
from sfrunbook.runbook.state import State, StepState
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.grants import GrantStore
from sfrunbook.store.progress import STEPS
from sfrunbook.store.wrapping_key import create_key_file

NAMES = ("acme", "other")
KEYS = ("3MVG9" + "a1B2c3D4" * 10, "3MVG9" + "e5F6g7H8" * 10)
USERS = ("005xx000001Sv6AAAS", "005xx000001Sv6BAAS")
APP = ("login_url", "client_id", "app_kind")
#: what each step is about, in the words of the stored connection; `secret` and `grant` are in its store
ABOUT = {
    "connection": ("login_url",),
    "app": (*APP, "redirect_uri", "service_domain", "profile"),
    "key": (*APP, "secret"),
    "log_in": (*APP, "grant"),
    "try_it": (*APP, "grant", "test_query"),
    "partner": (*APP, "secret", "variables", "profile"),
    "stay_connected": (*APP, "grant", "secret"),
}
PROOF = {step.name: step.proof[0] for step in STEPS}


@contextmanager
def home_of_its_own() -> Iterator[None]:
    """A home with two connections that can be opened without a request."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        create_key_file(Path(folder) / "key")
        patch.setenv("SFRUNBOOK_HOME", folder)
        patch.setenv("SFRUNBOOK_KEY_FILE", f"{folder}/key")
        patch.setattr(finish, "_org_and_user", lambda _opened: (None, None))  # the org is not asked
        for name in NAMES:
            url = f"https://{name}.my.salesforce.com"
            connection = Connection(name=name, login_url=url, client_id=KEYS[0], profile="cyclr")
            ConnectionBook(Path(folder)).add(connection)
        yield


@pytest.fixture
def home() -> Iterator[None]:
    with home_of_its_own():
        yield


@pytest.fixture
def state(home: None) -> State:
    return State("acme", attended=True)


def finding(step: str, status: Status = Status.PASSED, detail: str = "It is so.") -> Finding:
    return Finding(check=PROOF[step], claim=f"The claim of {step}.", status=status, detail=detail)


def log_in(state: State, user: str = USERS[0], minutes: int = 0) -> None:
    at = NOW + timedelta(minutes=minutes)
    grant = made_grant(connection=state.name, approved_at=at, access=f"access-{minutes}", refresh=f"refresh-{minutes}")
    object.__setattr__(grant, "user_id", user)
    state.opened.store.save(grant)


def shown(state: State, step: str) -> list[Status]:
    return [found.status for found in state.current(step)]


# --- one change at a time --------------------------------------------------------------------------------------------


def new_key(state: State) -> None:
    state.opened.keep_client_id(KEYS[1], just_saved=True)


def new_kind(state: State) -> None:
    state.opened.change(app_kind=AppKind.CONNECTED_APP)


def new_service_domain(state: State) -> None:
    state.opened.change(variables={"service_domain": "acme-h.eu.cyclr.com"})


def new_callback(state: State) -> None:
    state.opened.change(redirect_uri="http://localhost:17999/callback")


def new_query(state: State) -> None:
    state.opened.change(test_query="SELECT Id FROM Contact LIMIT 1")


def new_secret(state: State) -> None:
    state.opened.keep_client_secret(Secret("0123456789ABCDEF" * 4))


def another_user(state: State) -> None:
    log_in(state, USERS[1], minutes=5)


def login_removed(state: State) -> None:
    state.opened.store.delete(state.name)


OF_THE_APP = {"app", "key", "log_in", "try_it", "partner", "stay_connected"}
OF_THE_LOGIN = {"log_in", "try_it", "stay_connected"}


@pytest.mark.parametrize(
    ("change", "stale"),
    [
        (new_key, OF_THE_APP),
        (new_kind, OF_THE_APP),
        (new_service_domain, {"app", "partner"}),
        (new_callback, {"app"}),
        (new_query, {"try_it"}),
        (new_secret, {"key", "partner", "stay_connected"}),
        (another_user, OF_THE_LOGIN),
        (login_removed, OF_THE_LOGIN),
    ],
)
def test_a_change_asks_to_check_again_what_depends_on_it_and_nothing_else(
    state: State, change: Callable[[State], None], stale: set[str]
) -> None:
    log_in(state)
    for step in STEPS:
        state.record(step.name, [finding(step.name)])
    assert state.next_step() is None
    change(state)
    for page in (state, State("acme", attended=True)):
        states = {step.name: page.state_of(step) for step in STEPS}
        assert {name for name, how_far in states.items() if how_far is StepState.CHECK_AGAIN} == stale
        assert {name for name, how_far in states.items() if how_far is StepState.DONE} == set(PROOF) - stale


def test_other_scopes_in_the_profile_ask_to_check_again_what_was_compared_with_them(state: State) -> None:
    profile = state.opened.records.folder / "profiles" / "ours.toml"
    profile.parent.mkdir()
    text = (Path(partners.__file__).parent / "profiles" / "cyclr.toml").read_text()
    profile.write_text(text)
    state.opened.change(profile="ours")
    log_in(state)
    for step in STEPS:
        state.record(step.name, [finding(step.name)])
    profile.write_text(text.replace('name = "full"', 'name = "api"'))
    assert {step.name for step in STEPS if not state.current(step.name)} == {"log_in", "partner"}


def test_the_facts_of_a_step_read_the_stored_login_once(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in(state)
    read: list[str] = []
    record = GrantStore.record
    monkeypatch.setattr(GrantStore, "record", lambda store, name: read.append(name) or record(store, name))
    facts = {step.name: state.subject(step.name) for step in STEPS}
    assert facts["log_in"]["user"] == USERS[0]
    assert read == ["acme"] * sum("user" in of_step for of_step in facts.values())


@pytest.mark.parametrize(
    ("received", "words"),
    [(True, "Salesforce returned here by itself"), (False, "you pasted the address"), (None, "")],
)
def test_the_end_says_how_the_stored_login_returned(state: State, received: bool | None, words: str) -> None:
    log_in(state)
    state.opened.store.save(replace(state.opened.grants.stored(), received=received))
    view = finish.FinishView(state, on_own_org=lambda: None)
    for step in STEPS:
        state.record(step.name, [finding(step.name)])
    end = " ".join(words_on(view.widget).split())
    assert "Salesforce is connected to Cyclr." in end
    assert ("After login" in end) is bool(words)
    assert not words or f"After login {words}" in end


def test_a_check_that_began_before_a_switch_records_nothing_for_the_new_connection(state: State) -> None:
    before, about = state.opened, state.subject("app")
    state.open("other")
    assert state.record("app", [finding("app")], about, of=before) == ()
    assert state.every_current() == ()
    for name in NAMES:
        assert State(name, attended=True).opened.progress.findings("app") == ()


def test_a_check_during_which_its_subject_changes_proves_nothing(state: State) -> None:
    before, about = state.opened, state.subject("app")
    new_key(state)
    state.record("app", [finding("app")], about, of=before)
    assert state.current("app") == ()
    assert state.state_of(STEPS[1]) is StepState.CHECK_AGAIN


def test_what_was_found_of_one_connection_comes_back_with_it(state: State) -> None:
    state.record("app", [finding("app", Status.FAILED)])
    state.open("other")
    assert shown(state, "app") == []
    state.open("acme")
    assert shown(state, "app") == [Status.FAILED]


def test_a_finding_that_was_forgotten_is_gone_from_the_disk_too(state: State) -> None:
    state.record("app", [finding("app")])
    state.forget("app", PROOF["app"])
    assert shown(state, "app") == shown(State("acme", attended=True), "app") == []


def test_an_unattended_run_reports_what_failed_whatever_changed_since(home: None) -> None:
    state = State("acme", attended=False)
    state.record("app", [finding("app", Status.FAILED)])
    new_key(state)
    assert [found.status for found in state.run().findings] == [Status.FAILED]


def test_a_connection_that_cannot_be_opened_is_a_finding_of_the_first_step(home: None) -> None:
    state = State("nobody", attended=True)
    assert not state.is_open
    assert shown(state, "connection") == [Status.FAILED]
    assert state.next_step() is STEPS[0]


# --- any changes in any order ----------------------------------------------------------------------------------------


class AnyOrder(RuleBasedStateMachine):
    """Someone who changes and checks things in any order, and a model that knows what each check was about."""

    def __init__(self) -> None:
        super().__init__()
        self._home = home_of_its_own()
        self._home.__enter__()
        self._count = 0
        #: of each connection: what is in its store
        self.secret: dict[str, object] = dict.fromkeys(NAMES)
        self.grant: dict[str, object] = dict.fromkeys(NAMES)
        #: by connection and step: the sentence, the outcome and the facts of the latest check
        self.checked: dict[tuple[str, str], tuple[str, Status, object]] = {}

    def teardown(self) -> None:
        self._home.__exit__(None, None, None)

    @initialize()
    def open(self) -> None:
        self.state = State(NAMES[0], attended=True)
        self.header = HeaderView(self.state)

    def facts(self, step: str, name: str) -> object:
        connection = ConnectionBook(Path(os.environ["SFRUNBOOK_HOME"])).get(name)
        domain = connection.variables.get("service_domain")  # the only variable in a Callback URL
        stored = {"secret": self.secret[name], "grant": self.grant[name], "service_domain": domain}
        return [stored[fact] if fact in stored else getattr(connection, fact) for fact in ABOUT[step]]

    def number(self) -> int:
        self._count += 1
        return self._count

    def change(self, **changes: Any) -> None:
        self.state.opened.change(**changes)
        self.state.changed()

    @rule(name=st.sampled_from(NAMES))
    def switch(self, name: str) -> None:
        self.state.open(name)

    @rule(key=st.sampled_from(KEYS))
    def enter_key(self, key: str) -> None:
        self.change(client_id=key)

    @rule(kind=st.sampled_from(list(AppKind)))
    def choose_kind(self, kind: AppKind) -> None:
        self.change(app_kind=kind)

    @rule(domain=st.sampled_from(["acme-h.cyclr.com", "app-h.eu.cyclr.com"]))
    def enter_service_domain(self, domain: str) -> None:
        self.change(variables={"service_domain": domain})

    @rule(account=st.sampled_from(["17", "18"]))
    def enter_account(self, account: str) -> None:
        self.change(variables={**self.state.opened.connection.variables, "account_id": account})

    @rule(port=st.sampled_from([17171, 17172]))
    def enter_callback(self, port: int) -> None:
        self.change(redirect_uri=f"http://localhost:{port}/callback")

    @rule(sobject=st.sampled_from(["Account", "Contact"]))
    def enter_query(self, sobject: str) -> None:
        self.change(test_query=f"SELECT Id FROM {sobject} LIMIT 1")

    @rule(host=st.sampled_from(["acme", "acme2"]))
    def move(self, host: str) -> None:
        self.change(login_url=f"https://{host}.my.salesforce.com")

    @rule(digit=st.sampled_from("AB"))
    def enter_secret(self, digit: str) -> None:
        before = self.secret[self.state.name]
        if not (isinstance(before, tuple) and before[0] == digit):
            self.secret[self.state.name] = (digit, self.number())
        self.state.opened.keep_client_secret(Secret(digit * 64))
        self.state.changed()

    @rule(user=st.sampled_from(USERS))
    def log_in(self, user: str) -> None:
        minutes = self.number()
        log_in(self.state, user, minutes)
        self.grant[self.state.name] = minutes
        self.state.changed()

    @rule()
    def remove_login(self) -> None:
        self.state.opened.store.delete(self.state.name)
        self.grant[self.state.name] = None
        self.state.changed()

    @rule(step=st.sampled_from(sorted(ABOUT)), status=st.sampled_from([Status.PASSED, Status.FAILED]))
    def check(self, step: str, status: Status) -> None:
        sentence = f"Seen in look {self.number():04}."
        self.checked[self.state.name, step] = (sentence, status, self.facts(step, self.state.name))
        self.state.record(step, [finding(step, status, sentence)])

    @rule(step=st.sampled_from(sorted(ABOUT)), key=st.sampled_from(KEYS))
    def check_while_the_key_changes(self, step: str, key: str) -> None:
        sentence = f"Seen in look {self.number():04}."
        opened, about, facts = self.state.opened, self.state.subject(step), self.facts(step, self.state.name)
        self.change(client_id=key)
        self.state.record(step, [finding(step, detail=sentence)], about, of=opened)
        self.checked[self.state.name, step] = (sentence, Status.PASSED, facts)

    @rule(step=st.sampled_from(sorted(ABOUT)))
    def check_while_the_page_switches(self, step: str) -> None:
        opened, about = self.state.opened, self.state.subject(step)
        self.state.open(next(name for name in NAMES if name != self.state.name))
        assert self.state.record(step, [finding(step)], about, of=opened) == ()

    @rule()
    def reload(self) -> None:
        name = self.state.name
        self.open()
        self.state.open(name)

    @precondition(lambda self: hasattr(self, "state"))
    @invariant()
    def everything_that_is_shown_is_about_what_is_there(self) -> None:
        state, name = self.state, self.state.name
        valid = {
            step: (sentence, status)
            for (of, step), (sentence, status, facts) in self.checked.items()
            if of == name and facts == self.facts(step, name)
        }
        current = {step: [(found.detail, found.status) for found in state.current(step)] for step in ABOUT}
        assert current == {step: [valid[step]] if step in valid else [] for step in ABOUT}
        assert {found.detail for found in state.every_current()} == {sentence for sentence, _ in valid.values()}
        done = {step for step, (_, status) in valid.items() if status is Status.PASSED}
        assert {step.name for step in STEPS if state.state_of(step).is_done} == done
        in_header = {row["name"] for row in self.header.widget.steps if row["state"] == StepState.DONE.value}
        assert in_header == done

    @rule()
    def share_the_summary(self) -> None:
        text, name = "".join(finish.summary_files(self.state).values()), self.state.name
        for (of, step), (sentence, _, facts) in self.checked.items():
            is_valid = of == name and facts == self.facts(step, name)
            assert (sentence in text) == is_valid or step == "partner", (step, sentence)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
