"""Checks of the stored grant: its scopes, its refresh token, its org, and whether Salesforce accepts it."""

from __future__ import annotations

from datetime import timedelta

from sfrunbook.checks.registration import login_host_is_salesforce
from sfrunbook.checks.registry import Answer, Context, check, failed, passed, required, skipped, undecided
from sfrunbook.core.model import Grant, GrantKind, Skip, Status
from sfrunbook.core.words import renewals
from sfrunbook.salesforce.oauth.endpoints import introspect, is_accepted
from sfrunbook.salesforce.oauth.grants import missing_scopes

__all__ = ["STAGE"]

STAGE = "grant"
#: a session that is valid for less time gets a warning
_SHORT_SESSION = timedelta(minutes=59)


@check(STAGE)
def grant_is_held(context: Context) -> Answer:
    """A login is stored for this connection."""
    if context.grant is None:
        return failed("no-grant-yet", connection=context.connection.name)
    return passed(_origin_of(context.grant))


def _origin_of(grant: Grant) -> str:
    if grant.kind is GrantKind.AUTHORIZATION_CODE:
        return f"Your login is stored, encrypted; {renewals(grant.generation)}."
    kind = f"the {grant.kind.label}" if grant.kind.label.endswith("Flow") else grant.kind.label
    return f"Unattended access by {kind} is stored, encrypted."


@check(STAGE, requires=(grant_is_held,))
def granted_scopes_cover_the_need(context: Context) -> Answer:
    """Salesforce granted every scope that the partner needs."""
    grant = required(context.grant)
    evidence = {"granted": " ".join(grant.scopes) or "not reported"}
    if grant.kind is not GrantKind.AUTHORIZATION_CODE:
        return skipped(Skip.DOES_NOT_APPLY, "This kind of access is for unattended runs only.", evidence)
    missing = missing_scopes(context.profile.scopes, grant.scopes)
    if missing:
        granted = " ".join(grant.scopes)
        return failed("scope-missing", evidence=evidence, missing=" ".join(missing), granted=granted)
    return passed(f"All scopes are granted: {' '.join(grant.scopes)}.", evidence)


@check(STAGE, requires=(grant_is_held,))
def refresh_token_came(context: Context) -> Answer:
    """The login returned a refresh token."""
    grant = required(context.grant)
    if grant.kind is not GrantKind.AUTHORIZATION_CODE:
        return skipped(
            Skip.DOES_NOT_APPLY, "This access type has no refresh token. The runbook requests new access instead."
        )
    if grant.refresh_token:
        return passed("A refresh token is stored, so access can be refreshed.")
    return failed("no-refresh-token-came", connection=grant.connection)


@check(STAGE, requires=(grant_is_held,))
def reply_was_signed_by_the_app(context: Context) -> Answer:
    """Salesforce signed its reply with the app's Consumer Secret."""
    valid = required(context.grant).signature_valid
    if valid is None:
        return skipped(Skip.DOES_NOT_APPLY, "The reply has no signature that we can verify.")
    if valid:
        return passed("The signature is genuine.")
    return Answer(status=Status.WARNING, detail="It was signed with another secret. Check the Consumer Secret.")


@check(STAGE, requires=(grant_is_held,))
def grant_is_of_the_pinned_org(context: Context) -> Answer:
    """The login belongs to the org of this connection."""
    grant, pinned = required(context.grant), context.connection.org_id
    if not pinned:
        return skipped(Skip.DOES_NOT_APPLY, "No org is set yet; your next login sets it.")
    if pinned[:15] != grant.org_id[:15]:
        return failed("wrong-org", expected=pinned, seen=grant.org_id)
    return passed(f"The org is {grant.org_id}.")


@check(STAGE, requires=(login_host_is_salesforce, grant_is_held))
def access_token_is_active(context: Context) -> Answer:
    """Salesforce reports the access token as active."""
    token = introspect(context.http, required(context.grant), context.client_secret)
    if not token.active:
        return _second_opinion(context)
    valid_for = token.expires_at - token.issued_at if token.expires_at and token.issued_at else None
    if valid_for is not None and valid_for < _SHORT_SESSION:
        return failed("session-ends-early", status=Status.WARNING, minutes=f"{valid_for.total_seconds() / 60:.0f}")
    return passed("The access token is active (introspection).")


def _second_opinion(context: Context) -> Answer:
    """The identity service decides, since introspection also says not active where the app may not ask."""
    accepted = is_accepted(context.http, required(context.grant))
    start = "Salesforce reports the access token as not active"
    if accepted is None:
        return undecided(f"{start}. It also reports this when the app isn't allowed to ask.")
    if accepted:
        detail = f"{start} but still accepts it: the app isn't allowed to ask."
    else:
        detail = f"{start} and rejects it. The next call refreshes it."
    return Answer(status=Status.WARNING, detail=detail)
