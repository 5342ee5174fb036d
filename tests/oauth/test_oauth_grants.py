from __future__ import annotations

import json
import logging
import os
import re
import threading
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from oauth_support import MY_DOMAIN, NOW, connection_to, grant_at, landing_of, log_in, pending_login, query_of
from scripted_host import DROP, HANG, Answer, ScriptedHost, as_json

from sfrunbook.model import AppKind, Connection, GrantKind, RunbookError, Stage
from sfrunbook.oauth.grants import (
    AuthorizationCode,
    ClientCredentials,
    JwtBearer,
    PendingLogin,
    RefreshToken,
    audience_of,
    introspect,
    missing_scopes,
    revoke,
    userinfo,
)
from sfrunbook.oauth.pending import challenge_of, new_verifier
from sfrunbook.oauth.redirect import parse_address
from sfrunbook.secret import Secret
from sfrunbook.transport import open_session

TOKEN = "/services/oauth2/token"
GOOD = {
    "access_token": "00Dcanary!fresh",
    "instance_url": MY_DOMAIN,
    "id": f"{MY_DOMAIN}/id/00D000000000001AAA/005000000000001AAA",
    "token_type": "Bearer",
    "issued_at": "1795435200123",
    "scope": "refresh_token full",
}


def code_of(error: pytest.ExceptionInfo[RunbookError]) -> str:
    return error.value.diagnosis.code


def test_a_verifier_is_long_enough_and_never_holds_what_salesforce_refuses():
    verifiers = {new_verifier().reveal() for _ in range(200)}
    assert len(verifiers) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{64}", verifier) for verifier in verifiers)


def test_the_challenge_is_that_of_rfc_7636():
    verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_pending_login_survives_a_new_kernel():
    pending = pending_login(extra={"prompt": "login"})
    stored = pending.to_secret()
    again = PendingLogin.from_secret(stored, connection="acme", now=NOW + timedelta(minutes=14))
    assert again == pending
    assert "state-of-this-login" not in repr(pending)
    assert "v" * 64 not in repr(pending)


@pytest.mark.parametrize(
    ("stored", "connection", "minutes"),
    [
        (None, "acme", 0),
        (Secret(""), "acme", 0),
        (Secret("{}"), "acme", 0),
        (Secret("[]"), "acme", 0),
        (Secret('{"connection": "acme", "scopes": 3}'), "acme", 0),
        (pending_login().to_secret(), "another", 0),
        (pending_login().to_secret(), "acme", 16),
        (pending_login().to_secret(), "acme", -60),
    ],
)
def test_a_pending_login_that_is_gone_foreign_or_old_is_lost(stored, connection, minutes):
    with pytest.raises(RunbookError) as error:
        PendingLogin.from_secret(stored, connection=connection, now=NOW + timedelta(minutes=minutes))
    assert code_of(error) == "pending-login-lost"


@pytest.mark.parametrize(
    ("asked", "given", "missing"),
    [
        (("full", "refresh_token"), ("refresh_token", "full"), ()),
        (("api", "offline_access"), ("refresh_token", "api", "id"), ()),
        (("api", "web", "refresh_token"), ("full",), ("refresh_token",)),
        (("api", "openid"), ("api",), ("openid",)),
        ((), ("api",), ()),
    ],
)
def test_scopes_are_compared_as_salesforce_means_them(asked, given, missing):
    assert missing_scopes(asked, given) == missing


def test_the_address_to_open_asks_with_state_challenge_and_hints(practice_world):
    connection, secret = connection_to(practice_world)
    web = AuthorizationCode(connection=connection, client_secret=secret)
    pending = web.begin(("full", "refresh_token"), prompt="login", login_hint="ada@acme.example")
    asked = query_of(web.authorize_url(pending))
    assert web.authorize_url(pending) == web.authorize_url(pending)
    assert web.authorize_url(pending).startswith(f"{connection.login_url}/services/oauth2/authorize?")
    assert asked == {
        "response_type": "code",
        "client_id": connection.client_id,
        "redirect_uri": connection.redirect_uri,
        "scope": "full refresh_token",
        "state": pending.state,
        "code_challenge": challenge_of(pending.verifier),
        "code_challenge_method": "S256",
        "prompt": "login",
        "login_hint": "ada@acme.example",
    }
    assert web.begin(()).state != pending.state


def test_no_scope_asked_for_sends_none(practice_world):
    connection, secret = connection_to(practice_world)
    web = AuthorizationCode(connection=connection, client_secret=secret)
    assert "scope" not in query_of(web.authorize_url(web.begin(())))


@pytest.mark.parametrize("kind", ["external_client_app", "connected_app"])
def test_a_login_gives_a_whole_grant(practice_world, kind):
    connection, _, grant = log_in(practice_world, kind=kind)
    assert (grant.connection, grant.kind) == (connection.name, GrantKind.AUTHORIZATION_CODE)
    assert grant.issuer == grant.instance_url == connection.login_url
    assert grant.org_id == practice_world.org()["org_id"]
    assert grant.user_id.startswith("005")
    assert grant.identity_url.endswith(f"/id/{grant.org_id}/{grant.user_id}")
    assert set(grant.scopes) == {"full", "refresh_token"}
    assert grant.signature_valid is True
    assert (grant.generation, grant.rotates, grant.missing_scopes) == (1, None, ())
    assert grant.issued_at == grant.approved_at
    assert grant.refresh_token
    assert grant.access_token.reveal() not in repr(grant)


def test_a_login_works_over_tls(practice_world_tls):
    _, _, grant = log_in(practice_world_tls)
    assert grant.issuer.startswith("https://")


def test_a_missing_scope_spends_no_code_and_is_told_on_the_grant(practice_world):
    with ScriptedHost({TOKEN: [as_json(GOOD | {"scope": "id api"})]}) as host:
        connection = Connection(name="acme", login_url=host.origin, client_id="3MVG9canary")
        web = AuthorizationCode(connection=connection, client_secret=Secret("canary-secret"), clock=lambda: NOW)
        grant = web.request(web.begin(("api", "refresh_token")), Secret("aPrx"))
    assert grant.scopes == ("id", "api")
    assert grant.missing_scopes == ("refresh_token",)
    assert grant.refresh_token is None


def exchanged(answer, *, secret: str | None = "canary-secret", org_id: str | None = None):
    """Grant, and what the host was asked."""
    with ScriptedHost({TOKEN: [answer]}) as host:
        connection = Connection(name="acme", login_url=host.origin, client_id="3MVG9canary", org_id=org_id)
        web = AuthorizationCode(
            connection=connection, client_secret=Secret(secret) if secret else None, clock=lambda: NOW
        )
        pending = web.begin(("full", "refresh_token"))
        try:
            return web.request(pending, Secret("aPrxCanary==")), host.asked, pending
        finally:
            assert len(host.asked) == 1


def test_the_exchange_sends_client_and_verifier_in_the_body_and_no_scope():
    _, asked, pending = exchanged(as_json(GOOD))
    assert asked[0].form == {
        "grant_type": "authorization_code",
        "code": "aPrxCanary==",
        "client_id": "3MVG9canary",
        "client_secret": "canary-secret",
        "redirect_uri": pending.redirect_uri,
        "code_verifier": pending.verifier.reveal(),
    }
    assert "Authorization" not in asked[0].headers
    assert "?" not in asked[0].path


def test_a_public_client_leaves_the_secret_out():
    _, asked, _ = exchanged(as_json(GOOD), secret=None)
    assert "client_secret" not in asked[0].form
    assert "Authorization" not in asked[0].headers


def test_issued_at_is_milliseconds_and_no_lifetime_is_made_up():
    grant, _, _ = exchanged(as_json(GOOD))
    assert grant.issued_at.isoformat() == "2026-11-23T12:00:00.123000+00:00"
    assert not [name for name in vars(grant) if "expires" in name]


def test_a_signature_under_another_secret_is_told_and_not_raised():
    grant, _, _ = exchanged(as_json(GOOD | {"signature": "c2lnbmF0dXJl"}))
    assert grant.signature_valid is False
    assert exchanged(as_json(GOOD))[0].signature_valid is None


@pytest.mark.parametrize(
    ("answer", "stage", "error", "status"),
    [
        (
            as_json({"error": "invalid_request", "error_description": "scope parameter not supported"}, 400),
            Stage.TOKEN,
            "invalid_request",
            400,
        ),
        (as_json({"error": "invalid_client", "error_description": "x"}, 400), Stage.TOKEN, "invalid_client", 400),
        (as_json({"error": "app_not_found", "error_description": "x"}, 400), Stage.TOKEN, "app_not_found", 400),
        (Answer(503, "<html><title>Down</title></html>"), Stage.TRANSPORT, "not-json", 503),
        (Answer(200, ""), Stage.TRANSPORT, "not-json", 200),
        (Answer(302, "", {"Location": "https://evil.example/"}), Stage.TRANSPORT, "not-json", 302),
        (as_json({"token_type": "Bearer"}), Stage.TOKEN, "", 200),
        (as_json([]), Stage.TRANSPORT, "not-json", 200),
    ],
)
def test_a_refusal_is_taken_from_the_raw_reply(answer, stage, error, status):
    with pytest.raises(RunbookError) as raised:
        exchanged(answer)
    failure = raised.value.diagnosis.failure
    assert (failure.stage, failure.error, failure.http_status) == (stage, error, status)


def test_another_org_than_the_pinned_one_is_refused_and_15_characters_are_enough():
    grant, _, _ = exchanged(as_json(GOOD), org_id="00D000000000001")
    assert grant.org_id == "00D000000000001AAA"
    with pytest.raises(RunbookError) as error:
        exchanged(as_json(GOOD), org_id="00D000000000002AAA")
    assert code_of(error) == "wrong-org"
    assert error.value.diagnosis.failure.evidence == {"expected": "00D000000000002AAA", "seen": "00D000000000001AAA"}


@pytest.mark.parametrize("identity", ["", "https://x/id/1/2", f"{MY_DOMAIN}/id/00D000000000001AAA"])
def test_a_reply_that_names_no_org_gives_no_grant(identity):
    with pytest.raises(RunbookError):
        exchanged(as_json(GOOD | {"id": identity}))


def test_an_unsafe_instance_is_refused():
    with pytest.raises(RunbookError) as error:
        exchanged(as_json(GOOD | {"instance_url": "http://evil.example"}))
    assert code_of(error) == "insecure-address"


def test_an_old_login_is_not_exchanged():
    connection = Connection(name="acme", login_url="http://127.0.0.1:9", client_id="3MVG9canary")
    web = AuthorizationCode(connection=connection, client_secret=None, clock=lambda: NOW)
    with pytest.raises(RunbookError) as error:
        web.request(pending_login(started_at=NOW - timedelta(minutes=16)), Secret("aPrx"))
    assert code_of(error) == "pending-login-lost"


def test_a_used_code_and_a_foreign_verifier_are_refused_by_the_practice_org(practice_world):
    connection, secret = connection_to(practice_world)
    web = AuthorizationCode(connection=connection, client_secret=secret)
    pending = web.begin(("full", "refresh_token"))
    code = parse_address(landing_of(practice_world, web, pending), pending).code
    with pytest.raises(RunbookError) as wrong:
        web.request(replace(pending, verifier=new_verifier()), code)
    with pytest.raises(RunbookError) as used:
        web.request(pending, code)
    assert wrong.value.diagnosis.failure.description == "invalid code verifier"
    assert used.value.diagnosis.failure.description == "expired authorization code"


def test_a_refresh_rotates_and_saves_before_it_returns(practice_world):
    _, secret, first = log_in(practice_world)
    saved = []
    flow = RefreshToken(client_secret=secret)
    second = flow.request(first, save=saved.append)
    third = flow.refresh(second, save=saved.append)
    assert saved == [second, third]
    assert (second.generation, third.generation) == (2, 3)
    assert second.rotates is True
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert second.access_token != first.access_token
    assert second.signature_valid is True
    assert (third.approved_at, third.org_id, third.issuer) == (first.approved_at, first.org_id, first.issuer)


def test_without_rotation_the_refresh_token_is_kept(practice_world):
    _, secret, first = log_in(practice_world, kind="connected_app")
    second = RefreshToken(client_secret=secret).request(first, save=lambda _: None)
    assert second.rotates is False
    assert second.refresh_token == first.refresh_token
    assert second.access_token != first.access_token


def test_a_spent_refresh_token_is_refused_with_the_reason_salesforce_gives(practice_world):
    _, secret, first = log_in(practice_world)
    flow = RefreshToken(client_secret=secret)
    flow.request(first, save=lambda _: None)
    with pytest.raises(RunbookError) as error:
        flow.request(first, save=pytest.fail)
    failure = error.value.diagnosis.failure
    assert (failure.stage, failure.error) == (Stage.REFRESH, "invalid_grant")
    assert failure.description == "expired access/refresh token"


def refreshed(answer, **changes):
    with ScriptedHost({TOKEN: [answer]}) as host:
        saved = []
        try:
            flow = RefreshToken(client_secret=Secret("canary-secret"), clock=lambda: NOW)
            fresh = flow.request(grant_at(host.origin, **changes), save=saved.append)
            assert saved == [fresh]
            return fresh, host.asked
        finally:
            assert len(host.asked) == 1


def test_a_refresh_sends_no_scope_and_the_client_in_the_body():
    _, asked = refreshed(as_json(GOOD))
    assert asked[0].form == {
        "grant_type": "refresh_token",
        "refresh_token": "5Aep861canary-refresh",
        "client_id": "3MVG9canary",
        "client_secret": "canary-secret",
    }
    assert "Authorization" not in asked[0].headers


def test_what_a_refresh_leaves_out_is_kept():
    fresh, _ = refreshed(as_json({"access_token": "00Dcanary!fresh"}))
    old = grant_at(fresh.issuer)
    assert (fresh.instance_url, fresh.identity_url, fresh.scopes) == (old.instance_url, old.identity_url, old.scopes)
    assert fresh.refresh_token == old.refresh_token
    assert fresh.issued_at == NOW


@pytest.mark.parametrize("answer", [DROP, Answer(504, "gateway"), Answer(502, ""), Answer(200, '{"access_to')])
def test_a_refresh_without_a_readable_answer_has_an_unknown_outcome_and_is_not_repeated(answer):
    with pytest.raises(RunbookError) as error:
        refreshed(answer)
    assert code_of(error) == "refresh-outcome-unknown"


def test_a_read_timeout_on_refresh_has_an_unknown_outcome(monkeypatch):
    monkeypatch.setattr("sfrunbook.transport._READ_SECONDS", 0.2)
    with pytest.raises(RunbookError) as error:
        refreshed(HANG)
    assert code_of(error) == "refresh-outcome-unknown"


def test_a_refresh_that_was_surely_not_sent_keeps_its_own_cause():
    gone = grant_at("http://127.0.0.1:9")
    with pytest.raises(RunbookError) as error:
        RefreshToken(client_secret=None).request(gone, save=pytest.fail)
    assert error.value.diagnosis.failure.error == "connection-refused"


def test_a_busy_host_refuses_a_refresh_without_an_unknown_outcome():
    with pytest.raises(RunbookError) as error:
        refreshed(Answer(503, "<html><title>Maintenance</title></html>"))
    assert error.value.diagnosis.failure.http_status == 503


def test_a_grant_without_a_refresh_token_asks_nobody():
    with pytest.raises(RunbookError) as error:
        RefreshToken(client_secret=None).request(grant_at("http://127.0.0.1:9", refresh_token=None), save=pytest.fail)
    assert code_of(error) == "no-refresh-token"


def test_a_refresh_that_answers_for_another_org_is_not_saved():
    with pytest.raises(RunbookError) as error:
        refreshed(as_json(GOOD), org_id="00D000000000009AAA")
    assert code_of(error) == "tokens-of-another-org"


def test_client_credentials_give_a_grant_without_a_refresh_token(practice_world):
    connection, secret = connection_to(practice_world, kind="unattended")
    grant = ClientCredentials(connection=connection, client_secret=secret).request()
    assert (grant.kind, grant.refresh_token) == (GrantKind.CLIENT_CREDENTIALS, None)
    assert grant.org_id == practice_world.org()["org_id"]
    assert grant.signature_valid is True


def test_client_credentials_at_the_login_host_are_refused_by_it(practice_world):
    connection, secret = connection_to(practice_world, kind="unattended", login_url=practice_world.login_url)
    with pytest.raises(RunbookError) as error:
        ClientCredentials(connection=connection, client_secret=secret).request()
    assert error.value.diagnosis.failure.description == "request not supported on this domain"


def test_unattended_grants_without_their_secret_ask_nobody():
    connection = Connection(name="acme", login_url="http://127.0.0.1:9", client_id="3MVG9canary")
    for flow in (
        ClientCredentials(connection=connection, client_secret=None),
        JwtBearer(connection=connection, private_key=None),
    ):
        with pytest.raises(RunbookError) as error:
            flow.request()
        assert code_of(error) == "secret-missing"


@pytest.fixture(scope="module")
def key_pair() -> tuple[Secret, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Secret(private.decode()), public.decode()


def test_a_signed_assertion_gives_a_grant(fresh_world, key_pair):
    private, public = key_pair
    app, user = fresh_world.app(kind="unattended"), fresh_world.user()["username"]
    policies = {"jwt_keys": [public], "jwt_bearer": True, "permitted_users": "admin", "pre_authorized": [user]}
    fresh_world.control("POST", f"/apps/{app['client_id']}", policies)
    connection, _ = connection_to(fresh_world, kind="unattended", username=user)
    grant = JwtBearer(connection=connection, private_key=private).request()
    assert (grant.kind, grant.refresh_token) == (GrantKind.JWT_BEARER, None)
    assert grant.org_id == fresh_world.org()["org_id"]


def test_the_claims_are_short_lived_and_signed_with_rs256(key_pair):
    private, public = key_pair
    connection = Connection(name="acme", login_url=MY_DOMAIN, client_id="3MVG9canary", username="ada@acme.example")
    token = JwtBearer(connection=connection, private_key=private, clock=lambda: NOW).assertion().reveal()
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    claims = jwt.decode(token, public, algorithms=["RS256"], audience=MY_DOMAIN, options={"verify_exp": False})
    assert claims["iss"] == "3MVG9canary"
    assert claims["sub"] == "ada@acme.example"
    assert 0 < claims["exp"] - NOW.timestamp() <= 180


def test_a_key_that_is_none_is_told_without_its_content():
    connection = Connection(name="acme", login_url=MY_DOMAIN, client_id="3MVG9canary")
    with pytest.raises(RunbookError) as error:
        JwtBearer(connection=connection, private_key=Secret("canary-key")).assertion()
    assert error.value.diagnosis.failure.error == "private-key-unreadable"
    assert "canary-key" not in repr(error.value.diagnosis)


@pytest.mark.parametrize(
    ("login_url", "kind", "audience"),
    [
        (MY_DOMAIN, AppKind.EXTERNAL_CLIENT_APP, MY_DOMAIN),
        (MY_DOMAIN, AppKind.CONNECTED_APP, "https://login.salesforce.com"),
        ("https://acme--dev.sandbox.my.salesforce.com", AppKind.CONNECTED_APP, "https://test.salesforce.com"),
        ("https://login.salesforce.com", AppKind.CONNECTED_APP, "https://login.salesforce.com"),
        ("http://127.0.0.1:8080", AppKind.CONNECTED_APP, "http://127.0.0.1:8080"),
    ],
)
def test_the_audience_depends_on_host_and_kind_of_app(login_url, kind, audience):
    connection = Connection(name="acme", login_url=login_url, client_id="3MVG9canary", app_kind=kind)
    assert audience_of(connection) == audience


def test_tokens_can_be_looked_at_and_revoked(practice_world):
    _, secret, grant = log_in(practice_world)
    with open_session() as session:
        access = introspect(session, grant, secret)
        refresh = introspect(session, grant, secret, refresh_token=True)
        person = userinfo(session, grant)
        assert revoke(session, grant) is True
        assert revoke(session, grant) is False
        after = introspect(session, grant, secret, refresh_token=True)
        with pytest.raises(RunbookError) as error:
            userinfo(session, grant)
    assert access.active
    assert refresh.active
    assert (access.client_id, set(access.scopes)) == (grant.client_id, set(grant.scopes))
    assert access.expires_at > grant.issued_at
    assert (person.user_id, person.org_id) == (grant.user_id, grant.org_id)
    assert person.username == practice_world.user()["username"]
    assert not after.active
    assert error.value.diagnosis.failure.error == "Bad_OAuth_Token"


def test_an_introspection_with_a_wrong_secret_is_an_error_and_not_an_inactive_token(practice_world):
    _, _, grant = log_in(practice_world)
    with open_session() as session, pytest.raises(RunbookError) as error:
        introspect(session, grant, Secret("0" * 64))
    assert error.value.diagnosis.failure.error == "invalid_client"


def test_a_revocation_that_fails_otherwise_is_raised():
    with (
        ScriptedHost({"/services/oauth2/revoke": [Answer(503, "<html></html>")]}) as host,
        open_session() as session,
        pytest.raises(RunbookError) as error,
    ):
        revoke(session, grant_at(host.origin))
    assert error.value.diagnosis.failure.evidence["during"] == "revoke"
    assert host.asked[0].form == {"token": "5Aep861canary-refresh"}


def test_nothing_of_a_whole_login_is_left_in_debug_logs(practice_world, caplog):
    for name in ("requests_oauthlib", "oauthlib", "urllib3", ""):
        caplog.set_level(logging.DEBUG, logger=name)
    _, secret, first = log_in(practice_world)
    second = RefreshToken(client_secret=secret).request(first, save=lambda _: None)
    with open_session() as session:
        userinfo(session, second)
    written = caplog.text + json.dumps([str(record.args) for record in caplog.records])
    for value in (secret, first.access_token, first.refresh_token, second.access_token, second.refresh_token):
        assert value.reveal() not in written


def test_refreshes_of_several_threads_leave_the_environment_as_it_was(practice_world, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "as-it-was")
    logins = [log_in(practice_world, kind="connected_app") for _ in range(3)]
    done = []

    def work(secret, grant) -> None:
        done.append(RefreshToken(client_secret=secret).request(grant, save=lambda _: None))

    threads = [threading.Thread(target=work, args=(secret, grant)) for _, secret, grant in logins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 3
    assert os.environ["OAUTHLIB_INSECURE_TRANSPORT"] == "as-it-was"
    assert "OAUTHLIB_RELAX_TOKEN_SCOPE" not in os.environ
