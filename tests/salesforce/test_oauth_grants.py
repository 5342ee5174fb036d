"""The web server flow: the pending login, the address to open, and the exchange of a code."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from support.oauth_support import (
    GOOD,
    MY_DOMAIN,
    NOW,
    TOKEN,
    code_of,
    connection_to,
    landing_of,
    log_in,
    pending_login,
    query_of,
)
from support.scripted_host import Answer, ScriptedHost, as_json

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Connection, GrantKind, Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.salesforce.oauth.callback import parse_address
from sfrunbook.salesforce.oauth.grants import AuthorizationCode, missing_scopes
from sfrunbook.salesforce.oauth.pending import PendingLogin, challenge_of, new_verifier
from sfrunbook.salesforce.oauth.session import authorize_url


def test_a_verifier_is_long_enough_and_never_holds_what_salesforce_refuses():
    verifiers = {new_verifier().reveal() for _ in range(200)}
    assert len(verifiers) == 200
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{64}", verifier) for verifier in verifiers)


def test_the_challenge_is_that_of_rfc_7636():
    verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_pending_login_survives_a_new_kernel():
    pending = pending_login(prompt="login")
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


def test_the_address_to_open_asks_with_state_challenge_and_prompt(practice_world):
    connection, secret = connection_to(practice_world)
    web = AuthorizationCode(connection=connection, client_secret=secret)
    pending = web.begin(("full", "refresh_token"), prompt="login")
    asked = query_of(authorize_url(pending))
    assert authorize_url(pending) == authorize_url(pending)
    assert authorize_url(pending).startswith(f"{connection.login_url}/services/oauth2/authorize?")
    assert asked == {
        "response_type": "code",
        "client_id": connection.client_id,
        "redirect_uri": connection.redirect_uri,
        "scope": "full refresh_token",
        "state": pending.state,
        "code_challenge": challenge_of(pending.verifier),
        "code_challenge_method": "S256",
        "prompt": "login",
    }
    assert web.begin(()).state != pending.state


def test_no_scope_asked_for_sends_none(practice_world):
    connection, secret = connection_to(practice_world)
    web = AuthorizationCode(connection=connection, client_secret=secret)
    assert "scope" not in query_of(authorize_url(web.begin(())))


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
    failure = raised.value.failure
    assert (failure.stage, failure.error, failure.http_status) == (stage, error, status)


def test_another_org_than_the_pinned_one_is_refused_and_15_characters_are_enough():
    grant, _, _ = exchanged(as_json(GOOD), org_id="00D000000000001")
    assert grant.org_id == "00D000000000001AAA"
    with pytest.raises(RunbookError) as error:
        exchanged(as_json(GOOD), org_id="00D000000000002AAA")
    assert code_of(error) == "wrong-org"
    assert error.value.failure.evidence == {"expected": "00D000000000002AAA", "seen": "00D000000000001AAA"}


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
    assert wrong.value.failure.description == "invalid code verifier"
    assert diagnosis_of(used.value).failure.description == "expired authorization code"
