"""Bare requests-oauthlib as its manual shows it, over TLS, with the places where Salesforce and it do not fit."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from oauthlib.oauth2 import (
    AccessDeniedError,
    InsecureTransportError,
    InvalidGrantError,
    MismatchingStateError,
    OAuth2Error,
)
from requests_oauthlib import OAuth2Session

VERIFIER = "a-verifier-of-the-program-itself_0123456789-without-a-tilde"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Program:
    """A user's program: one session and the addresses it was configured with.

    Its PKCE verifier is its own: the library's `pkce="S256"` draws from an alphabet with the tilde, see the last tests.
    """

    def __init__(self, world: Any, session: OAuth2Session, consent: Callable[..., str]) -> None:
        self.world = world
        self.session = session
        self.app = world.app()
        self.oauth2 = f"{world.login_url}/services/oauth2"
        self._consent = consent

    def landing(self, *, allow: bool = True) -> str:
        url, _state = self.session.authorization_url(
            f"{self.oauth2}/authorize", code_challenge=CHALLENGE, code_challenge_method="S256"
        )
        return self._consent(self.world, url, allow=allow)

    def exchange(self, landing: str, **options: Any) -> dict[str, Any]:
        return self.session.fetch_token(
            f"{self.oauth2}/token",
            authorization_response=landing,
            client_secret=self.app["client_secret"],
            timeout=10,
            **{"include_client_id": True, "code_verifier": VERIFIER, **options},
        )

    def landing_with_its_own_pkce(self, *, tilde: bool) -> str:
        """The library's own PKCE, drawn anew until chance has put a tilde into the verifier, or left it out."""
        while True:
            url, _state = self.session.authorization_url(f"{self.oauth2}/authorize")
            if ("~" in self.session._code_verifier) == tilde:
                return self._consent(self.world, url)

    def refresh(self, refresh_token: str | None = None) -> dict[str, Any]:
        return self.session.refresh_token(
            f"{self.oauth2}/token",
            refresh_token=refresh_token,
            client_id=self.app["client_id"],
            client_secret=self.app["client_secret"],
            timeout=10,
        )


@pytest.fixture
def make_program(practice_world_tls: Any, consent: Callable[..., str]) -> Iterator[Callable[..., Program]]:
    opened = []

    def make_program(**options: Any) -> Program:
        app = practice_world_tls.app()
        session = OAuth2Session(app["client_id"], redirect_uri=app["callback_urls"][0], **options)
        session.verify = practice_world_tls.ca_file
        opened.append(session)
        return Program(practice_world_tls, session, consent)

    yield make_program
    for session in opened:
        session.close()


@pytest.fixture
def program(make_program: Callable[..., Program]) -> Program:
    return make_program(scope=["full", "refresh_token"])


def test_the_web_server_flow_with_pkce_gives_a_session_that_reads_the_org(program: Program) -> None:
    token = program.exchange(program.landing())
    assert sorted(token["scope"]) == ["full", "refresh_token"]
    query = f"{token['instance_url']}/services/data/v68.0/query"
    reply = program.session.get(query, params={"q": "SELECT Id FROM Organization"}, timeout=10)
    assert reply.json()["records"][0]["Id"] == program.world.org()["org_id"]


def test_its_default_client_authentication_by_basic_is_accepted_too(program: Program) -> None:
    token = program.exchange(program.landing(), include_client_id=None)
    assert token["instance_url"] == program.world.my_domain()


def test_the_scope_that_it_sends_on_refresh_is_refused_without_costing_the_grant(program: Program) -> None:
    token = program.exchange(program.landing())
    with pytest.raises(OAuth2Error) as refused:
        program.refresh()
    assert (refused.value.error, refused.value.description) == ("invalid_request", "scope parameter not supported")
    program.session.scope = None
    renewed = program.refresh(token["refresh_token"])
    assert renewed["refresh_token"] != token["refresh_token"]


def test_it_keeps_the_rotated_refresh_token_and_a_replay_of_the_old_one_ends_the_grant(program: Program) -> None:
    spent = program.exchange(program.landing())["refresh_token"]
    program.session.scope = None
    program.refresh()
    current = program.refresh()["refresh_token"]
    for refresh_token in (spent, current):
        with pytest.raises(InvalidGrantError) as refused:
            program.refresh(refresh_token)
        assert refused.value.description == "expired access/refresh token"


def test_a_person_who_denies_is_its_access_denied(program: Program) -> None:
    with pytest.raises(AccessDeniedError) as denied:
        program.exchange(program.landing(allow=False))
    assert denied.value.description == "end-user denied authorization"


def test_a_landing_address_with_a_foreign_state_is_stopped_before_the_code_is_spent(program: Program) -> None:
    landing = program.landing()
    with pytest.raises(MismatchingStateError):
        program.exchange(f"{landing.rpartition('state=')[0]}state=foreign")
    assert program.exchange(landing)["access_token"]


def test_offline_access_comes_back_as_refresh_token_which_it_takes_for_a_change_after_the_code_is_spent(
    make_program: Callable[..., Program],
) -> None:
    program = make_program(scope=["full", "offline_access"])
    landing = program.landing()
    with pytest.raises(Warning, match="Scope has changed"):
        program.exchange(landing)
    with pytest.raises(InvalidGrantError) as refused:
        program.exchange(landing)
    assert refused.value.description == "expired authorization code"


def test_without_pkce_the_app_of_today_does_not_even_show_the_login_page(
    program: Program,
) -> None:
    url, _state = program.session.authorization_url(f"{program.oauth2}/authorize")
    reply = program.session.get(url, timeout=10, allow_redirects=False)
    assert reply.text == "error=invalid_request&error_description=missing%20required%20code%20challenge"


def test_it_sends_nothing_to_a_plain_address(practice_world: Any, program: Program) -> None:
    with pytest.raises(InsecureTransportError):
        program.session.get(f"{practice_world.my_domain()}/services/data", timeout=10)


def test_its_own_pkce_works_when_the_verifier_has_no_tilde(make_program: Callable[..., Program]) -> None:
    program = make_program(scope=["full", "refresh_token"], pkce="S256")
    landing = program.landing_with_its_own_pkce(tilde=False)
    assert program.exchange(landing, code_verifier=None)["access_token"]


def test_its_own_pkce_fails_about_every_second_time_because_of_the_tilde(
    make_program: Callable[..., Program],
) -> None:
    program = make_program(scope=["full", "refresh_token"], pkce="S256")
    landing = program.landing_with_its_own_pkce(tilde=True)
    with pytest.raises(InvalidGrantError) as refused:
        program.exchange(landing, code_verifier=None)
    assert refused.value.description == "invalid code verifier"
