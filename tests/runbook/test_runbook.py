"""The verbs of the notebooks in a plain process: what each shows, with a person there and without."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.runbook_support import free_port, make_shell
from support.widget_support import shown, states

from sfrunbook import runbook
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import GrantKind, Status
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.report.cards import Card
from sfrunbook.runbook import RunbookNotPassedError, notebook
from sfrunbook.store import journal
from sfrunbook.store.connections import ConnectionBook
from sfrunbook.store.journal import JOURNAL_VARIABLE

NEEDS_A_GRANT = ("org", "check_data", "query")


def call(book: Any, verb: str) -> Any:
    return book.query("SELECT Id FROM Account LIMIT 1") if verb == "query" else getattr(book, verb)()


def test_nobody_is_there_in_a_plain_process() -> None:
    assert notebook.someone_is_there() is False


# --- without a person ------------------------------------------------------------------------------------------------


def test_a_binding_names_connection_host_app_and_partner(alone: Any, practice_world: Any) -> None:
    text = repr(alone("practice", step="start"))
    assert text == (
        "This notebook works with the connection “practice”. It is practice: nothing real is touched.\n"
        f"       It logs in at {practice_world.my_domain()}, a practice Salesforce on this machine.\n"
        "       App in Salesforce: External Client App.\n"
        "       Partner: Cyclr.\n"
        "       Another one is chosen by its name, in the parameter connection."
    )


def test_every_verb_passes_without_a_person_and_the_grant_is_taken_back(alone: Any) -> None:
    verbs_of = {
        "start": ("choose_connection", "check_host", "road"),
        "register": ("what_to_register", "enter_client_id", "check_registration"),
        "credentials": ("enter_credentials", "check_credentials"),
        "authorize": ("log_in", "check_grant"),
        "query": ("org", "check_data", "query"),
        "regression": (
            "check_host",
            "check_registration",
            "check_credentials",
            "use_grant",
            "refresh",
            "check_grant",
            "check_data",
            "take_back",
        ),
    }
    for step, verbs in verbs_of.items():
        book = alone("practice", step=step)
        cards = {verb: call(book, verb) for verb in verbs}
        assert {type(card) for card in cards.values()} == {Card}
        assert "checks passed" in book.summary().text or "1 check passed" in book.summary().text
        if step == "query":
            assert "Northwind Outfitters" in cards["org"].text
    assert "The grant was revoked, and Salesforce says that it is not active." in cards["take_back"].text
    assert book._notebook.opened.grants.stored() is None


def test_a_step_that_does_not_exist_is_a_mistake_of_the_notebook(alone: Any) -> None:
    with pytest.raises(ValueError, match="step is one of start, register"):
        alone("practice", step="nothing")


def test_a_run_without_a_person_writes_its_journal(
    alone: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, practice_world: Any
) -> None:
    monkeypatch.setenv(JOURNAL_VARIABLE, str(tmp_path / "one.jsonl"))
    book = alone("practice", step="start")
    book.check_host()
    assert not journal.read(tmp_path / "one.jsonl").ended
    book.summary()
    chapter = journal.read(tmp_path / "one.jsonl")
    assert chapter.ended
    assert chapter.host == practice_world.my_domain()
    assert [finding.check for finding in chapter.findings] == ["login-host-is-salesforce"]


def test_progress_is_kept_for_the_next_kernel(alone: Any) -> None:
    alone("practice", step="start").check_host()
    text = alone("practice", step="start").road().text
    assert text.splitlines()[1].startswith("✓ done")
    assert text.splitlines()[2].startswith("○ not yet")
    assert text.splitlines()[2].endswith("<- next")


def test_the_same_check_twice_counts_once_in_the_summary(alone: Any) -> None:
    book = alone("practice", step="start")
    book.check_host()
    book.check_host()
    assert "1 check passed" in book.summary().text


def test_a_query_without_sense_is_explained_and_fails_the_summary(alone: Any) -> None:
    book = alone("practice", step="query")
    told = book.query("SELECT Nothing FROM Account")
    assert told.text.startswith("[FAIL] query-returns-rows")
    with pytest.raises(RunbookNotPassedError) as raised:
        book.summary()
    assert diagnosis_of(raised.value).code == "data-invalid-field" or "Nothing" in diagnosis_of(raised.value).what
    book._notebook.opened.grants.revoke()


def test_a_query_that_finds_nothing_warns_and_still_passes(alone: Any) -> None:
    book = alone("practice", step="query")
    assert "0 rows" in book.query("SELECT Id FROM Account WHERE Name = 'nobody at all'").text
    assert "Passed, with 1 of 1 check giving a warning." in book.summary().text
    book._notebook.opened.grants.revoke()


# --- no connection ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nobody", "../x", ""])
def test_a_name_that_is_no_connection_is_told_once_and_every_verb_does_nothing(alone: Any, name: str) -> None:
    book = alone(name, step="regression")
    told = repr(book)
    assert told.startswith("[FAIL] connection-is-bound")
    assert "1. You: " in told
    not_done = (
        "[TO DO] Not done: this notebook has no connection to work with.\n"
        "       The first card above says why, and what to do."
    )
    for verb in ("check_host", "check_registration", "use_grant", "refresh", "check_grant", "check_data", "take_back"):
        assert call(book, verb).text == not_done
    for verb in ("org", "query"):
        assert call(alone(name, step="query"), verb).text == not_done
    with pytest.raises(RunbookNotPassedError) as raised:
        book.summary()
    assert diagnosis_of(raised.value).code in {"connection-not-found", "connection-name-invalid"}


def test_what_a_notebook_shows_of_a_verdict_is_text_and_no_traceback(alone: Any) -> None:
    book = alone("nobody", step="regression")
    with pytest.raises(RunbookNotPassedError) as raised:
        book.summary()
    lines = raised.value._render_traceback_()
    assert lines[0].startswith("regression: nobody")
    assert "There is no connection called nobody." in "\n".join(lines)
    assert "Traceback" not in "\n".join(lines)
    assert str(raised.value) == lines[0]
    assert isinstance(raised.value, RunbookError)


def test_a_session_that_is_gone_is_no_verdict(alone: Any, session: Path) -> None:
    (session / "ready.json").unlink()
    book = alone("practice", step="start")
    assert repr(book).startswith("[INCONCLUSIVE] connection-is-bound")
    with pytest.raises(RunbookNotPassedError) as raised:
        book.summary()
    assert diagnosis_of(raised.value).code == "practice-world-gone"


def test_a_store_that_cannot_be_written_is_told_and_not_raised(alone: Any, session: Path) -> None:
    (session / "store").write_text("in the way")
    book = alone("practice", step="credentials")
    assert "[FAIL]" in repr(book) + book.check_credentials().text
    with pytest.raises(RunbookNotPassedError):
        book.summary()


# --- with a person ---------------------------------------------------------------------------------------------------


def test_before_anything_was_checked_the_summary_tells_a_person_that_it_is_their_turn(with_person: Any) -> None:
    book = with_person("practice", step="authorize")
    assert book._notebook.verdict().text == (
        "[TO DO] Nothing was checked yet.\n       What you can do stands above; this card then changes."
    )


def test_without_a_secret_a_person_is_told_in_every_cell_only_to_enter_it(with_person: Any) -> None:
    missing = (
        "[TO DO] The Consumer Secret is not entered yet.\n"
        "       Enter it in 02_enter_credentials, come back here, and choose Run > Run All Cells.\n"
        "       Open 02_enter_credentials.ipynb"
    )
    book = with_person("practice", step="authorize")
    assert book.log_in().text == book.check_grant().text == missing
    later = with_person("practice", step="query")
    assert [call(later, verb).text for verb in NEEDS_A_GRANT] == [missing] * len(NEEDS_A_GRANT)


def test_without_a_key_a_person_is_told_to_enter_that_first(with_person: Any) -> None:
    book = with_person("practice", step="authorize")
    book._notebook.opened.change(client_id="")
    assert book.log_in().text.startswith("[TO DO] The Consumer Key is not entered yet.\n")
    assert book.check_grant().text.startswith("[TO DO] The Consumer Key is not entered yet.\n")


def test_a_person_is_told_where_to_choose_another_connection(with_person: Any, practice_world: Any) -> None:
    assert repr(with_person("practice", step="query")) == (
        "This notebook works with the connection “practice”. It is practice: nothing real is touched.\n"
        f"       It logs in at {practice_world.my_domain()}, a practice Salesforce on this machine.\n"
        "       App in Salesforce: External Client App.\n"
        "       Partner: Cyclr.\n"
        "       Not the one you mean? Choose another in 00_start, come back, and choose Run > Run All Cells.\n"
        "       Open 00_start.ipynb"
    )
    assert "Not the one you mean? Choose another below" in repr(with_person("practice", step="start"))


def test_the_partners_notebook_run_too_early_is_still_to_do_on_the_road(with_person: Any, session: Path) -> None:
    book = with_person("practice", step="partner")
    for verb in ("check_partner", "authorize_partner", "prove_refresh", "verdict"):
        call(book, verb)
    assert book.verdict().text == (
        "[TO DO] Neither the Salesforce side nor the Cyclr side is proved yet.\n"
        "       Nobody has logged in with this runbook: do the notebooks before this one first, then come back.\n"
        "       Open 03_authorize.ipynb"
    )
    assert book._notebook.verdict().text.startswith("[TO DO] Nothing could be checked yet.")
    lines = with_person("practice", step="start")._road_card().text.splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == ["○ not yet"] * 7
    assert lines[1].endswith("<- next")


def test_without_the_api_a_rehearsal_names_the_practice_console_and_its_login(
    with_person: Any, practice_world: Any
) -> None:
    console = practice_world.ready["cyclr"]
    book = with_person("practice", step="partner")
    told = " ".join(shown(book.install_connector()).split())
    assert (
        "This is practice: do these steps in the practice Console, not in the real one. Log in there as "
        f"{console['console_user']['username']}; the password stands on its login page. Open {console['console_url']}"
    ) in told
    assert console["console_user"]["password"] not in states(book.install_connector())
    for told in (shown(book.authorize_partner()), book.prove_refresh().text):
        assert f"the practice Console, {console['console_url']}" in told


def test_what_may_be_left_out_of_06_says_so(with_person: Any) -> None:
    book = with_person("practice", step="health")
    how = "       To set one up, enter client_credentials or jwt_bearer for unattended in the parameters above."
    assert book.unattended_steps("").text == (
        f"[OPTIONAL] Nothing to click: no access without a person was chosen.\n{how}"
    )
    assert book.prove_unattended("").text == (
        f"[OPTIONAL] Nothing to prove: no access without a person was chosen.\n{how}"
    )
    needs_none = "No certificate is made: only the JWT Bearer Flow needs one."
    assert book.certificate("").text == f"[OPTIONAL] {needs_none}"
    assert book.certificate("client_credentials").text == f"[DOES NOT APPLY] {needs_none}"


def test_without_a_login_a_person_is_told_which_notebook_to_open(with_person: Any) -> None:
    book = with_person("practice", step="query")
    book._notebook.opened.keep_client_secret(book._notebook.opened.practice.client_secret)
    for verb in NEEDS_A_GRANT:
        told = call(book, verb).text
        assert told.startswith("[TO DO] ")
        assert "03_authorize.ipynb" in told
    assert book._notebook.opened.grants.stored() is None


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"client_secret": None}, True),
        ({"client_secret": None, "public": True}, False),
        ({"client_secret": None, "grant_kind": GrantKind.JWT_BEARER}, False),
    ],
)
def test_a_login_waits_for_a_secret_only_where_the_app_asks_for_one(
    with_person: Any, changes: dict[str, Any], lacks: bool
) -> None:
    credentials = with_person("practice", step="credentials")
    credentials._notebook.opened.change(**changes)
    assert ("is not entered yet" in repr(credentials.check_credentials())) is lacks
    book = with_person("practice", step="authorize")
    book._notebook.opened.change(**changes)
    assert ("The Consumer Secret is not entered yet." in repr(book.log_in())) is lacks


def test_without_a_secret_a_person_is_asked_for_it_and_nothing_is_sent(with_person: Any, practice_world: Any) -> None:
    book = with_person("practice", step="credentials")
    practice_world.control("DELETE", "/journal")
    told = book.check_credentials().text
    assert "The Consumer Secret is not entered yet." in told
    assert "02_enter_credentials.ipynb" in with_person("practice", step="authorize").log_in().text
    token_requests = [one for one in practice_world.control("GET", "/journal")["requests"] if "token" in one["path"]]
    assert token_requests == []


def test_a_summary_never_raises_in_front_of_a_person(with_person: Any) -> None:
    book = with_person("nobody", step="start")
    assert "There is no connection called nobody." in book.summary().text


def test_a_grant_that_a_person_made_is_not_taken_back(
    with_person: Any, practice_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from support.runbook_support import visit_as

    book = with_person("practice", step="authorize")
    book._notebook.opened.keep_client_secret(book._notebook.opened.practice.client_secret)

    def show(url: str) -> None:
        visit_as(practice_world, url)

    grant = book._notebook.opened.login.log_in(show, str, receive=True, timeout_seconds=30)
    monkeypatch.setattr(notebook, "someone_is_there", lambda: False)
    later = runbook.bind("practice", step="regression")
    assert "This run made no grant; nothing is revoked." in later.take_back().text
    assert later._notebook.opened.grants.stored() == grant
    later._notebook.opened.grants.revoke()


# --- a real connection -----------------------------------------------------------------------------------------------


def test_a_run_without_a_person_makes_no_approval_on_a_real_connection(
    practice_world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = make_shell(tmp_path / "user")
    shell.add(practice_world)
    for name in ("SFRUNBOOK_HOME", "SFRUNBOOK_KEY_FILE"):
        monkeypatch.setenv(name, shell.environ[name])
    before = practice_world.control("GET", "/approvals")
    book = runbook.bind("acme", step="regression")
    for verb in ("use_grant", "refresh", "check_grant", "check_data"):
        assert "Nobody has logged in for the connection acme yet." in call(book, verb).text
    for verb in NEEDS_A_GRANT:
        assert (
            "Nobody has logged in for the connection acme yet." in call(runbook.bind("acme", step="query"), verb).text
        )
    with pytest.raises(RunbookNotPassedError) as raised:
        book.summary()
    assert diagnosis_of(raised.value).code == "no-grant-yet"
    assert practice_world.control("GET", "/approvals") == before
    assert "the connection “acme”" in repr(book)


def test_a_host_that_is_away_is_told_by_every_verb_without_a_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = make_shell(tmp_path / "user")
    folder = shell.home / "connections"
    folder.mkdir(parents=True)
    address = f"http://127.0.0.1:{free_port()}"
    record = {"format": 1, "login_url": address, "client_id": "3MVG9" + "a1B2c3D4" * 10}
    (folder / "acme.json").write_text(json.dumps(record))
    for name in ("SFRUNBOOK_HOME", "SFRUNBOOK_KEY_FILE"):
        monkeypatch.setenv(name, shell.environ[name])
    book = runbook.bind("acme", step="start")
    assert book.check_host().text.startswith("[INCONCLUSIVE] login-host-is-salesforce")
    with pytest.raises(RunbookNotPassedError) as raised:
        book.summary()
    assert diagnosis_of(raised.value).code == "connection-refused"
    assert book._notebook.findings["login-host-is-salesforce"].status is Status.INCONCLUSIVE


# --- the connection in use -------------------------------------------------------------------------------------------


def test_current_means_the_chosen_connection_where_a_person_sits(with_person: Any, tmp_path: Path) -> None:
    assert "the connection “practice”" in repr(with_person("current", step="start"))
    ConnectionBook(tmp_path / "kept").choose("acme")
    assert "There is no connection called acme." in repr(with_person("current", step="start"))


def test_current_means_the_practice_world_where_nobody_sits(alone: Any, tmp_path: Path) -> None:
    ConnectionBook(tmp_path / "kept").choose("acme")
    assert "the connection “practice”" in repr(alone("current", step="start"))


def test_the_link_at_the_end_of_00_leads_to_the_first_step_that_is_not_done(with_person: Any) -> None:
    book = with_person("practice", step="start")
    for step in ("register", "credentials"):
        book._notebook.opened.progress.record(step, Status.PASSED, book._notebook.opened.now())
    book.check_host()
    book._notebook.show_next_link()
    assert (book._notebook._next.label, book._notebook._next.notebook) == (
        "Open 03_authorize and run it",
        "03_authorize.ipynb",
    )
    for step in ("authorize", "query", "partner", "health"):
        book._notebook.opened.progress.record(step, Status.PASSED, book._notebook.opened.now())
    book._notebook.update_next_link()
    assert book._notebook._next.notebook == "06_grant_health.ipynb"
    later = with_person("practice", step="register")
    later._notebook.show_next_link()
    assert later._notebook._next.label == "Open 02_enter_credentials and run it"
