"""Apps made, seen, edited and deleted in Setup, and what the servers know of them."""

from __future__ import annotations

import pytest
from support.setup_forms import CYCLR, FULL, OFFLINE

from sfrunbook.partners.loading import load
from sfrunbook.practice.web import paths

LOCKED = (
    "Require Proof Key for Code Exchange (PKCE) Extension for Supported Authorization Flows",
    "Enable Refresh Token Rotation",
    "Limit Idle Refresh Token TTL to 30 Days",
)
CONTACT = {"Contact Email": "ops@northwind.example"}
API_NAME_RULE = (
    "API Name: The API Name can only contain underscores and alphanumeric characters. It must be unique, begin with a "
    "letter, not include spaces, not end with an underscore, and not contain two consecutive underscores."
)


def use(fresh, admin, name):
    """Point the steps of `fresh` at the app of this name."""
    key, secret = admin.credentials(admin.app(name))
    fresh.app = {"client_id": key, "client_secret": secret}


def audit(admin):
    """The sentences of the Setup Audit Trail, newest first."""
    page = admin.open(paths.AUDIT_TRAIL)
    return [row.find_all("td")[2].get_text().strip() for row in page.soup.find("table").find_all("tr")[1:]]


def test_the_first_app_has_the_boxes_that_the_form_of_the_page_asks_for(reader):
    profile = load("cyclr")
    wanted = {flag.label: flag.wanted == "on" for flag in profile.flags if flag.wanted != "leave"}
    (form,) = [form for form in profile.forms if form.name == "external-client-app"]
    asked = {field.label: wanted[field.label] for field in form.fields if field.label in wanted}
    page = reader.app("Cyclr").link("Edit")
    assert len(asked) == 5
    assert {label: page.value(label) for label in asked} == asked


# the switch of connected apps


def test_without_the_switch_there_is_no_new_connected_app(fresh, admin):
    for path, button in ((paths.APP_MANAGER, "New Connected App"), (paths.CLASSIC_APPS, "New")):
        page = admin.open(path)
        assert not page.has(button)
        assert "New connected apps can't be created since Spring '26" in page.words
    refused = admin.open(paths.NEW_CONNECTED_APP)
    assert refused.reply.status_code == 403
    assert "Use an external client app instead." in refused.words


def test_only_support_can_make_the_switch_available(fresh, admin):
    settings = admin.open(paths.ECA_SETTINGS)
    assert settings.field("Allow creation of connected apps").has_attr("disabled")
    forced = {"csrf": settings.soup.find("input", attrs={"name": "csrf"})["value"], "connected_app_creation": "1"}
    admin.page("POST", paths.ECA_SETTINGS, data=forced)
    assert not admin.open(paths.APP_MANAGER).has("New Connected App")
    admin.allow_connected_apps()
    assert admin.open(paths.APP_MANAGER).has("New Connected App")
    assert admin.open(paths.CLASSIC_APPS).has("New")


def test_once_support_has_made_the_switch_available_the_pages_say_so(fresh, admin):
    only_support = "only Salesforce Support can make it available"
    settings = admin.open(paths.ECA_SETTINGS)
    assert f"Off since Spring '26, and {only_support}. Existing apps keep working." in settings.words
    assert "Only Salesforce Support can make it available." in admin.open(paths.NEW_CONNECTED_APP).words
    settings = settings.press("Let Salesforce Support make the setting available")
    available = "Salesforce Support made this setting available in your org. Turn it on to create connected apps."
    assert (available in settings.words, only_support in settings.words) == (True, False)
    refused = admin.open(paths.NEW_CONNECTED_APP)
    assert ("You can turn it on." in refused.words, "Only Salesforce Support" in refused.words) == (True, False)


def test_the_original_guide_word_for_word_gives_an_app_that_works(fresh, admin, refused):
    admin.allow_connected_apps()
    form = admin.open(paths.CLASSIC_HOME).link("Apps").link("New")
    form = form.press("Add \u2192", {"Available OAuth Scopes": [FULL]})
    form = form.press("Add \u2192", {"Available OAuth Scopes": [OFFLINE]})
    typed = {
        "Connected App Name": "Cyclr",
        "API Name": "Cyclr",
        "Contact Email": "ops@northwind.example",
        "Enable OAuth Settings": True,
        "Callback URL": "\n".join(CYCLR),
    }
    saved = form.press("Save", typed)
    assert saved.notice == "Connected App Cyclr was created. Changes can take up to 10 minutes to take effect."
    app = saved.link("Continue")
    key, secret = admin.credentials(app)
    fresh.app = {"client_id": key, "client_secret": secret}
    for callback in CYCLR:
        token = fresh.exchange(fresh.code(redirect_uri=callback), redirect_uri=callback).json()
        assert token["scope"] == "refresh_token full"
        assert "refresh_token" not in fresh.refresh(token["refresh_token"]).json(), "rotation is off by default"
    assert "error=redirect_uri_mismatch" in fresh.authorize(redirect_uri=CYCLR[0] + "/").text
    assert audit(admin)[0] == "Created connected app Cyclr"


# external client apps


def test_a_new_external_client_app_has_todays_defaults(admin):
    form = admin.open(paths.NEW_ECA)
    assert form.value("Contact Email") == ""
    assert form.value("Distribution State") == "Local"
    assert form.value("Enable OAuth") is False
    assert form.value("Require Secret for Web Server Flow") is True
    assert form.value("Require Secret for Refresh Token Flow") is True
    for label in LOCKED:
        assert form.value(label) is True
        assert form.field(label).has_attr("disabled")
    for label in ("Enable Client Credentials Flow", "Enable Authorization Code and Credentials Flow"):
        assert form.value(label) is False
    headings = [each.get_text() for each in form.soup.find_all("legend")]
    expected = ["Basic Information", "API (Enable OAuth Settings)", "App Settings", "Flow Enablement", "Security"]
    assert headings == expected


def test_where_the_security_boxes_are_not_locked_they_can_be_cleared(fresh, admin):
    fresh.settings(eca_security_locked=False)
    admin.new_eca("Old ways", **dict.fromkeys(LOCKED, False))
    use(fresh, admin, "Old ways")
    token = fresh.exchange(fresh.code(code_challenge=None, code_challenge_method=None), code_verifier=None).json()
    assert "refresh_token" not in fresh.refresh(token["refresh_token"]).json()


def test_an_external_client_app_works_at_once_and_rotates(fresh, admin, refused):
    page = admin.new_eca("Runbook", callbacks=(*CYCLR, "http://localhost:17171/callback"))
    assert page.title == "Runbook"
    assert "API Name Runbook Contact Email ops@northwind.example Distribution State Local" in page.words
    use(fresh, admin, "Runbook")
    callback = "http://localhost:17171/callback"
    token = fresh.exchange(fresh.code(redirect_uri=callback), redirect_uri=callback).json()
    renewed = fresh.refresh(token["refresh_token"]).json()
    assert renewed["refresh_token"] != token["refresh_token"]
    assert fresh.authorize(code_challenge=None).text == (
        "error=invalid_request&error_description=missing%20required%20code%20challenge"
    )
    assert fresh.session.get(
        f"{fresh.host}/services/data/v68.0/query?q=SELECT+Id+FROM+Account",
        headers={"Authorization": f"Bearer {renewed['access_token']}"},
        timeout=10,
    ).json()["totalSize"]


def test_a_local_app_is_unknown_in_the_other_org(fresh, admin):
    admin.new_eca("Here only")
    use(fresh, admin, "Here only")
    assert fresh.authorize().status_code == 200
    assert "error=invalid_client_id" in fresh.authorize(fresh.world.my_domain("second")).text


def test_an_app_without_oauth_is_unknown_to_the_servers_until_it_is_enabled(fresh, admin):
    admin.new_eca("Later", **{"Enable OAuth": False})
    page = admin.app("Later")
    assert "OAuth is not enabled for this app." in page.words
    assert not page.has("Consumer Key and Secret")
    page.link("Edit").press("Save", {"Enable OAuth": True, "Callback URL": "\n".join(CYCLR)})
    use(fresh, admin, "Later")
    assert fresh.authorize().status_code == 200
    admin.app("Later").link("Edit").press("Save", {"Enable OAuth": False})
    assert "error=invalid_client_id" in fresh.authorize().text


# what is wrong is said at its field


def test_everything_wrong_is_said_at_once_and_nothing_typed_is_lost(admin):
    typed = {
        "External Client App Name": "My app",
        "API Name": "1_app",
        "Contact Email": "nobody",
        "Distribution State": "--None--",
        "Info URL": "example.com",
        "Description": "kept",
        "Enable OAuth": True,
        "Callback URL": "https://ok.example/cb\n\nhttp://bad.example/cb",
        "Enable JWT Bearer Flow": True,
        "Certificate (PEM)": "no certificate",
        "Enforce Refresh Token IP Allowlist": True,
        "Refresh Token IP Ranges": "10.0.0.0/16",
    }
    page = admin.open(paths.NEW_ECA).press("Create", typed)
    assert page.errors == [
        API_NAME_RULE,
        "Contact Email: Enter an e-mail address, such as name@example.com.",
        "Info URL: Enter an address that begins with https:// or http://.",
        "Distribution State: You must enter a value",
        "Callback URL, line 3: Use https, or a custom scheme. http is allowed for localhost only.",
        "Selected OAuth Scopes: Select at least one scope.",
        "Certificate: Paste an RSA certificate in PEM form.",
        "Refresh Token IP Ranges: A range of an allow list has at most 256 addresses: 10.0.0.0/16.",
    ]
    for label, value in typed.items():
        assert page.value(label) == value, label
    assert page.field("API Name")["aria-invalid"] == "true"
    assert page.soup.find(id=page.field("API Name")["aria-describedby"]).get_text() == API_NAME_RULE


def test_an_empty_form_names_what_must_be_there(admin):
    page = admin.open(paths.NEW_ECA).press("Create", {"Enable OAuth": True})
    assert page.errors == [
        "External Client App Name: You must enter a value",
        "Contact Email: You must enter a value",
        "Callback URL: You must enter a value",
        "Selected OAuth Scopes: Select at least one scope.",
    ]


@pytest.mark.parametrize("api_name", ["a_", "a__b", "_a", "a b", "a-b", "\u00e4", "9"])
def test_an_api_name_against_the_rules_is_refused(reader, api_name):
    page = reader.open(paths.NEW_ECA).press(
        "Create", {**CONTACT, "External Client App Name": "x", "API Name": api_name}
    )
    assert page.errors == [API_NAME_RULE]


def test_an_api_name_is_unique_among_apps_of_its_kind(fresh, admin):
    taken = ["API Name: This name is already used by another app. Enter a different name."]
    form = admin.open(paths.NEW_ECA)
    assert form.press("Create", {**CONTACT, "External Client App Name": "CYCLR"}).errors == taken
    assert form.press("Create", {"External Client App Name": "Second", "API Name": "cyclr"}).errors == taken
    assert admin.app("Cyclr").link("Edit").press("Save").title == "Cyclr", "an app does not clash with itself"


def test_scopes_move_between_the_two_boxes_and_the_form_keeps_the_rest(reader):
    form = reader.open(paths.NEW_ECA)
    assert FULL in form.value("Available OAuth Scopes")
    form = form.press("Add \u2192", {"Available OAuth Scopes": [FULL, OFFLINE], "Description": "<b>&\"'"})
    assert form.value("Selected OAuth Scopes") == [FULL, OFFLINE]
    assert FULL not in form.value("Available OAuth Scopes")
    form = form.press("\u2190 Remove", {"Selected OAuth Scopes": [FULL]})
    assert form.value("Selected OAuth Scopes") == [OFFLINE]
    assert form.value("Description") == "<b>&\"'"
    assert form.errors == []


def test_the_row_of_the_identity_url_brings_its_five_scopes(fresh, admin):
    admin.new_eca("Identity")
    edit = admin.app("Identity").link("Edit")
    label = "Access the identity URL service (id, profile, email, address, phone)"
    edit.press("Add \u2192", {"Available OAuth Scopes": [label]}).press("Save")
    use(fresh, admin, "Identity")
    assert fresh.grant(scope="profile email")["scope"] == "profile email"
    assert admin.app("Identity").link("Edit").value("Selected OAuth Scopes") == [OFFLINE, label, FULL]


# edit, delete, delay


def test_an_edited_callback_counts_at_once(fresh, admin):
    page = admin.app("Cyclr").link("Edit")
    saved = page.press("Save", {"Callback URL": "https://new.example/cb", "Contact Email": "new@example.com"})
    assert saved.notice.startswith("Your changes are saved.")
    assert "error=redirect_uri_mismatch" in fresh.authorize().text
    assert fresh.authorize(redirect_uri="https://new.example/cb").status_code == 200
    assert audit(admin)[0] == "Changed Callback URL, Contact Email of external client app Cyclr"


def test_a_new_app_is_unknown_until_the_delay_is_over(fresh, admin):
    fresh.settings(propagation_delay_seconds=600)
    admin.new_eca("Fresh")
    use(fresh, admin, "Fresh")
    assert "error=invalid_client_id" in fresh.authorize().text
    fresh.advance(540)  # the practice clock goes on by itself: a busy machine may need seconds for the steps above
    assert "error=invalid_client_id" in fresh.authorize().text
    fresh.advance(61)
    assert fresh.authorize().status_code == 200


def test_edits_reach_the_servers_one_after_the_other_when_their_delay_is_over(fresh, admin):
    fresh.settings(propagation_delay_seconds=600)
    second, third = "https://second.example/cb", "https://third.example/cb"
    admin.app("Cyclr").link("Edit").press("Save", {"Callback URL": second})
    fresh.advance(300)
    admin.app("Cyclr").link("Edit").press("Save", {"Callback URL": third})
    assert known(fresh, CYCLR[0], second, third) == [True, False, False]
    fresh.advance(301)
    assert known(fresh, CYCLR[0], second, third) == [False, True, False]
    fresh.advance(300)
    assert known(fresh, CYCLR[0], second, third) == [False, False, True]


def known(fresh, *callbacks):
    return ["redirect_uri_mismatch" not in fresh.authorize(redirect_uri=each).text for each in callbacks]


def test_a_deleted_app_takes_its_tokens_along(fresh, admin):
    token = fresh.grant()
    question = admin.app("Cyclr").link("Delete")
    assert "Delete Cyclr ?" in question.words
    assert question.press("Delete").notice == "Cyclr was deleted."
    assert not fresh.is_alive(token["access_token"])
    assert "error=invalid_client_id" in fresh.authorize().text
    assert audit(admin)[0] == "Deleted external client app Cyclr"


def test_a_migrated_app_keeps_its_key_its_secret_and_its_users(fresh, admin, refused):
    fresh.app = fresh.world.app(kind="connected_app")
    token = fresh.grant()
    page = admin.app("Cyclr (Connected App)").link("Migrate to External Client App").press("Migrate")
    assert page.notice == "Cyclr (Connected App) is an external client app now."
    assert "Distribution State Local" in page.words
    assert not page.has("Migrate to External Client App")
    assert fresh.refresh(token["refresh_token"]).status_code == 200
    assert fresh.grant()["scope"] == "refresh_token full"
    assert admin.open(paths.ECA_MANAGER).has("View Cyclr (Connected App)")


def test_an_app_whose_api_name_is_taken_is_not_migrated(fresh, admin):
    admin.app("Cyclr (Connected App)").link("Edit").press("Save", {"API Name": "Cyclr"})
    page = admin.app("Cyclr (Connected App)").link("Migrate to External Client App").press("Migrate")
    assert page.soup.find(id="error").get_text() == (
        "An external client app with this API Name exists already. Change the API Name first."
    )
    assert not admin.open(paths.ECA_MANAGER).has("View Cyclr (Connected App)")


# escaping


def test_no_page_runs_what_somebody_typed(fresh, admin):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    page = admin.new_eca(evil[:80], Description=evil, **{"API Name": "evil"})
    assert page.title == evil[:80]
    use_pages = [paths.APP_MANAGER, paths.ECA_MANAGER, paths.USAGE, paths.AUDIT_TRAIL]
    own = page.reply.url.removeprefix(fresh.host).removesuffix("view")
    for path in (*use_pages, f"{own}view", f"{own}edit", f"{own}policies", f"{own}delete"):
        found = admin.open(path)
        assert found.reply.status_code == 200
        assert "<script" not in found.reply.text
        assert found.soup.find("img") is None
        assert "alert(1)" in found.reply.text, path
    fresh.app = dict(zip(("client_id", "client_secret"), admin.credentials(page), strict=True))
    fresh.grant()
    for path in (paths.PERSONAL_APPS, paths.LOGIN_HISTORY):
        found = admin.open(path)
        assert "alert(1)" in found.reply.text
        assert "<script" not in found.reply.text
