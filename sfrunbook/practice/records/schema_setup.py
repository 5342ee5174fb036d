"""The objects an org has of itself (Organization, User, Profile, Group, Name), and all objects together."""

from __future__ import annotations

from sfrunbook.practice.records.schema import ChildRelationship, Schema, SObject
from sfrunbook.practice.records.schema_fields import address, fixed, id_field, lookup, make, system_fields
from sfrunbook.practice.records.schema_objects import ACCOUNT, CASE, CONTACT, LEAD, OPPORTUNITY, TASK
from sfrunbook.practice.records.schema_setup_rows import CONNECTED_APPLICATION_TOOLING, TRUTH_OBJECTS

__all__ = ["SCHEMA", "TOOLING_SCHEMA"]

_ORGANIZATION = SObject(
    name="Organization",
    label="Organization",
    label_plural="Organizations",
    key_prefix="00D",
    createable=False,
    deletable=False,
    searchable=False,
    layoutable=False,
    fields=(
        id_field("Organization ID"),
        make("Name", "string", "Name", 80, nillable=False, createable=False, name_field=True),
        make("Division", "string", "Division", 80),
        *address("", ""),
        make("Phone", "phone", "Phone"),
        make("PrimaryContact", "string", "Primary Contact", 80),
        make("DefaultLocaleSidKey", "picklist", "Locale", 40, nillable=False),
        make("TimeZoneSidKey", "picklist", "Time Zone", 40, nillable=False),
        make("LanguageLocaleKey", "picklist", "Language", 40, nillable=False),
        make("FiscalYearStartMonth", "int", "Fiscal Year Starts In"),
        fixed("InstanceName", "string", "Instance Name", length=5),
        fixed("IsSandbox", "boolean", "Is Sandbox"),
        fixed("IsReadOnly", "boolean", "Is Read Only"),
        make("OrganizationType", "picklist", "Edition", 40, createable=False, updateable=False),
        make("NamespacePrefix", "string", "Namespace Prefix", 15, createable=False, updateable=False),
        make("TrialExpirationDate", "datetime", "Trial Expiration Date", createable=False, updateable=False),
        *system_fields(deletable=False),
    ),
)

_USER = SObject(
    name="User",
    label="User",
    label_plural="Users",
    key_prefix="005",
    deletable=False,
    fields=(
        id_field("User ID"),
        make("Username", "string", "Username", 80, nillable=False),
        make("LastName", "string", "Last Name", 80, nillable=False, compound="Name"),
        make("FirstName", "string", "First Name", 40, compound="Name"),
        fixed("Name", "string", "Full Name", length=121, name_field=True),
        make("CompanyName", "string", "Company Name", 80),
        make("Title", "string", "Title", 80),
        make("Department", "string", "Department", 80),
        make("Email", "email", "Email", 128, nillable=False),
        make("Alias", "string", "Alias", 8, nillable=False),
        make("CommunityNickname", "string", "Nickname", 40, nillable=False),
        make("IsActive", "boolean", "Active", nillable=False, defaulted=True),
        make("TimeZoneSidKey", "picklist", "Time Zone", 40, nillable=False),
        make("LocaleSidKey", "picklist", "Locale", 40, nillable=False),
        make("LanguageLocaleKey", "picklist", "Language", 40, nillable=False),
        lookup("ProfileId", "Profile ID", "Profile", "Profile", nillable=False),
        make("UserType", "picklist", "User Type", 40, createable=False, updateable=False, picklist=("Standard",)),
        make("LastLoginDate", "datetime", "Last Login", createable=False, updateable=False),
        *system_fields(deletable=False),
    ),
    children=(
        ChildRelationship(child="Account", field="OwnerId", name=None),
        ChildRelationship(child="Contact", field="OwnerId", name=None),
        ChildRelationship(child="Opportunity", field="OwnerId", name=None),
    ),
)

_PROFILE = SObject(
    name="Profile",
    label="Profile",
    label_plural="Profiles",
    key_prefix="00e",
    createable=False,
    deletable=False,
    searchable=False,
    layoutable=False,
    fields=(
        id_field("Profile ID"),
        make("Name", "string", "Name", 255, nillable=False, name_field=True),
        make("Description", "string", "Description", 255),
        make("UserType", "picklist", "User Type", 40, createable=False, updateable=False, picklist=("Standard",)),
        *system_fields(deletable=False),
    ),
    children=(ChildRelationship(child="User", field="ProfileId", name="Users"),),
)

_GROUP = SObject(
    name="Group",
    label="Group",
    label_plural="Groups",
    key_prefix="00G",
    deletable=False,
    searchable=False,
    layoutable=False,
    fields=(
        id_field("Group ID"),
        make("Name", "string", "Name", 40, nillable=False, name_field=True),
        make("DeveloperName", "string", "Developer Name", 80),
        make("Type", "picklist", "Type", 40, nillable=False, picklist=("Regular", "Queue")),
        make("Email", "email", "Email", 255),
        *system_fields(deletable=False),
    ),
)

_NAME = SObject(
    name="Name",
    label="Name",
    label_plural="Names",
    key_prefix=None,
    createable=False,
    deletable=False,
    queryable=False,
    searchable=False,
    layoutable=False,
    fields=(
        id_field("Name ID"),
        make("Name", "string", "Name", 121, createable=False, updateable=False, name_field=True),
        make("LastName", "string", "Last Name", 80, createable=False, updateable=False),
        make("FirstName", "string", "First Name", 40, createable=False, updateable=False),
        make("Type", "picklist", "Type", 40, createable=False, updateable=False),
        make("Alias", "string", "Alias", 8, createable=False, updateable=False),
        make("Email", "email", "Email", createable=False, updateable=False),
        make("Phone", "phone", "Phone", createable=False, updateable=False),
        make("Title", "string", "Title", 128, createable=False, updateable=False),
        make("Username", "string", "Username", 80, createable=False, updateable=False),
        make("IsActive", "boolean", "Active", createable=False, updateable=False),
        lookup("ProfileId", "Profile ID", "Profile", "Profile", createable=False, updateable=False),
    ),
)

SCHEMA = Schema.of(
    (
        *(ACCOUNT, CASE, CONTACT, _GROUP, LEAD, _NAME, OPPORTUNITY, _ORGANIZATION, _PROFILE, TASK, _USER),
        *TRUTH_OBJECTS,
    )
)
# Below /tooling: apps with more fields, permission sets and users, but no records, tokens or logins (likely).
TOOLING_SCHEMA = Schema.of(
    (
        *(_GROUP, _NAME, _ORGANIZATION, _PROFILE, _USER, CONNECTED_APPLICATION_TOOLING),
        *(
            each
            for each in TRUTH_OBJECTS
            if each.name not in ("ConnectedApplication", "LoginHistory", "OauthToken", "SetupAuditTrail", "UserLogin")
        ),
    )
)
