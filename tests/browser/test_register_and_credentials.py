"""The first three notebooks by hand: what is told at once, what mends itself, and what is never kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from support.accessibility import violations
from support.browser_support import WIDGET_STATE, Person
from support.road_support import holding, setting
from support.setup_support import CYCLR, RUNBOOK, Administrator, Host

from sfrunbook.connection.practice_connection import PracticeConnection
from sfrunbook.core.secrets import shape
from sfrunbook.runbook.widgets.scripts import script

pytestmark = pytest.mark.browser

#: where the runbook may listen, since another program may have the first port
RUNBOOKS = tuple(RUNBOOK.replace("17171", str(port)) for port in range(17171, 17176))
KEY = "3MVG9" + "a1B2c3D4" * 10
CANARY = "C0FFEE00" * 8


def in_both_widths(person: Person, name: str, part: Locator) -> None:
    """A picture of a part of the notebook in a wide window and in a narrow one, where nothing may be cut off."""
    for width in (1280, 800):
        person.resize(width, 900)
        part.evaluate("(one) => one.scrollIntoView({ block: 'start' })")
        person.picture(f"{name}-{width}")
        cut = part.evaluate("(one) => one.scrollWidth - one.clientWidth")
        assert cut <= 1, f"{name} is {cut} pixels too wide at {width}"
    person.page.set_viewport_size({"width": 1280, "height": 900})


def choose_a_real_org(person: Person) -> Locator:
    person.open("00_start.ipynb")
    person.run_all()
    form = person.notebook.locator(".sfr-form")
    form.get_by_label("A real org").check()
    return form


@pytest.mark.parametrize("theme", ["JupyterLab Light", pytest.param("JupyterLab Dark", marks=pytest.mark.long)])
def test_the_finder_mends_a_lightning_host_with_one_click(person: Person, theme: str) -> None:
    setting(person, "@jupyterlab/apputils-extension/themes", theme=theme)
    form = choose_a_real_org(person)
    address = form.get_by_label("Login address")
    # as slowly as the form sends: what is typed while an answer is on its way must stay
    address.press_sequentially("acme.lightning.force.com", delay=170)
    expect(form.get_by_text("This is the address of the Lightning screens, not of a login.")).to_be_visible()
    expect(address).to_have_value("acme.lightning.force.com")
    form.get_by_label("Service Domain", exact=True).fill("https://acme-h.eu.cyclr.com/connector/callback")
    in_both_widths(person, "told", form)
    form.get_by_role("button", name="Use acme.my.salesforce.com").click()
    expect(address).to_have_value("acme.my.salesforce.com")
    expect(form.get_by_text("acme.my.salesforce.com is the My Domain of a production org.")).to_be_visible()
    form.get_by_role("button", name="Use acme-h.eu.cyclr.com").click()
    form.get_by_role("button", name="Use eu.cyclr.com").click()
    expect(form.get_by_label("Console host, by region")).to_have_value("eu.cyclr.com")
    form.get_by_role("button", name="Save and use this connection").click()
    expect(person.notebook.get_by_text("Connection acme is kept and in use in every notebook.")).to_be_visible()
    road = person.notebook.get_by_role("list", name="Steps of connection acme")
    expect(road).to_be_visible()
    expect(person.notebook.get_by_text("This notebook works with the connection “acme”.").first).to_be_visible()
    in_both_widths(person, "saved", person.notebook.locator(".sfr-connections"))

    person.notebook.get_by_role("button", name="Remove acme").click()
    expect(person.notebook.get_by_role("alert")).to_contain_text("Remove acme?")
    person.notebook.get_by_role("button", name="Remove acme now").click()
    expect(person.notebook.get_by_text("acme is removed.")).to_be_visible()
    expect(person.notebook.get_by_role("list", name="Steps of connection practice")).to_be_visible()
    expect(person.notebook.locator(".sfr-connections")).to_be_focused()


def test_the_keys_stay_where_a_person_has_put_them_while_a_notebook_runs(person: Person) -> None:
    """Untouched they go to what is next, which the road by keyboard proves."""
    person.open("00_start.ipynb")
    person.run_all()
    person.notebook.get_by_role("link", name="Open 01_register_app and run it").press("Enter")
    expect(person.notebook.locator(".jp-CodeCell").first).to_be_visible()
    expect(person.page).to_have_url(re.compile("01_register_app"))
    person.page.keyboard.press("ArrowUp")
    onward = person.notebook.get_by_role("link", name="Open 02_enter_credentials and run it")
    expect(onward).to_be_visible(timeout=120_000)
    person.rest()  # whether the page scrolled to it depends on when the key came, and a person may have scrolled too
    # what must not come has no sign of its own: the page looks for it every 200 ms
    person.page.evaluate("() => new Promise((done) => setTimeout(done, 600))")
    expect(onward).not_to_be_focused()


def test_the_road_leads_through_three_notebooks_with_few_clicks(person: Person) -> None:
    person.open("00_start.ipynb")
    person.run_all()
    in_both_widths(person, "road", person.notebook.locator(".sfr-road"))
    person.notebook.get_by_role("link", name="Open 01_register_app and run it").click()
    expect(person.notebook.get_by_text("All 3 Callback URLs are registered")).to_be_visible(timeout=120_000)
    in_both_widths(person, "board", person.notebook.locator(".sfr-board"))
    person.notebook.get_by_role("link", name="Open 02_enter_credentials and run it").click()
    expect(person.notebook.get_by_text("The link to 03_authorize appears here")).to_be_visible(timeout=120_000)
    person.notebook.get_by_role("button", name="Use the practice app's secret").click()
    expect(person.notebook.get_by_role("link", name="Open 03_authorize and run it")).to_be_visible()
    expect(person.notebook.get_by_text("Each check is shown a little further down.")).to_be_visible()
    person.picture("credentials-accepted")
    person.page.get_by_role("tab", name="00_start.ipynb").click()
    done = person.notebook.locator(".sfr-road li", has_text="done")
    expect(done).to_have_count(3)


def edit_callbacks(administrator: Administrator, callbacks: tuple[str, ...]) -> None:
    administrator.go("External Client App Manager")
    administrator.page.get_by_role("link", name="Edit Cyclr", exact=True).click()
    administrator.page.get_by_label("Callback URL").fill("\n".join(callbacks))
    administrator.page.get_by_role("button", name=re.compile("Save|Create")).click()
    expect(administrator.page.get_by_role("heading", name="Cyclr", exact=True)).to_be_visible()


def test_a_missing_callback_turns_green_by_itself_once_it_is_added_in_setup(
    person: Person, world: PracticeConnection
) -> None:
    administrator = Administrator(Host(world.ready), person.context.new_page(), person.folder)
    administrator.log_in()
    edit_callbacks(administrator, (CYCLR[0], *RUNBOOKS))

    person.open("01_register_app.ipynb")
    person.run_all()
    board = person.notebook.locator(".sfr-board")
    expect(board.get_by_text(f"{CYCLR[1]} is not in the app, as far as Salesforce knows by now.")).to_be_visible(
        timeout=60_000
    )
    expect(board.locator(f'tr[data-callback="{CYCLR[1]}"]')).to_contain_text("missing")
    expect(board.locator(f'tr[data-callback="{CYCLR[0]}"]')).to_contain_text("registered")
    expect(board.get_by_text("refused, as it must be")).to_be_visible()
    expect(board.get_by_role("timer")).to_contain_text("Next look in")
    expect(person.notebook.get_by_text("The link to 02_enter_credentials appears here")).to_be_visible()
    in_both_widths(person, "missing", board)
    assert violations(person.page) == []

    edit_callbacks(administrator, (*CYCLR, *RUNBOOKS))
    expect(board.get_by_text("All 3 Callback URLs are registered")).to_be_visible(timeout=90_000)
    expect(board.get_by_role("button", name="Stop looking")).to_be_hidden()
    expect(person.notebook.get_by_text("All 6 checks passed").first).to_be_visible()
    expect(person.notebook.get_by_role("link", name="Open 02_enter_credentials and run it")).to_be_visible()
    in_both_widths(person, "added", board)


def test_each_screen_of_salesforce_can_be_chosen_and_copied_without_the_clipboard(person: Person) -> None:
    person.page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false;"
    )
    person.open("01_register_app.ipynb")
    person.run_all()
    sheet = person.notebook.locator(".sfr-sheet")
    expect(sheet.get_by_text("New External Client App (in Lightning only)")).to_be_visible()
    captions = sheet.locator("caption")
    expect(captions.last).to_have_text("Security")
    in_both_widths(person, "external-client-app", sheet)
    expect(sheet.locator("code.sfr-address wbr").first).to_be_attached()  # an address breaks behind a slash
    sheet.get_by_role("button", name="Copy Callback URL").click()
    expect(sheet.get_by_role("status")).to_contain_text("Callback URL is selected: press Ctrl+C")
    selected = person.page.evaluate("() => window.getSelection().toString()")
    *partner, own = selected.split()
    assert tuple(partner) == CYCLR
    assert own in RUNBOOKS
    sheet.get_by_label("Connected App (Lightning)").check()
    expect(sheet.get_by_text("App Manager > New Connected App")).to_be_visible()
    expect(sheet.get_by_role("rowheader", name="Connected App Name")).to_be_visible()
    sheet.get_by_label("Connected App (Classic)").check()
    expect(sheet.get_by_text("Setup > Build > Create > Apps")).to_have_count(2)
    in_both_widths(person, "connected-app-classic", sheet)

    person.notebook.get_by_label("Require Secret for Refresh Token Flow is cleared.").check()
    expect(person.notebook.locator(".sfr-attested", has_text="attested by")).to_have_count(1)
    in_both_widths(person, "attested", person.notebook.locator(".sfr-checklist"))
    person.run_cell("book.attest()")
    expect(person.notebook.get_by_label("Require Secret for Refresh Token Flow is cleared.")).to_be_checked()


def test_a_swapped_key_and_secret_are_told_before_anything_is_sent_and_the_secret_is_in_no_file(
    person: Person, world: PracticeConnection
) -> None:
    setting(person, "@jupyter-widgets/jupyterlab-manager/plugin", saveState=True)
    person.open("02_enter_credentials.ipynb")
    person.run_all()
    person.notebook.get_by_role("button", name="Enter another Consumer Key").click()
    key = person.notebook.get_by_label("Consumer Key", exact=True)
    expect(key).to_be_focused()
    key.fill(CANARY)
    swapped = "the Consumer Key and the Consumer Secret may be swapped."
    expect(person.notebook.locator(".sfr-form").get_by_text(swapped)).to_be_visible()
    expect(person.notebook.get_by_text("It was not sent anywhere")).to_be_visible()
    key.fill(f" {KEY}\u200b")
    expect(person.notebook.locator(".sfr-form").get_by_text("It holds invisible characters")).to_be_visible()
    person.notebook.get_by_role("button", name="Use it without them").click()
    expect(key).to_have_value(KEY)
    expect(person.notebook.locator(".sfr-form").get_by_text("Looks right")).to_be_visible()

    secret = person.notebook.get_by_label("Consumer Secret", exact=True)
    assert (secret.get_attribute("type"), secret.get_attribute("autocomplete")) == ("password", "off")
    field = person.notebook.locator(".sfr-field")
    secret.fill(KEY)
    expect(field.get_by_text(swapped)).to_be_visible()
    secret.fill(CANARY[:-1])
    expect(field.get_by_text("It has 63 characters where a Consumer Secret has 64")).to_be_visible()
    in_both_widths(person, "told", field)
    secret.press("Enter")
    expect(field.get_by_text("Not kept")).to_be_visible()
    expect(secret).to_be_focused()
    secret.fill(CANARY)
    expect(field.get_by_text("64 characters, and it has only the characters it may have.")).to_be_visible()
    secret.press("Enter")
    expect(secret).to_have_value("")
    expect(field.get_by_text("Kept, encrypted.")).to_be_visible()
    expect(person.notebook.get_by_text("refuses the Consumer Secret").first).to_be_visible()
    person.picture("wrong-secret-refused")
    assert violations(person.page) == []
    secret.fill(world.client_secret.reveal())
    secret.press("Enter")
    expect(person.notebook.get_by_text("refused only the made-up code").first).to_be_visible()
    expect(person.notebook.get_by_role("link", name="Open 03_authorize and run it")).to_be_visible()

    assert WIDGET_STATE in person.saved("02_enter_credentials.ipynb", until=WIDGET_STATE)
    canaries = {"wrong secret": CANARY, "secret": world.client_secret.reveal()}
    assert holding(person.lab.folder.parent, canaries) == []


#: beside the plain ones: spaces, labels, quotation marks, invisible characters, halves, doubles, other values
SAMPLES = (
    "", " ", KEY, f"{KEY}\n", f"“{KEY}”", f"Consumer Key: {KEY}", KEY[:40], KEY + KEY, KEY * 4, f"{KEY[:30]} {KEY}",
    f"{KEY[:20]}…", f"{KEY}!", f"\ufeff{KEY}", CANARY, CANARY.lower(), f"client_secret={CANARY}", CANARY + CANARY,
    CANARY[:63], CANARY + "0", "1234567890123456789", "123456789012", "12345678901234567", "•" * 64, "store:acme",
    "https://acme.my.salesforce.com", "ada@acme.com", "zq81x", '"', "consumer key", f"'{CANARY}'", f"{CANARY} {CANARY}",
    f"{KEY[:6]} {KEY[6:11]}", "hello world", f" {KEY[:40]}", f"{KEY[:40]}\n{KEY}", f"{CANARY[:5]} {CANARY[5:9]}",
)  # fmt: skip


def test_the_browser_says_of_a_key_or_a_secret_what_the_runbook_says(person: Person) -> None:
    heard = sentences(person.page, SAMPLES)
    assert heard == [[list(shape.shape_of_client_id(one)), list(shape.shape_of_client_secret(one))] for one in SAMPLES]


def sentences(page: Page, samples: tuple[str, ...]) -> list[list[list[str]]]:
    source = script("shape.js")
    asked = "samples.map((one) => [shapeOfKey(one), shapeOfSecret(one)])"
    return page.evaluate(f"(samples) => {{ {source}\n return {asked}; }}", list(samples))
