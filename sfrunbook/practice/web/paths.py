"""The addresses of the Setup pages, in one place so that menus, redirects and routes agree."""

from __future__ import annotations

__all__ = [
    "API_ACCESS_CONTROL",
    "APP",
    "APP_MANAGER",
    "AUDIT_TRAIL",
    "CLASSIC_APPS",
    "CLASSIC_HOME",
    "ECA_MANAGER",
    "ECA_SETTINGS",
    "IDENTITY",
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

# The shape of the Lightning addresses is real, the last words of some are guesses; nothing depends on them.
_LIGHTNING = "/lightning/setup"
SETUP_HOME = f"{_LIGHTNING}/SetupOneHome/home"
CLASSIC_HOME = "/setup/forcecomHomepage.apexp"
CLASSIC_APPS = "/02u"
APP_MANAGER = f"{_LIGHTNING}/NavigationMenus/home"
NEW_CONNECTED_APP = "/app/mgmt/forceconnectedapps/forceAppEdit.apexp"
MANAGE_CONNECTED_APPS = f"{_LIGHTNING}/ConnectedApplication/home"
USAGE = f"{_LIGHTNING}/ConnectedAppsUsage/home"
ECA_MANAGER = f"{_LIGHTNING}/ManageExternalClientApplication/home"
NEW_ECA = f"{_LIGHTNING}/ManageExternalClientApplication/new"
ECA_SETTINGS = f"{_LIGHTNING}/ExternalClientAppSettings/home"
OAUTH_SETTINGS = f"{_LIGHTNING}/OauthOidcSettings/home"
API_ACCESS_CONTROL = f"{_LIGHTNING}/ApiAccessControl/home"
LOGIN_HISTORY = f"{_LIGHTNING}/OrgLoginHistory/home"
AUDIT_TRAIL = f"{_LIGHTNING}/SecurityEvents/home"
USERS = f"{_LIGHTNING}/ManageUsers/home"
APP = f"{_LIGHTNING}/app/{{app_id}}"
IDENTITY = "/_ui/identity/verification/method/EmailVerificationUi"
PERSONAL_APPS = "/lightning/settings/personal/AdvancedUserDetails/home"
MAILBOX = "/practice/mailbox"


def app_path(app_id: str, page: str) -> str:
    """The address of one page of one app; `page` is view, saved, edit, policies, consumer, migrate or delete."""
    return f"{APP.format(app_id=app_id)}/{page}"
