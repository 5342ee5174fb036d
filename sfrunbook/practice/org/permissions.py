"""Who may do what in an org: the permissions of the standard profiles, and those that permission sets add."""

from __future__ import annotations

from collections.abc import Iterable

from sfrunbook.practice.org.entities import PermissionSet, User

__all__ = ["PERMISSIONS", "PROFILE_PERMISSIONS", "permissions_of"]

# API name (as in PermissionSet.Permissions...) to the label on the screen. Names likely, the last four guesses.
PERMISSIONS = {
    "ApiEnabled": "API Enabled",
    "CustomizeApplication": "Customize Application",
    "ManageUsers": "Manage Users",
    "ModifyAllData": "Modify All Data",
    "ViewAllData": "View All Data",
    "ViewSetup": "View Setup and Configuration",
    "MonitorLoginHistory": "Monitor Login History",
    "UseAnyApiClient": "Use Any API Client",
    "ManageConnectedApps": "Manage Connected Apps",
    "ApproveUninstalledConnectedApps": "Approve Uninstalled Connected Apps",
    "ViewAllExternalClientApps": "View all External Client Apps",
    "ExternalClientAppDeveloper": "Create, edit, and delete External Client Apps",
    "ViewClientSecret": "View Client Secret",
}
_ADMINISTRATOR = frozenset(PERMISSIONS) - {"UseAnyApiClient"}
PROFILE_PERMISSIONS = {
    "System Administrator": _ADMINISTRATOR,
    "Standard User": frozenset({"ApiEnabled", "ViewSetup"}),
    "Minimum Access - Salesforce": frozenset[str](),
}


def permissions_of(user: User, permission_sets: Iterable[PermissionSet], withheld: tuple[str, ...]) -> frozenset[str]:
    """The permissions of this user's profile, less those withheld from all profiles, and of its permission sets.

    Confirmed: a System Administrator has "Approve Uninstalled Connected Apps", clones of that profile have not
    (https://help.salesforce.com/s/articleView?id=005132365). Likely: no profile has "Use Any API Client" by itself.
    That administrators have the others, and what standard users have, is likely.
    """
    own = PROFILE_PERMISSIONS.get(user.profile, frozenset()).difference(withheld)
    return own.union(*(each.permissions for each in permission_sets if each.name in user.permission_sets))
