"""Checks of the partner's side before anyone logs in there: its API, its connector, what it sends to Salesforce."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from sfrunbook.checks.registry import Answer, Context, check, checks_of, failed, passed, required, skipped, undecided
from sfrunbook.core.model import OrgKind, Skip, Status
from sfrunbook.core.words import APPROVAL, counted
from sfrunbook.partners.cyclr.redirect import AuthorizeRequest, Destination
from sfrunbook.salesforce.approvals import LIMIT
from sfrunbook.salesforce.oauth.grants import missing_scopes
from sfrunbook.salesforce.oauth.hosts import HostKind, classify
from sfrunbook.salesforce.oauth.probe import CallbackAnswer, probe_callback
from sfrunbook.salesforce.oauth.probe_token import refresh_needs_secret

__all__ = ["ACCESS", "CONNECTOR", "LOGIN", "STAGE"]

STAGE = "partner"
_GENERAL = {
    HostKind.LOGIN: frozenset({OrgKind.PRODUCTION, OrgKind.DEVELOPER}),
    HostKind.TEST: frozenset({OrgKind.SANDBOX, OrgKind.SCRATCH}),
}


@check(STAGE)
def partner_api_can_be_asked(context: Context) -> Answer:
    """The partner's API accepts your credentials."""
    if context.partner is None:
        detail = "No API credentials are saved. You can set up the partner by hand."
        return skipped(Skip.OPTIONAL, detail)
    accounts = counted(len(context.partner.accounts), "account")
    return passed(f"{urlsplit(context.partner.places.api_url).netloc} accepts your credentials and shows {accounts}.")


@check(STAGE, requires=(partner_api_can_be_asked,))
def partner_account_is_known(context: Context) -> Answer:
    """The partner's API finds your account."""
    account = required(context.partner).account
    return passed(f"Account found: {account.name} ({account.id}).")


@check(STAGE, requires=(partner_api_can_be_asked, partner_account_is_known))
def service_domain_is_that_of_the_callback(context: Context) -> Answer:
    """The Service Domain at the partner is the one that you entered."""
    side = required(context.partner)
    expected = urlsplit(side.places.service_url).netloc
    if side.service_domain != expected:
        return failed("cyclr-service-domain-differs", seen=side.service_domain, expected=expected)
    return passed(f"Launch links lead to {expected}, the Service Domain that you entered.")


@check(STAGE, requires=(partner_api_can_be_asked, partner_account_is_known))
def connector_is_in_the_library(context: Context) -> Answer:
    """The connector is in the partner's library."""
    found = required(context.partner).library
    return passed(f"Found: {found.name} {found.version} ({found.status or 'no status'}), id {found.connector_id}.")


@check(STAGE, requires=(partner_api_can_be_asked, partner_account_is_known, connector_is_in_the_library))
def connector_is_installed(context: Context) -> Answer:
    """The connector is installed in your account."""
    side = required(context.partner)
    found = side.installed
    detail = f"{found.name} (id {found.number}) is installed in {side.account.name}."
    if len(side.connectors) > 1:
        detail += f" It is the newest of {len(side.connectors)}."
    return passed(detail, {"connector id": found.number})


@check(STAGE, requires=(partner_api_can_be_asked, partner_account_is_known, connector_is_installed))
def connector_has_client_id_and_secret(context: Context) -> Answer:
    """The Client ID and the Client Secret are set at the partner."""
    side = required(context.partner)
    if missing := side.missing_credentials:
        return failed("cyclr-credentials-not-set", missing=missing)
    if own := side.account_client_id:
        detail = "Your account has its own Client ID, which replaces the Console's (guess)."
        return passed(detail, {"client id of the account": own})
    return passed("The partner uses the Console's Client ID. Your account needs no other.")


@check(STAGE, requires=(partner_api_can_be_asked, partner_account_is_known, connector_is_installed))
def connector_has_what_it_requires(context: Context) -> Answer:
    """Every value that the connector requires is set."""
    if missing := required(context.partner).missing_properties:
        return failed("cyclr-property-not-set", missing=missing)
    names = [entry.name for entry in required(context.partner).installed.properties if entry.is_set]
    return passed(f"All values are set: {', '.join(names)}." if names else "The connector requires no values.")


@check(
    STAGE,
    requires=(
        partner_api_can_be_asked,
        partner_account_is_known,
        connector_is_installed,
        connector_has_client_id_and_secret,
    ),
)
def partner_login_request_is_read(context: Context) -> Answer:
    """The partner's login request can be read."""
    request = _request(context)
    if request.destination is Destination.SALESFORCE:
        return passed(request.reason)
    if request.destination is Destination.CYCLR_LOGIN:
        answer = failed("cyclr-sign-in-link-used")
        return replace(answer, detail=f"{request.reason} {answer.detail}")
    return undecided(request.reason)


@check(STAGE, requires=(partner_login_request_is_read,))
def partner_sends_this_consumer_key(context: Context) -> Answer:
    """The partner sends your app's Consumer Key."""
    sent, expected = _request(context).client_id, context.connection.client_id
    if sent == expected:
        return passed(f"It sends {_short(sent)}, your app's Consumer Key.")
    own = required(context.partner).account_client_id or "it has none"
    answer = failed("cyclr-other-consumer-key", seen=_short(sent), expected=_short(expected), account_value=own)
    if sent.strip() == expected:
        return replace(answer, detail=f"{answer.detail} They differ only in spaces: an extra one was copied.")
    return answer


@check(STAGE, requires=(partner_login_request_is_read, partner_sends_this_consumer_key))
def partner_callback_is_registered(context: Context) -> Answer:
    """The callback URL that the partner sends is registered."""
    callback, connection = _request(context).redirect_uri, context.connection
    probe = probe_callback(context.http, connection.login_url, connection.client_id, callback)
    if probe.answer is CallbackAnswer.NOT_REGISTERED:
        return failed("callback-not-registered", f"{callback} isn't registered in the app.", callback=callback)
    if probe.answer is not CallbackAnswer.REGISTERED:
        return undecided(f"{callback}: {probe.reason}", probe.failure)
    if callback not in context.profile.callback_urls(connection.variables):
        detail = f"{callback} is registered, but the partner profile doesn't name it."
        return Answer(status=Status.WARNING, detail=detail)
    return passed(f"{callback} is registered.")


@check(STAGE, requires=(partner_login_request_is_read, partner_sends_this_consumer_key))
def partner_logs_in_where_the_app_is(context: Context) -> Answer:
    """The partner logs in at a host that knows the app."""
    request, connection = _request(context), context.connection
    wrong = failed("cyclr-wrong-login-host", seen=request.login_url, expected=connection.login_url)
    host = classify(request.login_url)
    fitting = _GENERAL.get(host.kind)
    if fitting and connection.org_kind is not OrgKind.UNKNOWN and connection.org_kind not in fitting:
        return wrong
    if host.is_my_domain and request.login_url != connection.login_url:
        return wrong
    probe = probe_callback(context.http, request.login_url, request.client_id, request.redirect_uri)
    if probe.answer is CallbackAnswer.UNKNOWN_CLIENT:
        return replace(wrong, detail=f"{wrong.detail} That host doesn't know the app.")
    if probe.answer is CallbackAnswer.INCONCLUSIVE:
        return undecided(f"{request.login_url}: {probe.reason}")
    return passed(f"{request.login_url} knows the app.")


@check(STAGE, requires=(partner_login_request_is_read,))
def partner_asks_for_enough_scopes(context: Context) -> Answer:
    """The partner requests every scope that it needs."""
    asked = _request(context).scopes
    if not asked:
        return passed("It requests no scopes, so the app's Selected OAuth Scopes apply.")
    if missing := missing_scopes(context.profile.scopes, asked):
        return failed("cyclr-asks-too-little", status=Status.WARNING, asked=" ".join(asked), missing=" ".join(missing))
    return passed(f"It requests {' '.join(asked)}.")


@check(STAGE, requires=(partner_login_request_is_read, partner_sends_this_consumer_key))
def pkce_box_fits_what_the_partner_sends(context: Context) -> Answer:
    """The PKCE setting matches what the partner sends."""
    if _request(context).sends_challenge:
        return passed("The partner sends a code challenge, so PKCE can be required.")
    demanded = context.registration_probe.pkce_required
    if demanded is None:
        return undecided("The partner sends no code challenge. We couldn't check whether the app requires one.")
    if demanded:
        return failed("cyclr-sends-no-challenge")
    return passed("The partner sends no code challenge, and the app requires none.")


@check(STAGE, requires=(partner_login_request_is_read, partner_sends_this_consumer_key))
def refresh_secret_box_fits_the_partner(context: Context) -> Answer:
    """The app doesn't require the Consumer Secret to refresh."""
    wanted = {flag.name: flag.wanted for flag in context.profile.flags}.get("secret-for-refresh-token-flow", "leave")
    if wanted != "off":
        return skipped(Skip.DOES_NOT_APPLY, "The partner's guide doesn't change this setting.")
    needs, reason = refresh_needs_secret(context.http, context.connection.login_url, context.connection.client_id)
    if needs is None:
        return undecided(f"{reason} Look in Setup: the box must be cleared.")
    if needs:
        answer = failed("cyclr-refresh-needs-secret")
        return replace(answer, detail=f"{answer.detail} {reason} (guess)")
    return passed(f"{reason} (guess)")


@check(STAGE, requires=(partner_api_can_be_asked,))
def approvals_leave_room_for_the_partner(context: Context) -> Answer:
    """The user can approve the app once more."""
    approvals = context.approvals
    if approvals is None or approvals.count is None:
        detail = (
            f"Count them yourself ({APPROVAL}). Open the user's picture > Settings > My Personal Information > "
            f"Advanced User Details > OAuth Connected Apps. Salesforce stores {LIMIT}; the partner's login adds 1."
        )
        return skipped(Skip.TO_DO, detail)
    count, limit, by = approvals.count, approvals.limit, approvals.counted_by
    if approvals.is_full:
        answer = failed("cyclr-approvals-full", count=count, limit=limit)
        return replace(answer, detail=f"{answer.detail} Counted by {by}.")
    detail = f"{count} of {limit} approvals are used ({APPROVAL}). The partner's login adds 1."
    return passed(f"{detail} Counted by {by}.")


#: the checks in the order of the work, for notebooks that go step by step
_NAMES = tuple(each.name for each in checks_of(STAGE))
_CONNECTOR, _LOGIN = map(_NAMES.index, (connector_is_in_the_library.name, partner_login_request_is_read.name))
ACCESS, CONNECTOR, LOGIN = _NAMES[:_CONNECTOR], _NAMES[_CONNECTOR:_LOGIN], _NAMES[_LOGIN:]


def _request(context: Context) -> AuthorizeRequest:
    return required(context.partner).redirect


def _short(client_id: str) -> str:
    """An identifier, not a secret, cut down to what distinguishes two of them."""
    return f"{client_id[:8]}…{client_id[-6:]}" if len(client_id) > 20 else client_id or "none"
