"""The verbs and forms of 05_cyclr_setup: by the API, by hand, with a person and without one; and what they leave."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sfrunbook.runbook.partner import FALLBACKS
from support.practice_support import Practice
from support.runbook_support import holding, log_in, make_shell, own_callback, session_of
from support.widget_support import fill, hint, press, submit, the, use
from support.worlds import World, running_world

from sfrunbook import runbook
from sfrunbook.connection import open_connection
from sfrunbook.core.model import Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.runbook import notebook, widgets
from sfrunbook.runbook.forms.partner import access_form, login_link
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


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "someone_is_there", lambda: True)


# --- without API credentials ---


def test_without_api_credentials_a_run_says_which_side_is_proved(acme):
    done = acme.run("run", "05_cyclr_setup", "--connection", "acme", "--out", str(acme.work / "out"))
    assert done.returncode == 0, done.stdout
    assert "Salesforce side proved, Cyclr side not proved." in done.stdout
    result = json.loads((acme.work / "out" / "result.json").read_text())
    found = {one["check"]: one for one in result["findings"]}["05_cyclr_setup/both-sides-are-proved"]
    assert (found["status"], found["diagnosis"]["code"]) == ("warning", "partner-side-not-proved")


def test_without_a_login_of_its_own_neither_side_is_proved(world, tmp_path):
    shell = make_shell(tmp_path / "user")
    shell.add(world)
    done = shell.run("run", "05_cyclr_setup", "--connection", "acme", "--out", str(shell.work / "out"))
    assert done.returncode == 3
    assert "Neither the Salesforce side nor the Cyclr side is proved yet." in done.stdout
    assert "no-side-proved" in done.stdout


def test_by_hand_the_click_path_has_the_key_to_copy_and_says_where_the_secret_is(acme, person, world):
    book = runbook.bind("acme", step="partner")
    steps = book.install_connector()
    rows = steps.rows
    assert [row["value"] for row in rows if row["copyable"]] == [world.app()["client_id"]]
    secret = next(row for row in rows if "Client Secret" in row["label"])
    assert secret["value"].startswith("not shown here: copy it from Setup > Apps > External Client Apps")
    assert world.app()["client_secret"] not in states(steps)
    assert "Application Connector Library" in words(steps)


def test_a_pasted_response_counts_as_attested_and_none_of_its_rows_is_kept(acme, person):
    book = runbook.bind("acme", step="partner")
    form = book.prove_method()
    field = next(part for part in parts(form) if getattr(part, "label", "") == "Method Response")
    field._receive(None, {"value": f"Method Response\n{GOOD}"}, None)
    assert "Attested by you on" in words(form)
    assert "1 row with 1 Id of Salesforce." in words(form)
    shown = book.verdict()
    assert "Salesforce side proved, Cyclr side proved (attested by you)." in shown.text
    again = runbook.bind("acme", step="partner")  # as after Run > Run All Cells
    assert "Attested by you on" in words(again.prove_method())
    assert "Salesforce side proved, Cyclr side proved (attested by you)." in again.verdict().text
    again._by_hand.judge_response(
        Secret('{"error": "invalid_grant", "error_description": "expired access/refresh token"}')
    )
    assert "The response that was pasted above proves nothing yet." in again.verdict().text
    kept = [one.check for one in book._notebook.opened.progress.findings("partner")]
    assert "a-method-response-was-shown" in kept
    later = runbook.bind("acme", step="partner")
    later.prove_method()
    assert "a-method-response-was-shown" not in [
        one.check for one in book._notebook.opened.progress.findings("partner")
    ]
    assert "Paste the Method Response above; this card then changes." in later.verdict().text
    assert "Very Private" not in states(form) + shown.html
    assert holding(acme.home, {"row": "Very Private"}) == []


def test_a_pasted_response_does_not_outweigh_a_registration_in_which_something_is_missing(acme, person):
    book = runbook.bind("acme", step="partner")
    book._notebook.opened.progress.record("register", Status.FAILED, book._notebook.opened.now(), ())
    assert "Attested by you on" in book._by_hand.judge_response(Secret(GOOD)).text
    shown = book.verdict()
    assert shown.text.startswith("[WARN] both-sides-are-proved")
    assert "proved (attested by you), but 01_register_app has found something missing." in " ".join(shown.text.split())
    assert '<a href="01_register_app.ipynb">Open 01_register_app.ipynb</a>' in shown.html


def test_a_pasted_response_that_is_none_is_told_and_not_kept(acme, person):
    book = runbook.bind("acme", step="partner")
    shown = book._by_hand.judge_response(Secret('{"records": [{"Id": "7"}]}'))
    assert "None of its records has an Id of Salesforce" in shown.text
    assert "cyclr-response-not-of-salesforce" in shown.text
    assert "Salesforce side proved, Cyclr side not proved." in book.verdict().text


@pytest.mark.parametrize(
    ("pasted", "code", "status"),
    [
        (
            '{"error": "invalid_grant", "error_description": "expired access/refresh token"}',
            "cyclr-connector-lost-access",
            "FAIL",
        ),
        (
            '[{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]',
            "cyclr-session-refused",
            "FAIL",
        ),
        ("[]", "cyclr-method-without-rows", "INCONCLUSIVE"),
        ('{"totalSize": 0, "records": []}', "cyclr-method-without-rows", "INCONCLUSIVE"),
        ("it works!", "cyclr-response-not-of-salesforce", "INCONCLUSIVE"),
    ],
)
def test_an_error_that_is_pasted_as_a_response_is_explained(acme, person, pasted, code, status):
    shown = runbook.bind("acme", step="partner")._by_hand.judge_response(Secret(pasted))
    assert shown.text.startswith(f"[{status}")
    assert f"Code: {code}" in shown.text


def test_nothing_is_judged_of_an_empty_field(acme, person):
    book = runbook.bind("acme", step="partner")
    form = book.prove_method()
    field = next(part for part in parts(form) if getattr(part, "label", "") == "Method Response")
    field._receive(None, {"value": " "}, None)
    assert field.message == "Nothing was pasted. Paste the whole response of the Test tab."
    assert "a-method-response-was-shown" not in book._notebook.findings


def test_the_page_on_which_the_partners_login_ended_is_explained_without_any_code(acme, person):
    panel = runbook.bind("acme", step="partner").authorize_partner()
    assert "The login for Cyclr is made in the Console of Cyclr: see the steps above." in words(panel)
    field = next(part for part in parts(panel) if getattr(part, "action", "") == "Explain this")
    page = (
        "https://app-h.cyclr.com/connector/callback?error=redirect_uri_mismatch&error_description=x&state=Very+Private"
    )
    field._receive(None, {"value": page}, None)
    assert "Code: callback-not-registered" in re.sub(r"\s+", " ", words(panel))
    assert "Very" not in states(panel)
    assert field.message == "Looked at, and not kept."


def test_the_form_of_the_partners_values_keeps_no_host_that_cannot_be_meant_and_asks_for_a_doubtful_one(acme, person):
    panel = access_form(open_connection("acme", acme.environ), lambda: None)
    form = the(panel, widgets.Form)
    before = ConnectionBook(acme.home).get("acme").variables
    fill(form, service_domain="api.cyclr.com")
    submit(form)
    assert "Nothing was kept yet." in words(panel)
    fill(form, service_domain="https://acme.cyclr.com/connector/callback")
    submit(form)
    assert ConnectionBook(acme.home).get("acme").variables == before
    assert hint(form, "service_domain")["use"] == "The Partner Console shows acme.cyclr.com"
    use(form, "service_domain")
    submit(form)
    kept = ConnectionBook(acme.home).get("acme").variables
    assert (kept["service_domain"], kept["console_host"]) == ("acme.cyclr.com", "my.cyclr.com")
    assert "Kept. Now enter the Client Secret of the API" in words(panel)


def test_without_the_api_the_boxes_to_look_at_come_before_the_login(acme, person):
    shown = runbook.bind("acme", step="partner").foresee_login()
    assert "Require Secret for Refresh Token Flow" in shown.text
    assert "Require Proof Key for Code Exchange (PKCE)" in shown.text


# --- with the API and a person ---


def test_todays_defaults_are_foreseen_before_the_person_authorizes(world, tmp_path, person, monkeypatch):
    environ = session_of(world, tmp_path / "session", callback_urls=[own_callback(world)])
    monkeypatch.setenv("SFRUNBOOK_PRACTICE", environ["SFRUNBOOK_PRACTICE"])
    book = runbook.bind("practice", step="partner")
    opened = book._notebook.opened
    opened.keep_client_secret(opened.practice.client_secret)
    opened.partner.keep_api(opened.connection.partner_client_id, opened.practice.partner_client_secret)
    book.check_partner()
    book.install_connector()
    panel = book.foresee_login()
    told = " ".join(words(panel).split())
    for claim in (
        "The app demands a proof key (PKCE) only if the partner sends one.",
        "The app asks for no Consumer Secret at a refresh, where the partner's guide has that box cleared.",
        "The Callback URL that the partner sends is registered in the app.",
    ):
        assert f"failed: {claim}" in told
    assert "Require Secret for Refresh Token Flow" in told
    refused = book.authorize_partner()
    assert "Not authorized: what was foreseen would make the login, or a later refresh, fail." in refused.text
    assert opened.partner.side.installed.authenticated is False
    first = "[TO DO] The login for Cyclr comes first, and what failed above would make it fail."
    for card in (book.prove_method(), book.prove_refresh(), book.verdict()):
        assert card.text.startswith(first)

    press(panel, "Let the practice administrator mend the app")
    assert "The practice administrator has mended the practice app." in words(panel)
    assert "failed:" not in words(panel)
    assert "FAIL" not in book.foresee_login().text
    assert "Log in to Salesforce for the partner (opens a new tab)" in states(book.authorize_partner())


def test_the_login_link_is_a_message_and_never_part_of_the_notebook(practice):
    practice.back_to("installed")
    at = practice.opened.partner.side
    made: list[Secret] = []

    def make() -> Secret:
        made.append(at.new_link())
        return made[-1]

    panel = login_link(make, lambda: None, lambda _page: None)
    link = panel.children[0]
    sent: list[Any] = []
    link.send = sent.append
    link._receive(None, {"wanted": True}, None)
    assert sent == [{"url": made[0].reveal()}]
    assert made[0].reveal() not in states(panel)
    assert "It works once, for five minutes" in words(panel)


def test_the_block_of_addresses_shows_the_ways_around_in_order_and_the_mail(practice, person, monkeypatch):
    practice.back_to("connected")
    practice.turn_on("cyclr-ip-blocked")
    monkeypatch.setenv("SFRUNBOOK_PRACTICE", practice.environ["SFRUNBOOK_PRACTICE"])
    book = runbook.bind("practice", step="partner")
    side = book._notebook.opened.partner.side
    monkeypatch.setattr(type(side.cyclr), "templates", lambda _self: ())
    shown = book.prove_method()
    text = words(shown)
    assert "help@cyclr.com" in text
    assert "Please allow our public IP address" in text
    ways = [way["Way"] for way in FALLBACKS]
    assert [text.index(way) for way in ways] == sorted(text.index(way) for way in ways)
    assert "Salesforce side proved, Cyclr side not proved." in book.verdict().text


# --- what a run leaves ---


def test_a_run_against_the_practice_partner_passes_and_keeps_no_secret_of_either_side(fresh_world, tmp_path):
    world = fresh_world
    shell = make_shell(tmp_path / "user")
    environ = session_of(world, tmp_path / "session", callback_urls=[own_callback(world)])
    shell.environ.update(environ)
    done = shell.run("run", "05_cyclr_setup", "--out", str(shell.work / "out"))
    assert done.returncode == 0, done.stdout
    assert "Salesforce side proved, Cyclr side proved." in done.stdout
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
    app = world.control("GET", f"/apps/{world.app()['client_id']}")
    assert (app["pkce_required"], app["secret_required_for_refresh"]) == (True, True)


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
