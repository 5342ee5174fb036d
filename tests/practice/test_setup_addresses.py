"""Every link into Setup that the runbook shows opens its screen in the practice org, over HTTP and after a login."""

from __future__ import annotations

from sfrunbook.practice.web import paths
from sfrunbook.salesforce.setup_links import SCREENS, links_in, setup_link

#: titles of the practice org that differ from the label of the link
TITLES = {
    "App Manager": "Lightning Experience App Manager",
    "Setup Audit Trail": "View Setup Audit Trail",
    "Users": "All Users",
}
#: screens that the practice org has no page for
MISSING = {
    "Company Information",
    "Multi-Factor Authentication Assistant",
    "My Domain",
    "Network Access",
    "OAuth Custom Scopes",
    "Permission Sets",
    "Profiles",
    "Session Settings",
}


def test_every_link_opens_its_screen(practice_world, reader):
    wrong = []
    for screen in SCREENS:
        link = setup_link(practice_world.my_domain(), screen)
        page = reader.open(link.url)
        status = 404 if link.label in MISSING else 200
        if (page.reply.status_code, page.title) != (status, TITLES.get(link.label, link.label)):
            wrong.append((link, page.reply.status_code, page.title))
    assert not wrong


def test_a_link_goes_on_after_the_login(practice_world, browser_at):
    (link,) = links_in("Setup > Identity > Login History", practice_world.my_domain())
    browser = browser_at(practice_world.my_domain())
    assert browser.open(link.url).soup.find(id="login_form")
    assert browser.log_in(practice_world.user(), link.url).title == "Login History"


def test_an_external_client_app_has_its_own_link(practice_world, reader):
    app_id = reader.app("Cyclr").reply.url.split("/")[-2]
    where = "Setup > Apps > External Client Apps > External Client App Manager > your app > Settings tab"
    (link,) = links_in(where, practice_world.my_domain(), app_id=app_id)
    assert link.url.endswith(f"/{app_id}/detail")
    assert reader.open(link.url).title == "Cyclr"
    unknown = reader.open(paths.ECA_DETAIL.format(app_id="0xI000000000000AAA"))
    assert (unknown.reply.status_code, unknown.title) == (404, "Data Not Available")


def test_a_screen_that_is_missing_is_named(reader):
    page = reader.open("/lightning/setup/OrgDomain/home")
    assert "The practice org doesn't have the screen My Domain. In a real org, this link opens it." in page.words


def test_any_other_address_of_setup_leads_to_setup_home(practice_world, reader):
    for address in (
        "/lightning/setup",
        "/lightning/setup/",
        "/lightning/setup/ImportedData/home",
        "/lightning/setup/x",
    ):
        page = reader.open(address)
        assert (page.title, page.reply.url) == ("Setup Home", practice_world.my_domain() + paths.SETUP_HOME)
        assert "Setup has no screen at this address." in page.words
