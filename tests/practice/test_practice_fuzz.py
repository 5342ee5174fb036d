"""Odd requests: whatever is sent, a host answers with one of its own statuses and never fails."""

from __future__ import annotations

from urllib.parse import urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.tails import long_or

from sfrunbook.practice.control.routes import application
from sfrunbook.practice.practice_world import PracticeWorld
from sfrunbook.practice.web.wire import Call

ORIGINS = tuple(f"http://127.0.0.1:{port}" for port in range(18_001, 18_006))
PRACTICE = PracticeWorld(seed=1, origins=ORIGINS)
SITES = {host.origin: application(PRACTICE, host.origin) for host in PRACTICE.hosts}
READY = PRACTICE.ready_line()
APPS = [app for org in READY["orgs"] for app in org["apps"]]
USERS = [user for org in READY["orgs"] for user in org["users"]]

PATHS = [
    "/",
    *(
        f"/services/oauth2/{name}"
        for name in ("authorize", "token", "revoke", "introspect", "userinfo", "singleaccess", "success")
    ),
    "/setup/secur/RemoteAccessAuthorizationPage.apexp",
    "/setup/secur/RemoteAccessErrorPage.apexp",
    "/secur/frontdoor.jsp",
    "/secur/logout.jsp",
    "/id/00DgK0000000BlPUAU/005gK0000000001QAA",
    "/id/x/y",
    "/.well-known/openid-configuration",
    "/services/data/v68.0/query",
    "/nothing",
    "/clock",
    "/settings",
    "/apps",
    "/tokens/expire",
]
NAMES = st.sampled_from(
    [
        "grant_type",
        "client_id",
        "client_secret",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "assertion",
        "scope",
        "token",
        "callback",
        "response_type",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "display",
        "state",
        "startURL",
        "username",
        "pw",
        "source",
        "save",
        "csrf",
        "otp",
        "immediate",
        "login_hint",
        "oauth_token",
        "error",
        "error_description",
    ]
)
KNOWN = [
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "password",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "code",
    "S256",
    "true",
    "eyJhbGciOiJSUzI1NiJ9.e30.AA",
    "http://localhost:1717/OauthRedirect",
    *(app["client_id"] for app in APPS),
    *(app["client_secret"] for app in APPS),
    *(user["username"] for user in USERS),
    *(user["password"] for user in USERS),
]
VALUES = st.one_of(st.sampled_from(KNOWN), st.text(max_size=30), st.just("\r\nX-Evil: 1"), st.just("<script>"))
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
TYPES = st.sampled_from(
    [
        "",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "multipart/form-data",
        "application/json",
    ]
)
BODIES = {
    "null": b'{"advance_seconds": null}',
    "deep": b"[" * 200_000,
    "odd": b'{"advance_seconds": 1e999, "set": "x", "org": {}, "username": [], "name": 1}',
}
AUTHORIZATIONS = st.one_of(
    st.sampled_from(["", "Basic", "Basic ???", "Basic Og==", "Basic /////w==", "Bearer", "Bearer x", "OAuth \u00e9"]),
    st.text(alphabet=st.characters(max_codepoint=255), max_size=20),
)


@given(
    origin=st.sampled_from(ORIGINS),
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]),
    path=st.one_of(st.sampled_from(PATHS), st.text(max_size=20).map(lambda text: f"/{text}")),
    query=PAIRS,
    form=PAIRS,
    raw=st.one_of(st.none(), st.binary(max_size=60), st.sampled_from(["null", "deep", "odd"])),
    kind=TYPES,
    authorization=AUTHORIZATIONS,
)
@settings(max_examples=long_or(600, 150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_request_makes_a_host_fail(origin, method, path, query, form, raw, kind, authorization):
    host = next(each for each in PRACTICE.hosts if each.origin == origin)
    headers = {"content-type": kind, "authorization": authorization}
    body = BODIES.get(raw, raw) if raw is not None else urlencode(form, errors="replace").encode()
    call = Call(
        method=method,
        path=path,
        query=urlencode(query, errors="replace"),
        headers={name: value for name, value in headers.items() if value},
        body=body,
        host=host,
    )
    answer = SITES[origin].answer(call)
    assert answer.status in (200, 302, 400, 401, 403, 404, 405)
    for name, value in answer.headers:
        assert b"\r" not in name + value
        assert b"\n" not in name + value
    assert (
        b"<script>" not in answer.body
        or b"redirectOnLoad" in answer.body
        or b"application/json" in dict(answer.headers).get(b"content-type", b"")
    )
