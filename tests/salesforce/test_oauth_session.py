from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
import requests_oauthlib
from support.oauth_support import connection_to, grant_at, log_in
from support.scripted_host import Answer, ScriptedHost, as_json

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.salesforce.oauth.grants import RefreshToken
from sfrunbook.salesforce.oauth.session import AuthorizedSession, _http_on_loopback

SWITCH = "OAUTHLIB_INSECURE_TRANSPORT"
EXPIRED = as_json([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], 401)
NOT_FOR_REST = as_json(
    [{"message": "This session is not valid for use with the REST API", "errorCode": "INVALID_SESSION_ID"}], 401
)


def test_the_switch_for_plain_http_is_open_only_inside_and_only_for_this_machine(monkeypatch):
    monkeypatch.delenv(SWITCH, raising=False)
    with _http_on_loopback("http://127.0.0.1:8080/x"):
        assert os.environ[SWITCH] == "1"
        with _http_on_loopback("http://localhost:8080/x"):
            assert os.environ[SWITCH] == "1"
        assert os.environ[SWITCH] == "1"
    assert SWITCH not in os.environ
    for url in ("https://acme.my.salesforce.com/x", "https://127.0.0.1/x"):
        with _http_on_loopback(url):
            assert SWITCH not in os.environ


def test_the_switch_is_put_back_after_an_error_and_never_opened_for_another_host(monkeypatch):
    monkeypatch.delenv(SWITCH, raising=False)
    with pytest.raises(KeyError), _http_on_loopback("http://127.0.0.1:8080/x"):
        raise KeyError
    assert SWITCH not in os.environ
    with pytest.raises(RunbookError) as error, _http_on_loopback("http://acme.my.salesforce.com/x"):
        pytest.fail("must not be reached")
    assert diagnosis_of(error.value).code == "insecure-address"
    assert SWITCH not in os.environ


def test_a_call_carries_the_token_in_the_header_and_nowhere_else():
    script = {"/services/data/v68.0/limits/": [as_json({})]}
    with ScriptedHost(script) as host, AuthorizedSession(grant_at(host.origin)) as session:
        reply = session.get("/services/data/v68.0/limits/", {"q": "a b"})
        again = session.get(f"{host.origin}/services/data/v68.0/limits/")
    assert (reply.status, again.status) == (200, 200)
    assert {asked.headers["Authorization"] for asked in host.asked} == {"Bearer 00Dcanary!access"}
    assert host.asked[0].query == {"q": "a b"}
    assert "canary" not in host.asked[0].path + host.asked[0].body


def test_the_session_hides_token_and_library_from_its_text():
    with AuthorizedSession(grant_at("http://127.0.0.1:9")) as session:
        assert repr(session) == "AuthorizedSession('acme')"
        assert "canary!" not in repr(vars(session))
        assert not [name for name, value in vars(type(session)).items() if not name.startswith("_") and name == "token"]
        assert session._session.token == {}
        assert isinstance(session._session, requests_oauthlib.OAuth2Session)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("https://evil.example/services/data/", "issuer-mismatch"),
        ("http://127.0.0.1:9/x", "issuer-mismatch"),
        ("https://127.0.0.1/x", "issuer-mismatch"),
        ("//evil.example/services/data/", "insecure-address"),
        ("http://127.0.0.1@evil.example/x", "insecure-address"),
    ],
)
def test_the_token_never_goes_to_a_foreign_host(address, code):
    with (
        ScriptedHost({}) as host,
        AuthorizedSession(grant_at(host.origin)) as session,
        pytest.raises(RunbookError) as error,
    ):
        session.get(address)
    assert diagnosis_of(error.value).code == code
    assert host.asked == []


class Refresher:
    """Counts what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, grant):
        self.asked.append(grant.generation)
        return replace(grant, access_token=Secret("00Dcanary!second"), generation=grant.generation + 1)


def got(*answers: Answer):
    """Reply, the refresher, what the host was asked, and the grant after it."""
    refresh = Refresher()
    with ScriptedHost({"/x": list(answers)}) as host, AuthorizedSession(grant_at(host.origin), refresh) as session:
        reply = session.get("/x")
        return reply, refresh, host.asked, session.grant


def test_an_expired_session_is_refreshed_once_and_the_call_repeated_once():
    reply, refresh, asked, grant = got(EXPIRED, as_json({"done": True}))
    assert reply.json() == {"done": True}
    assert refresh.asked == [1]
    assert [each.headers["Authorization"] for each in asked] == ["Bearer 00Dcanary!access", "Bearer 00Dcanary!second"]
    assert grant.generation == 2


def test_a_session_that_stays_expired_is_given_back_after_one_refresh():
    reply, refresh, asked, _ = got(EXPIRED)
    assert reply.status == 401
    assert (refresh.asked, len(asked)) == ([1], 2)


@pytest.mark.parametrize(
    "answer",
    [
        NOT_FOR_REST,
        as_json([{"message": "Session expired or invalid", "errorCode": "INVALID_AUTH_HEADER"}], 401),
        Answer(401, "Connected app is not attached to Agent"),
        Answer(403, "Missing_OAuth_Token"),
        as_json([{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}], 403),
        as_json({"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}, 401),
        as_json([], 401),
    ],
)
def test_what_a_refresh_cannot_mend_is_never_refreshed(answer):
    reply, refresh, asked, _ = got(answer)
    assert reply.status == answer.status
    assert (refresh.asked, len(asked)) == ([], 1)


def test_the_identity_services_word_for_a_dead_token_is_refreshed_too():
    reply, refresh, _, _ = got(Answer(403, "Bad_OAuth_Token"), as_json({}))
    assert (reply.status, refresh.asked) == (200, [1])


def test_without_a_refresher_an_expired_session_is_given_back():
    with ScriptedHost({"/x": [EXPIRED]}) as host, AuthorizedSession(grant_at(host.origin)) as session:
        assert session.get("/x").status == 401
    assert len(host.asked) == 1


def test_a_lost_connection_is_told_as_one():
    with AuthorizedSession(grant_at("http://127.0.0.1:9")) as session, pytest.raises(RunbookError) as error:
        session.get("/x")
    assert error.value.failure.error == "connection-refused"


def test_a_redirect_takes_no_token_along():
    script = {"/x": [Answer(302, "", {"Location": "/y"})]}
    with ScriptedHost(script) as host, AuthorizedSession(grant_at(host.origin)) as session:
        assert session.get("/x").status == 302
    assert len(host.asked) == 1


def test_the_practice_org_ends_a_session_and_the_call_goes_on(fresh_world):
    connection, secret, grant = log_in(fresh_world)
    saved = []
    flow = RefreshToken(client_secret=secret)
    with AuthorizedSession(grant, lambda old: flow.request(old, save=saved.append)) as session:
        assert session.get("/services/oauth2/userinfo").status == 200
        fresh_world.control("POST", "/tokens/expire", {"client_id": connection.client_id})
        assert session.get("/services/oauth2/userinfo").status == 200
        assert session.grant == saved[0]
    assert [grant.generation for grant in saved] == [2]


def test_the_library_itself_never_checks_a_state_and_so_is_not_relied_on(practice_world):
    """The trap as it stands in requests-oauthlib 2.0: when this fails, the library has changed."""
    connection, _ = connection_to(practice_world)
    with _http_on_loopback(connection.login_url), requests_oauthlib.OAuth2Session("3MVG9canary") as session:
        session.authorization_url(f"{connection.login_url}/services/oauth2/authorize", state="ours")
        assert session._state is None


def test_error_bodies_reach_the_caller_whole():
    body = [{"message": "x", "errorCode": "MALFORMED_QUERY"}]
    reply, _, _, _ = got(as_json(body, 400))
    assert json.loads(reply.text) == body
