"""What happens to tokens afterwards: revoke, introspect, userinfo, identity URL, single access, timeouts."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

import pytest

EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def revoke(steps, token):
    return steps.session.post(f"{steps.host}/services/oauth2/revoke", data={"token": token}, timeout=10)


def introspect(steps, token, **changes):
    sent = {"token": token, **steps.credentials(), **changes}
    return steps.session.post(f"{steps.host}/services/oauth2/introspect", data=sent, timeout=10)


def test_revoking_a_refresh_token_ends_it_and_its_access_tokens(steps):
    granted = steps.grant()
    reply = revoke(steps, granted["refresh_token"])
    assert (reply.status_code, reply.content) == (200, b"")
    assert not steps.is_alive(granted["access_token"])
    assert steps.refresh(granted["refresh_token"]).status_code == 400


def test_revoking_an_access_token_ends_only_itself(steps):
    granted = steps.grant()
    other = steps.refresh(granted["refresh_token"]).json()
    assert revoke(steps, granted["access_token"]).status_code == 200
    assert not steps.is_alive(granted["access_token"])
    assert steps.is_alive(other["access_token"])
    assert steps.refresh(other["refresh_token"]).status_code == 200


def test_revoke_takes_get_and_answers_scripts(steps):
    assert steps.get(f"/services/oauth2/revoke?token={steps.grant()['access_token']}").status_code == 200
    reply = steps.get("/services/oauth2/revoke?token=nothing&callback=fn")
    assert reply.text == 'fn({"error":"invalid_token"});'
    hostile = steps.get("/services/oauth2/revoke?token=nothing&callback=<script>")
    assert "<script>" not in hostile.text


def test_a_failed_revoke_answers_with_a_form_encoded_body(steps):
    reply = revoke(steps, "nothing")
    assert (reply.status_code, parse_qs(reply.text)["error"]) == (400, ["invalid_token"])
    assert parse_qs(revoke(steps, "").text)["error"] == ["unsupported_token_type"]


def test_a_token_cannot_be_revoked_on_another_orgs_host(steps):
    granted = steps.grant()
    own, steps.host = steps.host, steps.world.my_domain("second")
    assert revoke(steps, granted["refresh_token"]).status_code == 400
    steps.host = own
    assert steps.is_alive(granted["access_token"])


def test_introspection_tells_an_app_about_its_own_tokens(steps):
    granted = steps.grant()
    told = introspect(steps, granted["access_token"]).json()
    assert list(told) == ["active", "scope", "client_id", "username", "sub", "token_type", "exp", "iat", "nbf"]
    assert told["active"] is True
    assert told["exp"] - told["iat"] == 7200
    assert (told["username"], told["sub"]) == (steps.user["username"], granted["id"])
    assert introspect(steps, granted["refresh_token"]).json()["token_type"] == "refresh_token"


def test_introspection_says_not_active_of_unknown_and_foreign_tokens(steps):
    granted = steps.grant()
    assert introspect(steps, "nothing").json() == {"active": False}
    steps.app = steps.world.app(kind="connected_app")
    assert introspect(steps, granted["access_token"]).json() == {"active": False}


def test_introspection_wants_the_client_to_prove_itself(steps, refused):
    assert refused(introspect(steps, "x", client_secret="no")) == (400, "invalid_client", "invalid client credentials")
    assert refused(introspect(steps, "x", client_id="no"))[1] == "invalid_client_id"
    pair = base64.b64encode(":".join(steps.credentials().values()).encode()).decode()
    url = f"{steps.host}/services/oauth2/introspect"
    reply = steps.session.post(url, data={"token": "x"}, headers={"Authorization": f"Basic {pair}"}, timeout=10)
    assert reply.json() == {"active": False}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_tells_who_it_is(steps, method):
    token = steps.grant()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{steps.host}/services/oauth2/userinfo"
    told = steps.session.request(method, url, headers=headers, timeout=10).json()
    assert told["preferred_username"] == steps.user["username"]
    assert told["organization_id"] == steps.world.org()["org_id"]
    assert told["sub"].endswith(f"/id/{told['organization_id']}/{told['user_id']}")
    assert told["urls"]["custom_domain"] == steps.host


def test_userinfo_refuses_with_403_and_plain_text(steps):
    for address in ("/services/oauth2/userinfo", f"/id/{steps.world.org()['org_id']}/005000000000000AAA"):
        bad, missing = steps.get(address, "00Dbogus!x"), steps.get(address)
        assert (bad.status_code, bad.text) == (403, "Bad_OAuth_Token")
        assert (missing.status_code, missing.text) == (403, "Missing_OAuth_Token")
        assert bad.headers["content-type"] == "text/plain;charset=UTF-8"


def test_a_token_of_one_org_is_the_wrong_org_for_another(steps):
    token = steps.grant()["access_token"]
    reply = steps.get(f"{steps.world.my_domain('second')}/services/oauth2/userinfo", token)
    assert (reply.status_code, reply.text) == (403, "Wrong_Org")


def test_the_identity_url_answers_with_header_or_parameter(steps):
    granted = steps.grant()
    told = steps.get(granted["id"], granted["access_token"]).json()
    assert (told["id"], told["username"]) == (granted["id"], steps.user["username"])
    assert steps.get(granted["id"], params={"oauth_token": granted["access_token"]}).json()["id"] == granted["id"]
    bad = steps.get(granted["id"][:-4] + "xxxx", granted["access_token"])
    assert (bad.status_code, bad.text) == (404, "Bad_Id")


def test_single_access_takes_a_relative_path_from_the_root(steps):
    token = steps.grant()["access_token"]
    address = steps.get("/services/oauth2/singleaccess?redirect_uri=lightning/page/home", token).json()["frontdoor_uri"]
    assert address.endswith("&startURL=%2Flightning%2Fpage%2Fhome")


def test_single_access_opens_a_browser_session_once(steps):
    token = steps.grant()["access_token"]
    address = steps.get("/services/oauth2/singleaccess?redirect_uri=/home", token).json()["frontdoor_uri"]
    assert steps.get(address).headers["location"] == "/home"
    assert "You are logged in as" in steps.get("/").text
    assert steps.get(address).headers["location"] == "/"
    refused = steps.get("/services/oauth2/singleaccess", "00Dbogus!x")
    assert (refused.status_code, refused.text) == (403, "Bad_OAuth_Token")


def test_an_access_token_ends_after_two_idle_hours(fresh):
    token = fresh.grant()["access_token"]
    fresh.advance(7195)
    assert fresh.is_alive(token), "this use is in the second half of the window, so it is noted"
    fresh.advance(7195)
    assert fresh.is_alive(token)
    fresh.advance(7205)
    assert not fresh.is_alive(token)
    assert fresh.get("/services/data/v68.0/limits", token).json() == EXPIRED


def test_use_in_the_first_half_of_the_window_is_not_noted(fresh):
    token = fresh.grant()["access_token"]
    fresh.advance(3500)
    assert fresh.is_alive(token)
    fresh.advance(3750)
    assert not fresh.is_alive(token)


def test_the_apps_own_session_timeout_wins(fresh):
    fresh.policies(session_timeout_seconds=900)
    token = fresh.grant()["access_token"]
    fresh.advance(901)
    assert not fresh.is_alive(token)


def test_access_tokens_can_be_expired_at_once_and_the_refresh_token_lives_on(fresh):
    granted = fresh.grant()
    assert fresh.world.control("POST", "/tokens/expire", {"username": fresh.user["username"]}) == {"expired": 1}
    assert not fresh.is_alive(granted["access_token"])
    assert fresh.refresh(granted["refresh_token"]).status_code == 200


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (None, EXPIRED),
        ("Bearer 00Dbogus!x", EXPIRED),
        ("Bearer", [{"message": "INVALID_HEADER_TYPE", "errorCode": "INVALID_AUTH_HEADER"}]),
        ("Negotiate x", [{"message": "INVALID_HEADER_TYPE", "errorCode": "INVALID_AUTH_HEADER"}]),
    ],
)
def test_the_data_door_refuses_with_401_an_array_and_the_scheme_token(steps, header, body):
    headers = {"Authorization": header} if header else {}
    reply = steps.session.get(f"{steps.host}/services/data/v68.0/limits", headers=headers, timeout=10)
    assert (reply.status_code, reply.json()) == (401, body)
    assert reply.headers["www-authenticate"] == "Token"


def test_a_session_without_the_api_scope_is_not_valid_for_rest(fresh):
    fresh.policies(scopes=["openid", "web", "refresh_token"])
    token = fresh.grant()["access_token"]
    reply = fresh.get("/services/data/v68.0/limits", token)
    message = "This session is not valid for use with the REST API"
    assert (reply.status_code, reply.json()) == (401, [{"message": message, "errorCode": "INVALID_SESSION_ID"}])


def test_a_user_without_api_access_gets_403(fresh):
    token = fresh.grant()["access_token"]
    fresh.world.control("POST", f"/users/{fresh.user['username']}", {"api_enabled": False})
    reply = fresh.get("/services/data/v68.0/limits", token)
    expected = [{"message": "API is disabled for this User", "errorCode": "API_CURRENTLY_DISABLED"}]
    assert (reply.status_code, reply.json()) == (403, expected)


def test_a_token_of_one_org_opens_no_data_of_another(steps):
    reply = steps.get(f"{steps.world.my_domain('second')}/services/data/v68.0/limits", steps.grant()["access_token"])
    assert (reply.status_code, reply.json()) == (401, EXPIRED)


def test_each_host_is_its_own_issuer_and_publishes_the_captured_keys_in_order(steps):
    for host in (steps.world.login_url, steps.world.test_url, steps.host):
        document = steps.get(f"{host}/.well-known/openid-configuration").json()
        assert list(document) == [
            "issuer",
            "authorization_endpoint",
            "token_endpoint",
            "revocation_endpoint",
            "userinfo_endpoint",
            "jwks_uri",
            "register_endpoint",
            "introspection_endpoint",
            "scopes_supported",
            "response_types_supported",
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
            "display_values_supported",
            "token_endpoint_auth_methods_supported",
            "claims_supported",
        ]
        assert document["issuer"] == host
        assert all(value.startswith(f"{host}/") for key, value in document.items() if key.endswith("_endpoint"))


def test_the_login_pages_settings_are_public(steps):
    assert steps.get("/.well-known/auth-configuration").json()["OrganizationId"] == steps.world.org()["org_id"]


def test_frontdoor_of_another_orgs_host_opens_nothing(steps):
    token = steps.grant()["access_token"]
    address = steps.get("/services/oauth2/singleaccess", token).json()["frontdoor_uri"]
    elsewhere = f"{steps.world.my_domain('second')}{urlsplit(address).path}?{urlsplit(address).query}"
    reply = steps.get(elsewhere)
    assert "set-cookie" not in reply.headers


def test_the_list_of_versions_needs_no_token_and_a_query_does(steps):
    assert steps.get("/services/data").json()[-1]["url"].startswith("/services/data/v")
    query = "/services/data/v65.0/query?q=SELECT+Id,Name+FROM+Organization"
    assert steps.get(query).json() == EXPIRED
    answered = steps.get(query, steps.grant()["access_token"])
    assert answered.json()["records"][0]["Id"] == steps.world.org()["org_id"]
    assert "sforce-limit-info" in answered.headers


def test_the_records_know_the_users_of_the_org(steps):
    query = "/services/data/v65.0/query?q=SELECT+Id,Username+FROM+User"
    rows = steps.get(query, steps.grant()["access_token"]).json()["records"]
    known = {user["username"] for user in steps.world.org()["users"]}
    assert known <= {row["Username"] for row in rows}
    assert len({row["Id"] for row in rows}) == len(rows)
