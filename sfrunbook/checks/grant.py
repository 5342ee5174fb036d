"""Checks of the grant that is held: is it what was asked for, does it live, does it belong to the right org."""

from __future__ import annotations

from datetime import timedelta

from sfrunbook.checks.registry import Answer, Context, check, local
from sfrunbook.model import Grant, GrantKind, Status
from sfrunbook.oauth.endpoints import introspect, is_taken
from sfrunbook.oauth.grants import missing_scopes

__all__ = ["STAGE"]

STAGE = "grant"
_HOST = "login-host-is-salesforce"
_HELD = "grant-is-held"
#: a session that lives shorter is told
_SHORT_SESSION = timedelta(minutes=59)


@check(STAGE)
def grant_is_held(context: Context) -> Answer:
    """A grant is held for this connection."""
    if context.grant is None:
        diagnosis = local("no-grant-yet", connection=context.connection.name)
        return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis)
    kind = context.grant.kind.value.replace("_", " ")
    return Answer(status=Status.PASSED, detail=f"A grant by {kind} is held, generation {context.grant.generation}.")


@check(STAGE, requires=(_HELD,))
def granted_scopes_cover_the_need(context: Context) -> Answer:
    """Every scope that the partner needs was granted."""
    grant = _held(context)
    evidence = {"granted": " ".join(grant.scopes) or "not told"}
    if grant.kind is not GrantKind.AUTHORIZATION_CODE:
        return Answer(status=Status.SKIPPED, detail="This grant is for unattended runs only.", evidence=evidence)
    missing = missing_scopes(context.profile.scopes, grant.scopes)
    if missing:
        diagnosis = local("scope-missing", missing=" ".join(missing), granted=" ".join(grant.scopes))
        return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis, evidence=evidence)
    return Answer(status=Status.PASSED, detail=f"Granted: {' '.join(grant.scopes)}.", evidence=evidence)


@check(STAGE, requires=(_HELD,))
def refresh_token_came(context: Context) -> Answer:
    """A refresh token came with the grant, so that it can live without a person."""
    grant = _held(context)
    if grant.kind is not GrantKind.AUTHORIZATION_CODE:
        return Answer(status=Status.SKIPPED, detail="This grant has none: a new one is asked for instead.")
    if grant.refresh_token:
        return Answer(status=Status.PASSED, detail="A refresh token is held.")
    diagnosis = local("no-refresh-token-came", connection=grant.connection)
    return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis)


@check(STAGE, requires=(_HELD,))
def reply_was_signed_by_the_app(context: Context) -> Answer:
    """The token reply carried a signature made with the app's Consumer Secret."""
    valid = _held(context).signature_valid
    if valid is None:
        return Answer(status=Status.SKIPPED, detail="The reply carried no signature that could be verified.")
    if valid:
        return Answer(status=Status.PASSED, detail="The signature of the token reply is genuine.")
    return Answer(status=Status.WARNING, detail="The signature of the token reply was not made with this secret.")


@check(STAGE, requires=(_HELD,))
def grant_is_of_the_pinned_org(context: Context) -> Answer:
    """The grant is of the org that this connection is pinned to."""
    grant, pinned = _held(context), context.connection.org_id
    if not pinned:
        return Answer(status=Status.SKIPPED, detail="The connection is not pinned to an org yet; a login pins it.")
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
        return Answer(status=Status.PASSED, detail="Introspection says active.")
    return _second_opinion(context)


def _second_opinion(context: Context) -> Answer:
    """Introspection says not active of a token that the app may not ask about, too; the identity service decides."""
    taken = is_taken(context.http, _held(context))
    if taken is None:
        return Answer(
            status=Status.INCONCLUSIVE,
            detail="Introspection says not active, which it also says of a token that the app may not ask about.",
        )
    if taken:
        return Answer(
            status=Status.WARNING,
            detail="Introspection says not active, but the identity service takes the token: the app may not ask.",
        )
    return Answer(
        status=Status.WARNING,
        detail="Introspection says not active, and the identity service refuses the token. The next call renews it.",
    )


def _held(context: Context) -> Grant:
    if context.grant is None:
        raise AssertionError("requires= runs this check only when a grant is held")
    return context.grant
