"""The world at its start: two orgs, their users, and the apps that a partner integration needs."""

from __future__ import annotations

from typing import Any

from sfrunbook.practice.org.clock import Clock
from sfrunbook.practice.org.entities import App, Host, Org, PermissionSet, User
from sfrunbook.practice.org.ids import make_id
from sfrunbook.practice.org.settings import Settings
from sfrunbook.practice.org.tokens import Mint
from sfrunbook.practice.org.world import World

__all__ = ["build_world", "hosts_on", "local_apps", "ready_line"]

_CYCLR_CALLBACKS = ("https://my.cyclr.com/connector/callback", "https://app-h.cyclr.com/connector/callback")
_LOCAL_SEED = 1_000_003  # so that no usual seed gives these keys to other apps
_LOCAL_APPS = ("Cyclr Practice (Connected App)", "Cyclr Practice")
#: the boxes of an app from before PKCE and rotation
_OLDER: dict[str, Any] = {"pkce_required": False, "rotates_refresh_token": False, "refresh_idle_seconds": None}
_LOOPBACK = (
    *(f"http://localhost:{port}/callback" for port in range(17171, 17176)),
    "http://localhost:1717/OauthRedirect",
)
_ORGS = (
    ("first", "production", "Northwind Outfitters", "Enterprise Edition", "NA224", "gK0"),
    ("second", "sandbox", "Northwind Outfitters Sandbox", "Enterprise Edition", "CS42", "Ut0"),
)
# A number of its own for each org, so that records and OAuth speak of the same ids.
_ADMIN, _INTEGRATION = 1, 2


def hosts_on(origins: tuple[str, ...]) -> tuple[Host, ...]:
    """The hosts of Salesforce for these addresses: login, test, My Domain of each org; and the control API's."""
    login, test, first, second, control = origins
    return (
        Host(kind="login", origin=login),
        Host(kind="test", origin=test),
        Host(kind="my_domain", origin=first, org_id=_org_id("gK0", 1)),
        Host(kind="my_domain", origin=second, org_id=_org_id("Ut0", 2)),
        Host(kind="control", origin=control),
    )


def _org_id(pod: str, number: int) -> str:
    return make_id("00D", 0xB0A7 * number, pod)


def build_world(
    *, seed: int, clock: Clock, hosts: tuple[Host, ...], settings: Settings, partner_callbacks: tuple[str, ...] = ()
) -> World:
    """A fresh world; the same seed gives the same ids, keys, secrets and passwords.

    `partner_callbacks` are those of the practice Cyclr, if there is one.
    """
    world = World(seed=seed, clock=clock, hosts=hosts, settings=settings)
    my_domains = [host for host in hosts if host.kind == "my_domain"]
    for (name, kind, company, edition, instance, pod), host in zip(_ORGS, my_domains, strict=True):
        org = Org(
            org_id=host.org_id,
            name=name,
            company=company,
            kind="sandbox" if kind == "sandbox" else "production",
            edition=edition,
            instance_name=instance,
            my_domain_url=host.origin,
        )
        world.orgs[org.org_id] = org
        _add_users(world, org, pod)
        _add_permission_sets(world, org, pod)
        _add_apps(world, org, partner_callbacks)
    if partner_callbacks:
        _add_local_apps(world, partner_callbacks)
    cli = world.add_app(_platform_cli())
    for org in list(world.orgs.values()):
        world.change_org(org.org_id, installed_apps=(cli.client_id,))
    return world


def _add_users(world: World, org: Org, pod: str) -> None:
    rows = (
        (_ADMIN, "admin", "Ada", "Administrator", "System Administrator"),
        (_INTEGRATION, "integration", "Ira", "Integration", "Standard User"),
    )
    for number, short, first, last, profile in rows:
        user = User(
            user_id=make_id("005", number, pod),
            org_id=org.org_id,
            username=f"{short}@{org.name}.practice.example",
            password=world.mint.password(),
            first_name=first,
            last_name=last,
            email=f"{short}@{org.name}.practice.example",
            profile=profile,
        )
        world.users[user.user_id] = user


def _add_permission_sets(world: World, org: Org, pod: str) -> None:
    """Two sets that no user has yet: one to let users in by an app's policy, one that opens uninstalled apps."""
    sets = (
        ("Cyclr_Integration", "Cyclr Integration", ("ApiEnabled",)),
        ("Approve_Uninstalled_Apps", "Approve Uninstalled Apps", ("ApproveUninstalledConnectedApps",)),
    )
    for number, (name, label, permissions) in enumerate(sets, start=1):
        permission_set = PermissionSet(
            permission_set_id=make_id("0PS", number, pod),
            org_id=org.org_id,
            name=name,
            label=label,
            permissions=permissions,
        )
        world.permission_sets[permission_set.permission_set_id] = permission_set


def _add_apps(world: World, org: Org, partner_callbacks: tuple[str, ...]) -> None:
    _add_app(
        world,
        org,
        name="Cyclr",
        kind="external_client_app",
        callback_urls=(*_CYCLR_CALLBACKS, *_LOOPBACK, *partner_callbacks),
        scopes=("full", "refresh_token"),
        secret_required_for_refresh=False,  # cleared, as Cyclr's guide says (confirmed)
        limits_idle_refresh=True,
    )
    _add_app(
        world,
        org,
        name="Cyclr (Connected App)",
        kind="connected_app",
        callback_urls=_CYCLR_CALLBACKS,
        scopes=("full", "refresh_token"),
        **_OLDER,
    )
    if org.kind == "production":
        admin, integration = (f"{short}@{org.name}.practice.example" for short in ("admin", "integration"))
        _add_app(
            world,
            org,
            name="Cyclr Unattended",
            kind="external_client_app",
            callback_urls=(*_CYCLR_CALLBACKS, *_LOOPBACK),
            scopes=("api", "refresh_token"),
            limits_idle_refresh=True,
            client_credentials=True,
            run_as=integration,
            jwt_bearer=True,
            permitted_users="admin",
            pre_authorized=(admin, integration),
        )


def _add_app(world: World, org: Org, mint: Mint | None = None, **fields: Any) -> None:  # noqa: ANN401 - the fields of App
    mint = mint or world.mint
    app = App(
        client_id=mint.consumer_key(),
        client_secret=mint.consumer_secret(),
        org_id=org.org_id,
        contact_email=f"admin@{org.name}.practice.example",
        **fields,
    )
    world.add_app(app)


def _add_local_apps(world: World, callbacks: tuple[str, ...]) -> None:
    """In each org two apps whose callbacks reach the practice Cyclr, beside those that the guides name.

    The Connected App is what Cyclr's newest guide makes (no secret on refreshes), the External Client App has today's
    defaults. Their keys come from a mint of their own, so that the other apps keep theirs.
    """
    mint = Mint(world.seed + _LOCAL_SEED)
    local = {"callback_urls": (*_CYCLR_CALLBACKS, *callbacks), "scopes": ("full", "refresh_token")}
    for org in list(world.orgs.values()):
        _add_app(
            world,
            org,
            mint=mint,
            name=_LOCAL_APPS[0],
            kind="connected_app",
            secret_required_for_refresh=False,
            **_OLDER,
            **local,
        )
        _add_app(
            world, org, mint=mint, name=_LOCAL_APPS[1], kind="external_client_app", limits_idle_refresh=True, **local
        )


def _platform_cli() -> App:
    """The Salesforce CLI's own app: known on every host, no secret, no rotation (confirmed)."""
    return App(
        client_id="PlatformCLI",
        client_secret="",
        name="Salesforce CLI",
        kind="connected_app",
        org_id="",
        callback_urls=("http://localhost:1717/OauthRedirect",),
        scopes=("refresh_token", "api", "web"),
        everywhere=True,
        secret_required_for_code=False,
        secret_required_for_refresh=False,
        **_OLDER,
    )


def ready_line(world: World, ca_file: str | None) -> dict[str, Any]:
    """The JSON that tells a client what it needs to know of Salesforce's side; later parts only add keys."""
    return {
        "control_url": world.host_of("control").origin,
        "ca_file": ca_file,
        "login_url": world.host_of("login").origin,
        "test_url": world.host_of("test").origin,
        "orgs": [_org_line(world, org) for org in world.orgs.values()],
    }


def local_apps(world: World) -> list[dict[str, Any]]:
    """The apps that reach the practice Cyclr as the ready line has them."""
    found = [app for app in world.apps.values() if app.name in _LOCAL_APPS]
    return [{"org": world.orgs[app.org_id].name, **_app_line(app)} for app in found if app.org_id in world.orgs]


def _org_line(world: World, org: Org) -> dict[str, Any]:
    users = [user for user in world.users.values() if user.org_id == org.org_id]
    apps = [app for app in world.apps.values() if app.org_id == org.org_id]
    return {
        "name": org.name,
        "my_domain_url": org.my_domain_url,
        "org_id": org.org_id,
        "kind": org.kind,
        "users": [{"username": u.username, "password": u.password, "profile": u.profile} for u in users],
        "apps": [_app_line(app) for app in apps],
    }


def _app_line(app: App) -> dict[str, Any]:
    return {
        "name": app.name,
        "kind": app.kind,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "callback_urls": list(app.callback_urls),
        "scopes": list(app.scopes),
    }
