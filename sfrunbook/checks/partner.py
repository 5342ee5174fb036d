"""Checks of the partner's side before anybody logs in there: its API, its connector, what it sends to Salesforce."""

from __future__ import annotations

from urllib.parse import urlsplit

from sfrunbook.checks.registry import Answer, Context, check, local, skipped
from sfrunbook.core.model import OrgKind, Skip, Status
from sfrunbook.core.words import APPROVAL, counted
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.partners.cyclr.redirect import AuthorizeRequest, Seen
from sfrunbook.partners.cyclr.side import CyclrSide
from sfrunbook.salesforce.approvals import LIMIT
from sfrunbook.salesforce.oauth.grants import missing_scopes
from sfrunbook.salesforce.oauth.hosts import HostKind, classify
from sfrunbook.salesforce.oauth.probe import CallbackAnswer, probe_callback
from sfrunbook.salesforce.oauth.probe_refresh import refresh_needs_secret

__all__ = ["ACCESS", "CONNECTOR", "LOGIN", "STAGE", "side_of"]

STAGE = "partner"
_ASKED = "partner-api-can-be-asked"
_ACCOUNT = "partner-account-is-known"
_INSTALLED = "connector-is-installed"
_CREDENTIALS = "connector-has-client-id-and-secret"
_READ = "partner-login-request-is-read"
_KEY = "partner-sends-this-consumer-key"
#: the checks in the order of the work, for notebooks that go step by step
ACCESS = (_ASKED, _ACCOUNT, "service-domain-is-that-of-the-callback")
CONNECTOR = (
    "connector-is-in-the-library",
    _INSTALLED,
    _CREDENTIALS,
    "connector-has-what-it-requires",
)
LOGIN = (
    _READ,
    _KEY,
    "partner-callback-is-registered",
    "partner-logs-in-where-the-app-is",
    "partner-asks-for-enough-scopes",
    "pkce-box-fits-what-the-partner-sends",
    "refresh-secret-box-fits-the-partner",
    "approvals-leave-room-for-the-partner",
)
_GENERAL = {
    HostKind.LOGIN: frozenset({OrgKind.PRODUCTION, OrgKind.DEVELOPER}),
    HostKind.TEST: frozenset({OrgKind.SANDBOX, OrgKind.SCRATCH}),
}


@check(STAGE)
def partner_api_can_be_asked(context: Context) -> Answer:
    """The partner's API accepts the credentials of this connection."""
    if context.partner is None:
        told = "No API credentials of the partner are kept; without them its side is done and proved by hand."
        return skipped(Skip.OPTIONAL, told)
    seen = context.partner.accounts
    host = urlsplit(context.partner.places.api_url).netloc
    told = f"{host} gave a token; it shows {counted(len(seen), 'account')}."
    return Answer(status=Status.PASSED, detail=told)


@check(STAGE, requires=(_ASKED,))
def partner_account_is_known(context: Context) -> Answer:
    """The account of this connection is known to the partner's API."""
    account = side_of(context).account
    return Answer(status=Status.PASSED, detail=f"{account.name} ({account.account_id}).")


@check(STAGE, requires=(_ASKED, _ACCOUNT))
def service_domain_is_that_of_the_callback(context: Context) -> Answer:
    """The host that the partner comes back to is the one of the Callback URL."""
    seen, side = side_of(context).service_domain, side_of(context)
    expected = urlsplit(side.places.service_url).netloc
    if seen != expected:
        diagnosis = local("cyclr-service-domain-differs", seen=seen, expected=expected)
        return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis)
    return Answer(status=Status.PASSED, detail=f"A launch link leads to {seen}, as the Callback URL does.")


@check(STAGE, requires=(_ASKED, _ACCOUNT))
def connector_is_in_the_library(context: Context) -> Answer:
    """The connector stands in the partner's library and can be installed."""
    found = side_of(context).library
    told = f"{found.name} {found.version} ({found.status or 'no status'}), id {found.connector_id}."
    return Answer(status=Status.PASSED, detail=told)


@check(STAGE, requires=(_ASKED, _ACCOUNT, "connector-is-in-the-library"))
def connector_is_installed(context: Context) -> Answer:
    """The connector is installed in the account."""
    side = side_of(context)
    found = side.installed
    told = f"{found.name}, id {found.number}, in {side.account.name}."
    if len(side.connectors) > 1:
        told += f" It is the newest of {len(side.connectors)}."
    return Answer(status=Status.PASSED, detail=told, evidence={"connector id": found.number})


@check(STAGE, requires=(_ASKED, _ACCOUNT, _INSTALLED))
def connector_has_client_id_and_secret(context: Context) -> Answer:
    """Client ID and Client Secret are set, in the partner's console or in the account."""
    side = side_of(context)
    if missing := side.missing_credentials:
        diagnosis = local("cyclr-credentials-not-set", missing=missing)
        return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis)
    if own := side.account_client_id:
        told = "This account has a Client ID of its own, which takes the place of the console's (guess)."
        return Answer(status=Status.PASSED, detail=told, evidence={"client id of the account": own})
    return Answer(status=Status.PASSED, detail="The account asks for none of its own: the console's count.")


@check(STAGE, requires=(_ASKED, _ACCOUNT, _INSTALLED))
def connector_has_what_it_requires(context: Context) -> Answer:
    """Every value that the connector requires of an account is set."""
    if missing := side_of(context).missing_properties:
        diagnosis = local("cyclr-property-not-set", missing=missing)
        return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis)
    held = [one.name for one in side_of(context).installed.properties if one.is_set]
    return Answer(status=Status.PASSED, detail=f"Set: {', '.join(held) or 'nothing is required'}.")


@check(STAGE, requires=(_ASKED, _ACCOUNT, _INSTALLED, _CREDENTIALS))
def partner_login_request_is_read(context: Context) -> Answer:
    """The request that the partner sends to Salesforce can be read before anybody logs in."""
    seen = side_of(context).redirect
    if seen.seen is Seen.SALESFORCE:
        return Answer(status=Status.PASSED, detail=seen.reason)
    if seen.seen is Seen.CYCLR_LOGIN:
        diagnosis = local("cyclr-sign-in-link-used")
        return Answer(status=Status.FAILED, detail=f"{seen.reason} {diagnosis.what}", diagnosis=diagnosis)
    return Answer(status=Status.INCONCLUSIVE, detail=seen.reason)


@check(STAGE, requires=(_READ,))
def partner_sends_this_consumer_key(context: Context) -> Answer:
    """The partner sends the Consumer Key of this connection's app."""
    seen, expected = _request(context).client_id, context.connection.client_id
    if seen != expected:
        own = side_of(context).account_client_id or "it has none"
        diagnosis = local("cyclr-other-consumer-key", seen=_short(seen), expected=_short(expected), account_value=own)
        told = diagnosis.what
        if seen.strip() == expected:
            told += " It differs in blanks only: one was copied with it."
        return Answer(status=Status.FAILED, detail=told, diagnosis=diagnosis)
    return Answer(status=Status.PASSED, detail=f"It sends {_short(seen)}, the key of this app.")


@check(STAGE, requires=(_READ, _KEY))
def partner_callback_is_registered(context: Context) -> Answer:
    """The Callback URL that the partner sends is registered in the app."""
    seen = _request(context).redirect_uri
    probe = probe_callback(context.http, context.connection.login_url, context.connection.client_id, seen)
    if probe.answer is CallbackAnswer.NOT_REGISTERED:
        diagnosis = local("callback-not-registered", callback=seen)
        return Answer(status=Status.FAILED, detail=f"{seen}: {probe.reason}", diagnosis=diagnosis)
    if probe.answer is not CallbackAnswer.REGISTERED:
        shown = diagnose(probe.failure) if probe.failure else None
        return Answer(status=Status.INCONCLUSIVE, detail=f"{seen}: {probe.reason}", diagnosis=shown)
    if seen not in context.profile.callback_urls(context.connection.variables):
        told = f"{seen} is registered, and is none of those that the partner profile names."
        return Answer(status=Status.WARNING, detail=told)
    return Answer(status=Status.PASSED, detail=f"{seen} is registered.")


@check(STAGE, requires=(_READ, _KEY))
def partner_logs_in_where_the_app_is(context: Context) -> Answer:
    """The partner sends people to a login host that knows the app."""
    seen, connection = _request(context), context.connection
    wrong = local("cyclr-wrong-login-host", seen=seen.login_url, expected=connection.login_url)
    fitting = _GENERAL.get(classify(seen.login_url).kind)
    if fitting and connection.org_kind is not OrgKind.UNKNOWN and connection.org_kind not in fitting:
        return Answer(status=Status.FAILED, detail=wrong.what, diagnosis=wrong)
    if classify(seen.login_url).is_my_domain and seen.login_url != connection.login_url:
        return Answer(status=Status.FAILED, detail=wrong.what, diagnosis=wrong)
    probe = probe_callback(context.http, seen.login_url, seen.client_id, seen.redirect_uri)
    if probe.answer is CallbackAnswer.UNKNOWN_CLIENT:
        return Answer(status=Status.FAILED, detail=f"{wrong.what} That host does not know the app.", diagnosis=wrong)
    if probe.answer is CallbackAnswer.INCONCLUSIVE:
        return Answer(status=Status.INCONCLUSIVE, detail=f"{seen.login_url}: {probe.reason}")
    return Answer(status=Status.PASSED, detail=f"{seen.login_url} knows the app.")


@check(STAGE, requires=(_READ,))
def partner_asks_for_enough_scopes(context: Context) -> Answer:
    """The partner asks for every scope that it needs, or leaves them to the app."""
    asked = _request(context).scopes
    if not asked:
        return Answer(status=Status.PASSED, detail="It names no scope, so those that are selected on the app count.")
    if missing := missing_scopes(context.profile.scopes, asked):
        diagnosis = local("cyclr-asks-too-little", asked=" ".join(asked), missing=" ".join(missing))
        return Answer(status=Status.WARNING, detail=diagnosis.what, diagnosis=diagnosis)
    return Answer(status=Status.PASSED, detail=f"It asks for {' '.join(asked)}.")


@check(STAGE, requires=(_READ, _KEY))
def pkce_box_fits_what_the_partner_sends(context: Context) -> Answer:
    """The app demands a proof key (PKCE) only if the partner sends one."""
    seen = _request(context)
    if seen.sends_challenge:
        return Answer(status=Status.PASSED, detail="The partner sends a code challenge, so the box may be ticked.")
    demanded = context.registration_probe.pkce_required
    if demanded is None:
        told = "The partner sends no code challenge; whether the app demands one could not be told."
        return Answer(status=Status.INCONCLUSIVE, detail=told)
    if demanded:
        diagnosis = local("cyclr-sends-no-challenge")
        return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis)
    return Answer(status=Status.PASSED, detail="The partner sends no code challenge, and the app demands none.")


@check(STAGE, requires=(_READ, _KEY))
def refresh_secret_box_fits_the_partner(context: Context) -> Answer:
    """The app asks for no Consumer Secret at a refresh, where the partner's guide has that box cleared."""
    wanted = {flag.name: flag.wanted for flag in context.profile.flags}.get("secret-for-refresh-token-flow", "leave")
    if wanted != "off":
        return skipped(Skip.DOES_NOT_APPLY, "The partner's guide leaves it as it is.")
    needs, reason = refresh_needs_secret(context.http, context.connection.login_url, context.connection.client_id)
    if needs is None:
        return Answer(status=Status.INCONCLUSIVE, detail=f"{reason} Look at the box yourself: it must be cleared.")
    if needs:
        diagnosis = local("cyclr-refresh-needs-secret")
        return Answer(status=Status.FAILED, detail=f"{diagnosis.what} {reason} (guess)", diagnosis=diagnosis)
    return Answer(status=Status.PASSED, detail=f"{reason} (guess)")


@check(STAGE, requires=(_ASKED,))
def approvals_leave_room_for_the_partner(context: Context) -> Answer:
    """The connecting user has room for one more approval of the app."""
    seen = context.approvals
    if seen is None or seen.count is None:
        told = (
            f"Count them yourself ({APPROVAL}): the user's picture > Settings > My Personal Information > Advanced "
            f"User Details > OAuth Connected Apps. A user holds {LIMIT} at most; the partner's login makes one more."
        )
        return skipped(Skip.TO_DO, told)
    if seen.is_full:
        diagnosis = local("cyclr-approvals-full", count=seen.count, limit=seen.limit)
        told = f"{diagnosis.what} Counted by {seen.counted_by}."
        return Answer(status=Status.FAILED, detail=told, diagnosis=diagnosis)
    told = f"The user of this runbook's login holds {seen.count} of {seen.limit} ({APPROVAL}), by {seen.counted_by}."
    return Answer(status=Status.PASSED, detail=f"{told} The partner's login makes one more.")


def side_of(context: Context) -> CyclrSide:
    """The partner's side, in checks that run only when it can be asked."""
    if context.partner is None:
        raise AssertionError("requires= runs this check only when the partner can be asked")
    return context.partner


def _request(context: Context) -> AuthorizeRequest:
    return side_of(context).redirect


def _short(client_id: str) -> str:
    """An identifier, not a secret, cut down to what tells two of them apart."""
    return f"{client_id[:8]}…{client_id[-6:]}" if len(client_id) > 20 else client_id or "none"
