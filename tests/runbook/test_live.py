"""Cards that stay true while a person works further: what a front end is told to show anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from support.widget_support import shown, the, type_in

from sfrunbook.core.model import Status
from sfrunbook.report.cards import Card
from sfrunbook.runbook import background, widgets

Bind = Callable[..., Any]


class Handle:
    """A place of the front end, with every card that stood there."""

    def __init__(self, card: Card) -> None:
        self.cards = [card]

    def update(self, card: Card) -> None:
        self.cards.append(card)


@pytest.fixture
def with_front_end(with_person: Bind, monkeypatch: pytest.MonkeyPatch) -> Bind:
    """Bind as a notebook does that a person has opened in JupyterLab."""
    monkeypatch.setattr(background, "has_front_end", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda shown, **_how: Handle(shown))
    return with_person


def cards(book: Any, name: str) -> list[str]:
    return [card.text for card in book._notebook.live._handles[name].cards]


def logged_in(book: Any) -> None:
    book._notebook.opened.keep_client_secret(book._notebook.opened.practice.client_secret)
    book._notebook.opened.login.log_in_unattended()


def test_the_form_tells_in_short_what_the_card_below_tells_in_full(with_front_end: Bind) -> None:
    book = with_front_end("practice", step="credentials")
    assert book.check_credentials() is None
    form = book.enter_credentials()
    type_in(the(form, widgets.SecretField), book._notebook.opened.practice.client_secret.reveal())
    assert "All 3 checks passed." in shown(form)
    assert "Each check is shown a little further down." in shown(form)
    assert "refused only the made-up code" not in shown(form)
    waiting, told = cards(book, "credentials")
    assert waiting.startswith("[TO DO] The Consumer Secret is not entered yet.")
    assert "refused only the made-up code" in told


def test_what_is_known_of_the_access_follows_a_refresh(with_front_end: Bind) -> None:
    book = with_front_end("practice", step="health")
    logged_in(book)
    assert book.grant_health() is None
    book.refresh()
    before, after = cards(book, "health")
    assert "not renewed since the login" in before
    assert "not renewed since the login" not in after
    book._notebook.opened.grants.revoke()


def test_a_query_that_cannot_be_read_costs_nothing_that_another_one_has_proved(with_front_end: Bind) -> None:
    book = with_front_end("practice", step="query")
    logged_in(book)
    editor = the(book.query("SELECT Id FROM Account LIMIT 1"), widgets.SoqlEditor)
    editor._receive(editor, {"run": "SELECT Nothing FROM Account"}, [])
    assert "No such column 'Nothing'" in editor.fault
    assert "[PASS] query-returns-rows" in book._notebook.verdict().text
    book._notebook.opened.grants.revoke()


def test_the_road_and_the_link_at_its_end_follow_what_is_done_in_another_notebook(with_front_end: Bind) -> None:
    start = with_front_end("practice", step="start")
    start.check_host()
    start.road()
    start.summary()
    assert start._notebook._next.notebook == "01_register_app.ipynb"
    start._notebook.opened.progress.record("register", Status.PASSED, start._notebook.opened.now())
    deadline = time.monotonic() + 20
    while start._notebook._next.notebook != "02_enter_credentials.ipynb":
        assert time.monotonic() < deadline, start._notebook._next.notebook
        time.sleep(0.05)
    assert cards(start, "road")[-1].splitlines()[2].startswith("✓ done")
