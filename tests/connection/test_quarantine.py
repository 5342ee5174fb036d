"""A refresh whose reply fails the org check: its new tokens are stored, no run uses them, and someone decides."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from support.evidence_support import Bench
from support.oauth_support import GOOD, TOKEN, grant_at
from support.runbook_support import log_in, make_shell, own_callback
from support.scripted_host import ScriptedHost, as_json
from support.widget_support import press

from sfrunbook.connection import open_connection
from sfrunbook.connection.refreshing import refresh_stored
from sfrunbook.core.errors import RunbookError
from sfrunbook.core.model import Status
from sfrunbook.core.secrets.secret import Secret
from sfrunbook.diagnosis.diagnose import diagnosis_of
from sfrunbook.runbook import widgets
from sfrunbook.runbook.forms.stay_connected import decision
from sfrunbook.runbook.sections.stay_connected import StayConnectedSection
from sfrunbook.runbook.state import State
from sfrunbook.salesforce.approvals import OwnApprovals
from sfrunbook.salesforce.oauth.grants import RefreshToken
from sfrunbook.store.secret_place import open_store
from sfrunbook.store.wrapping_key import create_key_file

ADMINISTRATOR = "System Administrator"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
REVOKE = "/services/oauth2/revoke"
NEW = "5Aep861canary-new"
NO_ORG = {name: value for name, value in GOOD.items() if name != "id"} | {"refresh_token": NEW}


def code(call, *args, **kwargs) -> str:
    with pytest.raises(RunbookError) as caught:
        call(*args, **kwargs)
    return caught.value.code


@pytest.fixture
def user(fresh_world, tmp_path) -> Bench:
    """A user whose connection acme has logged in, with Refresh Token Rotation on."""
    made = Bench(fresh_world, tmp_path)
    made.logged_in("acme", profile=ADMINISTRATOR)
    return made


@pytest.fixture
def mixed_up(user) -> Bench:
    """The same user after a refresh whose reply named another org."""
    user.scenario("org-mix-up")
    assert code(user.open("acme").grants.refresh) == "tokens-of-another-org"
    return user


def token_calls(user) -> list[str]:
    return [note for _, path, note in user.asked() if path == TOKEN]


# --- what is stored and what is sent ---------------------------------------------------------------------------------


def test_the_new_tokens_are_stored_in_quarantine_beside_the_grant_before(user):
    before = user.open("acme").grants.stored()
    user.scenario("org-mix-up")
    assert code(user.open("acme").grants.refresh) == "tokens-of-another-org"
    kept = user.open("acme").grants.record()
    other = user.world.org("second")["org_id"]
    assert (kept.grant, kept.sent) == (before, None)
    stored = kept.quarantined
    assert (stored.claimed_org_id, stored.claimed_user_id) == (other, before.user_id)
    assert stored.reason == f"the reply named the org {other} (user {before.user_id}) instead of {before.org_id}"
    assert (stored.grant.org_id, stored.grant.instance_url) == (before.org_id, before.instance_url)
    assert (stored.grant.generation, stored.grant.rotates) == (2, True)
    assert stored.grant.refresh_token not in (None, before.refresh_token)


def test_later_runs_send_nothing_and_the_error_names_both_ways_out(mixed_up):
    mixed_up.clear_journal()
    for opened in (mixed_up.open("acme"), mixed_up.open("acme")):
        with pytest.raises(RunbookError) as caught:
            opened.grants.refresh()
        told = diagnosis_of(caught.value)
        assert told.code == "grant-quarantined"
        assert told.what == ("acme can't be refreshed until you decide about new tokens.")
        assert opened.grants.record().quarantined.reason in told.why
        steps = " ".join(remedy.where for cause in told.causes for remedy in cause.remedies)
        assert "sfrunbook grants resolve acme --accept-new-tokens" in steps
        assert "sfrunbook grants resolve acme --drop-new-tokens" in steps
        assert code(opened.grants.try_refresh_once) == "grant-quarantined"
    assert token_calls(mixed_up) == []
    assert len(mixed_up.world.control("GET", "/approvals")) == 1


def test_the_search_for_secrets_knows_the_new_tokens(mixed_up):
    opened = mixed_up.open("acme")
    stored = opened.grants.record().quarantined.grant
    assert {stored.access_token.reveal(), stored.refresh_token.reveal()} <= set(opened.known_secrets())
    assert stored.refresh_token.reveal() not in repr(opened.grants.record())


def test_without_rotation_nothing_is_spent_and_nothing_is_in_quarantine(fresh_world, tmp_path):
    user = Bench(fresh_world, tmp_path)
    opened = user.logged_in("acme", kind="connected_app")
    user.scenario("org-mix-up")
    assert code(opened.grants.refresh) == "tokens-of-another-org"
    assert (opened.grants.undecided(), opened.grants.quarantined()) == (None, None)
    user.world.control("DELETE", "/scenarios")
    assert opened.grants.refresh().generation == 2


# --- a reply that names no org ---------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path):
    create_key_file(tmp_path / "key")
    return open_store(tmp_path, "acme", {"SFRUNBOOK_KEY_FILE": str(tmp_path / "key")})


def refresh(store):
    flow = RefreshToken(client_secret=Secret("canary-secret"), clock=lambda: NOW)
    return refresh_stored(store, "acme", lambda grant, keep: flow.request(grant, save=keep), now=lambda: NOW)


@pytest.mark.parametrize(
    "changed",
    [{}, {"id": "https://acme.my.salesforce.com/id/"}, {"access_token": "eyJhbGciOi.canary.jwt"}],
    ids=["no id", "id without ids", "no id and a JWT"],
)
def test_new_tokens_of_a_reply_that_names_no_org_are_in_quarantine(store, changed):
    with ScriptedHost({TOKEN: [as_json(NO_ORG | changed)]}) as host:
        store.save(grant_at(host.origin))
        assert code(refresh, store) == "tokens-without-org"
        assert code(refresh, store) == "grant-quarantined"
        assert len(host.asked) == 1
    stored = store.record("acme").quarantined
    assert stored.grant.refresh_token == Secret(NEW)
    assert (stored.at, stored.claimed_org_id, stored.claimed_user_id) == (NOW, "", "")
    assert stored.reason == "the reply named no org"


def test_without_an_identity_url_the_org_is_the_one_that_the_access_token_begins_with(store):
    ours, other = ({"access_token": f"00D00000000000{digit}!canary"} for digit in "19")
    with ScriptedHost(
        {TOKEN: [as_json(NO_ORG | ours), as_json(NO_ORG | other | {"refresh_token": "5Aep861b"})]}
    ) as host:
        store.save(grant_at(host.origin))
        assert refresh(store).refresh_token == Secret(NEW)
        assert code(refresh, store) == "tokens-of-another-org"
    assert store.record("acme").quarantined.claimed_org_id == "00D000000000009"


# --- what someone decides --------------------------------------------------------------------------------------------


def test_accepted_tokens_are_the_grant_and_go_on_being_refreshed(mixed_up):
    opened = mixed_up.open("acme")
    stored = opened.grants.record().quarantined.grant
    mixed_up.clear_journal()
    assert opened.grants.accept_quarantined() == stored
    assert token_calls(mixed_up) == []
    assert (opened.grants.stored(), opened.grants.quarantined()) == (stored, None)
    assert opened.org.api_or_raise().versions()
    mixed_up.world.control("DELETE", "/scenarios")
    assert mixed_up.open("acme").grants.refresh().generation == 3
    assert code(opened.grants.accept_quarantined) == "nothing-to-decide"
    assert code(opened.grants.drop_quarantined, revoking=True) == "nothing-to-decide"


def test_tokens_of_which_salesforce_says_that_they_belong_to_another_org_are_not_accepted(store, user):
    opened = user.open("acme")
    held = opened.grants.stored()
    userinfo = {"user_id": held.user_id, "organization_id": "00D000000000009AAA"}
    script = {TOKEN: [as_json(NO_ORG)], "/services/oauth2/userinfo": [as_json(userinfo)]}
    with ScriptedHost(script) as host:
        store.delete("acme")
        store.save(grant_at(host.origin))
        assert code(refresh, store) == "tokens-without-org"
        assert code(opened.grants.accept_quarantined) == "tokens-of-another-org"
        assert opened.grants.quarantined().grant.refresh_token == Secret(NEW)


def test_dropped_tokens_are_revoked_when_that_is_wanted(mixed_up):
    opened = mixed_up.open("acme")
    assert opened.grants.drop_quarantined(revoking=True) is True
    assert opened.grants.record() is None
    assert mixed_up.world.control("GET", "/approvals") == []
    assert OwnApprovals(mixed_up.folder).all()[0].revoked_at is not None


def test_dropped_tokens_that_are_not_revoked_leave_their_approval_in_the_count(mixed_up):
    opened = mixed_up.open("acme")
    mixed_up.clear_journal()
    assert opened.grants.drop_quarantined(revoking=False) is False
    assert opened.grants.record() is None
    assert [path for _, path, _ in mixed_up.asked() if path in (TOKEN, REVOKE)] == []
    assert OwnApprovals(mixed_up.folder).all()[0].revoked_at is None


@pytest.mark.parametrize("end", ["revoke", "give_up"])
def test_whoever_ends_the_grant_revokes_the_approval_by_the_new_tokens(mixed_up, end):
    opened = mixed_up.open("acme")
    getattr(opened.grants, end)()
    assert opened.grants.record() is None
    assert mixed_up.world.control("GET", "/approvals") == []


def test_a_new_login_ends_the_quarantine(mixed_up):
    mixed_up.world.control("DELETE", "/scenarios")
    opened = mixed_up.open("acme")
    mixed_up.log_in(opened, profile=ADMINISTRATOR)
    assert opened.grants.quarantined() is None
    assert opened.grants.refresh().generation == 2


def test_the_page_says_what_is_in_quarantine(mixed_up, monkeypatch):
    monkeypatch.setenv("SFRUNBOOK_HOME", str(mixed_up.folder))
    monkeypatch.setenv("SFRUNBOOK_KEY_FILE", str(mixed_up.folder / "key"))
    stored = mixed_up.open("acme").grants.quarantined()
    page = State("acme", attended=True)
    StayConnectedSection(page).check()
    found = page.finding("stay_connected", "refresh-is-decided")
    assert (found.status, found.detail) == (
        Status.INCONCLUSIVE,
        f"New tokens need your decision: {stored.reason}",
    )
    form = widgets.stack(*decision(page))
    press(form, "Delete them and log in again")
    assert page.opened.grants.quarantined() is None


# --- by the command line ---------------------------------------------------------------------------------------------


@pytest.fixture
def shell(start_world, tmp_path):
    """A user in a terminal, after a refresh whose reply named another org."""
    with start_world() as world:
        made = make_shell(tmp_path / "user")
        made.add(world, redirect_uri=own_callback(world))
        assert log_in(made, world).returncode == 0
        world.control("POST", "/scenarios/org-mix-up", {})
        assert code(open_connection("acme", made.environ).grants.refresh) == "tokens-of-another-org"
        world.control("DELETE", "/scenarios")
        yield made, world


def said(text: str, label: str) -> list[str]:
    return [line.removeprefix(label).strip() for line in text.splitlines() if line.startswith(label)]


def test_the_commands_show_and_accept_new_tokens_and_print_no_token(shell):
    user, world = shell
    stored = user.store().record("acme").quarantined
    listed, shown = user.run("grants", "list"), user.run("grants", "show", "acme")
    data = user.run("grants", "show", "acme", "--json")
    assert listed.stdout.endswith("  new tokens are in quarantine\n")
    assert said(shown.stdout, "Quarantine") == [
        f"new tokens since {stored.at:%Y-%m-%d %H:%M} UTC, unused until you decide: {stored.reason}"
    ]
    assert said(shown.stdout, "Refresh token") == ["used, not sent again; the new one is in quarantine"]
    owner = {"org_id": world.org()["org_id"], "user_id": stored.grant.user_id}
    assert said(shown.stdout, "Salesforce says") == [
        f"the new tokens belong to org {owner['org_id']}, user {owner['user_id']}"
    ]
    assert said(shown.stdout, "Next")[0] == (
        "New tokens are in quarantine. Decide: sfrunbook grants resolve acme --accept-new-tokens, or --drop-new-tokens."
    )
    told = json.loads(data.stdout)
    assert told["quarantined_belongs_to"] == owner
    assert told["quarantined"]["claimed_org_id"] == world.org("second")["org_id"]
    world.control("POST", "/clock", {"advance_seconds": 5 * 3600})
    run = user.run("check", "acme", "--stage", "data")
    assert run.returncode == 2
    assert "acme can't be refreshed until you decide about new tokens." in run.stdout
    accepted = user.run("grants", "resolve", "acme", "--accept-new-tokens")
    assert accepted.stdout == "acme now uses the new tokens. Next: sfrunbook check acme\n"
    assert user.run("check", "acme", "--stage", "grant").returncode == 0
    texts = (listed.stdout, shown.stdout, data.stdout, run.stdout, run.stderr, accepted.stdout, accepted.stderr)
    secrets = [stored.grant.access_token.reveal(), stored.grant.refresh_token.reveal()]
    assert [text for text in texts for secret in secrets if secret in text] == []


def test_the_command_asks_before_it_revokes_what_it_drops(shell):
    user, world = shell
    both = user.run("grants", "resolve", "acme", "--accept-new-tokens", "--drop-new-tokens")
    assert both.returncode == 2
    dropped = user.run("grants", "resolve", "acme", "--drop-new-tokens", said="y\n")
    assert "Also revoke the approval of acme at Salesforce? It uses 1 of 5." in dropped.stderr
    assert dropped.stdout.strip() == "The login of acme is deleted. Next: sfrunbook login acme"
    assert world.control("GET", "/approvals") == []
    again = user.run("grants", "resolve", "acme", "--drop-new-tokens")
    assert "nothing to decide" in again.stderr
