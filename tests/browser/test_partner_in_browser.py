"""05_cyclr_setup in a browser: by hand with a pasted response, and where Cyclr lets this machine run no method."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect
from support.accessibility import too_wide
from support.browser_support import WIDGET_STATE, Person, name_the_connection
from support.partner_browser import World, own_login, shows
from test_authorize_and_query import both_widths_and_themes, save_widget_state

from sfrunbook.connection.practice_connection import PracticeConnection

pytestmark = pytest.mark.browser

ROW = "Very Private Ltd"
#: in how many lines the text of each element stands
_LINES = """all => all.map((one) => {
  const text = document.createRange();
  text.selectNodeContents(one);
  return text.getClientRects().length;
})"""
GOOD = json.dumps({"totalSize": 1, "records": [{"Id": "001gK00000Rm4cAQAR", "Name": ROW}]})


def kept_in_files(person: Person, *canaries: str) -> list[str]:
    """Files of this session, notebooks and stores alike, that hold one of the canaries in clear."""
    root = person.lab.folder.parent
    files = [one for one in root.rglob("*") if one.is_file() and one.name != "ready.json"]
    assert (person.lab.folder / "05_cyclr_setup.ipynb") in files
    return [one.name for one in files if any(canary.encode() in one.read_bytes() for canary in canaries)]


def test_by_hand_the_console_is_shown_with_copy_buttons_and_a_pasted_response_is_attested(
    person: Person, world: PracticeConnection
) -> None:
    there = World(world)
    app = next(one for one in there.ready["orgs"][0]["apps"] if one["kind"] == "external_client_app")
    own_login(person, there, app["client_id"], app["client_secret"])
    name_the_connection(person.lab.folder / "05_cyclr_setup.ipynb")
    person.open("05_cyclr_setup.ipynb")
    save_widget_state(person)
    person.run_all()
    shows(person, "book.verdict()", "Salesforce side proved, Cyclr side not proved.")
    shows(person, "book.hand_over()", "Salesforce side proved, Cyclr side not proved.")
    steps = person.cell("book.install_connector()")
    expect(steps.get_by_text("Cyclr Partner Console > Connectors > Application Connector Library")).to_be_visible()
    expect(steps.get_by_role("button", name="Copy 2. the Setup page of the connector, field Client ID")).to_be_visible()
    expect(steps.get_by_text("not shown here: copy it from Setup > Apps > External Client Apps")).to_be_visible()
    both_widths_and_themes(person, "by-hand", steps)
    boxes = person.cell("book.foresee_login()")
    both_widths_and_themes(person, "boxes", boxes)
    person.page.set_viewport_size({"width": 800, "height": 1400})
    assert too_wide(person.page) == []
    marks = boxes.locator("td").get_by_text(re.compile("^(confirmed|likely|guess)$"))
    expect(marks.first).to_be_visible()
    lines = marks.evaluate_all(_LINES)
    assert set(lines) == {1}, "a mark is broken inside the word"
    person.page.set_viewport_size({"width": 1280, "height": 900})

    response = person.notebook.get_by_label("Method Response", exact=True)
    response.fill(GOOD)
    response.press("Enter")
    shows(person, "book.prove_method()", "1 row with 1 Id of Salesforce.")
    person.run_cell("book.verdict()")
    shows(person, "book.verdict()", "Salesforce side proved, Cyclr side proved (attested by you).")
    person.run_cell("book.hand_over()")
    shows(person, "book.hand_over()", "attested by you")
    both_widths_and_themes(person, "attested", person.cell("book.prove_method()"))
    assert WIDGET_STATE in person.saved("05_cyclr_setup.ipynb", until=WIDGET_STATE)
    assert kept_in_files(person, ROW, app["client_secret"]) == []


def test_by_buttons_a_machine_that_may_run_no_method_gets_the_mail_and_the_ways_around(
    person: Person, world: PracticeConnection
) -> None:
    """The practice partner by its button; its cycles are busy with an import, so that none can stand in."""
    there = World(world)
    world.store.put_secret("practice", world.client_secret)
    world.open_for_partner()
    there.control("POST", "/scenarios/cyclr-html", {"path": "/v1.0/templates", "status": 503})
    person.open("05_cyclr_setup.ipynb")
    save_widget_state(person)
    person.run_all()
    person.notebook.get_by_role("button", name="Use the practice partner's credentials").click()
    expect(person.notebook.get_by_text("Kept, encrypted.").first).to_be_visible()
    person.run_cell("book.install_connector()")
    person.run_cell("book.foresee_login()")
    shows(person, "book.foresee_login()", "The partner sends no code challenge, and the app demands none.")
    person.run_cell("book.authorize_partner()")
    with person.context.expect_page() as opened:
        person.notebook.get_by_role("button", name="Log in to Salesforce for the partner (opens a new tab)").click()
    user = there.user()
    opened.value.get_by_label("Username").fill(user["username"])
    opened.value.get_by_label("Password").fill(user["password"])
    opened.value.keyboard.press("Enter")
    opened.value.get_by_role("button", name="Allow").click()
    opened.value.wait_for_url(lambda url: url.startswith(there.ready["cyclr"]["console_url"]))
    opened.value.close()
    person.notebook.get_by_role("button", name="I have allowed access: look again").click()
    shows(person, "book.authorize_partner()", "is authenticated.")
    person.run_cell("book.prove_method()")
    shows(person, "book.prove_method()", "help@cyclr.com")
    panel = person.cell("book.prove_method()")
    expect(panel.get_by_text("Please allow our public IP address")).to_be_visible()
    expect(panel.get_by_role("button", name="Copy Text")).to_be_visible()
    expect(panel.get_by_text("What to do instead, in this order")).to_be_visible()
    both_widths_and_themes(person, "blocked", panel)
    person.run_cell("book.verdict()")
    shows(person, "book.verdict()", "Cyclr side")
    assert WIDGET_STATE in person.saved("05_cyclr_setup.ipynb", until=WIDGET_STATE)
    secrets = (
        there.ready["cyclr"]["api_clients"][0]["client_secret"],
        world.client_secret.reveal(),
        "signintoken?token=",
    )
    assert kept_in_files(person, *secrets) == []
