"""Policies and switches set on the pages, and what the servers make of them."""

from __future__ import annotations

import pytest

from sfrunbook.practice.web import paths

HOUR, DAY = 3_600, 86_400
PKCE = "Require Proof Key for Code Exchange (PKCE) Extension for Supported Authorization Flows"
PASSWORD = "Allow OAuth Username-Password Flows"
ONLY_ALLOWED = "For admin-approved users, limit API access to only allowed connected apps"


def policies(admin, name="Cyclr"):
    return admin.open(paths.APP_MANAGER).link(f"Manage {name}")


def save(admin, name="Cyclr", **typed):
    saved = policies(admin, name).press("Save", typed)
    assert saved.notice == "The policies are saved."
    return saved


def saved_without_change(admin, fresh, name):
    before = [each for each in fresh.world.control("GET", "/apps") if each["name"] == name]
    save(admin, name)
    return before == [each for each in fresh.world.control("GET", "/apps") if each["name"] == name]


@pytest.mark.parametrize("name", ["Cyclr", "Cyclr (Connected App)", "Cyclr Unattended"])
def test_saving_policies_as_they_are_changes_nothing(fresh, admin, name):
    assert saved_without_change(admin, fresh, name)


@pytest.mark.parametrize("name", ["Cyclr", "Cyclr (Connected App)"])
def test_saving_an_app_as_it_is_changes_nothing(fresh, admin, name):
    before = fresh.world.control("GET", "/apps")
    saved = admin.app(name).link("Edit").press("Save")
    assert saved.notice
    assert fresh.world.control("GET", "/apps") == before


def test_admin_approved_users_only_lets_in_those_who_are_ticked(fresh, admin):
    save(admin, **{"Permitted Users": "Admin approved users are pre-authorized"})
    assert fresh.land()["error"] == "OAUTH_APP_ACCESS_DENIED"
    save(admin, **{"System Administrator": True})
    assert "code" in fresh.land()
    fresh.user = fresh.world.user(profile="Standard User")
    assert fresh.land()["error"] == "OAUTH_APP_ACCESS_DENIED"
    save(admin, **{"integration@first.practice.example": True})
    assert "code" in fresh.land()


def test_refresh_tokens_expire_when_unused_for_the_time_set(fresh, admin, refused):
    save(admin, **{"Expire refresh token if not used for": True, "\u2026 this long:": "2", "Unit": "Hours"})
    token = fresh.grant()
    fresh.advance(2 * HOUR - 10)
    token = fresh.refresh(token["refresh_token"]).json()
    fresh.advance(2 * HOUR + 10)
    assert refused(fresh.refresh(token["refresh_token"])) == (400, "invalid_grant", "expired access/refresh token")


def test_refresh_tokens_expire_after_a_lifetime(fresh, admin, refused):
    save(admin, **{"Expire refresh token after": True, "\u2026 this long:": "2", "Unit": "Days"})
    token = fresh.grant()
    fresh.advance(DAY)
    token = fresh.refresh(token["refresh_token"]).json()
    fresh.advance(DAY + 10)
    assert refused(fresh.refresh(token["refresh_token"])) == (400, "invalid_grant", "expired access/refresh token")


def test_valid_until_revoked_is_not_on_offer_beside_the_idle_limit(fresh, admin):
    page = policies(admin)
    assert "Refresh token is valid until revoked" not in page.words
    page = page.press("Save", {"Expire refresh token if not used for": True, "\u2026 this long:": "31"})
    assert page.errors == ["Refresh Token Policy: The idle limit expires a token after 30 days without use."]
    until_revoked = {"Refresh token is valid until revoked": True}
    save(admin, "Cyclr (Connected App)", **until_revoked)
    assert policies(admin, "Cyclr (Connected App)").value("Refresh token is valid until revoked") is True


def test_the_session_timeout_is_that_of_new_tokens(fresh, admin):
    save(admin, **{"Timeout Value": "15 minutes"})
    token = fresh.grant()["access_token"]
    fresh.advance(16 * 60)
    assert not fresh.is_alive(token)


def test_run_as_makes_the_client_credentials_flow_work(fresh, admin, refused):
    admin.new_eca("Machine", **{"Enable Client Credentials Flow": True})
    key, secret = admin.credentials(admin.app("Machine"))
    sent = {"grant_type": "client_credentials", "client_id": key, "client_secret": secret}
    assert refused(fresh.token(**sent))[2] == "no client credentials user enabled"
    edit = admin.app("Machine").link("Edit")
    edit.press("Add \u2192", {"Available OAuth Scopes": ["Manage user data via APIs (api)"]}).press("Save")
    page = policies(admin, "Machine").press("Save")
    assert page.errors == ["Run As: You must enter a value while the Client Credentials Flow is enabled."]
    page = page.press("Save", {"Run As (Username)": "nobody@example.com"})
    assert page.errors == ["Run As: No active user of this org has this user name."]
    assert page.value("Run As (Username)") == "nobody@example.com"
    page.press("Save", {"Run As (Username)": "integration@first.practice.example"})
    assert fresh.token(**sent).json()["scope"] == "api"


def test_a_disabled_app_is_refused_after_login(fresh, admin):
    save(admin, **{"Enable External Client App": False})
    assert fresh.land()["error"] == "oauth_flow_disabled"


@pytest.mark.parametrize("amount", ["", "0", "-1", "1.5", "many", "99999", "\u0661"])
def test_an_amount_that_is_no_number_of_that_unit_is_refused(reader, amount):
    typed = {"Expire refresh token after": True, "\u2026 this long:": amount, "Unit": "Days"}
    page = policies(reader).press("Save", typed)
    assert len(page.errors) == 1
    assert page.errors[0].startswith("Refresh Token Policy: Enter a ")
    assert page.value("\u2026 this long:") == amount


def test_values_that_no_list_offers_are_refused(reader):
    page = policies(reader)
    page = page.press("Save", permitted_users="everybody", ip_relaxation="", refresh="never", timeout="9999")
    assert page.errors == [
        "Permitted Users: Select a value.",
        "IP Relaxation: Select a value.",
        "Refresh Token Policy: Select a value.",
        "Timeout Value: Select 15 minutes to 24 hours.",
    ]


def test_ip_ranges_are_checked_and_kept(fresh, admin):
    ranges = {"Trusted IP Ranges for OAuth Web Server Flow": "10.0.0.1-nowhere"}
    page = policies(admin).press("Save", ranges)
    assert page.errors == ["Trusted IP Ranges: not an IP range: 10.0.0.1-nowhere."]
    saved = save(admin, **{"Trusted IP Ranges for OAuth Web Server Flow": "10.0.0.0/8\n::1"})
    assert saved.link("Policies").value("Trusted IP Ranges for OAuth Web Server Flow") == "10.0.0.0/8\n::1"


# switches of the org


def test_pkce_for_the_whole_org_asks_every_app_of_this_org_only(fresh, admin):
    fresh.app = fresh.world.app(kind="connected_app")
    assert fresh.authorize(code_challenge=None).status_code == 200
    admin.open(paths.OAUTH_SETTINGS).press("Save", {PKCE: True})
    assert "missing%20required%20code%20challenge" in fresh.authorize(code_challenge=None).text
    other = fresh.world.app("second", "connected_app")
    asked = {"client_id": other["client_id"], "code_challenge": None}
    assert fresh.authorize(fresh.world.my_domain("second"), **asked).status_code == 200


def test_the_username_password_flow_is_a_switch_of_the_org(fresh, admin, refused):
    fresh.app = fresh.world.app(kind="connected_app")
    sent = {
        "grant_type": "password",
        **fresh.credentials(),
        **{name: fresh.user[name] for name in ("username", "password")},
    }
    assert refused(fresh.token(**sent)) == (400, "invalid_grant", "authentication failure")
    admin.open(paths.OAUTH_SETTINGS).press("Save", {PASSWORD: True})
    assert fresh.token(**sent).status_code == 200
    assert admin.open(paths.OAUTH_SETTINGS).value(PASSWORD) is True
    admin.open(paths.OAUTH_SETTINGS).press("Save", {PASSWORD: False})
    assert fresh.token(**sent).status_code == 400


def test_api_access_control_lets_in_admin_approved_users_only(fresh, admin):
    page = admin.open(paths.API_ACCESS_CONTROL).press("Save", {ONLY_ALLOWED: True})
    assert page.notice == "Your settings are saved."
    assert fresh.land()["error"] == "OAUTH_APP_BLOCKED"
    save(admin, **{"Permitted Users": "Admin approved users are pre-authorized", "System Administrator": True})
    assert "code" in fresh.land()


def test_saving_switches_as_they_are_writes_nothing(fresh, admin):
    for path in (paths.OAUTH_SETTINGS, paths.API_ACCESS_CONTROL, paths.ECA_SETTINGS):
        assert admin.open(path).press("Save").notice == "Nothing was changed."
    assert "There is nothing to show." in admin.open(paths.AUDIT_TRAIL).words
