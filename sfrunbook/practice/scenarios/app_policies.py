"""Scenarios about the app itself: whether it is there, who may use it, and what it demands of its client."""

from __future__ import annotations

from sfrunbook.practice.org.entities import THIRTY_DAYS, App
from sfrunbook.practice.scenarios.registry import UnknownScenario, scenario
from sfrunbook.practice.scenarios.stage import Stage

__all__: list[str] = []

_NOWHERE = "203.0.113.0/24"


def _bring_back(stage: Stage, gone: list[App]) -> None:
    for app in gone:
        stage.world.apps.setdefault(app.client_id, app)


@scenario(undo=_bring_back)
def app_deleted(stage: Stage, app: str = "") -> list[App]:
    """The app was deleted in Salesforce.

    Symptom: Salesforce returns invalid_client_id for logins and token requests. API calls with existing access tokens
    fail with 401.
    """
    gone = stage.apps(app)
    for each in gone:
        stage.world.remove_app(each.client_id)
        stage.audit(each, "deleted", f"Deleted app {each.name}")
    return gone


@scenario()
def app_uninstalled(stage: Stage, app: str = "", approvers_too: bool = True) -> None:
    """Connected Apps aren't installed in the org, and no one can approve uninstalled apps.

    Symptom: After login, the error page's address contains “invalid_client” and “app must be installed into org”.
    Users who approved the app earlier can still use it. With approvers_too=no, administrators can log in too.
    """
    stage.change_apps(app, kind="connected_app", installed=False)
    if approvers_too:
        stage.settings(withheld_permissions=("ApproveUninstalledConnectedApps",))


@scenario()
def app_blocked(stage: Stage, app: str = "") -> None:
    """An administrator pressed Block in Connected Apps OAuth Usage.

    Symptom: A login returns OAUTH_APP_BLOCKED, and a token request returns app_blocked. API calls with existing
    access tokens fail with 401.
    """
    stage.change_apps(app, blocked=True)


@scenario()
def app_disabled(stage: Stage, app: str = "") -> None:
    """The External Client App or its OAuth plugin is disabled.

    Symptom: Logins and token requests return oauth_flow_disabled.
    """
    stage.change_apps(app, enabled=False)


@scenario()
def propagation_delay(stage: Stage, minutes: float = 10.0, app: str = "") -> None:
    """The apps were saved a moment ago, and Salesforce needs some minutes to activate them.

    Symptom: Every request returns invalid_client_id until the practice time has passed that many minutes.
    """
    stage.settings(propagation_delay_seconds=minutes * 60)
    stage.change_apps(app, visible_from=stage.world.clock.time())


@scenario()
def pkce_required(stage: Stage, by: str = "org", app: str = "") -> None:
    """PKCE is required, by the org for every app (by=org) or by the app itself (by=app).

    Symptom: A login without a code challenge returns invalid_request, “missing required code challenge”.
    """
    if by not in ("org", "app"):
        raise UnknownScenario(f"by is org or app, not {by!r}.")
    if by == "app":
        stage.change_apps(app, pkce_required=True)
        return
    stage.settings(pkce_required_org_wide=True)
    for org in stage.orgs(""):
        stage.change_switches(org, pkce_required=True)


@scenario()
def pkce_optional(stage: Stage, app: str = "") -> None:
    """Neither the org nor the app requires PKCE.

    Symptom: A login without a code challenge reaches the login page. A verifier without a challenge is rejected.
    """
    stage.settings(pkce_required_org_wide=False)
    for org in stage.orgs(""):
        stage.change_switches(org, pkce_required=False)
    stage.change_apps(app, pkce_required=False)


@scenario()
def pkce_told_on_callback(stage: Stage) -> None:
    """A missing code challenge is reported at the callback URL, and not on the page.

    Symptom: Salesforce redirects to the callback URL with error=invalid_request and
    error_description=missing+required+code+challenge.
    """
    stage.settings(pkce_missing_delivery="callback")


@scenario()
def secret_rotated(stage: Stage, app: str = "") -> None:
    """Someone created a new Consumer Secret for the app, and the runbook still has the old one.

    Symptom: Code exchanges and refreshes return 400 invalid_client, “invalid client credentials”.
    """
    for each in (found for found in stage.apps(app) if found.client_secret):
        stage.change_app(each, client_secret=stage.world.mint.consumer_secret())
        stage.audit(each, "rotatedSecretOf", f"Changed consumer secret of {each.name}")


@scenario()
def secret_optional(stage: Stage, app: str = "") -> None:
    """The app doesn't require its Consumer Secret for the Web Server Flow or for refreshes.

    Symptom: Both work without a secret. A wrong secret is still rejected.
    """
    stage.change_apps(app, secret_required_for_code=False, secret_required_for_refresh=False)


@scenario()
def secret_refused(stage: Stage, app: str = "") -> None:
    """The app requires no Consumer Secret and rejects any secret that is sent.

    Symptom: Salesforce returns 400 invalid_client, “invalid client credentials”, although the secret is correct.
    """
    stage.change_apps(app, secret_required_for_code=False, secret_required_for_refresh=False)
    stage.settings(public_secret_refused=True)


@scenario()
def callback_not_registered(stage: Stage, app: str = "") -> None:
    """The registered callback URLs differ from the program's by a slash at the end.

    Symptom: Before login, Salesforce shows redirect_uri_mismatch, “redirect_uri must match configuration”.
    """
    for each in stage.apps(app):
        stage.change_app(each, callback_urls=tuple(f"{url}/" for url in each.callback_urls))


@scenario()
def no_refresh_scope(stage: Stage, app: str = "") -> None:
    """The scope “Perform requests at any time” isn't selected in the app.

    Symptom: A login that requests no scopes returns no refresh token. A login that requests this scope returns
    invalid_scope.
    """
    for each in stage.apps(app):
        kept = tuple(name for name in each.scopes if name not in ("refresh_token", "offline_access"))
        stage.change_app(each, scopes=kept)


@scenario()
def scope_not_allowed(stage: Stage, app: str = "", page: bool = False) -> None:
    """The app allows only the scopes openid and refresh_token, so it can't read data.

    Symptom: A login that requests api or full returns invalid_scope. With page=yes, Salesforce shows its page
    OAUTH_APPROVAL_ERROR_GENERIC. API calls fail with 401 “not valid for use with the REST API”.
    """
    stage.change_apps(app, scopes=("openid", "refresh_token"))
    if page:
        stage.settings(unregistered_scope="approval_error_page")


@scenario()
def scope_with_extras(stage: Stage) -> None:
    """Token replies list more scopes than the program requested.

    Symptom: The scope of the reply also contains id and openid.
    """
    stage.settings(scope_extras=("id", "openid"))


@scenario()
def scope_in_another_order(stage: Stage) -> None:
    """Token replies list their scopes in reverse order.

    Symptom: The reply says “full refresh_token” where it said “refresh_token full”.
    """
    stage.settings(scope_reversed=True)


@scenario()
def scope_parameter_accepted(stage: Stage) -> None:
    """Token requests may contain a scope parameter, which Salesforce normally rejects.

    Symptom: A refresh with a scope parameter works, so the mistake in the program stays hidden.
    """
    stage.settings(scope_refused_for=())


@scenario()
def refresh_idle_limit(stage: Stage, minutes: float = 0.0, app: str = "") -> None:
    """The Refresh Token Policy expires tokens that weren't used for some minutes. 0 means at the next use.

    Symptom: A refresh returns invalid_grant, “expired access/refresh token”.
    """
    stage.change_apps(app, refresh_idle_seconds=minutes * 60, refresh_lifetime_seconds=None)


@scenario()
def refresh_fixed_lifetime(stage: Stage, minutes: float = 60.0, app: str = "") -> None:
    """The Refresh Token Policy expires every token a fixed time after its approval.

    Symptom: A refresh returns invalid_grant, “expired access/refresh token”, even if the token was used often.
    """
    stage.change_apps(app, refresh_lifetime_seconds=minutes * 60, refresh_idle_seconds=None)


@scenario()
def refresh_expires_immediately(stage: Stage, app: str = "") -> None:
    """The Refresh Token Policy is “Immediately expire refresh token”.

    Symptom: The login returns a refresh token, but the first refresh fails with “expired access/refresh token”.
    """
    stage.change_apps(app, refresh_lifetime_seconds=0.0)


@scenario()
def refresh_idle_box(stage: Stage, app: str = "") -> None:
    """“Limit Idle Refresh Token TTL to 30 Days” is checked in apps whose tokens were valid until revoked.

    Symptom: A refresh token expires after 30 days without a refresh.
    """
    stage.change_apps(app, limits_idle_refresh=True, refresh_idle_seconds=THIRTY_DAYS)


@scenario()
def rotation_on(stage: Stage, app: str = "") -> None:
    """Refresh Token Rotation is on for all apps.

    Symptom: Each refresh returns a new refresh token. Sending the old one again revokes both.
    """
    stage.change_apps(app, rotates_refresh_token=True)


@scenario()
def rotation_off(stage: Stage, app: str = "") -> None:
    """Refresh Token Rotation is off for all apps.

    Symptom: A refresh returns no new refresh token. The first one stays valid.
    """
    stage.change_apps(app, rotates_refresh_token=False)


@scenario()
def rotation_replay(stage: Stage, ends: str = "revoke_user_app") -> None:
    """What happens when a used refresh token is sent again: refuse, revoke_grant (the default) or revoke_user_app.

    Symptom: With revoke_user_app, all approvals of this user and app are revoked, also those of other machines.
    """
    if ends not in ("refuse", "revoke_grant", "revoke_user_app"):
        raise UnknownScenario(f"ends is refuse, revoke_grant or revoke_user_app, not {ends!r}.")
    stage.settings(rotation_replay=ends)


@scenario()
def ip_restricted(stage: Stage, ranges: str = _NOWHERE, user: str = "") -> None:
    """The users' profiles have Login IP Ranges that don't include this computer. Separate several with ;.

    Symptom: No one can log in. Code exchanges and refreshes return invalid_grant, “ip restricted or invalid login
    hours”.
    """
    stage.change_users(user, login_ip_ranges=_ranges(ranges))


@scenario()
def ip_allow_list(stage: Stage, ranges: str = _NOWHERE, app: str = "") -> None:
    """“Enforce Refresh Token IP Allowlist” is checked, and the list doesn't include this computer.

    Symptom: Code exchanges and refreshes return invalid_grant. Existing access tokens still work.
    """
    stage.change_apps(app, enforces_refresh_ip_allowlist=True, refresh_ip_ranges=_ranges(ranges))


def _ranges(text: str) -> tuple[str, ...]:
    from sfrunbook.practice.org.ip_ranges import check_ranges

    found = tuple(part.strip() for part in text.split(";") if part.strip())
    try:
        check_ranges(found)
    except ValueError as wrong:
        raise UnknownScenario(f"{wrong}.") from None
    return found


@scenario()
def admin_approved_only(stage: Stage, app: str = "") -> None:
    """Permitted Users is “Admin approved users are pre-authorized”, and no user is approved.

    Symptom: A login returns OAUTH_APP_ACCESS_DENIED. Refreshes and unattended grants return invalid_app_access.
    """
    stage.change_apps(app, permitted_users="admin", pre_authorized=())


@scenario()
def introspection_denied(stage: Stage) -> None:
    """Apps can't introspect any tokens, including their own.

    Symptom: Introspection returns {"active": false} for a valid token, so the reply shows nothing about the token.
    """
    stage.settings(introspection="none")


@scenario()
def introspection_of_all(stage: Stage, app: str = "") -> None:
    """“Introspect All Tokens” is checked in the apps.

    Symptom: Introspection also reports tokens of the org's other apps.
    """
    stage.change_apps(app, introspects_all=True)


@scenario()
def login_history_says_success(stage: Stage, app: str = "") -> None:
    """Connected Apps aren't installed, but Login History shows Success for the failed login.

    Symptom: The error page says “app must be installed into org”, while Login History shows Success.
    """
    app_uninstalled(stage, app=app)
    stage.settings(login_history_of_failed_approval="success")


@scenario()
def token_without_menu_item(stage: Stage, app: str = "") -> None:
    """Connected Apps aren't installed in the org, but users approved them earlier.

    Symptom: AppMenuItemId is empty in their OauthToken rows, and ConnectedApplication has no row for the app.
    Refreshes still work.
    """
    stage.change_apps(app, kind="connected_app", installed=False)
