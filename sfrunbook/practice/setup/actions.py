"""The actions of Setup: each changes an app or an org and writes the Setup Audit Trail."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Literal

from sfrunbook.practice.org import credentials
from sfrunbook.practice.org.entities import App, Approval, OrgSwitches, User
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.world import World

__all__ = [
    "apply_pair",
    "block",
    "create_app",
    "delete_app",
    "drop_pair",
    "edit_app",
    "install",
    "migrate",
    "revoke",
    "revoke_all",
    "stage_pair",
    "switch",
]

_SECTION = {"connected_app": "Connected Apps", "external_client_app": "External Client Apps"}
_WORD = {"connected_app": "connected app", "external_client_app": "external client app"}
# What the audit trail calls a changed field; the texts of the trail are guesses.
_FIELD_NAMES = {
    "callback_urls": "Callback URL",
    "scopes": "OAuth scopes",
    "contact_email": "Contact Email",
    "pkce_required": "Require PKCE",
    "permitted_users": "Permitted Users",
    "ip_relaxation": "IP Relaxation",
    "refresh_idle_seconds": "Refresh Token Policy",
    "refresh_lifetime_seconds": "Refresh Token Policy",
    "session_timeout_seconds": "Timeout Value",
    "run_as": "Run As",
}


def create_app(world: World, admin: User, kind: str, changes: dict[str, Any]) -> App:
    """A new app in the admin's org, with a key and a secret; known to the servers after the propagation delay."""
    now = world.clock.time()
    values: dict[str, Any] = {"kind": kind, **changes}
    app = world.add_app(
        App(
            client_id=world.mint.consumer_key(),
            client_secret=world.mint.consumer_secret(),
            org_id=admin.org_id,
            visible_from=now,
            created_at=now,
            created_by=admin.user_id,
            **values,
        )
    )
    _note(world, admin, app, "created", f"Created {_WORD[kind]} {app.name}")
    return app


def edit_app(world: World, admin: User, app: App, changes: dict[str, Any]) -> App:
    """The app with these changes; callbacks, scopes and keys reach the servers after the propagation delay."""
    differing = {name: value for name, value in changes.items() if getattr(app, name) != value}
    if not differing:
        return app
    edited = world.edit_app(app.client_id, **differing)
    named = sorted({_FIELD_NAMES.get(name, name.replace("_", " ")) for name in differing})
    _note(world, admin, edited, "changed", f"Changed {', '.join(named)} of {_WORD[app.kind]} {edited.name}")
    return edited


def migrate(world: World, admin: User, app: App) -> App:
    """A Connected App goes on as a Local External Client App with its key, secret, id and approvals.

    That key and secret are kept is likely, the rest a guess.
    Source: https://sfdx-hardis.github.io/salesforce-sandbox-refresh
    """
    migrated = world.change_app(app.client_id, kind="external_client_app", distribution="local", installed=True)
    _note(world, admin, migrated, "migratedTo", f"Migrated connected app {app.name} to an external client app")
    return migrated


def stage_pair(world: World, admin: User, app: App, renews: str) -> None:
    """Make a second pair ready; `renews` is key, secret or anything else for both. Raises `ValueError`."""
    part: Literal["both", "key", "secret"] = "key" if renews == "key" else "secret" if renews == "secret" else "both"
    credentials.stage(world, app, admin.user_id, part)
    _note(world, admin, app, "stagedCredentialsOf", f"Staged new consumer details of {app.name}")


def apply_pair(world: World, admin: User, app: App) -> None:
    """Put the staged pair in force. Raises `ValueError` or `LookupError`."""
    credentials.rotate_staged(world, app, _last_pair(app))
    _note(world, admin, app, "rotatedCredentialsOf", f"Rotated consumer details of {app.name}")


def drop_pair(world: World, admin: User, app: App) -> None:
    """Delete the staged pair; a rotated one stops working with this. Raises `LookupError`."""
    credentials.drop_staged(world, app, _last_pair(app))
    _note(world, admin, app, "deletedStagedCredentialsOf", f"Deleted staged consumer details of {app.name}")


def _last_pair(app: App) -> str:
    return app.staged[-1].staged_id if app.staged else ""


def delete_app(world: World, admin: User, ledger: Ledger, app: App) -> None:
    """Delete the app with every approval and access token (likely)."""
    _end_all(ledger, app.client_id, everybody_in=None, world=world)
    world.remove_app(app.client_id)
    _note(world, admin, app, "deleted", f"Deleted {_WORD[app.kind]} {app.name}")


def install(world: World, admin: User, app: App, *, wanted: bool) -> None:
    """Install or uninstall an app in the admin's org; users who authorized it before go on (confirmed)."""
    if app.org_id == admin.org_id or (wanted and app.everywhere):
        world.change_app(app.client_id, installed=wanted)
    if app.org_id != admin.org_id:
        _list_in_org(world, admin.org_id, "installed_apps", app.client_id, wanted=wanted)
    word = "Installed" if wanted else "Uninstalled"
    _note(world, admin, app, word.lower(), f"{word} {_WORD[app.kind]} {app.name}")


def block(world: World, admin: User, ledger: Ledger, app: App, *, wanted: bool) -> None:
    """Block or unblock an app in the admin's org. Blocking ends its sessions here, approvals wait (likely)."""
    if app.org_id == admin.org_id or (app.blocked and app.everywhere):
        world.change_app(app.client_id, blocked=wanted)
    if app.org_id != admin.org_id:
        _list_in_org(world, admin.org_id, "blocked_apps", app.client_id, wanted=wanted)
    if wanted:
        for user in world.users.values():
            if user.org_id == admin.org_id:
                ledger.expire_access(client_id=app.client_id, user_id=user.user_id)
    word = "Blocked" if wanted else "Unblocked"
    _note(world, admin, app, word.lower(), f"{word} {_WORD[app.kind]} {app.name}")


def revoke(world: World, actor: User, ledger: Ledger, approval: Approval) -> None:
    """End one approval with its access tokens."""
    ledger.revoke(approval)
    app, owner = world.apps.get(approval.client_id), world.users[approval.user_id]
    name = app.name if app else "a deleted app"
    world.audit(actor.user_id, "revokedOauthToken", "OAuth", f"Revoked {owner.username}'s approval of {name}")


def revoke_all(world: World, admin: User, ledger: Ledger, app: App) -> None:
    """End every approval and session of this app in the admin's org."""
    _end_all(ledger, app.client_id, everybody_in=admin.org_id, world=world)
    world.audit(admin.user_id, "revokedAllOauthTokens", "OAuth", f"Revoked all approvals of {app.name}")


def switch(world: World, admin: User, section: str, changes: dict[str, bool]) -> list[str]:
    """Turn switches of the org; gives the names of those that changed."""
    known = {each.name for each in fields(OrgSwitches)}
    now = world.switches_at(admin.org_id)
    changed = [name for name, value in changes.items() if name in known and getattr(now, name) != value]
    if changed:
        own = world.orgs[admin.org_id].switches
        switches = replace(own, **{name: changes[name] for name in changed})
        world.change_org(admin.org_id, switches=switches)
    for name in changed:
        word = "Enabled" if changes[name] else "Disabled"
        world.audit(admin.user_id, f"org_{name}", section, f"{word} {name.replace('_', ' ')}")
    return changed


def _list_in_org(world: World, org_id: str, field: str, client_id: str, *, wanted: bool) -> None:
    rest = tuple(each for each in getattr(world.orgs[org_id], field) if each != client_id)
    world.change_org(org_id, **{field: (*rest, client_id) if wanted else rest})


def _end_all(ledger: Ledger, client_id: str, *, everybody_in: str | None, world: World) -> None:
    for user in list(world.users.values()):
        if everybody_in in (None, user.org_id):
            ledger.revoke_all(user.user_id, client_id)


def _note(world: World, admin: User, app: App, verb: str, display: str) -> None:
    kind = "ConnectedApplication" if app.kind == "connected_app" else "ExternalClientApplication"
    world.audit(admin.user_id, f"{verb}{kind}", _SECTION[app.kind], display)
