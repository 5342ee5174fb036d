"""Odd requests to the Setup pages of a logged-in administrator: no page fails and none runs what was typed."""

from __future__ import annotations

from urllib.parse import urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.tails import long_or

from sfrunbook.practice.control.routes import application
from sfrunbook.practice.practice_world import PracticeWorld
from sfrunbook.practice.setup.scopes import SCOPES
from sfrunbook.practice.web import paths
from sfrunbook.practice.web.wire import Call

ORIGINS = tuple(f"http://127.0.0.1:{port}" for port in range(18_101, 18_106))
PRACTICE = PracticeWorld(seed=1, origins=ORIGINS)
HOST = next(host for host in PRACTICE.hosts if host.kind == "my_domain")
SITE = application(PRACTICE, HOST.origin)
ADMIN = next(user for user in PRACTICE.world.users.values() if user.profile == "System Administrator")
COOKIE = PRACTICE.world.open_session(ADMIN)
SESSION = PRACTICE.world.sessions[COOKIE]
PRACTICE.world.change_org(
    ADMIN.org_id,
    switches=type(PRACTICE.world.orgs[ADMIN.org_id].switches)(connected_app_creation=True),
)

APP_IDS = [app.app_id for app in PRACTICE.world.apps.values()]
PATHS = [
    *(value for name, value in vars(paths).items() if name.isupper() and isinstance(value, str) and "{" not in value),
    *(
        paths.app_path(app_id, page)
        for app_id in (*APP_IDS, "x")
        for page in ("view", "edit", "policies", "consumer", "saved", "migrate")
    ),
    *(f"{paths.USAGE}/{app_id}" for app_id in APP_IDS),
    f"{paths.USERS}/{ADMIN.user_id}",
    f"{paths.USERS}/nobody",
]
NAMES = st.sampled_from(
    [
        "name",
        "api_name",
        "contact_email",
        "contact_phone",
        "info_url",
        "description",
        "distribution",
        "oauth",
        "callbacks",
        "certificate",
        "ip_ranges",
        "scope",
        "available",
        "selected",
        "add_scope",
        "remove_scope",
        "save",
        "box_pkce",
        "box_jwt_bearer",
        "box_ip_allowlist",
        "box_client_credentials",
        "permitted_users",
        "ip_relaxation",
        "refresh",
        "amount",
        "unit",
        "timeout",
        "run_as",
        "enabled",
        "pre_authorized",
        "trusted_ip_ranges",
        "start_url",
        "code",
        "verify",
        "resend",
        "retURL",
        "stage",
        "apply",
        "drop",
        "part",
        "app_id",
        "install",
        "uninstall",
        "block",
        "unblock",
        "revoke",
        "revoke_all",
        "support",
        "connected_app_creation",
        "pkce_required",
        "api_access_control",
        "key_rotation",
    ]
)
KNOWN = [
    *SCOPES,
    *APP_IDS,
    ADMIN.username,
    "1",
    "",
    "local",
    "self",
    "admin",
    "enforce",
    "infinite",
    "specific_lifetime",
    "specific_inactivity",
    "days",
    "15",
    "https://a.example/cb",
    "http://[::1/",
    "//evil.example",
    "me@example.com",
    "10.0.0.0/8",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
    "<script>alert(1)</script>",
    "x" * 3_000,
    "\x00\ud800",
]
VALUES = st.one_of(st.sampled_from(KNOWN), st.text(max_size=20))
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=14)


@given(
    method=st.sampled_from(["GET", "POST", "POST", "POST", "HEAD", "PUT"]),
    path=st.sampled_from(PATHS),
    query=PAIRS,
    form=PAIRS,
    with_token=st.sampled_from([True, True, True, False]),
    confirmed=st.booleans(),
)
@settings(max_examples=long_or(500, 100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_request_makes_a_setup_page_fail(method, path, query, form, with_token, confirmed):
    SESSION.identity_confirmed_until = PRACTICE.clock.time() + (60 if confirmed else -60)
    pairs = [*form, ("csrf", SESSION.csrf)] if with_token else form
    call = Call(
        method=method,
        path=path,
        query=urlencode(query, errors="replace"),
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "cookie": f"sid_{HOST.port}={COOKIE}",
        },
        body=urlencode(pairs, errors="replace").encode(),
        host=HOST,
    )
    answer = SITE.answer(call)
    assert answer.status in (200, 302, 403, 404, 405)
    assert b"<script" not in answer.body
    for name, value in answer.headers:
        assert b"\r" not in name + value
        assert b"\n" not in name + value
    for app in PRACTICE.world.apps.values():
        assert len("\n".join(app.callback_urls)) <= 2_000
        assert len(app.staged) <= 1
