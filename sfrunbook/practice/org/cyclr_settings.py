"""The settings of the partner's side: what its documentation leaves open, each with a default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sfrunbook.practice.org.knob import knob

__all__ = ["CyclrSettings"]


@dataclass(frozen=True, kw_only=True)
class CyclrSettings:
    """The settings of the practice Cyclr; `why` of each names what is known and how well."""

    # its OAuth with Salesforce
    cyclr_sends_pkce: bool = knob(
        True,
        "Whether Cyclr sends a PKCE code challenge. Guess: Cyclr's documentation doesn't say, and new "
        "External Client Apps require it.",
    )
    cyclr_refresh_sends_secret: bool = knob(
        True,
        "Whether Cyclr sends the Client Secret when it refreshes. Guess: its guide clears the box, so the "
        "real Cyclr may not.",
    )
    cyclr_keeps_rotated_token: bool = knob(
        True,
        "Whether Cyclr stores the new refresh token of each refresh. Guess: it does. If false, it sends "
        "the first one again.",
    )
    cyclr_scope_asked: str = knob(
        "", "The scopes that Cyclr requests. Guess: none, because its guide lets you choose the app's scopes."
    )
    cyclr_exchange_credentials: Literal["body", "basic"] = knob(
        "body",
        "How Cyclr sends the Client Secret when it exchanges the code. Guess: in the body, as in Salesforce's guides.",
    )
    cyclr_credentials_precedence: Literal["account", "console"] = knob(
        "account",
        "Which Client ID and Client Secret Cyclr uses when both the account and the Console have them. "
        "Guess: the account's.",
    )
    cyclr_console_change_counts: Literal["next_login", "new_installs"] = knob(
        "next_login",
        "When installed connectors use a changed Client ID or Client Secret from the Console. Guess: at "
        "the next login.",
    )
    cyclr_trims_credentials: bool = knob(
        False, "Whether Cyclr removes spaces around a pasted Client ID or Client Secret. Guess: it doesn't."
    )
    cyclr_is_sandbox_property: bool = knob(
        True, "Whether the Salesforce connector has the property isSandbox. Likely: an API example and a guide show it."
    )
    cyclr_instance_url_property: bool = knob(
        True,
        "Whether it also has InstanceUrl, the My Domain to log in at. Likely: one connector guide shows it.",
    )
    cyclr_blank_credentials_listed: bool = knob(
        True,
        "Whether the API lists ClientId and ClientSecret as parameters while they are blank in the Console. Guess.",
    )
    cyclr_api_version: str = knob(
        "43.0", "The REST API version that the connector calls. Likely: an example shows v43.0."
    )
    cyclr_failed_login_keeps: bool = knob(
        True, "Whether the connector's old tokens stay stored when a new login fails. Guess: they do."
    )
    cyclr_failed_refresh_clears: bool = knob(
        False,
        "Whether a rejected refresh sets Authenticated to false. Guess: it stays true, so it doesn't show the problem.",
    )
    # its callback
    cyclr_bad_state: Literal["page_400", "page_200", "login_page"] = knob(
        "page_400",
        "What Cyclr's callback shows for an unknown, missing or used state. Guess: an error page with status 400.",
    )
    cyclr_state_seconds: float = knob(3600.0, "How long Cyclr waits for a login to finish. Guess.")
    cyclr_error_callback: Literal["page", "target"] = knob(
        "page",
        "What the user sees when Salesforce returns an error: a page, or the target page without it. Guess: a page.",
    )
    cyclr_exchange_failure: Literal["page", "target"] = knob(
        "page", "What the user sees when Salesforce rejects the code exchange. Guess: a page with Salesforce's text."
    )
    # sign-in links
    cyclr_signin_seconds: float = knob(
        300.0, "How long a sign-in link is valid. Confirmed: 5 minutes, and it works once."
    )
    cyclr_signin_spent_by: Literal["get", "any"] = knob(
        "get",
        "Which requests use up a sign-in link: only GET, or also HEAD, which mail scanners send. Guess: only GET.",
    )
    cyclr_bad_signin: Literal["redirect", "page"] = knob(
        "redirect",
        "Whether an expired or used sign-in link redirects to Cyclr's login page or shows it. Guess; "
        "confirmed: the login page.",
    )
    # its API
    cyclr_allowed_ips: tuple[str, ...] = knob(
        ("127.0.0.0/8",),
        "IP addresses that can run and test methods. Confirmed: Cyclr blocks all others. Own default: "
        "this computer. The real Cyclr allows no address until its support adds it.",
    )
    cyclr_ip_block_covers_triggers: bool = knob(
        False,
        "Whether the IP block also covers trigger lookups. Guess: it doesn't, because the documentation "
        "doesn't list them.",
    )
    cyclr_refused_grant_status: Literal[400, 401] = knob(
        400, "HTTP status when Cyclr's API rejects a token request. Guess: 400, as in RFC 6749."
    )
    cyclr_refused_grant_body: Literal["oauth", "message"] = knob(
        "oauth", "Body of that reply: an OAuth error, or a Message as in the other replies. Guess: an OAuth error."
    )
    cyclr_token_expires_date: bool = knob(
        True, "Whether a token reply of Cyclr's API also has .issued and .expires. Likely: public tests read .expires."
    )
    cyclr_token_seconds: float = knob(1_209_600.0, "How long a token of Cyclr's API is valid. Confirmed: 14 days.")
    cyclr_tokens_for_account: str = knob(
        "",
        "API ID of the only account that new API tokens work for, whatever scope is requested. Own, for practice; off.",
    )
    cyclr_no_account_status: Literal[400, 403, 404] = knob(
        400,
        "HTTP status of an account-level call without X-Cyclr-Account. Guess. For an unknown account, 404 is likely.",
    )
    cyclr_restricted_status: Literal[403, 401, 404] = knob(
        403, "HTTP status when a token for one account is used for another account or for LAUNCH. Guess."
    )
    cyclr_empty_install_status: Literal[500, 400] = knob(
        500, "HTTP status of an install request without a body. Confirmed in 2023: 500. Send {}."
    )
    cyclr_method_error_status: Literal[400, 500, 502] = knob(
        400, "HTTP status when Salesforce rejects the call of a method. Guess."
    )
    cyclr_method_error_detail: bool = knob(
        True, "Whether that reply contains Salesforce's answer in Detail, as the error webhook does. Guess."
    )
    cyclr_test_shape: Literal["request_and_response", "response"] = knob(
        "request_and_response",
        "What a method test returns: the request and the response, or only the response. Guess: as on the Test tab.",
    )
    cyclr_page_size: int = knob(20, "How many rows a list of Cyclr's API has when pageSize is missing. Guess.")
