from __future__ import annotations

import pytest
from requests.structures import CaseInsensitiveDict
from support.oauth_support import MY_DOMAIN, connection_to
from support.scripted_host import HANG, Answer, ScriptedHost, as_json

from sfrunbook.core.http import Reply
from sfrunbook.core.http_session import open_session
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.salesforce.oauth.probe import CallbackAnswer, probe_callbacks, read_authorize_reply
from sfrunbook.salesforce.oauth.probe_token import CredentialAnswer, probe_credentials

CYCLR = "https://my.cyclr.com/connector/callback"
AUTHORIZE = "/services/oauth2/authorize"
TOKEN = "/services/oauth2/token"
MISMATCH = Answer(400, "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration")
UNKNOWN = Answer(400, "error=invalid_client_id&error_description=client%20identifier%20invalid")
LOGIN_PAGE = Answer(
    200,
    "<script>window.location.replace('/?ec=302&startURL=%2Fsetup%2Fsecur%2FRemoteAccessAuthorizationPage.apexp');</script>",
    {"Content-Type": "text/html"},
)


def reply(status: int = 200, text: str = "", location: str = "") -> Reply:
    headers = CaseInsensitiveDict({"Location": location} if location else {})
    url = f"{MY_DOMAIN}{AUTHORIZE}"
    return Reply(method="GET", url=url, status=status, headers=headers, text=text)


def test_callbacks_are_told_apart_in_the_practice_world(practice_world):
    connection, _ = connection_to(practice_world)
    known = practice_world.app()["callback_urls"][:2]
    with open_session() as session:
        report = probe_callbacks(
            session, connection.login_url, connection.client_id, [*known, "https://acme.example/cb", f"{CYCLR}/"]
        )
    assert [probe.answer for probe in report.callbacks] == [
        CallbackAnswer.REGISTERED,
        CallbackAnswer.REGISTERED,
        CallbackAnswer.NOT_REGISTERED,
        CallbackAnswer.NOT_REGISTERED,
    ]
    assert report.control.answer is CallbackAnswer.NOT_REGISTERED
    assert report.client_id_known is True
    assert report.pkce_required is True


def test_an_app_without_pkce_is_told_from_one_that_demands_it(practice_world):
    connection, _ = connection_to(practice_world, kind="connected_app")
    with open_session() as session:
        report = probe_callbacks(session, connection.login_url, connection.client_id, [CYCLR])
    assert report.callbacks[0].answer is CallbackAnswer.REGISTERED
    assert report.pkce_required is False


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("delivery", ["body", "callback"])
def test_a_demand_for_pkce_is_seen_wherever_and_whenever_it_is_told(fresh_world, delivery, first):
    fresh_world.control("PUT", "/settings", {"pkce_missing_delivery": delivery, "pkce_checked_before_callback": first})
    connection, _ = connection_to(fresh_world)
    with open_session() as session:
        report = probe_callbacks(session, connection.login_url, connection.client_id, [CYCLR])
    assert report.callbacks[0].answer is CallbackAnswer.REGISTERED
    assert report.pkce_required is True


def test_an_unknown_key_is_an_answer_of_its_own(practice_world):
    connection, _ = connection_to(practice_world)
    with open_session() as session:
        report = probe_callbacks(session, connection.login_url, connection.client_id[:-3], [CYCLR])
    assert report.callbacks[0].answer is CallbackAnswer.UNKNOWN_CLIENT
    assert report.callbacks[0].failure.error == "invalid_client_id"
    assert report.client_id_known is False
    assert report.pkce_required is None


def test_a_probe_sends_a_challenge_and_no_cookie_and_leaves_no_login_behind(fresh_world):
    connection, _ = connection_to(fresh_world)
    with open_session() as session:
        probe_callbacks(session, connection.login_url, connection.client_id, [CYCLR])
    assert fresh_world.control("GET", "/logins") == []
    assert fresh_world.control("GET", "/approvals") == []


def probed(*answers: Answer | str, callbacks: tuple[str, ...] = (CYCLR,)):
    """The control is asked first."""
    with ScriptedHost({AUTHORIZE: list(answers)}) as host, open_session(timeout=(2, 0.2), backoff_seconds=0) as session:
        report = probe_callbacks(session, host.origin, "3MVG9canary", callbacks)
    return report, host.asked


def test_every_request_is_the_same_but_for_the_callback_and_the_last_one_has_no_challenge():
    _, asked = probed(MISMATCH, LOGIN_PAGE)
    assert [each.query["redirect_uri"] for each in asked] == [f"{CYCLR}/__not_registered__", CYCLR, CYCLR]
    assert [each.query.get("code_challenge_method") for each in asked] == ["S256", "S256", None]
    assert {each.query["response_type"] for each in asked} == {"code"}
    assert all("Cookie" not in each.headers for each in asked)


def test_a_host_that_takes_every_callback_makes_all_answers_inconclusive():
    report, _ = probed(LOGIN_PAGE)
    assert report.callbacks[0].answer is CallbackAnswer.INCONCLUSIVE
    assert report.callbacks[0].reason == (
        "A test URL that isn't registered was accepted as registered, so this host's replies show nothing."
    )
    assert report.client_id_known is None
    assert report.pkce_required is None


def test_a_control_without_a_clear_answer_makes_a_refusal_inconclusive_too():
    report, _ = probed(Answer(200, "<html>Single sign-on</html>"), MISMATCH)
    assert report.callbacks[0].answer is CallbackAnswer.INCONCLUSIVE
    assert "The reply is unknown (status 200)" in report.callbacks[0].reason


def test_a_key_that_is_known_only_now_and_then_is_inconclusive():
    report, _ = probed(UNKNOWN, LOGIN_PAGE)
    assert report.callbacks[0].answer is CallbackAnswer.INCONCLUSIVE
    assert report.client_id_known is None


@pytest.mark.parametrize(
    ("wanted", "registered"), [(CYCLR, f"{CYCLR}/"), (f"{CYCLR}/", CYCLR)], ids=["with a slash", "without"]
)
def test_a_missing_callback_is_asked_about_once_more_with_the_other_slash(wanted, registered):
    report, asked = probed(MISMATCH, MISMATCH, LOGIN_PAGE, callbacks=(wanted,))
    (probe,) = report.callbacks
    assert (probe.answer, probe.registered_as) == (CallbackAnswer.NOT_REGISTERED, registered)
    assert [each.query["redirect_uri"] for each in asked] == [f"{CYCLR}/__not_registered__", wanted, registered]


def test_a_callback_that_is_missing_either_way_names_no_other():
    report, asked = probed(MISMATCH)
    assert report.callbacks[0].registered_as == ""
    assert [each.query["redirect_uri"] for each in asked][1:] == [CYCLR, f"{CYCLR}/"]


def test_after_the_first_silence_nothing_more_is_asked():
    report, asked = probed(HANG, callbacks=(CYCLR, "https://app-h.cyclr.com/connector/callback"))
    assert [probe.answer for probe in report.callbacks] == [CallbackAnswer.INCONCLUSIVE] * 2
    assert report.callbacks[1].failure.error == "timeout"
    # a GET may be repeated once by the transport
    assert {each.query["redirect_uri"] for each in asked} == {f"{CYCLR}/__not_registered__"}


@pytest.mark.parametrize(
    "given",
    [
        reply(302, location="/?ec=302&startURL=%2Fsetup%2Fsecur%2FRemoteAccessAuthorizationPage.apexp"),
        reply(303, location=f"{MY_DOMAIN}/setup/secur/RemoteAccessAuthorizationPage.apexp?source=CAAAA"),
        reply(302, location=f"{CYCLR}?error=access_denied&error_description=end-user+denied+authorization"),
        reply(200, "location.replace('/s/login/?ec=302&inst=VF')"),
    ],
)
def test_other_forms_of_a_yes_are_known(given):
    assert read_authorize_reply(given, CYCLR).answer is CallbackAnswer.REGISTERED


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (reply(302, location="https://sso.acme.example/saml?ec=302"), "sso.acme.example"),
        (reply(302, location="https://my.cyclr.com.evil.example/connector/callback?error=x"), "evil.example"),
        (
            reply(302, location="/setup/secur/RemoteAccessErrorPage.apexp?error=invalid_client&ec=302"),
            "its own error page with invalid_client",
        ),
        (reply(200, "<a href='RemoteAccessErrorPage.apexp?ec=302'>"), "its own error page"),
        (reply(503, "<html>RemoteAccessAuthorizationPage.apexp maintenance ec=302</html>"), "status 503"),
        (reply(200, "<html>Enter through the door</html>"), "status 200"),
        (reply(400, "error=invalid_request&error_description=missing%20required%20code%20challenge"), "code challenge"),
        (reply(302, location="/secur/frontdoor.jsp"), "status 302"),
    ],
)
def test_anything_else_is_inconclusive_and_says_what_it_was(given, words):
    probe = read_authorize_reply(given, CYCLR)
    assert probe.answer is CallbackAnswer.INCONCLUSIVE
    assert words in probe.reason


def credentials(world, *, client_id: str = "", client_secret: str = "", **changes):
    connection, secret = connection_to(world, **changes)
    with open_session(connection.ca_file) as session:
        return probe_credentials(
            session,
            connection.login_url,
            client_id or connection.client_id,
            Secret(client_secret) if client_secret else secret,
            connection.redirect_uri,
        )


def test_key_and_secret_are_accepted_without_a_login(practice_world):
    assert credentials(practice_world).answer is CredentialAnswer.ACCEPTED


def test_a_wrong_secret_is_told_from_a_wrong_key(practice_world):
    assert credentials(practice_world, client_secret="0" * 64).answer is CredentialAnswer.SECRET_REFUSED
    assert credentials(practice_world, client_id="3MVG9nobody").answer is CredentialAnswer.CLIENT_UNKNOWN


def test_the_key_of_one_org_is_unknown_at_another(practice_world):
    seen = credentials(practice_world, login_url=practice_world.my_domain("second"))
    assert seen.answer is CredentialAnswer.CLIENT_UNKNOWN


def test_a_host_that_looks_at_the_code_before_the_secret_proves_nothing(fresh_world):
    order = ["scope", "client_id", "code", "client_secret", "redirect_uri", "code_verifier"]
    fresh_world.control("PUT", "/settings", {"code_checks": order})
    seen = credentials(fresh_world)
    assert seen.answer is CredentialAnswer.INCONCLUSIVE
    assert seen.reason == "A wrong Consumer Secret got the same reply, so the reply shows nothing."


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(503, "<html>Maintenance</html>"), "web page"),
        (as_json({"error": "redirect_uri_mismatch", "error_description": "x"}, 400), "redirect_uri_mismatch"),
        (as_json({"error": "invalid_grant", "error_description": "ip restricted"}, 400), "ip restricted"),
    ],
)
def test_other_answers_to_the_code_are_inconclusive(answer, words):
    with ScriptedHost({TOKEN: [answer]}) as host, open_session() as session:
        seen = probe_credentials(session, host.origin, "3MVG9canary", Secret("canary-secret"), CYCLR)
    assert seen.answer is CredentialAnswer.INCONCLUSIVE
    assert words in seen.reason
    assert "canary-secret" not in repr(seen)


def test_a_public_client_sends_no_secret_at_all():
    refused = as_json({"error": "invalid_grant", "error_description": "invalid authorization code"}, 400)
    with ScriptedHost({TOKEN: [refused]}) as host, open_session() as session:
        seen = probe_credentials(session, host.origin, "3MVG9canary", None, CYCLR)
    assert seen.answer is CredentialAnswer.ACCEPTED
    assert "client_secret" not in host.asked[0].form
    assert len(host.asked) == 1
