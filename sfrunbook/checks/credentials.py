"""Checks of Consumer Key and Consumer Secret that need no login."""

from __future__ import annotations

from sfrunbook.checks.registry import Answer, Context, check, local, skipped
from sfrunbook.core.model import GrantKind, Skip, Status
from sfrunbook.core.secrets.shape import shape_of_client_secret
from sfrunbook.diagnosis.diagnose import diagnose
from sfrunbook.salesforce.oauth.probe import CredentialAnswer, probe_credentials

__all__ = ["STAGE"]

STAGE = "credentials"
_HOST = "login-host-is-salesforce"
_KEPT = "consumer-secret-is-kept"
_SHAPE = "consumer-secret-is-well-formed"


@check(STAGE)
def consumer_secret_is_kept(context: Context) -> Answer:
    """The Consumer Secret is kept where this runbook can reach it."""
    if context.connection.public:
        return skipped(Skip.DOES_NOT_APPLY, "The app asks for no Consumer Secret, so none is kept.")
    if context.connection.grant_kind is GrantKind.JWT_BEARER:
        return skipped(Skip.DOES_NOT_APPLY, "The JWT bearer grant proves itself by its private key.")
    if context.client_secret:
        return Answer(status=Status.PASSED, detail="The Consumer Secret is kept and can be read.")
    diagnosis = local("secret-missing", connection=context.connection.name)
    return Answer(status=Status.FAILED, detail=diagnosis.what, diagnosis=diagnosis)


@check(STAGE, requires=(_KEPT,))
def consumer_secret_is_well_formed(context: Context) -> Answer:
    """The Consumer Secret looks like one."""
    secret = context.client_secret
    wrong = shape_of_client_secret(secret.reveal()) if secret else ()
    if wrong:
        diagnosis = local("client-secret-shape", reasons=" ".join(wrong))
        return Answer(status=Status.FAILED, detail=" ".join(wrong), diagnosis=diagnosis)
    return Answer(status=Status.PASSED, detail="Its length and characters are those of a Consumer Secret.")


@check(STAGE, requires=(_HOST, _KEPT, _SHAPE))
def consumer_key_and_secret_are_accepted(context: Context) -> Answer:
    """Salesforce accepts Consumer Key and Consumer Secret together."""
    connection = context.connection
    probe = probe_credentials(
        context.http, connection.login_url, connection.client_id, context.client_secret, connection.redirect_uri
    )
    status = {
        CredentialAnswer.ACCEPTED: Status.PASSED,
        CredentialAnswer.SECRET_REFUSED: Status.FAILED,
        CredentialAnswer.CLIENT_UNKNOWN: Status.FAILED,
    }.get(probe.answer, Status.INCONCLUSIVE)
    shown = probe.failure if status is not Status.PASSED else None
    return Answer(
        status=status,
        detail=f"{probe.reason} ({probe.mark.value})",
        diagnosis=diagnose(shown) if shown else None,
    )
