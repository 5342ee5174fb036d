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
    "MISSING",
    "NEW_CONNECTED_APP",
    "NEW_ECA",
    "OAUTH_SETTINGS",
    "PERSONAL_APPS",
    "SETUP_HOME",
    "USAGE",
    "USERS",
    "app_path",
]

LIGHTNING = "/lightning/setup"


def _screen(name: str) -> str:
    return f"{LIGHTNING}/{name}/home"


# Likely, from public lists of Setup destinations (2026-11-28): several name each of these Lightning addresses. Guesses:
# External Client App Settings (one list), an app's own page, API Access Control and what hangs below app/ and /new.
SETUP_HOME = _screen("SetupOneHome")
CLASSIC_HOME = "/setup/forcecomHomepage.apexp"
CLASSIC_APPS = "/02u"
APP_MANAGER = _screen("NavigationMenus")
NEW_CONNECTED_APP = "/app/mgmt/forceconnectedapps/forceAppEdit.apexp"
MANAGE_CONNECTED_APPS = _screen("ConnectedApplication")
USAGE = _screen("ConnectedAppsUsage")
ECA_MANAGER = _screen("ManageExternalClientApplication")
ECA_DETAIL = f"{LIGHTNING}/ManageExternalClientApplication/{{app_id}}/detail"
NEW_ECA = f"{LIGHTNING}/ManageExternalClientApplication/new"
ECA_SETTINGS = _screen("ExternalClientApplicationSettings")
OAUTH_SETTINGS = _screen("OauthOidcSettings")
API_ACCESS_CONTROL = _screen("ApiAccessControl")
LOGIN_HISTORY = _screen("OrgLoginHistory")
AUDIT_TRAIL = _screen("SecurityEvents")
USERS = _screen("ManageUsers")
APP = f"{LIGHTNING}/app/{{app_id}}"
IDENTITY = "/_ui/identity/verification/method/EmailVerificationUi"
PERSONAL_APPS = "/lightning/settings/personal/AdvancedUserDetails/home"
MAILBOX = "/practice/mailbox"
#: screens of a real org that the practice org doesn't have
MISSING = {
    _screen("CompanyProfileInfo"): "Company Information",
    _screen("MfaAssistant"): "Multi-Factor Authentication Assistant",
    _screen("NetworkAccess"): "Network Access",
    _screen("OauthCustomScope"): "OAuth Custom Scopes",
    _screen("OrgDomain"): "My Domain",
    _screen("PermSets"): "Permission Sets",
    _screen("Profiles"): "Profiles",
    _screen("SecuritySession"): "Session Settings",
}


def app_path(app_id: str, page: str) -> str:
    """The address of one page of one app; `page` is view, saved, edit, policies, consumer, migrate or delete."""
    return f"{APP.format(app_id=app_id)}/{page}"
