"""What an administrator and a user can find out by SOQL about approvals, logins, apps and permissions."""

from __future__ import annotations

import pytest
from support.inside import Inside

APPROVALS = "SELECT Id, AppName, AppMenuItemId, UserId, UseCount, LastUsedDate, DeleteToken FROM OauthToken"
NEW_APP = {"org": "first", "name": "Nightly Sync", "contact_email": "ops@acme.example", "scopes": ["api"]}


@pytest.fixture
def world():
    return Inside()


@pytest.fixture
def admin(world):
    """An access token of the administrator that makes no row of its own."""
    return world.grant(scope="api")["access_token"]


@pytest.fixture
def user_token(world, admin):
    """The same of a user without administrative permissions."""
    world.user = world.find_user(short="integration")
    token = world.grant(scope="api")["access_token"]
    world.settle()
    return token


def refusal(world, token, soql, tooling=False):
    status, body = world.data("/tooling/query" if tooling else "/query", token, q=soql)
    return status, body[0]["errorCode"], body[0]["message"].rpartition("\n")[2]


def test_a_row_of_oauth_token_is_a_refresh_token(world, admin):
    granted = world.grant()
    (row,) = world.rows(APPROVALS, admin)
    assert (row["AppName"], row["UserId"], row["UseCount"]) == ("Cyclr", world.user.user_id, 1)
    assert row["AppMenuItemId"].startswith("0DS")
    assert granted["refresh_token"] not in str(row)
    world.refresh(granted["refresh_token"])
    assert world.rows("SELECT UseCount FROM OauthToken", admin) == [{"UseCount": 2}]


def test_a_delete_token_given_to_revoke_ends_its_row(world, admin):
    granted = world.grant()
    (row,) = world.rows(APPROVALS, admin)
    assert world.post("/services/oauth2/revoke", token=row["DeleteToken"]).status == 200
    assert world.rows(APPROVALS, admin) == []
    assert world.refresh(granted["refresh_token"])[0] == 400


@pytest.mark.parametrize(("setting", "permission"), [("ManageUsers",) * 2, ("CustomizeApplication",) * 2])
def test_users_see_their_own_approvals_and_managers_all(world, admin, user_token, setting, permission):
    world.settings(oauth_token_rows_need=setting)
    world.grant()
    assert world.rows("SELECT Id FROM OauthToken", user_token) == []
    assert len(world.rows("SELECT Id FROM OauthToken", admin)) == 1
    world.control("POST", "/permission-sets", {"org": "first", "name": "More", "permissions": [permission]})
    world.control("POST", "/users/integration@first.practice.example", {"permission_sets": ["More"]})
    assert len(world.rows("SELECT Id FROM OauthToken", user_token)) == 1


def test_an_uninstalled_app_has_a_null_menu_item_and_no_connected_application_row(world, admin):
    world.as_app()
    world.grant(code_challenge=None)
    soql = "SELECT Name FROM ConnectedApplication"
    assert world.rows(soql, admin) == [{"Name": "Cyclr (Connected App)"}]
    world.policies(installed=False)
    assert world.rows("SELECT AppMenuItemId FROM OauthToken", admin) == [{"AppMenuItemId": None}]
    assert world.rows(soql, admin) == []


def test_oauth_token_gives_five_hundred_rows_a_page_and_2500_in_all(world, admin):
    world.settings(approval_limit=10_000)
    for _ in range(2_600):
        world.practice.ledger.approve(world.user, world.app, ("refresh_token",))
    status, body = world.data("/query", admin, q="SELECT Id FROM OauthToken")
    assert (status, body["totalSize"], body["done"], len(body["records"])) == (200, 2500, False, 500)
    seen = 500
    while not body["done"]:
        body = world.data(body["nextRecordsUrl"].removeprefix("/services/data/v68.0"), admin)[1]
        seen += len(body["records"])
    assert seen == 2500
    assert world.data("/query", admin, q="SELECT COUNT() FROM OauthToken")[1]["totalSize"] == 2500


def test_login_history_tells_success_and_failure_with_address_and_application(world, admin):
    code = world.landed()["code"]
    world.address = "192.0.2.44"
    world.exchange(code)
    world.exchange(code)
    soql = "SELECT LoginType, Application, Status, SourceIp FROM LoginHistory ORDER BY Id DESC LIMIT 2"
    row = {"LoginType": "Remote Access 2.0", "Application": "Cyclr", "SourceIp": "192.0.2.44"}
    assert world.rows(soql, admin) == [{**row, "Status": "Failed: Invalid Nonce"}, {**row, "Status": "Success"}]


def test_login_history_of_others_needs_a_permission(world, admin, user_token):
    soql = "SELECT UserId FROM LoginHistory"
    mine = {row["UserId"] for row in world.rows(soql, user_token)}
    assert mine == {world.find_user(short="integration").user_id}
    assert len({row["UserId"] for row in world.rows(soql, admin)}) == 2


@pytest.mark.parametrize("field", ["Application", "ApiType"])
def test_two_fields_of_login_history_do_not_filter(world, admin, field):
    found = refusal(world, admin, f"SELECT Id FROM LoginHistory WHERE {field} = 'x'")
    assert found == (400, "INVALID_FIELD", f"field '{field}' can not be filtered in a query call")


def test_the_setup_audit_trail_counts_without_a_field_and_forgets_after_180_days(world, admin):
    world.world.audit(world.user.user_id, "insertConnectedApplication", "Connected Apps", "Made Nightly Sync")
    soql = "SELECT Action, Section, Display, CreatedBy.Username FROM SetupAuditTrail"
    (row,) = world.rows(soql, admin)
    assert (row["Display"], row["CreatedBy"]["Username"]) == ("Made Nightly Sync", world.user.username)
    assert world.data("/query", admin, q="SELECT COUNT() FROM SetupAuditTrail")[1]["totalSize"] == 1
    found = refusal(world, admin, "SELECT COUNT(Id) FROM SetupAuditTrail")
    assert found == (400, "MALFORMED_QUERY", "field Id does not support aggregate operator COUNT")
    world.advance(days=181)
    assert world.rows(soql, world.grant(scope="api")["access_token"]) == []


def test_external_client_apps_are_found_with_scopes_and_policy_but_without_key_or_callback(world, admin):
    made = world.control("POST", "/apps", NEW_APP)[1]
    soql = "SELECT Id, DeveloperName, ContactEmail, DistributionState FROM ExternalClientApplication"
    row = {"Id": made["app_id"], "DeveloperName": "Nightly_Sync", "ContactEmail": "ops@acme.example"}
    wanted = f"{soql} WHERE MasterLabel = 'Nightly Sync'"
    for tooling in (False, True):
        assert world.rows(wanted, admin, tooling) == [{**row, "DistributionState": "Local"}]
        scopes = world.rows(
            "SELECT OauthScopesAPI, OauthScopesREFRESH_TOKEN, OauthScopesFULL FROM ExtlClntAppOauthSettings "
            f"WHERE ExternalClientApplicationId = '{made['app_id']}'",
            admin,
            tooling,
        )
        assert list(scopes[0].values()) == [True, False, False]
    for column in ("ConsumerKey", "CallbackUrl"):
        assert refusal(world, admin, f"SELECT {column} FROM ExternalClientApplication")[1] == "INVALID_FIELD"


def test_the_policy_row_follows_the_policy(world, admin):
    soql = (
        "SELECT PermittedUsersPolicyType, RefreshTokenPolicyType, RefreshTokenValidityPeriod, RefreshTokenValidityUnit "
        "FROM ExtlClntAppOauthPlcyCnfg WHERE ExternalClientApplication.DeveloperName = 'Cyclr'"
    )
    first = world.rows(soql, admin)
    assert [list(row.values()) for row in first] == [["AllSelfAuthorized", "SpecificInactivity", 30, "Days"]]
    world.policies(
        permitted_users="admin", pre_authorized=(world.user.profile,), refresh_lifetime_seconds=365 * 86_400.0
    )
    (row,) = world.rows(soql, admin)
    assert list(row.values()) == ["AdminApprovedPreAuthorized", "SpecificLifetime", 365, "Days"]


def test_connected_application_has_more_in_the_tooling_api(world, admin):
    soql = "SELECT DeveloperName, ContactEmail FROM ConnectedApplication"
    assert world.rows(soql, admin, tooling=True)[0]["DeveloperName"] == "Cyclr_Connected_App"
    assert refusal(world, admin, soql)[1] == "INVALID_FIELD"
    options = "OptionsAllowAdminApprovedUsersOnly, OptionsRefreshTokenValidityMetric, RefreshTokenValidityPeriod"
    (row,) = world.rows(f"SELECT {options} FROM ConnectedApplication", admin)
    assert list(row.values()) == [False, False, None]


@pytest.mark.parametrize("name", ["ConnectedApplication", "ExternalClientApplication", "ExtlClntAppOauthPlcyCnfg"])
def test_without_the_permission_the_object_is_unknown(world, user_token, name):
    status, code, text = refusal(world, user_token, f"SELECT Id FROM {name}")
    assert (status, code) == (400, "INVALID_TYPE")
    assert text.startswith(f"sObject type '{name}' is not supported.")
    assert world.data(f"/sobjects/{name}", user_token)[0] == 404


def test_records_and_tokens_are_not_in_the_tooling_api(world, admin):
    for name in ("Account", "OauthToken", "LoginHistory"):
        assert refusal(world, admin, f"SELECT Id FROM {name}", tooling=True)[1] == "INVALID_TYPE"


def test_permission_sets_are_assigned_to_people_and_profiles_have_their_own(world, admin):
    world.user_is(permission_sets=("Cyclr_Integration",))
    soql = (
        "SELECT PermissionSet.Name, PermissionSet.PermissionsApiEnabled, PermissionSet.Profile.Name "
        f"FROM PermissionSetAssignment WHERE Assignee.Username = '{world.user.username}' "
        "ORDER BY PermissionSet.IsOwnedByProfile"
    )
    own, profile = (row["PermissionSet"] for row in world.rows(soql, admin))
    assert (own["Name"], own["PermissionsApiEnabled"], own["Profile"]) == ("Cyclr_Integration", True, None)
    assert profile["Profile"]["Name"] == "System Administrator"
    inner = "SELECT AssigneeId FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Cyclr_Integration'"
    assert world.rows(f"SELECT Username FROM User WHERE Id IN ({inner})", admin) == [{"Username": world.user.username}]


def test_the_rows_can_be_read_by_id_and_never_written(world, admin):
    world.grant()
    (row,) = world.rows("SELECT Id FROM OauthToken", admin)
    path = f"/sobjects/OauthToken/{row['Id']}"
    assert world.data(path, admin)[1]["AppName"] == "Cyclr"
    assert world.data(path, admin, "DELETE")[0] == 405
    assert world.data("/sobjects/OauthToken", admin, "POST", {"AppName": "x"})[0] == 405
    assert world.data("/sobjects/OauthToken/describe", admin)[1]["queryable"] is True


def test_changing_a_user_keeps_what_was_written_and_shows_in_the_users_row(world, admin):
    made = world.data("/sobjects/Account", admin, "POST", {"Name": "Kept"})[1]["id"]
    username = "integration@first.practice.example"
    world.control("POST", f"/users/{username}", {"is_active": False, "profile": "Minimum Access - Salesforce"})
    assert world.data(f"/sobjects/Account/{made}", admin)[1]["Name"] == "Kept"
    soql = f"SELECT IsActive, Profile.Name, CreatedDate FROM User WHERE Username = '{username}'"
    (row,) = world.rows(soql, admin)
    assert (row["IsActive"], row["Profile"]["Name"]) == (False, "Minimum Access - Salesforce")


def test_approvals_of_another_org_are_not_seen(world, admin):
    other = Inside()
    other.host, other.app = other.org("second").my_domain_url, other.find_app("second")
    other.user = other.find_user("second")
    other.grant()
    token = other.grant(scope="api")["access_token"]
    other.settle()
    mine = other.grant(scope="api")["access_token"]
    assert other.rows("SELECT Id FROM OauthToken", mine) == []
    assert (
        other.data("/query", token, host=other.org("second").my_domain_url, q="SELECT Id FROM OauthToken")[1][
            "totalSize"
        ]
        == 1
    )


def test_who_is_frozen_is_told_to_those_who_manage_users(world, admin, user_token):
    frozen = world.find_user(short="integration")
    asked = f"SELECT IsFrozen, IsPasswordLocked FROM UserLogin WHERE UserId = '{frozen.user_id}'"
    assert world.rows(asked, admin) == [{"IsFrozen": False, "IsPasswordLocked": False}]
    world.world.change_user(frozen.user_id, is_frozen=True)
    assert world.rows(asked, admin) == [{"IsFrozen": True, "IsPasswordLocked": False}]
    world.world.change_user(frozen.user_id, is_frozen=False)
    assert refusal(world, user_token, asked)[:2] == (400, "INVALID_TYPE")


def test_the_login_ranges_of_a_profile_are_told_by_its_metadata(world, admin):
    user = world.find_user(short="integration")
    (row,) = world.rows(f"SELECT ProfileId FROM User WHERE Id = '{user.user_id}'", admin)
    status, body = world.data(f"/tooling/sobjects/Profile/{row['ProfileId']}", admin)
    assert (status, body["Metadata"]) == (200, {"loginHours": None, "loginIpRanges": []})
    world.world.change_user(user.user_id, login_ip_ranges=("203.0.113.0/24",))
    _, body = world.data(f"/tooling/sobjects/Profile/{row['ProfileId']}", admin)
    assert body["Metadata"]["loginIpRanges"] == [{"startAddress": "203.0.113.0", "endAddress": "203.0.113.255"}]
    assert world.data("/tooling/sobjects/Profile/00e000000000000AAA", admin)[0] == 404


def test_an_app_tells_when_it_was_made_and_when_it_was_last_saved(world, admin):
    asked = "SELECT CreatedDate, LastModifiedDate FROM ExternalClientApplication WHERE MasterLabel = 'Cyclr'"
    (before,) = world.rows(asked, admin)
    assert before["CreatedDate"] == before["LastModifiedDate"]
    world.advance(hours=1)
    world.control("POST", "/scenarios/propagation-delay", {"minutes": 0.0})
    (after,) = world.rows(asked, admin)
    assert after["CreatedDate"] == before["CreatedDate"] < after["LastModifiedDate"]


@pytest.mark.parametrize(
    ("scenario", "words"), [("app-deleted", "Deleted app"), ("secret-rotated", "Changed consumer secret of")]
)
def test_what_an_administrator_would_have_done_stands_in_the_setup_audit_trail(world, admin, scenario, words):
    world.control("POST", f"/scenarios/{scenario}", {"app": "Cyclr (Connected App)"})
    rows = world.rows("SELECT Display, Section FROM SetupAuditTrail", admin)
    assert rows == [{"Display": f"{words} Cyclr (Connected App)", "Section": "Connected Apps"}]
