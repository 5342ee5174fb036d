"""The addresses of the Setup pages, in one place so that menus, redirects and routes agree."""

from __future__ import annotations

__all__ = [
    "API_ACCESS_CONTROL",
    "APP",
    "APP_MANAGER",
    "AUDIT_TRAIL",
    "CLASSIC_APPS",
    "CLASSIC_HOME",
    "ECA_DETAIL",
    "ECA_MANAGER",
    "ECA_SETTINGS",
    "IDENTITY",
    "LIGHTNING",
    "LOGIN_HISTORY",
    "MAILBOX",
    "MANAGE_CONNECTED_APPS",
    "NEW_CONNECTED_APP",
    "NEW_ECA",
    "OAUTH_SETTINGS",
    "PERSONAL_APPS",
    "SETUP_HOME",
    "USAGE",
    "USERS",
    "app_path",
]

# Likely, from public lists of Setup destinations (2026-11-28): several name each of these Lightning addresses. Guesses:
# External Client App Settings (one list), an app's own page, API Access Control and what hangs below app/ and /new.
LIGHTNING = "/lightning/setup"
SETUP_HOME = f"{LIGHTNING}/SetupOneHome/home"
CLASSIC_HOME = "/setup/forcecomHomepage.apexp"
CLASSIC_APPS = "/02u"
APP_MANAGER = f"{LIGHTNING}/NavigationMenus/home"
NEW_CONNECTED_APP = "/app/mgmt/forceconnectedapps/forceAppEdit.apexp"
MANAGE_CONNECTED_APPS = f"{LIGHTNING}/ConnectedApplication/home"
USAGE = f"{LIGHTNING}/ConnectedAppsUsage/home"
ECA_MANAGER = f"{LIGHTNING}/ManageExternalClientApplication/home"
ECA_DETAIL = f"{LIGHTNING}/ManageExternalClientApplication/{{app_id}}/detail"
NEW_ECA = f"{LIGHTNING}/ManageExternalClientApplication/new"
ECA_SETTINGS = f"{LIGHTNING}/ExternalClientApplicationSettings/home"
OAUTH_SETTINGS = f"{LIGHTNING}/OauthOidcSettings/home"
API_ACCESS_CONTROL = f"{LIGHTNING}/ApiAccessControl/home"
LOGIN_HISTORY = f"{LIGHTNING}/OrgLoginHistory/home"
AUDIT_TRAIL = f"{LIGHTNING}/SecurityEvents/home"
USERS = f"{LIGHTNING}/ManageUsers/home"
APP = f"{LIGHTNING}/app/{{app_id}}"
IDENTITY = "/_ui/identity/verification/method/EmailVerificationUi"
PERSONAL_APPS = "/lightning/settings/personal/AdvancedUserDetails/home"
MAILBOX = "/practice/mailbox"


def app_path(app_id: str, page: str) -> str:
    """The address of one page of one app; `page` is view, saved, edit, policies, consumer, migrate or delete."""
    return f"{APP.format(app_id=app_id)}/{page}"
