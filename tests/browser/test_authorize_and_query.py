"""03_authorize and 04_test_query in a browser: every way a login can go, and a query chosen, mended and saved."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from support.browser_support import WIDGET_STATE, Person
from support.road_support import choose_theme, holding, log_in
from support.tails import is_long

from sfrunbook.connection.practice_connection import PracticeConnection
from sfrunbook.core.model import Connection
from sfrunbook.store.connections import ConnectionBook

pytestmark = pytest.mark.browser

PARTNERS = "https://my.cyclr.com/connector/callback"


@pytest.fixture
def ready(world: PracticeConnection) -> PracticeConnection:
    """A world in which the Consumer Secret has been entered."""
    world.store.put_secret("practice", world.client_secret)
    return world


def open_login(person: Person) -> Locator:
    person.open("03_authorize.ipynb")
    person.run_all()
    link = person.notebook.get_by_role("link", name="Log in at Salesforce (opens a new tab)")
    expect(link).to_have_attribute("href", re.compile("/services/oauth2/authorize"))
    return link


def opened_by(person: Person, link: Locator) -> Page:
    with person.context.expect_page() as opened:
        link.click()
    return opened.value


def leg(person: Person, name: str) -> Locator:
    return person.notebook.locator(f'.sfrunbook-flow-list li[data-leg="{name}"]')


def paste(person: Person, address: str) -> None:
    field = person.notebook.get_by_label("Address after login")
    field.fill(address)
    field.press("Enter")


def both_widths_and_themes(person: Person, name: str, at: Locator) -> None:
    """Pictures of what is shown from there on: wide and narrow, light and dark."""
    if not is_long():
        return
    for theme in ("Dark", "Light"):
        choose_theme(person, theme)
        for width in (1280, 800):
            person.resize(width, 1400)
            at.first.evaluate("element => element.scrollIntoView({block: 'start'})")
            person.picture(f"{name}-{theme.lower()}-{width}")
    person.page.set_viewport_size({"width": 1280, "height": 900})


def save_widget_state(person: Person) -> None:
    """The setting that writes every widget's state into the notebook."""
    person.page.get_by_role("menuitem", name="Settings", exact=True).click()
    person.page.get_by_text("Save Widget State Automatically", exact=True).click()


def test_a_denied_login_is_drawn_and_explained_and_the_same_link_works_afterwards(
    person: Person, ready: PracticeConnection
) -> None:
    link = open_login(person)
    expect(leg(person, "open")).to_contain_text("under way")
    both_widths_and_themes(person, "link", person.notebook.get_by_text("How many of the"))
    page = opened_by(person, link)
    expect(leg(person, "open")).to_contain_text("done")
    expect(leg(person, "login")).to_contain_text("cannot be seen from here")
    log_in(ready, page)
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("Salesforce did not give access")).to_be_visible()
    page.close()
    expect(person.notebook.get_by_text("the person pressed Deny").first).to_be_visible()
    expect(leg(person, "answer")).to_contain_text("failed")
    person.picture("denied")
    page = opened_by(person, link)
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("Salesforce has answered")).to_be_visible()
    page.close()
    expect(person.notebook.get_by_text("Access is allowed and kept").first).to_be_visible()
    for name in ("open", "answer", "exchange", "keep", "identity"):
        expect(leg(person, name)).to_contain_text(": done.")
    summary = leg(person, "exchange").get_by_text("Request and reply of")
    summary.focus()
    person.page.keyboard.press("Enter")
    expect(leg(person, "exchange").get_by_text("grant_type = authorization_code")).to_be_visible()
    expect(leg(person, "exchange").get_by_text("access_token = ***")).to_be_visible()
    both_widths_and_themes(person, "allowed", person.notebook.get_by_text("Access is allowed and kept"))
    assert_nothing_secret_was_saved(person, ready)


def test_two_tabs_with_one_login_give_one_grant_and_the_second_says_it_is_over(
    person: Person, ready: PracticeConnection
) -> None:
    link = open_login(person)
    first, second = opened_by(person, link), opened_by(person, link)
    log_in(ready, first)
    second.reload()
    first.get_by_role("button", name="Allow").click()
    expect(first.get_by_text("Salesforce has answered")).to_be_visible()
    expect(person.notebook.get_by_text("Access is allowed and kept").first).to_be_visible()
    log_in_or_not(ready, second)
    second.get_by_role("button", name="Allow").click()
    expect(second.get_by_text("This login is over")).to_be_visible()
    person.picture("second-tab", second)
    kept = ready.store.load("practice")
    assert kept is not None
    assert kept.generation == 1


def log_in_or_not(world: PracticeConnection, page: Page) -> None:
    if page.get_by_label("Username").is_visible():
        log_in(world, page)


def test_a_login_goes_on_after_the_kernel_was_restarted(person: Person, ready: PracticeConnection) -> None:
    link = open_login(person)
    page = opened_by(person, link)
    log_in(ready, page)
    page.get_by_role("button", name="Allow").wait_for()
    restart(person)
    person.run_all()
    expect(person.notebook.get_by_text(re.compile("The login that was begun at .* still waits")).first).to_be_visible()
    person.picture("after-restart")
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("Salesforce has answered")).to_be_visible()
    expect(person.notebook.get_by_text("Access is allowed and kept").first).to_be_visible()


def restart(person: Person) -> None:
    person.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    person.page.get_by_text("Restart Kernel and Clear Outputs of All Cells…", exact=True).click()
    person.page.get_by_role("button", name="Confirm Kernel Restart").click()
    person.page.get_by_text("| Idle").first.wait_for(timeout=60_000)
    person.rest()


def test_the_partners_own_callback_ends_on_a_page_that_is_not_there_and_its_address_is_pasted(
    person: Person, world: PracticeConnection
) -> None:
    add_connection(person, world, "acme")
    person.context.route(re.compile(r"https://my\.cyclr\.com/.*"), lambda route: route.abort("namenotresolved"))
    link = open_login(person)
    expect(person.notebook.get_by_text("The answer does not come back by itself here.").first).to_be_visible()
    person.picture("paste-way")
    page = opened_by(person, link)
    log_in(world, page)
    landings: list[str] = []
    page.on("request", lambda request: landings.append(request.url) if request.url.startswith(PARTNERS) else None)
    with page.expect_event("requestfailed", lambda request: request.url.startswith(PARTNERS)):
        page.get_by_role("button", name="Allow").click()
    landing = landings[-1]  # the browser itself asks again for a host that it could not find
    paste(person, landing.replace("state=", "state=x"))
    expect(person.notebook.get_by_text("the state of another login").first).to_be_visible()
    paste(person, landing)
    expect(person.notebook.get_by_text("Access is allowed and kept").first).to_be_visible()
    person.picture("pasted")
    code = re.search(r"code=([^&]+)", landing)
    assert code
    assert code[1] not in person.saved("03_authorize.ipynb")


@pytest.mark.long
def test_a_denial_that_came_to_the_partners_page_is_pasted_and_explained_and_the_same_link_is_allowed_then(
    person: Person, world: PracticeConnection
) -> None:
    add_connection(person, world, "acme")
    person.context.route(re.compile(r"https://my\.cyclr\.com/.*"), lambda route: route.abort("namenotresolved"))
    link = open_login(person)
    landings: list[str] = []

    def pressed(button: str) -> str:
        """The address that the browser ends at, on a page that is not there."""
        page = opened_by(person, link)
        page.on("request", lambda request: landings.append(request.url) if request.url.startswith(PARTNERS) else None)
        page.get_by_label("Username").or_(page.get_by_role("button", name=button)).first.wait_for()
        log_in_or_not(world, page)
        with page.expect_event("requestfailed", lambda request: request.url.startswith(PARTNERS)):
            page.get_by_role("button", name=button).click()
        page.close()
        return landings[-1]

    denied = pressed("Deny")
    assert "error=access_denied" in denied
    paste(person, denied)
    expect(person.notebook.get_by_text("the person pressed Deny").first).to_be_visible()
    expect(leg(person, "answer")).to_contain_text("failed")
    person.picture("denial-pasted")
    paste(person, pressed("Allow"))
    expect(person.notebook.get_by_text("Access is allowed and kept").first).to_be_visible()
    person.picture("allowed-after-all")


def add_connection(person: Person, world: PracticeConnection, name: str) -> None:
    """A connection whose app lists the partner's Callback URL only, chosen in the notebook's parameters."""
    practice = world.connection
    secret_file = person.lab.folder.parent / "consumer-secret"
    secret_file.write_text(world.client_secret.reveal())
    secret_file.chmod(0o600)
    made = Connection(
        name=name,
        login_url=practice.login_url,
        client_id=practice.client_id,
        client_secret=f"file:{secret_file}",
        variables=practice.variables,
        redirect_uri=PARTNERS,
    )
    ConnectionBook(person.lab.home).add(made)
    path = person.lab.folder / "03_authorize.ipynb"
    path.write_text(re.sub(r'connection: str = \\"\w+\\"', f'connection: str = \\\\"{name}\\\\"', path.read_text()))


@pytest.fixture
def granted(ready: PracticeConnection) -> PracticeConnection:
    """A world in which a person has allowed access already."""
    from sfrunbook.connection import open_connection

    open_connection("practice", ready.environment).login.log_in_unattended()
    return ready


def test_a_query_is_chosen_mended_paged_and_saved(person: Person, granted: PracticeConnection, tmp_path: Path) -> None:
    person.open("04_test_query.ipynb")
    person.run_all()
    book = person.notebook
    expect(book.get_by_text("Production org, played by the practice world").first).to_be_visible()
    expect(book.get_by_text("All 6 checks passed").first).to_be_visible()
    expect(book.get_by_role("table", name="Rows of the query").get_by_role("row")).to_have_count(6)
    both_widths_and_themes(person, "run-all", book.get_by_text("The org says who it is"))

    editor = book.get_by_label("SOQL query")
    editor.fill("SELECT Id, FROM Account")
    editor.press("Control+Enter")
    fault = book.get_by_role("alert").filter(has_text="Row 1, column 12")
    expect(fault).to_contain_text("unexpected token: 'FROM'")
    assert fault.locator("pre").inner_text() == "SELECT Id, FROM Account\n           ^"
    person.picture("fault")

    book.get_by_role("button", name="Choose object and fields").click()
    chosen = book.get_by_label("Object")
    chosen.fill("Task (Task)")
    chosen.press("Tab")
    book.get_by_label("Fields").select_option(
        label=["Activity ID (Id)", "Subject (Subject)", "Status (Status)", "Created Date (CreatedDate)"]
    )
    limit = book.get_by_label("Rows at most")
    limit.fill("50000")
    limit.press("Tab")
    expect(editor).to_have_value("SELECT Id, Subject, Status, CreatedDate FROM Task LIMIT 50000")
    book.get_by_role("button", name="Run query").click()
    expect(book.get_by_text("Rows 1 to 25 of 2,400")).to_be_visible()
    expect(book.locator("figcaption")).to_contain_text(
        "Records per month of CreatedDate. Of the 2,000 rows read so far"
    )
    both_widths_and_themes(person, "chosen", book.get_by_text("A query returns rows", exact=True))
    book.get_by_role("region", name="Rows of the query").focus()
    person.page.keyboard.press("PageDown")
    expect(book.get_by_text("Rows 26 to 50 of 2,400")).to_be_visible()
    book.get_by_label("Rows per page").select_option("100")
    expect(book.get_by_text("Rows 1 to 100 of 2,400")).to_be_visible()
    expect(book.get_by_role("button", name="Save the 2,000 rows read so far as CSV")).to_be_visible()
    for first in range(101, 2101, 100):
        book.get_by_role("button", name="Next page").click()
        expect(book.get_by_text(f"Rows {first:,} to {first + 99:,} of 2,400")).to_be_visible()
    expect(book.get_by_role("button", name="Save the 2,400 rows read so far as CSV")).to_be_visible()
    with person.page.expect_download() as saved:
        book.get_by_role("button", name=re.compile("as CSV")).click()
    target = tmp_path / "rows.csv"
    saved.value.save_as(target)
    assert saved.value.suggested_filename == "practice-query.csv"
    with target.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["Id", "Subject", "Status", "CreatedDate"]
    assert len(rows) == 2401
    assert_nothing_secret_was_saved(person, granted)


def test_the_sheet_is_written_and_saved_and_says_what_is_not_proved(
    person: Person, granted: PracticeConnection, tmp_path: Path
) -> None:
    person.open("04_test_query.ipynb")
    person.run_all()
    expect(person.notebook.get_by_text("The sheet is written beside this notebook").first).to_be_visible()
    page = person.lab.folder / "hand-over-practice.html"
    text = (person.lab.folder / "hand-over-practice.md").read_text()
    assert "| ? not proved | The app is registered with every Callback URL |" in text
    with person.page.expect_download() as saved:
        person.notebook.get_by_role("button", name="Save as Markdown").click()
    assert saved.value.suggested_filename == "hand-over-practice.md"
    assert Path(saved.value.path()).read_text() == text
    sheet = person.context.new_page()
    for theme in ("light", "dark"):
        sheet.emulate_media(color_scheme=theme)
        sheet.goto(page.as_uri())
        person.picture(f"sheet-{theme}", sheet)
    expect(sheet.get_by_role("heading", name="Evidence", exact=True)).to_be_visible()
    sheet.close()
    assert_nothing_secret_was_saved(person, granted)


def assert_nothing_secret_was_saved(person: Person, world: PracticeConnection) -> None:
    """With the widget state of everything on the page saved as well."""
    save_widget_state(person)
    (name,) = [path.name for path in person.lab.folder.glob("0*.ipynb") if path.stem in person.page.url]
    assert WIDGET_STATE in person.saved(name, until=WIDGET_STATE)
    grant = world.store.load("practice")
    assert grant is not None
    assert grant.refresh_token is not None
    canaries = {
        "secret": world.client_secret.reveal(),
        "password": world.ready["orgs"][0]["users"][0]["password"],
        "access token": grant.access_token.reveal(),
        "refresh token": grant.refresh_token.reveal(),
    }
    assert holding(person.lab.folder.parent, canaries) == []
