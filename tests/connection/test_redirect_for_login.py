"""A login goes to a callback URL that the app has: the runbook's own is an offer, and no one has to accept it."""

from __future__ import annotations

import pytest
from support.errors import raises_problem
from support.evidence_support import Bench

CONSOLE = "https://my.cyclr.com/connector/callback"
OWN = "http://localhost:17999/callback"


@pytest.fixture
def user(practice_world, tmp_path) -> Bench:
    return Bench(practice_world, tmp_path)


def test_before_any_check_a_login_uses_the_runbooks_own_callback(user):
    assert user.add("acme", redirect_uri=OWN).login.best_redirect_uri() == OWN


def test_a_login_with_the_own_callback_needs_no_value_of_the_partner(user):
    opened = user.add("acme", redirect_uri=OWN)
    opened.change(profile="n8n", variables={})
    with raises_problem("profile-variable-missing"):
        opened.profile.callback_urls(opened.connection.variables)
    pending, _ = opened.login.begin()
    assert pending.redirect_uri == OWN


def test_a_login_uses_the_partners_first_callback_where_the_own_is_not_registered(user):
    opened = user.add("acme", redirect_uri=OWN)
    opened.checks.run("registration")
    assert opened.login.best_redirect_uri() == CONSOLE
    pending, address = user.open("acme").login.begin()
    assert pending.redirect_uri == CONSOLE
    assert "redirect_uri=https%3A%2F%2Fmy.cyclr.com%2Fconnector%2Fcallback" in address


def test_a_partners_callback_that_is_missing_too_is_passed_over(user):
    opened = user.add("acme", redirect_uri=OWN, variables={"console_host": "eu.cyclr.com"})
    opened.checks.note_registration(opened.checks.look_at_registration()[0])
    assert opened.login.best_redirect_uri() == "https://app-h.cyclr.com/connector/callback"


def test_the_own_callback_is_used_again_once_it_is_registered(user):
    opened = user.add("acme", redirect_uri=OWN)
    opened.checks.run("registration")
    path = f"/apps/{opened.connection.client_id}"
    before = user.world.control("GET", path)["callback_urls"]
    user.world.control("POST", path, {"callback_urls": [*before, OWN]})
    try:
        opened.checks.run("registration")
        assert opened.login.best_redirect_uri() == OWN
    finally:
        user.world.control("POST", path, {"callback_urls": before})


def test_what_was_found_of_another_app_decides_nothing(user):
    opened = user.add("acme", redirect_uri=OWN)
    opened.checks.run("registration")
    opened.records.change(client_id="3MVG9" + "a1B2c3D4" * 10)
    assert opened.login.best_redirect_uri() == OWN


def test_a_login_where_no_callback_is_known_to_be_registered_uses_the_own(user):
    opened = user.add(
        "acme", redirect_uri=OWN, variables={"console_host": "eu.cyclr.com", "service_domain": "a.example"}
    )
    opened.checks.run("registration")
    assert opened.login.best_redirect_uri() == OWN
