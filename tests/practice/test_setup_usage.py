"""OAuth usage, approvals, histories: what administrators and users see, and what their buttons end."""

from __future__ import annotations

from sfrunbook.practice.web import paths

EXPIRED = (400, "invalid_grant", "expired access/refresh token")
BLOCKED = (400, "app_blocked", "this app is blocked by admin")


def usage(admin):
    return admin.open(paths.USAGE)


def test_usage_counts_users_and_approvals(fresh, admin):
    fresh.grant()
    fresh.grant()
    fresh.user = fresh.world.user(profile="Standard User")
    fresh.grant()
    row = usage(admin).row("Cyclr")
    assert row[:4] == ["Cyclr", "Manage App Policies", "2", "3"]


def test_a_blocked_app_ends_its_sessions_and_comes_back_when_unblocked(fresh, admin, refused):
    token = fresh.grant()
    page = usage(admin).press("Block Cyclr")
    assert page.notice == "Cyclr is blocked."
    assert page.row("Cyclr")[0] == "Cyclr (blocked)"
    assert not fresh.is_alive(token["access_token"])
    assert refused(fresh.refresh(token["refresh_token"])) == BLOCKED
    assert fresh.land()["error"] == "OAUTH_APP_BLOCKED"
    assert page.press("Unblock Cyclr").notice == "Cyclr is unblocked."
    assert fresh.refresh(token["refresh_token"]).status_code == 200
    assert "code" in fresh.land()


def test_an_uninstalled_connected_app_is_closed_to_new_users_until_it_is_installed(fresh, admin):
    fresh.app = fresh.world.app(kind="connected_app")
    fresh.user = fresh.world.user(profile="Standard User")
    page = usage(admin).press("Uninstall Cyclr (Connected App)")
    assert page.row("Cyclr (Connected App)")[0] == "Cyclr (Connected App) (not installed)"
    reply = fresh.session.get(fresh.authorize_url(), timeout=10)
    assert "error" not in reply.url, "it is found after login only"
    assert "invalid_client" in refusal_of(fresh)
    assert page.press("Install Cyclr (Connected App)").notice == "Cyclr (Connected App) is installed."
    assert "code" in fresh.land()


def refusal_of(fresh):
    from sfrunbook.practice.visitor import VisitRefused

    try:
        return str(fresh.land())
    except VisitRefused as refused:
        return str(refused)


def test_an_external_client_app_cannot_be_uninstalled_here(fresh, admin):
    page = usage(admin)
    assert not page.has("Uninstall Cyclr")
    app_id = page.link("Manage app policies of Cyclr").reply.url.split("/")[-2]
    forced = {"csrf": page.soup.find("input", attrs={"name": "csrf"})["value"], "app_id": app_id, "uninstall": "1"}
    page = admin.page("POST", paths.USAGE, data=forced)
    assert page.notice == "You can't install or uninstall an external client app here."


def test_revoke_all_ends_every_approval_of_the_app_in_this_org(fresh, admin, refused):
    first, second = fresh.grant(), fresh.grant()
    page = usage(admin).link("1 users of Cyclr").press("Revoke All")
    assert page.notice == "All approvals of Cyclr are revoked."
    for token in (first, second):
        assert refused(fresh.refresh(token["refresh_token"])) == EXPIRED
        assert not fresh.is_alive(token["access_token"])


def test_an_administrator_revokes_one_approval_of_one_user(fresh, admin, refused):
    first, second = fresh.grant(), fresh.grant()
    page = usage(admin).link("1 users of Cyclr")
    assert page.row("admin@first")[0] == "admin@first.practice.example"
    page = page.press("Revoke")
    assert page.notice == "The approval and its access tokens are revoked."
    assert refused(fresh.refresh(first["refresh_token"])) == EXPIRED
    assert fresh.refresh(second["refresh_token"]).status_code == 200


def test_a_user_sees_and_revokes_their_own_approvals_only(fresh, admin, browser_at, refused):
    mine = fresh.grant()
    fresh.user = fresh.world.user(profile="Standard User")
    theirs = fresh.grant()
    theirs = fresh.refresh(theirs["refresh_token"]).json()
    theirs = fresh.refresh(theirs["refresh_token"]).json()
    person = browser_at(fresh.host)
    page = person.log_in(fresh.user, paths.PERSONAL_APPS)
    name, _created, _last_used, count, scopes, _action = page.row("Cyclr")
    assert (name, count) == ("Cyclr", "3")
    assert scopes == "Perform requests at any time (refresh_token, offline_access), Full access (full)"
    other = admin.open(paths.PERSONAL_APPS).soup.find("button", attrs={"name": "revoke"})["value"]
    assert page.press("Revoke", revoke=other).has("Revoke"), "an own row is still there"
    forced = {"csrf": page.soup.find("input", attrs={"name": "csrf"})["value"], "revoke": other}
    assert person.page("POST", paths.PERSONAL_APPS, data=forced).notice == "That approval is no longer there."
    assert fresh.refresh(mine["refresh_token"]).status_code == 200
    assert "There are no approvals." in person.open(paths.PERSONAL_APPS).press("Revoke").words
    assert refused(fresh.refresh(theirs["refresh_token"])) == EXPIRED


def test_the_sixth_approval_drops_the_oldest_row(fresh, admin):
    for _ in range(6):
        fresh.grant()
    page = admin.open(paths.USERS).link("OAuth connected apps of admin@first.practice.example")
    assert len(page.soup.find("table").find_all("tr")) == 1 + 5


def test_login_history_shows_browser_and_oauth_logins_of_this_org(fresh, admin):
    fresh.grant()
    page = admin.open(paths.LOGIN_HISTORY)
    rows = [
        [" ".join(cell.get_text().split()) for cell in row.find_all("td")]
        for row in page.soup.find("table").find_all("tr")[1:]
    ]
    newest = rows[0]
    assert newest[0] == "admin@first.practice.example"
    assert newest[3:6] == ["Remote Access 2.0", "Success", "Cyclr"]
    assert rows[-1][3:6] == ["Application", "Success", "Browser"]


def test_every_setup_action_is_in_the_audit_trail(fresh, admin):
    fresh.grant()
    usage(admin).press("Block Cyclr").press("Unblock Cyclr").press("Uninstall Cyclr (Connected App)")
    usage(admin).link("1 users of Cyclr").press("Revoke")
    admin.open(paths.OAUTH_SETTINGS).press("Save", {"Allow OAuth User-Agent Flows": True})
    page = admin.open(paths.AUDIT_TRAIL)
    rows = [
        [" ".join(cell.get_text().split()) for cell in row.find_all("td")][1:]
        for row in page.soup.find("table").find_all("tr")[1:]
    ]
    who = "admin@first.practice.example"
    assert rows == [
        [who, "Enabled user agent flow", "OAuth and OpenID Connect Settings"],
        [who, f"Revoked {who}'s approval of Cyclr", "OAuth"],
        [who, "Uninstalled connected app Cyclr (Connected App)", "Connected Apps"],
        [who, "Unblocked external client app Cyclr", "External Client Apps"],
        [who, "Blocked external client app Cyclr", "External Client Apps"],
    ]


def test_the_other_org_sees_nothing_of_all_this(fresh, admin, browser_at):
    fresh.grant()
    usage(admin).press("Block Cyclr")
    other = browser_at(fresh.world.my_domain("second"))
    other.log_in(fresh.world.user("second"))
    assert other.open(paths.USAGE).row("Cyclr")[:4] == ["Cyclr", "Manage App Policies", "0", "0"]
    assert "There is nothing to show." in other.open(paths.AUDIT_TRAIL).words
    assert "first.practice.example" not in other.open(paths.LOGIN_HISTORY).words
