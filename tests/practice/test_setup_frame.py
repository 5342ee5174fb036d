"""Who may see Setup, how one gets around in it, and that a form needs its own token."""

from __future__ import annotations

import pytest

from sfrunbook.practice.control.routes import application
from sfrunbook.practice.org.entities import PermissionSet
from sfrunbook.practice.practice_world import PracticeWorld
from sfrunbook.practice.web import paths
from sfrunbook.practice.web.wire import Call

ADMIN_PAGES = [
    paths.SETUP_HOME,
    paths.CLASSIC_HOME,
    paths.CLASSIC_APPS,
    paths.APP_MANAGER,
    paths.ECA_MANAGER,
    paths.NEW_ECA,
    paths.NEW_CONNECTED_APP,
    paths.MANAGE_CONNECTED_APPS,
    paths.USAGE,
    paths.ECA_SETTINGS,
    paths.OAUTH_SETTINGS,
    paths.API_ACCESS_CONTROL,
    paths.LOGIN_HISTORY,
    paths.AUDIT_TRAIL,
    paths.USERS,
]
INSUFFICIENT = (
    "Insufficient Privileges You do not have the level of access necessary to perform the operation you requested. "
    "Please contact the owner of the record or your administrator if access is necessary."
)


@pytest.mark.parametrize("path", [*ADMIN_PAGES, paths.PERSONAL_APPS, paths.MAILBOX])
def test_a_page_asks_for_a_login_and_comes_after_it(practice_world, browser_at, path):
    browser = browser_at(practice_world.my_domain())
    assert "Log in to Northwind Outfitters" in browser.open(path).reply.text
    assert browser.log_in(practice_world.user(), path).reply.url == practice_world.my_domain() + path


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_only_an_administrator_sees_setup(practice_world, browser_at, path):
    browser = browser_at(practice_world.my_domain())
    browser.log_in(practice_world.user(profile="Standard User"), "/")
    page = browser.open(path)
    assert page.reply.status_code == 403
    assert page.words.startswith(INSUFFICIENT)
    assert page.soup.find("nav", attrs={"aria-label": "Setup"}) is None


def test_everybody_sees_their_own_approvals_and_mailbox(practice_world, browser_at):
    browser = browser_at(practice_world.my_domain())
    browser.log_in(practice_world.user(profile="Standard User"), "/")
    assert browser.open(paths.PERSONAL_APPS).title == "OAuth Connected Apps of Ira Integration"
    assert browser.open(paths.MAILBOX).title == "Practice mailbox"


def test_setup_is_on_my_domain_only(practice_world, browser_at):
    page = browser_at(practice_world.login_url).open(paths.SETUP_HOME)
    assert (page.reply.status_code, page.reply.text) == (404, "URL No Longer Exists")


def test_setup_home_names_the_click_paths_of_both_user_interfaces(reader):
    words = reader.open(paths.SETUP_HOME).words
    assert "Setup > Platform Tools > Apps > External Client Apps > External Client App Manager" in words
    assert "Setup > Build > Create > Apps" in words


def test_the_menu_is_that_of_the_user_interface_in_use(reader):
    classic = reader.open(paths.SETUP_HOME).link("Switch to Salesforce Classic")
    menu = classic.soup.find("nav", attrs={"aria-label": "Setup"}).get_text(" ", strip=True)
    assert menu.startswith("Setup Administer Manage Users")
    assert menu.endswith("Build Create Apps")
    lightning = classic.link("Switch to Lightning Experience")
    menu = lightning.soup.find("nav", attrs={"aria-label": "Setup"}).get_text(" ", strip=True)
    assert menu.startswith("Setup Administration Users Platform Tools Apps App Manager")


def test_every_page_has_a_label_for_every_field_and_no_script(reader):
    todo, seen = [paths.SETUP_HOME, paths.PERSONAL_APPS, paths.MAILBOX], set()
    while todo:
        path = todo.pop()
        if path in seen or not path.startswith("/") or "logout" in path:
            continue
        seen.add(path)
        page = reader.open(path)
        assert page.reply.status_code in (200, 403), path
        assert page.soup.find("script") is None
        for each in page.soup.find_all(["input", "select", "textarea"]):
            if each.get("type") != "hidden":
                assert page.soup.find("label", attrs={"for": each["id"]}), f"{path}: {each['name']}"
        ids = [each["id"] for each in page.soup.find_all(id=True)]
        assert len(ids) == len(set(ids)), path
        if page.reply.status_code == 200:
            todo += [each["href"] for each in page.soup.find_all("a")]
    assert len(seen) > 30


@pytest.mark.parametrize("token", ["", "wrong", "\u00e9"])
def test_a_form_without_its_own_token_changes_nothing(reader, token):
    page = reader.open(paths.OAUTH_SETTINGS).press("Save", {"Allow OAuth Username-Password Flows": True}, csrf=token)
    assert page.reply.status_code == 403
    assert page.title == "Page expired"
    assert reader.open(paths.OAUTH_SETTINGS).value("Allow OAuth Username-Password Flows") is False


def test_an_app_that_is_not_there_is_said_to_be_missing(reader):
    for page in ("view", "edit", "policies", "consumer", "delete", "saved"):
        found = reader.open(paths.app_path("0H4gK0000000999UAA", page))
        assert found.reply.status_code == 404
        assert found.title == "Data Not Available"


def test_an_app_of_the_other_org_cannot_be_opened(practice_world, reader, browser_at):
    other = browser_at(practice_world.my_domain("second"))
    other.log_in(practice_world.user("second"))
    address = other.app("Cyclr").reply.url.removeprefix(practice_world.my_domain("second"))
    assert reader.open(address).reply.status_code == 404


def test_log_out_ends_setup_too(practice_world, browser_at):
    browser = browser_at(practice_world.my_domain())
    browser.log_in(practice_world.user()).link("Log Out")
    assert "Log In" in browser.open(paths.SETUP_HOME).reply.text


def test_seeing_setup_is_not_enough_to_make_apps():
    practice = PracticeWorld(seed=1, origins=tuple(f"http://127.0.0.1:{port}" for port in range(18_201, 18_206)))
    world, host = practice.world, next(host for host in practice.hosts if host.kind == "my_domain")
    user = next(user for user in world.users.values() if user.profile == "Standard User")
    customizer = PermissionSet(
        permission_set_id="0PSgK0000000009UAA",
        org_id=user.org_id,
        name="Customizer",
        label="Customizer",
        permissions=("CustomizeApplication",),
    )
    world.permission_sets[customizer.permission_set_id] = customizer
    world.change_user(user.user_id, permission_sets=("Customizer",))
    cookie = {"cookie": f"sid_{host.port}={world.open_session(user)}"}
    app_id = next(app.app_id for app in world.apps.values() if app.org_id == user.org_id)

    def status(path):
        call = Call(method="GET", path=path, query="", headers=cookie, body=b"", host=host)
        return application(practice, host.origin).answer(call).status

    assert status(paths.APP_MANAGER) == 200
    assert status(paths.app_path(app_id, "view")) == 200
    for path in (paths.NEW_ECA, *(paths.app_path(app_id, page) for page in ("edit", "policies", "consumer", "delete"))):
        assert status(path) == 403
