"""The pages that a person meets between the authorize address and the callback."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

import pytest

from sfrunbook.practice.visitor import VisitRefused, visit

NAVIGATION = re.compile(r"window\.location\.replace\('([^']+)'\)")


def login_page(steps, **changes):
    return steps.get(NAVIGATION.search(steps.authorize(**changes).text)[1])


def log_in(steps, page, password=None):
    start_url = unescape(re.search(r'name="startURL" value="([^"]*)"', page.text)[1])
    sent = {"username": steps.user["username"], "pw": password or steps.user["password"], "startURL": start_url}
    return steps.session.post(f"{steps.host}/", data=sent, allow_redirects=False, timeout=10)


def test_a_login_hint_fills_in_the_user_name(steps):
    page = login_page(steps, login_hint='a"<b>@example.com')
    assert 'value="a&#34;&lt;b&gt;@example.com"' in page.text


def test_a_wrong_password_is_said_on_the_page_and_sets_no_cookie(steps):
    reply = log_in(steps, login_page(steps), password="wrong")
    assert reply.status_code == 200
    assert "Please check your username and password." in unescape(reply.text)
    assert "set-cookie" not in reply.headers


def test_the_session_cookie_is_named_after_the_port_and_hidden_from_scripts(steps):
    cookie = log_in(steps, login_page(steps)).headers["set-cookie"]
    assert cookie.startswith(f"sid_{urlsplit(steps.host).port}=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax")


def test_the_consent_page_names_the_app_and_what_it_asks_for(steps):
    consent = steps.get(log_in(steps, login_page(steps)).headers["location"])
    assert "<h1>Allow Access?</h1>" in consent.text
    assert "<strong>Cyclr</strong>" in consent.text
    assert "Full access" in consent.text
    assert "Perform requests at any time" in consent.text
    assert ">Deny</button>" in consent.text
    assert ">Allow</button>" in consent.text


def test_consent_without_the_pages_own_token_gives_no_code(steps):
    consent = steps.get(log_in(steps, login_page(steps)).headers["location"])
    source = re.search(r'name="source" value="([^"]*)"', consent.text)[1]
    reply = steps.session.post(
        consent.url.partition("?")[0], data={"source": source, "save": "Allow"}, allow_redirects=False, timeout=10
    )
    assert reply.status_code == 200
    assert "The page is too old." in reply.text


def test_with_a_session_authorize_goes_straight_to_the_consent_page_unless_a_login_is_asked_for(steps):
    log_in(steps, login_page(steps))
    assert steps.authorize().status_code == 302
    again = steps.authorize(prompt="login")
    assert again.status_code == 200
    page = steps.get(NAVIGATION.search(again.text)[1])
    assert "Log In" in page.text
    start_url = unescape(re.search(r'name="startURL" value="([^"]*)"', page.text)[1])
    assert steps.get(start_url).headers["location"].startswith("/?ec=302"), "the old session must not do"
    assert "Allow Access?" in steps.get(log_in(steps, page).headers["location"]).text


def test_a_login_leads_to_no_other_site(steps):
    for start_url in ("//evil.example/", "https://evil.example/", "/\\evil.example", "/\t/evil.example"):
        sent = {"username": steps.user["username"], "pw": steps.user["password"], "startURL": start_url}
        reply = steps.session.post(f"{steps.host}/", data=sent, allow_redirects=False, timeout=10)
        assert reply.headers["location"] == "/"


def test_logging_out_ends_the_session(steps):
    log_in(steps, login_page(steps))
    assert "You are logged in as" in steps.get("/").text
    steps.get("/secur/logout.jsp")
    assert "You are logged in as" not in steps.get("/").text
    assert steps.authorize().status_code == 200


def test_users_of_another_org_cannot_log_in_here(steps):
    other = steps.world.user("second")
    with pytest.raises(VisitRefused, match="check your username and password"):
        visit(steps.authorize_url(), other["username"], other["password"])


def test_a_frozen_user_cannot_log_in(fresh):
    fresh.world.control("POST", f"/users/{fresh.user['username']}", {"is_frozen": True})
    with pytest.raises(VisitRefused, match="check your username and password"):
        fresh.land()
    assert fresh.world.control("GET", "/logins")[-1]["status"] == "User is Frozen"


def test_an_app_name_runs_no_script(fresh):
    fresh.policies(name="<script>alert(1)</script>")
    consent = fresh.get(log_in(fresh, login_page(fresh)).headers["location"])
    assert "<script>" not in consent.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in consent.text


def test_the_visitor_says_why_it_could_not_go_on(steps):
    with pytest.raises(VisitRefused, match=r"invalid_client_id \(client identifier invalid\)"):
        visit(steps.authorize_url(client_id="nobody"), "nobody", "nothing")


def test_the_landing_pages_for_apps_without_their_own_exist(steps):
    for path in ("/services/oauth2/success", "/services/oauth2/callback?code=x"):
        assert "Remote Access Authorized" in steps.get(path).text
