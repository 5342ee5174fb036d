"""authlib: the web server flow with PKCE on the login host, then refresh with rotation, replay and revoke."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

SCOPE = "full refresh_token"


@pytest.fixture
def client(practice_world: Any) -> Iterator[OAuth2Session]:
    app = practice_world.app()
    with OAuth2Session(
        app["client_id"],
        app["client_secret"],
        token_endpoint=f"{practice_world.login_url}/services/oauth2/token",
        token_endpoint_auth_method="client_secret_post",
        revocation_endpoint_auth_method="client_secret_post",
        redirect_uri=app["callback_urls"][0],
        code_challenge_method="S256",
        default_timeout=10,
    ) as client:
        yield client


@pytest.fixture
def log_in(practice_world: Any, client: OAuth2Session, consent: Callable[..., str]) -> Callable[..., dict[str, Any]]:
    def log_in() -> dict[str, Any]:
        verifier = generate_token(64)
        authorize = f"{practice_world.login_url}/services/oauth2/authorize"
        url, state = client.create_authorization_url(authorize, code_verifier=verifier, scope=SCOPE)
        landing = consent(practice_world, url)
        return client.fetch_token(authorization_response=landing, state=state, code_verifier=verifier)

    return log_in


def test_the_web_server_flow_gives_a_token_that_reads_the_org(
    practice_world: Any, client: OAuth2Session, log_in: Callable[..., dict[str, Any]]
) -> None:
    token = log_in()
    assert set(token["scope"].split()) == set(SCOPE.split())
    assert (token["token_type"], "expires_in" in token) == ("Bearer", False)
    assert token["instance_url"] == practice_world.my_domain()
    reply = client.get(
        f"{token['instance_url']}/services/data/v68.0/query", params={"q": "SELECT Id FROM Organization"}
    )
    assert reply.json()["records"][0]["Id"] == practice_world.org()["org_id"]
    identity = client.get(token["id"]).json()
    assert identity["username"] == practice_world.user()["username"]


def test_a_verifier_that_was_made_anew_for_the_exchange_is_refused(
    practice_world: Any, client: OAuth2Session, consent: Callable[..., str]
) -> None:
    authorize = f"{practice_world.login_url}/services/oauth2/authorize"
    url, state = client.create_authorization_url(authorize, code_verifier=generate_token(64), scope=SCOPE)
    landing = consent(practice_world, url)
    with pytest.raises(OAuthError) as refused:
        client.fetch_token(authorization_response=landing, state=state, code_verifier=generate_token(64))
    assert (refused.value.error, refused.value.description) == ("invalid_grant", "invalid code verifier")


def test_each_refresh_gives_the_next_refresh_token_and_the_client_keeps_it(
    client: OAuth2Session, log_in: Callable[..., dict[str, Any]]
) -> None:
    first = log_in()
    second = client.refresh_token()
    third = client.refresh_token()
    assert len({each["refresh_token"] for each in (first, second, third)}) == 3
    assert len({each["access_token"] for each in (first, second, third)}) == 3
    assert client.token["refresh_token"] == third["refresh_token"]
    assert client.get(third["id"]).status_code == 200


def test_a_replayed_refresh_token_ends_the_grant_and_its_access_tokens(
    client: OAuth2Session, log_in: Callable[..., dict[str, Any]]
) -> None:
    spent = log_in()["refresh_token"]
    current = client.refresh_token()
    for refresh_token in (spent, current["refresh_token"]):
        with pytest.raises(OAuthError) as refused:
            client.refresh_token(refresh_token=refresh_token)
        assert (refused.value.error, refused.value.description) == ("invalid_grant", "expired access/refresh token")
    answer = client.get(f"{current['instance_url']}/services/data/v68.0/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")


def test_its_habit_of_sending_the_scope_on_refresh_is_refused_and_costs_nothing(
    client: OAuth2Session, log_in: Callable[..., dict[str, Any]]
) -> None:
    token = log_in()
    client.scope = SCOPE
    with pytest.raises(OAuthError) as refused:
        client.refresh_token()
    assert (refused.value.error, refused.value.description) == ("invalid_request", "scope parameter not supported")
    client.scope = None
    assert client.refresh_token(refresh_token=token["refresh_token"])["access_token"] != token["access_token"]


def test_revoking_the_refresh_token_ends_the_access_token_too(
    practice_world: Any, client: OAuth2Session, log_in: Callable[..., dict[str, Any]]
) -> None:
    token = log_in()
    revoke = f"{practice_world.login_url}/services/oauth2/revoke"
    answer = client.revoke_token(revoke, token["refresh_token"], token_type_hint="refresh_token")
    assert (answer.status_code, answer.text) == (200, "")
    assert client.get(token["id"]).status_code == 403
    with pytest.raises(OAuthError) as refused:
        client.refresh_token(refresh_token=token["refresh_token"])
    assert refused.value.error == "invalid_grant"


def test_introspection_tells_a_live_token_from_a_revoked_one(
    practice_world: Any, client: OAuth2Session, log_in: Callable[..., dict[str, Any]]
) -> None:
    token = log_in()
    oauth2 = f"{practice_world.my_domain()}/services/oauth2"
    alive = client.introspect_token(f"{oauth2}/introspect", token["access_token"], token_type_hint="access_token")
    assert (alive.json()["active"], alive.json()["username"]) == (True, practice_world.user()["username"])
    client.revoke_token(f"{oauth2}/revoke", token["access_token"])
    ended = client.introspect_token(f"{oauth2}/introspect", token["access_token"])
    assert ended.json() == {"active": False}
