"""Renewing a grant: what is sent once, what is kept, and what is said where no answer came."""

from __future__ import annotations

import pytest
from support.oauth_support import GOOD, NOW, TOKEN, code_of, grant_at, log_in
from support.scripted_host import DROP, HANG, Answer, ScriptedHost, as_json

from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Stage
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.grants import RefreshToken


def test_a_refresh_rotates_and_saves_before_it_returns(practice_world):
    _, secret, first = log_in(practice_world)
    saved = []
    flow = RefreshToken(client_secret=secret)
    second = flow.request(first, save=saved.append)
    third = flow.request(second, save=saved.append)
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
    failure = error.value.failure
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
    fresh, _ = refreshed(as_json({"access_token": "00D000000000001!canary-fresh"}))
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
    monkeypatch.setattr("sfrunbook.core.http_session._READ_SECONDS", 0.2)
    with pytest.raises(RunbookError) as error:
        refreshed(HANG)
    assert code_of(error) == "refresh-outcome-unknown"


def test_a_refresh_that_was_surely_not_sent_keeps_its_own_cause():
    gone = grant_at("http://127.0.0.1:9")
    with pytest.raises(RunbookError) as error:
        RefreshToken(client_secret=None).request(gone, save=pytest.fail)
    assert error.value.failure.error == "connection-refused"


def test_a_busy_host_refuses_a_refresh_without_an_unknown_outcome():
    with pytest.raises(RunbookError) as error:
        refreshed(Answer(503, "<html><title>Maintenance</title></html>"))
    assert error.value.failure.http_status == 503


def test_a_grant_without_a_refresh_token_asks_nobody():
    with pytest.raises(RunbookError) as error:
        RefreshToken(client_secret=None).request(grant_at("http://127.0.0.1:9", refresh_token=None), save=pytest.fail)
    assert code_of(error) == "no-refresh-token"


@pytest.mark.parametrize("answer", [GOOD | {"id": "https://acme.my.salesforce.com/id/"}, {"access_token": "eyJcanary"}])
def test_a_refresh_that_answers_for_no_org_is_not_saved(answer):
    with pytest.raises(RunbookError) as error:
        refreshed(as_json(answer))
    assert code_of(error) == "tokens-without-org"


def test_a_refresh_that_answers_for_another_org_is_not_saved():
    with pytest.raises(RunbookError) as error:
        refreshed(as_json(GOOD), org_id="00D000000000009AAA")
    assert code_of(error) == "tokens-of-another-org"
