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
    """The app is deleted, before or after it got a grant.

    Symptom: invalid_client_id at authorize and at the token endpoint; its access tokens give 401.
    """
    gone = stage.apps(app)
    for each in gone:
        stage.world.remove_app(each.client_id)
        stage.audit(each, "deleted", f"Deleted app {each.name}")
    return gone


@scenario()
def app_uninstalled(stage: Stage, app: str = "", approvers_too: bool = True) -> None:
    """Connected Apps are known but not installed in the org, and no one may approve uninstalled ones.

    Symptom: the error page after login has invalid_client, app must be installed into org, in its address. Users who
    approved the app before go on. With approvers_too=no, administrators still get in.
    """
    stage.change_apps(app, kind="connected_app", installed=False)
    if approvers_too:
        stage.settings(withheld_permissions=("ApproveUninstalledConnectedApps",))


@scenario()
def app_blocked(stage: Stage, app: str = "") -> None:
    """An administrator pressed Block in Connected Apps OAuth Usage.

    Symptom: OAUTH_APP_BLOCKED on the callback, app_blocked at the token endpoint, 401 for live access tokens.
    """
    stage.change_apps(app, blocked=True)


@scenario()
def app_disabled(stage: Stage, app: str = "") -> None:
    """The External Client App or its OAuth plugin is switched off.

    Symptom: oauth_flow_disabled on the callback and from the token endpoint.
    """
    stage.change_apps(app, enabled=False)


@scenario()
def propagation_delay(stage: Stage, minutes: float = 10.0, app: str = "") -> None:
    """The apps were saved just now and reach the servers only after some minutes.

    Symptom: invalid_client_id everywhere until the clock has moved that far.
    """
    stage.settings(propagation_delay_seconds=minutes * 60)
    stage.change_apps(app, visible_from=stage.world.clock.time())


@scenario()
def pkce_required(stage: Stage, by: str = "org", app: str = "") -> None:
    """PKCE is demanded: of every app by the org-wide switch (by org), or by the app itself (by app).

    Symptom: an authorize call without code_challenge gets invalid_request, missing required code challenge.
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
    """PKCE is demanded neither by the org nor by the app.

    Symptom: an authorize call without code_challenge goes on to the login page; an unannounced verifier is refused.
    """
    stage.settings(pkce_required_org_wide=False)
    for org in stage.orgs(""):
        stage.change_switches(org, pkce_required=False)
    stage.change_apps(app, pkce_required=False)


@scenario()
def pkce_told_on_callback(stage: Stage) -> None:
    """A missing code challenge is reported by a redirect to the callback instead of a bare body.

    Symptom: 302 to the callback with error=invalid_request&error_description=missing+required+code+challenge.
    """
    stage.settings(pkce_missing_delivery="callback")


@scenario()
def secret_rotated(stage: Stage, app: str = "") -> None:
    """Someone gave the app a new Consumer Secret without a word.

    Symptom: 400 invalid_client, invalid client credentials, for code and refresh.
    """
    for each in stage.apps(app):
        stage.change_app(each, client_secret=stage.world.mint.consumer_secret())
        stage.audit(each, "rotatedSecretOf", f"Changed consumer secret of {each.name}")


@scenario()
def secret_optional(stage: Stage, app: str = "") -> None:
    """The app is public: no secret is asked for in the web server flow and in refreshes.

    Symptom: both work without client_secret; a wrong secret is still refused.
    """
    stage.change_apps(app, secret_required_for_code=False, secret_required_for_refresh=False)


@scenario()
def secret_refused(stage: Stage, app: str = "") -> None:
    """The app is public and sending its secret counts as wrong.

    Symptom: 400 invalid_client, invalid client credentials, though the secret is right.
    """
    stage.change_apps(app, secret_required_for_code=False, secret_required_for_refresh=False)
    stage.settings(public_secret_refused=True)


@scenario()
def callback_not_registered(stage: Stage, app: str = "") -> None:
    """The registered callbacks differ from the client's by one slash at the end.

    Symptom: the bare body redirect_uri_mismatch, redirect_uri must match configuration.
    """
    for each in stage.apps(app):
        stage.change_app(each, callback_urls=tuple(f"{url}/" for url in each.callback_urls))


@scenario()
def no_refresh_scope(stage: Stage, app: str = "") -> None:
    """The scope "Perform requests at any time" is not among the app's scopes.

    Symptom: no refresh_token in the reply when no scope is asked for; asking for it gives invalid_scope.
    """
    for each in stage.apps(app):
        kept = tuple(name for name in each.scopes if name not in ("refresh_token", "offline_access"))
        stage.change_app(each, scopes=kept)


@scenario()
def scope_not_allowed(stage: Stage, app: str = "", page: bool = False) -> None:
    """The app has no data scope: only openid and refresh_token are left.

    Symptom: asking for api or full gives invalid_scope on the callback. With page=yes, Salesforce's page shows
    OAUTH_APPROVAL_ERROR_GENERIC. Data calls with what is granted give 401 "not valid for use with the REST API".
    """
    stage.change_apps(app, scopes=("openid", "refresh_token"))
    if page:
        stage.settings(unregistered_scope="approval_error_page")


@scenario()
def scope_with_extras(stage: Stage) -> None:
    """Token replies name more scopes than were asked for.

    Symptom: scope of the reply also holds id and openid.
    """
    stage.settings(scope_extras=("id", "openid"))


@scenario()
def scope_in_another_order(stage: Stage) -> None:
    """Token replies give their scopes the other way round.

    Symptom: "full refresh_token" in place of "refresh_token full".
    """
    stage.settings(scope_reversed=True)


@scenario()
def scope_parameter_accepted(stage: Stage) -> None:
    """The token endpoint takes a scope parameter without a word, as other servers do; the rule is to refuse it.

    Symptom: a refresh that sends scope works, so a client that forgot to leave it out is not found out.
    """
    stage.settings(scope_refused_for=())


@scenario()
def refresh_idle_limit(stage: Stage, minutes: float = 0.0, app: str = "") -> None:
    """The Refresh Token Policy ends tokens that were not used for this long; 0 minutes means at their next use.

    Symptom: invalid_grant, expired access/refresh token.
    """
    stage.change_apps(app, refresh_idle_seconds=minutes * 60, refresh_lifetime_seconds=None)


@scenario()
def refresh_fixed_lifetime(stage: Stage, minutes: float = 60.0, app: str = "") -> None:
    """The Refresh Token Policy gives every token a fixed life from its approval.

    Symptom: invalid_grant, expired access/refresh token, however often it was used.
    """
    stage.change_apps(app, refresh_lifetime_seconds=minutes * 60, refresh_idle_seconds=None)


@scenario()
def refresh_expires_immediately(stage: Stage, app: str = "") -> None:
    """The Refresh Token Policy is "Immediately expire refresh token".

    Symptom: a refresh token is given and the first refresh fails with expired access/refresh token.
    """
    stage.change_apps(app, refresh_lifetime_seconds=0.0)


@scenario()
def refresh_idle_box(stage: Stage, app: str = "") -> None:
    """The box "Limit Idle Refresh Token TTL to 30 Days" is ticked on apps whose policy was valid until revoked.

    Symptom: 30 days without a refresh end the token.
    """
    stage.change_apps(app, limits_idle_refresh=True, refresh_idle_seconds=THIRTY_DAYS)


@scenario()
def rotation_on(stage: Stage, app: str = "") -> None:
    """Refresh Token Rotation is on for all apps.

    Symptom: each refresh gives a new refresh_token; the old one revokes both when it is sent again.
    """
    stage.change_apps(app, rotates_refresh_token=True)


@scenario()
def rotation_off(stage: Stage, app: str = "") -> None:
    """Refresh Token Rotation is off for all apps.

    Symptom: a refresh gives no refresh_token; the first one goes on working.
    """
    stage.change_apps(app, rotates_refresh_token=False)


@scenario()
def rotation_replay(stage: Stage, ends: str = "revoke_user_app") -> None:
    """How far the use of a spent refresh token reaches: refuse, revoke_grant (the rule) or revoke_user_app.

    Symptom: with revoke_user_app every grant of that user and app is gone, also on other machines.
    """
    if ends not in ("refuse", "revoke_grant", "revoke_user_app"):
        raise UnknownScenario(f"ends is refuse, revoke_grant or revoke_user_app, not {ends!r}.")
    stage.settings(rotation_replay=ends)


@scenario()
def ip_restricted(stage: Stage, ranges: str = _NOWHERE, user: str = "") -> None:
    """The users' profiles have login IP ranges that the client's address is not in (one range, or several with ;).

    Symptom: no login; invalid_grant, ip restricted or invalid login hours, for code and refresh.
    """
    stage.change_users(user, login_ip_ranges=_ranges(ranges))


@scenario()
def ip_allow_list(stage: Stage, ranges: str = _NOWHERE, app: str = "") -> None:
    """The box "Enforce Refresh Token IP Allowlist" is on, and the client's address is not on it.

    Symptom: code and refresh are refused with invalid_grant; live access tokens go on.
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
    """Permitted Users is "Admin approved users are pre-authorized", and no one is on the list.

    Symptom: OAUTH_APP_ACCESS_DENIED on the callback; invalid_app_access for refreshes and machine grants.
    """
    stage.change_apps(app, permitted_users="admin", pre_authorized=())


@scenario()
def introspection_denied(stage: Stage) -> None:
    """Apps may not introspect even their own tokens.

    Symptom: 200 {"active": false} for a live token, so it says nothing of the token.
    """
    stage.settings(introspection="none")


@scenario()
def introspection_of_all(stage: Stage, app: str = "") -> None:
    """The box "Introspect All Tokens" is ticked on the apps.

    Symptom: tokens of other apps of the org are reported too.
    """
    stage.change_apps(app, introspects_all=True)


@scenario()
def login_history_says_success(stage: Stage, app: str = "") -> None:
    """Connected Apps are not installed, and Login History calls the failed approval a Success.

    Symptom: the error page says app must be installed into org while LoginHistory.Status is Success.
    """
    app_uninstalled(stage, app=app)
    stage.settings(login_history_of_failed_approval="success")


@scenario()
def token_without_menu_item(stage: Stage, app: str = "") -> None:
    """Connected Apps that users approved before are not installed in the org.

    Symptom: their OauthToken rows have a null AppMenuItemId, ConnectedApplication has no row; refreshes go on.
    """
    stage.change_apps(app, kind="connected_app", installed=False)
