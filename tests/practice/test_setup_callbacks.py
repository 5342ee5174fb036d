"""The rules of the Callback URL box and of API names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfrunbook.practice.org.world import api_name_from
from sfrunbook.practice.setup.app_form import _API_NAME
from sfrunbook.practice.setup.callbacks import addresses_in, callback_errors

HOSTS = ("localhost",)


@pytest.mark.parametrize(
    "text",
    [
        "https://my.cyclr.com/connector/callback",
        "https://my.cyclr.com/connector/callback\n\n  https://app-h.cyclr.com/connector/callback  ",
        "http://localhost:17171/callback",
        "http://localhost/callback",
        "HTTP://LOCALHOST:1/x",
        "myapp://oauth/done",
        "com.example.app:/oauth",
        "https://example.com/a?b=c&d=/e",
        "https://" + "a" * 1991 + "/",
    ],
)
def test_these_callbacks_are_taken(text):
    assert callback_errors(text, HOSTS) == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "Callback URL: You must enter a value"),
        (" \n ", "Callback URL: You must enter a value"),
        (
            "http://example.com/",
            "Callback URL, line 1: Use https, or a custom scheme. http is allowed for localhost only.",
        ),
        (
            "https://a.example\nhttp://127.0.0.1:17171/callback",
            "Callback URL, line 2: Use https, or a custom scheme. http is allowed for localhost only.",
        ),
        (
            "http://localhost.example.com/",
            "Callback URL, line 1: Use https, or a custom scheme. http is allowed for localhost only.",
        ),
        ("https://a.example/x, https://b.example/x", "Callback URL, line 1: Enter one URL per line."),
        ("https://a.example/x https://b.example/x", "Callback URL, line 1: Enter one URL per line."),
        (
            "my.cyclr.com/connector/callback",
            "Callback URL, line 1: A URL begins with https:// or a custom scheme, such as myapp://.",
        ),
        ("https:///callback", "Callback URL, line 1: This is not a URL."),
        ("https:callback", "Callback URL, line 1: This is not a URL."),
        ("https://a.example:port/", "Callback URL, line 1: This is not a URL."),
        (
            "https://*.example.com/",
            "Callback URL, line 1: Enter the full host, without a wildcard or a user name.",
        ),
        (
            "https://a@b.example/",
            "Callback URL, line 1: Enter the full host, without a wildcard or a user name.",
        ),
        ("https://a.example/#x", "Callback URL, line 1: A Callback URL can't have a fragment (#)."),
        ("https://a.example/a b", "Callback URL, line 1: A URL can't contain spaces."),
        ("javascript:alert(1)", "Callback URL, line 1: The scheme javascript is not allowed."),
        ("myapp:", "Callback URL, line 1: Enter an address after the scheme."),
        (
            "https://" + "a" * 1992 + "/",
            "Callback URL: 2,001 characters are too many. All URLs together can have 2,000.",
        ),
    ],
)
def test_these_callbacks_are_refused(text, error):
    assert callback_errors(text, HOSTS) == [error]


def test_which_hosts_may_have_http_can_be_set():
    assert callback_errors("http://127.0.0.1:9/cb", ("localhost", "127.0.0.1")) == []


@given(st.text())
def test_no_text_in_the_box_makes_the_check_fail(text):
    errors = callback_errors(text, HOSTS)
    assert errors or all("\n" not in each for each in addresses_in(text))


@given(st.text(min_size=1))
def test_a_name_gives_an_api_name_that_keeps_the_rules_or_none(name):
    made = api_name_from(name)
    assert made == "" or _API_NAME.fullmatch(made)


@pytest.mark.parametrize(
    ("name", "api_name"),
    [
        ("Cyclr", "Cyclr"),
        ("Cyclr (Connected App)", "Cyclr_Connected_App"),
        ("  __a--b__ ", "a_b"),
        ("3 apples", "X3_apples"),
        ("\u00fc", ""),
    ],
)
def test_api_names_follow_from_names(name, api_name):
    assert api_name_from(name) == api_name
