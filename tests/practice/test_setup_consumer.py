"""Consumer details: the identity challenge in front of them, and the staged pair."""

from __future__ import annotations

import re

import pytest
from support.setup_forms import CYCLR

from sfrunbook.practice.org import credentials
from sfrunbook.practice.practice_world import PracticeWorld
from sfrunbook.practice.web import paths


def consumer_path(admin, name="Cyclr"):
    return admin.app(name).reply.url.removesuffix("view") + "consumer"


def code_in(page):
    return page.link("practice mailbox").words.partition("Verification Code: ")[2][:6]


def details(admin, name="Cyclr"):
    page = admin.open(consumer_path(admin, name))
    return admin.pass_challenge(page) if page.title == "Verify Your Identity" else page


def test_key_and_secret_are_shown_after_the_challenge_only(fresh, admin):
    app = admin.app("Cyclr")
    challenge = app.link("Consumer Key and Secret")
    assert challenge.title == "Verify Your Identity"
    assert "a****@first.practice.example" in challenge.words
    for page in (app, challenge, admin.open(paths.APP_MANAGER)):
        assert fresh.app["client_secret"] not in page.reply.text
        assert fresh.app["client_id"] not in page.reply.text
    shown = admin.pass_challenge(challenge)
    assert shown.title == "Consumer Key and Secret"
    assert (shown.value("Consumer Key"), shown.value("Consumer Secret")) == tuple(fresh.app.values())[2:4]


def test_a_connected_app_calls_it_manage_consumer_details(reader):
    app = reader.app("Cyclr (Connected App)")
    assert app.has("Manage Consumer Details")
    assert app.link("Manage Consumer Details").title == "Verify Your Identity"


def test_wrong_codes_are_refused_and_use_the_code_up(fresh, admin):
    page = admin.open(consumer_path(admin))
    code = code_in(page)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(4):
        page = page.press("Verify", {"Verification Code": wrong})
        assert page.soup.find(id="code-error").get_text() == "Invalid or expired verification code. Try again."
    page = page.press("Verify", {"Verification Code": wrong})
    assert page.soup.find(id="code-error").get_text().startswith("That was one wrong code too many.")
    page = page.press("Verify", {"Verification Code": code})
    assert page.soup.find(id="code-error").get_text().startswith("This verification code has expired.")
    page = page.press("Resend Code")
    assert page.press("Verify", {"Verification Code": code_in(page)}).title == "Consumer Key and Secret"


def test_a_code_expires(fresh, admin):
    page = admin.open(consumer_path(admin))
    code = code_in(page)
    fresh.advance(601)
    page = page.press("Verify", {"Verification Code": code})
    assert page.soup.find(id="code-error").get_text().startswith("This verification code has expired.")


def test_looking_again_sends_no_second_code_while_the_first_lives(fresh, admin):
    page = admin.open(consumer_path(admin))
    code = code_in(page)
    again = admin.open(consumer_path(admin))
    assert code_in(again) == code
    assert len(re.findall("Verification Code", admin.open(paths.MAILBOX).words)) == 1


def test_a_passed_challenge_counts_for_a_while_and_for_this_browser_only(fresh, admin, browser_at):
    details(admin)
    assert admin.open(consumer_path(admin)).title == "Consumer Key and Secret"
    other = browser_at(fresh.host)
    other.log_in(fresh.user)
    assert other.open(consumer_path(other)).title == "Verify Your Identity"
    fresh.advance(301)
    assert admin.open(consumer_path(admin)).title == "Verify Your Identity"


def test_a_mailbox_holds_only_its_users_mail(fresh, admin, browser_at):
    code = code_in(admin.open(consumer_path(admin)))
    other = browser_at(fresh.host)
    other.log_in(fresh.world.user(profile="Standard User"), "/")
    assert "You have no e-mail." in other.open(paths.MAILBOX).words
    assert code not in other.open(paths.MAILBOX).words


def test_the_challenge_leads_to_no_other_site(admin):
    page = admin.open(f"{paths.IDENTITY}?retURL=//evil.example/")
    assert admin.pass_challenge(page).reply.url == f"{admin.host}/"


# the staged pair


def test_a_staged_pair_does_nothing_until_it_is_applied(fresh, admin, refused):
    token = fresh.grant()
    page = details(admin).press("Generate")
    new = {"client_id": page.value("Staged Consumer Key"), "client_secret": page.value("Staged Consumer Secret")}
    assert page.soup.find(id="staged-state").get_text() == "Active"
    assert page.value("Consumer Key") == fresh.app["client_id"]
    assert "error=invalid_client_id" in fresh.authorize(client_id=new["client_id"]).text
    assert refused(fresh.refresh(token["refresh_token"], client_secret=new["client_secret"])) == (
        400,
        "invalid_client",
        "invalid client credentials",
    )
    token = fresh.refresh(token["refresh_token"]).json()

    page = page.press("Apply")
    assert (page.value("Consumer Key"), page.value("Consumer Secret")) == tuple(new.values())
    assert page.soup.find(id="staged-state").get_text() == "Rotated"
    assert page.value("Staged Consumer Key") == fresh.app["client_id"]
    old, fresh.app = fresh.app, new
    token = fresh.refresh(token["refresh_token"]).json()
    assert fresh.is_alive(token["access_token"]), "approvals belong to the app, not to its key"
    assert fresh.grant()["scope"] == "refresh_token full"
    assert fresh.authorize(client_id=old["client_id"]).status_code == 200, "the old pair works until it is deleted"

    page = page.press("Delete")
    assert page.soup.find(id="staged-state") is None
    assert "error=invalid_client_id" in fresh.authorize(client_id=old["client_id"]).text
    assert fresh.grant()["scope"] == "refresh_token full"


@pytest.mark.parametrize(("part", "changes"), [("Secret only", (False, True)), ("Key only", (True, False))])
def test_the_key_or_the_secret_can_be_renewed_alone(fresh, admin, part, changes):
    page = details(admin).press("Generate", {part: True}).press("Apply")
    now = (page.value("Consumer Key"), page.value("Consumer Secret"))
    before = (fresh.app["client_id"], fresh.app["client_secret"])
    assert tuple(new != old for new, old in zip(now, before, strict=True)) == changes
    fresh.app = dict(zip(("client_id", "client_secret"), now, strict=True))
    assert fresh.grant()["scope"] == "refresh_token full"


def test_a_deleted_rotated_secret_is_refused(fresh, admin, refused):
    token = fresh.grant()
    details(admin).press("Generate", {"Secret only": True}).press("Apply").press("Delete")
    assert refused(fresh.refresh(token["refresh_token"])) == (400, "invalid_client", "invalid client credentials")


def test_a_staged_pair_that_waits_for_30_days_has_expired(fresh, admin):
    details(admin).press("Generate")
    fresh.advance(30 * 86_400 + 1)
    admin.log_in(fresh.user)
    page = details(admin)
    assert page.soup.find(id="staged-state").get_text() == "Expired"
    assert not page.has("Apply")


def test_a_rotated_key_and_secret_reach_the_servers_after_the_delay(fresh, admin, refused):
    token = fresh.grant()
    fresh.settings(propagation_delay_seconds=600)
    page = details(admin).press("Generate").press("Apply")
    new = {"client_id": page.value("Consumer Key"), "client_secret": page.value("Consumer Secret")}
    assert "error=invalid_client_id" in fresh.authorize(client_id=new["client_id"]).text
    token = fresh.refresh(token["refresh_token"]).json()
    fresh.advance(601)
    fresh.app = new
    assert fresh.refresh(token["refresh_token"]).status_code == 200


def test_a_renewed_secret_reaches_the_servers_after_the_delay(fresh, admin, refused):
    token = fresh.grant()
    fresh.settings(propagation_delay_seconds=600)
    page = details(admin).press("Generate", {"Secret only": True}).press("Apply")
    secret = page.value("Consumer Secret")
    early = refused(fresh.refresh(token["refresh_token"], client_secret=secret))
    assert early == (400, "invalid_client", "invalid client credentials")
    token = fresh.refresh(token["refresh_token"]).json()
    fresh.advance(601)
    assert fresh.refresh(token["refresh_token"], client_secret=secret).status_code == 200


def test_rotation_can_be_switched_off(fresh, admin):
    admin.open(paths.ECA_SETTINGS).press("Save", {"Allow consumer key and secret rotation": False})
    page = details(admin)
    assert not page.has("Generate")
    assert "Consumer key and secret rotation is not allowed in this org" in page.words
    assert CYCLR[0] not in page.words


def test_an_app_that_another_org_has_blocked_stays_blocked_under_its_new_key():
    origins = tuple(f"http://127.0.0.1:{port}" for port in range(18_301, 18_306))
    world = PracticeWorld(seed=1, origins=origins).world
    app = next(app for app in world.apps.values() if app.kind == "connected_app" and app.org_id)
    other = next(org_id for org_id in world.orgs if org_id != app.org_id)
    world.change_org(other, blocked_apps=(app.client_id,))
    pair = credentials.stage(world, app, "nobody")
    credentials.rotate_staged(world, world.apps[app.client_id], pair.staged_id)
    assert world.is_blocked(world.apps[pair.client_id], other)
