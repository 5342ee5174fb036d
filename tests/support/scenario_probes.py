"""What a client sees of each scenario: short ways to look, and what is to be seen while the scenario is on."""

from __future__ import annotations

import json

from support.inside import CALLBACK, ENDED, EXPIRED, ORIGINS, location

LOGIN, _, FIRST, SECOND, _ = ORIGINS
OK = (200, "", "")
NOT_FOR_REST = (401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
UNKNOWN_KEY = (400, b"error=invalid_client_id&error_description=client%20identifier%20invalid")
MISMATCH = (400, b"error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration")
NO_CHALLENGE = (400, b"error=invalid_request&error_description=missing%20required%20code%20challenge")
WRONG_SECRET = (400, "invalid_client", "invalid client credentials")
INACTIVE = (400, "invalid_grant", "inactive user")
RESTRICTED = (400, "invalid_grant", "ip restricted or invalid login hours")
EXPIRED_CODE = (400, "invalid_grant", "expired authorization code")
NOT_APPROVED = (400, "invalid_app_access", "user is not admin approved to access this app")
CROSS_ORG = "OAUTH_AUTHORIZATION_BLOCKED"


# What a client sees. Each probe can be repeated; `kept` is a grant from before the scenario.


def authorize(world, **changes):
    answer = world.authorize(**changes)
    return (answer.status, answer.body if answer.status == 400 else b"")


def landing(world, **changes):
    """`code`, or the error of the callback or error page, or the title of a page."""
    text = world.land(**changes)
    if "error=" in text:
        return text.partition("error=")[2].partition("&")[0]
    return "code" if text.startswith(CALLBACK) else text


def session(world):
    return world.reached(world.kept["access_token"])


def refresh(world):
    """Of the kept grant, which goes on with what the reply gives."""
    status, reply = world.refresh(world.kept["refresh_token"])
    if status == 200:
        world.kept.update(reply)
        return OK
    return status, reply["error"], reply["error_description"]


def exchange(world, **changes):
    found = world.refused(world.exchange(world.landed()["code"], **changes))
    return OK if found[1] == "" else found


def new_refresh(world, **changes):
    """Of a grant made now."""
    found = world.refused(world.refresh(world.grant()["refresh_token"], **changes))
    return OK if found[1] == "" else found


def new_session(world, **changes):
    return world.reached(world.grant(**changes)["access_token"])


def introspected(world):
    answer = world.post("/services/oauth2/introspect", token=world.kept["access_token"], **world.credentials())
    return json.loads(answer.body)["active"]


def introspected_by_another(world):
    world.as_app()
    found = introspected(world)
    world.as_app("external_client_app")
    return found


def asked(query):
    """Total of a query by the user of an integration, or how it is refused."""

    def probe(world):
        status, body = world.data("/query", world.grant()["access_token"], q=query)
        if status == 200:
            return body["totalSize"]
        return status, body[0]["errorCode"], body[0]["message"].splitlines()[-1].partition(". ")[0]

    return standard_user(probe)


def connected(probe, **changes):
    """The probe with the Connected App, whose grants need no challenge and are not rotated."""

    def changed(world):
        world.as_app()
        found = probe(world, code_challenge=None, **changes)
        world.as_app("external_client_app")
        return found

    return changed


def standard_user(probe):
    def changed(world):
        world.user = world.find_user(short="integration")
        found = probe(world)
        world.user = world.find_user()
        return found

    return changed


def in_second(probe):
    def changed(world):
        world.host, world.user = SECOND, world.find_user("second")
        found = probe(world)
        world.host, world.user = FIRST, world.find_user()
        return found

    return changed


def rotated(world):
    """Whether a refresh gives a refresh token, with the Connected App and with the External Client App."""
    found = []
    for kind in ("connected_app", "external_client_app"):
        world.as_app(kind)
        granted = world.grant()
        found.append("refresh_token" in world.refresh(granted["refresh_token"])[1])
    return found


def other_grant_after_replay(world):
    first, second = world.grant(), world.grant()
    world.refresh(first["refresh_token"])
    world.refresh(first["refresh_token"])
    return world.reached(second["access_token"])


def scope_of_reply(world):
    return world.grant()["scope"]


def has_refresh_token(world):
    return "refresh_token" in world.grant()


def after(probe, **span):
    """The probe after the clock has moved; it is moved back."""

    def changed(world):
        world.advance(**span)
        try:
            return probe(world)
        finally:
            world.advance(**{name: -value for name, value in span.items()})

    return changed


def aged_refresh(world, days=0.0, minutes=0.0):
    """A grant made now and refreshed after this long."""
    granted = world.grant(code_challenge=None) if not world.app.pkce_required else world.grant()
    world.advance(days=days, minutes=minutes)
    found = world.refused(world.refresh(granted["refresh_token"]))
    world.advance(days=-days, minutes=-minutes)
    return OK if found[1] == "" else found


def aged_session(world):
    token = world.grant()["access_token"]
    world.advance(minutes=16)
    found = world.reached(token)
    world.advance(minutes=-16)
    return found


def whose(world):
    """The org names that id and instance_url of a reply belong to."""
    reply = world.grant()
    names = {org.org_id: org.name for org in world.world.orgs.values()}
    hosts = {org.my_domain_url: org.name for org in world.world.orgs.values()}
    return names[reply["id"].split("/")[-2]], hosts[reply["instance_url"]]


def idled_with_no_limit(world):
    world.as_app()
    found = aged_refresh(world, days=31)
    world.as_app("external_client_app")
    return found


def failed_approval(world):
    world.as_app()
    error = landing(world, code_challenge=None)
    history = [row.status for row in world.world.logins if row.login_type == "Remote Access 2.0"][-1]
    world.as_app("external_client_app")
    return error, history


def menu_items(world):
    world.as_app()
    world.grant(code_challenge=None)
    found = world.rows("SELECT AppMenuItemId FROM OauthToken WHERE AppName LIKE '%Connected%'", world.reader)
    world.as_app("external_client_app")
    return {row["AppMenuItemId"] is None for row in found}


def told_missing_challenge(world):
    answer = world.authorize(code_challenge=None)
    return answer.status, location(answer).partition("?")[2].partition("&state")[0]


def pkce_free(world):
    return world.authorize(code_challenge=None).status


def limit_header(world):
    headers = {"authorization": f"Bearer {world.kept['access_token']}"}
    answer = world.send("GET", "/services/data/v68.0/limits", headers=headers)
    used, _, most = dict(answer.headers)[b"sforce-limit-info"].decode().removeprefix("api-usage=").partition("/")
    return answer.status, used == most


def moved(world):
    return session(world), world.grant()["instance_url"].partition("://")[2].partition(":")[0]


def sandbox(world):
    """Whether the sandbox has the org id of the first day, and what its app's authorize address says."""
    world.host = SECOND
    found = authorize(world, client_id=world.second_app.client_id)[0]
    world.host = FIRST
    return world.org("second").org_id == world.first_id, found


# name: parameters, probe, and what the probe gives while the scenario is on.
EXPECTED = {
    "my-domain-login-only": ({}, lambda world: landing(world, host=LOGIN), "Log in to Salesforce (login host)"),
    "local-app-elsewhere": ({}, in_second(landing), CROSS_ORG),
    "sandbox-refresh": ({}, sandbox, (False, 400)),
    "instance-url-migration": ({}, moved, (ENDED, "localhost")),
    "org-mix-up": ({}, whose, ("second", "second")),
    "api-disabled": ({}, session, (403, "API_CURRENTLY_DISABLED", "API is disabled for this User")),
    "api-access-control": ({}, session, NOT_FOR_REST),
    "app-deleted": ({}, authorize, UNKNOWN_KEY),
    "app-uninstalled": ({}, connected(landing), "invalid_client"),
    "app-blocked": ({}, session, ENDED),
    "app-disabled": ({}, landing, "oauth_flow_disabled"),
    "propagation-delay": ({}, authorize, UNKNOWN_KEY),
    "pkce-required": ({}, lambda world: connected(authorize)(world), NO_CHALLENGE),
    "pkce-optional": ({}, pkce_free, 200),
    "pkce-told-on-callback": (
        {},
        told_missing_challenge,
        (302, "error=invalid_request&error_description=missing+required+code+challenge"),
    ),
    "secret-rotated": ({}, exchange, WRONG_SECRET),
    "secret-optional": ({}, lambda world: exchange(world, client_secret=None), OK),
    "secret-refused": ({}, exchange, WRONG_SECRET),
    "callback-not-registered": ({}, authorize, MISMATCH),
    "no-refresh-scope": ({}, has_refresh_token, False),
    "scope-not-allowed": ({}, lambda world: landing(world, scope="full"), "invalid_scope"),
    "scope-with-extras": ({}, scope_of_reply, "refresh_token full id openid"),
    "scope-in-another-order": ({}, scope_of_reply, "full refresh_token"),
    "scope-parameter-accepted": ({}, lambda world: new_refresh(world, scope="full"), OK),
    "refresh-idle-limit": ({}, new_refresh, EXPIRED),
    "refresh-fixed-lifetime": ({}, lambda world: aged_refresh(world, minutes=61), EXPIRED),
    "refresh-expires-immediately": ({}, new_refresh, EXPIRED),
    "refresh-idle-box": ({}, idled_with_no_limit, EXPIRED),
    "rotation-on": ({}, rotated, [True, True]),
    "rotation-off": ({}, rotated, [False, False]),
    "rotation-replay": ({}, other_grant_after_replay, ENDED),
    "ip-restricted": ({}, refresh, RESTRICTED),
    "ip-allow-list": ({}, refresh, RESTRICTED),
    "admin-approved-only": ({}, refresh, NOT_APPROVED),
    "introspection-denied": ({}, introspected, False),
    "introspection-of-all": ({}, introspected_by_another, True),
    "login-history-says-success": ({}, failed_approval, ("invalid_client", "Success")),
    "token-without-menu-item": ({}, menu_items, {True}),
    "session-timeout": ({}, aged_session, ENDED),
    "sessions-ended": ({}, session, ENDED),
    "revoked-elsewhere": ({}, refresh, EXPIRED),
    "sixth-approval": ({}, session, ENDED),
    "code-expired": ({}, exchange, EXPIRED_CODE),
    "user-inactive": ({}, refresh, INACTIVE),
    "user-frozen": ({}, refresh, INACTIVE),
    "password-expired": ({}, landing, "Change Your Password"),
    "records-hidden": ({}, asked("SELECT COUNT() FROM Account"), 0),
    "object-hidden": (
        {},
        asked("SELECT Id FROM Account"),
        (400, "INVALID_TYPE", "sObject type 'Account' is not supported"),
    ),
    "field-hidden": (
        {},
        asked("SELECT Id, Industry FROM Account"),
        (400, "INVALID_FIELD", "No such column 'Industry' on entity 'Account'"),
    ),
    "daily-limit-reached": ({}, limit_header, (403, True)),
}
# Faults are met over sockets, in test_scenarios_wire.
OVER_SOCKETS = {
    "code-replayed",
    "connection-reset",
    "duplicate-replies",
    "host-refused",
    "html-503",
    "login-rate-exceeded",
    "maintenance",
    "refresh-repeated",
    "revoke-refused",
    "rotated-reply-lost",
    "slow-replies",
    "too-many-requests",
    "truncated-replies",
    "userinfo-refused",
}
VARIANTS = [
    ("api-disabled", {"by": "edition"}, session, "API_DISABLED_FOR_ORG"),
    ("api-access-control", {}, landing, "OAUTH_APP_BLOCKED"),
    ("app-blocked", {}, landing, "OAUTH_APP_BLOCKED"),
    ("app-blocked", {}, refresh, "app_blocked"),
    ("app-deleted", {}, session, "INVALID_SESSION_ID"),
    ("app-deleted", {"app": "Cyclr"}, refresh, "invalid_client_id"),
    ("app-uninstalled", {"approvers_too": False}, connected(landing), "code"),
    ("app-uninstalled", {"approvers_too": False}, standard_user(connected(landing)), "invalid_client"),
    (
        "local-app-elsewhere",
        {"answer": "not_found"},
        lambda world: landing(world, host=LOGIN),
        "OAUTH_EC_APP_NOT_FOUND",
    ),
    ("my-domain-login-only", {}, lambda world: world.refresh(world.kept["refresh_token"], host=LOGIN)[1], EXPIRED[2]),
    (
        "my-domain-login-only",
        {"api": False},
        lambda world: landing(world, host=LOGIN),
        "Log in to Salesforce (login host)",
    ),
    ("no-refresh-scope", {}, lambda world: landing(world, scope="full refresh_token"), "invalid_scope"),
    ("scope-not-allowed", {}, new_session, NOT_FOR_REST[2]),
    (
        "scope-not-allowed",
        {"page": True},
        lambda world: landing(world, scope="full"),
        "OAUTH_APPROVAL_ERROR_GENERIC",
    ),
    ("password-expired", {"tokens_too": True}, refresh, "inactive user"),
    ("propagation-delay", {"minutes": 5.0}, after(authorize, minutes=6), "200"),
    ("refresh-idle-limit", {"minutes": 30.0}, lambda world: aged_refresh(world, minutes=31), EXPIRED[2]),
    ("rotation-replay", {"ends": "refuse"}, other_grant_after_replay, "200"),
    ("secret-optional", {}, lambda world: exchange(world, client_secret="wrong"), "invalid_client"),
    ("session-timeout", {"minutes": 20.0}, aged_session, "200"),
    ("sixth-approval", {}, lambda world: world.refused(world.refresh(world.kept["refresh_token"])), EXPIRED[2]),
    ("sixth-approval", {"count": 2}, lambda world: len(world.practice.ledger.approvals), "2"),
    ("admin-approved-only", {}, landing, "OAUTH_APP_ACCESS_DENIED"),
    ("pkce-required", {"by": "app"}, lambda world: connected(authorize)(world), "missing%20required"),
    ("ip-restricted", {"ranges": "127.0.0.1;10.0.0.0/8"}, refresh, "200"),
    ("user-inactive", {}, session, "INVALID_SESSION_ID"),
]
