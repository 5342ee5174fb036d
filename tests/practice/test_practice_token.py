"""The token endpoint: web server flow, refresh, client authentication, and the exact shapes of its replies."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

import jwt
import pytest

EXPIRED = (400, "invalid_grant", "expired access/refresh token")
NOT_SUPPORTED = (400, "unsupported_grant_type", "grant type not supported")


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def test_the_reply_to_a_code_has_the_documented_fields_in_their_order_and_no_expires_in(steps):
    reply = steps.exchange(steps.code())
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/json;charset=UTF-8"
    token = reply.json()
    assert list(token) == [
        "access_token",
        "refresh_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
    ]
    org_id = steps.world.org()["org_id"]
    assert re.fullmatch(rf"{org_id[:15]}![A-Za-z0-9._]{{96}}", token["access_token"])
    assert re.fullmatch(r"5Aep861[A-Za-z0-9._]{80}", token["refresh_token"])
    assert token["scope"] == "refresh_token full"
    assert token["instance_url"] == steps.host
    assert re.fullmatch(rf"{steps.host}/id/{org_id}/005\w{{15}}", token["id"])
    assert token["token_type"] == "Bearer"
    assert re.fullmatch(r"\d{13}", token["issued_at"])


def test_a_client_can_verify_the_signature(steps):
    token = steps.grant()
    signed = (token["id"] + token["issued_at"]).encode()
    digest = hmac.new(steps.app["client_secret"].encode(), signed, hashlib.sha256).digest()
    assert base64.b64decode(token["signature"]) == digest


def test_cache_control_is_sent_twice(steps):
    reply = steps.refresh("nothing")
    assert reply.raw.headers.getlist("cache-control") == ["no-cache, no-store", "no-store"]
    assert reply.headers["pragma"] == "no-cache"
    assert reply.headers["expires"] == "Thu, 01 Jan 1970 00:00:00 GMT"


def test_pretty_print_indents(steps):
    reply = steps.token(headers={"X-PrettyPrint": "1"}, grant_type="nonsense")
    assert reply.text.startswith('{\n  "error": "unsupported_grant_type",\n')


def test_the_scope_of_the_reply_is_in_the_servers_order(steps):
    assert steps.grant(scope="full refresh_token")["scope"] == "refresh_token full"
    assert steps.grant(scope="api refresh_token")["scope"] == "refresh_token api"
    assert steps.grant(scope="api offline_access")["scope"] == "refresh_token api"


def test_without_the_refresh_scope_there_is_no_refresh_token_and_no_approval(fresh):
    assert "refresh_token" not in fresh.grant(scope="api")
    assert fresh.world.control("GET", "/approvals") == []


def test_an_id_token_comes_with_openid_and_verifies_against_the_published_keys(steps):
    token = steps.grant(scope="openid refresh_token", nonce="n-1")
    key = jwt.PyJWK(steps.get("/id/keys").json()["keys"][0])
    claims = jwt.decode(token["id_token"], key, algorithms=["RS256"], audience=steps.app["client_id"])
    assert (claims["iss"], claims["sub"], claims["nonce"]) == (steps.host, token["id"], "n-1")


def test_a_code_works_once(steps, refused):
    code = steps.code()
    assert steps.exchange(code).status_code == 200
    assert refused(steps.exchange(code)) == (400, "invalid_grant", "expired authorization code")


def test_a_code_lives_fifteen_minutes(fresh, refused):
    first, second = fresh.code(), fresh.code()
    fresh.advance(890)
    assert fresh.exchange(first).status_code == 200
    fresh.advance(20)
    assert refused(fresh.exchange(second)) == (400, "invalid_grant", "expired authorization code")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_id": "3MVG9nobody"}, (400, "invalid_client_id", "client identifier invalid")),
        ({"client_id": None}, (400, "invalid_client_id", "client identifier invalid")),
        ({"client_secret": "wrong"}, (400, "invalid_client", "invalid client credentials")),
        ({"client_secret": None}, (400, "invalid_client", "invalid client credentials")),
        ({"code": "aPrxbogus=="}, (400, "invalid_grant", "invalid authorization code")),
        ({"code": None}, (400, "invalid_grant", "invalid authorization code")),
        ({"scope": "full"}, (400, "invalid_request", "scope parameter not supported")),
        (
            {"redirect_uri": "https://app-h.cyclr.com/connector/callback"},
            (400, "redirect_uri_mismatch", "redirect_uri must match configuration"),
        ),
        ({"redirect_uri": None}, (400, "redirect_uri_mismatch", "redirect_uri must match configuration")),
        ({"code_verifier": "x" * 43}, (400, "invalid_grant", "invalid code verifier")),
        ({"code_verifier": None}, (400, "invalid_grant", "invalid code verifier")),
        ({"grant_type": "authorisation_code"}, NOT_SUPPORTED),
        ({"grant_type": None}, NOT_SUPPORTED),
        ({"grant_type": ""}, NOT_SUPPORTED),
    ],
)
def test_a_wrong_exchange_is_refused_with_the_documented_words(steps, refused, changes, expected):
    assert refused(steps.exchange(**{"code": steps.code(), **changes})) == expected


def test_client_id_secret_and_code_are_checked_in_this_order(steps, refused):
    bogus = {"code": "aPrxbogus==", "code_verifier": "x", "redirect_uri": "https://no.example"}
    assert refused(steps.exchange(**bogus, client_id="nobody", client_secret="wrong"))[1] == "invalid_client_id"
    assert refused(steps.exchange(**bogus, client_secret="wrong"))[1] == "invalid_client"
    assert refused(steps.exchange(**bogus))[2] == "invalid authorization code"


def test_a_refused_exchange_spends_the_code_unless_the_setting_says_otherwise(fresh, refused):
    code = fresh.code()
    fresh.exchange(code, code_verifier="x" * 43)
    assert refused(fresh.exchange(code))[2] == "expired authorization code"
    fresh.settings(failed_exchange_spends_code=False)
    code = fresh.code()
    fresh.exchange(code, code_verifier="x" * 43)
    assert fresh.exchange(code).status_code == 200


def test_a_code_of_another_app_is_unknown(steps, refused):
    code = steps.code()
    steps.app = steps.world.app(kind="connected_app")
    assert refused(steps.exchange(code))[2] == "invalid authorization code"


def test_a_bare_challenge_is_s256_and_a_verifier_of_171_characters_works(steps):
    verifier = "v" * 171
    code = steps.code(code_challenge=s256(verifier), code_challenge_method=None)
    assert steps.exchange(code, code_verifier=verifier).status_code == 200


def test_a_verifier_with_a_tilde_is_refused_though_it_fits(steps, refused):
    verifier = "~" * 50
    code = steps.code(code_challenge=s256(verifier))
    assert refused(steps.exchange(code, code_verifier=verifier)) == (400, "invalid_grant", "invalid code verifier")


def test_a_verifier_that_nobody_asked_for_is_unexpected(steps, refused):
    steps.app = steps.world.app(kind="connected_app")
    code = steps.code(code_challenge=None, code_challenge_method=None)
    assert refused(steps.exchange(code))[2] == "unexpected code verifier"


def test_basic_authentication_works_and_a_malformed_one_is_named(steps, refused):
    sent = {"client_id": None, "client_secret": None}
    right = basic(steps.app["client_id"], steps.app["client_secret"])
    assert steps.exchange(steps.code(), **sent, headers=right).status_code == 200
    for header in ("Basic ???", "Basic", "Basic " + base64.b64encode(b"no colon").decode()):
        reply = steps.exchange("x", **sent, headers={"Authorization": header})
        assert refused(reply)[:2] == (400, "invalid_basic_auth_header")


def test_basic_without_client_id_in_the_body_can_be_switched_off_for_codes(fresh, refused):
    fresh.settings(basic_on_code_exchange=False)
    header = basic(fresh.app["client_id"], fresh.app["client_secret"])
    reply = fresh.exchange(fresh.code(), client_id=None, client_secret=None, headers=header)
    assert refused(reply) == (400, "invalid_client_id", "client identifier invalid")


def test_a_body_without_a_form_content_type_is_not_read(steps, refused):
    url = f"{steps.host}/services/oauth2/token"
    reply = steps.session.post(url, data=b"grant_type=refresh_token", timeout=10)
    assert "Content-Type" not in reply.request.headers
    assert refused(reply) == NOT_SUPPORTED


def test_get_is_not_a_token_request(steps, refused):
    assert refused(steps.get("/services/oauth2/token?grant_type=refresh_token")) == NOT_SUPPORTED


def test_parameters_in_the_query_in_multipart_and_in_chunks_are_read(steps, refused):
    url = f"{steps.host}/services/oauth2/token"
    sent = {"grant_type": "refresh_token", "refresh_token": "x", **steps.credentials()}
    assert refused(steps.session.post(url, params=sent, timeout=10)) == EXPIRED
    parts = {name: (None, value) for name, value in sent.items()}
    assert refused(steps.session.post(url, files=parts, timeout=10)) == EXPIRED
    chunks = iter([f"{name}={value}&".encode() for name, value in sent.items()])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = steps.session.post(url, data=chunks, headers=headers, timeout=10)
    assert reply.request.headers["Transfer-Encoding"] == "chunked"
    assert refused(reply) == EXPIRED


def test_the_first_of_two_equal_parameters_counts(steps, refused):
    url = f"{steps.host}/services/oauth2/token"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = "grant_type=&grant_type=refresh_token&grant_type=nonsense&client_id=nobody"
    assert refused(steps.session.post(url, data=body, headers=headers, timeout=10))[1] == "invalid_client_id"


def test_refresh_with_rotation_gives_a_new_refresh_token_and_kills_the_old_one_at_once(steps):
    first = steps.grant()
    second = steps.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert steps.is_alive(second["access_token"])
    assert steps.refresh(second["refresh_token"]).status_code == 200


def test_the_use_of_a_spent_refresh_token_ends_the_whole_family(steps, refused):
    first = steps.grant()
    other = steps.grant()
    second = steps.refresh(first["refresh_token"]).json()
    assert refused(steps.refresh(first["refresh_token"])) == EXPIRED
    assert refused(steps.refresh(second["refresh_token"])) == EXPIRED
    assert not steps.is_alive(first["access_token"])
    assert not steps.is_alive(second["access_token"])
    assert steps.refresh(other["refresh_token"]).status_code == 200, "another approval is not touched"


@pytest.mark.parametrize(("reach", "current", "other"), [("refuse", 200, 200), ("revoke_user_app", 400, 400)])
def test_how_far_a_replay_reaches_is_a_setting(fresh, reach, current, other):
    fresh.settings(rotation_replay=reach)
    first, elsewhere = fresh.grant(), fresh.grant()
    second = fresh.refresh(first["refresh_token"]).json()
    assert fresh.refresh(first["refresh_token"]).status_code == 400
    assert fresh.refresh(second["refresh_token"]).status_code == current
    assert fresh.refresh(elsewhere["refresh_token"]).status_code == other


def test_refresh_without_rotation_gives_no_refresh_token(steps):
    steps.app = steps.world.app(kind="connected_app")
    granted = steps.exchange(steps.code(code_challenge=None, code_challenge_method=None), code_verifier=None).json()
    for _ in range(2):
        reply = steps.refresh(granted["refresh_token"]).json()
        assert list(reply) == ["access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"scope": "full refresh_token"}, (400, "invalid_request", "scope parameter not supported")),
        ({"client_secret": "wrong"}, (400, "invalid_client", "invalid client credentials")),
        ({"client_id": "nobody"}, (400, "invalid_client_id", "client identifier invalid")),
        ({"refresh_token": "5Aep861bogus"}, EXPIRED),
    ],
)
def test_a_wrong_refresh_is_refused_and_leaves_the_token_usable(steps, refused, changes, expected):
    token = steps.grant()["refresh_token"]
    sent = {"refresh_token": token, **changes}
    assert refused(steps.token(grant_type="refresh_token", **{**steps.credentials(), **sent})) == expected
    assert steps.refresh(token).status_code == 200


@pytest.mark.parametrize("required", [True, False])
def test_a_refresh_needs_the_secret_where_the_app_asks_for_it(fresh, refused, required):
    fresh.policies(secret_required_for_refresh=required)
    token = fresh.grant()["refresh_token"]
    without = fresh.refresh(token, client_secret=None)
    if not required:
        assert without.status_code == 200
        return
    assert refused(without) == (400, "invalid_client", "invalid client credentials")
    assert fresh.refresh(token).status_code == 200


def test_a_refresh_token_belongs_to_one_app(steps, refused):
    token = steps.grant()["refresh_token"]
    right_app = steps.app
    steps.app = steps.world.app(kind="connected_app")
    assert refused(steps.refresh(token)) == EXPIRED
    steps.app = right_app
    assert steps.refresh(token).status_code == 200


def test_thirty_idle_days_end_a_refresh_token_and_every_use_starts_them_anew(fresh, refused):
    token = fresh.grant()["refresh_token"]
    fresh.advance(29 * 86_400)
    token = fresh.refresh(token).json()["refresh_token"]
    fresh.advance(29 * 86_400)
    token = fresh.refresh(token).json()["refresh_token"]
    fresh.advance(30 * 86_400 + 1)
    assert refused(fresh.refresh(token)) == EXPIRED


def test_a_fixed_lifetime_ends_a_refresh_token_that_was_used_all_along(fresh, refused):
    fresh.policies(refresh_lifetime_seconds=3600, refresh_idle_seconds=None)
    token = fresh.grant()["refresh_token"]
    fresh.advance(3000)
    token = fresh.refresh(token).json()["refresh_token"]
    fresh.advance(600)
    assert refused(fresh.refresh(token)) == EXPIRED


def test_the_sixth_approval_drops_the_oldest_with_its_access_tokens(fresh, refused):
    grants = [fresh.grant() for _ in range(6)]
    assert refused(fresh.refresh(grants[0]["refresh_token"])) == EXPIRED
    assert not fresh.is_alive(grants[0]["access_token"])
    for kept in grants[1:]:
        assert fresh.is_alive(kept["access_token"])
    assert len(fresh.world.control("GET", "/approvals")) == 5


def test_refreshing_makes_no_approval_and_counts_as_use(fresh):
    token = fresh.grant()["refresh_token"]
    for _ in range(7):
        token = fresh.refresh(token).json()["refresh_token"]
    (approval,) = fresh.world.control("GET", "/approvals")
    assert approval["use_count"] == 8


def test_the_limit_is_per_user_and_per_app_and_a_setting(fresh):
    fresh.settings(approval_limit=4)
    mine = [fresh.grant()["refresh_token"] for _ in range(4)]
    fresh.user = fresh.world.user(profile="Standard User")
    fresh.grant()
    oldest = fresh.refresh(mine[0]).json()["refresh_token"]
    fresh.user = fresh.world.user()
    fresh.grant()
    assert fresh.refresh(oldest).status_code == 400, "the oldest goes, however lately it was used"
    assert fresh.refresh(mine[1]).status_code == 200


def test_the_least_recently_used_approval_may_go_instead(fresh):
    fresh.settings(approval_limit=2, approval_dropped="least_recently_used")
    first, second = fresh.grant(), fresh.grant()
    fresh.advance(60)
    used = fresh.refresh(first["refresh_token"]).json()
    fresh.grant()
    assert fresh.refresh(used["refresh_token"]).status_code == 200
    assert fresh.refresh(second["refresh_token"]).status_code == 400


def test_a_deactivated_user_and_a_blocked_app_get_no_tokens(fresh, refused):
    token = fresh.grant()["refresh_token"]
    name = fresh.user["username"]
    fresh.world.control("POST", f"/users/{name}", {"is_active": False})
    assert refused(fresh.refresh(token)) == (400, "invalid_grant", "inactive user")
    fresh.world.control("POST", f"/users/{name}", {"is_active": True})
    fresh.policies(blocked=True)
    assert refused(fresh.refresh(token))[1] == "app_blocked"
    fresh.policies(blocked=False, enabled=False)
    assert refused(fresh.refresh(token))[1] == "oauth_flow_disabled"
    fresh.policies(enabled=True)
    assert fresh.refresh(token).status_code == 200


def test_a_public_client_leaves_the_secret_out_and_must_not_send_a_wrong_one(fresh, refused):
    fresh.policies(secret_required_for_code=False, secret_required_for_refresh=False)
    granted = fresh.exchange(fresh.code(), client_secret=None).json()
    assert fresh.refresh(granted["refresh_token"], client_secret=None).status_code == 200
    assert refused(fresh.exchange(fresh.code(), client_secret="wrong"))[1] == "invalid_client"


def test_the_salesforce_cli_logs_in_with_its_empty_secret(steps):
    callback = "http://localhost:1717/OauthRedirect"
    code = steps.code(client_id="PlatformCLI", redirect_uri=callback, scope="refresh_token api web", prompt="login")
    sent = {"client_id": "PlatformCLI", "client_secret": "", "redirect_uri": callback}
    granted = steps.exchange(code, **sent).json()
    assert granted["scope"] == "refresh_token api web"
    assert steps.is_alive(granted["access_token"])


def test_optional_fields_and_orders_are_settings(fresh):
    fresh.settings(include_api_instance_url=True, id_host="login", error_first=False)
    granted = fresh.grant()
    assert granted["api_instance_url"] == "https://api.salesforce.com"
    assert granted["id"].startswith(f"{fresh.world.login_url}/id/")
    assert list(fresh.refresh("x").json()) == ["error_description", "error"]
    assert fresh.get(granted["id"], granted["access_token"]).status_code == 200


def test_a_live_access_token_may_be_shared(fresh):
    fresh.settings(access_token_shared=True)
    granted = fresh.grant()
    assert fresh.refresh(granted["refresh_token"]).json()["access_token"] == granted["access_token"]


def test_a_replayed_code_may_end_what_it_gave(fresh):
    fresh.settings(code_replay_revokes=True)
    code = fresh.code()
    granted = fresh.exchange(code).json()
    fresh.exchange(code)
    assert not fresh.is_alive(granted["access_token"])
    assert fresh.refresh(granted["refresh_token"]).status_code == 400
