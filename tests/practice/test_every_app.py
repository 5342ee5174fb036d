"""Every app can be refused alike, the Salesforce CLI's own as well: by scenario, by the control API and in Setup."""

from __future__ import annotations

import pytest
from support.inside import Inside

from sfrunbook.practice.scenarios import SCENARIOS
from sfrunbook.practice.setup import actions

SCENARIOS_OF_APPS = [
    name for name, each in SCENARIOS.items() if "app" in each.parameters and not name.startswith("cyclr-")
]
PARAMETERS = {"pkce-required": {"by": "app"}, "refresh-idle-limit": {"minutes": 30.0}}
OF_CONNECTED_APPS = ("app-uninstalled", "login-history-says-success", "token-without-menu-item")
OF_TOKENS = ("sessions-ended", "revoked-elsewhere", "sixth-approval")
BLOCKED = ("OAUTH_APP_BLOCKED", "this app is blocked by admin")
NOT_INSTALLED = ("invalid_client", "app must be installed into org")
AGES = ({"minutes": 16}, {"minutes": 61}, {"days": 31})


@pytest.fixture(scope="module")
def shared():
    return Inside()


@pytest.fixture
def world(shared):
    shared.practice.reset()
    shared.settle()
    return shared


def apps(world, kind=""):
    return [app.client_id for app in world.world.apps.values() if kind in ("", app.kind)]


def use(world, client_id, short="admin"):
    """Go on as this app, as it was registered, and a user of its org (the first for the CLI's own)."""
    world.app = world.world.apps[client_id]
    org = world.world.orgs.get(world.app.org_id, world.org())
    world.host, world.user = org.my_domain_url, world.find_user(org.name, short)
    return org.name


def token_of_another_app(world, client_id):
    org = use(world, client_id)
    others = (world.find_app(org, kind) for kind in ("connected_app", "external_client_app"))
    world.app = next(app for app in others if app.client_id != client_id)
    return world.grant()["access_token"]


def aged(world, **span):
    """What a grant made now is good for after this time."""
    landed = world.landed()
    if "code" not in landed:
        return landed.get("error", "")
    status, reply = world.exchange(landed["code"])
    if status != 200:
        return world.refused((status, reply))
    world.advance(**span)
    reached = world.reached(reply["access_token"])
    refreshed = world.refused(world.refresh(reply["refresh_token"])) if "refresh_token" in reply else ""
    world.advance(**{name: -value for name, value in span.items()})
    return reached, refreshed


def look(world, kept, foreign):
    """What a program of this app meets: logins of two users, exchanges, refreshes, and what an earlier grant allows.

    Nothing here depends on secrets or times, so that two looks can be compared.
    """
    seen = [world.authorize(code_challenge=None).status, world.reached(kept["access_token"])]
    for token in (kept["access_token"], foreign):
        answer = world.post("/services/oauth2/introspect", token=token, **world.credentials())
        seen.append((answer.status, answer.body.startswith(b'{"active":true')))
    status, reply = world.refresh(kept["refresh_token"])
    seen.append((status, reply.get("error"), "refresh_token" in reply))
    kept.update(reply if status == 200 else {})
    org = next(org.name for org in world.world.orgs.values() if org.my_domain_url == world.host)
    world.user = world.find_user(org, "integration")  # who never approved the app
    seen.append(world.landed().get("error", "code"))
    world.user = world.find_user(org)
    landed = world.landed()
    if "code" in landed:
        status, reply = world.exchange(landed["code"], client_secret=None)
        seen.append((status, reply.get("error"), reply.get("scope"), "refresh_token" in reply))
    return [*seen, landed.get("error", ""), *(aged(world, **span) for span in AGES)]


@pytest.mark.parametrize("name", SCENARIOS_OF_APPS)
def test_a_scenario_is_felt_by_each_app_that_it_changes_and_goes_again(world, name):
    unfelt = []
    for client_id in apps(world, "connected_app" if name in OF_CONNECTED_APPS else ""):
        foreign = token_of_another_app(world, client_id)
        use(world, client_id)
        kept, record = world.grant(), world.world.apps[client_id]
        before = look(world, kept, foreign)
        world.start(name, app=client_id, **PARAMETERS.get(name, {}))
        changed = name in OF_TOKENS or world.world.apps.get(client_id) != record
        if changed and look(world, dict(kept), foreign) == before:
            unfelt.append(record.name)
        world.stop(name)
        assert world.world.apps[client_id] == record
        assert look(world, world.grant(), foreign) == before
    assert unfelt == []


def uninstalled_by_scenario(world):
    world.start("app-uninstalled", app="Salesforce CLI", approvers_too=False)


def uninstalled_by_the_control_api(world):
    assert world.control("POST", "/apps/PlatformCLI", {"installed": False})[0] == 200


def uninstalled_in_setup(world):
    actions.install(world.world, world.find_user(), world.world.apps["PlatformCLI"], wanted=False)


@pytest.mark.parametrize("uninstall", [uninstalled_by_scenario, uninstalled_by_the_control_api, uninstalled_in_setup])
def test_a_standard_user_cannot_log_in_with_the_cli_where_it_is_not_installed(world, uninstall):
    use(world, "PlatformCLI", "integration")
    assert "code" in world.landed()
    uninstall(world)
    assert world.error() == NOT_INSTALLED
    world.host, world.user = world.org("second").my_domain_url, world.find_user("second", "integration")
    assert (world.error() == NOT_INSTALLED) is (uninstall is not uninstalled_in_setup)
    use(world, "PlatformCLI")
    assert "code" in world.landed()


def test_who_approved_the_cli_before_goes_on_after_it_was_uninstalled(world):
    use(world, "PlatformCLI", "integration")
    world.grant()
    world.start("app-uninstalled", app="PlatformCLI")
    assert "code" in world.landed()


def test_a_block_of_the_cli_holds_in_the_org_whose_administrator_pressed_it(world):
    cli = world.world.apps["PlatformCLI"]
    actions.block(world.world, world.find_user(), world.practice.ledger, cli, wanted=True)
    use(world, "PlatformCLI")
    assert world.error() == BLOCKED
    world.host, world.user = world.org("second").my_domain_url, world.find_user("second")
    assert "code" in world.landed()
    actions.block(world.world, world.find_user(), world.practice.ledger, cli, wanted=False)
    use(world, "PlatformCLI")
    assert "code" in world.landed()


def test_unblock_in_setup_lifts_what_the_scenario_blocked(world):
    world.start("app-blocked", app="PlatformCLI")
    use(world, "PlatformCLI")
    assert world.error() == BLOCKED
    actions.block(world.world, world.user, world.practice.ledger, world.app, wanted=False)
    assert "code" in world.landed()
