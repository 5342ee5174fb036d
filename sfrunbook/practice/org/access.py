"""Who may use an app, and from where: the policies of an app and of an org."""

from __future__ import annotations

from typing import Literal

from sfrunbook.practice.org.entities import App, User
from sfrunbook.practice.org.ip_ranges import in_ranges
from sfrunbook.practice.org.world import World

__all__ = ["admits_by_api_access_control", "ip_refused", "may_use", "needs_installation"]

Use = Literal["code", "refresh", "login", "data"]


def may_use(app: App, user: User) -> bool:
    """Whether the policy Permitted Users lets this user in: by user name, profile or permission set."""
    return app.permitted_users == "self" or any(
        name in app.pre_authorized for name in (user.username, user.profile, *user.permission_sets)
    )


def admits_by_api_access_control(world: World, app: App, user: User) -> bool:
    """Whether API Access Control, where it is on, lets this user's calls through this app.

    Likely: apps with admin-approved users who include this one, and any app for a user with "Use Any API Client".
    Source: https://help.salesforce.com/s/articleView?id=sf.security_api_access_control_about.htm
    """
    if not world.orgs[user.org_id].switches.api_access_control:
        return True
    if world.may(user, "UseAnyApiClient"):
        return True
    return app.permitted_users == "admin" and world.is_installed(app, user.org_id) and may_use(app, user)


def needs_installation(world: World, app: App, user: User, *, known_before: bool) -> bool:
    """Whether the app must first be installed in the user's org: the rule for uninstalled connected apps.

    Confirmed: blocked for new users since September 2025, users who approved it before go on, and "Approve Uninstalled
    Connected Apps" lets a user through. Likely: while API Access Control is on that permission does not help, and
    "Use Any API Client" no longer does since December 2025 (a setting).
    Source: https://help.salesforce.com/s/articleView?id=005132365
    """
    if app.kind != "connected_app" or world.is_installed(app, user.org_id):
        return False
    settings = world.settings
    if not settings.uninstalled_apps_blocked or (known_before and settings.uninstalled_known_users_continue):
        return False
    if settings.any_api_client_opens_uninstalled and world.may(user, "UseAnyApiClient"):
        return False
    controlled = world.orgs[user.org_id].switches.api_access_control and not world.may(user, "UseAnyApiClient")
    return controlled or not world.may(user, "ApproveUninstalledConnectedApps")


def ip_refused(app: App, user: User, address: str, use: Use) -> Literal["", "restricted", "allow_list"]:
    """What refuses this use from this address: the profile's login ranges or the app's refresh-token allow list.

    IP Relaxation: `enforce` holds always, `enforce_relax_refresh` not for refreshes, `bypass` never, and
    `bypass_2factor` only where the app has trusted ranges that lack the address; the second factor itself is taken as
    passed (guess). The allow list is a hard block for code and refresh flow (confirmed) whatever the relaxation.
    Sources: https://help.salesforce.com/s/articleView?id=xcloud.connected_app_continuous_ip.htm (likely) and
    https://help.salesforce.com/s/articleView?id=xcloud.set_ip_allowlist_for_refresh_tokens.htm
    """
    if (
        app.enforces_refresh_ip_allowlist
        and use in ("code", "refresh")
        and not in_ranges(address, app.refresh_ip_ranges)
    ):
        return "allow_list"
    relaxed = app.ip_relaxation
    if not user.login_ip_ranges or relaxed == "bypass" or (relaxed == "enforce_relax_refresh" and use == "refresh"):
        return ""
    if relaxed == "bypass_2factor" and (not app.trusted_ip_ranges or in_ranges(address, app.trusted_ip_ranges)):
        return ""
    return "" if in_ranges(address, user.login_ip_ranges) else "restricted"
