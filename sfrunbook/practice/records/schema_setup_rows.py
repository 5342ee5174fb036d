"""The objects that tell what happened with apps: approvals, logins, policies, changes in Setup, permission sets."""

from __future__ import annotations

from dataclasses import replace

from sfrunbook.practice.org.permissions import PERMISSIONS
from sfrunbook.practice.records.schema import Field, SObject
from sfrunbook.practice.records.schema_fields import fixed, id_field, lookup, make, system_fields

__all__ = ["CONNECTED_APPLICATION_TOOLING", "SCOPE_FIELDS", "TRUTH_OBJECTS"]

_PERIOD = (
    ("Infinite", "Zero", "SpecificLifetime", "SpecificInactivity"),
    ("Hours", "Days", "Months"),
    ("Enforce", "Bypass", "Bypass_2factor", "Enforce_RelaxRefresh"),
)
# OauthScopesAPI and OauthScopesREFRESH_TOKEN are likely, the others by analogy (guess).
SCOPE_FIELDS = {
    "api": "OauthScopesAPI",
    "refresh_token": "OauthScopesREFRESH_TOKEN",
    "full": "OauthScopesFULL",
    "web": "OauthScopesWEB",
    "openid": "OauthScopesOPENID",
    "id": "OauthScopesID",
    "profile": "OauthScopesPROFILE",
    "email": "OauthScopesEMAIL",
    "address": "OauthScopesADDRESS",
    "phone": "OauthScopesPHONE",
    "chatter_api": "OauthScopesCHATTER_API",
    "visualforce": "OauthScopesVISUALFORCE",
    "lightning": "OauthScopesLIGHTNING",
    "content": "OauthScopesCONTENT",
    "custom_permissions": "OauthScopesCUSTOM_PERMISSIONS",
    "wave_api": "OauthScopesWAVE_API",
    "eclair_api": "OauthScopesECLAIR_API",
}


def _told(name: str, kind: str, label: str, length: int = 0, **more: object) -> Field:
    """A field that nobody writes by REST."""
    return make(name, kind, label, length, createable=False, updateable=False, **more)


def _points(name: str, label: str, relationship: str, *targets: str) -> Field:
    return lookup(name, label, relationship, *targets, createable=False, updateable=False)


def _object(name: str, label: str, key_prefix: str, *fields: Field, page_rows: int = 2000) -> SObject:
    return SObject(
        name=name,
        label=label,
        label_plural=label if label.endswith(("y", "l")) else f"{label}s",
        key_prefix=key_prefix,
        fields=(id_field(f"{label} ID"), *fields),
        createable=False,
        deletable=False,
        searchable=False,
        layoutable=False,
        virtual=True,
        page_rows=page_rows,
    )


# Source: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/
# sforce_api_objects_oauthtoken.htm (confirmed; key prefix a guess).
_OAUTH_TOKEN = _object(
    "OauthToken",
    "OAuth Token",
    "0CQ",
    _told("AppName", "string", "App Name", 255),
    _told("AppMenuItemId", "id", "App Menu Item ID", 18),
    _points("UserId", "User ID", "User", "User"),
    _told("UseCount", "int", "Use Count"),
    _told("LastUsedDate", "datetime", "Last Used"),
    _told("AccessToken", "string", "Access Token", 255),
    _told("RequestToken", "string", "Request Token", 255),
    _told("DeleteToken", "string", "Delete Token", 255),
    fixed("CreatedDate", "datetime", "Created Date"),
    page_rows=500,
)
# Source: .../sforce_api_objects_loginhistory.htm (confirmed: fields, and that Application and ApiType do not filter).
_LOGIN_HISTORY = _object(
    "LoginHistory",
    "Login History",
    "0Ya",
    _points("UserId", "User ID", "User", "User"),
    _told("LoginTime", "datetime", "Login Time"),
    _told("LoginType", "picklist", "Login Type", 40),
    _told("SourceIp", "string", "Source IP", 39),
    _told("LoginUrl", "string", "Login URL", 120),
    _told("AuthenticationServiceId", "id", "Authentication Service ID", 18),
    _told("TlsProtocol", "picklist", "TLS Protocol", 40),
    _told("Browser", "string", "Browser", 64),
    _told("Platform", "string", "Platform", 64),
    _told("Status", "string", "Status", 128),
    _told("Application", "string", "Application", 64, unfilterable=True),
    _told("ApiType", "string", "API Type", 64, unfilterable=True),
    _told("ApiVersion", "string", "API Version", 32),
    _told("LoginSubType", "picklist", "Login Subtype", 40),
)
# Source: .../sforce_api_objects_setupaudittrail.htm (confirmed; COUNT() works, COUNT(Id) does not).
_SETUP_AUDIT_TRAIL = replace(
    _object(
        "SetupAuditTrail",
        "Setup Audit Trail",
        "0Ym",
        _told("Action", "string", "Action", 40),
        _told("Section", "string", "Section", 255),
        fixed("CreatedDate", "datetime", "Created Date"),
        _points("CreatedById", "Created By ID", "CreatedBy", "User"),
        _told("Display", "string", "Display", 1000),
        _told("DelegateUser", "string", "Delegate User", 80),
        _told("ResponsibleNamespacePrefix", "string", "Responsible Namespace Prefix", 80),
    ),
    aggregates=False,
)
# Source: .../sforce_api_objects_connectedapplication.htm (confirmed; that the period is in hours is a guess).
_CONNECTED_APPLICATION = _object(
    "ConnectedApplication",
    "Connected App",
    "0H4",
    fixed("Name", "string", "Name", length=120, name_field=True),
    _told("MobileSessionTimeout", "picklist", "Mobile Session Timeout", 40),
    _told("PinLength", "picklist", "PIN Length", 40),
    _told("StartUrl", "string", "Start URL", 2000),
    _told("MobileStartUrl", "string", "Mobile Start URL", 2000),
    _told("RefreshTokenValidityPeriod", "int", "Refresh Token Validity Period"),
    fixed("OptionsAllowAdminApprovedUsersOnly", "boolean", "Allow Admin Approved Users Only"),
    fixed("OptionsRefreshTokenValidityMetric", "boolean", "Refresh Token Validity Metric"),
    fixed("OptionsHasSessionLevelPolicy", "boolean", "Has Session Level Policy"),
    _told("UvidTimeout", "picklist", "UVID Timeout", 40),
    *system_fields(deletable=False),
)
CONNECTED_APPLICATION_TOOLING = replace(
    _CONNECTED_APPLICATION,
    fields=(
        *_CONNECTED_APPLICATION.fields,
        _told("ContactEmail", "email", "Contact Email"),
        _told("DeveloperName", "string", "Developer Name", 80),
        _told("Description", "string", "Description", 256),
        _told("Version", "string", "Version", 10),
    ),
)
# Likely: used by several published tools.
_EXTERNAL_CLIENT_APPLICATION = _object(
    "ExternalClientApplication",
    "External Client App",
    "0xI",
    fixed("DeveloperName", "string", "API Name", length=80),
    fixed("MasterLabel", "string", "External Client App Name", length=80, name_field=True),
    _told("Description", "string", "Description", 255),
    _told("ContactEmail", "email", "Contact Email"),
    _told("DistributionState", "picklist", "Distribution State", 40, picklist=("Local", "Packaged")),
    _told("NamespacePrefix", "string", "Namespace Prefix", 15),
    *system_fields(deletable=False),
)
_ECA = _points(
    "ExternalClientApplicationId", "External Client App ID", "ExternalClientApplication", "ExternalClientApplication"
)
_OAUTH_SETTINGS = _object(
    "ExtlClntAppOauthSettings",
    "External Client App OAuth Setting",
    "0xJ",
    _ECA,
    fixed("DeveloperName", "string", "Name", length=80),
    fixed("MasterLabel", "string", "Label", length=80, name_field=True),
    *(fixed(name, "boolean", name) for name in SCOPE_FIELDS.values()),
    *system_fields(deletable=False),
)
# PermittedUsersPolicyType is likely; the other columns carry the metadata's names (guess).
_OAUTH_POLICIES = _object(
    "ExtlClntAppOauthPlcyCnfg",
    "External Client App OAuth Policy",
    "0xK",
    _ECA,
    fixed("DeveloperName", "string", "Name", length=80),
    fixed("MasterLabel", "string", "Label", length=80, name_field=True),
    _told("PermittedUsersPolicyType", "picklist", "Permitted Users", 40),
    _told("RefreshTokenPolicyType", "picklist", "Refresh Token Policy", 40, picklist=_PERIOD[0]),
    _told("RefreshTokenValidityPeriod", "int", "Refresh Token Validity Period"),
    _told("RefreshTokenValidityUnit", "picklist", "Refresh Token Validity Unit", 40, picklist=_PERIOD[1]),
    _told("IpRelaxationPolicyType", "picklist", "IP Relaxation", 40, picklist=_PERIOD[2]),
    _told("SessionTimeoutInMinutes", "int", "Session Timeout"),
    *system_fields(deletable=False),
)
_PERMISSION_SET = _object(
    "PermissionSet",
    "Permission Set",
    "0PS",
    fixed("Name", "string", "Permission Set Name", length=80),
    fixed("Label", "string", "Permission Set Label", length=80, name_field=True),
    _told("Description", "string", "Description", 255),
    _told("Type", "picklist", "Permission Set Type", 40),
    _points("ProfileId", "Profile ID", "Profile", "Profile"),
    fixed("IsOwnedByProfile", "boolean", "Is Owned By Profile"),
    fixed("IsCustom", "boolean", "Custom"),
    _told("NamespacePrefix", "string", "Namespace Prefix", 15),
    *(fixed(f"Permissions{name}", "boolean", label) for name, label in PERMISSIONS.items()),
    *system_fields(deletable=False),
)
_PERMISSION_SET_ASSIGNMENT = _object(
    "PermissionSetAssignment",
    "Permission Set Assignment",
    "0Pa",
    _points("AssigneeId", "Assignee ID", "Assignee", "User"),
    _points("PermissionSetId", "Permission Set ID", "PermissionSet", "PermissionSet"),
    _told("PermissionSetGroupId", "id", "Permission Set Group ID", 18),
    _told("ExpirationDate", "datetime", "Expires On"),
    fixed("IsActive", "boolean", "Is Active"),
    fixed("SystemModstamp", "datetime", "System Modstamp"),
)
# Source: .../sforce_api_objects_userlogin.htm (confirmed: the fields, and that Manage Users is needed; prefix a guess).
_USER_LOGIN = _object(
    "UserLogin",
    "User Login",
    "0Yw",
    _points("UserId", "User ID", "User", "User"),
    fixed("IsFrozen", "boolean", "Is Frozen"),
    fixed("IsPasswordLocked", "boolean", "Is Password Locked"),
    _points("LastModifiedById", "Last Modified By ID", "LastModifiedBy", "User"),
    fixed("LastModifiedDate", "datetime", "Last Modified Date"),
)
TRUTH_OBJECTS = (
    _CONNECTED_APPLICATION,
    _EXTERNAL_CLIENT_APPLICATION,
    _OAUTH_POLICIES,
    _OAUTH_SETTINGS,
    _LOGIN_HISTORY,
    _OAUTH_TOKEN,
    _PERMISSION_SET,
    _PERMISSION_SET_ASSIGNMENT,
    _SETUP_AUDIT_TRAIL,
    _USER_LOGIN,
)
