"""What the authorize address answers before, during and after a login."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

CALLBACK = "https://my.cyclr.com/connector/callback"
NAVIGATION = re.compile(r"window\.location\.replace\('([^']+)'\)")


def test_a_good_call_without_a_session_is_a_200_page_that_navigates_by_script_to_the_login_page(steps):
    reply = steps.authorize()
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=UTF-8"
    assert '<meta HTTP-EQUIV="PRAGMA" CONTENT="NO-CACHE">' in reply.text
    target = NAVIGATION.search(reply.text)[1]
    start = f"{steps.host}/?ec=302&startURL="
    assert target.startswith(start)
    assert f"SfdcApp.projectOneNavigator.handleRedirect('{target}')" in reply.text
    once = unquote(target.removeprefix(start))
    assert re.fullmatch(r"/setup/secur/RemoteAccessAuthorizationPage\.apexp\?source=CAAAA[A-Za-z0-9_-]+%3D%3D", once)


def test_display_touch_is_echoed_into_both_addresses(steps):
    target = NAVIGATION.search(steps.authorize(display="touch").text)[1]
    assert target.endswith("%26display%3Dtouch&display=touch")


def test_an_unknown_client_id_gives_the_bare_body_without_a_content_type(steps):
    reply = steps.authorize(client_id="3MVG9unknown")
    assert reply.status_code == 400
    assert reply.text == "error=invalid_client_id&error_description=client%20identifier%20invalid"
    assert "content-type" not in reply.headers
    assert "location" not in reply.headers


@pytest.mark.parametrize(
    "callback", [CALLBACK + "/", CALLBACK + "/__not_registered__", CALLBACK.upper(), CALLBACK + "?x=1"]
)
def test_a_callback_that_is_not_registered_letter_by_letter_is_a_mismatch(steps, callback):
    reply = steps.authorize(redirect_uri=callback)
    assert reply.status_code == 400
    assert reply.text == "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration"


def test_127_0_0_1_is_another_callback_than_localhost(steps):
    assert steps.authorize(redirect_uri="http://localhost:17171/callback").status_code == 200
    assert "redirect_uri_mismatch" in steps.authorize(redirect_uri="http://127.0.0.1:17171/callback").text


def test_an_absent_callback_is_named(steps):
    reply = steps.authorize(redirect_uri=None)
    assert reply.text == "error=redirect_uri_missing&error_description=redirect_uri%20not%20provided"


def test_a_missing_challenge_is_told_before_any_login_and_after_the_callback_check(steps):
    reply = steps.authorize(code_challenge=None, code_challenge_method=None)
    assert reply.status_code == 400
    assert reply.text == "error=invalid_request&error_description=missing%20required%20code%20challenge"
    assert "redirect_uri_mismatch" in steps.authorize(code_challenge=None, redirect_uri="https://no.example").text
    assert "invalid_client_id" in steps.authorize(code_challenge=None, client_id="nobody").text


def test_the_missing_challenge_can_be_told_on_the_callback_instead(fresh):
    fresh.settings(pkce_missing_delivery="callback")
    reply = fresh.authorize(code_challenge=None, code_challenge_method=None)
    assert reply.status_code == 302
    query = "error=invalid_request&error_description=missing+required+code+challenge&state=state-1"
    assert reply.headers["location"] == f"{CALLBACK}?{query}"


def test_the_challenge_method_plain_is_refused(steps):
    assert steps.authorize(code_challenge_method="plain").text.startswith("error=invalid_request&")


def test_the_connected_app_of_the_guide_needs_no_challenge_until_the_org_asks_for_it(fresh):
    fresh.app = fresh.world.app(kind="connected_app")
    assert fresh.authorize(code_challenge=None, code_challenge_method=None).status_code == 200
    fresh.settings(pkce_required_org_wide=True)
    reply = fresh.authorize(code_challenge=None, code_challenge_method=None)
    assert reply.text == "error=invalid_request&error_description=missing%20required%20code%20challenge"


def test_a_wrong_response_type_is_told_on_the_callback(steps):
    reply = steps.authorize(response_type="token")
    expected = "?error=unsupported_response_type&error_description=response+type+not+supported&state=state-1"
    assert (reply.status_code, reply.headers["location"]) == (302, CALLBACK + expected)


def test_a_post_is_not_an_authorize_call(steps):
    reply = steps.session.post(steps.authorize_url(), timeout=10)
    assert (reply.status_code, reply.text) == (
        400,
        "error=invalid_request&error_description=must%20use%20HTTP%20GET",
    )


def test_the_key_of_an_app_is_known_where_users_of_its_org_log_in_and_nowhere_else(steps):
    world = steps.world
    assert steps.authorize(world.login_url).status_code == 200
    assert "invalid_client_id" in steps.authorize(world.test_url).text
    assert "invalid_client_id" in steps.authorize(world.my_domain("second")).text
    second = world.app("second")["client_id"]
    assert steps.authorize(world.test_url, client_id=second).status_code == 200
    assert steps.authorize(world.my_domain("second"), client_id=second).status_code == 200
    assert "invalid_client_id" in steps.authorize(world.login_url, client_id=second).text


def test_the_salesforce_cli_is_known_on_every_host_without_a_challenge_method(steps):
    for host in (steps.world.login_url, steps.world.test_url, steps.host, steps.world.my_domain("second")):
        reply = steps.authorize(
            host,
            client_id="PlatformCLI",
            redirect_uri="http://localhost:1717/OauthRedirect",
            scope="refresh_token api web",
            prompt="login",
            code_challenge_method=None,
        )
        assert reply.status_code == 200


def test_the_status_and_type_of_the_bare_errors_are_settings(fresh):
    fresh.settings(bare_error_status=200, bare_error_content_type="text/html")
    reply = fresh.authorize(client_id="nobody")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html")


def test_a_new_app_stays_unknown_for_as_long_as_the_setting_says(fresh):
    fresh.settings(propagation_delay_seconds=600)
    made = fresh.world.control("POST", "/apps", {"org": "first", "name": "New one", "callback_urls": [CALLBACK]})
    assert "invalid_client_id" in fresh.authorize(client_id=made["client_id"]).text
    fresh.advance(601)
    assert fresh.authorize(client_id=made["client_id"]).status_code == 200


def test_allow_lands_on_the_callback_with_code_and_state(steps):
    landed = steps.land()
    assert list(landed) == ["code", "state"]
    assert landed["state"] == "state-1"
    assert re.fullmatch(r"aPrx[A-Za-z0-9._]+==", landed["code"])


def test_deny_lands_on_the_callback_with_plus_signs_for_spaces(steps):
    from sfrunbook.practice.visitor import visit

    landing = visit(steps.authorize_url(), steps.user["username"], steps.user["password"], allow=False)
    assert landing == f"{CALLBACK}?error=access_denied&error_description=end-user+denied+authorization&state=state-1"


def test_the_login_host_takes_production_users_and_the_test_host_sandbox_users(steps):
    assert "code" in steps.land(steps.world.login_url)
    steps.app, steps.user = steps.world.app("second"), steps.world.user("second")
    assert "code" in steps.land(steps.world.test_url)


def test_a_scope_that_the_app_lacks_is_told_on_the_callback_after_login(steps):
    steps.app = steps.world.app(kind="unattended")
    landed = steps.land(scope="api openid")
    assert landed["error"] == "invalid_scope"
    assert landed["state"] == "state-1"


@pytest.mark.parametrize(
    ("policy", "error", "description"),
    [
        ({"blocked": True}, "OAUTH_APP_BLOCKED", "this app is blocked by admin"),
        ({"permitted_users": "admin"}, "OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app"),
        ({"enabled": False}, "oauth_flow_disabled", "The external client app or the OAuth plugin is disabled."),
    ],
)
def test_a_policy_that_keeps_the_user_out_is_told_on_the_callback(fresh, policy, error, description):
    fresh.policies(**policy)
    assert fresh.land() == {"error": error, "error_description": description, "state": "state-1"}


def test_a_pre_authorized_user_is_not_asked(fresh):
    fresh.policies(permitted_users="admin", pre_authorized=["System Administrator"])
    assert "code" in fresh.land(allow=False)


def test_a_local_app_of_another_org_is_a_cross_org_flow_where_its_key_is_known(fresh):
    fresh.settings(local_app_on_foreign_my_domain="blocked_after_login")
    fresh.user = fresh.world.user("second")
    assert fresh.land(fresh.world.my_domain("second")) == {
        "error": "OAUTH_AUTHORIZATION_BLOCKED",
        "error_description": "Cross-org OAuth flows are not supported for this external client app",
        "state": "state-1",
    }


def test_a_local_app_may_be_not_found_on_the_login_host(fresh):
    fresh.settings(local_app_on_login_host="not_found_after_login")
    assert fresh.land(fresh.world.login_url)["error"] == "OAUTH_EC_APP_NOT_FOUND"
    assert "code" in fresh.land()


def test_an_uninstalled_connected_app_ends_on_the_error_page_without_the_state(fresh):
    from sfrunbook.practice.visitor import VisitRefused

    fresh.app = fresh.world.app(kind="connected_app")
    fresh.policies(installed=False)
    assert "code" in fresh.land(), "an administrator may approve uninstalled connected apps"
    fresh.user = fresh.world.user(profile="Standard User")
    with pytest.raises(VisitRefused, match="invalid_client") as refused:
        fresh.land()
    assert "RemoteAccessErrorPage.apexp" in str(refused.value)
    page = fresh.get("/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_client&error_description=x").text
    assert "An unexpected error has occured during authentication. Please try again." in page


def test_immediate_needs_a_session(steps):
    reply = steps.authorize(immediate="true")
    assert "error=immediate_unsuccessful&error_description=immediate+unsuccessful" in reply.headers["location"]
