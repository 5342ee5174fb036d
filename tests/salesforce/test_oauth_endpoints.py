"""Tokens looked at and revoked, and that nothing of a login is left in logs or in the environment."""

from __future__ import annotations

import json
import logging
import os
import threading

import pytest
from support.oauth_support import grant_at, log_in
from support.scripted_host import Answer, ScriptedHost

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.http_session import open_session
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.endpoints import introspect, is_accepted, revoke
from sfrunbook.salesforce.oauth.grants import RefreshToken


def test_tokens_can_be_looked_at_and_revoked(practice_world):
    _, secret, grant = log_in(practice_world)
    with open_session() as session:
        access = introspect(session, grant, secret)
        refresh = introspect(session, grant, secret, refresh_token=True)
        assert is_accepted(session, grant) is True
        assert revoke(session, grant) is True
        assert revoke(session, grant) is False
        after = introspect(session, grant, secret, refresh_token=True)
        assert is_accepted(session, grant) is False
    assert access.active
    assert refresh.active
    assert access.expires_at > grant.issued_at
    assert not after.active


def test_an_introspection_with_a_wrong_secret_is_an_error_and_not_an_inactive_token(practice_world):
    _, _, grant = log_in(practice_world)
    with open_session() as session, pytest.raises(RunbookError) as error:
        introspect(session, grant, Secret("0" * 64))
    assert error.value.failure.error == "invalid_client"


def test_a_revocation_that_fails_otherwise_is_raised():
    with (
        ScriptedHost({"/services/oauth2/revoke": [Answer(503, "<html></html>")]}) as host,
        open_session() as session,
        pytest.raises(RunbookError) as error,
    ):
        revoke(session, grant_at(host.origin))
    assert error.value.failure.evidence["during"] == "revoke"
    assert host.asked[0].form == {"token": "5Aep861canary-refresh"}


def test_nothing_of_a_whole_login_is_left_in_debug_logs(practice_world, caplog):
    for name in ("requests_oauthlib", "oauthlib", "urllib3", ""):
        caplog.set_level(logging.DEBUG, logger=name)
    _, secret, first = log_in(practice_world)
    second = RefreshToken(client_secret=secret).request(first, save=lambda _: None)
    with open_session() as session:
        assert is_accepted(session, second)
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
