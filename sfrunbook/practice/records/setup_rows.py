"""The rows about approvals, logins, apps and Setup changes, computed from the state of the org when a query asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from sfrunbook.practice.org.entities import App, User
from sfrunbook.practice.org.ids import make_id, to18
from sfrunbook.practice.org.ip_ranges import address_range
from sfrunbook.practice.org.ledger import Ledger
from sfrunbook.practice.org.permissions import PERMISSIONS, PROFILE_PERMISSIONS
from sfrunbook.practice.org.token_policies import UNIT_SECONDS, policy_text
from sfrunbook.practice.org.world import World
from sfrunbook.practice.records.org_facts import Caller
from sfrunbook.practice.records.record_store import Store, Value

Row = dict[str, Value]

__all__ = ["SCOPE_FIELDS", "SetupRows"]

# OauthScopesAPI and OauthScopesREFRESH_TOKEN are likely, the others by analogy (guess).
SCOPE_FIELDS = {
    scope: f"OauthScopes{scope.upper()}"
    for scope in (
        *("api", "refresh_token", "full", "web", "openid", "id", "profile", "email", "address", "phone"),
        *("chatter_api", "visualforce", "lightning", "content", "custom_permissions", "wave_api", "eclair_api"),
    )
}
_MOST_TOKENS = 2_500
_AUDIT_SECONDS = 180 * 86_400.0
# Object to the permissions of which one is needed; an object that is not here exists for everybody.
_NEEDED = {
    "ConnectedApplication": ("CustomizeApplication", "ManageConnectedApps"),
    "ExternalClientApplication": ("ViewAllExternalClientApps",),
    "ExtlClntAppOauthSettings": ("ViewAllExternalClientApps",),
    "ExtlClntAppOauthPlcyCnfg": ("ViewAllExternalClientApps",),
    "PermissionSet": ("ViewSetup",),
    "PermissionSetAssignment": ("ViewSetup",),
    "SetupAuditTrail": ("ViewSetup",),
    "UserLogin": ("ManageUsers",),
}
_IP_RELAXATION = {
    "enforce": "Enforce",
    "bypass": "Bypass",
    "bypass_2factor": "Bypass_2factor",
    "enforce_relax_refresh": "Enforce_RelaxRefresh",
}


class SetupRows:
    """The rows of one org. Confirmed: OauthToken and LoginHistory give own rows to those who may not see all.

    Which permission shows all OauthToken rows is a setting; what the other objects need is likely, that permission sets
    need View Setup and Configuration a guess. Without it the object is unknown (INVALID_TYPE), as for any user.
    """

    def __init__(self, world: World, ledger: Ledger, org_id: str) -> None:
        self._world = world
        self._ledger = ledger
        self._org_id = org_id
        self._makers: dict[str, Callable[[User, Store], Iterable[Row]]] = {
            "ConnectedApplication": self._connected_apps,
            "ExternalClientApplication": self._external_apps,
            "ExtlClntAppOauthSettings": self._oauth_settings,
            "ExtlClntAppOauthPlcyCnfg": self._oauth_policies,
            "LoginHistory": self._logins,
            "OauthToken": self._tokens,
            "PermissionSet": self._permission_sets,
            "PermissionSetAssignment": self._assignments,
            "SetupAuditTrail": self._audit_trail,
            "UserLogin": self._user_logins,
        }

    def may(self, permission: str, caller: Caller) -> bool:
        """Whether the caller has a permission, named as in `permissions.PERMISSIONS`."""
        return self._world.may(self._world.users[caller.user_id], permission)

    def may_see(self, name: str, caller: Caller) -> bool:
        """Whether the object exists for this caller at all."""
        needed = _NEEDED.get(name)
        user = self._world.users[caller.user_id]
        return needed is None or any(self._world.may(user, each) for each in needed)

    def rows(self, name: str, caller: Caller, store: Store) -> Iterable[Row]:
        """The rows this caller may see, each with an Id; `store` has the org's users and profiles."""
        return self._makers[name](self._world.users[caller.user_id], store)

    def _tokens(self, user: User, _store: Store) -> Iterator[Row]:
        """One row per refresh token; null AppMenuItemId means known but not installed (likely).

        At most 2,500 rows (confirmed). AccessToken and RequestToken belong to OAuth 1.0 and are null here (guess).
        """
        world = self._world
        everybody = world.may(user, world.settings.oauth_token_rows_need)
        given = 0
        for each in self._ledger.approvals.values():
            app, owner = world.apps.get(each.client_id), world.users[each.user_id]
            if app is None or owner.org_id != self._org_id or not (everybody or owner.user_id == user.user_id):
                continue
            given += 1
            if given > _MOST_TOKENS:
                return
            installed = world.is_installed(app, self._org_id)
            yield {
                "Id": each.approval_id,
                "AppName": app.name,
                "AppMenuItemId": to18(f"0DS{app.app_id[3:15]}") if installed else None,
                "UserId": each.user_id,
                "UseCount": each.use_count,
                "LastUsedDate": _moment(each.last_used),
                "AccessToken": None,
                "RequestToken": None,
                "DeleteToken": each.delete_token,
                "CreatedDate": _moment(each.created),
            }

    def _logins(self, user: User, _store: Store) -> Iterator[Row]:
        world = self._world
        everybody = world.may(user, "ManageUsers") or world.may(user, "MonitorLoginHistory")
        for each in world.logins:
            if each.org_id != self._org_id or not (everybody or each.user_id == user.user_id):
                continue
            yield {
                "Id": make_id("0Ya", each.number),
                "UserId": each.user_id,
                "LoginTime": _moment(each.at),
                "LoginType": each.login_type,
                "SourceIp": each.source_ip,
                "LoginUrl": each.login_url.partition("://")[2],
                "TlsProtocol": "TLS 1.3",
                "Browser": "Unknown",
                "Platform": "Unknown",
                "Status": each.status,
                "Application": each.application,
                "ApiType": "N/A",
                "ApiVersion": "N/A",
            }

    def _audit_trail(self, _user: User, _store: Store) -> Iterator[Row]:
        """What Setup wrote down in the last 180 days (confirmed span)."""
        oldest = self._world.clock.time() - _AUDIT_SECONDS
        for number, each in enumerate(self._world.audit_trail, start=1):
            if each.org_id == self._org_id and each.at >= oldest:
                yield {
                    "Id": make_id("0Ym", number),
                    "Action": each.action,
                    "Section": each.section,
                    "Display": each.display,
                    "CreatedDate": _moment(each.at),
                    "CreatedById": each.user_id,
                    "DelegateUser": None,
                }

    def _user_logins(self, _user: User, _store: Store) -> Iterator[Row]:
        """Who is frozen; wrong passwords lock no user here, so that column is always false."""
        now = _moment(self._world.clock.time())
        for number, each in enumerate(self._world.users.values(), start=1):
            if self._own(each.org_id):
                yield {
                    "Id": make_id("0Yw", number),
                    "UserId": each.user_id,
                    "IsFrozen": each.is_frozen,
                    "IsPasswordLocked": False,
                    "LastModifiedById": each.user_id,
                    "LastModifiedDate": now,
                }

    def profile_metadata(self, profile: str, caller: Caller) -> dict[str, object]:
        """The part of a profile's metadata that limits logins, as `/tooling/sobjects/Profile/{id}` shows it.

        Ranges belong to profiles; here they are kept with the users, so those of all users of the profile are listed.
        Login hours are not modelled. Source: https://developer.salesforce.com/docs/atlas.en-us.264.0.api_tooling.meta/
        api_tooling/tooling_api_objects_profile.htm (confirmed: the resource, and that it needs View Setup and
        Configuration); the form of its Metadata is the Metadata API's (likely).
        """
        if not self._world.may(self._world.users[caller.user_id], "ViewSetup"):
            return {}
        users = [each for each in self._world.users.values() if self._own(each.org_id) and each.profile == profile]
        ranges = dict.fromkeys(each for user in users for each in user.login_ip_ranges)
        ends = [address_range(each) for each in ranges]
        return {"loginHours": None, "loginIpRanges": [{"startAddress": low, "endAddress": high} for low, high in ends]}

    def _apps(self, kind: str) -> Iterator[App]:
        for app in self._world.apps.values():
            if app.kind == kind and not app.everywhere and self._world.is_installed(app, self._org_id):
                yield app

    def _stamps(self, app: App) -> Row:
        """Made when it was registered; last changed when it was last saved, from when on servers learn of it."""
        created = _moment(app.created_at or app.visible_from)
        edits = (
            each.at
            for each in self._world.audit_trail
            if each.org_id == self._org_id and each.action.startswith(_EDITS) and each.display.endswith(f" {app.name}")
        )
        saved = max(created, _moment(max((app.visible_from, *edits))))
        by = app.created_by or next(user.user_id for user in self._world.users.values() if user.org_id == self._org_id)
        names = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
        stamps = {**dict.fromkeys(names, saved), "CreatedDate": created}
        return {**stamps, "CreatedById": by, "LastModifiedById": by}

    def _connected_apps(self, _user: User, _store: Store) -> Iterator[Row]:
        """Installed connected apps: the row comes with installing (likely). No callback, scope or key is in it."""
        for app in self._apps("connected_app"):
            kind, amount, unit = policy_text(app)
            hours = None if kind == "infinite" else int(amount * UNIT_SECONDS[unit] // 3_600)
            yield {
                "Id": app.app_id,
                "Name": app.name,
                "StartUrl": app.start_url or None,
                "RefreshTokenValidityPeriod": hours,
                "OptionsAllowAdminApprovedUsersOnly": app.permitted_users == "admin",
                "OptionsRefreshTokenValidityMetric": kind == "specific_inactivity",
                "OptionsHasSessionLevelPolicy": app.session_timeout_seconds is not None,
                "ContactEmail": app.contact_email or None,
                "DeveloperName": app.api_name,
                "Description": app.description or None,
                "Version": "1.0",
                **self._stamps(app),
            }

    def _external_apps(self, _user: User, _store: Store) -> Iterator[Row]:
        for app in self._apps("external_client_app"):
            yield {
                "Id": app.app_id,
                "DeveloperName": app.api_name,
                "MasterLabel": app.name,
                "Description": app.description or None,
                "ContactEmail": app.contact_email or None,
                "DistributionState": app.distribution.capitalize(),
                "NamespacePrefix": None,
                **self._stamps(app),
            }

    def _oauth_settings(self, _user: User, _store: Store) -> Iterator[Row]:
        for app in self._apps("external_client_app"):
            scopes = {"refresh_token" if each == "offline_access" else each for each in app.scopes}
            yield {
                "Id": to18(f"0xJ{app.app_id[3:15]}"),
                "ExternalClientApplicationId": app.app_id,
                "DeveloperName": f"{app.api_name}_oauth",
                "MasterLabel": f"{app.api_name}_oauth",
                **{name: scope in scopes for scope, name in SCOPE_FIELDS.items()},
                **self._stamps(app),
            }

    def _oauth_policies(self, _user: User, _store: Store) -> Iterator[Row]:
        for app in self._apps("external_client_app"):
            kind, amount, unit = policy_text(app)
            specific = kind.startswith("specific")
            timeout = app.session_timeout_seconds
            yield {
                "Id": to18(f"0xK{app.app_id[3:15]}"),
                "ExternalClientApplicationId": app.app_id,
                "DeveloperName": f"{app.api_name}_oauthPlcy",
                "MasterLabel": f"{app.api_name}_oauthPlcy",
                "PermittedUsersPolicyType": (
                    "AdminApprovedPreAuthorized" if app.permitted_users == "admin" else "AllSelfAuthorized"
                ),
                "RefreshTokenPolicyType": "".join(word.capitalize() for word in kind.split("_")),
                "RefreshTokenValidityPeriod": amount if specific else None,
                "RefreshTokenValidityUnit": unit.capitalize() if specific else None,
                "IpRelaxationPolicyType": _IP_RELAXATION[app.ip_relaxation],
                "SessionTimeoutInMinutes": None if timeout is None else int(timeout // 60),
                **self._stamps(app),
            }

    def _permission_sets(self, _user: User, store: Store) -> Iterator[Row]:
        """Every profile has a set of its own (confirmed: IsOwnedByProfile); the others are what users can be given."""
        for profile in store.rows("Profile"):
            stamps = {name: profile.values[name] for name in _STAMPS}
            own = PROFILE_PERMISSIONS.get(str(profile.values["Name"]), frozenset())
            yield {
                "Id": _set_of_profile(profile.id),
                "Name": f"X{profile.id}",
                "Label": f"X{profile.id}",
                "Type": "Profile",
                "ProfileId": profile.id,
                "IsOwnedByProfile": True,
                "IsCustom": False,
                **_flags(own),
                **stamps,
            }
            last = stamps
        for each in self._world.permission_sets.values():
            if each.org_id == self._org_id:
                yield {
                    "Id": each.permission_set_id,
                    "Name": each.name,
                    "Label": each.label,
                    "Type": "Regular",
                    "IsOwnedByProfile": False,
                    "IsCustom": True,
                    **_flags(frozenset(each.permissions)),
                    **last,
                }

    def _assignments(self, _user: User, store: Store) -> Iterator[Row]:
        world, number = self._world, 0
        profiles = {str(row.values["Name"]): row.id for row in store.rows("Profile")}
        sets = {each.name: each.permission_set_id for each in world.permission_sets.values() if self._own(each.org_id)}
        for user in world.users.values():
            if user.org_id != self._org_id:
                continue
            own = [_set_of_profile(profiles[user.profile])] if user.profile in profiles else []
            for set_id in own + [sets[name] for name in user.permission_sets if name in sets]:
                number += 1
                yield {
                    "Id": make_id("0Pa", number),
                    "AssigneeId": user.user_id,
                    "PermissionSetId": set_id,
                    "IsActive": True,
                    "SystemModstamp": _moment(world.clock.time()),
                }

    def _own(self, org_id: str) -> bool:
        return org_id == self._org_id


_EDITS = ("changed", "applied", "rotated", "migrated")
_STAMPS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")


def _flags(granted: frozenset[str]) -> Row:
    return {f"Permissions{name}": name in granted for name in PERMISSIONS}


def _set_of_profile(profile_id: str) -> str:
    return to18(f"0PS{profile_id[3:9]}P{profile_id[10:15]}")


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
