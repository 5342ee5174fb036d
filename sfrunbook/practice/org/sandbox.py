"""A sandbox refresh: a new org under the same host name, with its users but without the apps made in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sfrunbook.practice.org.entities import App, Login, Org
from sfrunbook.practice.org.ids import make_id
from sfrunbook.practice.org.ledger import Ledger, SetAside
from sfrunbook.practice.org.world import World

__all__ = ["Lost", "give_new_id", "put_sandbox_back", "refresh_sandbox"]


@dataclass(frozen=True, kw_only=True)
class Lost:
    """What the refresh took: enough to have it back in a rehearsal."""

    old_id: str
    new_id: str
    apps: list[App]
    tokens: SetAside
    logins: list[Login]


def refresh_sandbox(world: World, ledger: Ledger, org: Org) -> Lost:
    """Replace the org by a fresh copy.

    Likely: a new org id, and the apps and tokens made in the sandbox are gone; users come again with their ids and
    passwords (guess), and apps that production has are not copied down here (guess: in a real sandbox they are).
    Source: https://sfdx-hardis.github.io/salesforce-sandbox-refresh
    """
    user_ids = {user.user_id for user in world.users.values() if user.org_id == org.org_id}
    apps = [app for app in world.apps.values() if app.org_id == org.org_id]
    lost = Lost(
        old_id=org.org_id,
        new_id=make_id("00D", 0xB0A7 * 1_000 + world.next_serial(), org.org_id[3:6]),
        apps=apps,
        tokens=ledger.set_aside(lambda each: each.user_id in user_ids),
        logins=[login for login in world.logins if login.org_id == org.org_id],
    )
    for app in apps:
        world.remove_app(app.client_id)
    _close_browsers(world, user_ids)
    kept = [login for login in world.logins if login.org_id != org.org_id]
    world.logins.clear()
    world.logins.extend(kept)
    give_new_id(world, lost.old_id, lost.new_id)
    return lost


def put_sandbox_back(world: World, ledger: Ledger, lost: Lost) -> None:
    """The org as it was before the refresh; what was made in the fresh one since then goes."""
    user_ids = {user.user_id for user in world.users.values() if user.org_id == lost.new_id}
    for app in [app for app in world.apps.values() if app.org_id == lost.new_id]:
        world.remove_app(app.client_id)
    ledger.set_aside(lambda each: each.user_id in user_ids)
    _close_browsers(world, user_ids)
    give_new_id(world, lost.new_id, lost.old_id)
    for app in lost.apps:
        world.apps[app.client_id] = app
    ledger.put_back(lost.tokens)
    world.logins.extend(lost.logins)


def give_new_id(world: World, old: str, new: str) -> None:
    """Everything that knows the org by its id knows the new one; the order of the orgs stays."""
    world.orgs = {
        new if org_id == old else org_id: replace(org, org_id=new) if org_id == old else org
        for org_id, org in world.orgs.items()
    }
    world.hosts = tuple(replace(host, org_id=new) if host.org_id == old else host for host in world.hosts)
    for user in list(world.users.values()):
        if user.org_id == old:
            world.change_user(user.user_id, org_id=new)
    for key, each in list(world.permission_sets.items()):
        if each.org_id == old:
            world.permission_sets[key] = replace(each, org_id=new)


def _close_browsers(world: World, user_ids: set[str]) -> None:
    for cookie, session in list(world.sessions.items()):
        if session.user_id in user_ids:
            del world.sessions[cookie]
