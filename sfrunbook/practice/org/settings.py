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
        400, "Status of the form-encoded errors on the authorize address. Likely: one guide names 400; body confirmed."
    )
    bare_error_content_type: str = knob(
        "", "Content-Type of those errors; empty means the header is absent. Likely: browsers download a file."
    )
    pkce_missing_delivery: Literal["body", "callback"] = knob(
        "body", "Where 'missing required code challenge' is shown. Conflict: bare body and callback are both reported."
    )
    pkce_checked_before_callback: bool = knob(
        False, "Order of the two checks. Conflict: client id comes first; the rest is open."
    )
    pkce_required_org_wide: bool = knob(
        False, "The switch of OAuth and OpenID Connect Settings that asks every app for PKCE. Confirmed to exist."
    )
    plain_challenge_refused: bool = knob(True, "code_challenge_method=plain is refused. Likely: S256 only in practice.")
    absent_redirect_uri: Literal["refuse", "use_the_only_one"] = knob(
        "refuse", "An authorize call without redirect_uri. Name of the error confirmed, the fallback is a guess."
    )
    response_type_delivery: Literal["callback", "body"] = knob(
        "callback", "Where unsupported_response_type is shown. Guess: the callback, once client and callback pass."
    )
    unregistered_scope: Literal["callback", "approval_error_page"] = knob(
        "callback", "A scope that the app lacks, found after login. Likely: both forms are reported."
    )
    local_app_on_foreign_my_domain: Literal["unknown_key", "blocked_after_login"] = knob(
        "unknown_key", "A Local External Client App's key on another org's My Domain. Likely: both forms are reported."
    )
    local_app_on_login_host: Literal["allowed", "not_found_after_login", "cross_org_after_login"] = knob(
        "allowed", "A Local External Client App's key on the login or test host. Likely: not found in some orgs."
    )
    propagation_delay_seconds: float = knob(
        0.0, "How long a new app stays unknown. Confirmed 2 to 30 minutes in real orgs; 0 here for quick practice."
    )
    # login and consent
    consent_remembered: bool = knob(
        False, "Whether 'Allow Access?' is left out for a user whose approval is alive. Guess: asked every time."
    )
    login_page_names_users: bool = knob(
        True,
        "Whether the login page names its practice users and their passwords, for rehearsal. Own: unlike a real org.",
    )
    browser_session_seconds: float = knob(7200.0, "How long a login in the browser lasts. Guess.")
    # Setup
    callback_http_hosts: tuple[str, ...] = knob(
        ("localhost",),
        "Hosts a Callback URL with http may name. Confirmed: localhost; that 127.0.0.1 is not is a guess.",
    )
    eca_security_locked: bool = knob(
        True, "PKCE, rotation and the idle limit of a new External Client App cannot be cleared. Likely since mid 2026."
    )
    connected_app_pkce_preselected: bool = knob(
        True, "Whether New Connected App comes with the PKCE box ticked. Likely in orgs since 2024."
    )
    identity_code_seconds: float = knob(600.0, "Life of the code of an identity challenge. Guess.")
    identity_code_tries: int = knob(5, "Wrong codes after which a new one must be asked for. Guess.")
    identity_confirmed_seconds: float = knob(
        300.0, "How long a passed identity challenge opens consumer details. Guess."
    )
    # who may come in, and from where
    client_ip: str = knob(
        "127.0.0.1", "Address that calls come from when they do not claim one in X-Practice-Client-Ip. Own."
    )
    my_domain_login_only: Literal["off", "browser", "browser_and_api"] = knob(
        "off", "'Prevent login from login.salesforce.com', for pages or for OAuth calls too. Likely; off by default."
    )
    uninstalled_apps_blocked: bool = knob(
        True, "Uninstalled connected apps are blocked for new users. Confirmed since September 2025 (005132365)."
    )
    uninstalled_known_users_continue: bool = knob(
        True, "Users who approved an uninstalled app before go on using it. Confirmed (005132365)."
    )
    any_api_client_opens_uninstalled: bool = knob(
        False, "'Use Any API Client' lets a user through to an uninstalled app. Likely not since December 2025."
    )
    permitted_users_checked_on_refresh: bool = knob(
        True, "Admin-approved-only ends refreshes of users who are not on the list. Likely; the text is a guess."
    )
    withheld_permissions: tuple[str, ...] = knob(
        (), "Permissions that no profile has here, such as ApproveUninstalledConnectedApps. Own; off by default."
    )
    ip_refused_description: str = knob(
        "ip restricted or invalid login hours", "invalid_grant text for a login range. Confirmed: clients match it."
    )
    ip_allowlist_description: str = knob(
        "ip restricted or invalid login hours", "invalid_grant text of the refresh-token allow list. Guess: not known."
    )
    login_ip_on_every_request: bool = knob(
        False, "'Enforce login IP ranges on every request' for the data API. Likely; off by default."
    )
    ip_refused_data_message: str = knob(
        "This session is not valid for use with the REST API", "401 text for that. Conflict: two texts are reported."
    )
    expired_password_blocks_tokens: bool = knob(
        False, "A user whose password has expired cannot refresh ('inactive user'). Guess: tokens go on."
    )
    daily_limit_reached: bool = knob(
        False, "Every data call answers REQUEST_LIMIT_EXCEEDED, 403. Confirmed text; off by default."
    )
    login_history_of_failed_approval: Literal["success", "failed"] = knob(
        "success", "Login History's word for an app that must be installed. Likely: it says Success all the same."
    )
    oauth_token_rows_need: Literal["ManageUsers", "CustomizeApplication"] = knob(
        "ManageUsers", "Permission that shows everybody's OauthToken rows. Conflict: both are in Salesforce's pages."
    )
    public_secret_refused: bool = knob(
        False, "A client secret sent where the app requires none is refused. Confirmed rule: public clients omit it."
    )
    introspection: Literal["own", "none"] = knob(
        "own", "Tokens an app may introspect without 'Introspect All Tokens'. Confirmed: its own; 'none' for practice."
    )
    rotated_pair_works: bool = knob(
        True, "After a rotation the old consumer key and secret work until they are deleted. Guess."
    )
    reply_names_org: str = knob(
        "", "Name of another org that token replies speak of, for rehearsing a mix-up. Own; off by default."
    )
    scope_extras: tuple[str, ...] = knob((), "Scopes that a token reply names beyond those granted. Own, for practice.")
    scope_reversed: bool = knob(False, "Token replies give their scopes in the opposite order. Own, for practice.")
    # codes
    code_lifetime_seconds: float = knob(900.0, "Life of a code. Likely 15 minutes; single use confirmed.")
    code_checks: tuple[str, ...] = knob(
        ("scope", "client_id", "client_secret", "code", "redirect_uri", "code_verifier"),
        "Order of the checks of authorization_code. Guess by analogy with the password grant.",
    )
    failed_exchange_spends_code: bool = knob(
        True, "Whether a wrong redirect_uri or verifier uses the code up. Guess: yes."
    )
    code_replay_revokes: bool = knob(False, "A second use of a code revokes what the first one gave. Guess: no.")
    verifier_tilde_refused: bool = knob(True, "A verifier with '~' fails. Likely: first-hand, reproduced.")
    verifier_max_length: int = knob(1024, "Longest verifier. Guess: 171 characters are seen to work; RFC says 128.")
    missing_verifier_description: str = knob(
        "invalid code verifier", "invalid_grant text for an absent verifier. Guess: as for a wrong one."
    )
    unexpected_verifier_error: Literal["invalid_grant", "invalid_request"] = knob(
        "invalid_grant", "Code for 'unexpected code verifier'. Guess: only the text is reported."
    )
    # token endpoint
    scope_refused_for: tuple[str, ...] = knob(
        (
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ),
        "Grants that answer 'scope parameter not supported'. Confirmed for client_credentials, likely for the others.",
    )
    basic_on_code_exchange: bool = knob(
        True, "Basic without client_id in the body works for authorization_code. Conflict: a 2018 report says no."
    )
    error_first: bool = knob(True, "Error JSON starts with 'error'. Conflict: both orders are seen.")
    include_api_instance_url: bool = knob(False, "api_instance_url in token replies. Likely in newer orgs.")
    api_instance_url: str = knob("https://api.salesforce.com", "Value of api_instance_url. Likely.")
    id_host: Literal["my_domain", "login"] = knob(
        "my_domain", "Host of the identity URL. Conflict: login host in a 2020 capture, org domain in newer help."
    )
    username_password_flow: bool = knob(False, "The username-password flow. Confirmed off in orgs since Summer '23.")
    client_credentials_off_error: Literal["unsupported_grant_type", "client credentials flow not enabled"] = knob(
        "unsupported_grant_type", "client_credentials on an app without the flow. Likely: both are reported."
    )
    jwt_milliseconds_accepted: bool = knob(
        True, "exp in milliseconds counts as far in the future and is taken. Confirmed: Salesforce CLI sends it."
    )
    jwt_longest_ahead_seconds: float = knob(
        300.0, "How far ahead exp in seconds may lie. Likely 3 to 5 minutes; clock skew is on top."
    )
    jwt_clock_skew_seconds: float = knob(60.0, "Tolerance on exp. Guess.")
    jwt_my_domain_audience: bool = knob(True, "aud may be the My Domain address. Guess.")
    # tokens and approvals
    session_timeout_seconds: float = knob(7200.0, "Idle life of an access token. Confirmed default: two hours.")
    activity_written_after: float = knob(
        0.5, "Part of that time that must pass before use is noted. Confirmed: half, so life is 1.0 to 1.5 times."
    )
    approval_limit: int = knob(5, "Most approvals per user and app. Conflict: 4 or 5 usable.")
    approval_dropped: Literal["oldest", "least_recently_used"] = knob(
        "oldest", "Which approval goes. Confirmed wording 'oldest approval'."
    )
    access_tokens_die_with_approval: bool = knob(
        True, "Access tokens of a dropped or revoked approval stop working. Confirmed for revoke, likely for dropping."
    )
    access_tokens_die_with_expiry: bool = knob(
        True, "The same when the Refresh Token Policy ends an approval. Guess: a help page says sessions go on."
    )
    lifetime_counts_from: Literal["approval", "rotation"] = knob(
        "approval", "Start of a specific lifetime under rotation. Guess: the approval."
    )
    rotation_replay: Literal["refuse", "revoke_grant", "revoke_user_app"] = knob(
        "revoke_grant",
        "What the use of a spent refresh token revokes. Confirmed: the current one and its access tokens.",
    )
    access_token_shared: bool = knob(
        False, "A refresh may hand out the live access token again. Confirmed as a hint only; off by default."
    )
    access_tokens_kept: int = knob(1000, "Most live access tokens per approval, so that memory stays bounded. Own.")
    # data
    org_time_zone: str = knob(
        "GMT",
        "Time zone of the orgs (a TimeZoneSidKey), where the days of date literals begin. Own; unknown ones: GMT.",
    )
    # wire
    www_authenticate: str = knob("Token", "WWW-Authenticate of a 401. Conflict: a recollection against a capture.")
    revoke_error_content_type: str = knob(
        "application/x-www-form-urlencoded;charset=UTF-8", "Content-Type of revoke's form-encoded error. Guess."
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
