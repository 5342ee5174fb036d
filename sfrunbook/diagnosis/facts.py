"""The named facts by which causes are told apart; pure data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from sfrunbook.core.model import Value

__all__ = ["FACTS", "Fact"]

Kind = Literal["yes/no", "number", "text"]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One fact that can be learnt of a failure without harm."""

    name: str
    kind: Kind
    #: noun phrase, for a fact that could not be learnt
    label: str
    #: sentence for yes, or for a number or text as {value}
    said: str
    #: sentence for no
    denied: str = ""
    #: shown as hours where it is less than two days
    is_in_days: bool = False

    def sentence(self, value: Value) -> str:
        """The fact in words."""
        if isinstance(value, bool):
            return self.said if value else self.denied
        shown = f"{value:.1f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        if self.is_in_days and isinstance(value, float):
            shown = f"{value:.0f} days" if value >= 2 else f"{value * 24:.0f} hours"
        return _ONE.sub(r"1 \1", self.said.format(value=shown))


def _yes_no(name: str, label: str, said: str, denied: str) -> Fact:
    return Fact(name=name, kind="yes/no", label=label, said=said, denied=denied)


def _number(name: str, label: str, said: str) -> Fact:
    return Fact(name=name, kind="number", label=label, said=said)


def _days(name: str, label: str, said: str) -> Fact:
    return Fact(name=name, kind="number", label=label, said=said, is_in_days=True)


def _text(name: str, label: str, said: str) -> Fact:
    return Fact(name=name, kind="text", label=label, said=said)


_STORED = (
    _text("used_host", "the host that refused", "The request went to {value}."),
    _text("issuer_host", "the host that gave the tokens", "The tokens were given by {value}."),
    _text("instance_host", "the org's API address", "The org's API address is {value}."),
    _yes_no(
        "used_host_is_shared",
        "whether the host belongs to one org",
        "The request went to a host that all orgs share.",
        "The request went to one org's own host.",
    ),
    _number("http_status", "the HTTP status of the answer", "The answer has the HTTP status {value}."),
    _text("grant_kind", "the kind of grant", "The connection works by {value}."),
    _number(
        "generation", "how often tokens were renewed", "The kept tokens are number {value}; a login gives number 1."
    ),
    _number(
        "newest_generation",
        "the newest tokens seen",
        "This connection has had number {value} already; each renewal gives one more.",
    ),
    _yes_no(
        "rotates",
        "whether refresh tokens are replaced",
        "Salesforce replaced the refresh token at the last refresh.",
        "Salesforce kept the refresh token at the last refresh.",
    ),
    _yes_no(
        "refresh_cut_off",
        "whether a refresh was cut off",
        "An earlier refresh was cut off before its answer came, so its refresh token may be spent.",
        "No earlier refresh of this approval was cut off.",
    ),
    _days("age_days", "the age of the approval", "The approval was made {value} ago."),
    _days("idle_days", "the time since the last refresh", "The tokens were last renewed {value} ago."),
    _number("registered_minutes", "when the app was saved", "The app was saved {value} minutes ago."),
    _number(
        "minutes_to_wait",
        "how long to wait",
        "A new app is known everywhere after 10 minutes as a rule: wait {value} minutes more.",
    ),
    _number("longest_wait_minutes", "how long to wait at most", "It has taken 30 minutes: {value} minutes more."),
    _yes_no(
        "client_id_shape_ok",
        "the shape of the Consumer Key",
        "The Consumer Key looks like a whole one.",
        "The Consumer Key does not look like a whole one.",
    ),
    _yes_no(
        "secret_held",
        "whether a Consumer Secret is kept",
        "A Consumer Secret is kept and was sent.",
        "No Consumer Secret is kept, so none was sent.",
    ),
    _yes_no(
        "secret_shape_ok",
        "the shape of the Consumer Secret",
        "The Consumer Secret looks like a whole one.",
        "The Consumer Secret does not look like a whole one.",
    ),
    _yes_no(
        "client_worked_here",
        "whether the Consumer Key ever worked at this host",
        "This Consumer Key has worked at this host before.",
        "This Consumer Key is not known to have worked at this host.",
    ),
    _yes_no(
        "other_client_worked_here",
        "whether another Consumer Key worked at this host",
        "Another Consumer Key of this connection has worked at this host before.",
        "No other Consumer Key of this connection is known to have worked at this host.",
    ),
    _yes_no(
        "secret_worked_before",
        "whether the Consumer Secret ever worked",
        "This Consumer Secret has worked before.",
        "This Consumer Secret is not known to have worked.",
    ),
    _yes_no(
        "refresh_scope_held",
        "whether the approval has the scope refresh_token",
        "The approval has the scope refresh_token.",
        "The approval does not have the scope refresh_token.",
    ),
    _yes_no(
        "identity_scope_held",
        "whether the approval has one of the scopes id, openid and full",
        "The approval has one of the scopes id, openid and full.",
        "The approval has none of the scopes id, openid and full.",
    ),
    _number("login_minutes", "when the login was begun", "The login was begun {value} minutes ago."),
    _yes_no(
        "code_sent_before",
        "whether the code had been sent before",
        "This runbook had sent a code of this login before.",
        "This runbook has sent the code once.",
    ),
    _yes_no(
        "token_of_expected_org",
        "the org of the access token",
        "The access token of the reply begins with the id of the right org, while the rest of the reply names another.",
        "The access token of the reply is of the other org as well.",
    ),
    _yes_no(
        "noted_idle_over",
        "an idle limit of the app, as it was read before",
        "The app's idle limit has passed.",
        "No idle limit of the app had passed.",
    ),
    _yes_no(
        "noted_lifetime_over",
        "a fixed lifetime of the app's refresh tokens, as it was read before",
        "The fixed lifetime of the app's refresh tokens has passed.",
        "No fixed lifetime of the app's refresh tokens had passed.",
    ),
    _yes_no(
        "api_scope_held",
        "whether the approval has the scope api or full",
        "The approval has the scope api or full.",
        "The approval has neither the scope api nor full.",
    ),
    _yes_no(
        "object_is_standard",
        "whether the object is one of Salesforce's own",
        "The object is one of Salesforce's own, and its name is right.",
        "The name is none of the commonest objects of Salesforce.",
    ),
)
_ASKED = (
    _yes_no(
        "host_names_itself",
        "whether the host is a Salesforce issuer",
        "The host names itself as a Salesforce issuer.",
        "The host does not name itself as a Salesforce issuer.",
    ),
    _number(
        "clock_skew_minutes",
        "how far the clocks differ",
        "The clock of this machine and that of Salesforce differ by {value} minutes.",
    ),
    _yes_no(
        "client_known",
        "whether the host knows the Consumer Key",
        "The host knows the Consumer Key now.",
        "The host does not know the Consumer Key.",
    ),
    _yes_no(
        "client_known_elsewhere",
        "whether another host knows the Consumer Key",
        "Another host knows the Consumer Key.",
        "No other host that was asked knows the Consumer Key.",
    ),
    _yes_no(
        "callback_registered",
        "whether the Callback URL is registered",
        "The host takes the Callback URL now.",
        "The host refuses the Callback URL.",
    ),
    _yes_no(
        "callback_twin_registered",
        "whether the Callback URL is registered with a slash more or less",
        "The host takes the same address with a slash more, or less, at its end.",
        "The host refuses the same address with a slash more, or less, at its end.",
    ),
    _yes_no(
        "secret_accepted",
        "whether the Consumer Secret is accepted",
        "The host takes the Consumer Secret now.",
        "The host refuses the Consumer Secret.",
    ),
    _yes_no(
        "works_without_secret",
        "whether the app works without a Consumer Secret",
        "The host takes the Consumer Key without any Consumer Secret.",
        "The host refuses the Consumer Key without a Consumer Secret.",
    ),
    _yes_no(
        "refresh_token_active",
        "whether the refresh token is alive",
        "Salesforce says that the refresh token is active.",
        "Salesforce says that the refresh token is not active.",
    ),
    _yes_no(
        "access_token_active",
        "whether the access token is alive",
        "Salesforce says that the access token is active.",
        "Salesforce says that the access token is not active.",
    ),
    _yes_no(
        "api_open",
        "whether the org's API lets apps in",
        "The org's API lets this runbook's session in.",
        "The org's API refuses this runbook's session as not valid for the API.",
    ),
)
_TOLD_BY_THE_ORG = (
    _yes_no(
        "own_row_present",
        "whether the org still lists the approval",
        "The org still lists this approval.",
        "The org does not list this approval any more.",
    ),
    _number("app_rows", "how many approvals the user has", "The user has {value} approvals of the app."),
    _number(
        "newer_app_rows",
        "how many newer approvals the user has",
        "The user has {value} approvals of the app that are newer than this one.",
    ),
    _yes_no(
        "app_installed",
        "whether the app is installed in the org",
        "The app is installed in the org.",
        "The org knows the app but has not installed it.",
    ),
    _text("login_status", "the last line of Login History", "The last line of Login History says “{value}”."),
    _number(
        "foreign_logins",
        "logins that this connection did not make",
        "Login History shows {value} logins of the app and user since this connection's last refresh.",
    ),
    _yes_no(
        "success_just_now",
        "whether Login History shows a success in this minute",
        "Login History shows a success of the app and user in this minute, though no answer of that kind came here.",
        "Login History shows no success of the app and user in this minute.",
    ),
    _yes_no(
        "idle_over",
        "the idle limit of the app",
        "The idle limit of the app's Refresh Token Policy has passed.",
        "The app has no idle limit that has passed.",
    ),
    _yes_no(
        "lifetime_over",
        "the fixed lifetime of the app's refresh tokens",
        "The fixed lifetime of the app's Refresh Token Policy has passed.",
        "The app has no fixed lifetime that has passed.",
    ),
    _yes_no(
        "app_listed",
        "whether the org lists the app",
        "The org lists the app.",
        "The org does not list the app.",
    ),
    _yes_no(
        "admin_approved_only",
        "the policy Permitted Users",
        "Permitted Users is “Admin approved users are pre-authorized”.",
        "Permitted Users is “All users may self-authorize”.",
    ),
    _yes_no(
        "user_let_in",
        "whether another session of the user is let in",
        "The org lets a session of this user in.",
        "The org lets no session of this user in.",
    ),
    _yes_no(
        "approval_since_login",
        "whether the org lists an approval of this login",
        "The org lists an approval that was made since this login was begun, though none has reached this runbook.",
        "The org lists no approval that was made since this login was begun.",
    ),
    _yes_no(
        "app_recreated",
        "whether the app of this name is a newer one",
        "The app of this name was made after this approval.",
        "The app of this name was there before this approval.",
    ),
    _number("app_saved_minutes", "when the app was last saved in Setup", "The app was last saved {value} minutes ago."),
    _yes_no(
        "app_deleted_in_setup",
        "whether Setup's audit trail tells of a deletion",
        "Setup has noted that the app was deleted since the Consumer Key is kept here.",
        "Setup has noted no deletion of the app.",
    ),
    _yes_no(
        "secret_changed_in_setup",
        "whether Setup's audit trail tells of another Consumer Secret",
        "Setup has noted that the app's Consumer Secret was changed since it is kept here.",
        "Setup has noted no change of the app's Consumer Secret.",
    ),
    _text("page_status", "what the login page ended with", "Login History says “{value}” of the login page."),
    _yes_no(
        "page_let_address_in",
        "whether the login page let this address in",
        "Since this login was begun, the login page has let the user in from the address that is refused now.",
        "The login page has not let the user in from the address that is refused now.",
    ),
    _yes_no(
        "profile_lets_address_in",
        "the Login IP Ranges of the user's profile",
        "The Login IP Ranges of the user's profile let the refused address in.",
        "The Login IP Ranges of the user's profile leave the refused address out.",
    ),
    _yes_no("user_frozen", "whether the user is frozen", "The user is frozen.", "The user is not frozen."),
    _yes_no(
        "user_locked",
        "whether wrong passwords have locked the user",
        "Too many wrong passwords have locked the user.",
        "The user is not locked.",
    ),
    _yes_no("user_active", "whether the user is active", "The user is active.", "The user is not active."),
    _yes_no(
        "may_approve_uninstalled",
        "whether the user may approve uninstalled apps",
        "The user has “Approve Uninstalled Connected Apps”.",
        "The user does not have “Approve Uninstalled Connected Apps”.",
    ),
    _yes_no(
        "others_find_rows",
        "whether another login of the org finds these records",
        "A query for the same records, asked with another login of this org, finds some.",
        "A query for the same records, asked with a login whose user has “View All Data”, finds none.",
    ),
    _yes_no(
        "others_know_object",
        "whether the object is there for another login of the org",
        "The object is there for another login of this org.",
        "The object is not there for a login whose user has “View All Data”.",
    ),
    _yes_no(
        "others_see_field",
        "whether another login of the org sees the field",
        "Another login of this org sees the field.",
        "Another login of this org does not see the field either.",
    ),
    _yes_no(
        "user_sees_all_data",
        "whether the user may see all data",
        "The user has “View All Data”.",
        "The user does not have “View All Data”.",
    ),
    _yes_no(
        "object_has_records",
        "whether the org counts records of the object",
        "The org's own count, which looks past sharing, shows records of the object.",
        "The org's own count shows no record of the object.",
    ),
)
#: every fact there is, by name; documentation prints it
FACTS: Mapping[str, Fact] = MappingProxyType({fact.name: fact for fact in (*_STORED, *_ASKED, *_TOLD_BY_THE_ORG)})

_ONE = re.compile(r"\b1 (minute|hour|day|login|approval)s\b")
