"""Every behaviour that the sources leave open, as one frozen record with its default and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from sfrunbook.practice.org.cyclr_settings import CyclrSettings
from sfrunbook.practice.org.ip_ranges import check_ranges
from sfrunbook.practice.org.knob import knob

__all__ = ["Settings", "changed"]


@dataclass(frozen=True, kw_only=True)
class _OrgSettings:
    """The settings of the orgs."""

    # authorize, before any login
    bare_error_status: Literal[400, 200] = knob(
        400,
        "HTTP status of an error that the login address (authorize) shows before the login page. Likely: "
        "one guide says 400. The text of the error is confirmed.",
    )
    bare_error_content_type: str = knob(
        "", "Content-Type of those errors. Empty: no such header. Likely: browsers download the reply as a file."
    )
    pkce_missing_delivery: Literal["body", "callback"] = knob(
        "body",
        "Where “missing required code challenge” appears: in the reply's body or at the callback URL. "
        "Conflict: users report both.",
    )
    pkce_checked_before_callback: bool = knob(
        False,
        "Whether PKCE is checked before the callback URL. Conflict: only the Consumer Key is known to come first.",
    )
    pkce_required_org_wide: bool = knob(
        False,
        "The org setting that requires PKCE for every app, in OAuth and OpenID Connect Settings. "
        "Confirmed: the setting exists.",
    )
    plain_challenge_refused: bool = knob(
        True, "Whether a login with code_challenge_method=plain is rejected. Likely: Salesforce accepts only S256."
    )
    absent_redirect_uri: Literal["refuse", "use_the_only_one"] = knob(
        "refuse",
        "What happens when a login names no callback URL: an error, or the app's only one is used. "
        "Confirmed: the error's name. The second choice is a guess.",
    )
    response_type_delivery: Literal["callback", "body"] = knob(
        "callback",
        "Where unsupported_response_type appears. Guess: at the callback URL, after the Consumer Key and "
        "the URL are accepted.",
    )
    unregistered_scope: Literal["callback", "approval_error_page"] = knob(
        "callback",
        "What the user sees after login when the app doesn't allow a requested scope. Likely: users report both.",
    )
    local_app_on_foreign_my_domain: Literal["unknown_key", "blocked_after_login"] = knob(
        "unknown_key",
        "What happens when a login for a Local External Client App goes to another org's My Domain. "
        "Likely: users report both.",
    )
    local_app_on_login_host: Literal["allowed", "not_found_after_login", "cross_org_after_login"] = knob(
        "allowed",
        "What happens when a login for a Local External Client App goes to login.salesforce.com or "
        "test.salesforce.com. Likely: some orgs don't find the app.",
    )
    propagation_delay_seconds: float = knob(
        0.0,
        "How long Salesforce doesn't know a new app. Confirmed: 2 to 30 minutes in real orgs. Here 0, so "
        "that you needn't wait.",
    )
    # login and consent
    consent_remembered: bool = knob(
        False,
        "Whether Allow Access? is skipped for a user who already has an approval. Guess: Salesforce asks every time.",
    )
    login_page_names_users: bool = knob(
        True,
        "Whether the login page lists the practice users and their passwords. Own: a real org never does.",
    )
    browser_session_seconds: float = knob(7200.0, "How long a login in the browser is valid. Guess.")
    # Setup
    callback_http_hosts: tuple[str, ...] = knob(
        ("localhost",),
        "Hosts that a callback URL with http may have. Confirmed: localhost. That 127.0.0.1 is rejected is a guess.",
    )
    eca_security_locked: bool = knob(
        True,
        "Whether PKCE, rotation and the idle limit are locked on in a new External Client App. Likely since mid 2026.",
    )
    connected_app_pkce_preselected: bool = knob(
        True, "Whether the PKCE box is checked in a new Connected App. Likely in orgs since 2024."
    )
    identity_code_seconds: float = knob(600.0, "How long an e-mailed verification code is valid. Guess.")
    identity_code_tries: int = knob(
        5, "How many wrong verification codes are allowed before the user needs a new one. Guess."
    )
    identity_confirmed_seconds: float = knob(
        300.0, "How long the consumer details stay open after the verification code. Guess."
    )
    # who may come in, and from where
    client_ip: str = knob(
        "127.0.0.1", "The IP address of a call that names none in the header X-Practice-Client-Ip. Own."
    )
    my_domain_login_only: Literal["off", "browser", "browser_and_api"] = knob(
        "off",
        "Whether the org rejects logins at login.salesforce.com: none, in the browser, or also OAuth "
        "requests. Likely; off by default.",
    )
    uninstalled_apps_blocked: bool = knob(
        True,
        "Whether new users are blocked from Connected Apps that aren't installed. Confirmed since "
        "September 2025 (005132365).",
    )
    uninstalled_known_users_continue: bool = knob(
        True, "Whether users who approved an uninstalled app earlier can still use it. Confirmed (005132365)."
    )
    any_api_client_opens_uninstalled: bool = knob(
        False, "Whether “Use Any API Client” lets a user approve an uninstalled app. Likely not since December 2025."
    )
    permitted_users_checked_on_refresh: bool = knob(
        True,
        "Whether “Admin approved users are pre-authorized” also stops refreshes of other users. Likely; "
        "the error text is a guess.",
    )
    withheld_permissions: tuple[str, ...] = knob(
        (), "Permissions that no profile has, such as ApproveUninstalledConnectedApps. Own; none by default."
    )
    ip_refused_description: str = knob(
        "ip restricted or invalid login hours",
        "The invalid_grant text when Login IP Ranges reject the address. Confirmed: programs look for this text.",
    )
    ip_allowlist_description: str = knob(
        "ip restricted or invalid login hours",
        "The invalid_grant text when the IP allowlist for refresh tokens rejects the address. Guess.",
    )
    login_ip_on_every_request: bool = knob(
        False, "Whether “Enforce login IP ranges on every request” also applies to API calls. Likely; off by default."
    )
    ip_refused_data_message: str = knob(
        "This session is not valid for use with the REST API",
        "The text of the 401 error for such an API call. Conflict: users report two texts.",
    )
    expired_password_blocks_tokens: bool = knob(
        False, "Whether an expired password stops refreshes with “inactive user”. Guess: refreshes still work."
    )
    daily_limit_reached: bool = knob(
        False, "Whether every API call fails with 403 REQUEST_LIMIT_EXCEEDED. Confirmed: the error; off by default."
    )
    login_history_of_failed_approval: Literal["success", "failed"] = knob(
        "success", "What Login History shows when the app isn't installed. Likely: Success, although the login fails."
    )
    oauth_token_rows_need: Literal["ManageUsers", "CustomizeApplication"] = knob(
        "ManageUsers",
        "The permission that a user needs to see other users' OauthToken rows. Conflict: Salesforce's pages name both.",
    )
    public_secret_refused: bool = knob(
        False, "Whether a Consumer Secret is rejected when the app doesn't require one. Confirmed: such apps send none."
    )
    introspection: Literal["own", "none"] = knob(
        "own",
        "Which tokens an app without “Introspect All Tokens” can ask about. Confirmed: its own. Choose "
        "none to practice the error.",
    )
    rotated_pair_works: bool = knob(
        True, "Whether the old Consumer Key and Consumer Secret work until they are deleted after a rotation. Guess."
    )
    reply_names_org: str = knob(
        "", "The name of another org that token replies should claim to come from. Own; off by default."
    )
    scope_extras: tuple[str, ...] = knob(
        (), "Scopes that a token reply lists in addition to the granted ones. Own, for practice."
    )
    scope_reversed: bool = knob(False, "Whether a token reply lists its scopes in reverse order. Own, for practice.")
    # codes
    code_lifetime_seconds: float = knob(
        900.0, "How long an authorization code is valid. Likely: 15 minutes. Confirmed: it works once."
    )
    code_checks: tuple[str, ...] = knob(
        ("scope", "client_id", "client_secret", "code", "redirect_uri", "code_verifier"),
        "The order in which a code exchange is checked. Guess, from the order in the Username-Password Flow.",
    )
    failed_exchange_spends_code: bool = knob(
        True, "Whether a wrong callback URL or verifier uses up the code. Guess: it does."
    )
    code_replay_revokes: bool = knob(
        False, "Whether sending a code twice revokes the tokens of the first exchange. Guess: it doesn't."
    )
    verifier_tilde_refused: bool = knob(
        True, "Whether a PKCE verifier with “~” is rejected. Likely: one report, which others reproduced."
    )
    verifier_max_length: int = knob(
        1024, "The longest PKCE verifier that is accepted. Guess: 171 characters work; the RFC allows 128."
    )
    missing_verifier_description: str = knob(
        "invalid code verifier",
        "The invalid_grant text when the PKCE verifier is missing. Guess: the same as for a wrong one.",
    )
    unexpected_verifier_error: Literal["invalid_grant", "invalid_request"] = knob(
        "invalid_grant", "The error code for “unexpected code verifier”. Guess: users report only the text."
    )
    # token endpoint
    scope_refused_for: tuple[str, ...] = knob(
        (
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ),
        "Grant types that reject a scope parameter. Confirmed for client_credentials, likely for the others.",
    )
    basic_on_code_exchange: bool = knob(
        True,
        "Whether a code exchange works with a Basic header and no client_id in the body. Conflict: a "
        "report from 2018 says no.",
    )
    error_first: bool = knob(True, "Whether the JSON of an error begins with “error”. Conflict: both orders occur.")
    include_api_instance_url: bool = knob(
        False, "Whether token replies contain api_instance_url. Likely in newer orgs."
    )
    api_instance_url: str = knob("https://api.salesforce.com", "The value of api_instance_url. Likely.")
    id_host: Literal["my_domain", "login"] = knob(
        "my_domain",
        "The host of the identity URL. Conflict: the login host in a recording from 2020, the My Domain "
        "in newer help pages.",
    )
    username_password_flow: bool = knob(
        False, "Whether the Username-Password Flow works. Confirmed: off in orgs created since Summer '23."
    )
    soap_login: bool = knob(
        False,
        "Whether SOAP login() works, in versions up to 64.0. Confirmed: off by default in new orgs since Winter '26.",
    )
    security_token: str = knob(
        "",
        "The security token that SOAP login() wants after the password. Own; empty: the address is trusted, so none.",
    )
    client_credentials_off_error: Literal["unsupported_grant_type", "client credentials flow not enabled"] = knob(
        "unsupported_grant_type",
        "The error when an app without the Client Credentials Flow requests it. Likely: users report both.",
    )
    jwt_milliseconds_accepted: bool = knob(
        True, "Whether an exp in milliseconds is accepted in an assertion. Confirmed: Salesforce CLI sends it."
    )
    jwt_longest_ahead_seconds: float = knob(
        300.0, "How far in the future the exp of an assertion may be. Likely 3 to 5 minutes. Clock difference is added."
    )
    jwt_clock_skew_seconds: float = knob(60.0, "How much the clocks may differ when exp is checked. Guess.")
    jwt_my_domain_audience: bool = knob(True, "Whether aud may be the My Domain address. Guess.")
    # tokens and approvals
    session_timeout_seconds: float = knob(
        7200.0, "How long an unused access token is valid. Confirmed: 2 hours by default."
    )
    activity_written_after: float = knob(
        0.5,
        "The part of that time after which a use counts. Confirmed: half, so a token is valid 1 to 1.5 times as long.",
    )
    approval_limit: int = knob(5, "How many approvals Salesforce stores for each user and app. Conflict: 4 or 5.")
    approval_dropped: Literal["oldest", "least_recently_used"] = knob(
        "oldest", "Which approval a new one removes. Confirmed: Salesforce writes “oldest approval”."
    )
    access_tokens_die_with_approval: bool = knob(
        True,
        "Whether the access tokens of a removed approval stop working. Confirmed for Revoke, likely when "
        "a newer approval removes it.",
    )
    access_tokens_die_with_expiry: bool = knob(
        True,
        "Whether access tokens stop working when the Refresh Token Policy expires the refresh token. "
        "Guess: one help page says sessions continue.",
    )
    lifetime_counts_from: Literal["approval", "rotation"] = knob(
        "approval", "What a fixed lifetime is counted from while refresh tokens rotate. Guess: the approval."
    )
    rotation_replay: Literal["refuse", "revoke_grant", "revoke_user_app"] = knob(
        "revoke_grant",
        "What a used refresh token revokes when it's sent again. Confirmed: the current refresh token and "
        "its access tokens.",
    )
    access_token_shared: bool = knob(
        False,
        "Whether a refresh can return the access token that is still valid. Confirmed only as a note; off by default.",
    )
    access_tokens_kept: int = knob(1000, "How many valid access tokens one approval can have. Own: it limits memory.")
    # data
    org_time_zone: str = knob(
        "GMT",
        "The time zone of the orgs (TimeZoneSidKey), used for dates such as TODAY. Own; an unknown value means GMT.",
    )
    # wire
    www_authenticate: str = knob(
        "Token",
        "The WWW-Authenticate header of a 401 error. Conflict: a recording differs from what one user remembers.",
    )
    revoke_error_content_type: str = knob(
        "application/x-www-form-urlencoded;charset=UTF-8",
        "Content-Type of an error from the revocation endpoint. Guess.",
    )


@dataclass(frozen=True, kw_only=True)
class Settings(CyclrSettings, _OrgSettings):
    """All settings. `why` of each (in `GET /settings`) names what is known and how well: likely, guess or conflict.

    Times are in seconds. Changed only as a whole, by `changed`, so that a request never sees half a change.
    """


def changed(settings: Settings, changes: dict[str, Any]) -> Settings:
    """The settings with some of them replaced by values from JSON; raises `ValueError` with a sentence otherwise."""
    known = get_type_hints(Settings)
    unknown = sorted(set(changes) - {each.name for each in fields(Settings)})
    if unknown:
        raise ValueError(f"no such setting: {', '.join(unknown)}")
    values = {name: _fitting(name, known[name], value) for name, value in changes.items()}
    check_ranges(values.get("cyclr_allowed_ips", ()))
    return replace(settings, **values)


def _fitting(name: str, wanted: Any, value: Any) -> Any:  # noqa: ANN401 - JSON in, field value out
    if get_origin(wanted) is Literal:
        if value in get_args(wanted) and not isinstance(value, bool):
            return value
        raise ValueError(f"{name} is one of {', '.join(map(str, get_args(wanted)))}")
    if get_origin(wanted) is tuple:
        if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise ValueError(f"{name} is a list of texts")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if wanted is float and number and 0 <= value < 1e10:
        return float(value)
    if wanted is int and number and isinstance(value, int) and 1 <= value < 10**9:
        return value
    if wanted in (bool, str) and isinstance(value, wanted) and not (wanted is str and _has_control(value)):
        return value
    raise ValueError(f"{name} does not take this value")


def _has_control(text: str) -> bool:
    return any(ord(character) < 32 or ord(character) > 126 for character in text)
