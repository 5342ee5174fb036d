"""The page in its two ways of running: forms with someone there, a verdict without."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import IPython.display
import pytest
from ipywidgets import Button
from support.widget_support import fill, hint, parts, press, shown, states, submit, the

from sfrunbook import runbook
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Finding, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.schedules import Target
from sfrunbook.runbook import background, widgets
from sfrunbook.runbook.finish import summary_files
from sfrunbook.runbook.state import StepState
from sfrunbook.store.journal import JOURNAL_VARIABLE
from sfrunbook.store.progress import STEPS

Open = Callable[..., runbook.Page]
SECTIONS = ("connection", "app", "key", "log_in", "try_it", "partner", "stay_connected")


# --- unattended ------------------------------------------------------------------------------------------------------


def test_an_unattended_section_shows_its_findings_and_needs_no_form(alone: Open) -> None:
    page = alone("practice")
    assert "[PASS] login-host-is-salesforce" in page.connection().text
    assert "[PASS] callback-urls-are-registered" in page.app().text
    assert "[PASS] consumer-key-and-secret-are-accepted" in page.key().text
    assert "[PASS] access-token-is-active" in page.log_in().text
    assert "[PASS] test-query-returns-rows" in page.try_it("SELECT Id, Name FROM Contact LIMIT 2").text
    assert "[PASS] grant-can-be-renewed" in page.stay_connected().text
    assert "[PASS] what-the-run-made-is-taken-back" in page.take_back().text
    assert page.summary().text.startswith("Runbook: practice on this machine: ")


def test_steps_that_are_not_wanted_do_nothing(alone: Open) -> None:
    page = alone("practice", steps="connection, key")
    assert "Skipped: this step isn't in the parameter steps." in page.app().text
    assert "[PASS] login-host-is-salesforce" in page.connection().text
    assert {found.check for found in page._state.every_current()} == {"login-host-is-salesforce"}


def test_an_unknown_step_is_an_error_that_names_the_known_ones(alone: Open) -> None:
    with pytest.raises(RunbookError) as caught:
        alone("practice", steps="app,login")
    assert diagnosis_of(caught.value).what == "The runbook has no step called login."
    assert ", ".join(SECTIONS) in str(diagnosis_of(caught.value).causes)


def test_a_connection_that_does_not_exist_fails_at_the_end_and_not_before(alone: Open) -> None:
    page = alone("nobody")
    assert "There is no connection called nobody." in repr(page)
    for name in SECTIONS:
        assert getattr(page, name)().text.startswith("[TO DO] Waiting for: a connection that can be opened.")
    with pytest.raises(runbook.RunbookNotPassedError) as caught:
        page.summary()
    assert caught.value.code == "connection-not-found"
    assert "There is no connection called nobody." in "\n".join(caught.value._render_traceback_())


def test_a_name_that_looks_like_a_secret_is_not_repeated(alone: Open) -> None:
    secret = "0123456789ABCDEF" * 4
    assert secret not in repr(alone(secret))


def test_the_journal_has_every_finding_and_the_end(
    alone: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(JOURNAL_VARIABLE, str(tmp_path / "journal.jsonl"))
    page = alone("practice")
    page.connection()
    page.summary()
    lines = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["bound", "finding", "end"]


# --- with someone there ----------------------------------------------------------------------------------------------


def test_every_section_has_forms_and_nothing_is_done_for_someone(with_person: Open) -> None:
    page = with_person("practice")
    assert [type(getattr(page, name)()).__name__ for name in SECTIONS] == ["VBox"] * 7
    assert page._state.opened.client_secret() is None
    assert page._state.opened.grants.stored() is None


def test_a_section_waits_for_what_comes_first_and_opens_when_it_is_there(with_person: Open) -> None:
    page = with_person("practice")
    key, log_in = page.key(), page.log_in()
    assert "Waiting for: the Consumer Secret." in shown(log_in)
    press(key, "Use practice values")
    assert "Waiting for: the Consumer Secret." not in shown(log_in)
    assert the(log_in, widgets.LoginLink)
    assert page._state.state_of(STEPS[2]) is StepState.DONE
    page._sections["log_in"]._desk.close()


def test_a_cell_that_is_run_twice_shows_the_same_section_header_and_end(
    with_person: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    displayed: list[object] = []
    monkeypatch.setattr(IPython.display, "display", displayed.append)
    page = with_person("practice")
    for _ in range(2):
        page._ipython_display_()
        displayed.extend([page.key(), page.summary()])
    assert displayed[:3] == displayed[3:]
    assert len(page._state._views) == 3
    until(lambda: len(followers()) == 1)


def test_a_page_that_is_opened_again_is_followed_in_place_of_the_one_before(
    with_person: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IPython.display, "display", lambda _widget: None)
    monkeypatch.setattr(background, "_POLL_SECONDS", 0.02)
    followed: list[runbook.Page] = []
    first, second = with_person("practice"), with_person("practice")
    for page in (first, second):
        monkeypatch.setattr(page._state, "on_disk", partial(counted, followed, page))
        page._ipython_display_()
    until(lambda: len(followers()) == 1)
    seen = len(followed)
    until(lambda: len(followed) >= seen + 3)
    assert set(followed[seen:]) == {second}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def counted(followed: list[runbook.Page], page: runbook.Page) -> int:
    followed.append(page)
    return 0


def followers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "follow the files"]


def test_a_change_asks_to_check_again_and_the_button_does(with_person: Open) -> None:
    page = with_person("practice")
    key = page.key()
    press(key, "Use practice values")
    assert "Something changed since the last check." not in shown(key)
    secret = page._state.opened.practice.client_secret
    page._state.opened.history.note_secret_kept(page._state.opened.now())
    page._state.changed()
    assert "Something changed since the last check." in shown(key)
    press(key, "Check again")
    assert "Something changed since the last check." not in shown(key)
    assert page._state.state_of(STEPS[2]) is StepState.DONE
    assert secret.reveal() not in states(key)


def test_the_end_says_what_is_next_and_offers_no_summary_before_it_is_done(with_person: Open) -> None:
    page = with_person("practice")
    end = page.summary()
    assert "Next: Choose a connection." in shown(end)
    page.connection()
    assert "Next: Register the app." in shown(end)
    buttons = [part for part in parts(end) if isinstance(part, widgets.DownloadButton)]
    assert [button.label for button in buttons] == ["Share summary (HTML)", "Share summary (Markdown)"]


@pytest.fixture
def connected(with_person: Open) -> runbook.Page:
    """A page on which every step is done."""
    page = with_person("practice")
    for step in STEPS:
        done = Finding(check=step.proof[0], claim="It is so.", status=Status.PASSED, detail="It is so.")
        page._state.record(step.name, [done])
    return page


def test_the_end_screen_shows_the_file_for_each_scheduler_ready_to_copy(connected: runbook.Page) -> None:
    end = connected.summary()
    assert "Salesforce is connected to Cyclr." in shown(end)
    press(end, "Schedule checks")
    file, form = the(end, widgets.CopyTable), the(end, widgets.Form)
    (row,) = file.rows
    assert row["copyable"]
    assert "sfrunbook: practice. Add this with: crontab -e" in row["value"]
    assert f"SFRUNBOOK_HOME={os.environ['SFRUNBOOK_HOME']}" in row["value"]
    assert "run regression --connection practice --in runs" in row["value"]
    every = {value for _, value in form.fields[0]["options"]}
    assert every == set(Target)
    for target in every:
        fill(form, target=target, at="4:15")
        assert hint(form, "at") == {}
        assert file.rows[0]["value"]
    fill(form, at="noon")
    assert hint(form, "at")["status"] == "failed"
    assert file.rows == []


def test_undo_of_a_planned_failure_that_needs_a_login_checks_the_login_again(with_person: Open) -> None:
    page = with_person("practice")
    opened = page._state.opened
    opened.keep_client_secret(opened.practice.client_secret)
    opened.login.log_in_unattended()
    page._sections["log_in"].check()
    form = page.connection()
    (choice,) = [each for each in parts(form) if isinstance(each, widgets.Form) and each.action == "Break it"]
    fill(choice, name="refresh-scope-removed")
    submit(choice)
    assert page._state.state_of(STEPS[3]) is StepState.TO_DO
    press(form, "Undo")
    assert page._state.state_of(STEPS[3]).is_done


def test_refresh_is_the_main_button_only_while_it_is_next(with_person: Open) -> None:
    page = with_person("practice")
    opened = page._state.opened
    opened.keep_client_secret(opened.practice.client_secret)
    opened.login.log_in_unattended()
    shown_section = page.stay_connected()
    styles = [the(shown_section, Button, "Refresh access now").button_style]
    for step in STEPS:
        done = Finding(check=step.proof[0], claim="It is so.", status=Status.PASSED, detail="It is so.")
        page._state.record(step.name, [done])
        page._state.changed()
        styles.append(the(shown_section, Button, "Refresh access now").button_style)
    assert styles == ["", "", "", "", "", "", "primary", ""]


def test_the_end_screen_opens_the_form_for_an_own_org(connected: runbook.Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(IPython.display, "display", lambda _widget: None)
    connected._ipython_display_()
    sent: list[object] = []
    monkeypatch.setattr(connected._header.widget, "send", sent.append)
    connected.connection()
    end = connected.summary()
    fold = connected._connection._form.own_org
    assert fold.children[1].layout.display == "none"
    press(end, "Start with your own org")
    assert fold.children[1].layout.display == ""
    assert sent == [{"go": "connection"}]


def test_the_summary_is_a_page_and_markdown_without_a_secret(with_person: Open) -> None:
    page = with_person("practice")
    press(page.key(), "Use practice values")
    files = summary_files(page._state)
    assert sorted(name.rsplit(".", 1)[1] for name in files) == ["html", "md"]
    secret = page._state.opened.practice.client_secret.reveal()
    assert [name for name, text in files.items() if secret in text] == []
