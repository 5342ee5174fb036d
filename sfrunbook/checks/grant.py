"""Checks of the grant that is held: is it what was asked for, does it live, does it belong to the right org."""

from __future__ import annotations

from datetime import timedelta

from sfrunbook.checks.registry import Answer, Context, check, local, skipped
from sfrunbook.core.model import Grant, GrantKind, Skip, Status
from sfrunbook.core.words import renewals
from sfrunbook.salesforce.oauth.endpoints import introspect, is_taken
from sfrunbook.salesforce.oauth.grants import missing_scopes

__all__ = ["STAGE"]

STAGE = "grant"
_HOST = "login-host-is-salesforce"
_HELD = "grant-is-held"
#: a session that lives shorter is told
_SHORT_SESSION = timedelta(minutes=59)


@check(STAGE)
def grant_is_held(context: Context) -> Answer:
    """Access is kept for this connection."""
    if context.grant is None:
        diagnosis = local("no-grant-yet", connection=context.connection.name)
        return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis)
    return Answer(status=Status.PASSED, detail=_told(context.grant))


def _told(grant: Grant) -> str:
    if grant.kind is GrantKind.AUTHORIZATION_CODE:
        return f"What a person's login gave is kept, encrypted; {renewals(grant.generation)}."
    kind = "Client Credentials" if grant.kind is GrantKind.CLIENT_CREDENTIALS else "the JWT Bearer Flow"
    return f"What Salesforce gave by {kind}, without a person, is kept, encrypted."


@check(STAGE, requires=(_HELD,))
def granted_scopes_cover_the_need(context: Context) -> Answer:
    """Every scope that the partner needs was granted."""
    grant = _held(context)
    evidence = {"granted": " ".join(grant.scopes) or "not told"}
    if grant.kind is not GrantKind.AUTHORIZATION_CODE:
        return skipped(Skip.DOES_NOT_APPLY, "This kind of access is for runs without a person only.", evidence)
    missing = missing_scopes(context.profile.scopes, grant.scopes)
    if missing:
        diagnosis = local("scope-missing", missing=" ".join(missing), granted=" ".join(grant.scopes))
        return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis, evidence=evidence)
    return Answer(status=Status.PASSED, detail=f"Granted scopes: {' '.join(grant.scopes)}.", evidence=evidence)


@check(STAGE, requires=(_HELD,))
def refresh_token_came(context: Context) -> Answer:
    """A refresh token came with the login, so that access can live without a person."""
    grant = _held(context)
    if grant.kind is not GrantKind.AUTHORIZATION_CODE:
        return skipped(Skip.DOES_NOT_APPLY, "This kind of access has none: new access is asked for instead.")
    if grant.refresh_token:
        return Answer(status=Status.PASSED, detail="A refresh token is held, with which access is renewed.")
    diagnosis = local("no-refresh-token-came", connection=grant.connection)
    return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis)


@check(STAGE, requires=(_HELD,))
def reply_was_signed_by_the_app(context: Context) -> Answer:
    """The reply with the tokens carried a signature made with the app's Consumer Secret."""
    valid = _held(context).signature_valid
    if valid is None:
        return skipped(Skip.DOES_NOT_APPLY, "It carried no signature that could be verified.")
    if valid:
        return Answer(status=Status.PASSED, detail="The signature is genuine.")
    return Answer(
        status=Status.WARNING,
        detail="It was made with another secret: look at the Consumer Secret.",
    )


@check(STAGE, requires=(_HELD,))
def grant_is_of_the_pinned_org(context: Context) -> Answer:
    """Access is to the org that this connection belongs to since its first login."""
    grant, pinned = _held(context), context.connection.org_id
    if not pinned:
        return skipped(Skip.DOES_NOT_APPLY, "The connection belongs to no org yet; the next login decides it.")
    if pinned[:15] != grant.org_id[:15]:
        diagnosis = local("wrong-org", expected=pinned, seen=grant.org_id)
        return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis)
    return Answer(status=Status.PASSED, detail=f"The org is {grant.org_id}.")


@check(STAGE, requires=(_HOST, _HELD))
def access_token_is_active(context: Context) -> Answer:
    """Salesforce says that the access token is active."""
    said = introspect(context.http, _held(context), context.client_secret)
    lives = said.expires_at - said.issued_at if said.expires_at and said.issued_at else None
    if said.active and lives is not None and lives < _SHORT_SESSION:
        diagnosis = local("session-ends-early", minutes=f"{lives.total_seconds() / 60:.0f}")
        return Answer(status=Status.WARNING, detail=diagnosis.what, diagnosis=diagnosis)
    if said.active:
        return Answer(
            status=Status.PASSED, detail="Salesforce, asked about the access token (introspection), says: active."
        )
    return _second_opinion(context)


def _second_opinion(context: Context) -> Answer:
    """Introspection says not active of a token that the app may not ask about, too; the identity service decides."""
    taken = is_taken(context.http, _held(context))
    if taken is None:
        return Answer(
            status=Status.INCONCLUSIVE,
            detail="Salesforce says of the access token: not active, which it also says where the app may not ask.",
        )
    if taken:
        return Answer(
            status=Status.WARNING,
            detail="Salesforce says of the access token: not active, and takes it all the same: the app may not ask.",
        )
    return Answer(
        status=Status.WARNING,
        detail="Salesforce says of the access token: not active, and refuses it. The next call renews it.",
    )


def _held(context: Context) -> Grant:
    if context.grant is None:
        raise AssertionError("requires= runs this check only when a grant is held")
    return context.grant
