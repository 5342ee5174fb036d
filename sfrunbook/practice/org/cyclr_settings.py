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
        "Cyclr sends a code_challenge to Salesforce. Guess: nothing public says so; a new app demands it.",
    )
    cyclr_refresh_sends_secret: bool = knob(
        True,
        "Cyclr's refresh carries the Client Secret. Guess: its guide has the box cleared, so it may well send none.",
    )
    cyclr_keeps_rotated_token: bool = knob(
        True, "Cyclr keeps the refresh_token that a refresh brings. Guess: yes; false means it goes on with the first."
    )
    cyclr_scope_asked: str = knob(
        "", "Scope in Cyclr's authorize address. Guess: none, since its guide lets the scopes of the app be narrowed."
    )
    cyclr_exchange_credentials: Literal["body", "basic"] = knob(
        "body", "Where the code exchange carries the Client Secret. Guess: in the form, as Salesforce's guides show."
    )
    cyclr_credentials_precedence: Literal["account", "console"] = knob(
        "account", "Whose Client ID and Client Secret count when the account and the Console have some. Guess: account."
    )
    cyclr_console_change_counts: Literal["next_login", "new_installs"] = knob(
        "next_login", "When installed connectors notice a change in the Console. Guess: at their next login."
    )
    cyclr_trims_credentials: bool = knob(
        False, "Blanks around a pasted Client ID or Client Secret are cut off. Guess: they are saved as they come."
    )
    cyclr_is_sandbox_property: bool = knob(
        True, "The Salesforce connector has the property isSandbox. Likely: a sample of the API and one guide show it."
    )
    cyclr_instance_url_property: bool = knob(
        True,
        "It has the optional property InstanceUrl, a My Domain to log in at. Likely: one connector guide shows it.",
    )
    cyclr_blank_credentials_listed: bool = knob(
        True, "Parameters list ClientId and ClientSecret while the Console's are blank. Guess."
    )
    cyclr_api_version: str = knob(
        "43.0", "REST version in the connector's calls. Likely: a sample payload shows v43.0."
    )
    cyclr_failed_login_keeps: bool = knob(
        True, "A new login that fails leaves the old tokens of the connector alone. Guess: yes."
    )
    cyclr_failed_refresh_clears: bool = knob(
        False, "A refused refresh turns Authenticated to false. Guess: no, it stays true, so it shows little."
    )
    # its callback
    cyclr_bad_state: Literal["page_400", "page_200", "login_page"] = knob(
        "page_400", "Answer to a state that is unknown, missing or used. Guess: a page with 400; nothing is documented."
    )
    cyclr_state_seconds: float = knob(3600.0, "How long a started login is waited for. Guess.")
    cyclr_error_callback: Literal["page", "target"] = knob(
        "page", "Where error= of Salesforce leads: a page that shows it, or the target as if nothing were. Guess: page."
    )
    cyclr_exchange_failure: Literal["page", "target"] = knob(
        "page", "Where a refused code exchange leads. Guess: a page that shows Salesforce's words."
    )
    # sign-in links
    cyclr_signin_seconds: float = knob(300.0, "Life of a sign-in token. Confirmed: five minutes, one use.")
    cyclr_signin_spent_by: Literal["get", "any"] = knob(
        "get", "Which requests use a sign-in token up: GET only, or HEAD too, as mail scanners send. Guess: GET only."
    )
    cyclr_bad_signin: Literal["redirect", "page"] = knob(
        "redirect", "A used or old sign-in link: redirect to the login page, or the page itself. Guess; page confirmed."
    )
    # its API
    cyclr_allowed_ips: tuple[str, ...] = knob(
        ("127.0.0.0/8",),
        "Ranges that may execute and test methods. Confirmed block for the rest. Own default, so that a rehearsal "
        "shows records; the real Cyclr allows no address until its support does.",
    )
    cyclr_ip_block_covers_triggers: bool = knob(
        False, "The block covers trigger lookups. Guess: no, they are not on the documented list."
    )
    cyclr_refused_grant_status: Literal[400, 401] = knob(
        400, "Status of a refused token request of the API. Guess: 400 as RFC 6749 has it."
    )
    cyclr_refused_grant_body: Literal["oauth", "message"] = knob(
        "oauth", "Body of a refused token request: error as in OAuth, or Message as elsewhere. Guess: error."
    )
    cyclr_token_expires_date: bool = knob(
        True, "Token replies of the API carry .issued and .expires too. Likely: public tests read .expires."
    )
    cyclr_token_seconds: float = knob(1_209_600.0, "Life of an API token. Confirmed: 14 days.")
    cyclr_tokens_for_account: str = knob(
        "", "API ID of the one account that new tokens are for, whatever scope is asked for. Own, for practice; off."
    )
    cyclr_no_account_status: Literal[400, 403, 404] = knob(
        400, "Status of an account-level call without X-Cyclr-Account. Guess; 404 for an unknown account is likely."
    )
    cyclr_restricted_status: Literal[403, 401, 404] = knob(
        403, "Status of a call outside the one account that a token is for, LAUNCH among them. Guess."
    )
    cyclr_empty_install_status: Literal[500, 400] = knob(
        500, "Status of an install without a body. Confirmed in 2023: 500; send {}."
    )
    cyclr_method_error_status: Literal[400, 500, 502] = knob(
        400, "Status when a method call reached Salesforce and failed. Guess."
    )
    cyclr_method_error_detail: bool = knob(
        True, "That reply carries Detail with what Salesforce answered, as the error webhook does. Guess."
    )
    cyclr_test_shape: Literal["request_and_response", "response"] = knob(
        "request_and_response", "Reply of a method test. Guess: what the Test tab of the Console shows."
    )
    cyclr_page_size: int = knob(20, "Rows of a list of the API when pageSize is absent. Guess.")
